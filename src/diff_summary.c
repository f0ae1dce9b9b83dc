// SPDX-License-Identifier: GPL-2.0-only
/* The text summary of a difference. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff_text.h"
#include "label.h"
#include "text.h"

#define NAME_LEN 28
#define OVER_LEN 48

struct summary {
	const struct graph *graph;
	FILE *file;
	size_t lines, shown, all;
	size_t from_width, to_width, over_width;
	bool colour, failed;
};

static void put_left(FILE *file, const char *text, size_t width)
{
	size_t used = text_width(text);

	fprintf(file, "%s%*s", text, (int)(used < width ? width - used : 0), "");
}

/*
 * "nginx[812]", "postgres ×8", "pipe"; told: "postgres ×4 → ×8", which beside the
 * arrows of an edge would be one too many.
 */
static char *end_name(struct summary *s, const struct node *node, bool told)
{
	char *name = node_name(s->graph->map, node), *cut = name ? text_cut(name, NAME_LEN) : NULL;
	char members[64] = "", *text = NULL;
	int rc = -1;

	if (told)
		diff_members(node, members, sizeof(members));
	else if (node_members(node) > 1)
		snprintf(members, sizeof(members), "×%zu", node_members(node));
	if (cut && !*members && node->kind == NODE_PROCESS && !node->name)
		rc = asprintf(&text, "%s[%" PRId64 "]", cut, node->pid);
	else if (cut)
		rc = asprintf(&text, "%s%s%s", cut, *members ? " " : "", members);
	free(name);
	free(cut);
	s->failed |= rc < 0;
	return rc < 0 ? NULL : text;
}

static char *over_text(struct summary *s, const struct row *row)
{
	const char *name = row->signal ? row->signal : row->channel ? row->channel->name : NULL;
	char *cut = text_cut(name ? name : "", OVER_LEN), *text = NULL;

	if (!cut || asprintf(&text, "%s%s%s", row->mechanism, *cut ? " " : "", cut) < 0) {
		s->failed = true;
		text = NULL;
	}
	free(cut);
	return text;
}

static bool line_begin(struct summary *s, enum change change)
{
	static const char *const colours[CHANGES] = {
		[CHANGE_ADDED] = "32", [CHANGE_REMOVED] = "31", [CHANGE_CHANGED] = "33",
	};

	s->all++;
	if (s->shown >= s->lines)
		return false;
	s->shown++;
	if (s->colour)
		fprintf(s->file, "\033[%sm", colours[change]);
	fprintf(s->file, "%s ", diff_sign(change));
	return true;
}

static void line_end(struct summary *s)
{
	fputs(s->colour ? "\033[m\n" : "\n", s->file);
}

static const enum change order[] = { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_CHANGED };

static void put_processes(struct summary *s, enum change change)
{
	const struct map *map = s->graph->map;

	for (size_t i = 0; i < map->node_count; i++) {
		const struct node *node = &map->nodes[i];
		char *name;

		if (node->change != change || node->kind != NODE_PROCESS || !line_begin(s, change))
			continue;
		name = end_name(s, node, true);
		fprintf(s->file, "%s", name ? name : "");
		if (node->unit || node->container)
			fprintf(s->file, " (%s)", node->container ? node->container : node->unit);
		if (node->was)
			fprintf(s->file, ": %s", node->was);
		line_end(s);
		free(name);
	}
}

static void put_row(struct summary *s, const struct line *line, const struct row *row)
{
	const struct map *map = s->graph->map;
	char *from = end_name(s, &map->nodes[line->tail], false), *to = end_name(s, &map->nodes[line->head], false);
	char *over = over_text(s, row), amount[128];
	bool along = row_moved(row, WAY_ALONG), against = row_moved(row, WAY_AGAINST);

	put_left(s->file, from ? from : "", s->from_width);
	fprintf(s->file, " %s ", along && against ? "↔" : against ? "←" : along ? "→" : "—");
	put_left(s->file, to ? to : "", s->to_width);
	fputs("  ", s->file);
	if (along || against)
		put_left(s->file, over ? over : "", s->over_width + 2);
	else
		fprintf(s->file, "%s  idle", over ? over : "");
	if (along)
		fprintf(s->file, "%s%s", against ? "→ " : "",
			diff_amount(map, row, WAY_ALONG, amount, sizeof(amount)));
	if (against)
		fprintf(s->file, "%s%s", along ? "   ← " : "",
			diff_amount(map, row, WAY_AGAINST, amount, sizeof(amount)));
	free(from);
	free(to);
	free(over);
}

static void widen(size_t *width, const char *text)
{
	size_t used = text ? text_width(text) : 0;

	*width = used > *width ? used : *width;
}

/* Calls take for each row that changed so. */
static void rows_visit(struct summary *s, enum change change,
		       void (*take)(struct summary *s, const struct line *line, const struct row *row))
{
	for (size_t i = 0; i < s->graph->line_count; i++) {
		const struct line *line = &s->graph->lines[i];

		for (size_t j = 0; j < line->row_count; j++) {
			if (line->rows[j].change == change)
				take(s, line, &line->rows[j]);
		}
	}
}

static void row_measure(struct summary *s, const struct line *line, const struct row *row)
{
	char *from = end_name(s, &s->graph->map->nodes[line->tail], false);
	char *to = end_name(s, &s->graph->map->nodes[line->head], false), *over = over_text(s, row);

	widen(&s->from_width, from);
	widen(&s->to_width, to);
	widen(&s->over_width, over);
	free(from);
	free(to);
	free(over);
}

static void row_print(struct summary *s, const struct line *line, const struct row *row)
{
	if (!line_begin(s, row->change))
		return;
	put_row(s, line, row);
	line_end(s);
}

static void put_head(struct summary *s)
{
	const struct map *map = s->graph->map;
	const struct comparison *c = map->comparison;
	char *before = diff_window(c->host, c->started, c->duration);
	char *after = diff_window(map->host, map->started, map->duration);

	fprintf(s->file, "before: %s\nafter:  %s\n%s; changed: by more than %g %%\n",
		before ? before : "", after ? after : "", diff_measure(map), c->threshold);
	if (c->caveat)
		fprintf(s->file, "%s\n", c->caveat);
	s->failed |= !before || !after;
	free(before);
	free(after);
}

static void put_counts(struct summary *s)
{
	const struct diff_counts counts = diff_count(s->graph);
	const size_t *p = counts.processes, *e = counts.edges;

	if (s->shown < s->all)
		fprintf(s->file, "… %zu more\n", s->all - s->shown);
	fprintf(s->file, "processes: %zu added, %zu removed, %zu changed, %zu the same\n"
		"edges:     %zu added, %zu removed, %zu changed, %zu the same\n",
		p[CHANGE_ADDED], p[CHANGE_REMOVED], p[CHANGE_CHANGED], p[CHANGE_SAME],
		e[CHANGE_ADDED], e[CHANGE_REMOVED], e[CHANGE_CHANGED], e[CHANGE_SAME]);
}

static void write_summary(struct summary *s)
{
	put_head(s);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		rows_visit(s, order[i], row_measure);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		put_processes(s, order[i]);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		rows_visit(s, order[i], row_print);
	put_counts(s);
}

int diff_summary(const struct graph *graph, size_t lines, bool colour, char **ret_text)
{
	struct summary s = { .graph = graph, .lines = lines, .colour = colour };
	char *data = NULL;
	size_t size;

	s.file = open_memstream(&data, &size);
	if (!s.file)
		return -ENOMEM;
	write_summary(&s);
	s.failed |= ferror(s.file) != 0;
	s.failed |= fclose(s.file) != 0;
	if (s.failed) {
		free(data);
		return -ENOMEM;
	}
	*ret_text = data;
	return 0;
}
