// SPDX-License-Identifier: GPL-2.0-only
/* What a drawing says once instead of everywhere. */
#include "graph.h"
#include "label.h"
#include "sample.h"
#include "style.h"

/* A bus at /run/bus with so many clients, and a fork of it on a socket pair. */
static struct map *bus_map(size_t clients)
{
	struct map *map = sample_head();
	size_t bus = sample_process(map, 10, 1, "bus");
	size_t fork = sample_process(map, 11, 2, "fork");

	for (size_t i = 0; i < clients; i++) {
		size_t channel = sample_channel(map, "unix-stream", NULL, "/run/the/bus");

		sample_edge(map, sample_process(map, 20 + (int64_t)i, 3, "client"), bus, channel, 1,
			    8);
	}
	sample_edge(map, fork, bus, sample_channel(map, "unix-stream", NULL, NULL), 1, 4);
	return map;
}

static struct graph graph_of(const struct map *map)
{
	struct graph graph;

	assert_int_equal(graph_new(map, &graph), 0);
	graph.style = style_default();
	return graph;
}

static size_t times(const char *data, const char *text)
{
	size_t count = 0;

	for (; (data = strstr(data, text)) != NULL; data += strlen(text))
		count++;
	return count;
}

/* From three lines on, a name is the node's; what has none says so beside them. */
static void test_name_once(void **state)
{
	(void)state;
	for (size_t clients = 2; clients <= 4; clients++) {
		struct map *map = bus_map(clients);
		struct graph graph = graph_of(map);
		size_t named = 0, nameless = 0;
		char *node = label_node(&graph, 0);

		assert_int_equal(times(node, "/run/the/bus"), clients > 2);
		for (size_t i = 0; i < graph.line_count; i++) {
			char *line = label_line(&graph, &graph.lines[i]);

			named += times(line, "/run/the/bus");
			nameless += times(line, "unnamed");
			free(line);
		}
		assert_int_equal(named, clients > 2 ? 0 : clients);
		assert_int_equal(nameless, clients > 2);
		free(node);
		graph_done(&graph);
		map_free(map);
	}
}

/* Ports are short and stay; so does the name that is not the most frequent. */
static void test_names_that_stay(void **state)
{
	struct map *map = bus_map(3);
	size_t other = sample_process(map, 50, 4, "other");
	struct graph graph;
	size_t ports = 0, names = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		sample_edge(map, sample_process(map, 60 + i, 5, "web"), other,
			    sample_channel(map, "tcp", NULL, "127.0.0.1:5432"), 1, 8);
	sample_edge(map, other, 0, sample_channel(map, "unix-stream", NULL, "/run/another"), 1, 8);
	graph = graph_of(map);
	for (size_t i = 0; i < graph.line_count; i++) {
		char *line = label_line(&graph, &graph.lines[i]);

		ports += times(line, ":5432");
		names += times(line, "/run/another");
		free(line);
	}
	assert_int_equal(ports, 3);
	assert_int_equal(names, 1);
	graph_done(&graph);
	map_free(map);
}

/* Where most have exited the title counts them, and no node is marked. */
static void test_exited(void **state)
{
	(void)state;
	for (size_t exited = 0; exited <= 4; exited++) {
		struct map *map = bus_map(2);
		struct graph graph;
		struct emitted out;
		char text[32];

		for (size_t i = 0; i < exited; i++)
			map->nodes[i].exited = true;
		graph = graph_of(map);
		assert_int_equal(graph.hints.exited, exited <= 2);
		graph_done(&graph);
		assert_int_equal(map_sort(map), 0);
		out = sample_emit(map, "dot");
		snprintf(text, sizeof(text), " · %zu exited · ", exited);
		assert_int_equal(times(out.data, text), exited > 2);
		assert_int_equal(times(out.data, " · exited<"), exited > 2 ? 0 : exited);
		assert_int_equal(times(out.data, "exited in the window"), exited);
		emitted_done(&out);
		map_free(map);
	}
}

/* That a child has ended is pale beside lines that carry more, and the drawing where there are none. */
static void test_children(void **state)
{
	(void)state;
	for (int more = 0; more < 2; more++) {
		struct map *map = sample_head();
		size_t parent = sample_process(map, 10, 1, "make");
		size_t child = sample_process(map, 11, 2, "cc");
		struct graph graph;
		struct emitted out;

		sample_edge(map, child, parent, MAP_NO_CHANNEL, 1, 0)->signal = strdup("SIGCHLD");
		if (more)
			sample_edge(map, sample_process(map, 12, 3, "kill"), parent, MAP_NO_CHANNEL, 1,
				    0)->signal = strdup("SIGTERM");
		graph = graph_of(map);
		assert_int_equal(graph.hints.children, more);
		graph_done(&graph);
		assert_int_equal(map_sort(map), 0);
		out = sample_emit(map, "dot");
		assert_int_equal(times(out.data, "<B>signal</B> SIGCHLD"), !more);
		assert_int_equal(times(out.data, "<B>signal</B> SIGTERM"), more);
		assert_int_equal(times(out.data, "class=\"signal child\""), more);
		/* The tooltips of the line and of its label. */
		assert_int_equal(times(out.data, "signal SIGCHLD →"), 2);
		emitted_done(&out);
		map_free(map);
	}
}

/* What the kernel puts on a terminal is nobody's operation: no "×0". */
static void test_no_operations(void **state)
{
	struct map *map = sample_head();
	size_t a = sample_process(map, 10, 1, "a"), b = sample_process(map, 11, 2, "b");
	struct graph graph;
	char *line;

	(void)state;
	sample_edge(map, a, b, sample_channel(map, "pty", NULL, "/dev/pts/1"), 0, 9);
	graph = graph_of(map);
	line = label_line(&graph, &graph.lines[0]);
	assert_null(strstr(line, "×0"));
	assert_non_null(strstr(line, "pts/1 9 B"));
	free(line);
	graph_done(&graph);
	map_free(map);
}

/* What a process calls itself stands in place of its role; arguments do not. */
static void test_title(void **state)
{
	static const char *const texts[][2] = {
		{ "postgres: logger", " · logger<" },
		{ "postgres: walwriter   ", " · walwriter<" },
		{ "postgres:    ", " · worker<" },
		{ "postgres -D /srv", " · worker<" },
		{ "postgres: ", " · worker<" },
		{ "postgresql: logger", " · worker<" },
		{ NULL, " · worker<" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct map *map = sample_head();
		size_t node = sample_process(map, 10, 1, "postgres");
		struct graph graph;
		char *label;

		map->nodes[node].role = "worker";
		map->nodes[node].cmdline = texts[i][0] ? strdup(texts[i][0]) : NULL;
		graph = graph_of(map);
		label = label_node(&graph, node);
		assert_non_null(strstr(label, texts[i][1]));
		free(label);
		graph_done(&graph);
		map_free(map);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_once),   cmocka_unit_test(test_names_that_stay),
		cmocka_unit_test(test_exited),	    cmocka_unit_test(test_children),
		cmocka_unit_test(test_no_operations), cmocka_unit_test(test_title),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
