// SPDX-License-Identifier: GPL-2.0-only
#include "sample.h"

#include <errno.h>
#include <math.h>

static void check_error(int rc, const struct map *map, char *error)
{
	assert_int_equal(rc, -EINVAL);
	assert_null(map);
	assert_non_null(error);
	assert_true(strlen(error) > 0);
	assert_null(strpbrk(error, "\n\r\x1b"));
	free(error);
}

/* From a copy without a NUL or anything else behind it: reading on is seen. */
static int read_exact(const char *data, size_t len, struct map **ret_map, char **ret_error)
{
	char *copy = malloc(len ? len : 1);
	int rc;

	memcpy(copy, data, len);
	rc = map_from_json(copy, len, ret_map, ret_error);
	free(copy);
	return rc;
}

static void check_round_trip(const struct map *map)
{
	struct emitted first = sample_emit(map, "json"), second;
	struct map *again = NULL;
	char *error = NULL;

	if (read_exact(first.data, first.size, &again, &error) != 0)
		fail_msg("%s", error);
	second = sample_emit(again, "json");
	assert_int_equal(first.size, second.size);
	assert_string_equal(first.data, second.data);
	assert_int_equal(first.data[first.size - 1], '\n');
	emitted_done(&first);
	emitted_done(&second);
	map_free(again);
}

static void test_round_trip(void **state)
{
	struct map *map = sample_map();

	(void)state;
	check_round_trip(map);
	map_free(map);
	map = map_new();
	check_round_trip(map);
	map_free(map);
}

static void test_numbers(void **state)
{
	static const double times[] = { 0.1 + 0.2, -0.0001, 1e-9, 29.9995, 1234567.8915, -86400.1,
					1e300, -1e300, NAN, INFINITY, 0.0625, 1e10 + 0.123 };
	struct map *map = sample_map();
	struct emitted out;

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		map->edges[i % map->edge_count].first = times[i];
		map->edges[i % map->edge_count].last = -times[i];
		map->nodes[1].start = times[i];
		check_round_trip(map);
	}
	map->edges[0].bytes = UINT64_MAX;
	map->edges[1].bytes = INT64_MAX;
	check_round_trip(map);
	map->duration = 0.1 + 0.2;
	out = sample_emit(map, "json");
	assert_non_null(strstr(out.data, "\"duration\": 0.3,"));
	assert_null(strstr(out.data, "-0.0,"));
	emitted_done(&out);
	map_free(map);
}

static void test_keys(void **state)
{
	static const char *const keys[] = {
		"\"format\": \"ipcmap\"", "\"version\": 1", "\"host\"", "\"kernel\"", "\"started\"",
		"\"duration\": 30.002", "\"completeness\"", "\"events\"", "\"lost\"",
		"\"unattributed\"", "\"mechanisms\"", "\"nodes\"", "\"channels\"", "\"edges\"",
		"\"frames\": []",
	};
	struct map *map = sample_map();
	struct emitted out = sample_emit(map, "json");
	const char *at = out.data;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		at = strstr(at, keys[i]);
		if (!at)
			fail_msg("%s is not where it should be", keys[i]);
	}
	assert_non_null(strstr(out.data, "\"uid\": null"));
	assert_non_null(strstr(out.data, "\"cmdline\": \"worker --now\""));
	assert_non_null(strstr(out.data, "\"signal\": \"SIGCHLD\", \"ops\": 3"));
	assert_null(strstr(out.data, "kthread"));
	emitted_done(&out);
	map_free(map);
}

static void test_unsorted(void **state)
{
	struct map *map = sample_head();
	struct emitted out = { 0 };
	char *error = NULL;

	(void)state;
	sample_process(map, 1, 0, "x");
	assert_int_equal(emit_json(map, NULL, &out, &error), -EINVAL);
	assert_null(out.data);
	assert_non_null(error);
	free(error);
	map_free(map);
}

static void test_truncated(void **state)
{
	struct map *map = sample_map();
	struct emitted out = sample_emit(map, "json");

	(void)state;
	/* without the newline it is whole */
	for (size_t len = 0; len + 1 < out.size; len++) {
		struct map *cut = NULL;
		char *error = NULL;
		int rc = read_exact(out.data, len, &cut, &error);

		check_error(rc, cut, error);
	}
	emitted_done(&out);
	map_free(map);
}

/* Any byte wrong: an error or a map that can be written, never more. */
static void test_damaged(void **state)
{
	static const char bytes[] = { 0, '"', '9', '{', '\\', (char)0xff, '-', 'x' };
	struct map *map = sample_map();
	struct emitted out = sample_emit(map, "json");

	(void)state;
	for (size_t i = 0; i < out.size; i++) {
		char kept = out.data[i];
		struct map *damaged = NULL;
		char *error = NULL;
		int rc;

		out.data[i] = bytes[i % sizeof(bytes)];
		rc = read_exact(out.data, out.size, &damaged, &error);
		if (rc == 0)
			check_round_trip(damaged);
		else
			check_error(rc, damaged, error);
		map_free(damaged);
		out.data[i] = kept;
	}
	emitted_done(&out);
	map_free(map);
}

static char *replaced(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	char *result;

	if (!at)
		fail_msg("no %s to replace", from);
	assert_true(asprintf(&result, "%.*s%s%s", (int)(at - text), text, to,
			     at + strlen(from)) >= 0);
	return result;
}

static void test_strict(void **state)
{
	static const struct {
		const char *from, *to, *error;
	} rows[] = {
		{ "\"ipcmap\"", "\"other\"", "format" },
		{ "\"version\": 1", "\"version\": 2", "newer" },
		{ "\"version\": 1", "\"version\": 0", "version" },
		{ "\"version\": 1", "\"version\": \"1\"", "version" },
		{ "\"host\": \"host\"", "\"host\": 7", "host: not a string" },
		{ "\"duration\": 30.002", "\"duration\": -1", "duration" },
		{ "\"events\": 1234", "\"events\": -1", "events" },
		{ "\"events\": 1234", "\"events\": 1.5", "events" },
		{ "\"events\": 1234", "\"events\": 99999999999999999999", "not JSON" },
		{ "\"nodes\": [", "\"knots\": [", "nodes: missing" },
		{ "\"id\": \"p2\"", "\"id\": \"p1\"", "twice" },
		{ "\"id\": \"p2\"", "\"id\": \"p 2\"", "nodes[2].id" },
		{ "\"id\": \"p2\"", "\"id\": \"<b>\"", "nodes[2].id" },
		{ "\"id\": \"p2\"", "\"ids\": \"p2\"", "nodes[2].id: missing" },
		{ "\"kind\": \"hub\"", "\"kind\": \"hut\"", "kind" },
		{ "\"kind\": \"hub\", \"channel\": \"c2\"", "\"kind\": \"hub\"", "channel: missing" },
		{ "\"channel\": \"c2\"", "\"channel\": \"c9\"", "c9 is not in the map" },
		{ "\"pid\": 100", "\"pid\": -1", "pid" },
		{ "\"pid\": 100", "\"pid\": null", "nodes[1].pid: missing" },
		{ "\"src\": \"p1\"", "\"src\": \"p77\"", "p77 is not in the map" },
		{ "\"src\": \"p1\"", "\"src\": \"c1\"", "src" },
		{ "\"src\": \"p1\"", "\"src\": 1", "src: missing" },
		{ "\"dst\": \"p2\"", "\"dst\": \"\\u001b[2J\"", "dst: its id is not in the map" },
		{ "\"ops\": 3, \"bytes\": 0", "\"ops\": -3, \"bytes\": 0", "ops" },
		{ "\"attribution\": \"hub\"", "\"attribution\": \"guess\"", "attribution" },
		{ "\"exited\": true", "\"exited\": 1", "exited" },
		{ "\"comm\": \"client\"", "\"comm\": \"a\\u0000b\"", "not JSON" },
		{ "\"comm\": \"client\"", "\"comm\": \"x\", \"comm\": \"y\"", "not JSON" },
		{ "\"frames\": []", "\"frames\": {}", "frames" },
		{ "\"frames\": []\n}", "\"frames\": []\n} x", "not JSON" },
	};
	struct map *map = sample_map();
	struct emitted out = sample_emit(map, "json");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = replaced(out.data, rows[i].from, rows[i].to);
		struct map *wrong = NULL;
		char *error = NULL;
		int rc = read_exact(text, strlen(text), &wrong, &error);

		if (rc == 0 || !error || !strstr(error, rows[i].error))
			fail_msg("%s: %s", rows[i].to, error ? error : "taken");
		check_error(rc, wrong, error);
		free(text);
	}
	emitted_done(&out);
	map_free(map);
}

static void test_not_a_map(void **state)
{
	static const char *const texts[] = { "", " ", "null", "[]", "{}", "7", "\"ipcmap\"",
					     "{\"format\": \"ipcmap\", \"version\": 1}" };
	char *deep = malloc(100000);

	(void)state;
	memset(deep, '[', 100000);
	for (size_t i = 0; i <= sizeof(texts) / sizeof(texts[0]); i++) {
		bool last = i == sizeof(texts) / sizeof(texts[0]);
		struct map *map = NULL;
		char *error = NULL;
		int rc = last ? read_exact(deep, 100000, &map, &error) :
				read_exact(texts[i], strlen(texts[i]), &map, &error);

		check_error(rc, map, error);
	}
	free(deep);
}

static void test_cleans(void **state)
{
	struct map *map = sample_map(), *again = NULL;
	struct emitted out = sample_emit(map, "json");
	char *text = replaced(out.data, "\"client\"", "\"a\\u001b\\n\\u202e\\ufffeb\\u00e9\"");
	char *error = NULL;

	(void)state;
	assert_int_equal(read_exact(text, strlen(text), &again, &error), 0);
	assert_string_equal(again->nodes[2].comm, "a\\x1b\\x0a\\xe2\\x80\\xae\\xef\\xbf\\xbeb\u00e9");
	map_free(again);
	map_free(map);
	emitted_done(&out);
	free(text);
}

/* A whole small host: what was written once is written the same today. */
static void test_stored(void **state)
{
	FILE *file = fopen("tests/unit/data/shop.json", "r");
	static char data[1 << 17];
	struct map *map = NULL;
	struct emitted out;
	char *error = NULL;
	size_t size;

	(void)state;
	if (!file)
		skip(); /* not run from the root of the tree */
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	assert_int_equal(read_exact(data, size, &map, &error), 0);
	out = sample_emit(map, "json");
	assert_int_equal(out.size, size);
	assert_memory_equal(out.data, data, size);
	emitted_done(&out);
	map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_keys),	   cmocka_unit_test(test_unsorted),
		cmocka_unit_test(test_truncated),  cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_strict),	   cmocka_unit_test(test_not_a_map),
		cmocka_unit_test(test_cleans),	   cmocka_unit_test(test_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
