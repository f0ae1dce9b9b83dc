// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever processes, sockets and files are called: no output that is text has a byte
 * that a terminal would obey, or that is no UTF-8. A table of ways to be hostile,
 * each in every place of a map that text can be in, in every format.
 */
#include "sample.h"

#include <stdbool.h>

#include "../../src/style.h"
#include "../../src/summary.h"
#include "../../src/view.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *what, *bytes;
} names[] = {
	{ "colours", "\033[31mred\033[0m" },
	{ "title of the window", "\033]0;pwned\007" },
	{ "clears the screen", "\033[2J\033[H" },
	{ "answers as if typed", "\033[6n\033[c\033P$q\"p\033\\" },
	{ "clipboard", "\033]52;c;cm0gLXJmIC8=\007" },
	{ "link", "\033]8;;http://192.0.2.1/\033\\click\033]8;;\033\\" },
	{ "C1 controls as UTF-8", "\xc2\x9b" "31mred\xc2\x9d" "0;pwned\xc2\x9c" },
	{ "C1 controls as bytes", "\x9b" "31mred\x9d" "0;pwned\x9c" },
	{ "overwrites the line", "evil\rgood\b\b\b\bevil" },
	{ "lines of its own", "a\nipcmap: all is well\v\f" },
	{ "shift out", "\016\017\005\030\032" },
	{ "delete", "rm\x7f\x7f" },
	{ "right to left", "\xe2\x80\xae" "gpj.exe\xe2\x81\xa6\xe2\x80\x8f" },
	{ "no UTF-8", "\xff\xfe\xc0\x80\xed\xa0\x80\xf8\x88\x80\x80\x80" },
	{ "cut short", "caf\xc3" },
	{ "cut within an escape", "\033" },
	{ "markup", "<b>&lt;</b><script>alert(1)</script>]]>--><!--" },
	{ "DOT", "\"]; evil -> node [label=\"\\N\\G" },
	{ "a formula", "=HYPERLINK(\"http://192.0.2.1/\")" },
	{ "a directive", "%%{init: {}}%%\n  click a call alert()" },
	{ "printf", "%s%n%99999d" },
};

/* Text in each place of a map; made as names.c makes it. */
static struct map *map_of(const char *bytes)
{
	struct map *map = sample_head();
	size_t len = strlen(bytes);
	size_t a = sample_process(map, 1, 1, bytes), b = sample_process(map, 2, 2, "peer");
	size_t c = sample_channel(map, "unix-stream", bytes, bytes);

	free(map->host);
	free(map->kernel);
	map->host = text_clean(bytes, len);
	map->kernel = text_clean(bytes, len);
	map->nodes[a].exe = text_clean(bytes, len);
	map->nodes[a].unit = text_clean(bytes, len);
	map->nodes[a].cgroup = text_clean(bytes, len);
	map->nodes[a].cmdline = text_clean(bytes, len);
	map->nodes[a].listens = text_clean_unix(bytes, len);
	map->nodes[b].container = text_clean(bytes, len);
	sample_edge(map, a, b, c, 10, 1000);
	sample_edge(map, b, a, MAP_NO_CHANNEL, 1, 0)->signal = text_clean(bytes, len);
	assert_int_equal(map_sort(map), 0);
	return map;
}

static void check_text(const char *what, const char *format, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)data[i];

		if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
			fail_msg("%s, %s: byte %#x at %zu of %zu", what, format, c, i, size);
		/* The line's end of CSV is two bytes; alone, it overwrites. */
		if (c == '\r' && (i + 1 == size || data[i + 1] != '\n'))
			fail_msg("%s, %s: a carriage return at %zu", what, format, i);
	}
	for (const char *line = data, *end; line < data + size; line = end + 1) {
		char *clean;

		/* text_clean() of clean text is the same text: UTF-8, no C1, no bidi. */
		end = memchr(line, '\n', (size_t)(data + size - line));
		end = end ? end : data + size;
		clean = text_clean(line, (size_t)(end - line));
		for (const char *p = line, *q = clean; p < end; p++) {
			if (*p == '\t' || *p == '\r')
				q += 4;
			else if (*p != *q++)
				fail_msg("%s, %s: %.*s", what, format, (int)(end - line), line);
		}
		free(clean);
	}
}

static bool format_is_text(const char *name)
{
	static const char *const binary[] = { "png", "pdf", "webp", "gif" };

	for (size_t i = 0; i < LEN(binary); i++) {
		if (!strcmp(name, binary[i]))
			return false;
	}
	return true;
}

static bool format_is_markup(const char *name)
{
	return !strcmp(name, "svg") || !strcmp(name, "html") || !strcmp(name, "graphml");
}

static void check_formats(const char *what, const struct map *map)
{
	char *table = NULL;

	for (const struct format *format = formats; format->name; format++) {
		struct emitted out = { 0 };
		struct emit_options options = { 0 };
		char *error = NULL;

		if (!format_is_text(format->name))
			continue;
		if (format->emit(map, &options, &out, &error))
			fail_msg("%s, %s: %s", what, format->name, error);
		check_text(what, format->name, out.data, out.size);
		if (out.note)
			check_text(what, "note", out.note, strlen(out.note));
		if (format_is_markup(format->name))
			assert_null(strstr(out.data, "<script>alert"));
		free(out.data);
		free(out.note);
	}
	assert_int_equal(summary_format(map, 10, false, &table), 0);
	check_text(what, "summary", table, strlen(table));
	free(table);
}

static void test_traced(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(names); i++) {
		struct map *map = map_of(names[i].bytes);

		check_formats(names[i].what, map);
		map_free(map);
	}
}

/* As one element of JSON's \u00XX escapes: a record that a stranger sent. */
static char *json_escaped(const char *bytes)
{
	char *clean = NULL;
	size_t size;
	FILE *file = open_memstream(&clean, &size);

	for (const unsigned char *c = (const unsigned char *)bytes; *c; c++)
		fprintf(file, "\\u%04x", *c);
	fclose(file);
	return clean;
}

/* data with every "WORD" put in place of another. */
static char *replaced(const char *data, const char *word, const char *by)
{
	char *text = NULL;
	const char *next;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	for (; (next = strstr(data, word)); data = next + strlen(word))
		fprintf(file, "%.*s%s", (int)(next - data), data, by);
	fputs(data, file);
	fclose(file);
	return text;
}

static void test_read(void **state)
{
	struct map *map = map_of("HOSTILE");
	struct emitted out = { 0 };
	char *error = NULL;

	(void)state;
	assert_int_equal(emit_json(map, NULL, &out, &error), 0);
	map_free(map);
	for (size_t i = 0; i < LEN(names); i++) {
		char *by = json_escaped(names[i].bytes);
		char *data = replaced(out.data, "HOSTILE", by);

		map = NULL;
		/* Read, and then as harmless as what was traced; or refused, in clean words. */
		if (map_from_json(data, strlen(data), &map, &error) == 0) {
			check_formats(names[i].what, map);
			map_free(map);
		} else {
			check_text(names[i].what, "error", error, strlen(error));
			free(error);
			error = NULL;
		}
		free(by);
		free(data);
	}
	free(out.data);
}

/* Errors quote what they refuse. */
static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(names); i++) {
		char text[256], *error = NULL;
		struct style *style = NULL;
		struct map *map = NULL;

		snprintf(text, sizeof(text), "node [color=%s]\n%s\n", names[i].bytes, names[i].bytes);
		if (style_parse(text, "x.style", &style, &error) == 0)
			style_free(style);
		else
			check_text(names[i].what, "style", error, strlen(error));
		free(error);
		error = NULL;
		snprintf(text, sizeof(text), "{ \"format\": \"%s\" }", names[i].bytes);
		assert_true(map_from_json(text, strlen(text), &map, &error) < 0);
		check_text(names[i].what, "json", error, strlen(error));
		free(error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_traced),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
