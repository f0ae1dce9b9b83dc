/* SPDX-License-Identifier: GPL-2.0-only */
/* Orders, as qsort() wants them: negative, zero, positive. */
#ifndef IPCMAP_COMPARE_H
#define IPCMAP_COMPARE_H

#include <stdint.h>
#include <string.h>

static inline int size_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static inline int number_compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* What is not there comes first. */
static inline int text_compare(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

#endif
