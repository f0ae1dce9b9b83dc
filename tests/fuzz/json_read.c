// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is read as a map is written, read again, and written the same; it is viewed,
 * and drawn in every format that needs no layout. What is no map: one line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/emit.h"
#include "../../src/style.h"
#include "../../src/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

static void emit(const struct map *map, const char *name, struct emitted *ret_out)
{
	char *error = NULL;

	require(format_by_name(name)->emit(map, NULL, ret_out, &error) == 0, name);
	free(ret_out->note);
	free(error);
}

static void map_draw(const struct map *map)
{
	static const char *const names[] = { "dot", "mmd", "graphml", "csv" };
	struct view_options options;
	struct view view;

	view_options_init(&options);
	require(view_new(map, &options, VIEW_DRAWING, &view) == 0, "view");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct emitted out = { 0 };

		emit(view.map, names[i], &out);
		free(out.data);
	}
	view_done(&view);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct emitted once = { 0 }, twice = { 0 };
	struct map *map = NULL, *again = NULL;
	char *error = NULL;

	if (map_from_json((const char *)data, size, &map, &error)) {
		require(error && *error && !strpbrk(error, "\n\033"), "one clear line");
		free(error);
		return 0;
	}
	emit(map, "json", &once);
	require(map_from_json(once.data, once.size, &again, &error) == 0, "read what was written");
	emit(again, "json", &twice);
	require(once.size == twice.size && memcmp(once.data, twice.data, once.size) == 0, "written alike");
	map_draw(map);
	map_free(map);
	map_free(again);
	free(once.data);
	free(twice.data);
	return 0;
}
