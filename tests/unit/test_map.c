// SPDX-License-Identifier: GPL-2.0-only
#include "sample.h"

#include "../../src/graph.h"
#include "../../src/mechanism.h"

static void test_empty(void **state)
{
	struct map *map = map_new();

	(void)state;
	assert_int_equal(map_sort(map), 0);
	assert_int_equal(map->node_count + map->channel_count + map->edge_count, 0);
	map_free(map);
	map_free(NULL);
}

static void test_sort(void **state)
{
	static const char *const ids[] = { "k", "p1", "p2", "p3", "h1", "x1" };
	struct map *map = sample_map();

	(void)state;
	assert_int_equal(map->node_count, 6);
	for (size_t i = 0; i < map->node_count; i++)
		assert_string_equal(map->nodes[i].id, ids[i]);
	assert_string_equal(map->nodes[1].comm, "server");
	assert_string_equal(map->nodes[3].comm, "worker");
	/* the channel of no edge is gone; the rest is in the order of the mechanisms */
	assert_int_equal(map->channel_count, 4);
	assert_string_equal(map->channels[0].object, "pipe:[12]");
	assert_string_equal(map->channels[1].object, "pipe:[13]");
	assert_string_equal(map->channels[2].mechanism, "fifo");
	assert_string_equal(map->channels[3].id, "c4");
	assert_int_equal(map->nodes[4].channel, 1);
	for (size_t i = 1; i < map->edge_count; i++)
		assert_true(map->edges[i - 1].src <= map->edges[i].src);
	map_free(map);
}

/* After channels were dropped, the arrays must still grow within their memory. */
static void test_add_after_sort(void **state)
{
	struct map *map = sample_map();

	(void)state;
	for (int i = 0; i < 20; i++) {
		sample_channel(map, "pipe", "pipe:[1]", NULL);
		sample_process(map, i, i, "p");
		sample_edge(map, 0, 1, 0, 1, 1);
	}
	assert_int_equal(map_sort(map), 0);
	assert_int_equal(map->channel_count, 4);
	assert_int_equal(map->node_count, 26);
	map_free(map);
}

/* The same content, found in another order. */
static struct map *shuffled(unsigned seed)
{
	enum { COUNT = 12 };
	struct map *map = sample_head();
	size_t processes[COUNT], order[COUNT], channels[COUNT];

	for (size_t i = 0; i < COUNT; i++)
		order[i] = i;
	for (size_t i = COUNT; i-- > 1;) {
		size_t j = (size_t)rand_r(&seed) % (i + 1), other = order[j];

		order[j] = order[i];
		order[i] = other;
	}
	for (size_t i = 0; i < COUNT; i++) {
		size_t n = order[i];

		processes[n] = sample_process(map, (int64_t)(n + 10), (double)(n / 3), "p");
		/* half of them are alike: only their edges tell them apart */
		channels[n] = sample_channel(map, "pipe", n % 2 ? "pipe:[1]" : "pipe:[2]", NULL);
	}
	for (size_t i = 0; i < COUNT; i++) {
		size_t n = order[i];

		sample_edge(map, processes[n], processes[(n * 5 + 1) % COUNT], channels[n], n + 1,
			    n * n + 1);
	}
	assert_int_equal(map_sort(map), 0);
	return map;
}

static void test_sort_is_stable(void **state)
{
	struct map *map = shuffled(1);
	struct emitted first = sample_emit(map, "json");

	(void)state;
	map_free(map);
	for (unsigned seed = 2; seed < 40; seed++) {
		struct emitted out;

		map = shuffled(seed);
		out = sample_emit(map, "json");
		assert_string_equal(out.data, first.data);
		emitted_done(&out);
		map_free(map);
	}
	emitted_done(&first);
}

static void test_mechanisms(void **state)
{
	(void)state;
	for (int i = 0; i < IPC_MECHANISMS; i++) {
		assert_int_equal(mechanism_by_name(mechanisms[i].name), i);
		assert_int_equal(mechanism_bits(mechanisms[i].name), 1u << i);
	}
	assert_int_equal(mechanism_by_name("unix"), -1);
	assert_int_equal(mechanism_bits("unix"),
			 1 << IPC_UNIX_STREAM | 1 << IPC_UNIX_DGRAM | 1 << IPC_UNIX_SEQPACKET);
	assert_int_equal(mechanism_bits("net"), 1 << IPC_TCP | 1 << IPC_UDP);
	assert_int_equal(mechanism_bits("all"), (1 << IPC_MECHANISMS) - 1);
	assert_int_equal(mechanism_bits(""), 0);
}

static const struct line *line_between(const struct graph *graph, const char *tail,
				       const char *head)
{
	for (size_t i = 0; i < graph->line_count; i++) {
		const struct line *line = &graph->lines[i];

		if (strcmp(graph->map->nodes[line->tail].id, tail) == 0 &&
		    strcmp(graph->map->nodes[line->head].id, head) == 0)
			return line;
	}
	fail_msg("no line from %s to %s", tail, head);
	return NULL;
}

static void test_graph(void **state)
{
	struct map *map = sample_map();
	const struct line *line;
	struct graph graph;

	(void)state;
	assert_int_equal(graph_new(map, &graph), 0);
	/* ten edges, two pairs of nodes talk both ways */
	assert_int_equal(graph.line_count, 8);
	/* the client is the tail, though it is the younger */
	line = line_between(&graph, "p2", "p1");
	assert_int_equal(line->row_count, 1);
	assert_int_equal(line->rows[0].ways[WAY_ALONG].bytes, 1000);
	assert_int_equal(line->rows[0].ways[WAY_AGAINST].bytes, 2000);
	assert_int_equal(line->rows[0].ways[WAY_AGAINST].received_bytes, 1500);
	assert_int_equal(line->rows[0].channels, 1);
	assert_int_equal(line->bytes, 3000);
	line = line_between(&graph, "p3", "p3");
	assert_false(line->ways[WAY_AGAINST]);
	line = line_between(&graph, "p1", "p3");
	assert_int_equal(line->rows[0].kind, ROW_IDLE);
	assert_int_equal(graph.totals[1].sent, 2050);
	assert_int_equal(graph.totals[1].received, 1000);
	graph_done(&graph);
	map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),	       cmocka_unit_test(test_sort),
		cmocka_unit_test(test_add_after_sort), cmocka_unit_test(test_sort_is_stable),
		cmocka_unit_test(test_mechanisms),     cmocka_unit_test(test_graph),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
