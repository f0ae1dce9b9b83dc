/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps to fold, and what the tests ask of a folded one. */
#ifndef TEST_FOLD_SAMPLE_H
#define TEST_FOLD_SAMPLE_H

#include "fold.h"
#include "sample.h"
#include "view.h"

static struct node *find(const struct map *map, const char *comm, size_t nth)
{
	for (size_t i = 0; i < map->node_count; i++) {
		if (map->nodes[i].comm && !strcmp(map->nodes[i].comm, comm) && nth-- == 0)
			return &map->nodes[i];
	}
	return NULL;
}

static size_t count_of(const struct map *map, const char *comm)
{
	size_t count = 0;

	while (find(map, comm, count))
		count++;
	return count;
}

static size_t process(struct map *map, int64_t pid, int64_t ppid, const char *comm)
{
	size_t i = sample_process(map, pid, (double)pid, comm);

	assert_true(asprintf(&map->nodes[i].exe, "/usr/bin/%s", comm) > 0);
	map->nodes[i].ppid = ppid;
	return i;
}

static void talk(struct map *map, size_t src, size_t dst, const char *mechanism, const char *name)
{
	size_t channel = sample_channel(map, mechanism, NULL, name);

	sample_edge(map, src, dst, channel, 2, 100);
}

/* Sorts, gives roles and folds; the given map is freed. */
static struct map *fold(struct map *map, const bool *pinned)
{
	struct map *folded;
	struct view_totals before, after;

	assert_int_equal(map_sort(map), 0);
	assert_int_equal(roles_fill(map), 0);
	assert_int_equal(fold_map(map, pinned, &folded), 0);
	before = view_count(map);
	after = view_count(folded);
	assert_true(before.bytes == after.bytes && before.ops == after.ops);
	assert_true(before.received_bytes == after.received_bytes);
	assert_true(before.received_ops == after.received_ops);
	assert_int_equal(before.processes, after.processes);
	map_free(map);
	return folded;
}

#endif
