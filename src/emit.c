// SPDX-License-Identifier: GPL-2.0-only
#include "emit.h"

#include <string.h>
#include <strings.h>

#include "emit_graphviz.h"
#include "emit_text.h"

const struct format formats[] = {
	{ "svg", ".svg", "a drawing for browsers, with tooltips", emit_svg },
	{ "png", ".png", "a drawing as a bitmap", emit_png },
	{ "pdf", ".pdf", "a drawing for print", emit_pdf },
	{ "html", ".html .htm", "the svg in a page, with a table of the edges", emit_html },
	{ "dot", ".dot .gv", "the graph in Graphviz's language, not laid out", emit_dot },
	{ "json", ".json", "the map itself: everything that was seen", emit_json },
	{ "mmd", ".mmd .mermaid", "a Mermaid flowchart, for Markdown", emit_mermaid },
	{ "graphml", ".graphml", "all edges for Gephi, yEd, NetworkX", emit_graphml },
	{ "csv", ".csv", "all edges for spreadsheets", emit_csv },
	{ NULL, NULL, NULL, NULL },
};

const struct format *format_by_name(const char *name)
{
	for (const struct format *format = formats; format->name; format++) {
		if (strcmp(name, format->name) == 0)
			return format;
	}
	return NULL;
}

static bool suffixes_have(const char *suffixes, const char *suffix)
{
	size_t len = strlen(suffix);

	while (*suffixes) {
		size_t n = strcspn(suffixes, " ");

		if (n == len && strncasecmp(suffixes, suffix, n) == 0)
			return true;
		suffixes += n + (suffixes[n] == ' ');
	}
	return false;
}

const struct format *format_by_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *file = slash ? slash + 1 : path;
	const char *dot = strrchr(file, '.');

	/* ".svg" alone is a hidden file without a suffix. */
	if (!dot || dot == file)
		return NULL;
	for (const struct format *format = formats; format->name; format++) {
		if (suffixes_have(format->suffixes, dot))
			return format;
	}
	return NULL;
}
