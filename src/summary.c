// SPDX-License-Identifier: GPL-2.0-only
#include "summary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"
#include "label.h"
#include "text.h"

#define NAME_LEN 24
#define OVER_LEN 48

struct entry {
	const struct line *line;
	const struct row *row;
	uint64_t bytes, ops;
	char *from, *to; /* of those that are shown */
};

struct table {
	const struct map *map;
	FILE *file;
	struct entry *entries;
	size_t count, shown;
	uint64_t bytes, ops, along, against;
	size_t from_width, to_width;
	bool by_ops;
};

static void put_left(FILE *file, const char *text, size_t width)
{
	size_t used = text_width(text);

	fprintf(file, "%s%*s", text, (int)(used < width ? width - used : 0), "");
}

static int count_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int entry_compare(const void *left, const void *right, void *context)
{
	const struct entry *a = left, *b = right;
	const bool *by_ops = context;
	int bytes = count_compare(b->bytes, a->bytes), ops = count_compare(b->ops, a->ops);
	int c = *by_ops ? ops : bytes;

	c = c ? c : *by_ops ? bytes : ops;
	c = c ? c : count_compare(a->line->tail, b->line->tail);
	c = c ? c : count_compare(a->line->head, b->line->head);
	return c ? c : count_compare((uintptr_t)a->row, (uintptr_t)b->row);
}

/* "postgres[812]", "nginx ×8", "pipe:[123]". */
static char *entry_name(const struct map *map, const struct node *node)
{
	char *name = node_name(map, node), *cut = name ? text_cut(name, NAME_LEN) : NULL;
	char *text = NULL;
	int rc;

	if (!cut)
		rc = -1;
	else if (node_members(node) > 1)
		rc = asprintf(&text, "%s ×%zu", cut, node_members(node));
	else if (node->kind == NODE_PROCESS)
		rc = asprintf(&text, "%s[%" PRId64 "]", cut, node->pid);
	else
		rc = asprintf(&text, "%s", cut);
	free(name);
	free(cut);
	return rc < 0 ? NULL : text;
}

/* Two processes of one pid do not tell apart in a table: what moved does. */
static void entries_fill(struct table *t, const struct graph *graph)
{
	for (size_t i = 0; i < graph->line_count; i++) {
		const struct line *line = &graph->lines[i];

		for (size_t j = 0; j < line->row_count; j++) {
			const struct row *row = &line->rows[j];
			struct entry entry = { line, row, row_bytes(row), row_ops(row), NULL, NULL };

			if (row->kind == ROW_IDLE)
				continue;
			t->entries[t->count++] = entry;
			t->bytes += entry.bytes;
			t->ops += entry.ops;
			t->along += figures_bytes(&row->ways[WAY_ALONG]);
			t->against += figures_bytes(&row->ways[WAY_AGAINST]);
		}
	}
}

static bool names_fill(struct table *t)
{
	for (size_t i = 0; i < t->shown; i++) {
		struct entry *entry = &t->entries[i];
		size_t width;

		entry->from = entry_name(t->map, &t->map->nodes[entry->line->tail]);
		entry->to = entry_name(t->map, &t->map->nodes[entry->line->head]);
		if (!entry->from || !entry->to)
			return false;
		width = text_width(entry->from);
		t->from_width = width > t->from_width ? width : t->from_width;
		width = text_width(entry->to);
		t->to_width = width > t->to_width ? width : t->to_width;
	}
	return true;
}

static void put_figures(struct table *t, uint64_t part, uint64_t all, uint64_t along,
			uint64_t against, uint64_t ops)
{
	char a[32] = "", b[32] = "", c[32];

	if (along)
		text_bytes(a, sizeof(a), along);
	if (against)
		text_bytes(b, sizeof(b), against);
	fprintf(t->file, "%6.2f %9s %9s %6s  ", all ? (double)part / (double)all * 100 : 0, a, b,
		text_count(c, sizeof(c), ops));
}

static bool put_over(struct table *t, const struct row *row)
{
	static const char *const words[] = {
		[ROW_MOVED] = "", [ROW_UNDELIVERED] = ", undelivered",
		[ROW_EARLIER] = ", sent earlier", [ROW_IDLE] = "",
	};
	const char *name = row->signal ? row->signal : row->channel ? row->channel->name : NULL;
	char *cut = text_cut(name ? name : "", OVER_LEN);

	if (!cut)
		return false;
	fprintf(t->file, "%s%s%s", row->mechanism, *cut ? " " : "", cut);
	if (row->channels > 1)
		fprintf(t->file, ", %zu channels", row->channels);
	fprintf(t->file, "%s\n", words[row->kind]);
	free(cut);
	return true;
}

static bool put_entry(struct table *t, const struct entry *entry)
{
	const struct row *row = entry->row;

	put_figures(t, t->by_ops ? entry->ops : entry->bytes, t->by_ops ? t->ops : t->bytes,
		    figures_bytes(&row->ways[WAY_ALONG]), figures_bytes(&row->ways[WAY_AGAINST]),
		    entry->ops);
	put_left(t->file, entry->from, t->from_width);
	fputs("  ", t->file);
	put_left(t->file, entry->to, t->to_width);
	fputs("  ", t->file);
	return put_over(t, row);
}

static bool put_table(struct table *t)
{
	bool done = true;

	/* Arrows are one column wide and three bytes long. */
	fprintf(t->file, "%6s %11s %11s %6s  ", t->by_ops ? "% ops" : "%", "→", "←", "ops");
	put_left(t->file, "from", t->from_width);
	fputs("  ", t->file);
	put_left(t->file, "to", t->to_width);
	fputs("  over\n", t->file);
	for (size_t i = 0; done && i < t->shown; i++)
		done = put_entry(t, &t->entries[i]);
	put_figures(t, 1, 1, t->along, t->against, t->ops);
	fprintf(t->file, "total of %zu edge%s", t->count, t->count == 1 ? "" : "s");
	if (t->shown < t->count)
		fprintf(t->file, ", %zu not shown", t->count - t->shown);
	fputc('\n', t->file);
	return done;
}

static int table_write(struct table *t, size_t lines)
{
	bool by_ops = t->by_ops;

	qsort_r(t->entries, t->count, sizeof(*t->entries), entry_compare, &by_ops);
	t->shown = t->count < lines ? t->count : lines;
	t->from_width = strlen("from");
	t->to_width = strlen("to");
	return t->count == 0 || (names_fill(t) && put_table(t)) ? 0 : -ENOMEM;
}

int summary_format(const struct map *map, size_t lines, bool by_ops, char **ret_text)
{
	struct table t = { .map = map };
	struct graph graph;
	char *data = NULL;
	size_t size;
	int rc = graph_new(map, &graph);

	if (rc < 0)
		return rc;
	t.entries = calloc(map->edge_count + 1, sizeof(*t.entries));
	t.file = open_memstream(&data, &size);
	if (t.entries && t.file) {
		entries_fill(&t, &graph);
		t.by_ops = by_ops || !t.bytes;
		rc = table_write(&t, lines);
	} else {
		rc = -ENOMEM;
	}
	if (t.file && ferror(t.file))
		rc = -ENOMEM;
	if (t.file && fclose(t.file))
		rc = -ENOMEM;
	for (size_t i = 0; t.entries && i < t.shown; i++) {
		free(t.entries[i].from);
		free(t.entries[i].to);
	}
	free(t.entries);
	graph_done(&graph);
	if (rc < 0)
		free(data);
	else
		*ret_text = data;
	return rc;
}
