// SPDX-License-Identifier: GPL-2.0-only
/* A style file: read, or one line that says what is wrong with it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/style.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct style *style = NULL;
	char *text = strndup((const char *)data, size), *error = NULL;

	if (!text)
		return 0;
	if (style_parse(text, "fuzz.style", &style, &error)) {
		if (!error || !*error || strchr(error, '\n'))
			abort();
		free(error);
	}
	style_free(style);
	free(text);
	return 0;
}
