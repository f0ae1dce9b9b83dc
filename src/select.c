// SPDX-License-Identifier: GPL-2.0-only
#include "select.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "mechanism.h"

#define FAR UINT_MAX

uint64_t edge_bytes(const struct edge *edge)
{
	return edge->bytes > edge->received_bytes ? edge->bytes : edge->received_bytes;
}

uint64_t edge_ops(const struct edge *edge)
{
	return edge->ops ? edge->ops : edge->received_ops;
}

static bool glob_matches(const char *glob, const char *text)
{
	size_t glob_len, len;

	if (!text)
		return false;
	/* A name with brackets is no glob to whoever copied it from the drawing, where ":80" is a port of any address. */
	if (strcmp(glob, text) == 0 || fnmatch(glob, text, 0) == 0)
		return true;
	glob_len = strlen(glob);
	len = strlen(text);
	return glob[0] == ':' && len > glob_len && strcmp(text + len - glob_len, glob) == 0;
}

static bool node_has_pid(const struct node *node, const char *what)
{
	char pid[32];

	snprintf(pid, sizeof(pid), "%" PRId64, node->pid);
	return strcmp(what, pid) == 0;
}

static bool node_is_hidden(const struct map *map, const struct node *node, const char *glob)
{
	const struct channel *channel;

	switch (node->kind) {
	case NODE_PROCESS:
		return node_has_pid(node, glob) || glob_matches(glob, node->comm) ||
		       glob_matches(glob, node->name) || glob_matches(glob, node->unit) || glob_matches(glob, node->container);
	case NODE_HUB:
		channel = &map->channels[node->channel];
		return glob_matches(glob, channel->name) || glob_matches(glob, channel->object);
	case NODE_EXTERNAL:
		return glob_matches(glob, node->address) || glob_matches(glob, node->name);
	default:
		return glob_matches(glob, "kernel");
	}
}

/* Every node and every channel is held against every glob once. */
static int hide(const struct map *map, const struct view_options *options, bool *keep)
{
	bool *nodes = calloc(map->node_count + 1, sizeof(*nodes));
	bool *channels = calloc(map->channel_count + 1, sizeof(*channels));
	int rc = nodes && channels ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < options->hide_count; i++) {
		for (size_t j = 0; j < map->node_count; j++)
			nodes[j] |= node_is_hidden(map, &map->nodes[j], options->hide[i]);
		for (size_t j = 0; j < map->channel_count; j++)
			channels[j] |= glob_matches(options->hide[i], map->channels[j].name);
	}
	for (size_t i = 0; rc == 0 && i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];

		if (nodes[edge->src] || nodes[edge->dst] ||
		    (edge->channel != MAP_NO_CHANNEL && channels[edge->channel]))
			keep[i] = false;
	}
	free(nodes);
	free(channels);
	return rc;
}

static bool edge_is_of(const struct edge *edge, uint32_t only)
{
	int mechanism = mechanism_by_name(edge->mechanism);

	return mechanism >= 0 && (only & UINT32_C(1) << mechanism);
}

static bool node_is_focus(const struct node *node, const char *what)
{
	return node->kind == NODE_PROCESS &&
	       (node_has_pid(node, what) || glob_matches(what, node->comm) || glob_matches(what, node->name));
}

/*
 * How far nodes are from the focus, by rounds over all edges: hops are few. A
 * hub is part of a channel and no step; what the kernel does to two processes
 * does not bring them together.
 */
static void distances_fill(const struct map *map, const bool *keep, unsigned hops,
			   unsigned *distances)
{
	for (bool changed = true; changed;) {
		changed = false;
		for (size_t i = 0; i < map->edge_count; i++) {
			size_t ends[2] = { map->edges[i].src, map->edges[i].dst };

			for (int way = 0; keep[i] && way < 2; way++) {
				size_t from = ends[way], to = ends[!way];
				bool hub = map->nodes[to].kind == NODE_HUB;
				/* Between two hubs there is no channel, whatever a file says. */
				unsigned step = !hub || map->nodes[from].kind == NODE_HUB;

				if (distances[from] == FAR || distances[from] + step > hops ||
				    map->nodes[from].kind == NODE_KERNEL ||
				    distances[to] <= distances[from] + step)
					continue;
				distances[to] = distances[from] + step;
				changed = true;
			}
		}
	}
}

/* Whether what this node does is still within the hops. */
static bool leads_on(const struct map *map, size_t node, unsigned hops, const unsigned *distances)
{
	return map->nodes[node].kind != NODE_KERNEL && distances[node] < hops;
}

/* By its name as a glob; what stands for an inode as it is, or "p*" would be every pipe. */
static bool channel_is_focus(const struct channel *channel, const struct view_options *options)
{
	for (size_t i = 0; i < options->focus_count; i++)
		if (glob_matches(options->focus[i], channel->name) ||
		    (channel->object && strcmp(options->focus[i], channel->object) == 0))
			return true;
	return false;
}

/* What goes over a channel in the focus is kept, and its ends are one step away. */
static bool *channels_focus(const struct map *map, const struct view_options *options, const bool *keep,
			    unsigned *distances)
{
	bool *channels = calloc(map->channel_count + 1, sizeof(*channels));
	bool *over = channels ? calloc(map->edge_count + 1, sizeof(*over)) : NULL;

	for (size_t i = 0; over && i < map->channel_count; i++)
		channels[i] = channel_is_focus(&map->channels[i], options);
	for (size_t i = 0; over && i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];

		over[i] = keep[i] && edge->channel != MAP_NO_CHANNEL && channels[edge->channel];
		if (over[i] && distances[edge->src] == FAR)
			distances[edge->src] = 1;
		if (over[i] && distances[edge->dst] == FAR)
			distances[edge->dst] = 1;
	}
	free(channels);
	return over;
}

/* Keeps what leads away from the focus, so many steps far. */
static int focus(const struct map *map, const struct view_options *options, bool *keep,
		 bool *focused)
{
	unsigned hops = options->hops ? options->hops : 1;
	unsigned *distances = calloc(map->node_count + 1, sizeof(*distances));
	bool *over = NULL;

	if (!distances)
		return -ENOMEM;
	for (size_t i = 0; i < map->node_count; i++) {
		for (size_t j = 0; j < options->focus_count && !focused[i]; j++)
			focused[i] = node_is_focus(&map->nodes[i], options->focus[j]);
		for (size_t j = 0; j < options->hide_count && focused[i]; j++)
			focused[i] = !node_is_hidden(map, &map->nodes[i], options->hide[j]);
		distances[i] = focused[i] ? 0 : FAR;
	}
	over = channels_focus(map, options, keep, distances);
	if (over)
		distances_fill(map, keep, hops, distances);
	for (size_t i = 0; over && i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];

		keep[i] = keep[i] && (over[i] || leads_on(map, edge->src, hops, distances) ||
				      leads_on(map, edge->dst, hops, distances));
	}
	free(distances);
	if (!over)
		return -ENOMEM;
	free(over);
	return 0;
}

int select_part(const struct map *map, const struct view_options *options, bool *keep,
		bool *focused)
{
	int rc = 0;

	for (size_t i = 0; i < map->edge_count; i++)
		keep[i] = !options->only || edge_is_of(&map->edges[i], options->only);
	if (options->hide_count > 0)
		rc = hide(map, options, keep);
	if (rc == 0 && options->focus_count > 0)
		rc = focus(map, options, keep, focused);
	return rc;
}

/* All that goes between two nodes. */
struct pair {
	size_t low, high;
	size_t first, count; /* in the order of edges */
	uint64_t bytes, ops;
	bool changed; /* in a difference */
	bool kept;
};

struct pairs {
	size_t *order; /* of edges, by pair */
	struct pair *pairs;
	size_t count;
};

static size_t edge_low(const struct edge *edge)
{
	return edge->src < edge->dst ? edge->src : edge->dst;
}

static size_t edge_high(const struct edge *edge)
{
	return edge->src < edge->dst ? edge->dst : edge->src;
}

static int edge_compare(const void *left, const void *right, void *context)
{
	const struct map *map = context;
	size_t i = *(const size_t *)left, j = *(const size_t *)right;
	int c = size_compare(edge_low(&map->edges[i]), edge_low(&map->edges[j]));

	c = c ? c : size_compare(edge_high(&map->edges[i]), edge_high(&map->edges[j]));
	return c ? c : size_compare(i, j);
}

static void pairs_done(struct pairs *pairs)
{
	free(pairs->order);
	free(pairs->pairs);
}

static int pairs_new(const struct map *map, struct pairs *ret_pairs)
{
	struct pairs p = { 0 };

	p.order = calloc(map->edge_count + 1, sizeof(*p.order));
	p.pairs = calloc(map->edge_count + 1, sizeof(*p.pairs));
	if (!p.order || !p.pairs) {
		pairs_done(&p);
		return -ENOMEM;
	}
	for (size_t i = 0; i < map->edge_count; i++)
		p.order[i] = i;
	qsort_r(p.order, map->edge_count, sizeof(*p.order), edge_compare, (void *)map);
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[p.order[i]];
		struct pair *pair = p.count ? &p.pairs[p.count - 1] : NULL;

		if (!pair || pair->low != edge_low(edge) || pair->high != edge_high(edge)) {
			pair = &p.pairs[p.count++];
			*pair = (struct pair){ .low = edge_low(edge), .high = edge_high(edge),
					       .first = i };
		}
		pair->count++;
		pair->bytes += edge_bytes(edge);
		pair->ops += edge_ops(edge);
		pair->changed |= edge->change > CHANGE_SAME;
	}
	*ret_pairs = p;
	return 0;
}

/* What changed before what did not. */
static int pair_compare_bytes(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;
	int c = b->changed - a->changed;

	c = c ? c : size_compare(b->bytes, a->bytes);
	c = c ? c : size_compare(b->ops, a->ops);
	return c ? c : size_compare(a->first, b->first);
}

static int pair_compare_ops(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;
	int c = b->changed - a->changed;

	c = c ? c : size_compare(b->ops, a->ops);
	c = c ? c : size_compare(b->bytes, a->bytes);
	return c ? c : size_compare(a->first, b->first);
}

static void pairs_choose(struct pairs *pairs, const struct view_options *options)
{
	size_t kept = 0;

	for (size_t i = 0; i < pairs->count; i++) {
		struct pair *pair = &pairs->pairs[i];

		pair->kept = pair->bytes >= options->min_bytes && pair->ops >= options->min_ops &&
			     (!options->top || kept < options->top);
		kept += pair->kept;
	}
}

static double pair_weight(const struct pair *pair, bool by_ops)
{
	return (double)(by_ops ? pair->ops : pair->bytes);
}

/*
 * The heaviest first, as long as there is room for their nodes; lighter ones
 * between nodes that are there anyhow find room longer. What is next to nothing
 * beside them is left out even where there were room.
 */
static int pairs_fit(struct pairs *pairs, const struct map *map, bool by_ops)
{
	bool *nodes = calloc(map->node_count + 1, sizeof(*nodes));
	size_t node_count = 0, count = 0;
	double left = 0, little;

	if (!nodes)
		return -ENOMEM;
	for (size_t i = 0; i < pairs->count; i++)
		left += pair_weight(&pairs->pairs[i], by_ops);
	little = left * (1 - VIEW_SHARE);
	for (size_t i = 0; i < pairs->count && (count < VIEW_LINES_LEAST || left > little); i++) {
		struct pair *pair = &pairs->pairs[i];
		size_t more = !nodes[pair->low] + (pair->low != pair->high && !nodes[pair->high]);

		if (count == VIEW_LINES || node_count + more > VIEW_NODES)
			continue;
		pair->kept = nodes[pair->low] = nodes[pair->high] = true;
		node_count += more;
		count++;
		left -= pair_weight(pair, by_ops);
	}
	free(nodes);
	return 0;
}

int select_lines(const struct map *map, const struct view_options *options, bool by_itself,
		 bool *keep, bool *ret_by_itself)
{
	bool asked = options->top || options->min_bytes || options->min_ops;
	struct pairs pairs;
	int rc = pairs_new(map, &pairs);

	if (rc < 0)
		return rc;
	by_itself = by_itself && !asked && !options->all &&
		    (map->node_count > VIEW_NODES || pairs.count > VIEW_LINES);
	qsort(pairs.pairs, pairs.count, sizeof(*pairs.pairs),
	      options->by_ops ? pair_compare_ops : pair_compare_bytes);
	if (by_itself)
		rc = pairs_fit(&pairs, map, options->by_ops);
	else
		pairs_choose(&pairs, options);
	for (size_t i = 0; i < pairs.count; i++) {
		const struct pair *pair = &pairs.pairs[i];

		for (size_t j = 0; j < pair->count; j++)
			keep[pairs.order[pair->first + j]] = pair->kept;
	}
	pairs_done(&pairs);
	*ret_by_itself = by_itself;
	return rc;
}
