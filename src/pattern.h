/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of files that are numbered: "frame-%04d.svg". */
#ifndef IPCMAP_PATTERN_H
#define IPCMAP_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * 0: no "%" in it; 1: one "%d", "%4d" or "%04d" ("%%" stands for "%"); -1: anything
 * else.
 */
int pattern_check(const char *pattern);

/* The name of that number; the caller frees it. NULL: short of memory. */
char *pattern_path(const char *pattern, size_t number);

#endif
