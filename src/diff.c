// SPDX-License-Identifier: GPL-2.0-only
#include "diff.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "derive.h"
#include "diff_key.h"
#include "diff_match.h"
#include "diff_sides.h"
#include "diff_was.h"
#include "mechanism.h"

#define RATES_FROM .01 /* windows that differ by more are compared by the second */
#define NOWHERE ((size_t)-1)

bool diff_is_rates(const struct map *diff)
{
	double before = diff->comparison->duration, after = diff->duration;

	return before > 0 && after > 0 && fabs(before - after) > RATES_FROM * fmax(before, after);
}

static bool numbers_differ(const struct map *diff, double before, double after)
{
	return fmax(before, after) > fmin(before, after) * (1 + diff->comparison->threshold / 100);
}

static bool figures_differ(const struct map *diff, uint64_t before, uint64_t after)
{
	if (!diff_is_rates(diff))
		return numbers_differ(diff, (double)before, (double)after);
	return numbers_differ(diff, (double)before / diff->comparison->duration,
			      (double)after / diff->duration);
}

bool diff_is_changed(const struct map *diff, const struct figures *before,
		     const struct figures *after)
{
	if (figures_bytes(before) || figures_bytes(after))
		return figures_differ(diff, figures_bytes(before), figures_bytes(after));
	return figures_differ(diff, figures_ops(before), figures_ops(after));
}

/* All edges of one side that go from one class to another over one thing, or what is new of them. */
struct sum {
	size_t src, dst, channel; /* of the difference */
	bool there[2];
	struct figures figures[2];
	const struct edge *edge; /* of them, the best known */
	size_t told;		 /* the side that edge is of, and these times, too */
	double first, last;
};

struct uniting {
	const struct sides *sides;
	struct map *out;
	size_t *places; /* by class: the node */
	struct keyed *keyed; /* of channels */
	size_t *numbers;     /* by edge of both sides, then by node: the channel */
	struct sum *sums;
	size_t sum_count;
};

static size_t edge_total(const struct uniting *u)
{
	return u->sides->maps[0]->edge_count + u->sides->maps[1]->edge_count;
}

/* What is drawn of a class: it as it is, or as it was. */
static bool nodes_unite(struct uniting *u)
{
	const struct sides *sides = u->sides;

	for (size_t class = 0; class < sides->class_count; class++) {
		struct node *old = sides_node(sides, 0, class), *new = sides_node(sides, 1, class);
		struct node *from = new ? new : old, *node;

		u->places[class] = NOWHERE;
		if (!from)
			continue;
		node = map_add_node(u->out);
		if (!node)
			return false;
		u->places[class] = u->out->node_count - 1;
		node->members_before = old ? node_members(old) : 0;
		node->change = !old ? CHANGE_ADDED : !new ? CHANGE_REMOVED : CHANGE_SAME;
		if (old && new && !was_text(old, new, &node->was))
			return false;
		/* Hubs and hosts are drawn for their edges. */
		if (node->was || (old && new && from->kind == NODE_PROCESS &&
				  numbers_differ(u->out, (double)node_members(old),
						 (double)node_members(new))))
			node->change = CHANGE_CHANGED;
		node_take(node, from);
	}
	return true;
}

/* Channels of one mechanism and place are one; those of a hub are its own. */
static char *channel_key(const struct uniting *u, size_t side, size_t channel, size_t hub)
{
	const struct channel *c = &u->sides->maps[side]->channels[channel];
	const char *place = channel_place(c);
	char *key = NULL;
	int rc;

	if (hub != NOWHERE)
		rc = asprintf(&key, "%s\n%s\n%zu", c->mechanism, place ? place : "", hub);
	else
		rc = asprintf(&key, "%s\n%s", c->mechanism, place ? place : "");
	return rc < 0 ? NULL : key;
}

/* The class of the hub at an end of an edge, or NOWHERE. */
static size_t edge_hub(const struct uniting *u, size_t side, const struct edge *edge)
{
	const struct map *map = u->sides->maps[side];

	if (map->nodes[edge->src].kind == NODE_HUB)
		return u->sides->classes[side][edge->src];
	if (map->nodes[edge->dst].kind == NODE_HUB)
		return u->sides->classes[side][edge->dst];
	return NOWHERE;
}

/* Notes the key of what an edge or a hub goes over. */
static bool channel_note(struct uniting *u, size_t *count, size_t index, size_t side,
			 size_t channel, size_t hub)
{
	if (channel == MAP_NO_CHANNEL)
		return true;
	u->keyed[*count] = (struct keyed){ channel_key(u, side, channel, hub), index };
	return u->keyed[(*count)++].key != NULL;
}

static bool channels_note(struct uniting *u, size_t *count)
{
	const struct sides *sides = u->sides;
	size_t index = 0;

	for (size_t side = 0; side < 2; side++) {
		const struct map *map = sides->maps[side];

		for (size_t i = 0; i < map->edge_count; i++) {
			const struct edge *edge = &map->edges[i];

			if (!channel_note(u, count, index++, side, edge->channel,
					  edge_hub(u, side, edge)))
				return false;
		}
	}
	for (size_t side = 0; side < 2; side++) {
		const struct map *map = sides->maps[side];

		for (size_t i = 0; i < map->node_count; i++, index++) {
			if (map->nodes[i].kind == NODE_HUB &&
			    !channel_note(u, count, index, side, map->nodes[i].channel,
					  sides->classes[side][i]))
				return false;
		}
	}
	return true;
}

static bool channel_fill(struct channel *to, const struct channel *from)
{
	const char *place = channel_place(from);

	to->mechanism = strdup(from->mechanism);
	to->name = place ? strdup(place) : NULL;
	return to->mechanism && (to->name || !place);
}

/* By edge and by hub: which channel of the difference it is. */
static bool channels_unite(struct uniting *u)
{
	const struct sides *sides = u->sides;
	size_t count = 0, channels, index = 0;

	if (!channels_note(u, &count)) {
		while (count > 0)
			free(u->keyed[--count].key);
		return false;
	}
	channels = keyed_number(u->keyed, count, 0, u->numbers);
	for (size_t i = 0; i < channels; i++) {
		if (!map_add_channel(u->out))
			return false;
	}
	for (size_t side = 0; side < 2; side++) {
		const struct map *map = sides->maps[side];

		for (size_t i = 0; i < map->edge_count; i++, index++) {
			struct channel *to = &u->out->channels[u->numbers[index]];

			if (map->edges[i].channel != MAP_NO_CHANNEL && !to->mechanism &&
			    !channel_fill(to, &map->channels[map->edges[i].channel]))
				return false;
		}
	}
	for (size_t side = 0; side < 2; side++) {
		const struct map *map = sides->maps[side];

		for (size_t i = 0; i < map->node_count; i++, index++) {
			struct channel *to = &u->out->channels[u->numbers[index]];

			if (map->nodes[i].kind != NODE_HUB)
				continue;
			if (!to->mechanism && !channel_fill(to, &map->channels[map->nodes[i].channel]))
				return false;
			u->out->nodes[u->places[sides->classes[side][i]]].channel = u->numbers[index];
		}
	}
	return true;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* Zero: they are one edge of the difference. */
static int sum_compare_key(const struct sum *a, const struct sum *b)
{
	int c = size_compare(a->src, b->src);

	c = c ? c : size_compare(a->dst, b->dst);
	c = c ? c : size_compare(a->channel, b->channel);
	c = c ? c : strcmp(a->edge->mechanism, b->edge->mechanism);
	return c ? c : strcmp(or_empty(a->edge->signal), or_empty(b->edge->signal));
}

/* What is told of several edges: exact first, then through a hub ... idle last. */
static int attribution_rank(enum attribution attribution)
{
	static const int ranks[ATTRIBUTIONS] = {
		[ATTRIBUTION_EXACT] = 0, [ATTRIBUTION_HUB] = 1, [ATTRIBUTION_UNDELIVERED] = 2,
		[ATTRIBUTION_EARLIER] = 3, [ATTRIBUTION_IDLE] = 4,
	};

	return ranks[attribution];
}

static int sum_compare(const void *left, const void *right)
{
	const struct sum *a = left, *b = right;
	int c = sum_compare_key(a, b);

	c = c ? c : b->there[1] - a->there[1];
	return c ? c : attribution_rank(a->edge->attribution) - attribution_rank(b->edge->attribution);
}

static void figures_add(struct figures *to, const struct figures *from)
{
	to->ops += from->ops;
	to->bytes += from->bytes;
	to->received_ops += from->received_ops;
	to->received_bytes += from->received_bytes;
}

static void sum_add(struct sum *to, const struct sum *from)
{
	for (int side = 0; side < 2; side++) {
		to->there[side] |= from->there[side];
		figures_add(&to->figures[side], &from->figures[side]);
	}
	/* The later map tells, unless nothing moved there. */
	if (to->edge->attribution == ATTRIBUTION_IDLE) {
		to->edge = from->edge;
		to->told = from->told;
		to->first = from->first;
		to->last = from->last;
	} else if (from->told == to->told && from->edge->attribution != ATTRIBUTION_IDLE) {
		to->first = from->first < to->first ? from->first : to->first;
		to->last = from->last > to->last ? from->last : to->last;
	}
}

static void sums_fill(struct uniting *u)
{
	size_t index = 0, kept = 0;

	for (size_t side = 0; side < 2; side++) {
		const struct map *map = u->sides->maps[side];

		for (size_t i = 0; i < map->edge_count; i++, index++) {
			const struct edge *edge = &map->edges[i];
			struct sum *sum = &u->sums[index];

			sum->src = u->places[u->sides->classes[side][edge->src]];
			sum->dst = u->places[u->sides->classes[side][edge->dst]];
			sum->channel = edge->channel == MAP_NO_CHANNEL ? MAP_NO_CHANNEL :
									 u->numbers[index];
			sum->there[side] = true;
			sum->figures[side] = (struct figures){ edge->ops, edge->bytes,
							       edge->received_ops,
							       edge->received_bytes };
			sum->edge = edge;
			sum->told = side;
			sum->first = edge->first;
			sum->last = edge->last;
		}
	}
	qsort(u->sums, index, sizeof(*u->sums), sum_compare);
	for (size_t i = 0; i < index; i++) {
		if (i > 0 && sum_compare_key(&u->sums[kept - 1], &u->sums[i]) == 0)
			sum_add(&u->sums[kept - 1], &u->sums[i]);
		else
			u->sums[kept++] = u->sums[i];
	}
	u->sum_count = kept;
}

/*
 * A path with a number of chance in it ("/tmp/app.31337/socket"): where one such
 * is gone and one is new between the same two, it is the same.
 */
static bool loose_note(const struct uniting *u, struct keyed *keyed, size_t *count)
{
	for (size_t i = 0; i < u->sum_count; i++) {
		const struct sum *sum = &u->sums[i];
		const char *place = sum->channel == MAP_NO_CHANNEL ?
				    NULL : u->out->channels[sum->channel].name;
		char *loose;

		if (!place || (sum->there[0] && sum->there[1]) || !strchr("/@", *place))
			continue;
		loose = key_loose(place);
		keyed[*count].index = i;
		if (!loose || asprintf(&keyed[*count].key, "%zu %zu %s\n%s", sum->src, sum->dst,
				       sum->edge->mechanism, loose) < 0) {
			free(loose);
			return false;
		}
		free(loose);
		++*count;
	}
	return true;
}

static bool sums_pair(struct uniting *u)
{
	struct keyed *keyed = calloc(u->sum_count + 1, sizeof(*keyed));
	size_t count = 0, kept = 0;
	bool done = keyed && loose_note(u, keyed, &count);

	if (done)
		keyed_sort(keyed, count);
	for (size_t i = 0, end; done && i < count; i = end) {
		struct sum *a = &u->sums[keyed[i].index], *b, *early, *late;

		for (end = i; end < count && strcmp(keyed[end].key, keyed[i].key) == 0;)
			end++;
		b = &u->sums[keyed[end - 1].index];
		if (end - i != 2 || a->there[0] == b->there[0])
			continue;
		/* The later one has the name that holds now. */
		late = a->there[1] ? a : b;
		early = a->there[1] ? b : a;
		sum_add(late, early);
		*early = (struct sum){ 0 };
	}
	for (size_t i = 0; keyed && i < count; i++)
		free(keyed[i].key);
	free(keyed);
	for (size_t i = 0; i < u->sum_count; i++) {
		if (u->sums[i].edge)
			u->sums[kept++] = u->sums[i];
	}
	u->sum_count = kept;
	return done;
}

/* Of sockets and terminals the two directions are one connection. */
static bool goes_both_ways(const char *mechanism)
{
	switch (mechanism_by_name(mechanism)) {
	case IPC_UNIX_STREAM:
	case IPC_UNIX_DGRAM:
	case IPC_UNIX_SEQPACKET:
	case IPC_TCP:
	case IPC_UDP:
	case IPC_PTY:
		return true;
	default:
		return false;
	}
}

/* The sum of the other direction, or NULL. */
static const struct sum *sum_back(const struct uniting *u, const struct sum *sum)
{
	struct sum key = *sum;
	size_t low = 0, high = u->sum_count;

	key.src = sum->dst;
	key.dst = sum->src;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = sum_compare_key(&u->sums[middle], &key);

		if (c == 0)
			return &u->sums[middle];
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void edge_judge(const struct uniting *u, const struct sum *sum, struct edge *edge)
{
	const struct sum *back = goes_both_ways(edge->mechanism) ? sum_back(u, sum) : NULL;
	bool old = sum->there[0] || (back && back->there[0]);
	bool new = sum->there[1] || (back && back->there[1]);
	const struct figures *figures = &sum->figures[new];

	edge->ops = figures->ops;
	edge->bytes = figures->bytes;
	edge->received_ops = figures->received_ops;
	edge->received_bytes = figures->received_bytes;
	if (!old || !new) {
		edge->change = old ? CHANGE_REMOVED : CHANGE_ADDED;
		return;
	}
	figures = &sum->figures[0];
	edge->before = (struct edge_before){ figures->ops, figures->bytes, figures->received_ops,
					     figures->received_bytes };
	edge->change = diff_is_changed(u->out, figures, &sum->figures[1]) ? CHANGE_CHANGED :
									     CHANGE_SAME;
}

static bool edges_unite(struct uniting *u)
{
	sums_fill(u);
	if (!sums_pair(u))
		return false;
	for (size_t i = 0; i < u->sum_count; i++) {
		const struct sum *sum = &u->sums[i];
		struct edge *edge = map_add_edge(u->out);

		if (!edge)
			return false;
		edge->src = sum->src;
		edge->dst = sum->dst;
		edge->channel = sum->channel;
		edge->mechanism = strdup(sum->edge->mechanism);
		edge->signal = sum->edge->signal ? strdup(sum->edge->signal) : NULL;
		edge->first = sum->first;
		edge->last = sum->last;
		edge->attribution = sum->edge->attribution;
		if (!edge->mechanism || (sum->edge->signal && !edge->signal))
			return false;
		edge_judge(u, sum, edge);
	}
	return true;
}

int diff_new(const struct map *before, const struct map *after, double threshold,
	     struct map **ret_map)
{
	struct uniting u = { 0 };
	struct sides sides;
	int rc = sides_new(before, after, &sides);
	size_t edges, nodes;

	if (rc < 0)
		return rc;
	u.sides = &sides;
	edges = edge_total(&u);
	nodes = sides.maps[0]->node_count + sides.maps[1]->node_count;
	u.places = calloc(sides.class_count + 1, sizeof(*u.places));
	u.keyed = calloc(edges + nodes + 1, sizeof(*u.keyed));
	u.numbers = calloc(edges + nodes + 1, sizeof(*u.numbers));
	u.sums = calloc(edges + 1, sizeof(*u.sums));
	u.out = sides_head(&sides, threshold);
	if (!u.places || !u.keyed || !u.numbers || !u.sums || !u.out || !nodes_unite(&u) ||
	    !channels_unite(&u) || !edges_unite(&u))
		rc = -ENOMEM;
	rc = rc ? rc : map_sort(u.out);
	free(u.places);
	free(u.keyed);
	free(u.numbers);
	free(u.sums);
	sides_done(&sides);
	if (rc < 0)
		map_free(u.out);
	else
		*ret_map = u.out;
	return rc;
}
