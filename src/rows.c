// SPDX-License-Identifier: GPL-2.0-only
#include "rows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PART_NODES 8   /* larger parts have a row of their own */
#define PART_COLUMNS 3 /* what such a part may be wide, about */
#define ROW_LEAST 6    /* columns */
#define ROW_MOST 16
#define ROW_SHAPE 0.9  /* columns of a row, by the root of all columns: a column is wider than a row is high */

struct part {
	size_t nodes, columns;
	size_t first, last; /* where lines begin and where they end */
};

struct parts {
	const struct graph *graph;
	size_t *heads; /* by node: another node of its part, or itself */
	bool *sends, *receives;
	struct part *parts; /* by node, of those that are their own head */
};

static size_t head_of(const struct parts *p, size_t node)
{
	while (p->heads[node] != node) {
		p->heads[node] = p->heads[p->heads[node]];
		node = p->heads[node];
	}
	return node;
}

/* The smaller index is the head: the order of parts is that of their first nodes. */
static void join(struct parts *p, size_t a, size_t b)
{
	a = head_of(p, a);
	b = head_of(p, b);
	if (a < b)
		p->heads[b] = a;
	else
		p->heads[a] = b;
}

static int frame_compare(const void *left, const void *right, void *context)
{
	const struct map *map = context;
	size_t i = *(const size_t *)left, j = *(const size_t *)right;
	int c = strcmp(map->nodes[i].cluster, map->nodes[j].cluster);

	return c ? c : (i > j) - (i < j);
}

static int frames_join(struct parts *p)
{
	const struct map *map = p->graph->map;
	size_t *order = calloc(map->node_count + 1, sizeof(*order));
	size_t count = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < map->node_count; i++) {
		if (map->nodes[i].cluster)
			order[count++] = i;
	}
	qsort_r(order, count, sizeof(*order), frame_compare, (void *)map);
	for (size_t i = 1; i < count; i++) {
		if (!strcmp(map->nodes[order[i - 1]].cluster, map->nodes[order[i]].cluster))
			join(p, order[i - 1], order[i]);
	}
	free(order);
	return 0;
}

static void parts_fill(struct parts *p)
{
	size_t count = p->graph->map->node_count;

	for (size_t i = 0; i < p->graph->line_count; i++) {
		const struct line *line = &p->graph->lines[i];

		if (line->tail != line->head)
			p->sends[line->tail] = p->receives[line->head] = true;
	}
	for (size_t i = 0; i < count; i++) {
		struct part *part = &p->parts[head_of(p, i)];

		if (part->nodes++ == 0)
			part->first = part->last = i;
		if (!p->receives[i] && p->receives[part->first])
			part->first = i;
		if (!p->sends[i] && (p->sends[part->last] || p->receives[i]))
			part->last = i;
		part->columns = part->nodes < PART_COLUMNS ? part->nodes : PART_COLUMNS;
	}
}

static bool part_is_small(const struct part *part)
{
	return part->nodes > 0 && part->nodes <= PART_NODES;
}

static size_t row_columns(const struct parts *p)
{
	double all = 0;

	for (size_t i = 0; i < p->graph->map->node_count; i++)
		all += part_is_small(&p->parts[i]) ? (double)p->parts[i].columns : 0;
	return (size_t)fmin(fmax(round(ROW_SHAPE * sqrt(all)), ROW_LEAST), ROW_MOST);
}

/* Row by row, in the order of the map. */
static size_t links_fill(const struct parts *p, struct row_link *links)
{
	const struct part *previous = NULL;
	size_t room = row_columns(p), used = 0, count = 0;

	for (size_t i = 0; i < p->graph->map->node_count; i++) {
		const struct part *part = &p->parts[i];

		if (!part_is_small(part))
			continue;
		if (previous && used + part->columns <= room)
			links[count++] = (struct row_link){ previous->last, part->first };
		else
			used = 0;
		used += part->columns;
		previous = part;
	}
	return count;
}

int rows_find(const struct graph *graph, struct row_link **ret_links, size_t *ret_count)
{
	size_t count = graph->map->node_count;
	struct row_link *links = calloc(count + 1, sizeof(*links));
	struct parts p = {
		.graph = graph,
		.heads = calloc(count + 1, sizeof(*p.heads)),
		.sends = calloc(count + 1, sizeof(*p.sends)),
		.receives = calloc(count + 1, sizeof(*p.receives)),
		.parts = calloc(count + 1, sizeof(*p.parts)),
	};
	int rc = links && p.heads && p.sends && p.receives && p.parts ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < count; i++)
		p.heads[i] = i;
	for (size_t i = 0; rc == 0 && i < graph->line_count; i++)
		join(&p, graph->lines[i].tail, graph->lines[i].head);
	rc = rc ? rc : frames_join(&p);
	if (rc == 0) {
		parts_fill(&p);
		*ret_count = links_fill(&p, links);
		*ret_links = links;
	} else {
		free(links);
	}
	free(p.heads);
	free(p.sends);
	free(p.receives);
	free(p.parts);
	return rc;
}
