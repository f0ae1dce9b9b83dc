// SPDX-License-Identifier: GPL-2.0-only
#include "hostile.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include <graphviz/cgraph.h>

#include "../../src/graph.h"
#include "../../src/label.h"
#include "xml.h"

/* What a label shows of a name: at most 64 characters, blanks in quotes. */
static char *shown(const char *clean)
{
	char *cut = text_cut(clean, 64), *quoted;

	if (cut[strspn(cut, " ")] != '\0')
		return cut;
	assert_true(asprintf(&quoted, "\"%s\"", cut) >= 0);
	free(cut);
	return quoted;
}

static void test_formats(void **state)
{
	(void)state;
	assert_string_equal(format_by_path("x.svg")->name, "svg");
	assert_string_equal(format_by_path("/a.b/x.y.GV")->name, "dot");
	assert_string_equal(format_by_path("x.dot")->name, "dot");
	assert_null(format_by_path("svg"));
	assert_null(format_by_path("/tmp/x.svg/y"));
	assert_null(format_by_path("/tmp/.svg"));
	assert_null(format_by_path("x."));
	assert_null(format_by_name("tiff"));
	for (const struct format *format = formats; format->name; format++)
		assert_ptr_equal(format_by_name(format->name), format);
}

static void check_svg(const struct emitted *out, struct xml *xml)
{
	const char *error = xml_read(xml, out->data), *script;

	if (error)
		fail_msg("%s at %.60s", error, xml->at);
	assert_non_null(strstr(out->data, "<svg"));
	/* Ours, and no other. */
	script = strstr(out->data, "<script");
	assert_non_null(script);
	assert_null(strstr(script + 1, "<script"));
}

static void xml_done(struct xml *xml)
{
	free(xml->text);
	free(xml->title);
}

static void test_svg(void **state)
{
	static const char *const parts[] = {
		"id=\"p1\" class=\"node process\"", "class=\"node process exited\"",
		"class=\"node hub pipe\"", "class=\"node kernel\"", "class=\"node external\"",
		"id=\"e&#45;p2&#45;p1\" class=\"edge tcp\"", "class=\"edge pipe idle\"",
	};
	static const char *const texts[] = {
		"server", "\npid 100 · server.service\n", "tcp", " :5432", "→ ×10 1.0 KiB",
		"← ×20 sent 2.0 KiB, read 1.5 KiB", "×2 64 B undelivered", "×1 8 B sent earlier",
		"idle", "pipe:[13]", "192.0.2.7", "kernel",
		"1,234 events · 0 lost · 12 unattributed", "not traced: udp (no such tracepoint)",
	};
	struct map *map = sample_map();
	struct emitted out = sample_emit(map, "svg");
	struct xml xml;

	(void)state;
	check_svg(&out, &xml);
	for (size_t i = 0; i < LEN(parts); i++) {
		if (!strstr(out.data, parts[i]))
			fail_msg("no %s", parts[i]);
	}
	for (size_t i = 0; i < LEN(texts); i++) {
		if (!strstr(xml.text, texts[i]))
			fail_msg("no %s in %s", texts[i], xml.text);
	}
	assert_null(out.note);
	xml_done(&xml);
	emitted_done(&out);
	map_free(map);
}

static void test_hostile_svg(void **state)
{
	struct map *map = hostile_map();
	struct emitted out = sample_emit(map, "svg");
	struct xml xml;

	(void)state;
	check_svg(&out, &xml);
	for (size_t i = 0; i < map->node_count; i++) {
		const struct node *node = &map->nodes[i];
		char *name = shown(node->comm), *line, *title;

		assert_true(asprintf(&line, "\n%s\n", name) >= 0);
		if (!strstr(xml.text, line))
			fail_msg("no %s in %s", name, xml.text);
		assert_true(asprintf(&title, "\n%s[%d]\n", node->comm, (int)node->pid) >= 0);
		if (!strstr(xml.title, title))
			fail_msg("no title %s in %s", title, xml.title);
		free(title);
		assert_true(asprintf(&title, "\nexe %s\n", node->exe) >= 0);
		if (!strstr(xml.title, title))
			fail_msg("no title %s in %s", title, xml.title);
		free(title);
		assert_true(asprintf(&title, "unix-stream %s %s", node->comm, node->comm) >= 0);
		if (!strstr(xml.title, title))
			fail_msg("no title %s in %s", title, xml.title);
		free(title);
		free(line);
		free(name);
	}
	for (size_t i = 0; i < map->channel_count; i++) {
		char *name = shown(map->channels[i].name), *text;

		assert_true(asprintf(&text, " %s", name) >= 0);
		if (!strstr(xml.text, text))
			fail_msg("no channel %s in %s", name, xml.text);
		free(text);
		free(name);
	}
	xml_done(&xml);
	emitted_done(&out);
	map_free(map);
}

/* The text of an HTML-like label as Graphviz shows it. */
static char *label_read(const char *html)
{
	static const char *const entities[][2] = {
		{ "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "\\\\", "\\" },
		{ "&#93;", "]" },
	};
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	while (*html) {
		size_t i;

		if (*html == '<') {
			html = strchr(html, '>') + 1;
			fputc('\n', file);
			continue;
		}
		for (i = 0; i < LEN(entities); i++) {
			if (strncmp(html, entities[i][0], strlen(entities[i][0])) == 0)
				break;
		}
		if (i < LEN(entities)) {
			fputs(entities[i][1], file);
			html += strlen(entities[i][0]);
		} else {
			assert_true(*html != '&' && *html != '\\');
			fputc(*html++, file);
		}
	}
	fclose(file);
	return text;
}

static Agraph_t *dot_read(const struct emitted *out)
{
	Agraph_t *graph;

	agseterr(AGERR);
	agreseterrors();
	graph = agmemread(out->data);
	assert_non_null(graph);
	assert_int_equal(agerrors(), 0);
	return graph;
}

static void test_hostile_dot(void **state)
{
	struct map *map = hostile_map();
	struct emitted out = sample_emit(map, "dot");
	Agraph_t *graph = dot_read(&out);

	(void)state;
	assert_int_equal(agnnodes(graph), map->node_count);
	for (size_t i = 0; i < map->node_count; i++) {
		Agnode_t *node = agnode(graph, map->nodes[i].id, 0);
		char *name = shown(map->nodes[i].comm), *line, *text, *tooltip;

		assert_non_null(node);
		text = label_read(agget(node, (char *)"label"));
		assert_true(asprintf(&line, "\n%s\n", name) >= 0);
		if (!strstr(text, line))
			fail_msg("no %s in %s", name, text);
		tooltip = tooltip_escape(map->nodes[i].comm);
		assert_int_equal(strncmp(agget(node, (char *)"tooltip"), tooltip, strlen(tooltip)), 0);
		free(tooltip);
		free(line);
		free(text);
		free(name);
	}
	agclose(graph);
	emitted_done(&out);
	map_free(map);
}

static void test_hostile_json(void **state)
{
	struct map *map = hostile_map(), *again = NULL;
	struct emitted out = sample_emit(map, "json");
	char *error = NULL;

	(void)state;
	assert_int_equal(map_from_json(out.data, out.size, &again, &error), 0);
	assert_int_equal(again->node_count, map->node_count);
	for (size_t i = 0; i < map->node_count; i++) {
		assert_string_equal(again->nodes[i].comm, map->nodes[i].comm);
		assert_string_equal(again->nodes[i].listens, map->nodes[i].listens);
	}
	for (size_t i = 0; i < map->channel_count; i++)
		assert_string_equal(again->channels[i].name, map->channels[i].name);
	map_free(again);
	emitted_done(&out);
	map_free(map);
}

/* 20 kB of one thing in every place: labels are cut, tooltips end, all reads back. */
static void check_long(const char *unit)
{
	struct map *map = sample_head();
	size_t len = strlen(unit), count = 20000 / len;
	char *name = malloc(count * len + 1);
	struct emitted out;
	Agraph_t *graph;
	struct xml xml;
	size_t a, b;

	for (size_t i = 0; i < count; i++)
		memcpy(name + i * len, unit, len);
	name[count * len] = '\0';
	a = sample_process(map, 1, 1, name);
	b = sample_process(map, 2, 2, name);
	map->nodes[a].exe = strdup(map->nodes[a].comm);
	map->nodes[a].unit = strdup(map->nodes[a].comm);
	sample_edge(map, a, b, sample_channel(map, "unix-stream", name, name), 1, 1);
	assert_int_equal(map_sort(map), 0);

	out = sample_emit(map, "dot");
	assert_true(out.size < 40000);
	graph = dot_read(&out);
	assert_int_equal(agnnodes(graph), 2);
	agclose(graph);
	emitted_done(&out);
	out = sample_emit(map, "svg");
	check_svg(&out, &xml);
	xml_done(&xml);
	emitted_done(&out);
	free(name);
	map_free(map);
}

static void test_long(void **state)
{
	static const char *const units[] = { "A", "\\", "&", "\"", "<", "🙂", "/run/", "\xff", "\\N" };

	(void)state;
	for (size_t i = 0; i < LEN(units); i++)
		check_long(units[i]);
}

static void test_same_bytes(void **state)
{
	struct map *map = sample_map();

	(void)state;
	for (const struct format *format = formats; format->name; format++) {
		struct emitted first, second;

		/* Of films, frames.bats says so. */
		if (format->animated)
			continue;
		first = sample_emit(map, format->name);
		/* A PDF has a date in it. */
		if (strcmp(format->name, "pdf") == 0)
			sleep(1);
		second = sample_emit(map, format->name);
		if (first.size != second.size || memcmp(first.data, second.data, first.size) != 0)
			fail_msg("%s differs", format->name);
		if (strcmp(format->name, "png") == 0)
			assert_memory_equal(first.data, "\x89PNG", 4);
		if (strcmp(format->name, "pdf") == 0)
			assert_memory_equal(first.data, "%PDF", 4);
		emitted_done(&first);
		emitted_done(&second);
	}
	map_free(map);
}

static void test_empty(void **state)
{
	struct map *map = map_new();

	(void)state;
	assert_int_equal(map_sort(map), 0);
	for (const struct format *format = formats; format->name; format++) {
		struct emitted out;
		struct xml xml;

		/* There are no frames to film. */
		if (format->animated)
			continue;
		out = sample_emit(map, format->name);
		assert_true(out.size > 0);
		if (strcmp(format->name, "svg") == 0) {
			check_svg(&out, &xml);
			assert_non_null(strstr(xml.text, "0 events"));
			xml_done(&xml);
		}
		emitted_done(&out);
	}
	map_free(map);
}

static struct map *large_map(size_t nodes, size_t edges)
{
	struct map *map = sample_head();
	unsigned seed = 7;

	for (size_t i = 0; i < nodes; i++)
		sample_process(map, (int64_t)i + 1, (double)i, "worker");
	for (size_t i = 0; i < edges; i++) {
		/* some have many friends, most have few */
		size_t a = (size_t)rand_r(&seed) % nodes, b = a * (size_t)(rand_r(&seed) % 8) / 8;

		sample_edge(map, a, b, sample_channel(map, "unix-stream", "socket:[1]", "/run/x"),
			    i + 1, i * i);
	}
	assert_int_equal(map_sort(map), 0);
	return map;
}

static void check_large(size_t nodes, size_t edges, const char *note)
{
	struct map *map = large_map(nodes, edges);
	time_t begin = time(NULL);
	struct emitted out = sample_emit(map, "svg");
	struct xml xml;

	assert_true(time(NULL) - begin <= 31);
	check_svg(&out, &xml);
	if (note && (!out.note || !strstr(out.note, note)))
		fail_msg("note: %s", out.note ? out.note : "none");
	xml_done(&xml);
	emitted_done(&out);
	map_free(map);
}

static void test_large(void **state)
{
	(void)state;
	if (getenv("VALGRIND"))
		skip();
	check_large(300, 450, NULL);
	check_large(2000, 4000, "sfdp");
}

/* Too little time for the full layout: a simpler one, and it says so. */
static void test_ladder(void **state)
{
	const struct emit_options options = { .timeout = 1 };
	struct map *map = large_map(149, 600);
	struct emitted out = { 0 };
	char *error = NULL;
	int rc = format_by_name("svg")->emit(map, &options, &out, &error);

	(void)state;
	if (rc == 0) {
		assert_true(out.size > 0);
	} else {
		assert_null(out.data);
		assert_non_null(strstr(error, "dot or json"));
	}
	free(error);
	emitted_done(&out);
	map_free(map);
}

static void test_engine(void **state)
{
	struct emit_options options = { .engine = "neato" };
	struct map *map = sample_map();
	struct emitted out = { 0 };
	char *error = NULL;

	(void)state;
	assert_int_equal(format_by_name("svg")->emit(map, &options, &out, &error), 0);
	emitted_done(&out);
	options.engine = "no such engine";
	assert_int_equal(format_by_name("svg")->emit(map, &options, &out, &error), -EINVAL);
	assert_null(out.data);
	assert_non_null(strstr(error, "no such engine"));
	assert_null(strchr(error, '\n'));
	free(error);
	map_free(map);
}

/* More things between two processes than a label has room for. */
static void test_many_rows(void **state)
{
	struct map *map = sample_head();
	size_t a = sample_process(map, 1, 1, "a"), b = sample_process(map, 2, 2, "b");
	struct emitted out;
	struct xml xml;

	(void)state;
	for (int i = 0; i < 20; i++) {
		char name[32];

		snprintf(name, sizeof(name), "/run/%d.sock", i);
		sample_edge(map, a, b, sample_channel(map, "unix-stream", "socket:[1]", name), 1,
			    (uint64_t)i);
	}
	assert_int_equal(map_sort(map), 0);
	out = sample_emit(map, "svg");
	check_svg(&out, &xml);
	assert_non_null(strstr(xml.text, "+14 more"));
	assert_non_null(strstr(xml.text, "/run/19.sock"));
	assert_null(strstr(xml.text, "/run/0.sock"));
	assert_non_null(strstr(xml.title, "/run/0.sock"));
	xml_done(&xml);
	emitted_done(&out);
	map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),	     cmocka_unit_test(test_svg),
		cmocka_unit_test(test_hostile_svg),  cmocka_unit_test(test_hostile_dot),
		cmocka_unit_test(test_hostile_json), cmocka_unit_test(test_long),
		cmocka_unit_test(test_same_bytes),   cmocka_unit_test(test_empty),
		cmocka_unit_test(test_large),	     cmocka_unit_test(test_ladder),
		cmocka_unit_test(test_engine),	     cmocka_unit_test(test_many_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
