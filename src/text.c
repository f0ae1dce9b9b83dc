// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The length of the well-formed UTF-8 sequence at s and its code point, or 0.
 * Overlong forms, surrogates and what lies above U+10FFFF are not well formed.
 */
static size_t utf8_decode(const unsigned char *s, size_t len, uint32_t *ret_code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t code;
	size_t n;

	if (s[0] < 0x80) {
		*ret_code = s[0];
		return 1;
	}
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (n > len)
		return 0;

	code = s[0] & (0xff >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return n;
}

static bool code_is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}

/* They turn the direction of text: a name could show as another one. */
static bool code_is_bidi(uint32_t code)
{
	return code == 0x061c || code == 0x200e || code == 0x200f ||
	       (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/*
 * Two ends of lines that many readers take for such, and what shows as nothing, so that one name could look
 * like another. The joiners (U+200C, U+200D) are spelling in some languages, and stay.
 */
static bool code_is_unseen(uint32_t code)
{
	return code == 0x2028 || code == 0x2029 || code == 0xad || code == 0x34f || code == 0x115f || code == 0x1160 ||
	       code == 0x180e || code == 0x200b || (code >= 0x2060 && code <= 0x2065) || code == 0x3164 ||
	       code == 0xfeff || code == 0xffa0 || (code >= 0xfff9 && code <= 0xfffb) ||
	       (code >= 0xe0000 && code <= 0xe007f);
}

static bool code_is_noncharacter(uint32_t code)
{
	return (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
}

static char *escape_bytes(char *out, const unsigned char *s, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*out++ = '\\';
		*out++ = 'x';
		*out++ = digits[s[i] >> 4];
		*out++ = digits[s[i] & 15];
	}
	return out;
}

char *text_clean(const char *bytes, size_t len)
{
	const unsigned char *s = (const unsigned char *)bytes;
	char *text, *out, *fit;

	if (len > (SIZE_MAX - 1) / 4)
		return NULL;
	text = malloc(4 * len + 1);
	if (!text)
		return NULL;

	out = text;
	while (len > 0) {
		uint32_t code;
		size_t n = utf8_decode(s, len, &code);

		if (n == 0) {
			out = escape_bytes(out, s, 1);
			n = 1;
		} else if (code_is_control(code) || code_is_bidi(code) ||
			   code_is_unseen(code) || code_is_noncharacter(code)) {
			out = escape_bytes(out, s, n);
		} else {
			memcpy(out, s, n);
			out += n;
		}
		s += n;
		len -= n;
	}
	*out++ = '\0';
	fit = realloc(text, (size_t)(out - text));
	return fit ? fit : text;
}

char *text_clean_unix(const char *bytes, size_t len)
{
	char *text, *name;

	/* A path ends at its NUL; an abstract name is all of its bytes. */
	if (len == 0 || bytes[0] != '\0')
		return text_clean(bytes, strnlen(bytes, len));

	name = malloc(len);
	if (!name)
		return NULL;
	memcpy(name, bytes, len);
	name[0] = '@';
	text = text_clean(name, len);
	free(name);
	return text;
}

/* The figure in the largest unit that keeps it at 1.0 or more and three digits. */
static char *text_scaled(char *buf, size_t size, uint64_t figure, double step,
			 const char *const *units)
{
	double value = (double)figure;

	if (figure < 1000) {
		snprintf(buf, size, "%u%s", (unsigned)figure, units[0]);
		return buf;
	}
	do {
		value /= step;
		units++;
	} while (value >= 999.5 && units[1]);
	/* 99.97 must not come out as 100.0. */
	snprintf(buf, size, "%.*f%s", value < 99.95 ? 1 : 0, value, units[0]);
	return buf;
}

char *text_bytes(char *buf, size_t size, uint64_t bytes)
{
	static const char *const units[] = { " B",   " KiB", " MiB", " GiB",
					     " TiB", " PiB", " EiB", NULL };

	return text_scaled(buf, size, bytes, 1024, units);
}

char *text_count(char *buf, size_t size, uint64_t count)
{
	static const char *const units[] = { "", "k", "M", "G", "T", "P", "E", NULL };

	return text_scaled(buf, size, count, 1000, units);
}

size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

char *text_cut(const char *text, size_t max)
{
	static const char ellipsis[] = "…";
	size_t count = 0, keep = 0, i;
	char *cut;

	for (i = 0; text[i]; i++) {
		if (((unsigned char)text[i] & 0xc0) == 0x80)
			continue;
		if (max > 0 && count == max - 1)
			keep = i;
		if (count == max)
			break;
		count++;
	}
	if (!text[i])
		return strdup(text);
	if (max == 0)
		return strdup("");
	cut = malloc(keep + sizeof(ellipsis));
	if (!cut)
		return NULL;
	memcpy(cut, text, keep);
	memcpy(cut + keep, ellipsis, sizeof(ellipsis));
	return cut;
}
