// SPDX-License-Identifier: GPL-2.0-only
/* What stands above the drawing: what it shows, what it lacks, how to read it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "label.h"
#include "mechanism.h"
#include "style.h"
#include "text.h"

#define NAME_LEN 64
#define REASON_LEN 96
#define LINE_LEN 118 /* characters; a line breaks at the item that would pass it */

struct title {
	FILE *file;
	const struct graph *graph;
	size_t column; /* characters on this line, markup not counted */
	bool failed;
};

static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void put_text(struct title *t, const char *text)
{
	char *escaped = label_escape(text);

	if (escaped)
		fputs(escaped, t->file);
	else
		t->failed = true;
	t->column += text_width(text);
	free(escaped);
}

static void line_begin(struct title *t, const char *font)
{
	fprintf(t->file, "<TR><TD ALIGN=\"LEFT\"><FONT %s>", font);
	t->column = 0;
}

static void line_end(struct title *t)
{
	fputs("</FONT></TD></TR>", t->file);
}

/* Room for an item that wide: a separator, or a new line. */
static void item_begin(struct title *t, size_t width, const char *font)
{
	if (t->column == 0)
		return;
	if (t->column + width > LINE_LEN) {
		line_end(t);
		line_begin(t, font);
		return;
	}
	fputs(" · ", t->file);
	t->column += 3;
}

__attribute__((format(printf, 3, 4)))
static void put_item(struct title *t, const char *font, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (!text) {
		t->failed = true;
		return;
	}
	item_begin(t, text_width(text), font);
	put_text(t, text);
	free(text);
}

static char *map_text(struct title *t, const char *text, size_t max)
{
	char *cut = text_cut(text, max);

	t->failed |= cut == NULL;
	return cut;
}

/* "2026-11-23T18:00:00.000Z" for people; anything else as it is. */
static char *started_text(const char *started)
{
	char *text;

	if (strlen(started) != 24 || started[10] != 'T' || started[23] != 'Z')
		return text_cut(started, NAME_LEN);
	return asprintf(&text, "%.10s %.8s UTC", started, started + 11) < 0 ? NULL : text;
}

static size_t nodes_of(const struct map *map, enum node_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < map->node_count; i++)
		count += map->nodes[i].kind == kind;
	return count;
}

static void put_head(struct title *t)
{
	static const char font[] = "COLOR=\"" STYLE_TEXT "\" POINT-SIZE=\"11\"";
	const struct map *map = t->graph->map;
	char *host = map_text(t, map->host ? map->host : "unknown host", NAME_LEN);
	char *kernel = map->kernel ? map_text(t, map->kernel, NAME_LEN) : NULL;
	char *started = map->started ? started_text(map->started) : NULL;
	size_t processes = nodes_of(map, NODE_PROCESS);

	line_begin(t, font);
	fputs("<B>ipcmap</B>  ", t->file);
	if (host)
		put_item(t, font, "%s", host);
	if (kernel)
		put_item(t, font, "Linux %s", kernel);
	put_item(t, font, "%.1f s", map->duration);
	if (started)
		put_item(t, font, "from %s", started);
	put_item(t, font, "%zu process%s", processes, processes == 1 ? "" : "es");
	put_item(t, font, "%zu channel%s", map->channel_count, map->channel_count == 1 ? "" : "s");
	line_end(t);
	free(host);
	free(kernel);
	free(started);
}

static bool state_is(const struct mechanism_state *state, const char *name)
{
	return state->state && strcmp(state->state, name) == 0;
}

static void put_state(struct title *t, const char *font, const struct mechanism_state *state)
{
	char *reason = state->reason ? map_text(t, state->reason, REASON_LEN) : NULL;
	char *name = map_text(t, state->mechanism ? state->mechanism : "?", NAME_LEN);
	const char *open = reason ? " (" : "", *close = reason ? ")" : "";
	const char *text = reason ? reason : "";

	if (!name)
		t->failed = true;
	else if (state_is(state, "off"))
		put_item(t, font, "not asked for: %s%s%s%s", name, open, text, close);
	else if (!state_is(state, "traced"))
		put_item(t, font, "not traced: %s%s%s%s", name, open, text, close);
	else if (reason)
		put_item(t, font, "traced in part: %s (%s)", name, reason);
	if (name && state->lost > 0)
		put_item(t, font, "%s lost %llu", name, (unsigned long long)state->lost);
	free(name);
	free(reason);
}

static void put_completeness(struct title *t)
{
	const struct completeness *c = &t->graph->map->completeness;
	const char *font = c->lost ? "COLOR=\"" STYLE_ALARM "\" POINT-SIZE=\"9\"" :
				     "COLOR=\"" STYLE_FAINT "\" POINT-SIZE=\"9\"";
	char a[32], b[32];

	line_begin(t, font);
	put_item(t, font, "%s event%s", text_grouped(a, sizeof(a), c->events),
		 c->events == 1 ? "" : "s");
	put_item(t, font, "%s lost", text_grouped(a, sizeof(a), c->lost));
	put_item(t, font, "%s unattributed", text_grouped(a, sizeof(a), c->unattributed));
	if (c->external_ops > 0)
		put_item(t, font, "not drawn, with other hosts: ×%s %s",
			 text_count(a, sizeof(a), c->external_ops),
			 text_bytes(b, sizeof(b), c->external_bytes));
	for (size_t i = 0; i < c->mechanism_count; i++)
		put_state(t, font, &c->mechanisms[i]);
	line_end(t);
}

/* What the signs of this drawing need to be explained. */
struct signs {
	bool mechanisms[IPC_MECHANISMS], both_ways, dashed, idle, bytes;
};

static void signs_find(const struct graph *graph, struct signs *signs)
{
	*signs = (struct signs){ 0 };
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

static void put_legend(struct title *t)
{
	static const char font[] = "COLOR=\"" STYLE_FAINT "\" POINT-SIZE=\"9\"";
	struct signs signs;

	signs_find(t->graph, &signs);
	if (t->graph->line_count == 0)
		return;
	line_begin(t, font);
	for (int i = 0; i < IPC_MECHANISMS; i++) {
		const struct mechanism *m = &mechanisms[i];

		if (!signs.mechanisms[i])
			continue;
		item_begin(t, strlen(m->name) + 1 + strlen(m->about), font);
		fprintf(t->file, "<FONT COLOR=\"%s\"><B>", style_colour(m->name));
		put_text(t, m->name);
		fputs("</B></FONT>", t->file);
		if (strcmp(m->name, m->about) != 0) {
			fputc(' ', t->file);
			put_text(t, m->about);
		}
	}
	line_end(t);
	line_begin(t, font);
	if (signs.both_ways)
		put_item(t, font, "→ to the filled arrowhead, ← to the hollow one");
	put_item(t, font, "×12: operations");
	if (signs.bytes)
		put_item(t, font, "width: bytes");
	if (signs.dashed)
		put_item(t, font, "dashed: only one end seen in the window");
	if (signs.idle)
		put_item(t, font, "thin grey: open, idle");
	line_end(t);
}

char *label_title(const struct graph *graph)
{
	struct title t = { .graph = graph };
	char *data = NULL;
	size_t size;

	t.file = open_memstream(&data, &size);
	if (!t.file)
		return NULL;
	fputs("<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"2\">", t.file);
	put_head(&t);
	put_completeness(&t);
	put_legend(&t);
	fputs("</TABLE>", t.file);
	t.failed |= ferror(t.file) != 0;
	t.failed |= fclose(t.file) != 0;
	if (!t.failed)
		return data;
	free(data);
	return NULL;
}
