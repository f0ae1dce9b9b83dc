// SPDX-License-Identifier: GPL-2.0-only
/* Folding of trees, rings, chains and random graphs. */
#include <time.h>

#include "fold_sample.h"
#include "random_map.h"

/* make and its compilers: each level folds, and a parent never with its child. */
static void test_tree(void **state)
{
	struct map *map = sample_head();
	size_t make = process(map, 10, 1, "make");

	(void)state;
	for (int64_t i = 0; i < 4; i++) {
		size_t gcc = process(map, 20 + i, 10, "gcc");
		size_t cc1 = process(map, 30 + i, 20 + i, "cc1");

		talk(map, gcc, make, "pipe", NULL);
		talk(map, cc1, gcc, "pipe", NULL);
	}
	map = fold(map, NULL);
	assert_int_equal(map->node_count, 3);
	assert_int_equal(find(map, "gcc", 0)->members, 4);
	assert_int_equal(find(map, "cc1", 0)->members, 4);
	map_free(map);

	map = sample_head();
	for (int64_t i = 0; i < 5; i++)
		process(map, 10 + i, 9 + i, "bash");
	for (size_t i = 1; i < 5; i++)
		sample_edge(map, i, i - 1, MAP_NO_CHANNEL, 1, 0)->signal = strdup("SIGCHLD");
	map = fold(map, NULL);
	assert_int_equal(count_of(map, "bash"), 5);
	map_free(map);
}

/* Siblings that talk to each other are what a map is for. */
static void test_among_themselves(void **state)
{
	struct map *map;

	(void)state;
	for (size_t members = 2; members <= 5; members++) {
		/* A ring. */
		map = sample_head();
		for (size_t i = 0; i < members; i++)
			process(map, 10 + (int64_t)i, 1, "peer");
		for (size_t i = 0; i < members; i++)
			talk(map, i, (i + 1) % members, "pipe", NULL);
		map = fold(map, NULL);
		/* Three in a ring are also each with each. */
		assert_int_equal(map->node_count, members == 3 ? 1 : members);
		map_free(map);

		/* Each with each: nothing tells them apart from three on. */
		map = sample_head();
		for (size_t i = 0; i < members; i++)
			process(map, 10 + (int64_t)i, 1, "peer");
		for (size_t i = 0; i < members * members; i++) {
			if (i / members != i % members)
				talk(map, i / members, i % members, "pipe", NULL);
		}
		map = fold(map, NULL);
		assert_int_equal(map->node_count, members < 3 ? members : 1);
		map_free(map);
	}
}

/* Whoever talks to nodes that stay apart talks to different places. */
static void test_apart_parts_others(void **state)
{
	struct map *map = sample_head();
	size_t a = process(map, 10, 1, "peer"), b = process(map, 11, 1, "peer");
	size_t c = process(map, 20, 1, "client"), d = process(map, 21, 1, "client");

	(void)state;
	talk(map, a, b, "pipe", NULL);
	talk(map, b, a, "pipe", NULL);
	talk(map, c, a, "pipe", NULL);
	talk(map, d, b, "pipe", NULL);
	map = fold(map, NULL);
	assert_int_equal(map->node_count, 4);
	map_free(map);
}

/* The class of each node, from the members' pids (which are all different). */
static size_t class_of(const struct map *folded, int64_t pid)
{
	char needle[32], list[4096];

	snprintf(needle, sizeof(needle), ", %lld,", (long long)pid);
	for (size_t i = 0; i < folded->node_count; i++) {
		const struct node *node = &folded->nodes[i];

		if (node->kind != NODE_PROCESS)
			continue;
		if (node->pids)
			snprintf(list, sizeof(list), ", %s,", node->pids);
		if (node->pids ? strstr(list, needle) != NULL : node->pid == pid)
			return i;
	}
	fail_msg("process %lld is lost", (long long)pid);
	return 0;
}

static bool edge_like(const struct map *map, const struct edge *edge, const size_t *classes,
		      size_t member)
{
	bool out = classes[edge->src] == classes[member];

	for (size_t i = 0; i < map->edge_count; i++) {
		const struct edge *other = &map->edges[i];

		if (!strcmp(edge->mechanism, other->mechanism) &&
		    (out ? other->src : other->dst) == member &&
		    classes[other->src] == classes[edge->src] &&
		    classes[other->dst] == classes[edge->dst])
			return true;
	}
	return false;
}

/* On random graphs: each member of a folded node has an edge of every kind that the node has. */
static void test_sound(void **state)
{
	size_t folded_at_all = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 3000; seed++) {
		struct map *map = sample_head(), *folded;
		size_t count = 4 + seed % 12, classes[16];

		random_state = seed + 1;
		for (size_t i = 0; i < count; i++)
			process(map, 10 + (int64_t)i, 1, i % 3 ? "alike" : "other");
		for (size_t i = 0; i < count / 2 + seed % 5; i++)
			talk(map, random_below(count), random_below(count),
			     random_below(3) ? "pipe" : "tcp", NULL);
		assert_int_equal(map_sort(map), 0);
		assert_int_equal(roles_fill(map), 0);
		assert_int_equal(fold_map(map, NULL, &folded), 0);
		for (size_t i = 0; i < count; i++)
			classes[i] = class_of(folded, map->nodes[i].pid);
		for (size_t i = 0; i < map->edge_count; i++) {
			for (size_t j = 0; j < count; j++) {
				const struct edge *edge = &map->edges[i];

				if ((classes[j] == classes[edge->src] || classes[j] == classes[edge->dst]) &&
				    !edge_like(map, edge, classes, j))
					fail_msg("seed %d: node %zu lacks edge %zu", (int)seed, j, i);
			}
		}
		folded_at_all += folded->node_count < count;
		map_free(folded);
		map_free(map);
	}
	assert_true(folded_at_all > 100);
}

/* What takes refinement a round per process must end all the same, and still fold twins. */
static void test_long_chain(void **state)
{
	enum { LENGTH = 10000 };
	struct map *map = sample_head();
	struct timespec begin, end;
	size_t last;

	(void)state;
	for (int64_t i = 0; i < LENGTH; i++)
		process(map, 100 + i, 1, "cat");
	for (size_t i = 1; i < LENGTH; i++)
		talk(map, i - 1, i, "pipe", NULL);
	last = process(map, 50000, 1, "tee");
	for (int64_t i = 0; i < 3; i++)
		talk(map, last, process(map, 50001 + i, 1, "wc"), "pipe", NULL);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	map = fold(map, NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_int_equal(count_of(map, "cat"), LENGTH);
	assert_int_equal(find(map, "wc", 0)->members, 3);
	assert_true(end.tv_sec - begin.tv_sec < 20); /* 0.1 s without a sanitizer */
	map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_among_themselves),
		cmocka_unit_test(test_apart_parts_others),
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_long_chain),
	};

	return cmocka_run_group_tests_name("fold_shapes", tests, NULL, NULL);
}
