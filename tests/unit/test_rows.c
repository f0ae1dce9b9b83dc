// SPDX-License-Identifier: GPL-2.0-only
/* Small parts of a drawing stand side by side. */
#include "sample.h"
#include "rows.h"

/* So many pairs that talk; where frames are asked for, of two pairs each. */
static struct map *pairs(size_t count, bool framed)
{
	struct map *map = sample_head();

	for (size_t i = 0; i < count; i++) {
		size_t a = sample_process(map, 10 + 2 * (int64_t)i, 1, "a");
		size_t b = sample_process(map, 11 + 2 * (int64_t)i, 1, "b");

		sample_edge(map, a, b, sample_channel(map, "pipe", NULL, NULL), 1, 8);
		if (framed)
			assert_true(asprintf(&map->nodes[a].cluster, "unit-%zu", i / 2) > 0);
	}
	return map;
}

static size_t links_of(const struct map *map, struct row_link *ret_links)
{
	struct row_link *links;
	struct graph graph;
	size_t count;

	assert_int_equal(graph_new(map, &graph), 0);
	assert_int_equal(rows_find(&graph, &links, &count), 0);
	for (size_t i = 0; i < count; i++) {
		assert_true(links[i].from != links[i].to);
		ret_links[i] = links[i];
	}
	free(links);
	graph_done(&graph);
	return count;
}

/* From where one pair's line ends to where the next one's begins; three pairs in a row. */
static void test_pairs(void **state)
{
	struct row_link links[100];
	struct map *map = pairs(9, false);

	(void)state;
	assert_int_equal(links_of(map, links), 6);
	assert_int_equal(links[0].from, 1);
	assert_int_equal(links[0].to, 2);
	assert_int_equal(links[2].from, 7);
	assert_int_equal(links[2].to, 8);
	map_free(map);

	map = pairs(1, false);
	assert_int_equal(links_of(map, links), 0);
	map_free(map);

	map = map_new();
	assert_int_equal(links_of(map, links), 0);
	map_free(map);
}

/* What a frame holds is one part; a large one is left alone. */
static void test_frames(void **state)
{
	struct row_link links[100];
	struct map *map = pairs(4, true);

	(void)state;
	assert_int_equal(links_of(map, links), 1);
	assert_true(links[0].from < 4 && links[0].to >= 4);
	map_free(map);

	map = pairs(9, false);
	for (size_t i = 0; i < map->node_count; i++)
		map->nodes[i].cluster = strdup("unit");
	assert_int_equal(links_of(map, links), 0);
	map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
