// SPDX-License-Identifier: GPL-2.0-only
/* The labels of nodes and lines. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff_text.h"
#include "label.h"
#include "mechanism.h"
#include "style.h"
#include "text.h"

#define NAME_LEN 64
#define UNIT_LEN 36
#define PATH_LEN 24
#define NAME_INLINE 12 /* a longer name has a line of its own: labels widen the drawing */
#define ROWS 6

/* A left-aligned line break: in a label, the alignment is that of the line before it. */
#define BREAK "<BR ALIGN=\"LEFT\"/>"

/* A label in work. A failed allocation anywhere makes the whole label NULL. */
struct label {
	const struct style *style;
	const struct map *diff; /* NULL: of a map of one window */
	FILE *file;
	char *data;
	size_t size;
	bool failed;
};

static bool label_open(struct label *label, const struct style *style)
{
	*label = (struct label){ .style = style };
	label->file = open_memstream(&label->data, &label->size);
	return label->file != NULL;
}

static char *label_close(struct label *label)
{
	bool failed = ferror(label->file) || label->failed;

	failed |= fclose(label->file) != 0;
	if (!failed)
		return label->data;
	free(label->data);
	return NULL;
}

/* Puts text, and frees it: what node_name() and its like returned. */
static void put_owned(struct label *label, char *text, size_t max)
{
	char *cut = text ? text_cut(text, max) : NULL;
	char *escaped = cut ? label_escape(cut) : NULL;

	if (escaped)
		fputs(escaped, label->file);
	else
		label->failed = true;
	free(escaped);
	free(cut);
	free(text);
}

static void put(struct label *label, const char *text, size_t max)
{
	put_owned(label, strdup(text), max);
}

/* The small text under a name, and of what is left away. */
static const char *faint(const struct label *label)
{
	return style_of(label->style, STYLE_DETAIL, "fontcolor", "black");
}

/* What moves nothing in a frame is all of it pale. */
static const char *faint_node(const struct label *label, const struct node *node)
{
	const struct style_fact silent[] = { { "state", "silent" }, { NULL, NULL } };
	const char *colour = node->silent ? style_value(label->style, STYLE_NODE, silent, "fontcolor") : NULL;

	return colour ? colour : faint(label);
}

/*
 * What a process calls itself where others look for its arguments, as "postgres: logger":
 * better than any role of ours. NULL: arguments are not stored, or are arguments.
 */
static const char *node_title(const struct node *node)
{
	size_t len = node->comm ? strlen(node->comm) : 0;
	const char *title = node->cmdline;

	if (!len || !title || strncmp(title, node->comm, len) || strncmp(title + len, ": ", 2))
		return NULL;
	title += len + 2;
	return title[strspn(title, " ")] ? title : NULL;
}

/* Without the blanks that are left of the arguments. */
static size_t title_length(const char *title)
{
	size_t len = strlen(title);

	while (len > 0 && title[len - 1] == ' ')
		len--;
	return len;
}

/* What the frame around it says already is not said again. */
static void put_process(struct label *label, const struct graph *graph, const struct node *node)
{
	const char *title = node_title(node);

	fprintf(label->file, "pid %" PRId64 "%s", node->pid, node->members > 1 ? "…" : "");
	/* What may yet come about would make the node another size. */
	if ((title || node->role) && !graph->growing) {
		fputs(" · ", label->file);
		put_owned(label, title ? strndup(title, title_length(title)) : strdup(node->role),
			  UNIT_LEN);
	}
	if (node->cluster) {
		;
	} else if (node->container) {
		fputs(" · ", label->file);
		put(label, node->container, UNIT_LEN);
	} else if (node->unit) {
		fputs(" · ", label->file);
		put(label, node->unit, UNIT_LEN);
	} else if (node->kthread) {
		fputs(" · kernel thread", label->file);
	}
	if (node->exited && graph->hints.exited && !graph->growing)
		fputs(" · exited", label->file);
}

/* With one end alone it is not shared: who was at the other is not known. */
static void put_hub(struct label *label, const struct channel *channel, const struct node *node)
{
	put(label, channel->mechanism, NAME_LEN);
	if (channel->name && channel->object) {
		fputs(" · ", label->file);
		put(label, channel->object, NAME_LEN);
	}
	fputs(!node->hub_written ? " · writer not known" : !node->hub_read ? " · reader not known" : " · shared",
	      label->file);
}

/* A line for each thing that is not as it was. */
static void put_was(struct label *label, const struct node *node)
{
	for (const char *at = node->was; *at;) {
		size_t len = strcspn(at, ";");

		fprintf(label->file, "<BR/><FONT POINT-SIZE=\"9\" COLOR=\"%s\">",
			style_change_colour(label->style, node->change));
		put_owned(label, strndup(at, len), NAME_LEN);
		fputs("</FONT>", label->file);
		at += len;
		at += strspn(at, "; ");
	}
}

/* The port of "127.0.0.1:5432" with its colon, or NULL. */
static const char *name_port(const char *name)
{
	const char *colon = strrchr(name, ':');

	if (!colon || !isdigit((unsigned char)colon[1]))
		return NULL;
	return colon[1 + strspn(colon + 1, "0123456789")] ? NULL : colon;
}

/* A path keeps its end, where the difference is. */
static char *path_shorten(const char *path)
{
	size_t count = 0;
	const char *s = path + strlen(path);
	const char *from = NULL;
	char *text;

	while (s > path && count < PATH_LEN - 1) {
		s--;
		if (((unsigned char)*s & 0xc0) == 0x80)
			continue;
		count++;
		if (*s == '/')
			from = s;
	}
	if (s == path)
		return strdup(path);
	return asprintf(&text, "…%s", from ? from : s) < 0 ? NULL : text;
}

static char *name_shorten(const char *name, const char *mechanism)
{
	const char *port = name_port(name);
	int m = mechanism_by_name(mechanism);

	if (port && (m == IPC_TCP || m == IPC_UDP))
		return strdup(port);
	if (m == IPC_PTY && strncmp(name, "/dev/pts/", 9) == 0)
		return strdup(name + 5);
	return name[0] == '/' ? path_shorten(name) : strdup(name);
}

char *row_name(const struct row *row)
{
	if (row->signal)
		return strdup(row->signal);
	if (row->channel && row->channel->name)
		return name_shorten(row->channel->name, row->mechanism);
	return NULL;
}

/* What its lines go over: they need not say it each. */
static void put_said(struct label *label, const struct row *row)
{
	fprintf(label->file, "<BR/><FONT POINT-SIZE=\"9\" COLOR=\"%s\">",
		style_row_colour(label->style, row));
	put(label, row->mechanism, NAME_LEN);
	fputc(' ', label->file);
	put_owned(label, row_name(row), NAME_LEN);
	fputs("</FONT>", label->file);
}

char *label_node(const struct graph *graph, size_t i)
{
	const struct node *node = &graph->map->nodes[i];
	const struct graph *whole = graph_whole(graph);
	const struct node_total *total = &whole->totals[graph->whole ? graph->whole_nodes[i] : i];
	struct label label;
	char members[64];

	if (!label_open(&label, graph->style))
		return NULL;
	fprintf(label.file, "<B><FONT POINT-SIZE=\"%d\">",
		node->kind == NODE_PROCESS ?
			style_font_size(total->sent + total->received, whole->bytes) : 11);
	fprintf(label.file, "%s%s", diff_sign(node->change), node->change > CHANGE_SAME ? " " : "");
	put_owned(&label, node_name(graph->map, node), NAME_LEN);
	diff_members(node, members, sizeof(members));
	fprintf(label.file, "%s%s", *members ? " " : "", members);
	fprintf(label.file, "</FONT></B><BR/><FONT POINT-SIZE=\"9\" COLOR=\"%s\">",
		faint_node(&label, node));
	if (node->kind == NODE_PROCESS)
		put_process(&label, graph, node);
	else if (node->kind == NODE_HUB)
		put_hub(&label, &graph->map->channels[node->channel], node);
	else if (node->kind == NODE_EXTERNAL)
		fputs("not on this host", label.file);
	else
		fputs("no process", label.file);
	fputs("</FONT>", label.file);
	if (graph->said[i])
		put_said(&label, graph->said[i]);
	if (node->was)
		put_was(&label, node);
	return label_close(&label);
}

/* Returns whether the name is so long that what follows should begin a line. */
static bool put_name(struct label *label, const struct row *row, enum said said)
{
	char *name;
	bool wide;

	if (said == SAID_NAMELESS)
		fputs(" unnamed", label->file);
	if (said == SAID_AT_NODE || (!row->signal && !(row->channel && row->channel->name)))
		return false;
	name = row_name(row);
	wide = name && !row->signal && strlen(name) > NAME_INLINE;
	fputc(' ', label->file);
	put_owned(label, name, NAME_LEN);
	return wide;
}

static void put_bytes(struct label *label, const struct row *row, const struct figures *figures)
{
	char sent[32], read[32];

	text_bytes(sent, sizeof(sent), figures->bytes);
	text_bytes(read, sizeof(read), figures->received_bytes);
	if (row->kind == ROW_UNDELIVERED)
		fprintf(label->file, "%s undelivered", sent);
	else if (row->kind == ROW_EARLIER)
		fprintf(label->file, "%s sent earlier", read);
	else if (figures->bytes == figures->received_bytes)
		fprintf(label->file, "%s", sent);
	else if (figures->bytes == 0 || figures->received_bytes == 0)
		/* A hub's edge has one end only. */
		fprintf(label->file, "%s", figures->bytes ? sent : read);
	else if (strcmp(sent, read) == 0)
		/* They differ by less than the figures show: the tooltip has them. */
		fprintf(label->file, "%s", sent);
	else
		fprintf(label->file, "sent %s, read %s", sent, read);
}

static void put_way(struct label *label, const struct row *row, enum way way)
{
	const struct figures *figures = &row->ways[way];
	uint64_t ops = figures_ops(figures);
	char count[32], amount[128];

	if (label->diff) {
		fputs(diff_amount(label->diff, row, way, amount, sizeof(amount)), label->file);
		return;
	}
	/* What the kernel puts on a terminal by itself is no operation of anybody's. */
	if (ops > 0 || figures_bytes(figures) == 0)
		fprintf(label->file, "×%s%s", text_count(count, sizeof(count), ops),
			row_is_signal(row) ? "" : " ");
	if (!row_is_signal(row))
		put_bytes(label, row, figures);
}

/*
 * One row: "tcp :5432 ×12 3.4 KiB", or, where both ways have figures, a line each
 * under the name. An arrow stands before figures wherever the line goes both ways.
 */
static void put_row(struct label *label, const struct line *line, const struct row *row,
		    enum said said)
{
	bool both = line->ways[WAY_ALONG] && line->ways[WAY_AGAINST];
	bool along = row_moved(row, WAY_ALONG), against = row_moved(row, WAY_AGAINST);
	bool wide;

	fprintf(label->file, "<TR><TD ALIGN=\"LEFT\"><FONT COLOR=\"%s\"><B>%s%s",
		style_row_colour(label->style, row), diff_sign(row->change),
		row->change > CHANGE_SAME ? " " : "");
	put(label, row->mechanism, NAME_LEN);
	fputs("</B>", label->file);
	wide = put_name(label, row, said) || row->change == CHANGE_CHANGED;
	if (row->kind == ROW_IDLE) {
		fputs(wide ? BREAK : " ", label->file);
		if (row->channels > 1)
			fprintf(label->file, "%zu ", row->channels);
		fputs(wide ? "idle" BREAK : "idle", label->file);
	} else if (along && against) {
		fputs(BREAK "→ ", label->file);
		put_way(label, row, WAY_ALONG);
		fputs(BREAK "← ", label->file);
		put_way(label, row, WAY_AGAINST);
		fputs(BREAK, label->file);
	} else {
		fputs(wide ? BREAK : " ", label->file);
		fputs(!both ? "" : along ? "→ " : "← ", label->file);
		put_way(label, row, against ? WAY_AGAINST : WAY_ALONG);
		fputs(wide ? BREAK : "", label->file);
	}
	fputs("</FONT></TD></TR>", label->file);
}

char *label_line(const struct graph *graph, const struct line *line)
{
	/* "+1 more" would take the room of the row it hides. */
	size_t shown = line->row_count <= ROWS + 1 ? line->row_count : ROWS;
	struct label label;

	if (!label_open(&label, graph->style))
		return NULL;
	label.diff = graph->map->comparison ? graph->map : NULL;
	fprintf(label.file,
		"<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"1\" "
		"BGCOLOR=\"%s\">", style_of(graph->style, STYLE_LABEL, "bgcolor", "transparent"));
	for (size_t i = 0; i < shown; i++)
		put_row(&label, line, &line->rows[i], row_said(graph, line, &line->rows[i]));
	if (shown < line->row_count)
		fprintf(label.file,
			"<TR><TD ALIGN=\"LEFT\"><FONT COLOR=\"%s\">+%zu more</FONT></TD></TR>",
			faint(&label), line->row_count - shown);
	fputs("</TABLE>", label.file);
	return label_close(&label);
}

char *label_frame(const char *name)
{
	struct label label;

	if (!label_open(&label, NULL))
		return NULL;
	fputs("<B>", label.file);
	put(&label, name, NAME_LEN);
	fputs("</B>", label.file);
	return label_close(&label);
}
