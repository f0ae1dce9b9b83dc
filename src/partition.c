// SPDX-License-Identifier: GPL-2.0-only
#include "partition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Halves looked at, per half of the graph: real maps need less than ten. */
#define EFFORT 64
#define EFFORT_LEAST 1000000

/* One round: the nodes that may part, and what each sees. */
struct round {
	const struct partition *partition;
	const uint32_t *seen; /* by node: what a neighbour is known by */
	uint32_t *nodes;
	size_t node_count;
	uint64_t *sights; /* label and neighbour; of a node: sorted, each once */
	size_t *starts, *lengths; /* in sights, by node */
	size_t effort;
};

int partition_new(size_t nodes, const struct partition_edge *edges, size_t edge_count,
		  struct partition *ret_partition)
{
	struct partition p = { .node_count = (uint32_t)nodes };
	uint32_t *fill = calloc(nodes + 1, sizeof(*fill));

	if (nodes >= UINT32_MAX / 4 || edge_count >= UINT32_MAX / 4) {
		free(fill);
		return -ENOMEM;
	}
	p.starts = calloc(nodes + 1, sizeof(*p.starts));
	p.halves = calloc(2 * edge_count + 1, sizeof(*p.halves));
	p.colours = calloc(nodes + 1, sizeof(*p.colours));
	p.sizes = calloc(2 * nodes + 1, sizeof(*p.sizes));
	p.dirty = calloc(2 * nodes + 1, sizeof(*p.dirty));
	if (!fill || !p.starts || !p.halves || !p.colours || !p.sizes || !p.dirty) {
		free(fill);
		partition_done(&p);
		return -ENOMEM;
	}
	for (size_t i = 0; i < edge_count; i++) {
		fill[edges[i].src]++;
		fill[edges[i].dst]++;
	}
	for (size_t i = 0; i < nodes; i++) {
		p.starts[i + 1] = p.starts[i] + fill[i];
		fill[i] = p.starts[i];
	}
	for (size_t i = 0; i < edge_count; i++) {
		const struct partition_edge *edge = &edges[i];

		p.halves[fill[edge->src]++] =
			(struct partition_half){ edge->one_way ? PARTITION_UNSEEN : edge->label << 1,
						 edge->dst };
		p.halves[fill[edge->dst]++] =
			(struct partition_half){ edge->label << 1 | 1, edge->src };
	}
	free(fill);
	*ret_partition = p;
	return 0;
}

void partition_done(struct partition *partition)
{
	free(partition->starts);
	free(partition->halves);
	free(partition->colours);
	free(partition->sizes);
	free(partition->dirty);
	*partition = (struct partition){ 0 };
}

void partition_begin(struct partition *p)
{
	memset(p->sizes, 0, (2 * (size_t)p->node_count + 1) * sizeof(*p->sizes));
	p->colour_count = 0;
	for (uint32_t i = 0; i < p->node_count; i++) {
		p->sizes[p->colours[i]]++;
		if (p->colours[i] >= p->colour_count)
			p->colour_count = p->colours[i] + 1;
	}
	for (uint32_t i = 0; i < p->colour_count; i++)
		p->dirty[i] = true;
}

static int sight_compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* What node i of the round sees, appended at *at. */
static void sights_take(struct round *round, uint32_t node, size_t *at)
{
	const struct partition *p = round->partition;
	size_t begin = *at, end = begin, kept = begin;

	for (uint32_t i = p->starts[node]; i < p->starts[node + 1]; i++) {
		const struct partition_half *half = &p->halves[i];

		if (half->label == PARTITION_UNSEEN)
			continue;
		round->sights[end++] = (uint64_t)half->label << 32 | round->seen[half->other];
	}
	round->effort += p->starts[node + 1] - p->starts[node] + 1;
	if (end - begin > 1)
		qsort(&round->sights[begin], end - begin, sizeof(*round->sights), sight_compare);
	for (size_t i = begin; i < end; i++) {
		if (kept == begin || round->sights[kept - 1] != round->sights[i])
			round->sights[kept++] = round->sights[i];
	}
	round->starts[node] = begin;
	round->lengths[node] = kept - begin;
	*at = kept;
}

/* Zero: nothing tells the two apart. */
static int node_compare_sights(const struct round *round, uint32_t a, uint32_t b)
{
	const struct partition *p = round->partition;
	size_t length = round->lengths[a];

	if (p->colours[a] != p->colours[b])
		return p->colours[a] < p->colours[b] ? -1 : 1;
	if (length != round->lengths[b])
		return length < round->lengths[b] ? -1 : 1;
	return memcmp(&round->sights[round->starts[a]], &round->sights[round->starts[b]],
		      length * sizeof(*round->sights));
}

static int node_compare(const void *left, const void *right, void *context)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	int c = node_compare_sights(context, a, b);

	return c ? c : (a > b) - (a < b);
}

static void neighbours_mark(struct partition *p, uint32_t node)
{
	for (uint32_t i = p->starts[node]; i < p->starts[node + 1]; i++)
		p->dirty[p->colours[p->halves[i].other]] = true;
}

static void node_recolour(struct partition *p, uint32_t node, uint32_t colour)
{
	p->sizes[p->colours[node]]--;
	p->sizes[colour]++;
	p->colours[node] = colour;
}

/*
 * Parts the classes of the round by what their nodes see: the first part keeps
 * the colour, so that nodes around it need no second look. Returns whether any parted.
 */
static bool round_part(struct round *round, struct partition *p, uint32_t *fresh)
{
	size_t changed = 0;

	qsort_r(round->nodes, round->node_count, sizeof(*round->nodes), node_compare, round);
	/* Colours are compared below: new ones are given when all is compared. */
	for (size_t i = 0; i < round->node_count; i++) {
		uint32_t node = round->nodes[i], before = i ? round->nodes[i - 1] : 0;

		fresh[i] = p->colours[node];
		if (i == 0 || p->colours[before] != p->colours[node])
			continue;
		if (node_compare_sights(round, before, node) != 0)
			fresh[i] = p->colour_count++;
		else
			fresh[i] = fresh[i - 1];
	}
	for (size_t i = 0; i < round->node_count; i++) {
		if (fresh[i] == p->colours[round->nodes[i]])
			continue;
		node_recolour(p, round->nodes[i], fresh[i]);
		round->nodes[changed++] = round->nodes[i];
	}
	for (size_t i = 0; i < changed; i++)
		neighbours_mark(p, round->nodes[i]);
	return changed > 0;
}

/* The nodes of classes that may have to part. */
static void round_begin(struct round *round, struct partition *p)
{
	size_t at = 0;

	round->node_count = 0;
	for (uint32_t i = 0; i < p->node_count; i++) {
		if (p->dirty[p->colours[i]] && p->sizes[p->colours[i]] > 1)
			round->nodes[round->node_count++] = i;
	}
	memset(p->dirty, 0, p->colour_count * sizeof(*p->dirty));
	for (size_t i = 0; i < round->node_count; i++)
		sights_take(round, round->nodes[i], &at);
}

static bool round_new(struct round *round, const struct partition *p)
{
	size_t nodes = p->node_count;

	*round = (struct round){ .partition = p, .seen = p->colours };
	round->nodes = calloc(nodes + 1, sizeof(*round->nodes));
	round->starts = calloc(nodes + 1, sizeof(*round->starts));
	round->lengths = calloc(nodes + 1, sizeof(*round->lengths));
	round->sights = calloc((size_t)p->starts[nodes] + 1, sizeof(*round->sights));
	return round->nodes && round->starts && round->lengths && round->sights;
}

static void round_done(struct round *round)
{
	free(round->nodes);
	free(round->starts);
	free(round->lengths);
	free(round->sights);
}

int partition_refine(struct partition *p)
{
	size_t most = EFFORT * ((size_t)p->starts[p->node_count] + p->node_count) + EFFORT_LEAST;
	uint32_t *fresh = calloc((size_t)p->node_count + 1, sizeof(*fresh));
	struct round round;
	int rc = 0;

	if (!round_new(&round, p) || !fresh)
		rc = -ENOMEM;
	while (rc == 0) {
		round_begin(&round, p);
		if (round.node_count == 0 || !round_part(&round, p, fresh))
			break;
		if (round.effort > most)
			rc = -E2BIG;
	}
	round_done(&round);
	free(fresh);
	return rc;
}

void partition_single_out(struct partition *p, uint32_t node)
{
	node_recolour(p, node, p->colour_count++);
	neighbours_mark(p, node);
}

int partition_twins(struct partition *p)
{
	uint32_t *fresh = calloc((size_t)p->node_count + 1, sizeof(*fresh));
	uint32_t *themselves = calloc((size_t)p->node_count + 1, sizeof(*themselves));
	struct round round;
	int rc = 0;

	if (!round_new(&round, p) || !fresh || !themselves) {
		rc = -ENOMEM;
	} else {
		for (uint32_t i = 0; i < p->node_count; i++)
			themselves[i] = i;
		partition_begin(p);
		round.seen = themselves;
		round_begin(&round, p);
		round_part(&round, p, fresh);
	}
	round_done(&round);
	free(fresh);
	free(themselves);
	return rc;
}
