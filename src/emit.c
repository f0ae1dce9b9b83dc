// SPDX-License-Identifier: GPL-2.0-only
#include "emit.h"

#include <string.h>
#include <strings.h>

#include "emit_film.h"
#include "emit_graphviz.h"
#include "emit_text.h"

const struct format formats[] = {
#ifndef IPCMAP_NO_DRAWING
	{ "svg", ".svg", "a drawing for browsers, with tooltips", emit_svg, true, false },
	{ "png", ".png", "a drawing as a bitmap", emit_png, true, false },
	{ "pdf", ".pdf", "a drawing for print", emit_pdf, true, false },
	{ "html", ".html .htm", "the svg in a page, with a table of the edges", emit_html, true, false },
	{ "webp", ".webp", "all frames as one bitmap that plays", emit_webp, false, true },
	{ "gif", ".gif", "the same, for where WebP can't go", emit_gif, false, true },
	{ "dot", ".dot .gv", "the graph in Graphviz's language, not laid out", emit_dot, false, false },
#endif
	{ "json", ".json", "the map itself: everything that was seen", emit_json, false, false },
	{ "mmd", ".mmd .mermaid", "a Mermaid flowchart, for Markdown", emit_mermaid, false, false },
	{ "graphml", ".graphml", "all edges for Gephi, yEd, NetworkX", emit_graphml, false, false },
	{ "csv", ".csv", "all edges for spreadsheets", emit_csv, false, false },
	{ NULL, NULL, NULL, NULL, false, false },
};

const struct format format_animation = {
	"svg", ".svg", "a drawing that plays by itself", emit_animation, true, true,
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
