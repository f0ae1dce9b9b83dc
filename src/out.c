// SPDX-License-Identifier: GPL-2.0-only
#include "out.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "output.h"
#include "text.h"

#define OUT_CAPACITY ((size_t)1 << 18)

int out_open(struct out *out, int fd)
{
	*out = (struct out){ .fd = fd, .lines = isatty(fd), .capacity = OUT_CAPACITY };
	out->data = malloc(out->capacity);
	return out->data ? 0 : -ENOMEM;
}

int out_flush(struct out *out)
{
	sigset_t signals;

	if (!out->error && out->len) {
		/* The reader may take its time, and a second signal leaves at once. */
		interrupt_admit(&signals);
		out->error = write_all(out->fd, out->data, out->len);
		interrupt_readmit(&signals);
	}
	out->len = 0;
	return out->error;
}

int out_close(struct out *out)
{
	int error = out->data ? out_flush(out) : 0;

	if (out->data && out->fd > STDERR_FILENO && close(out->fd) && !error)
		error = -errno;
	free(out->data);
	*out = (struct out){ .fd = -1, .error = error };
	return error;
}

char *out_room(struct out *out, size_t size)
{
	char *grown;

	if (out->capacity - out->len < size)
		out_flush(out);
	if (out->error)
		return NULL;
	if (out->capacity < size) {
		grown = realloc(out->data, size);
		if (!grown) {
			out->error = -ENOMEM;
			return NULL;
		}
		out->data = grown;
		out->capacity = size;
	}
	return out->data + out->len;
}

void out_bytes(struct out *out, const void *bytes, size_t size)
{
	char *to = out_room(out, size);

	if (!to)
		return;
	memcpy(to, bytes, size);
	out->len += size;
}

void out_text(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text));
}

void out_number(struct out *out, uint64_t number)
{
	char digits[20], *at = digits + sizeof(digits);

	do {
		*--at = '0' + number % 10;
		number /= 10;
	} while (number);
	out_bytes(out, at, digits + sizeof(digits) - at);
}

void out_signed(struct out *out, int64_t number)
{
	if (number < 0)
		out_bytes(out, "-", 1);
	out_number(out, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

void out_json(struct out *out, const char *text)
{
	const char *from = text;

	if (!text) {
		out_bytes(out, "null", 4);
		return;
	}
	out_bytes(out, "\"", 1);
	for (; *text; text++) {
		char escape[8];

		if (*text != '"' && *text != '\\' && (unsigned char)*text >= 0x20)
			continue;
		out_bytes(out, from, text - from);
		if ((unsigned char)*text < 0x20)
			snprintf(escape, sizeof(escape), "\\u%04x", *text);
		else
			snprintf(escape, sizeof(escape), "\\%c", *text);
		out_text(out, escape);
		from = text + 1;
	}
	out_bytes(out, from, text - from);
	out_bytes(out, "\"", 1);
}

/* Most names are plain, and need not be looked at more than once. */
static bool name_is_plain(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] < 0x20 || (unsigned char)name[i] >= 0x7f || name[i] == '"' ||
		    name[i] == '\\')
			return false;
	return true;
}

static void name_write(struct out *out, const char *name, size_t size, bool json)
{
	size_t len = strnlen(name, size);
	char *clean;

	if (name_is_plain(name, len)) {
		if (json)
			out_bytes(out, "\"", 1);
		out_bytes(out, name, len);
		if (json)
			out_bytes(out, "\"", 1);
		return;
	}
	clean = text_clean(name, len);
	if (json)
		out_json(out, clean ? clean : "");
	else
		out_text(out, clean ? clean : "");
	free(clean);
}

void out_json_name(struct out *out, const char *name, size_t size)
{
	name_write(out, name, size, true);
}

void out_name(struct out *out, const char *name, size_t size)
{
	name_write(out, name, size, false);
}

void out_csv(struct out *out, const char *text)
{
	bool formula;

	if (!text)
		return;
	/* As in emit_text.c: no formula for spreadsheets. */
	formula = *text && strchr("=+-@\t\r", *text);
	if (!formula && !text[strcspn(text, ",\"\r\n")] && *text != ' ' && *text != '#') {
		out_text(out, text);
		return;
	}
	out_text(out, formula ? "\"'" : "\"");
	for (; *text; text++) {
		if (*text == '"')
			out_bytes(out, "\"", 1);
		out_bytes(out, text, 1);
	}
	out_bytes(out, "\"", 1);
}

void out_base64(struct out *out, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *start = out_room(out, (size + 2) / 3 * 4), *to = start;
	size_t i;

	if (!to)
		return;
	for (i = 0; i + 2 < size; i += 3) {
		uint32_t word = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];

		*to++ = digits[word >> 18];
		*to++ = digits[word >> 12 & 63];
		*to++ = digits[word >> 6 & 63];
		*to++ = digits[word & 63];
	}
	if (i < size) {
		uint32_t word = bytes[i] << 16 | (i + 1 < size ? bytes[i + 1] << 8 : 0);

		*to++ = digits[word >> 18];
		*to++ = digits[word >> 12 & 63];
		*to++ = i + 1 < size ? digits[word >> 6 & 63] : '=';
		*to++ = '=';
	}
	out->len += to - start;
}

#define HEX_LINE 16
#define HEX_WIDTH 80 /* of a line, at most */

static void hexdump_line(struct out *out, size_t offset, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	char *line = out_room(out, HEX_WIDTH + 16), *at = line;

	if (!line)
		return;
	at += sprintf(at, "%08zx  ", offset);
	for (size_t i = 0; i < HEX_LINE; i++) {
		*at++ = i < size ? digits[bytes[i] >> 4] : ' ';
		*at++ = i < size ? digits[bytes[i] & 15] : ' ';
		*at++ = ' ';
		if (i == HEX_LINE / 2 - 1)
			*at++ = ' ';
	}
	*at++ = ' ';
	*at++ = '|';
	for (size_t i = 0; i < size; i++)
		*at++ = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '.';
	*at++ = '|';
	*at++ = '\n';
	out->len += at - line;
}

void out_hexdump(struct out *out, const uint8_t *bytes, size_t size)
{
	bool starred = false;

	for (size_t i = 0; i < size; i += HEX_LINE) {
		size_t len = size - i < HEX_LINE ? size - i : HEX_LINE;

		if (i && len == HEX_LINE && !memcmp(bytes + i, bytes + i - HEX_LINE, HEX_LINE)) {
			if (!starred)
				out_text(out, "*\n");
			starred = true;
			continue;
		}
		starred = false;
		hexdump_line(out, i, bytes + i, len);
	}
}

void out_line(struct out *out)
{
	out_bytes(out, "\n", 1);
	if (out->lines)
		out_flush(out);
}
