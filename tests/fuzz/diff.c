// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two maps, one after the other, with a NUL between them: a map does not differ
 * from itself, what is added one way is removed the other way, and the difference is
 * written and read like a map.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/diff.h"
#include "../../src/diff_text.h"
#include "../../src/emit.h"
#include "../../src/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

/* NULL: no map, or a difference already. */
static struct map *map_read(const char *data, size_t size)
{
	struct map *map = NULL;
	char *error = NULL;

	if (map_from_json(data, size, &map, &error))
		free(error);
	if (!map || !map->comparison)
		return map;
	map_free(map);
	return NULL;
}

static void json_check(const struct map *diff)
{
	struct emitted once = { 0 }, twice = { 0 };
	struct map *again = NULL;
	char *error = NULL;

	require(emit_json(diff, NULL, &once, &error) == 0, "write");
	require(map_from_json(once.data, once.size, &again, &error) == 0, "read what was written");
	require(emit_json(again, NULL, &twice, &error) == 0, "write again");
	require(once.size == twice.size && memcmp(once.data, twice.data, once.size) == 0, "written alike");
	map_free(again);
	free(once.data);
	free(twice.data);
}

static struct diff_counts compare(const struct map *before, const struct map *after)
{
	struct view_options options;
	struct diff_counts counts;
	struct view a, b;
	struct map *diff, *changes;
	struct graph graph;
	char *text;

	view_options_init(&options);
	require(view_new(before, &options, VIEW_RECORD, &a) == 0, "view");
	require(view_new(after, &options, VIEW_RECORD, &b) == 0, "view");
	require(diff_new(a.map, b.map, DIFF_THRESHOLD, &diff) == 0, "diff");
	require(diff_changes(diff, &changes) == 0, "changes");
	require(graph_new(diff, &graph) == 0, "graph");
	require(diff_summary(&graph, 1000, true, &text) == 0, "summary");
	counts = diff_count(&graph);
	json_check(diff);
	json_check(changes);
	free(text);
	graph_done(&graph);
	map_free(diff);
	map_free(changes);
	view_done(&a);
	view_done(&b);
	return counts;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = memchr(data, '\0', size);
	size_t first = cut ? (size_t)(cut - data) : size;
	struct map *before = map_read((const char *)data, first);
	struct map *after = cut ? map_read((const char *)cut + 1, size - first - 1) : NULL;
	struct diff_counts counts, back;

	if (before) {
		counts = compare(before, before);
		for (enum change change = CHANGE_CHANGED; change < CHANGES; change++)
			require(!counts.edges[change] && !counts.processes[change], "differs from itself");
	}
	if (before && after) {
		counts = compare(before, after);
		back = compare(after, before);
		require(counts.edges[CHANGE_SAME] + counts.edges[CHANGE_CHANGED] + counts.edges[CHANGE_ADDED] +
			counts.edges[CHANGE_REMOVED] == 0 || back.edges[CHANGE_SAME] + back.edges[CHANGE_CHANGED] +
			back.edges[CHANGE_ADDED] + back.edges[CHANGE_REMOVED] > 0, "the way back");
	}
	map_free(before);
	map_free(after);
	return 0;
}
