// SPDX-License-Identifier: GPL-2.0-only
#include "fold.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "compare.h"
#include "derive.h"
#include "partition.h"

#define MESH_LEAST 3
#define LABEL_PARENT 0

struct label {
	char *text;
	uint32_t number;
	UT_hash_handle hh;
};

struct folding {
	const struct map *map;
	const bool *pinned;
	size_t *parents;
	struct label *labels;
	struct partition partition;
};

/* Kernel threads of one kind: "kworker/0:1" and "kworker/3:2H". */
static size_t kind_length(const struct node *node)
{
	return node->kthread && node->comm ? strcspn(node->comm, "/") : SIZE_MAX;
}

static int comm_compare(const struct node *a, const struct node *b)
{
	size_t length = kind_length(a), other = kind_length(b);
	int c;

	if (length == SIZE_MAX || other == SIZE_MAX)
		return text_compare(a->comm, b->comm);
	c = strncmp(a->comm, b->comm, length < other ? length : other);
	return c ? c : number_compare((int64_t)length, (int64_t)other);
}

static int process_compare(const struct folding *f, size_t i, size_t j)
{
	const struct node *a = &f->map->nodes[i], *b = &f->map->nodes[j];
	int c = text_compare(a->exe, b->exe);

	c = c ? c : number_compare(a->kthread, b->kthread);
	c = c ? c : comm_compare(a, b);
	c = c ? c : text_compare(a->name, b->name);
	c = c ? c : text_compare(a->unit, b->unit);
	c = c ? c : text_compare(a->container, b->container);
	c = c ? c : number_compare(a->uid, b->uid);
	c = c ? c : text_compare(a->role, b->role);
	c = c ? c : text_compare(a->listens, b->listens);
	/* Of a parent that is not in the map its pid tells nothing. */
	return c ? c : number_compare(f->parents[i] != MAP_NO_PARENT,
				      f->parents[j] != MAP_NO_PARENT);
}

/* Zero: the two look alike, before their edges are compared. */
static int node_compare_look(const struct folding *f, size_t i, size_t j)
{
	const struct node *a = &f->map->nodes[i], *b = &f->map->nodes[j];
	int c = (int)a->kind - (int)b->kind;

	if (!c && f->pinned)
		c = f->pinned[i] || f->pinned[j] ? number_compare((int64_t)i, (int64_t)j) : 0;
	if (c)
		return c;
	if (a->kind == NODE_PROCESS)
		return process_compare(f, i, j);
	if (a->kind == NODE_HUB) {
		const struct channel *one = &f->map->channels[a->channel];
		const struct channel *other = &f->map->channels[b->channel];

		c = strcmp(one->mechanism, other->mechanism);
		return c ? c : text_compare(channel_place(one), channel_place(other));
	}
	return 0;
}

static int node_compare(const void *left, const void *right, void *context)
{
	size_t i = *(const size_t *)left, j = *(const size_t *)right;
	const struct folding *f = context;
	int c;

	/* Pinned ones apart first, so that the order holds among the others. */
	if (f->pinned && f->pinned[i] != f->pinned[j])
		return f->pinned[i] ? 1 : -1;
	c = node_compare_look(f, i, j);
	return c ? c : number_compare((int64_t)i, (int64_t)j);
}

/* Nodes that look alike get one colour. */
static int colours_fill(struct folding *f)
{
	size_t count = f->map->node_count;
	size_t *order = calloc(count + 1, sizeof(*order));
	uint32_t colour = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order, count, sizeof(*order), node_compare, f);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && node_compare_look(f, order[i - 1], order[i]) != 0)
			colour++;
		f->partition.colours[order[i]] = colour;
	}
	free(order);
	return 0;
}

/* The number of what an edge goes over; 0 is for parents. Returns 0 or -ENOMEM. */
static int label_find(struct folding *f, const struct edge *edge, uint32_t *ret_number)
{
	const struct channel *channel =
		edge->channel == MAP_NO_CHANNEL ? NULL : &f->map->channels[edge->channel];
	const char *place = channel ? channel_place(channel) : NULL;
	struct label *label;
	char buffer[256], *text = buffer;
	int length = snprintf(buffer, sizeof(buffer), "%s\n%s\n%s", edge->mechanism,
			      edge->signal ? edge->signal : "", place ? place : "");

	if ((size_t)length >= sizeof(buffer) &&
	    asprintf(&text, "%s\n%s\n%s", edge->mechanism, edge->signal ? edge->signal : "",
		     place ? place : "") < 0)
		return -ENOMEM;
	HASH_FIND_STR(f->labels, text, label);
	if (!label) {
		label = calloc(1, sizeof(*label));
		if (label)
			label->text = strdup(text);
		if (label && label->text) {
			label->number = HASH_COUNT(f->labels) + 1;
			HASH_ADD_KEYPTR(hh, f->labels, label->text, strlen(label->text), label);
		} else {
			free(label);
			label = NULL;
		}
	}
	if (text != buffer)
		free(text);
	if (!label)
		return -ENOMEM;
	*ret_number = label->number;
	return 0;
}

static void labels_free(struct folding *f)
{
	struct label *label, *next;

	HASH_ITER(hh, f->labels, label, next) {
		HASH_DEL(f->labels, label);
		free(label->text);
		free(label);
	}
}

/*
 * The graph to be refined: the map's edges, and from parents to children. Whose children
 * two processes are tells them apart, which children they have does not: a
 * bus forks alike for whatever it starts.
 */
static int edges_fill(struct folding *f)
{
	const struct map *map = f->map;
	struct partition_edge *edges = calloc(map->edge_count + map->node_count + 1, sizeof(*edges));
	size_t count = 0;
	int rc = edges ? 0 : -ENOMEM;

	for (size_t i = 0; i < map->edge_count && rc == 0; i++) {
		const struct edge *edge = &map->edges[i];
		uint32_t label = 0;

		/* Whether a worker had something to log in the window is chance. */
		if (map->nodes[edge->src].sink || map->nodes[edge->dst].sink)
			continue;
		rc = label_find(f, edge, &label);
		edges[count++] = (struct partition_edge){ (uint32_t)edge->src, (uint32_t)edge->dst,
							  label, false };
	}
	for (size_t i = 0; i < map->node_count && rc == 0; i++) {
		if (f->parents[i] != MAP_NO_PARENT)
			edges[count++] = (struct partition_edge){
				(uint32_t)f->parents[i], (uint32_t)i, LABEL_PARENT, true };
	}
	if (rc == 0)
		rc = partition_new(map->node_count, edges, count, &f->partition);
	free(edges);
	return rc;
}

/* With how many others of its class a node talks. */
static size_t node_partners(const struct partition *p, uint32_t node, uint32_t *stamps)
{
	size_t partners = 0;

	for (uint32_t i = p->starts[node]; i < p->starts[node + 1]; i++) {
		uint32_t other = p->halves[i].other;

		if (other == node || p->colours[other] != p->colours[node] ||
		    stamps[other] == node + 1)
			continue;
		stamps[other] = node + 1;
		partners++;
	}
	return partners;
}

/*
 * Takes classes apart that talk among themselves, for that is what the drawing
 * is to show. Not where all talk to all: there, there is nothing to tell apart.
 * Returns 1 when there was one, else 0; or -ENOMEM.
 */
static int talkers_part(struct partition *p)
{
	uint32_t *stamps = calloc((size_t)p->node_count + 1, sizeof(*stamps));
	bool *parts = calloc((size_t)p->colour_count + 1, sizeof(*parts));
	int rc = stamps && parts ? 0 : -ENOMEM;

	for (uint32_t i = 0; rc >= 0 && i < p->node_count; i++) {
		uint32_t size = p->sizes[p->colours[i]];
		size_t partners = size > 1 ? node_partners(p, i, stamps) : 0;

		if (partners > 0 && (size < MESH_LEAST || partners != size - 1)) {
			parts[p->colours[i]] = true;
			rc = 1;
		}
	}
	if (rc == 1) {
		uint32_t colours = p->colour_count;

		for (uint32_t i = 0; i < p->node_count; i++) {
			if (p->colours[i] < colours && parts[p->colours[i]])
				partition_single_out(p, i);
		}
	}
	free(stamps);
	free(parts);
	return rc;
}

static int classes_find(struct folding *f)
{
	int rc = edges_fill(f);

	rc = rc ? rc : colours_fill(f);
	if (rc)
		return rc;
	partition_begin(&f->partition);
	do {
		rc = partition_refine(&f->partition);
		rc = rc ? rc : talkers_part(&f->partition);
	} while (rc == 1);
	if (rc != -E2BIG)
		return rc;
	rc = colours_fill(f);
	return rc ? rc : partition_twins(&f->partition);
}

/* By node: the first of its colour. NULL when memory is short. */
static size_t *leaders_new(const struct partition *p)
{
	size_t *leaders = calloc((size_t)p->node_count + 1, sizeof(*leaders));
	size_t *firsts = calloc((size_t)p->colour_count + 1, sizeof(*firsts));

	for (uint32_t i = p->node_count; leaders && firsts && i > 0; i--)
		firsts[p->colours[i - 1]] = i - 1;
	for (uint32_t i = 0; leaders && firsts && i < p->node_count; i++)
		leaders[i] = firsts[p->colours[i]];
	if (!firsts) {
		free(leaders);
		leaders = NULL;
	}
	free(firsts);
	return leaders;
}

/* Kernel threads share no more than the beginning of their names, peers outside not even that. */
static char *class_name(const struct node *leader, size_t members)
{
	char *name = NULL;
	int rc = 0;

	if (leader->kind == NODE_EXTERNAL)
		rc = asprintf(&name, "%zu hosts", members);
	else if (leader->kthread && leader->comm)
		rc = asprintf(&name, "[%.*s]", (int)kind_length(leader), leader->comm);
	return rc < 0 ? NULL : name;
}

static char **names_new(const struct folding *f, const size_t *leaders)
{
	const struct map *map = f->map;
	char **names = calloc(map->node_count + 1, sizeof(*names));
	size_t *members = calloc(map->node_count + 1, sizeof(*members));

	for (size_t i = 0; members && i < map->node_count; i++)
		members[leaders[i]] += node_members(&map->nodes[i]);
	for (size_t i = 0; names && members && i < map->node_count; i++) {
		if (leaders[i] == i && members[i] > node_members(&map->nodes[i]))
			names[i] = class_name(&map->nodes[i], members[i]);
	}
	if (!members) {
		free(names);
		names = NULL;
	}
	free(members);
	return names;
}

int fold_map(const struct map *map, const bool *pinned, struct map **ret_map)
{
	struct folding f = { .map = map, .pinned = pinned, .parents = parents_find(map) };
	size_t *leaders = NULL;
	char **names = NULL;
	int rc = f.parents ? classes_find(&f) : -ENOMEM;

	if (rc == 0) {
		leaders = leaders_new(&f.partition);
		names = leaders ? names_new(&f, leaders) : NULL;
		rc = names ? 0 : -ENOMEM;
	}
	if (rc == 0) {
		struct derivation derivation = { .leaders = leaders,
						 .names = (const char *const *)names };

		rc = map_derive(map, &derivation, ret_map);
	}
	for (size_t i = 0; names && i < map->node_count; i++)
		free(names[i]);
	free(names);
	free(leaders);
	partition_done(&f.partition);
	labels_free(&f);
	free(f.parents);
	return rc;
}
