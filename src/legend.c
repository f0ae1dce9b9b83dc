// SPDX-License-Identifier: GPL-2.0-only
#include "legend.h"

#include <string.h>

#include "mechanism.h"
#include "style.h"

#define COLUMNS 3 /* of mechanisms */
#define SIGNS_ON_LINE 3

/* What the signs of this drawing need to be explained. */
struct signs {
	bool mechanisms[IPC_MECHANISMS], both_ways, dashed, idle, bytes, folded, sinks, hubs;
};

/* All that may come while the trace goes on, so that the legend keeps its size. */
static void signs_expect(const struct map *map, struct signs *signs)
{
	*signs = (struct signs){ { 0 }, true, true, false, true, true, true, true };
	for (size_t i = 0; i < map->completeness.mechanism_count; i++) {
		const struct mechanism_state *state = &map->completeness.mechanisms[i];
		int mechanism = mechanism_by_name(state->mechanism);

		if (mechanism >= 0 && state->state && strcmp(state->state, "traced") == 0)
			signs->mechanisms[mechanism] = true;
	}
}

static void signs_find(const struct graph *graph, struct signs *signs)
{
	*signs = (struct signs){ 0 };
	if (graph->growing) {
		signs_expect(graph->map, signs);
		return;
	}
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

	fprintf(file, "<TD ALIGN=\"LEFT\"><FONT COLOR=\"%s\">%s%s<B>%s</B></FONT>",
		style_text_colour(style, m->name), sign, *sign ? " " : "", m->name);
	if (strcmp(m->name, m->about) != 0)
		fprintf(file, " %s", m->about);
	fputs("</TD>", file);
}

/* Row by row. Returns how many cells a row has. */
static size_t put_mechanisms(FILE *file, const struct style *style, const struct signs *signs)
{
	size_t count = 0, columns;

	for (int i = 0; i < IPC_MECHANISMS; i++)
		count += signs->mechanisms[i];
	columns = count < COLUMNS ? count : COLUMNS;
	count = 0;
	for (int i = 0; i < IPC_MECHANISMS; i++) {
		if (!signs->mechanisms[i])
			continue;
		fputs(count % columns == 0 ? "<TR>" : "", file);
		put_mechanism(file, style, &mechanisms[i]);
		count++;
		fputs(count % columns == 0 ? "</TR>" : "", file);
	}
	if (columns > 0 && count % columns != 0) {
		for (; count % columns != 0; count++)
			fputs("<TD></TD>", file);
		fputs("</TR>", file);
	}
	return columns ? columns : 1;
}

static void put_signs(FILE *file, const struct signs *signs, size_t cells)
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

	fprintf(file, "<TR><TD ALIGN=\"LEFT\" COLSPAN=\"%zu\">", cells);
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
	size_t cells = 1;

	if (graph_whole(graph)->line_count == 0 && !graph_whole(graph)->growing)
		return;
	signs_find(graph_whole(graph), &signs);
	fprintf(file, "<TR><TD ALIGN=\"LEFT\"><FONT POINT-SIZE=\"9\" COLOR=\"%s\">"
		"<TABLE BORDER=\"1\" COLOR=\"%s\" STYLE=\"ROUNDED\" CELLBORDER=\"0\" "
		"CELLSPACING=\"0\" CELLPADDING=\"3\">",
		style_of(style, STYLE_DETAIL, "fontcolor", "black"),
		style_of(style, STYLE_CLUSTER, "color", "gray"));
	/* In a difference colours tell what became of things, and the title says which. */
	if (!graph->map->comparison)
		cells = put_mechanisms(file, style, &signs);
	put_signs(file, &signs, cells);
	fputs("</TABLE></FONT></TD></TR>", file);
}
