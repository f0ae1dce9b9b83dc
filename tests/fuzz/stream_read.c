// SPDX-License-Identifier: GPL-2.0-only
/* What is read as a stream makes a map that can be written and read; what is none: one line. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/emit.h"
#include "../../src/stream_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct map *map = NULL, *again = NULL;
	struct emitted out = { 0 };
	char *error = NULL;

	stream_is((const char *)data, size);
	if (map_from_stream((const char *)data, size, &map, &error)) {
		require(error && *error && !strpbrk(error, "\n\033"), "one clear line");
		free(error);
		return 0;
	}
	free(error);
	error = NULL;
	require(format_by_name("json")->emit(map, NULL, &out, &error) == 0, "write");
	require(map_from_json(out.data, out.size, &again, &error) == 0, error ? error : "read what was written");
	free(error);
	map_free(map);
	map_free(again);
	free(out.data);
	free(out.note);
	return 0;
}
