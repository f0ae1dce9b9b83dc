/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps to compare, and what the tests ask of a difference. */
#ifndef TEST_DIFF_SAMPLE_H
#define TEST_DIFF_SAMPLE_H

#include "sample.h"

#include "../../src/diff.h"
#include "../../src/view.h"

/* A map in the making: processes by name, edges between them. */
static struct map *map_make(double duration)
{
	struct map *map = sample_head();

	map->duration = duration;
	return map;
}

static size_t process(struct map *map, int64_t pid, const char *name, const char *unit)
{
	size_t i = sample_process(map, pid, (double)pid / 100 - 100, name);
	struct node *node = &map->nodes[i];

	if (asprintf(&node->exe, "/usr/bin/%s", name) < 0)
		fail();
	node->unit = unit ? strdup(unit) : NULL;
	return i;
}

static void talk(struct map *map, size_t from, size_t to, const char *mechanism, const char *name,
		 uint64_t bytes)
{
	char object[32];

	/* Other inodes in every map. */
	snprintf(object, sizeof(object), "socket:[%d]", rand());
	sample_edge(map, from, to, sample_channel(map, mechanism, object, name), 1 + bytes / 100, bytes);
}

static struct map *view_take(struct map *map)
{
	struct view_options options;
	struct view view;

	assert_int_equal(map_sort(map), 0);
	view_options_init(&options);
	assert_int_equal(view_new(map, &options, VIEW_RECORD, &view), 0);
	map_free(map);
	return view.map;
}

/* Frees both. */
static struct map *compare_at(struct map *before, struct map *after, double threshold)
{
	struct map *diff = NULL, *a = view_take(before), *b = view_take(after);

	assert_int_equal(diff_new(a, b, threshold, &diff), 0);
	map_free(a);
	map_free(b);
	return diff;
}

static struct map *compare(struct map *before, struct map *after)
{
	return compare_at(before, after, DIFF_THRESHOLD);
}

/* The node of that name and change; NULL: none. */
static const struct node *node_find(const struct map *diff, const char *name, enum change change)
{
	for (size_t i = 0; i < diff->node_count; i++) {
		if (diff->nodes[i].comm && !strcmp(diff->nodes[i].comm, name) &&
		    diff->nodes[i].change == change)
			return &diff->nodes[i];
	}
	return NULL;
}

static void assert_counts(const struct map *diff, size_t processes_added, size_t processes_removed,
			  size_t processes_changed, size_t added, size_t removed, size_t changed)
{
	struct diff_counts counts;
	struct graph graph;

	assert_int_equal(graph_new(diff, &graph), 0);
	counts = diff_count(&graph);
	graph_done(&graph);
	assert_int_equal(counts.processes[CHANGE_ADDED], processes_added);
	assert_int_equal(counts.processes[CHANGE_REMOVED], processes_removed);
	assert_int_equal(counts.processes[CHANGE_CHANGED], processes_changed);
	assert_int_equal(counts.edges[CHANGE_ADDED], added);
	assert_int_equal(counts.edges[CHANGE_REMOVED], removed);
	assert_int_equal(counts.edges[CHANGE_CHANGED], changed);
}

/* A database with a listener and clients: pids from so on, so many workers. */
static struct map *database(int64_t pid, size_t workers, double duration)
{
	struct map *map = map_make(duration);
	size_t client = process(map, pid, "client", "client.service");
	size_t master = process(map, pid + 1, "db", "db.service");

	map->nodes[master].listens = strdup("tcp *:5432");
	for (size_t i = 0; i < workers; i++) {
		size_t worker = process(map, pid + 2 + (int64_t)i, "db", "db.service");

		map->nodes[worker].ppid = pid + 1;
		talk(map, client, worker, "tcp", "127.0.0.1:5432", 1000);
		talk(map, worker, client, "tcp", "127.0.0.1:5432", 50000);
		talk(map, master, worker, "pipe", NULL, 10);
	}
	return map;
}

static struct map *pair(uint64_t bytes, uint64_t ops)
{
	struct map *map = map_make(30);
	size_t a = process(map, 1, "a", NULL), b = process(map, 2, "b", NULL);
	struct edge *edge = sample_edge(map, a, b, sample_channel(map, "pipe", "pipe:[1]", NULL), ops,
					bytes);

	(void)edge;
	return map;
}

#endif
