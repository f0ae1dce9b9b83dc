// SPDX-License-Identifier: GPL-2.0-only
#include "legend.h"

#include <string.h>

#include "mechanism.h"
#include "style.h"

#define ROWS 3 /* of mechanisms; more make more columns */
#define SIGNS_ON_LINE 3

/* What the signs of this drawing need to be explained. */
struct signs {
	bool mechanisms[IPC_MECHANISMS], both_ways, dashed, idle, bytes, folded, sinks, hubs;
};

static void signs_find(const struct graph *graph, struct signs *signs)
{
	*signs = (struct signs){ 0 };
	for (size_t i = 0; i < graph->map->node_count; i++) {
		signs->folded |= graph->map->nodes[i].members > 1;
		signs->sinks |= graph->map->nodes[i].sink;
		signs->hubs |= graph->map->nodes[i].kind == NODE_HUB;
	}
	for (size_t i = 0; i < graph->line_count; i++) {
		const struct line *line = &graph->lines[i];

		signs->both_ways |= line->ways[WAY_ALONG] && line->ways[WAY_AGAINST];
		signs->bytes |= line->bytes > 0;
		for (size_t j = 0; j < line->row_count; j++) {
			const struct row *row = &line->rows[j];
			int mechanism = mechanism_by_name(row->mechanism);

			if (mechanism >= 0)
				signs->mechanisms[mechanism] = true;
			signs->idle |= row->kind == ROW_IDLE;
			signs->dashed |= row->kind == ROW_UNDELIVERED || row->kind == ROW_EARLIER;
		}
	}
}

/* Arrowheads that a style tells mechanisms apart by, as characters. */
static const char *head_sign(const char *head)
{
	static const struct {
		const char *head, *sign;
	} signs[] = {
		{ "inv", "◀" },	     { "invnormal", "◀▶" },    { "normalnormal", "▶▶" },
		{ "box", "■" },	     { "lbox", "◧" },	       { "boxbox", "■■" },
		{ "boxnormal", "■▶" }, { "diamond", "◆" },     { "ldiamond", "⬖" },
		{ "dot", "●" },	     { "vee", "➤" },	       { "tee", "┤" },
		{ "crow", "⋲" },
	};

	for (size_t i = 0; head && i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (strcmp(head, signs[i].head) == 0)
			return signs[i].sign;
	}
	return "";
}

static void put_mechanism(FILE *file, const struct style *style, const struct mechanism *m)
{
	const struct style_fact facts[] = { { "name", m->name }, { NULL, NULL } };
	const char *sign = head_sign(style_value(style, STYLE_MECHANISM, facts, "arrowhead"));

	fprintf(file, "<TD ALIGN=\"LEFT\"><FONT POINT-SIZE=\"9\" COLOR=\"%s\">%s%s<B>%s</B></FONT></TD>",
		style_text_colour(style, m->name), sign, *sign ? " " : "", m->name);
	fprintf(file, "<TD ALIGN=\"LEFT\"><FONT POINT-SIZE=\"9\">%s</FONT></TD>", strcmp(m->name, m->about) ? m->about : " ");
}

#define TABLE "<TR><TD ALIGN=\"LEFT\"><TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"2\">"

/* In columns, top to bottom. */
static void put_mechanisms(FILE *file, const struct style *style, const struct signs *signs)
{
	const struct mechanism *list[IPC_MECHANISMS];
	size_t count = 0, rows, columns;

	for (int i = 0; i < IPC_MECHANISMS; i++) {
		if (signs->mechanisms[i])
			list[count++] = &mechanisms[i];
	}
	columns = (count + ROWS - 1) / ROWS;
	rows = columns ? (count + columns - 1) / columns : 0;
	if (rows == 0)
		return;
	/* A table of its own: what stands under it is wider than its columns. */
	fputs(TABLE, file);
	for (size_t row = 0; row < rows; row++) {
		fputs("<TR>", file);
		for (size_t i = row; i < rows * columns; i += rows) {
			if (i < count)
				put_mechanism(file, style, list[i]);
			else
				fputs("<TD></TD><TD></TD>", file);
		}
		fputs("</TR>", file);
	}
	fputs("</TABLE></TD></TR>", file);
}

static void put_signs(FILE *file, const struct signs *signs)
{
	const struct {
		bool there;
		const char *text;
	} items[] = {
		{ true, "×12: operations" },
		{ signs->bytes, "width: bytes" },
		{ signs->both_ways, "→ to the filled arrowhead, ← to the hollow one" },
		{ signs->folded, "double frame: several processes" },
		{ signs->sinks, "pale: many write there, figures in the tooltips" },
		{ signs->hubs, "dashed ellipse: shared, who read whose bytes is not known" },
		{ signs->dashed, "dashed line: only one end seen in the window" },
		{ signs->idle, "thin: open, idle" },
	};
	size_t count = 0;

	fputs("<TR><TD ALIGN=\"LEFT\">", file);
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		if (!items[i].there)
			continue;
		fputs(count == 0 ? "" : count % SIGNS_ON_LINE ? " · " : "<BR ALIGN=\"LEFT\"/>", file);
		fputs(items[i].text, file);
		count++;
	}
	fputs("<BR ALIGN=\"LEFT\"/></TD></TR>", file);
}

void legend_put(FILE *file, const struct graph *graph)
{
	const struct style *style = graph->style;
	struct signs signs;

	if (graph->line_count == 0)
		return;
	signs_find(graph, &signs);
	fprintf(file, "<TR><TD ALIGN=\"LEFT\"><FONT POINT-SIZE=\"9\" COLOR=\"%s\">"
		"<TABLE BORDER=\"1\" COLOR=\"%s\" STYLE=\"ROUNDED\" CELLBORDER=\"0\" "
		"CELLSPACING=\"0\" CELLPADDING=\"3\">",
		style_of(style, STYLE_DETAIL, "fontcolor", "black"),
		style_of(style, STYLE_CLUSTER, "color", "gray"));
	put_mechanisms(file, style, &signs);
	put_signs(file, &signs);
	fputs("</TABLE></FONT></TD></TR>", file);
}
