// SPDX-License-Identifier: GPL-2.0-only
/* Mermaid's flowchart: a drawing that lives in Markdown. One arrow per pair of nodes. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "diff_text.h"
#include "emit_text.h"
#include "label.h"
#include "style.h"
#include "text.h"

#define NAME_LEN 64
#define ROWS 4

/*
 * Mermaid finds directives, icons ("fa:fa-x"), lists ("1. x"), markup and statements
 * in text, quoted or not. It reads #NN; back only when all of that is done:
 * whatever is no letter, digit or harmless sign goes in that way.
 */
static void put_entity(FILE *file, const char *text, size_t max)
{
	char *cut = text_cut(text, max);

	for (const char *s = cut; s && *s; s++) {
		/*
		 * "fa:fa-user" is an icon to it even so, and "$$x$$" a formula; with a
		 * word joiner, which no one sees, they are not.
		 */
		if (s > cut && ((s[-1] == ':' && strncmp(s, "fa-", 3) == 0) ||
				(s[-1] == '$' && *s == '$')))
			fputs("\u2060", file);
		bool plain = isalnum((unsigned char)*s) || *s == '/' || (*s & 0x80) ||
			     (strchr(".-_", *s) && s > cut && isalnum((unsigned char)s[1])) ||
			     (*s == ' ' && s > cut && s[1] && s[1] != ' ' && s[-1] != ' ');

		if (plain)
			fputc(*s, file);
		else
			fprintf(file, "#%d;", *s);
	}
	if (cut && !*cut)
		fputs("#34;#34;", file);
	free(cut);
}

/* A YAML string: the title stands before the diagram. */
static void put_yaml(FILE *file, const char *text)
{
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || (*text & 0x80) || strchr(" .,()-", *text))
			fputc(*text, file);
		else
			fprintf(file, "\\u%04x", (unsigned)*text);
	}
}

static void put_window(struct text_writer *w, const char *host, double duration)
{
	put_yaml(w->file, host ? host : "unknown host");
	fprintf(w->file, " · %.1f s", duration);
}

/* Of a difference both, and what its figures are. */
static void put_windows(struct text_writer *w)
{
	const struct comparison *c = w->map->comparison;

	put_window(w, c->host, c->duration);
	fputs(" → ", w->file);
	put_window(w, w->map->host, w->map->duration);
	fprintf(w->file, " · %s · changed, by more than %g percent", diff_measure(w->map), c->threshold);
	if (c->caveat) {
		fputs(" · ", w->file);
		put_yaml(w->file, c->caveat);
	}
}

static void write_head(struct text_writer *w)
{
	const struct map *map = w->map;
	const struct completeness *c = &map->completeness;

	fprintf(w->file, "---\ntitle: \"ipcmap %s", map->comparison ? "diff " : "");
	if (map->comparison)
		put_windows(w);
	else
		put_window(w, map->host, map->duration);
	if (map->note) {
		fputs(" · ", w->file);
		put_yaml(w->file, map->note);
	}
	fprintf(w->file, " · %" PRIu64 " event%s, %" PRIu64 " lost, %" PRIu64 " unattributed\"\n---\n",
		c->events, c->events == 1 ? "" : "s", c->lost, c->unattributed);
	fputs("flowchart LR\n", w->file);
	for (size_t i = 0; i < c->mechanism_count; i++) {
		const struct mechanism_state *state = &c->mechanisms[i];

		if (!state->reason)
			continue;
		fputs("%% ", w->file);
		put_entity(w->file, state->mechanism ? state->mechanism : "?", NAME_LEN);
		fputs(": ", w->file);
		put_entity(w->file, state->state ? state->state : "?", NAME_LEN);
		fputs(", ", w->file);
		put_entity(w->file, state->reason, 2 * NAME_LEN);
		fputc('\n', w->file);
	}
}

/* As entities: a line that begins with a sign would be a list. */
static void put_sign(FILE *file, enum change change)
{
	static const char *const signs[CHANGES] = {
		[CHANGE_NONE] = "", [CHANGE_SAME] = "", [CHANGE_CHANGED] = "#126; ",
		[CHANGE_ADDED] = "#43; ", [CHANGE_REMOVED] = "#8722; ",
	};

	fputs(signs[change], file);
}

static void write_node(struct text_writer *w, const struct node *node, const char *indent)
{
	static const char *const shapes[][2] = {
		[NODE_PROCESS] = { "(", ")" }, [NODE_HUB] = { "([", "])" },
		[NODE_EXTERNAL] = { ">", "]" }, [NODE_KERNEL] = { "{{", "}}" },
	};
	char *name = writer_name(w, node), members[64];

	fprintf(w->file, "%s%s%s\"", indent, node->id, shapes[node->kind][0]);
	diff_members(node, members, sizeof(members));
	put_sign(w->file, node->change);
	put_entity(w->file, name ? name : "?", NAME_LEN);
	fprintf(w->file, "%s%s", *members ? " " : "", members);
	if (node->kind == NODE_PROCESS)
		fprintf(w->file, "<br/>pid %" PRId64 "%s", node->pid, node->members > 1 ? "…" : "");
	fprintf(w->file, "\"%s\n", shapes[node->kind][1]);
	free(name);
}

/* Nodes in the order of the map; a frame with all of its nodes where its first is. */
static void write_nodes(struct text_writer *w)
{
	const struct map *map = w->map;
	size_t number = 0;

	for (size_t i = 0; i < map->node_count; i++) {
		const char *name = map->nodes[i].cluster;
		size_t j = 0;

		if (!name) {
			write_node(w, &map->nodes[i], "  ");
			continue;
		}
		while (j < i && (!map->nodes[j].cluster || strcmp(map->nodes[j].cluster, name)))
			j++;
		if (j < i)
			continue;
		fprintf(w->file, "  subgraph f%zu[\"", ++number);
		put_entity(w->file, name, NAME_LEN);
		fputs("\"]\n", w->file);
		for (; j < map->node_count; j++) {
			if (map->nodes[j].cluster && strcmp(map->nodes[j].cluster, name) == 0)
				write_node(w, &map->nodes[j], "    ");
		}
		fputs("  end\n", w->file);
	}
}

static void put_way(const struct text_writer *w, const struct row *row, enum way way)
{
	const struct figures *figures = &row->ways[way];
	uint64_t ops = figures->ops ? figures->ops : figures->received_ops;
	char count[32], bytes[32], amount[128];
	FILE *file = w->file;

	if (w->map->comparison && row_moved(row, way)) {
		fprintf(file, " %s %s", way == WAY_ALONG ? "→" : "←",
			diff_amount(w->map, row, way, amount, sizeof(amount)));
		return;
	}
	if (!ops && !figures_bytes(figures))
		return;
	fprintf(file, " %s", way == WAY_ALONG ? "→" : "←");
	if (ops)
		fprintf(file, " ×%s", text_count(count, sizeof(count), ops));
	if (!row_is_signal(row))
		fprintf(file, " %s", text_bytes(bytes, sizeof(bytes), figures_bytes(figures)));
}

static void write_label(struct text_writer *w, const struct line *line)
{
	static const char *const words[] = {
		[ROW_MOVED] = "", [ROW_UNDELIVERED] = " undelivered",
		[ROW_EARLIER] = " sent earlier", [ROW_IDLE] = " idle",
	};

	fputs("|\"", w->file);
	for (size_t i = 0; i < line->row_count && i < ROWS; i++) {
		const struct row *row = &line->rows[i];
		char *name = row_name(row);

		fputs(i ? "<br/>" : "", w->file);
		put_sign(w->file, row->change);
		put_entity(w->file, row->mechanism, NAME_LEN);
		if (name) {
			fputc(' ', w->file);
			put_entity(w->file, name, NAME_LEN);
		}
		put_way(w, row, WAY_ALONG);
		put_way(w, row, WAY_AGAINST);
		fputs(words[row->kind], w->file);
		free(name);
	}
	if (line->row_count > ROWS)
		fprintf(w->file, "<br/>+%zu more", line->row_count - ROWS);
	fputs("\"|", w->file);
}

static void write_line(struct text_writer *w, const struct graph *graph, const struct line *line)
{
	const struct row *row = &line->rows[0];
	bool both = line->ways[WAY_ALONG] && line->ways[WAY_AGAINST];
	const char *arrow = row->kind == ROW_IDLE ? "-.-" : row_is_signal(row) ? "-.->" :
			    both ? "<-->" : "-->";

	fprintf(w->file, "  %s %s", w->map->nodes[line->tail].id, arrow);
	if (!line_is_pale(graph, line))
		write_label(w, line);
	fprintf(w->file, " %s\n", w->map->nodes[line->head].id);
}

static void write_mermaid(struct text_writer *w)
{
	const struct style *style = w->options && w->options->style ? w->options->style :
								      style_default();
	struct graph graph;

	if (graph_new(w->map, &graph) < 0) {
		w->error = -ENOMEM;
		return;
	}
	write_head(w);
	write_nodes(w);
	for (size_t i = 0; i < graph.line_count; i++)
		write_line(w, &graph, &graph.lines[i]);
	for (size_t i = 0; i < graph.line_count; i++)
		fprintf(w->file, "  linkStyle %zu stroke:%s\n", i,
			graph.lines[i].change ? style_change_colour(style, graph.lines[i].change) :
						style_colour(style, graph.lines[i].rows[0].mechanism));
	graph_done(&graph);
}

int emit_mermaid(const struct map *map, const struct emit_options *options,
		 struct emitted *ret_out, char **ret_error)
{
	struct text_writer writer = { .map = map, .options = options };

	return emit_written(&writer, write_mermaid, ret_out, ret_error);
}
