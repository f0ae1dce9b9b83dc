/* SPDX-License-Identifier: GPL-2.0-only */
/* A buffered output for the stream: what stdio would cost too much for, millions of times. */
#ifndef IPCMAP_OUT_H
#define IPCMAP_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct out {
	int fd;
	bool lines; /* a terminal: each line at once */
	int error;  /* the first negative errno of write(2); nothing is written after it */
	char *data; /* owned */
	size_t len, capacity;
};

/* Takes the descriptor, which out_close() closes unless it is a standard one. 0 or -ENOMEM. */
int out_open(struct out *out, int fd);

/* Writes what waits. 0 or the error. */
int out_flush(struct out *out);
int out_close(struct out *out);

/* Room for so many bytes more at the return value; out->len counts what was used. NULL after an error. */
char *out_room(struct out *out, size_t size);

void out_bytes(struct out *out, const void *bytes, size_t size);
void out_text(struct out *out, const char *text);
void out_number(struct out *out, uint64_t number);
void out_signed(struct out *out, int64_t number);

/* "text" with JSON's escapes; NULL is null. The text is clean UTF-8, as of text_clean(). */
void out_json(struct out *out, const char *text);
/* A name of at most size bytes from a hostile source. */
void out_json_name(struct out *out, const char *name, size_t size);
void out_name(struct out *out, const char *name, size_t size);

/* A field of a CSV row, quoted where it must be; with an apostrophe where spreadsheets would take it for a formula. */
void out_csv(struct out *out, const char *text);

void out_base64(struct out *out, const uint8_t *bytes, size_t size);
/* As `hexdump -C`, without its last line. */
void out_hexdump(struct out *out, const uint8_t *bytes, size_t size);

/* Ends a line: what was promised of lines on a terminal. */
void out_line(struct out *out);

#endif
