// SPDX-License-Identifier: GPL-2.0-only
/* Which edges are drawn, and who is a logger. */
#include "random_map.h"
#include "mechanism.h"
#include "select.h"

static size_t process(struct map *map, const char *comm)
{
	return sample_process(map, 10 + (int64_t)map->node_count, 1, comm);
}

static struct edge *talk(struct map *map, size_t src, size_t dst, const char *mechanism,
			 const char *name, uint64_t ops, uint64_t bytes)
{
	return sample_edge(map, src, dst, sample_channel(map, mechanism, NULL, name), ops, bytes);
}

/* a - b - c - d, a hub between d and e, f; the kernel signals all. Not sorted: indexes stay. */
static struct map *line(void)
{
	static const char *const comms[] = { "a", "b", "c", "d", "e", "f" };
	struct map *map = sample_head();
	size_t hub, kernel, pipe;

	for (size_t i = 0; i < 6; i++)
		process(map, comms[i]);
	hub = (map_add_node(map)->kind = NODE_HUB, map->node_count - 1);
	kernel = (map_add_node(map)->kind = NODE_KERNEL, map->node_count - 1);
	pipe = sample_channel(map, "pipe", "pipe:[9]", NULL);
	map->nodes[hub].channel = pipe;
	map->nodes[1].unit = strdup("b.service");
	talk(map, 0, 1, "tcp", "127.0.0.1:80", 10, 1000);
	talk(map, 1, 2, "unix-stream", "/run/x", 20, 500);
	talk(map, 3, 2, "pipe", NULL, 30, 2000);
	sample_edge(map, 3, hub, pipe, 1, 10);
	sample_edge(map, hub, 4, pipe, 1, 10);
	sample_edge(map, hub, 5, pipe, 1, 10);
	for (size_t i = 0; i < 6; i++)
		sample_edge(map, kernel, i, MAP_NO_CHANNEL, 1, 0)->signal = strdup("SIGCHLD");
	return map;
}

/* The kept edges as "1110000". */
static const char *part(const struct view_options *options)
{
	static char text[64];
	struct map *map = line();
	bool keep[64], focused[64] = { false };

	assert_int_equal(select_part(map, options, keep, focused), 0);
	for (size_t i = 0; i < map->edge_count; i++)
		text[i] = keep[i] ? '1' : '0';
	text[map->edge_count] = '\0';
	map_free(map);
	return text;
}

static void test_only(void **state)
{
	(void)state;
	assert_string_equal(part(&(struct view_options){ 0 }), "111111111111");
	assert_string_equal(part(&(struct view_options){ .only = 1 << IPC_PIPE }), "001111000000");
	assert_string_equal(part(&(struct view_options){ .only = 1 << IPC_TCP | 1 << IPC_SIGNAL }),
			    "100000111111");
}

static void test_hide(void **state)
{
	static const char *const globs[][2] = {
		{ "b", "001111101111" },       { "b.serv*", "001111101111" },
		{ "/run/*", "101111111111" },  { "*:80", "011111111111" },
		{ "pipe:*", "111000111111" },  { "kernel", "111111000000" },
		{ "[ef]", "111100111100" },    { "nothing", "111111111111" },
		{ ":80", "011111111111" },     { ":0", "111111111111" },
		{ "10", "011111011111" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(globs) / sizeof(globs[0]); i++) {
		const char *hide[] = { globs[i][0] };

		assert_string_equal(part(&(struct view_options){ .hide = hide, .hide_count = 1 }),
				    globs[i][1]);
	}
	assert_string_equal(part(&(struct view_options){ .hide = (const char *[]){ "a", "d" },
							 .hide_count = 2 }), "010011011011");
}

static void test_focus(void **state)
{
	static const struct {
		const char *what;
		unsigned hops;
		const char *kept;
	} rows[] = {
		{ "a", 0, "100000100000" },  { "10", 1, "100000100000" },
		{ "a", 2, "110000110000" },  { "c", 1, "011000001000" },
		/* A hub is part of a channel, and no step. */
		{ "d", 1, "001111000100" },  { "e", 1, "000111000010" },
		{ "[ef]", 1, "000111000011" }, { "nobody", 3, "000000000000" },
		{ "e", 9, "111111111111" },
		/* What goes over a channel; then what its ends do besides. */
		{ "/run/*", 1, "010000000000" }, { "*:80", 1, "100000000000" },
		{ "*:80", 2, "110000110000" },	 { "pipe:[9]", 1, "000111000000" },
		{ "pipe*", 1, "000000000000" },	 { ":80", 1, "100000000000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct view_options options = { .focus = (const char *[]){ rows[i].what },
						.focus_count = 1, .hops = rows[i].hops };

		if (strcmp(part(&options), rows[i].kept))
			fail_msg("%s, %u hops: %s", rows[i].what, rows[i].hops, part(&options));
	}
}

/* What is hidden is no focus that stays whatever it talks to. */
static void test_focus_hidden(void **state)
{
	const char *globs[] = { "a", "c" };
	struct view_options options = { .focus = globs, .focus_count = 2, .hide = globs, .hide_count = 1 };
	struct map *map = line();
	bool keep[64], focused[64] = { false };

	(void)state;
	assert_int_equal(select_part(map, &options, keep, focused), 0);
	for (size_t i = 0; i < map->node_count; i++)
		assert_int_equal(focused[i], map->nodes[i].comm && !strcmp(map->nodes[i].comm, "c"));
	map_free(map);
}

static const char *lines(const struct map *map, const struct view_options *options)
{
	static char text[64];
	bool keep[64], by_itself = true;

	assert_int_equal(select_lines(map, options, true, keep, &by_itself), 0);
	assert_false(by_itself);
	for (size_t i = 0; i < map->edge_count; i++)
		text[i] = keep[i] ? '1' : '0';
	text[map->edge_count] = '\0';
	return text;
}

/* A line is all that goes between two nodes, both ways. */
static void test_lines(void **state)
{
	struct map *map = sample_head();
	size_t a = process(map, "a"), b = process(map, "b"), c = process(map, "c");

	(void)state;
	talk(map, a, b, "pipe", NULL, 1, 600);
	talk(map, b, c, "pipe", NULL, 90, 1000);
	talk(map, b, a, "pipe", NULL, 2, 600);
	talk(map, a, c, "pipe", NULL, 50, 0)->received_bytes = 900;
	assert_string_equal(lines(map, &(struct view_options){ 0 }), "1111");
	assert_string_equal(lines(map, &(struct view_options){ .top = 1 }), "1010");
	assert_string_equal(lines(map, &(struct view_options){ .top = 2 }), "1110");
	assert_string_equal(lines(map, &(struct view_options){ .top = 1, .by_ops = true }), "0100");
	assert_string_equal(lines(map, &(struct view_options){ .top = 9 }), "1111");
	assert_string_equal(lines(map, &(struct view_options){ .min_bytes = 1000 }), "1110");
	assert_string_equal(lines(map, &(struct view_options){ .min_ops = 4 }), "0101");
	assert_string_equal(lines(map, &(struct view_options){ .min_ops = 4, .top = 1 }), "0100");
	assert_string_equal(lines(map, &(struct view_options){ .min_bytes = 5000 }), "0000");
	map_free(map);
}

/* Only what is too large is trimmed by itself, to what fits. */
static void test_by_itself(void **state)
{
	(void)state;
	for (size_t nodes = VIEW_NODES - 1; nodes < VIEW_NODES + 40; nodes += 3) {
		struct map *map = sample_head();
		bool keep[256], by_itself, used[256] = { false };
		size_t kept = 0;

		for (size_t i = 0; i < nodes; i++)
			process(map, "p");
		for (size_t i = 1; i < nodes; i++)
			talk(map, i - 1, i, "pipe", NULL, 1, i * 100);
		assert_int_equal(select_lines(map, &(struct view_options){ 0 }, true, keep, &by_itself), 0);
		assert_int_equal(by_itself, nodes > VIEW_NODES);
		for (size_t i = 0; i < map->edge_count; i++) {
			if (keep[i])
				used[map->edges[i].src] = used[map->edges[i].dst] = true;
		}
		for (size_t i = 0; i < nodes; i++)
			kept += used[i];
		assert_int_equal(kept, nodes > VIEW_NODES ? VIEW_NODES : nodes);
		/* The heaviest is there, the lightest is not. */
		assert_true(keep[map->edge_count - 1]);
		assert_int_equal(keep[0], nodes <= VIEW_NODES);

		assert_int_equal(select_lines(map, &(struct view_options){ .all = true }, true, keep,
					      &by_itself), 0);
		assert_true(keep[0] && !by_itself);
		assert_int_equal(select_lines(map, &(struct view_options){ 0 }, false, keep,
					      &by_itself), 0);
		assert_true(keep[0] && !by_itself);
		map_free(map);
	}
}

/* A logger, and so many that write to it; and two that talk elsewhere. */
static struct map *logger(size_t writers, bool named_alike, const char *mechanism, const char *name)
{
	struct map *map = sample_head();
	char comm[32];

	process(map, "logger");
	for (size_t i = 0; i < writers; i++) {
		snprintf(comm, sizeof(comm), "w%zu", named_alike ? 0 : i);
		talk(map, process(map, comm), 0, mechanism, name, 10, 1000);
	}
	talk(map, process(map, "a"), process(map, "b"), "pipe", NULL, 1, 1);
	return map;
}

static bool is_sink(struct map *map)
{
	bool sink;

	assert_int_equal(sinks_fill(map), 0);
	sink = map->nodes[0].sink;
	map_free(map);
	return sink;
}

static void test_sinks(void **state)
{
	struct map *map;

	(void)state;
	assert_true(is_sink(logger(5, false, "unix-dgram", "/run/any")));
	assert_true(is_sink(logger(3, true, "unix-dgram", "/dev/log")));
	assert_false(is_sink(logger(2, false, "unix-dgram", "/dev/log")));
	assert_false(is_sink(logger(4, false, "unix-dgram", "/run/any")));
	assert_false(is_sink(logger(9, true, "unix-dgram", "/run/any")));
	/* A terminal is what people look for. */
	assert_false(is_sink(logger(9, false, "pty", "/dev/pts/1")));
	/* A server answers. */
	map = logger(9, false, "tcp", "*:80");
	for (size_t i = 1; i < 10; i++)
		talk(map, 0, i, "tcp", "*:80", 1, 100);
	assert_false(is_sink(map));
	/* A logger acknowledges, and passes on to another. */
	map = logger(9, false, "tcp", "*:514");
	for (size_t i = 1; i < 10; i++)
		talk(map, 0, i, "tcp", "*:514", 1, 20);
	talk(map, 0, process(map, "next"), "tcp", "*:514", 9, 9000);
	assert_true(is_sink(map));
	/* Nothing is pale where all would be. */
	map = logger(5, false, "unix-dgram", "/dev/log");
	map->edges[map->edge_count - 1].bytes = map->edges[map->edge_count - 1].received_bytes = 0;
	assert_false(is_sink(map));
}

static void test_hubs(void **state)
{
	struct map *map = sample_head();
	size_t writer = process(map, "writer"), hub = process(map, "hub"), reader = process(map, "reader");

	(void)state;
	talk(map, writer, hub, "pipe", NULL, 1, 100);
	hubs_fill(map);
	assert_true(map->nodes[hub].hub_written);
	assert_false(map->nodes[hub].hub_read);
	talk(map, hub, reader, "pipe", NULL, 1, 100);
	hubs_fill(map);
	assert_true(map->nodes[hub].hub_written && map->nodes[hub].hub_read);
	map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only),	   cmocka_unit_test(test_hide),
		cmocka_unit_test(test_focus),	   cmocka_unit_test(test_focus_hidden),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_by_itself), cmocka_unit_test(test_sinks),
		cmocka_unit_test(test_hubs),
	};

	return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}
