// SPDX-License-Identifier: GPL-2.0-only
/* A page: the interactive drawing, and a table of the edges beside it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "emit_graphviz.h"
#include "emit_text.h"
#include "label.h"

static void write_cell(struct text_writer *w, const char *text)
{
	fputs("<td>", w->file);
	put_xml(w->file, text ? text : "");
	fputs("</td>", w->file);
}

static void write_number(struct text_writer *w, uint64_t number)
{
	char text[32];

	fprintf(w->file, "<td class=\"number\" data-value=\"%" PRIu64 "\">%s</td>", number,
		text_grouped(text, sizeof(text), number));
}

static void write_end(struct text_writer *w, const struct node *node)
{
	char *name = writer_name(w, node);

	fprintf(w->file, "<td data-node=\"%s\">", node->id);
	put_xml(w->file, name ? name : "?");
	if (node->members > 1)
		fprintf(w->file, " ×%zu", node->members);
	else if (node->kind == NODE_PROCESS)
		fprintf(w->file, " <small>%" PRId64 "</small>", node->pid);
	fputs("</td>", w->file);
	free(name);
}

static void write_edge(struct text_writer *w, const struct edge *edge)
{
	const struct map *map = w->map;
	const struct node *src = &map->nodes[edge->src], *dst = &map->nodes[edge->dst];
	const struct channel *channel = edge->channel == MAP_NO_CHANNEL ?
					NULL : &map->channels[edge->channel];
	const char *name = channel ? (channel->name ? channel->name : channel->object) :
				     edge->signal;

	fputs("<tr>", w->file);
	write_end(w, src);
	write_end(w, dst);
	write_cell(w, edge->mechanism);
	write_cell(w, name);
	write_number(w, edge->ops);
	write_number(w, edge->bytes);
	write_number(w, edge->received_ops);
	write_number(w, edge->received_bytes);
	write_cell(w, attribution_name(edge->attribution));
	if (map->comparison) {
		write_cell(w, change_name(edge->change));
		write_number(w, edge->before.ops);
		write_number(w, edge->before.bytes);
	}
	fputs("</tr>\n", w->file);
}

static const struct {
	const char *name;
	bool number;
} columns[] = {
	{ "from", false },	 { "to", false },	{ "mechanism", false },
	{ "channel", false },	 { "ops", true },	{ "bytes", true },
	{ "read ops", true },	 { "read bytes", true }, { "attribution", false },
	/* of a difference */
	{ "change", false },	 { "ops before", true }, { "bytes before", true },
};

#define COLUMNS_OF_DIFF 3 /* the last ones */

static void write_table(struct text_writer *w)
{
	fputs("<div class=\"table\">\n<table>\n<caption></caption>\n<thead><tr>", w->file);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]) -
			       (w->map->comparison ? 0 : COLUMNS_OF_DIFF); i++)
		fprintf(w->file, "<th scope=\"col\"%s><button type=\"button\">%s</button></th>",
			columns[i].number ? " class=\"number\"" : "", columns[i].name);
	fputs("</tr></thead>\n<tbody>\n", w->file);
	for (size_t i = 0; i < w->map->edge_count; i++)
		write_edge(w, &w->map->edges[i]);
	fputs("</tbody>\n</table>\n</div>\n", w->file);
}

static void write_page(struct text_writer *w, const char *svg)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>ipcmap ",
	      w->file);
	put_xml(w->file, w->map->host ? w->map->host : "");
	fprintf(w->file, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<div class=\"picture\">\n",
		embedded_page_css);
	fputs(svg, w->file);
	fputs("</div>\n", w->file);
	write_table(w);
	fprintf(w->file, "<script>\n%s</script>\n</body>\n</html>\n", embedded_page_js);
}

int emit_html(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	      char **ret_error)
{
	struct text_writer writer = { .map = map, .options = options };
	struct emitted svg = { 0 };
	const char *begin;
	char *data = NULL;
	size_t size = 0;
	int rc = emit_svg(map, options, &svg, ret_error);

	if (rc < 0)
		return rc;
	/* In a page there is no place for the XML declaration and the DOCTYPE. */
	begin = strstr(svg.data, "<svg");
	writer.file = open_memstream(&data, &size);
	if (writer.file) {
		write_page(&writer, begin ? begin : svg.data);
		writer.error |= ferror(writer.file) != 0;
		writer.error |= fclose(writer.file) != 0;
	}
	free(svg.data);
	if (!writer.file || writer.error) {
		free(data);
		free(svg.note);
		*ret_error = strdup("out of memory while writing the page");
		return -ENOMEM;
	}
	*ret_out = (struct emitted){ .data = data, .size = size, .note = svg.note };
	return 0;
}
