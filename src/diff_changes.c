// SPDX-License-Identifier: GPL-2.0-only
/* Of a difference, what is not the same. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "derive.h"
#include "diff.h"

static size_t low(const struct edge *edge)
{
	return edge->src < edge->dst ? edge->src : edge->dst;
}

static size_t high(const struct edge *edge)
{
	return edge->src < edge->dst ? edge->dst : edge->src;
}

/* Zero: the two directions of one, as a row of the graph shows them. */
static int edge_compare_row(const struct edge *a, const struct edge *b)
{
	int c = size_compare(low(a), low(b));

	c = c ? c : size_compare(high(a), high(b));
	c = c ? c : size_compare(a->channel, b->channel);
	c = c ? c : strcmp(a->mechanism, b->mechanism);
	c = c ? c : strcmp(a->signal ? a->signal : "", b->signal ? b->signal : "");
	return c ? c : (int)change_presence(a->change) - (int)change_presence(b->change);
}

static int edge_compare(const void *left, const void *right, void *context)
{
	const struct map *map = context;
	size_t i = *(const size_t *)left, j = *(const size_t *)right;
	int c = edge_compare_row(&map->edges[i], &map->edges[j]);

	return c ? c : size_compare(i, j);
}

/* Where one direction has changed, the other one stays, too. */
static void edges_choose(const struct map *diff, const size_t *order, bool *keep)
{
	for (size_t i = 0, end; i < diff->edge_count; i = end) {
		bool changed = false;

		for (end = i; end < diff->edge_count &&
		     edge_compare_row(&diff->edges[order[i]], &diff->edges[order[end]]) == 0; end++)
			changed |= diff->edges[order[end]].change != CHANGE_SAME;
		for (size_t k = i; k < end; k++)
			keep[order[k]] = changed;
	}
}

int diff_changes(const struct map *diff, struct map **ret_map)
{
	size_t *order = calloc(diff->edge_count + 1, sizeof(*order));
	bool *edges = calloc(diff->edge_count + 1, sizeof(*edges));
	bool *nodes = calloc(diff->node_count + 1, sizeof(*nodes));
	struct derivation derivation = { .edges = edges, .nodes = nodes };
	int rc = order && edges && nodes ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < diff->edge_count; i++)
		order[i] = i;
	if (rc == 0) {
		qsort_r(order, diff->edge_count, sizeof(*order), edge_compare, (void *)diff);
		edges_choose(diff, order, edges);
	}
	for (size_t i = 0; rc == 0 && i < diff->node_count; i++)
		nodes[i] = diff->nodes[i].kind == NODE_PROCESS && diff->nodes[i].change != CHANGE_SAME;
	rc = rc ? rc : map_derive(diff, &derivation, ret_map);
	if (rc == 0)
		(*ret_map)->comparison->only_changes = true;
	free(order);
	free(edges);
	free(nodes);
	return rc;
}
