// SPDX-License-Identifier: GPL-2.0-only
#include "sample.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/embedded.h"
#include "../../src/mechanism.h"
#include "../../src/style.h"

#define LEN(array) (sizeof(array) / sizeof(array[0]))

static struct style *parse(const char *text)
{
	struct style *style = NULL;
	char *error = NULL;

	if (style_parse(text, "x.style", &style, &error) != 0)
		fail_msg("%s", error);
	return style;
}

static const char *value(const struct style *style, enum style_subject subject, const char *key,
			 const char *fact, const char *name)
{
	const struct style_fact facts[] = { { key, fact }, { NULL, NULL } };

	return style_value(style, subject, facts, name);
}

static void test_rules(void **state)
{
	struct style *style = parse("node [color=red, penwidth=2] # comment\n"
				    "node nginx* [color=#00ff00]\n"
				    "node state=exited exe=\"/bin/[a-c]*\" [color=blue]\n"
				    "mechanism unix-* [color=navy; style=dashed]\n"
				    "mechanism \"tcp\" [\n\tcolor=\"#123456\" ,\n]\n");
	const struct style_fact both[] = { { "state", "sink" }, { "state", "exited" },
					   { "exe", "/bin/bash" }, { NULL, NULL } };

	(void)state;
	assert_string_equal(style_of(style, STYLE_NODE, "color", ""), "red");
	assert_string_equal(style_of(style, STYLE_NODE, "shape", "none"), "none");
	assert_string_equal(value(style, STYLE_NODE, "name", "nginx-1", "color"), "#00ff00");
	assert_null(value(style, STYLE_NODE, "name", "my-nginx", "color"));
	assert_null(value(style, STYLE_NODE, "state", "exited", "color"));
	assert_string_equal(style_value(style, STYLE_NODE, both, "color"), "blue");
	assert_string_equal(style_colour(style, "unix-dgram"), "navy");
	assert_string_equal(style_colour(style, "tcp"), "#123456");
	style_free(style);
}

/* Where in the file, and what was expected. */
static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *error;
	} mistakes[] = {
		{ "nodes [color=red]", "x.style:1: expected base, palette, graph, node" },
		{ "\n\nnode [colour=red]", "x.style:3: expected an attribute of this subject: color" },
		{ "node [color=red", "x.style:1: expected , or ], not the end of the file" },
		{ "node\n[color\n\n]", "x.style:4: expected = after 'color', not ']'" },
		{ "node [color=#12]", "x.style:1: expected a colour (#rrggbb, #rrggbbaa or a name of SVG's) after color=, not '#12'" },
		{ "node [color=\"red]\n", "x.style:1: expected a closing \"" },
		{ "edge [penwidth=thick]", "x.style:1: expected a number after penwidth=, not 'thick'" },
		{ "edge [penwidth=1,2]", "x.style:1: expected = after '2'" },
		{ "edge size=3 [penwidth=1]", "x.style:1: expected one of name mechanism state before the =, not 'size'" },
		{ "detail x [fontcolor=red]", "x.style:1: expected [ right after detail" },
		{ "node [image=\"/etc/passwd\"]", "x.style:1: expected an attribute of this subject" },
		{ "node [label=x]", "x.style:1: expected an attribute of this subject" },
		{ "node [URL=x]", "x.style:1: expected an attribute of this subject" },
		{ "node [shape=\"a\\\"b\"]", "x.style:1: expected one of box rect" },
		{ "node [shape=polygoon]", "after shape=, not 'polygoon'" },
		{ "node [shape=record]", "after shape=, not 'record'" },
		{ "node [fillcolor=notacolor]", "after fillcolor=, not 'notacolor'" },
		{ "node [fontsize=0]", "x.style:1: expected a number of 1 or more after fontsize=, not '0'" },
		{ "node [style=\"rounded,dashd\"]", "after style=, not 'rounded,dashd'" },
		{ "node [style=\"rounded,\"]", "after style=, not 'rounded,'" },
		{ "edge [arrowhead=vees]", "x.style:1: expected one of box crow curve diamond dot icurve inv none normal tee vee "
					   "after arrowhead=, not 'vees'" },
		{ "edge [arrowhead=veeveeveeveevee]", "after arrowhead=" },
		{ "edge [arrowtail=o]", "after arrowtail=" },
		{ "edge [dir=up]", "x.style:1: expected one of forward back both none after dir=, not 'up'" },
		{ "graph [rankdir=XX]", "x.style:1: expected one of LR RL TB BT after rankdir=, not 'XX'" },
		{ "node state=grown [color=red]", "x.style:1: expected one of kthread exited folded sink silent added removed "
						  "changed same after state=, not 'grown'" },
		{ "node role=mastr* [color=red]", "x.style:1: expected one of master worker listener after role=, not 'mastr*'" },
		{ "cluster kind=foo [color=red]", "x.style:1: expected one of unit container session user after kind=" },
		{ "node [fontname=\"x<b>\"]", "x.style:1: expected names of fonts" },
		{ "palette [red, 3]", "x.style:1: expected a colour" },
		{ "base nosuch", "x.style:1: there is no style 'nosuch'; there are default, dark" },
		{ "\x1b[31m", "x.style:1: expected base, palette" },
		{ "[", "x.style:1: expected the subject of a rule, not '['" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(mistakes); i++) {
		struct style *style = NULL;
		char *error = NULL;

		assert_int_equal(style_parse(mistakes[i].text, "x.style", &style, &error), -EINVAL);
		assert_null(style);
		if (!strstr(error, mistakes[i].error))
			fail_msg("%s: %s", mistakes[i].text, error);
		assert_null(strchr(error, '\n'));
		assert_null(strchr(error, '\x1b'));
		free(error);
	}
}

/* Any bytes: a style or one line that begins with file and line, and no crash. */
static void test_any_bytes(void **state)
{
	const char *text = embedded_style("default");
	unsigned seed = 11;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		char *copy = strdup(text), *error = NULL;
		struct style *style = NULL;

		for (int j = 0; j < 3; j++)
			copy[(size_t)rand_r(&seed) % strlen(text)] = (char)(1 + rand_r(&seed) % 255);
		copy[(size_t)rand_r(&seed) % strlen(text)] = '\0';
		if (style_parse(copy, "x.style", &style, &error) == 0)
			assert_null(error);
		else
			assert_int_equal(strncmp(error, "x.style:", 8), 0);
		style_free(style);
		free(error);
		free(copy);
	}
}

static double channel(const char *hex)
{
	char two[3] = { hex[0], hex[1], '\0' };
	double c = (double)strtoul(two, NULL, 16) / 255;

	return c <= .03928 ? c / 12.92 : pow((c + .055) / 1.055, 2.4);
}

/* WCAG's. Only #rrggbb, white and black. */
static double luminance(const char *colour)
{
	if (strcmp(colour, "white") == 0)
		return 1;
	if (strcmp(colour, "black") == 0)
		return 0;
	assert_int_equal(colour[0], '#');
	return .2126 * channel(colour + 1) + .7152 * channel(colour + 3) + .0722 * channel(colour + 5);
}

static void check_contrast(const char *name, const char *what, const char *text, const char *ground)
{
	double a = luminance(text), b = luminance(ground);
	double contrast = (fmax(a, b) + .05) / (fmin(a, b) + .05);

	if (contrast < 4.5)
		fail_msg("%s: %s %s on %s: %.2f", name, what, text, ground, contrast);
}

/* Each parses, draws, and all small text can be read on its ground. */
static void test_built_in(void **state)
{
	struct map *map = sample_map();

	(void)state;
	for (size_t i = 0; embedded_style_names[i]; i++) {
		const char *name = embedded_style_names[i], *ground;
		struct style *style = NULL;
		struct emit_options options = { 0 };
		struct emitted out = { 0 };
		char *error = NULL;

		if (style_load(name, &style, &error) != 0)
			fail_msg("%s", error);
		ground = style_of(style, STYLE_GRAPH, "bgcolor", "white");
		for (int m = 0; m < IPC_MECHANISMS; m++)
			check_contrast(name, mechanisms[m].name,
				       style_text_colour(style, mechanisms[m].name), ground);
		for (size_t p = 0; p < style->palette_count; p++)
			check_contrast(name, "palette", style->palette[p], ground);
		check_contrast(name, "detail", style_of(style, STYLE_DETAIL, "fontcolor", ""), ground);
		check_contrast(name, "graph", style_of(style, STYLE_GRAPH, "fontcolor", ""), ground);
		check_contrast(name, "node", style_of(style, STYLE_NODE, "fontcolor", ""),
			       style_of(style, STYLE_NODE, "fillcolor", ground));
		check_contrast(name, "cluster", style_of(style, STYLE_CLUSTER, "fontcolor", ""),
			       style_of(style, STYLE_CLUSTER, "fillcolor", ground));
		options.style = style;
		assert_int_equal(format_by_name("svg")->emit(map, &options, &out, &error), 0);
		emitted_done(&out);
		style_free(style);
	}
	map_free(map);
}

/* print: no two mechanisms have the same line and heads; and nothing has a colour. */
static void test_print(void **state)
{
	struct style *style = NULL;
	char *error = NULL;

	(void)state;
	assert_int_equal(style_load("print", &style, &error), 0);
	for (int a = 0; a < IPC_MECHANISMS; a++) {
		assert_string_equal(style_colour(style, mechanisms[a].name), "black");
		for (int b = 0; b < a; b++) {
			const char *one = value(style, STYLE_MECHANISM, "name", mechanisms[a].name, "arrowhead");
			const char *two = value(style, STYLE_MECHANISM, "name", mechanisms[b].name, "arrowhead");

			if (strcmp(one, two) == 0)
				fail_msg("%s and %s", mechanisms[a].name, mechanisms[b].name);
		}
	}
	style_free(style);
}

/* A mechanism that no style knows: a colour of the palette, always the same. */
static void test_new_mechanism(void **state)
{
	const struct style *style = style_default();
	bool differs = false;

	(void)state;
	assert_string_equal(style_colour(style, "futex"), style_colour(style, "futex"));
	for (char c = 'a'; c <= 'z'; c++) {
		char name[] = { 'm', c, '\0' };

		differs |= strcmp(style_colour(style, name), style_colour(style, "futex")) != 0;
	}
	assert_true(differs);
}

static void file_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* The working folder, then the user's, then what is built in; a file by its path. */
static void test_search(void **state)
{
	char folder[] = "/tmp/ipcmap-style.XXXXXX", old[4096];
	struct style *style = NULL;
	char *error = NULL;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_non_null(getcwd(old, sizeof(old)));
	assert_int_equal(chdir(folder), 0);
	setenv("XDG_CONFIG_HOME", folder, 1);
	mkdir("ipcmap", 0700);
	file_write("ipcmap/mine.style", "base default\ngraph [bgcolor=#000001]\n");
	assert_int_equal(style_load("mine", &style, &error), 0);
	assert_string_equal(style_of(style, STYLE_GRAPH, "bgcolor", ""), "#000001");
	style_free(style);
	file_write("mine.style", "graph [bgcolor=#000002]\n");
	assert_int_equal(style_load("mine", &style, &error), 0);
	assert_string_equal(style_of(style, STYLE_GRAPH, "bgcolor", ""), "#000002");
	style_free(style);
	assert_int_equal(style_load("./ipcmap/mine.style", &style, &error), 0);
	assert_string_equal(style_of(style, STYLE_GRAPH, "bgcolor", ""), "#000001");
	style_free(style);

	file_write("loop.style", "base loop\n");
	assert_int_equal(style_load("loop", &style, &error), -EINVAL);
	assert_non_null(strstr(error, "loop.style:1: expected no more than"));
	free(error);
	file_write("mine.style", "base ./wrong.style\n");
	file_write("wrong.style", "\nnode [x=1]\n");
	assert_int_equal(style_load("mine", &style, &error), -EINVAL);
	assert_non_null(strstr(error, "./wrong.style:2: expected"));
	free(error);
	assert_int_equal(style_load("nosuch", &style, &error), -ENOENT);
	assert_string_equal(error, "there is no style 'nosuch'; there are default, dark, print, "
				   "colorblind, diff, minimal, or give a file (x.style)");
	free(error);
	assert_int_equal(style_load("no/such.style", &style, &error), -ENOENT);
	free(error);
	unlink("ipcmap/mine.style");
	unlink("mine.style");
	unlink("loop.style");
	unlink("wrong.style");
	rmdir("ipcmap");
	assert_int_equal(chdir(old), 0);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),	 cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_any_bytes), cmocka_unit_test(test_built_in),
		cmocka_unit_test(test_print),	 cmocka_unit_test(test_new_mechanism),
		cmocka_unit_test(test_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
