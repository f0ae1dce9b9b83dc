/* SPDX-License-Identifier: GPL-2.0-only */
/* Text from hostile sources, and figures for people. */
#ifndef IPCMAP_TEXT_H
#define IPCMAP_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * A clean copy of len bytes: valid UTF-8 as it is; invalid bytes, C0, C1, DEL,
 * noncharacters, bidi controls, U+2028 and U+2029, and what shows as nothing, as a visible
 * \xNN per byte. The caller frees it. NULL when memory is short.
 */
char *text_clean(const char *bytes, size_t len);

/* text_clean() of an AF_UNIX name: a leading NUL (abstract) becomes '@'. */
char *text_clean_unix(const char *bytes, size_t len);

/*
 * "0 B", "999 B", "1.0 KiB", "12.3 MiB": written into buf, which it returns.
 * Three digits or fewer before the unit; one decimal below 100.
 */
char *text_bytes(char *buf, size_t size, uint64_t bytes);

/* "1", "999", "1.0k", "22.3k", "1.2M", "3.4G". */
char *text_count(char *buf, size_t size, uint64_t count);

/* How many characters (code points) a clean string has. */
size_t text_width(const char *text);

/*
 * At most max characters (code points) of a clean string, the last one '…'
 * when something was cut off. The caller frees it.
 */
char *text_cut(const char *text, size_t max);

#endif
