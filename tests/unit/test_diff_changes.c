// SPDX-License-Identifier: GPL-2.0-only
/* What became of processes and edges between two maps: counted, told, and written. */
#include "diff_sample.h"

#include "../../src/diff_text.h"

static void test_workers_are_a_class(void **state)
{
	struct map *diff = compare(database(100, 4, 30), database(200, 8, 30));
	const struct node *workers = node_find(diff, "db", CHANGE_CHANGED);
	char members[64];

	(void)state;
	assert_non_null(workers);
	assert_int_equal(workers->members_before, 4);
	assert_int_equal(workers->members, 8);
	assert_string_equal(diff_members(workers, members, sizeof(members)), "×4 → ×8");
	/* Twice the workers, twice the bytes over tcp and over the pipes. */
	assert_counts(diff, 0, 0, 1, 0, 0, 2);
	map_free(diff);
}

/* One more of four is less than the threshold: told, but no change. */
static void test_one_worker_more(void **state)
{
	struct map *diff = compare(database(100, 4, 30), database(200, 5, 30));

	(void)state;
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	map_free(diff);
	diff = compare_at(database(100, 4, 30), database(200, 5, 30), 10);
	assert_counts(diff, 0, 0, 1, 0, 0, 2);
	map_free(diff);
}

static void test_upgrade(void **state)
{
	struct map *before = database(100, 2, 30), *after = database(200, 2, 30), *diff;

	(void)state;
	for (size_t i = 1; i < before->node_count; i++) {
		free(before->nodes[i].exe);
		free(after->nodes[i].exe);
		before->nodes[i].exe = strdup("/usr/lib/postgresql/15/bin/db (deleted)");
		after->nodes[i].exe = strdup("/usr/lib/postgresql/16.2/bin/db");
	}
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 2, 0, 0, 0);
	assert_string_equal(node_find(diff, "db", CHANGE_CHANGED)->was,
			    "was /usr/lib/postgresql/15/bin/db");
	map_free(diff);
	/* Replaced by the same path: the running one is still it. */
	before = database(100, 2, 30);
	free(before->nodes[0].exe);
	before->nodes[0].exe = strdup("/usr/bin/client (deleted)");
	diff = compare(before, database(100, 2, 30));
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	map_free(diff);
}

static void test_removed_listener(void **state)
{
	struct map *before = database(100, 2, 30), *diff;

	(void)state;
	free(before->nodes[1].listens);
	before->nodes[1].listens = strdup("tcp *:5432, tcp *:8080, tcp *:41234");
	diff = compare(before, database(200, 2, 30));
	assert_counts(diff, 0, 0, 1, 0, 0, 0);
	assert_string_equal(node_find(diff, "db", CHANGE_CHANGED)->was,
			    "no longer listens on tcp *:8080");
	map_free(diff);
}

static void test_rates(void **state)
{
	struct map *diff = compare(database(100, 2, 30), database(200, 2, 60));
	struct graph graph;

	(void)state;
	assert_true(diff_is_rates(diff));
	/* The same bytes in twice the time: half the rate, which is more than 50 % less. */
	assert_counts(diff, 0, 0, 0, 0, 0, 2);
	assert_int_equal(graph_new(diff, &graph), 0);
	for (size_t i = 0; i < graph.line_count; i++) {
		const struct row *row = &graph.lines[i].rows[0];
		char amount[128];

		if (strcmp(row->mechanism, "tcp") == 0)
			assert_string_equal(diff_amount(diff, row, WAY_AGAINST, amount, sizeof(amount)),
					    "3.3 KiB/s → 1.6 KiB/s (÷2.0)");
	}
	graph_done(&graph);
	map_free(diff);
	diff = compare(database(100, 2, 30), database(200, 2, 30.2));
	assert_false(diff_is_rates(diff));
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	map_free(diff);
}

static void assert_amount(struct map *diff, size_t changed, const char *expected)
{
	struct graph graph;
	char amount[128];

	assert_counts(diff, 0, 0, 0, 0, 0, changed);
	assert_int_equal(graph_new(diff, &graph), 0);
	assert_string_equal(diff_amount(diff, &graph.lines[0].rows[0], WAY_ALONG, amount,
					sizeof(amount)), expected);
	graph_done(&graph);
	map_free(diff);
}

static void test_thresholds(void **state)
{
	(void)state;
	assert_amount(compare(pair(1000, 1), pair(1500, 1)), 0, "×1 1.5 KiB");
	assert_amount(compare(pair(1000, 1), pair(1501, 1)), 1, "1.0 KiB → 1.5 KiB (×1.5)");
	assert_amount(compare(pair(1501, 1), pair(1000, 1)), 1, "1.5 KiB → 1.0 KiB (÷1.5)");
	assert_amount(compare_at(pair(1000, 1), pair(1001, 1), 0), 1, "1.0 KiB → 1.0 KiB (×1.00)");
	assert_amount(compare_at(pair(1000, 1), pair(1000, 1), 0), 0, "×1 1.0 KiB");
	assert_amount(compare_at(pair(100, 1), pair(10000, 1), 10000), 0, "×1 9.8 KiB");
	assert_amount(compare(pair(2202010, 1), pair(10276045, 1)), 1, "2.1 MiB → 9.8 MiB (×4.7)");
	/* Without bytes, operations. */
	assert_amount(compare(pair(0, 10), pair(0, 47)), 1, "×10 → ×47 (×4.7)");
	assert_amount(compare(pair(10, 10), pair(10, 47)), 0, "×47 10 B");
	assert_amount(compare(pair(0, 0), pair(5000, 47)), 1, "0 B → 4.9 KiB");
	assert_amount(compare(pair(5000, 47), pair(0, 0)), 1, "4.9 KiB → 0 B");
}

static void test_a_new_direction_is_no_connection(void **state)
{
	struct map *before = map_make(30), *after = map_make(30), *diff;
	size_t a = process(before, 1, "a", NULL), b = process(before, 2, "b", NULL);

	(void)state;
	talk(before, a, b, "unix-stream", "/run/x", 100);
	a = process(after, 1, "a", NULL);
	b = process(after, 2, "b", NULL);
	talk(after, a, b, "unix-stream", "/run/x", 100);
	talk(after, b, a, "unix-stream", "/run/x", 100);
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 0, 0, 0, 1);
	map_free(diff);
	/* A pipe the other way is another pipe. */
	before = pair(10, 1);
	after = pair(10, 1);
	talk(after, 1, 0, "pipe", NULL, 10);
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 0, 1, 0, 0);
	map_free(diff);
}

/* What was not traced cannot be new. */
static void test_not_traced_before(void **state)
{
	struct map *before = pair(10, 1), *after = pair(10, 1), *diff;

	(void)state;
	free(after->completeness.mechanisms[1].state);
	after->completeness.mechanisms[1].state = strdup("traced");
	talk(after, 0, 1, "udp", "127.0.0.1:53", 10);
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	assert_string_equal(diff->comparison->caveat, "not compared: udp (not traced before)");
	map_free(diff);
	/* Nor can a process that did nothing else, whichever of the maps has it. */
	before = pair(10, 1);
	after = pair(10, 1);
	free(after->completeness.mechanisms[1].state);
	after->completeness.mechanisms[1].state = strdup("traced");
	process(before, 3, "c", NULL);
	talk(after, process(after, 3, "c", NULL), process(after, 4, "d", NULL), "udp", "127.0.0.1:53", 10);
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	map_free(diff);
}

static struct map *sample_diff(void)
{
	struct map *before = database(100, 2, 30), *after = database(200, 8, 30);

	talk(before, 0, process(before, 50, "old", NULL), "unix-stream", "/run/old", 10);
	talk(after, 0, process(after, 51, "new", NULL), "unix-stream", "/run/new", 10);
	return compare(before, after);
}

static void test_only_changes(void **state)
{
	struct map *diff = sample_diff(), *changes = NULL;

	(void)state;
	assert_int_equal(diff_changes(diff, &changes), 0);
	assert_true(changes->edge_count < diff->edge_count || changes->edge_count > 0);
	for (size_t i = 0; i < changes->edge_count; i++)
		assert_true(changes->edges[i].change > CHANGE_SAME);
	map_free(changes);
	map_free(diff);
	diff = compare(database(100, 2, 30), database(100, 2, 30));
	assert_int_equal(diff_changes(diff, &changes), 0);
	assert_int_equal(changes->edge_count, 0);
	assert_int_equal(changes->node_count, 0);
	map_free(changes);
	map_free(diff);
}

/* Written, read, written: the same; and a reader of maps would not take it for one. */
static void test_json(void **state)
{
	struct map *diff = sample_diff(), *again = NULL;
	struct emitted once = sample_emit(diff, "json"), twice;
	char *error = NULL;

	(void)state;
	assert_non_null(strstr(once.data, "\"format\": \"ipcmap-diff\""));
	/* Frames around nodes are a view's: no record has them. */
	for (size_t i = 0; i < diff->node_count; i++) {
		free(diff->nodes[i].cluster);
		diff->nodes[i].cluster = NULL;
	}
	assert_int_equal(map_from_json(once.data, once.size, &again, &error), 0);
	twice = sample_emit(again, "json");
	assert_string_equal(once.data, twice.data);
	emitted_done(&once);
	emitted_done(&twice);
	once = sample_emit(diff, "dot");
	twice = sample_emit(again, "dot");
	assert_string_equal(once.data, twice.data);
	assert_non_null(strstr(once.data, "class=\"process added\""));
	assert_non_null(strstr(once.data, "class=\"unix-stream removed\""));
	emitted_done(&once);
	emitted_done(&twice);
	map_free(again);
	map_free(diff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_workers_are_a_class),
		cmocka_unit_test(test_one_worker_more),
		cmocka_unit_test(test_upgrade),
		cmocka_unit_test(test_removed_listener),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_thresholds),
		cmocka_unit_test(test_a_new_direction_is_no_connection),
		cmocka_unit_test(test_not_traced_before),
		cmocka_unit_test(test_only_changes),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
