// SPDX-License-Identifier: GPL-2.0-only
#include "legend.h"

#include <string.h>

#include "mechanism.h"
#include "style.h"

#define ROWS 4	  /* of mechanisms and of signs; what does not fit begins another column */
#define FILLERS 24 /* empty cells beside the legend, among which the room is shared out */

/* What the signs of this drawing need to be explained. */
struct signs {
	bool mechanisms[IPC_MECHANISMS], both_ways, dashed, idle, bytes, folded, sinks, hubs, children;
};

/* All that may come while the trace goes on, so that the legend keeps its size. */
static void signs_expect(const struct map *map, struct signs *signs)
{
	*signs = (struct signs){
		.both_ways = true, .dashed = true, .bytes = true, .folded = true, .sinks = true, .hubs = true,
		.children = true,
	};
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
		signs->children |= line_is_to_child(graph, line);
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
		{ "inv", "◀" },	     { "normaltee", "▶┤" },    { "normalnormal", "▶▶" },
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

struct sign {
	bool there;
	const char *text;
};

/* Graphviz puts a line of one font a pixel lower than one of several: so this has a bold blank. */
static void put_sign(FILE *file, const char *text)
{
	fprintf(file, "<TD ALIGN=\"LEFT\">%s%s</TD>", text, *text ? "<B> </B>" : "");
}

/* Row by row: of mechanisms and of signs each the first, the fifth ...; then each the second ... */
static void put_rows(FILE *file, const struct style *style, const struct signs *signs,
		     const struct sign *items, size_t item_count)
{
	const char *texts[16];
	int shown[IPC_MECHANISMS];
	size_t mechanism_count = 0, count = 0, rows;

	for (int i = 0; style && i < IPC_MECHANISMS; i++) {
		if (signs->mechanisms[i])
			shown[mechanism_count++] = i;
	}
	for (size_t i = 0; i < item_count && count < sizeof(texts) / sizeof(texts[0]); i++) {
		if (items[i].there)
			texts[count++] = items[i].text;
	}
	rows = mechanism_count > count ? mechanism_count : count;
	rows = rows < ROWS ? rows : ROWS;
	fputs("<TR><TD HEIGHT=\"4\" CELLPADDING=\"0\"></TD></TR>", file); /* above the letters as much as below */
	for (size_t row = 0; row < rows; row++) {
		fputs("<TR>", file);
		for (size_t i = row; i / rows * rows < mechanism_count; i += rows) {
			if (i < mechanism_count)
				put_mechanism(file, style, &mechanisms[shown[i]]);
			else
				fputs("<TD></TD>", file);
		}
		for (size_t i = row; i / rows * rows < count; i += rows)
			put_sign(file, i < count ? texts[i] : "");
		fputs("</TR>", file);
	}
}

void legend_put(FILE *file, const struct graph *graph)
{
	const struct style *style = graph->style;
	struct signs signs;

	if (graph_whole(graph)->line_count == 0 && !graph_whole(graph)->growing)
		return;
	signs_find(graph_whole(graph), &signs);
	const struct sign items[] = {
		{ true, "×12: operations" },
		{ signs.bytes, "width: bytes" },
		{ signs.both_ways, "→ to the filled arrowhead, ← to the hollow one" },
		{ signs.folded, "double frame: several processes" },
		{ signs.sinks, "pale: many write there, figures in the tooltips" },
		{ signs.children, "pale dots: SIGCHLD, to the parent of who ended" },
		{ signs.hubs, "dashed ellipse: who read whose bytes is not known" },
		{ signs.dashed, "dashed line: only one end seen in the window" },
		{ signs.idle, "thin: open, idle" },
	};

	/* Graphviz shares room out evenly among cells: with many beside it, the frame stays narrow. */
	fprintf(file, "<TR><TD ALIGN=\"LEFT\"><TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" "
		"CELLPADDING=\"0\"><TR><TD ALIGN=\"LEFT\"><FONT POINT-SIZE=\"9\" COLOR=\"%s\">"
		"<TABLE BORDER=\"1\" COLOR=\"%s\" STYLE=\"ROUNDED\" CELLBORDER=\"0\" "
		"CELLSPACING=\"0\" CELLPADDING=\"3\">",
		style_of(style, STYLE_DETAIL, "fontcolor", "black"),
		style_of(style, STYLE_CLUSTER, "color", "gray"));
	/* In a difference colours tell what became of things, and the title says which. */
	put_rows(file, graph->map->comparison ? NULL : style, &signs, items,
		 sizeof(items) / sizeof(items[0]));
	fputs("</TABLE></FONT></TD>", file);
	for (int i = 0; i < FILLERS; i++)
		fputs("<TD></TD>", file);
	fputs("</TR></TABLE></TD></TR>", file);
}
