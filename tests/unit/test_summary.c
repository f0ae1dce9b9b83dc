// SPDX-License-Identifier: GPL-2.0-only
/* The table of the heaviest edges. */
#include "random_map.h"
#include "summary.h"

/* gcc 12, where it inlines this, warns of a pointer to the local. */
__attribute__((noinline))
static char *format(const struct map *map, size_t lines, bool by_ops)
{
	char *text = NULL;

	assert_int_equal(summary_format(map, lines, by_ops, &text), 0);
	assert_non_null(text);
	return text;
}

/* The start of a line, counted from 0. */
static const char *line_at(const char *text, size_t n)
{
	while (n-- > 0) {
		text = strchr(text, '\n');
		assert_non_null(text);
		text++;
	}
	return text;
}

static size_t line_count(const char *text)
{
	size_t lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static void test_table(void **state)
{
	struct map *map = sample_head();
	size_t client = sample_process(map, 200, 2, "client");
	size_t server = sample_process(map, 100, 1, "server");
	size_t tcp = sample_channel(map, "tcp", NULL, "127.0.0.1:5432");
	size_t pipe = sample_channel(map, "pipe", "pipe:[1]", NULL);
	char *text;

	(void)state;
	map->nodes[server].listens = strdup("tcp *:5432");
	map->nodes[server].members = 8;
	sample_edge(map, client, server, tcp, 10, 2048);
	sample_edge(map, server, client, tcp, 20, 6144);
	sample_edge(map, client, server, pipe, 500, 0)->bytes = 8192;
	sample_edge(map, client, server, MAP_NO_CHANNEL, 3, 0)->signal = strdup("SIGHUP");
	assert_int_equal(map_sort(map), 0);

	text = format(map, 10, false);
	assert_string_equal(text,
		"     %         →         ←    ops  from         to         over\n"
		" 50.00   8.0 KiB              500  client[200]  server ×8  pipe\n"
		" 50.00   2.0 KiB   6.0 KiB     30  client[200]  server ×8  tcp 127.0.0.1:5432\n"
		"  0.00                          3  client[200]  server ×8  signal SIGHUP\n"
		"100.00  10.0 KiB   6.0 KiB    533  total of 3 edges\n");
	free(text);

	text = format(map, 1, true);
	assert_int_equal(line_count(text), 3);
	assert_non_null(strstr(line_at(text, 1), "pipe"));
	assert_non_null(strstr(line_at(text, 0), "% ops"));
	assert_non_null(strstr(text, "93.81"));
	assert_non_null(strstr(text, "total of 3 edges, 2 not shown"));
	free(text);
	map_free(map);
}

static void test_nothing(void **state)
{
	struct map *map = sample_head();
	size_t a = sample_process(map, 1, 1, "a"), b = sample_process(map, 2, 2, "b");
	char *text = format(map, 10, false);

	(void)state;
	assert_string_equal(text, "");
	free(text);
	sample_edge(map, a, b, sample_channel(map, "pipe", NULL, NULL), 0, 0)->attribution =
		ATTRIBUTION_IDLE;
	text = format(map, 10, false);
	assert_string_equal(text, "");
	free(text);
	/* Signals alone have no bytes: their number counts. */
	sample_edge(map, a, b, MAP_NO_CHANNEL, 4, 0)->signal = strdup("SIGTERM");
	text = format(map, 10, false);
	assert_non_null(strstr(text, "% ops"));
	assert_non_null(strstr(text, "100.00"));
	free(text);
	map_free(map);
}

static size_t characters(const char *text, const char *end)
{
	size_t count = 0;

	for (; text < end; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

/* Columns stand under their heads, whatever names hold; nothing but text gets to the terminal. */
static void name_check(const char *name)
{
	struct map *map = sample_head();
	size_t a = sample_process(map, 1, 1, name), b = sample_process(map, 2, 2, "b");
	size_t c = sample_process(map, 3, 3, "c");
	size_t column;
	char *text;

	sample_edge(map, a, c, sample_channel(map, "fifo", NULL, name), 1, 10);
	sample_edge(map, b, c, sample_channel(map, "fifo", NULL, name), 1, 5);
	text = format(map, 10, false);
	assert_int_equal(line_count(text), 4);
	assert_null(strchr(text, '\033'));
	column = characters(text, strstr(text, "over"));
	for (size_t i = 1; i <= 2; i++) {
		const char *row = line_at(text, i);

		assert_int_equal(characters(row, strstr(row, "fifo")), column);
		assert_true(characters(row, strchr(row, '\n')) <= 140);
	}
	free(text);
	map_free(map);
}

static void test_hostile(void **state)
{
	static const char *const names[] = {
		"plain", "äöü€", "\033[31mred", "new\nline", "\xff\xfe", "",
		"a name that is much longer than any column of any table should be",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		name_check(names[i]);
}

static void test_random(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct map *map = random_map(seed, 2 + seed % 20, seed % 60);
		char *text = format(map, seed % 13, seed % 2), *again = format(map, seed % 13, seed % 2);

		assert_string_equal(text, again);
		assert_true(line_count(text) <= seed % 13 + 2);
		free(text);
		free(again);
		map_free(map);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
