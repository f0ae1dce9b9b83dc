// SPDX-License-Identifier: GPL-2.0-only
#include "pattern.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* What stands at a "%": how long it is, and how the number is written. 0: nothing that is known. */
static size_t conversion(const char *text, int *ret_width, bool *ret_zeros)
{
	const char *at = text + 1;

	*ret_zeros = *at == '0';
	at += *ret_zeros;
	*ret_width = isdigit((unsigned char)*at) ? *at++ - '0' : 0;
	return *at == 'd' ? (size_t)(at + 1 - text) : 0;
}

int pattern_check(const char *pattern)
{
	int count = 0, width;
	bool zeros, percent = false;

	while (*pattern) {
		size_t len = 1;

		if (pattern[0] == '%' && pattern[1] == '%') {
			percent = true;
			len = 2;
		} else if (pattern[0] == '%') {
			len = conversion(pattern, &width, &zeros);
			if (!len || ++count > 1)
				return -1;
		}
		pattern += len;
	}
	return percent && !count ? -1 : count;
}

char *pattern_path(const char *pattern, size_t number)
{
	char *path = NULL;
	size_t size;
	FILE *file = open_memstream(&path, &size);
	bool failed, zeros;
	int width;

	if (!file)
		return NULL;
	while (*pattern) {
		size_t len = *pattern == '%' ? conversion(pattern, &width, &zeros) : 0;

		if (len) {
			fprintf(file, zeros ? "%0*zu" : "%*zu", width, number);
			pattern += len;
			continue;
		}
		fputc(*pattern, file);
		pattern += pattern[0] == '%' && pattern[1] == '%' ? 2 : 1;
	}
	failed = ferror(file) != 0;
	failed |= fclose(file) != 0;
	if (!failed)
		return path;
	free(path);
	return NULL;
}
