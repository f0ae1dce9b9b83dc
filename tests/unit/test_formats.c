// SPDX-License-Identifier: GPL-2.0-only
/*
 * Formats of other programs, read back by small readers of our own; and golden
 * files. UPDATE_GOLDEN=1 build/unit/test_formats writes those anew: look at the
 * difference before it is committed.
 */
#include "hostile.h"

#include <sys/stat.h>

#include "../../src/label.h"
#include "xml.h"

#define DATA "tests/unit/data/"

static char *file_read(const char *path, size_t *ret_size)
{
	FILE *file = fopen(path, "r");
	char *data;

	if (!file)
		return NULL;
	data = calloc(1, 1 << 20);
	*ret_size = fread(data, 1, (1 << 20) - 1, file);
	fclose(file);
	return data;
}

/* The shop with what a view adds: frames, a group, a sink, a note. */
static struct map *shop_map(bool view)
{
	struct map *map = NULL;
	char *error = NULL;
	size_t size;
	char *data = file_read(DATA "shop.json", &size);

	if (!data)
		fail_msg("no %s: run this at the top of the tree", DATA "shop.json");
	assert_int_equal(map_from_json(data, size, &map, &error), 0);
	free(data);
	for (size_t i = 0; view && i < map->node_count; i++) {
		struct node *node = &map->nodes[i];
		const char *cluster = node->container ? node->container : node->unit;

		node->cluster = cluster ? strdup(cluster) : NULL;
		node->cluster_kind = node->container ? CLUSTER_CONTAINER :
				     node->unit ? CLUSTER_UNIT : CLUSTER_NONE;
		node->sink = node->comm && strcmp(node->comm, "systemd-journal") == 0;
		if (node->comm && strcmp(node->comm, "redis-server") == 0) {
			node->members = 8;
			node->role = "worker";
		}
	}
	if (view)
		map->note = strdup("24 of 310 processes, 99.2 % of bytes; --all draws everything");
	return map;
}

static void check_golden(const char *format, bool view)
{
	struct map *map = shop_map(view);
	struct emitted out = sample_emit(map, format);
	char path[128], *golden;
	size_t size = 0;

	snprintf(path, sizeof(path), DATA "golden/shop.%s", format);
	if (getenv("UPDATE_GOLDEN")) {
		FILE *file;

		mkdir(DATA "golden", 0755);
		file = fopen(path, "w");
		assert_non_null(file);
		fwrite(out.data, 1, out.size, file);
		fclose(file);
	}
	golden = file_read(path, &size);
	if (!golden)
		fail_msg("no %s", path);
	for (size_t i = 0, line = 1; i < size || i < out.size; i++) {
		if (i >= size || i >= out.size || golden[i] != out.data[i])
			fail_msg("%s differs in line %zu (UPDATE_GOLDEN=1 renews it)", path, line);
		line += golden[i] == '\n';
	}
	free(golden);
	emitted_done(&out);
	map_free(map);
}

static void test_golden(void **state)
{
	(void)state;
	check_golden("dot", true);
	check_golden("json", false);
	check_golden("mmd", true);
	check_golden("graphml", true);
	check_golden("csv", true);
}

/* One field of CSV; *at is then after it. What protects from formulas is taken off. */
static char *csv_field(const char **at, char *end)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	const char *s = *at;

	if (*s == '"') {
		for (s++; *s != '"' || s[1] == '"'; s++) {
			assert_true(*s != '\0');
			s += *s == '"';
			fputc(*s, file);
		}
		s++;
	} else {
		for (; *s && !strchr(",\r\n", *s); s++)
			fputc(*s, file);
	}
	*end = *s;
	s += *s == '\r' ? 2 : *s != '\0';
	*at = s;
	fclose(file);
	/* Nothing that a spreadsheet would compute. */
	assert_null(text[0] ? strchr("=+@", text[0]) : NULL);
	if (text[0] == '\'' && text[1] && strchr("=+-@", text[1]))
		memmove(text, text + 1, strlen(text));
	return text;
}

static void test_hostile_csv(void **state)
{
	struct map *map = hostile_map();
	struct emitted out = sample_emit(map, "csv");
	const char *at = out.data;

	(void)state;
	for (size_t row = 0; row <= map->edge_count; row++) {
		const struct edge *edge = row ? &map->edges[row - 1] : NULL;

		for (int column = 0; column < 17; column++) {
			char end, *text = csv_field(&at, &end);

			assert_int_equal(end, column == 16 ? '\r' : ',');
			if (edge && column == 1)
				assert_string_equal(text, map->nodes[edge->src].comm);
			if (edge && column == 4)
				assert_string_equal(text, map->nodes[edge->dst].comm);
			if (edge && column == 8 && edge->channel != MAP_NO_CHANNEL)
				assert_string_equal(text, map->channels[edge->channel].name);
			if (edge && column == 9 && edge->signal)
				assert_string_equal(text, edge->signal);
			free(text);
		}
	}
	assert_string_equal(at, "");
	emitted_done(&out);
	map_free(map);
}

static size_t times(const char *text, const char *what)
{
	size_t count = 0;

	while ((text = strstr(text, what)) != NULL) {
		count++;
		text++;
	}
	return count;
}

static void test_hostile_graphml(void **state)
{
	struct map *map = hostile_map();
	struct emitted out = sample_emit(map, "graphml");
	struct xml xml;
	const char *error = xml_read(&xml, out.data);

	(void)state;
	if (error)
		fail_msg("%s at %.60s", error, xml.at);
	assert_int_equal(times(out.data, "<node id="), map->node_count);
	assert_int_equal(times(out.data, "<edge id="), map->edge_count);
	for (size_t i = 0; i < map->node_count; i++) {
		char *line;

		assert_true(asprintf(&line, "\n%s\n", map->nodes[i].comm) >= 0);
		if (!strstr(xml.text, line))
			fail_msg("no %s", map->nodes[i].comm);
		free(line);
	}
	free(xml.text);
	free(xml.title);
	emitted_done(&out);
	map_free(map);
}

/* A line of Mermaid with every entity and every quoted text taken out. */
static void mermaid_bare(const char *line, size_t len, char *bare)
{
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (line[i] == '"')
			quoted = !quoted;
		else if (!quoted)
			*bare++ = line[i];
		else if (line[i] == '#')
			/* #NN; and nothing else */
			for (i++; line[i] != ';'; i++)
				assert_true(line[i] >= '0' && line[i] <= '9');
		else
			assert_null(strchr("`;%{}[]|\\:@$^~!?*=", line[i]));
	}
	assert_false(quoted);
	*bare = '\0';
}

/* What is not quoted consists of our own ids and signs, whatever the names are. */
static void test_hostile_mermaid(void **state)
{
	struct map *map = hostile_map();
	struct emitted out = sample_emit(map, "mmd");
	const char *at = strstr(out.data, "flowchart LR\n");
	size_t nodes = 0, lines = 0;

	(void)state;
	assert_non_null(at);
	assert_int_equal(times(out.data, "\n---\n"), 1);
	assert_int_equal(times(out.data, "%%{"), 0);
	for (at += 13; *at; at += strcspn(at, "\n") + 1) {
		char bare[4096];
		size_t len = strcspn(at, "\n");

		if (strncmp(at, "%% ", 3) == 0)
			continue;
		mermaid_bare(at, len, bare);
		if (strncmp(bare, "  linkStyle ", 12) == 0)
			continue;
		assert_int_equal(strspn(bare, "abcdefghijklmnopqrstuvwxyz0123456789 ()[]{}<>-.|"),
				 strlen(bare));
		lines += strstr(bare, "-") != NULL;
		nodes += strstr(bare, "-") == NULL && (strchr(bare, '(') != NULL);
	}
	assert_int_equal(nodes, map->node_count);
	assert_int_equal(lines, times(out.data, "linkStyle"));
	emitted_done(&out);
	map_free(map);
}

/* The page has as many tags with hostile names as with harmless ones. */
static void test_hostile_html(void **state)
{
	static const char *const tags[] = { "<script", "<tr", "<td", "<table", "</table>", "<style",
					    "<body", "<svg", "<b>", "<img", "onload=" };
	struct map *map = hostile_map(), *tame = hostile_map();
	struct emitted out = sample_emit(map, "html"), other;

	(void)state;
	for (size_t i = 0; i < tame->node_count; i++) {
		free(tame->nodes[i].comm);
		tame->nodes[i].comm = strdup("x");
	}
	for (size_t i = 0; i < tame->channel_count; i++) {
		free(tame->channels[i].name);
		tame->channels[i].name = strdup("x");
	}
	other = sample_emit(tame, "html");
	for (size_t i = 0; i < LEN(tags) - 1; i++) {
		if (times(out.data, tags[i]) != times(other.data, tags[i]))
			fail_msg("%s: %zu and %zu", tags[i], times(out.data, tags[i]),
				 times(other.data, tags[i]));
	}
	/* As text it may be there; as the end of an attribute it may not. */
	assert_int_equal(times(out.data, "\" onload="), 0);
	assert_int_equal(times(out.data, "</html>"), 1);
	emitted_done(&out);
	emitted_done(&other);
	map_free(map);
	map_free(tame);
}

/* Completeness and what a view says stand in every drawing. */
static void test_says_it_all(void **state)
{
	static const char *const formats_with[] = { "svg", "html", "mmd", "graphml" };
	struct map *map = shop_map(true);

	(void)state;
	for (size_t i = 0; i < LEN(formats_with); i++) {
		struct emitted out = sample_emit(map, formats_with[i]);

		if (!strstr(out.data, "24 of 310 processes") || !strstr(out.data, "io_uring") ||
		    !strstr(out.data, "unattributed"))
			fail_msg("%s", formats_with[i]);
		emitted_done(&out);
	}
	map_free(map);
}

/* Mechanisms of one state and reason are told together. */
static void test_reasons(void **state)
{
	static const char *const names[] = { "pipe", "fifo", "pty", "tcp", "udp", "signal", "shm" };
	struct map *map = sample_map();
	struct completeness *c = &map->completeness;
	struct graph graph;
	char *title;

	(void)state;
	for (size_t i = 0; i < c->mechanism_count; i++) {
		free(c->mechanisms[i].mechanism);
		free(c->mechanisms[i].state);
		free(c->mechanisms[i].hooks);
		free(c->mechanisms[i].reason);
	}
	free(c->mechanisms);
	c->mechanism_count = LEN(names);
	c->mechanisms = calloc(LEN(names), sizeof(*c->mechanisms));
	for (size_t i = 0; i < LEN(names); i++) {
		c->mechanisms[i].mechanism = strdup(names[i]);
		c->mechanisms[i].state = strdup(i < 4 ? "traced" : i < 6 ? "off" : "unavailable");
		c->mechanisms[i].reason = i == 3 ? NULL : strdup(i < 3 ? "io_uring is not seen" :
						  i < 6 ? "not asked for" : "no hook");
	}
	assert_int_equal(graph_new(map, &graph), 0);
	title = label_title(&graph);
	assert_non_null(strstr(title, ">traced in part: pipe, fifo, pty (io_uring is not seen)<"));
	assert_non_null(strstr(title, ">not asked for: udp, signal<"));
	assert_non_null(strstr(title, ">not traced: shm (no hook)<"));
	free(title);
	graph_done(&graph);
	map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),		cmocka_unit_test(test_hostile_csv),
		cmocka_unit_test(test_hostile_graphml), cmocka_unit_test(test_hostile_mermaid),
		cmocka_unit_test(test_hostile_html),	cmocka_unit_test(test_says_it_all),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
