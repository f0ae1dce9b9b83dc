// SPDX-License-Identifier: GPL-2.0-only
/* The order of a map's nodes, channels and edges, and their identifiers: of the same input the same. */
#include "map.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "compare.h"
#include "mechanism.h"

static int time_compare(double a, double b)
{
	return (a > b) - (a < b);
}

/* Mechanisms in the order of the table; those it does not know, by name. */
static int mechanism_compare(const char *a, const char *b)
{
	int i = a ? mechanism_by_name(a) : -1, j = b ? mechanism_by_name(b) : -1;

	if (i != j)
		return size_compare((unsigned)i, (unsigned)j);
	return text_compare(a, b);
}

/* What tells apart two channels of the same names (an inode number used twice). */
struct channel_use {
	double first;
	uint64_t edges, ops, bytes;
	bool used;
};

/* A sort in work: nothing of the map changes until all memory is there. */
struct sorting {
	const struct map *map;
	size_t channel_count; /* before the unused are dropped */
	struct channel_use *uses;	      /* by old channel */
	size_t *channel_order, *node_order;   /* old index by new */
	size_t *channel_places, *node_places; /* new index by old */
	size_t channels_used;
	struct node *nodes;
	struct channel *channels;
	char **node_ids, **channel_ids; /* by new index */
};

static int channel_compare(const void *left, const void *right, void *context)
{
	const struct sorting *s = context;
	size_t i = *(const size_t *)left, j = *(const size_t *)right;
	const struct channel *a = &s->map->channels[i], *b = &s->map->channels[j];
	const struct channel_use *use = &s->uses[i], *other = &s->uses[j];
	int c = other->used - use->used;

	c = c ? c : mechanism_compare(a->mechanism, b->mechanism);
	c = c ? c : text_compare(a->name, b->name);
	c = c ? c : text_compare(a->object, b->object);
	c = c ? c : text_compare(a->peer, b->peer);
	c = c ? c : time_compare(use->first, other->first);
	c = c ? c : size_compare(use->edges, other->edges);
	c = c ? c : size_compare(use->ops, other->ops);
	return c ? c : size_compare(use->bytes, other->bytes);
}

static int node_rank(enum node_kind kind)
{
	static const int ranks[] = {
		[NODE_KERNEL] = 0, [NODE_PROCESS] = 1, [NODE_HUB] = 2, [NODE_EXTERNAL] = 3,
	};

	return ranks[kind];
}

static int node_compare(const void *left, const void *right, void *context)
{
	const struct sorting *s = context;
	const struct node *a = &s->map->nodes[*(const size_t *)left];
	const struct node *b = &s->map->nodes[*(const size_t *)right];
	int c = node_rank(a->kind) - node_rank(b->kind);

	if (c)
		return c;
	if (a->kind == NODE_HUB)
		return size_compare(s->channel_places[a->channel], s->channel_places[b->channel]);
	c = c ? c : time_compare(a->start, b->start);
	c = c ? c : size_compare((uint64_t)a->pid, (uint64_t)b->pid);
	c = c ? c : text_compare(a->comm, b->comm);
	c = c ? c : text_compare(a->exe, b->exe);
	c = c ? c : text_compare(a->cgroup, b->cgroup);
	return c ? c : text_compare(a->address, b->address);
}

static int edge_compare(const void *left, const void *right)
{
	const struct edge *a = left, *b = right;
	int c = size_compare(a->src, b->src);

	c = c ? c : size_compare(a->dst, b->dst);
	c = c ? c : mechanism_compare(a->mechanism, b->mechanism);
	c = c ? c : size_compare(a->channel, b->channel);
	c = c ? c : text_compare(a->signal, b->signal);
	c = c ? c : (int)a->attribution - (int)b->attribution;
	c = c ? c : time_compare(a->first, b->first);
	c = c ? c : time_compare(a->last, b->last);
	c = c ? c : size_compare(a->ops, b->ops);
	c = c ? c : size_compare(a->bytes, b->bytes);
	c = c ? c : size_compare(a->received_ops, b->received_ops);
	return c ? c : size_compare(a->received_bytes, b->received_bytes);
}

static bool ids_make(char **ids, const struct node *nodes, const size_t *order, size_t count)
{
	static const char letters[] = {
		[NODE_PROCESS] = 'p', [NODE_HUB] = 'h', [NODE_EXTERNAL] = 'x', [NODE_KERNEL] = 'k',
	};
	size_t numbers[sizeof(letters)] = { 0 };

	for (size_t i = 0; i < count; i++) {
		enum node_kind kind = nodes ? nodes[order[i]].kind : NODE_PROCESS;
		size_t number = ++numbers[kind];
		int rc;

		if (kind == NODE_KERNEL && number == 1)
			rc = asprintf(&ids[i], "k");
		else
			rc = asprintf(&ids[i], "%c%zu", nodes ? letters[kind] : 'c', number);
		if (rc < 0) {
			ids[i] = NULL;
			return false;
		}
	}
	return true;
}

static void channels_use(struct sorting *s)
{
	for (size_t i = 0; i < s->map->edge_count; i++) {
		const struct edge *edge = &s->map->edges[i];
		struct channel_use *use;

		if (edge->channel == MAP_NO_CHANNEL)
			continue;
		use = &s->uses[edge->channel];
		if (use->edges++ == 0 || edge->first < use->first)
			use->first = edge->first;
		use->ops += edge->ops + edge->received_ops;
		use->bytes += edge->bytes + edge->received_bytes;
		use->used = true;
	}
	for (size_t i = 0; i < s->map->node_count; i++) {
		if (s->map->nodes[i].kind == NODE_HUB)
			s->uses[s->map->nodes[i].channel].used = true;
	}
	for (size_t i = 0; i < s->map->channel_count; i++)
		s->channels_used += s->uses[i].used;
}

static size_t *order_new(size_t count)
{
	size_t *order = calloc(count + 1, sizeof(*order));

	for (size_t i = 0; order && i < count; i++)
		order[i] = i;
	return order;
}

static bool sorting_new(struct sorting *s, const struct map *map)
{
	*s = (struct sorting){ .map = map, .channel_count = map->channel_count };
	s->uses = calloc(map->channel_count + 1, sizeof(*s->uses));
	s->channel_order = order_new(map->channel_count);
	s->channel_places = order_new(map->channel_count);
	s->node_order = order_new(map->node_count);
	s->node_places = order_new(map->node_count);
	s->nodes = calloc(map->node_count + 1, sizeof(*s->nodes));
	s->channels = calloc(map->channel_count + 1, sizeof(*s->channels));
	s->node_ids = calloc(map->node_count + 1, sizeof(*s->node_ids));
	s->channel_ids = calloc(map->channel_count + 1, sizeof(*s->channel_ids));
	return s->uses && s->channel_order && s->channel_places && s->node_order &&
	       s->node_places && s->nodes && s->channels && s->node_ids && s->channel_ids;
}

static void sorting_done(struct sorting *s)
{
	for (size_t i = 0; s->node_ids && i < s->map->node_count; i++)
		free(s->node_ids[i]);
	for (size_t i = 0; s->channel_ids && i < s->channel_count; i++)
		free(s->channel_ids[i]);
	free(s->uses);
	free(s->channel_order);
	free(s->channel_places);
	free(s->node_order);
	free(s->node_places);
	free(s->nodes);
	free(s->channels);
	free(s->node_ids);
	free(s->channel_ids);
}

static bool sorting_plan(struct sorting *s)
{
	const struct map *map = s->map;

	channels_use(s);
	qsort_r(s->channel_order, map->channel_count, sizeof(size_t), channel_compare, s);
	for (size_t i = 0; i < map->channel_count; i++)
		s->channel_places[s->channel_order[i]] = i;
	qsort_r(s->node_order, map->node_count, sizeof(size_t), node_compare, s);
	for (size_t i = 0; i < map->node_count; i++)
		s->node_places[s->node_order[i]] = i;
	return ids_make(s->node_ids, map->nodes, s->node_order, map->node_count) &&
	       ids_make(s->channel_ids, NULL, s->channel_order, s->channels_used);
}

static void id_take(char **id, char **from)
{
	free(*id);
	*id = *from;
	*from = NULL;
}

static void sorting_apply(struct sorting *s, struct map *map)
{
	for (size_t i = 0; i < map->channel_count; i++)
		s->channels[i] = map->channels[s->channel_order[i]];
	for (size_t i = 0; i < map->node_count; i++)
		s->nodes[i] = map->nodes[s->node_order[i]];

	for (size_t i = 0; i < map->channel_count; i++) {
		map->channels[i] = s->channels[i];
		if (i < s->channels_used)
			id_take(&map->channels[i].id, &s->channel_ids[i]);
		else
			channel_done(&map->channels[i]);
	}
	map->channel_count = s->channels_used;

	for (size_t i = 0; i < map->node_count; i++) {
		struct node *node = &map->nodes[i];

		*node = s->nodes[i];
		id_take(&node->id, &s->node_ids[i]);
		if (node->kind == NODE_HUB)
			node->channel = s->channel_places[node->channel];
	}

	for (size_t i = 0; i < map->edge_count; i++) {
		struct edge *edge = &map->edges[i];

		edge->src = s->node_places[edge->src];
		edge->dst = s->node_places[edge->dst];
		if (edge->channel != MAP_NO_CHANNEL)
			edge->channel = s->channel_places[edge->channel];
	}
	if (map->edge_count > 0)
		qsort(map->edges, map->edge_count, sizeof(*map->edges), edge_compare);
}

int map_sort(struct map *map)
{
	struct sorting sorting;
	int rc = -ENOMEM;

	if (sorting_new(&sorting, map) && sorting_plan(&sorting)) {
		sorting_apply(&sorting, map);
		rc = 0;
	}
	sorting_done(&sorting);
	return rc;
}
