// SPDX-License-Identifier: GPL-2.0-only
/* What stands above the drawing: what it shows, what it lacks, how to read it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff_text.h"
#include "label.h"
#include "legend.h"
#include "style.h"
#include "text.h"

#define NAME_LEN 64
#define REASON_LEN 96
#define NOTE_LEN 160
#define LINE_LEN 118 /* characters; a line breaks at the item that would pass it */

struct title {
	FILE *file;
	const struct graph *graph;
	char head[64], small[64], alarm[64]; /* fonts */
	size_t column; /* characters on this line, markup not counted */
	bool failed;
};

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

/*
 * Which part of the window a frame shows. On a line of its own, so that the lines
 * below it are where they are in every other frame.
 */
static void put_moment(struct title *t)
{
	const struct map *map = t->graph->map;
	const struct moment *moment = &map->moment;
	char bytes[32], of[32] = "";

	if (moment->count)
		snprintf(of, sizeof(of), " of %zu", moment->count);
	line_begin(t, t->head);
	fprintf(t->file, "<B>%.1f s to %.1f s</B>", moment->start, moment->end);
	t->column = 1;
	if (moment->cumulative)
		put_item(t, t->head, "all since the start");
	put_item(t, t->head, "frame %zu%s", moment->number, of);
	put_item(t, t->head, "%s moved", text_bytes(bytes, sizeof(bytes), t->graph->bytes));
	line_end(t);
}

/* What moves in a drawing that plays, and what does not. */
static void put_plays(struct title *t)
{
	const struct moment *moment = &t->graph->map->moment;
	const char *what = moment->cumulative ? "a line stays once data has moved" :
						"a line lights up and swells while data moves";

	line_begin(t, t->head);
	put_item(t, t->head, "plays in %.1f s", moment->plays);
	put_item(t, t->head, "%s", what);
	put_item(t, t->head, "figures are of the whole window");
	line_end(t);
}

/* "2026-11-23T18:00:00.000Z" for people; anything else as it is. */
static char *started_text(const char *started)
{
	char *text;

	if (strlen(started) != 24 || started[10] != 'T' || started[23] != 'Z')
		return text_cut(started, NAME_LEN);
	return asprintf(&text, "%.10s %.8s UTC", started, started + 11) < 0 ? NULL : text;
}

/* What a view left out, and how to see it. */
static void put_note(struct title *t)
{
	char *note = map_text(t, t->graph->map->note, NOTE_LEN);

	line_begin(t, t->head);
	put_item(t, t->head, "%s", note ? note : "");
	line_end(t);
	free(note);
}

static size_t processes_of(const struct map *map)
{
	size_t count = 0;

	for (size_t i = 0; i < map->node_count; i++) {
		if (map->nodes[i].kind == NODE_PROCESS)
			count += node_members(&map->nodes[i]);
	}
	return count;
}

static void put_head(struct title *t)
{
	const char *font = t->head;
	const struct map *map = t->graph->map;
	char *host = map_text(t, map->host ? map->host : "unknown host", NAME_LEN);
	char *kernel = map->kernel ? map_text(t, map->kernel, NAME_LEN) : NULL;
	char *started = map->started ? started_text(map->started) : NULL;
	const struct map *whole = graph_whole(t->graph)->map;
	size_t processes = processes_of(whole);

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
	if (graph_whole(t->graph)->hints.exits > 0 && !graph_whole(t->graph)->hints.exited)
		put_item(t, font, "%zu exited", graph_whole(t->graph)->hints.exits);
	put_item(t, font, "%zu channel%s", whole->channel_count, whole->channel_count == 1 ? "" : "s");
	line_end(t);
	free(host);
	free(kernel);
	free(started);
}

static void put_colour(struct title *t, enum change change)
{
	fprintf(t->file, "<FONT COLOR=\"%s\"><B>", style_change_colour(t->graph->style, change));
}

/* "+ 1 process, 2 edges added": in the colour of what was. */
static void put_counted(struct title *t, enum change change, const char *what)
{
	const struct diff_counts counts = diff_count(t->graph);
	size_t processes = counts.processes[change], edges = counts.edges[change];
	const char *sign = diff_sign(change);

	if (processes == 0 && edges == 0)
		return;
	item_begin(t, 24, t->head);
	put_colour(t, change);
	fprintf(t->file, "%s%s%zu process%s, %zu edge%s %s</B></FONT>", sign, *sign ? " " : "",
		processes, processes == 1 ? "" : "es", edges, edges == 1 ? "" : "s", what);
	t->column += 24;
}

/* What was left out cannot be counted any more: its rest is here for what changed. */
static void put_same(struct title *t)
{
	const struct diff_counts counts = diff_count(t->graph);
	size_t changes = 0;

	for (enum change change = CHANGE_CHANGED; change < CHANGES; change++)
		changes += counts.processes[change] + counts.edges[change];
	if (changes == 0)
		put_item(t, t->head, "no difference");
	if (t->graph->map->comparison->only_changes)
		put_item(t, t->head, "what is the same is left out");
	else
		put_counted(t, CHANGE_SAME, "the same");
}

static void put_window(struct title *t, const char *when, char *window)
{
	line_begin(t, t->head);
	put_item(t, t->head, "%s: %s", when, window ? window : "");
	line_end(t);
	t->failed |= !window;
	free(window);
}

/* The head of a difference, which is the key to its colours, too. */
static void put_comparison(struct title *t)
{
	const struct map *map = t->graph->map;
	const struct comparison *c = map->comparison;

	line_begin(t, t->head);
	fputs("<B>ipcmap diff</B>  ", t->file);
	put_counted(t, CHANGE_ADDED, "added");
	put_counted(t, CHANGE_REMOVED, "removed (dashed)");
	put_counted(t, CHANGE_CHANGED, "changed");
	put_same(t);
	line_end(t);
	put_window(t, "before", diff_window(c->host, c->started, c->duration));
	put_window(t, "after", diff_window(map->host, map->started, map->duration));
	line_begin(t, t->small);
	put_item(t, t->small, "%s", diff_measure(map));
	put_item(t, t->small, "changed: by more than %g %%", c->threshold);
	line_end(t);
	if (c->caveat) {
		line_begin(t, t->alarm);
		put_item(t, t->alarm, "%s", c->caveat);
		line_end(t);
	}
}

/* The states in the order they are told; what is none of the others is not traced. */
enum told { TOLD_MISSING, TOLD_PART, TOLD_OFF, TOLD_NOT };

static enum told state_told(const struct mechanism_state *state)
{
	if (state->state && strcmp(state->state, "off") == 0)
		return TOLD_OFF;
	if (!state->state || strcmp(state->state, "traced") != 0)
		return TOLD_MISSING;
	return state->reason ? TOLD_PART : TOLD_NOT;
}

/* "not asked for" says it all of what is off. */
static const char *state_reason(const struct mechanism_state *state)
{
	if (!state->reason || (state_told(state) == TOLD_OFF && !strcmp(state->reason, "not asked for")))
		return "";
	return state->reason;
}

static bool states_alike(const struct mechanism_state *a, const struct mechanism_state *b)
{
	return state_told(a) == state_told(b) && strcmp(state_reason(a), state_reason(b)) == 0;
}

/* One line for all mechanisms of one state and reason: "not traced: a, b (reason)". */
static void put_states(struct title *t, const struct mechanism_state *first,
		       const struct mechanism_state *end)
{
	static const char *const words[] = {
		[TOLD_MISSING] = "not traced: ",
		[TOLD_PART] = "traced in part: ",
		[TOLD_OFF] = "not asked for: ",
	};
	char *reason = map_text(t, state_reason(first), REASON_LEN);
	const char *separator = words[state_told(first)];

	line_begin(t, t->small);
	for (const struct mechanism_state *state = first; state < end; state++) {
		char *name;

		if (!states_alike(first, state))
			continue;
		name = map_text(t, state->mechanism ? state->mechanism : "?", NAME_LEN);
		put_text(t, separator);
		put_text(t, name ? name : "?");
		separator = ", ";
		free(name);
	}
	if (reason && *reason) {
		put_text(t, " (");
		put_text(t, reason);
		put_text(t, ")");
	}
	line_end(t);
	free(reason);
}

static void put_mechanisms(struct title *t)
{
	const struct completeness *c = &t->graph->map->completeness;
	const struct mechanism_state *end = c->mechanisms + c->mechanism_count;

	for (enum told told = TOLD_MISSING; told < TOLD_NOT; told++) {
		for (const struct mechanism_state *state = c->mechanisms; state < end; state++) {
			const struct mechanism_state *other = c->mechanisms;

			while (other < state && !states_alike(other, state))
				other++;
			if (state_told(state) == told && other == state)
				put_states(t, state, end);
		}
	}
}

static void put_completeness(struct title *t)
{
	const struct completeness *c = &t->graph->map->completeness;
	const char *font = c->lost ? t->alarm : t->small;
	char a[32], b[32];

	line_begin(t, font);
	put_item(t, font, "%s event%s", text_grouped(a, sizeof(a), c->events),
		 c->events == 1 ? "" : "s");
	put_item(t, font, "%s lost", text_grouped(a, sizeof(a), c->lost));
	for (size_t i = 0; i < c->mechanism_count; i++) {
		const struct mechanism_state *state = &c->mechanisms[i];
		char *name = state->lost ? map_text(t, state->mechanism, NAME_LEN) : NULL;

		if (name)
			put_item(t, font, "%s lost %s", name,
				 text_grouped(a, sizeof(a), state->lost));
		free(name);
	}
	put_item(t, font, "%s unattributed%s", text_grouped(a, sizeof(a), c->unattributed),
		 c->unattributed ? " (one end not known)" : "");
	if (c->external_ops > 0)
		put_item(t, font, "not drawn, with other hosts: ×%s %s",
			 text_count(a, sizeof(a), c->external_ops),
			 text_bytes(b, sizeof(b), c->external_bytes));
	line_end(t);
	put_mechanisms(t);
}

static void font_set(char *font, size_t size, int points, const char *colour)
{
	snprintf(font, size, "COLOR=\"%s\" POINT-SIZE=\"%d\"", colour, points);
}

char *label_title(const struct graph *graph)
{
	struct title t = { .graph = graph };
	char *data = NULL;
	size_t size;

	t.file = open_memstream(&data, &size);
	if (!t.file)
		return NULL;
	font_set(t.head, sizeof(t.head), 11,
		 style_of(graph->style, STYLE_GRAPH, "fontcolor", "black"));
	font_set(t.small, sizeof(t.small), 9,
		 style_of(graph->style, STYLE_DETAIL, "fontcolor", "black"));
	font_set(t.alarm, sizeof(t.alarm), 9,
		 style_of(graph->style, STYLE_ALARM, "fontcolor", "red"));
	fputs("<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"2\">", t.file);
	if (graph->map->comparison)
		put_comparison(&t);
	else
		put_head(&t);
	if (graph->map->moment.number)
		put_moment(&t);
	else if (graph->map->moment.plays > 0)
		put_plays(&t);
	if (graph->map->note)
		put_note(&t);
	else if (graph_whole(graph)->growing)
		fputs("<TR><TD><FONT POINT-SIZE=\"11\">&#160;</FONT></TD></TR>", t.file);
	put_completeness(&t);
	legend_put(t.file, graph);
	fputs("</TABLE>", t.file);
	t.failed |= ferror(t.file) != 0;
	t.failed |= fclose(t.file) != 0;
	if (!t.failed)
		return data;
	free(data);
	return NULL;
}
