// SPDX-License-Identifier: GPL-2.0-only
#include "diff_match.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "derive.h"
#include "diff_key.h"
#include "diff_pair.h"
#include "mechanism.h"

#define NOWHERE ((size_t)-1)

/* A node of one of the two maps: those before come first. */
struct matching {
	const struct map *maps[2];
	size_t offset; /* of the second map's nodes */
	size_t count;
	size_t *keys;	 /* by item: the class of its exact key; NOWHERE: hubs */
	size_t *parents; /* by item: union-find */
	size_t *units;	 /* by item: its class */
	struct units all;
	/* What items talk over, as (item, number); tokens of equal text have equal numbers. */
	struct token {
		size_t item, number;
	} *tokens;
	size_t token_count;
};

static const struct node *item_node(const struct matching *m, size_t i)
{
	return i < m->offset ? &m->maps[0]->nodes[i] : &m->maps[1]->nodes[i - m->offset];
}

static const struct map *item_map(const struct matching *m, size_t i)
{
	return m->maps[i >= m->offset];
}

static char *node_key(const struct node *node)
{
	char *key = NULL, *process;

	switch (node->kind) {
	case NODE_PROCESS:
		process = key_process(node, KEY_EXACT);
		if (!process || asprintf(&key, "p\n%s\n%s", node->name ? "group" : "", process) < 0)
			key = NULL;
		free(process);
		return key;
	case NODE_EXTERNAL:
		return asprintf(&key, "x\n%s\n%s", node->name ? node->name : "",
				node->address ? node->address : "") < 0 ? NULL : key;
	default:
		return strdup("k");
	}
}

static int keys_fill(struct matching *m)
{
	struct keyed *keyed = calloc(m->count + 1, sizeof(*keyed));
	size_t count = 0;
	int rc = keyed ? 0 : -ENOMEM;

	for (size_t i = 0; i < m->count; i++) {
		m->keys[i] = NOWHERE;
		m->parents[i] = i;
		if (rc < 0 || item_node(m, i)->kind == NODE_HUB)
			continue;
		keyed[count] = (struct keyed){ node_key(item_node(m, i)), i };
		if (!keyed[count].key)
			rc = -ENOMEM;
		else
			count++;
	}
	if (rc == 0)
		keyed_number(keyed, count, 0, m->keys);
	for (size_t i = 0; rc < 0 && i < count; i++)
		free(keyed[i].key);
	free(keyed);
	return rc;
}

/* What an end of an edge talks over; other: at its other end. NULL when memory is short. */
static char *token_text(const struct matching *m, size_t side, const struct edge *edge,
			size_t other)
{
	const struct map *map = m->maps[side];
	const struct channel *channel = edge->channel == MAP_NO_CHANNEL ?
					NULL : &map->channels[edge->channel];
	const char *place = channel ? channel_place(channel) : NULL;
	char *text = NULL;
	int rc;

	if (place)
		rc = asprintf(&text, "%s\n%s", edge->mechanism, place);
	else
		rc = asprintf(&text, "%s\n\n%zd", edge->mechanism,
			      (ssize_t)m->keys[other + (side ? m->offset : 0)]);
	return rc < 0 ? NULL : text;
}

/* Signals, and what goes to loggers, is chance, or the same for all. */
static bool edge_tells(const struct map *map, const struct edge *edge)
{
	const struct node *src = &map->nodes[edge->src], *dst = &map->nodes[edge->dst];

	return strcmp(edge->mechanism, mechanisms[IPC_SIGNAL].name) != 0 && !src->sink &&
	       !dst->sink && src->kind != NODE_KERNEL && dst->kind != NODE_KERNEL;
}

static int token_compare(const void *left, const void *right)
{
	const struct token *a = left, *b = right;
	int c = (a->item > b->item) - (a->item < b->item);

	return c ? c : (a->number > b->number) - (a->number < b->number);
}

static int tokens_fill(struct matching *m)
{
	size_t most = 2 * (m->maps[0]->edge_count + m->maps[1]->edge_count), count = 0, kept = 0;
	struct keyed *keyed = calloc(most + 1, sizeof(*keyed));
	size_t *numbers = calloc(most + 1, sizeof(*numbers));
	int rc;

	m->tokens = calloc(most + 1, sizeof(*m->tokens));
	rc = keyed && numbers && m->tokens ? 0 : -ENOMEM;
	for (size_t side = 0; side < 2; side++) {
		for (size_t i = 0; rc == 0 && i < m->maps[side]->edge_count; i++) {
			const struct edge *edge = &m->maps[side]->edges[i];
			size_t ends[] = { edge->src, edge->dst };

			for (int end = 0; edge_tells(m->maps[side], edge) && end < 2; end++) {
				keyed[count] = (struct keyed){
					token_text(m, side, edge, ends[!end]), count
				};
				if (!keyed[count].key) {
					rc = -ENOMEM;
					break;
				}
				m->tokens[count++].item = ends[end] + (side ? m->offset : 0);
			}
		}
	}
	if (rc == 0)
		keyed_number(keyed, count, 0, numbers);
	for (size_t i = 0; rc < 0 && keyed && i < count; i++)
		free(keyed[i].key);
	for (size_t i = 0; rc == 0 && i < count; i++)
		m->tokens[i].number = numbers[i];
	free(keyed);
	free(numbers);
	if (rc < 0)
		return rc;
	qsort(m->tokens, count, sizeof(*m->tokens), token_compare);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || token_compare(&m->tokens[i - 1], &m->tokens[i]) != 0)
			m->tokens[kept++] = m->tokens[i];
	}
	m->token_count = kept;
	return 0;
}

static size_t root_find(struct matching *m, size_t i)
{
	while (m->parents[i] != i)
		i = m->parents[i] = m->parents[m->parents[i]];
	return i;
}

/* The lower index leads: the order of the maps decides, not that of the edges. */
static void join(struct matching *m, size_t a, size_t b)
{
	a = root_find(m, a);
	b = root_find(m, b);
	m->parents[a > b ? a : b] = a > b ? b : a;
}

struct shared {
	size_t key, number, item;
};

static int shared_compare(const void *left, const void *right)
{
	const struct shared *a = left, *b = right;
	int c = (a->key > b->key) - (a->key < b->key);

	c = c ? c : (a->number > b->number) - (a->number < b->number);
	return c ? c : (a->item > b->item) - (a->item < b->item);
}

/* Of each key: those that share what they talk over, directly or by way of others. */
static int talkers_join(struct matching *m)
{
	struct shared *shared = calloc(m->token_count + 1, sizeof(*shared));

	if (!shared)
		return -ENOMEM;
	for (size_t i = 0; i < m->token_count; i++) {
		const struct token *token = &m->tokens[i];

		shared[i] = (struct shared){ m->keys[token->item], token->number, token->item };
	}
	qsort(shared, m->token_count, sizeof(*shared), shared_compare);
	for (size_t i = 1; i < m->token_count; i++) {
		if (shared[i].key != NOWHERE && shared[i].key == shared[i - 1].key &&
		    shared[i].number == shared[i - 1].number)
			join(m, shared[i].item, shared[i - 1].item);
	}
	free(shared);
	return 0;
}

/* Those of which nothing was seen go to the largest of their key. */
static int silent_join(struct matching *m)
{
	size_t *sizes = calloc(m->count + 1, sizeof(*sizes)); /* by root; tokens: by talkers only */
	size_t *largest = calloc(m->count + 1, sizeof(*largest)); /* by key: root + 1 */
	bool *talks = calloc(m->count + 1, sizeof(*talks));
	int rc = sizes && largest && talks ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < m->token_count; i++)
		talks[m->tokens[i].item] = true;
	for (size_t i = 0; rc == 0 && i < m->count; i++)
		sizes[root_find(m, i)] += talks[i];
	for (size_t i = 0; rc == 0 && i < m->count; i++) {
		size_t key = m->keys[i], root = root_find(m, i);

		if (key != NOWHERE && (largest[key] == 0 || sizes[root] > sizes[largest[key] - 1]))
			largest[key] = root + 1;
	}
	for (size_t i = 0; rc == 0 && i < m->count; i++) {
		const struct node *node = item_node(m, i);
		bool one = node->kind != NODE_PROCESS || node->name;

		if (m->keys[i] != NOWHERE && (one || !talks[i]))
			join(m, i, largest[m->keys[i]] - 1);
	}
	free(sizes);
	free(largest);
	free(talks);
	return rc;
}

/* Of a hub: its place, or who uses it, by their units. NULL when memory is short. */
static char *hub_key(const struct matching *m, size_t i, const size_t *users, size_t count)
{
	const struct channel *channel = &item_map(m, i)->channels[item_node(m, i)->channel];
	const char *place = channel_place(channel);
	char *key = NULL;
	size_t size;
	FILE *file;

	if (place)
		return asprintf(&key, "%s\n%s", channel->mechanism, place) < 0 ? NULL : key;
	file = open_memstream(&key, &size);
	if (!file)
		return NULL;
	fprintf(file, "%s\n", channel->mechanism);
	for (size_t k = 0; k < count; k++)
		fprintf(file, "\n%zu", users[k]);
	if (fclose(file) == 0)
		return key;
	free(key);
	return NULL;
}

struct use {
	size_t hub, unit;
};

static int use_compare(const void *left, const void *right)
{
	const struct use *a = left, *b = right;
	int c = (a->hub > b->hub) - (a->hub < b->hub);

	return c ? c : (a->unit > b->unit) - (a->unit < b->unit);
}

/* Which units use which hub, each once. Returns how many, in uses. */
static size_t uses_fill(const struct matching *m, struct use *uses)
{
	size_t count = 0, kept = 0;

	for (size_t side = 0; side < 2; side++) {
		size_t offset = side ? m->offset : 0;

		for (size_t i = 0; i < m->maps[side]->edge_count; i++) {
			const struct edge *edge = &m->maps[side]->edges[i];
			size_t ends[] = { edge->src + offset, edge->dst + offset };

			for (int end = 0; end < 2; end++) {
				if (item_node(m, ends[end])->kind == NODE_HUB &&
				    m->units[ends[!end]] != NOWHERE)
					uses[count++] = (struct use){ ends[end],
								      m->units[ends[!end]] };
			}
		}
	}
	qsort(uses, count, sizeof(*uses), use_compare);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || use_compare(&uses[i - 1], &uses[i]) != 0)
			uses[kept++] = uses[i];
	}
	return kept;
}

static int hubs_join(struct matching *m)
{
	size_t most = 2 * (m->maps[0]->edge_count + m->maps[1]->edge_count), at = 0, hubs = 0;
	struct use *uses = calloc(most + 1, sizeof(*uses));
	struct keyed *keyed = calloc(m->count + 1, sizeof(*keyed));
	size_t *users = calloc(most + 1, sizeof(*users));
	int rc = uses && keyed && users ? 0 : -ENOMEM;
	size_t use_count = rc == 0 ? uses_fill(m, uses) : 0;

	for (size_t i = 0; i < use_count; i++)
		users[i] = uses[i].unit;
	for (size_t i = 0; rc == 0 && i < m->count; i++) {
		size_t first;

		if (item_node(m, i)->kind != NODE_HUB)
			continue;
		while (at < use_count && uses[at].hub < i)
			at++;
		first = at;
		while (at < use_count && uses[at].hub == i)
			at++;
		keyed[hubs] = (struct keyed){ hub_key(m, i, users + first, at - first), i };
		if (!keyed[hubs].key)
			rc = -ENOMEM;
		else
			hubs++;
	}
	if (rc == 0)
		m->all.count = keyed_number(keyed, hubs, m->all.count, m->units);
	for (size_t i = 0; rc < 0 && keyed && i < hubs; i++)
		free(keyed[i].key);
	free(uses);
	free(keyed);
	free(users);
	return rc;
}

/* Roots become units, in the order of the nodes. */
static void units_number(struct matching *m)
{
	for (size_t i = 0; i < m->count; i++) {
		size_t root = root_find(m, i);

		if (m->keys[i] == NOWHERE)
			m->units[i] = NOWHERE;
		else if (root == i)
			m->units[i] = m->all.count++;
		else
			m->units[i] = m->units[root];
	}
}

/* Tells the pairing what there is: each unit's leader, sides and tokens. */
static int units_fill(struct matching *m)
{
	struct units *all = &m->all;
	size_t at = 0;

	all->units = calloc(all->count + 1, sizeof(*all->units));
	all->tokens = calloc(m->token_count + 1, sizeof(*all->tokens));
	if (!all->units || !all->tokens)
		return -ENOMEM;
	for (size_t i = 0; i < m->count; i++) {
		struct unit *unit = &all->units[m->units[i]];

		if (!unit->node) {
			unit->node = item_node(m, i);
			unit->map = item_map(m, i);
			unit->key = m->keys[i];
		}
		unit->sides[i >= m->offset] = true;
	}
	/* Sorted by item; by unit from here on. */
	for (size_t i = 0; i < m->token_count; i++)
		m->tokens[i].item = m->units[m->tokens[i].item];
	qsort(m->tokens, m->token_count, sizeof(*m->tokens), token_compare);
	for (size_t i = 0; i < m->token_count; i++) {
		struct unit *unit = &all->units[m->tokens[i].item];

		if (i > 0 && token_compare(&m->tokens[i - 1], &m->tokens[i]) == 0)
			continue;
		if (unit->token_count == 0)
			unit->tokens = &all->tokens[at];
		all->tokens[at++] = m->tokens[i].number;
		unit->token_count++;
	}
	return 0;
}

static int classes_take(struct matching *m, struct match *ret_match)
{
	size_t *numbers = calloc(m->all.count + 1, sizeof(*numbers));
	size_t count = 0;

	ret_match->before = calloc(m->count + 1, sizeof(*ret_match->before));
	if (!numbers || !ret_match->before) {
		free(numbers);
		free(ret_match->before);
		ret_match->before = NULL;
		return -ENOMEM;
	}
	for (size_t i = 0; i < m->all.count; i++)
		numbers[i] = m->all.units[i].taken_by ? NOWHERE : count++;
	for (size_t i = 0; i < m->count; i++) {
		const struct unit *unit = &m->all.units[m->units[i]];
		size_t class = unit->taken_by ? unit->taken_by - 1 : m->units[i];

		ret_match->before[i] = numbers[class];
	}
	ret_match->after = ret_match->before + m->offset;
	ret_match->count = count;
	free(numbers);
	return 0;
}

int match_new(const struct map *before, const struct map *after, struct match *ret_match)
{
	struct matching m = { .maps = { before, after }, .offset = before->node_count,
			      .count = before->node_count + after->node_count };
	int rc;

	m.keys = calloc(m.count + 1, sizeof(*m.keys));
	m.parents = calloc(m.count + 1, sizeof(*m.parents));
	m.units = calloc(m.count + 1, sizeof(*m.units));
	rc = m.keys && m.parents && m.units ? keys_fill(&m) : -ENOMEM;
	rc = rc ? rc : tokens_fill(&m);
	rc = rc ? rc : talkers_join(&m);
	rc = rc ? rc : silent_join(&m);
	if (rc == 0)
		units_number(&m);
	rc = rc ? rc : hubs_join(&m);
	rc = rc ? rc : units_fill(&m);
	rc = rc ? rc : units_pair(&m.all);
	rc = rc ? rc : classes_take(&m, ret_match);
	free(m.keys);
	free(m.parents);
	free(m.units);
	free(m.tokens);
	free(m.all.units);
	free(m.all.tokens);
	return rc;
}

void match_done(struct match *match)
{
	free(match->before);
	*match = (struct match){ 0 };
}
