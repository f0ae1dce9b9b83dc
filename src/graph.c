// SPDX-License-Identifier: GPL-2.0-only
#include "graph.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "fold.h"
#include "mechanism.h"

uint64_t figures_bytes(const struct figures *figures)
{
	return figures->bytes > figures->received_bytes ? figures->bytes : figures->received_bytes;
}

uint64_t figures_ops(const struct figures *figures)
{
	return figures->ops ? figures->ops : figures->received_ops;
}

uint64_t row_bytes(const struct row *row)
{
	return figures_bytes(&row->ways[WAY_ALONG]) + figures_bytes(&row->ways[WAY_AGAINST]);
}

bool row_moved(const struct row *row, enum way way)
{
	return figures_ops(&row->ways[way]) || figures_bytes(&row->ways[way]) ||
	       figures_ops(&row->before[way]) || figures_bytes(&row->before[way]);
}

uint64_t row_ops(const struct row *row)
{
	return figures_ops(&row->ways[WAY_ALONG]) + figures_ops(&row->ways[WAY_AGAINST]);
}

bool row_is_signal(const struct row *row)
{
	return strcmp(row->mechanism, mechanisms[IPC_SIGNAL].name) == 0;
}

bool line_is_to_sink(const struct map *map, const struct line *line)
{
	return line->change <= CHANGE_SAME &&
	       (map->nodes[line->tail].sink || map->nodes[line->head].sink);
}

static enum row_kind edge_row_kind(const struct edge *edge)
{
	switch (edge->attribution) {
	case ATTRIBUTION_UNDELIVERED:
		return ROW_UNDELIVERED;
	case ATTRIBUTION_EARLIER:
		return ROW_EARLIER;
	case ATTRIBUTION_IDLE:
		return ROW_IDLE;
	default:
		return ROW_MOVED;
	}
}

static size_t edge_low(const struct edge *edge)
{
	return edge->src < edge->dst ? edge->src : edge->dst;
}

static size_t edge_high(const struct edge *edge)
{
	return edge->src < edge->dst ? edge->dst : edge->src;
}

static const struct channel *edge_channel(const struct map *map, const struct edge *edge)
{
	return edge->channel == MAP_NO_CHANNEL ? NULL : &map->channels[edge->channel];
}

/* Zero: the same row. */
static int edge_compare_row(const struct map *map, const struct edge *a, const struct edge *b)
{
	const struct channel *channel = edge_channel(map, a), *other = edge_channel(map, b);
	int c = size_compare(edge_low(a), edge_low(b));

	c = c ? c : size_compare(edge_high(a), edge_high(b));
	c = c ? c : (int)edge_row_kind(a) - (int)edge_row_kind(b);
	c = c ? c : text_compare(a->mechanism, b->mechanism);
	c = c ? c : text_compare(a->signal, b->signal);
	c = c ? c : (int)change_presence(a->change) - (int)change_presence(b->change);
	return c ? c : text_compare(channel ? channel->name : NULL, other ? other->name : NULL);
}

static int edge_compare(const void *left, const void *right, void *context)
{
	const struct map *map = context;
	size_t i = *(const size_t *)left, j = *(const size_t *)right;
	const struct edge *a = &map->edges[i], *b = &map->edges[j];
	int c = edge_compare_row(map, a, b);

	c = c ? c : size_compare(a->channel, b->channel);
	return c ? c : size_compare(i, j);
}

static int row_compare(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	int c = (a->kind == ROW_IDLE) - (b->kind == ROW_IDLE);

	c = c ? c : row_is_signal(a) - row_is_signal(b);
	c = c ? c : size_compare(row_bytes(b), row_bytes(a));
	c = c ? c : size_compare(row_ops(b), row_ops(a));
	c = c ? c : text_compare(a->mechanism, b->mechanism);
	c = c ? c : text_compare(a->signal, b->signal);
	c = c ? c : (int)a->kind - (int)b->kind;
	c = c ? c : (int)a->change - (int)b->change;
	return c ? c : text_compare(a->channel ? a->channel->name : NULL,
				    b->channel ? b->channel->name : NULL);
}

static void row_add(struct row *row, const struct edge *edge, enum way way)
{
	struct figures *figures = &row->ways[way], *before = &row->before[way];

	row->change = row->change ? change_join(row->change, edge->change) : edge->change;
	before->ops += edge->before.ops;
	before->bytes += edge->before.bytes;
	before->received_ops += edge->before.received_ops;
	before->received_bytes += edge->before.received_bytes;

	figures->ops += edge->ops;
	figures->bytes += edge->bytes;
	figures->received_ops += edge->received_ops;
	figures->received_bytes += edge->received_bytes;
	if (row->first > edge->first)
		row->first = edge->first;
	if (row->last < edge->last)
		row->last = edge->last;
}

void line_turn(struct line *line)
{
	size_t node = line->tail;
	bool way = line->ways[WAY_ALONG];

	line->tail = line->head;
	line->head = node;
	line->ways[WAY_ALONG] = line->ways[WAY_AGAINST];
	line->ways[WAY_AGAINST] = way;
	for (size_t i = 0; i < line->row_count; i++) {
		struct row *row = &line->rows[i];
		struct figures figures = row->ways[WAY_ALONG], before = row->before[WAY_ALONG];

		row->ways[WAY_ALONG] = row->ways[WAY_AGAINST];
		row->ways[WAY_AGAINST] = figures;
		row->before[WAY_ALONG] = row->before[WAY_AGAINST];
		row->before[WAY_AGAINST] = before;
	}
}

/* Whether a node listens on what the row goes over: on its path, or on the port of its address. */
static bool listens_on(const char *at, const struct row *row)
{
	const char *name = row->channel ? row->channel->name : NULL;
	const char *what = name ? strrchr(name, ':') : NULL;
	size_t len;

	if (!name || !at)
		return false;
	if (!what || name[0] == '/')
		what = name;
	len = strlen(what);
	while (len > 0 && (at = strstr(at, what)) != NULL) {
		at += len;
		if (*at == '\0' || *at == ',' || *at == ' ')
			return true;
	}
	return false;
}

/* What a server forked for a client has closed the socket that its parent listens on. */
static bool node_serves(const struct map *map, const struct node *node, const struct row *row)
{
	if (!row->channel || !row->channel->name)
		return false;
	if (node->listens || node->kind != NODE_PROCESS)
		return listens_on(node->listens, row);
	for (size_t i = 0; i < map->node_count; i++) {
		const struct node *parent = &map->nodes[i];

		if (parent->listens && parent->kind == NODE_PROCESS && parent->pid == node->ppid &&
		    node_same_program(parent, node))
			return listens_on(parent->listens, row);
	}
	return false;
}

/* Which of the two serves the other: -1 the tail, 1 the head, 0 not known. */
static int line_server(const struct map *map, const struct line *line)
{
	const struct node *a = &map->nodes[line->tail], *b = &map->nodes[line->head];

	for (size_t i = 0; i < line->row_count; i++) {
		int server = node_serves(map, b, &line->rows[i]) -
			     node_serves(map, a, &line->rows[i]);

		if (server)
			return server;
	}
	return 0;
}

/*
 * Whether the second node should be the tail: where data went one way only, the
 * sender; else the client, the parent, the older.
 */
static bool line_is_backward(const struct map *map, const struct line *line)
{
	const struct node *a = &map->nodes[line->tail], *b = &map->nodes[line->head];
	uint64_t ops[WAYS] = { 0 };
	int server;

	for (size_t i = 0; i < line->row_count; i++) {
		const struct row *row = &line->rows[i];

		if (row_is_signal(row))
			continue;
		ops[WAY_ALONG] += figures_ops(&row->ways[WAY_ALONG]);
		ops[WAY_AGAINST] += figures_ops(&row->ways[WAY_AGAINST]);
	}
	if (!ops[WAY_ALONG] != !ops[WAY_AGAINST])
		return ops[WAY_AGAINST] != 0;
	if (!ops[WAY_ALONG] && line->ways[WAY_ALONG] != line->ways[WAY_AGAINST])
		return line->ways[WAY_AGAINST];
	server = line_server(map, line);
	if (server)
		return server < 0;
	if (a->kind == NODE_PROCESS && b->kind == NODE_PROCESS)
		return a->ppid == b->pid && b->ppid != a->pid;
	/* Kernel, processes, hubs, externals: their order in the map will do. */
	return false;
}

static void line_finish(struct graph *graph, struct line *line)
{
	for (size_t i = 0; i < line->row_count; i++) {
		struct row *row = &line->rows[i];

		line->bytes += row_bytes(row);
		line->change = i ? change_join(line->change, row->change) : row->change;
		if (row->kind == ROW_IDLE)
			continue;
		for (int way = 0; way < WAYS; way++)
			line->ways[way] |= row_moved(row, way);
	}
	if (line_is_backward(graph->map, line))
		line_turn(line);
	qsort(line->rows, line->row_count, sizeof(*line->rows), row_compare);
	graph->bytes += line->bytes;
}

static void graph_fill(struct graph *graph, const size_t *order)
{
	const struct map *map = graph->map;
	const struct edge *previous = NULL;
	struct line *line = NULL;
	size_t row_count = 0;

	for (size_t i = 0; i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[order[i]];
		struct row *row;

		if (!line || line->tail != edge_low(edge) || line->head != edge_high(edge)) {
			line = &graph->lines[graph->line_count++];
			*line = (struct line){ .tail = edge_low(edge),
					       .head = edge_high(edge),
					       .rows = &graph->rows[row_count] };
			previous = NULL;
		}
		if (!previous || edge_compare_row(map, previous, edge) != 0) {
			row_count++;
			line->row_count++;
			row = &line->rows[line->row_count - 1];
			*row = (struct row){ .kind = edge_row_kind(edge),
					     .mechanism = edge->mechanism,
					     .signal = edge->signal,
					     .channel = edge_channel(map, edge),
					     .first = edge->first,
					     .last = edge->last };
			previous = NULL;
		}
		row = &line->rows[line->row_count - 1];
		if (row->channel && (!previous || previous->channel != edge->channel))
			row->channels++;
		row_add(row, edge, edge->src == line->tail ? WAY_ALONG : WAY_AGAINST);
		graph->totals[edge->src].sent += edge->bytes;
		graph->totals[edge->dst].received += edge->received_bytes;
		previous = edge;
	}
	for (size_t i = 0; i < graph->line_count; i++)
		line_finish(graph, &graph->lines[i]);
}

int graph_new(const struct map *map, struct graph *ret_graph)
{
	struct graph graph = { .map = map };
	size_t *order = calloc(map->edge_count + 1, sizeof(*order));

	graph.lines = calloc(map->edge_count + 1, sizeof(*graph.lines));
	graph.rows = calloc(map->edge_count + 1, sizeof(*graph.rows));
	graph.totals = calloc(map->node_count + 1, sizeof(*graph.totals));
	graph.said = calloc(map->node_count + 1, sizeof(*graph.said));
	if (!order || !graph.lines || !graph.rows || !graph.totals || !graph.said) {
		free(order);
		graph_done(&graph);
		return -ENOMEM;
	}
	for (size_t i = 0; i < map->edge_count; i++)
		order[i] = i;
	qsort_r(order, map->edge_count, sizeof(*order), edge_compare, (void *)map);
	graph_fill(&graph, order);
	free(order);
	if (hints_fill(&graph)) {
		graph_done(&graph);
		return -ENOMEM;
	}
	*ret_graph = graph;
	return 0;
}

void graph_done(struct graph *graph)
{
	free(graph->lines);
	free(graph->rows);
	free(graph->totals);
	free(graph->said);
	free(graph->whole_nodes);
	*graph = (struct graph){ 0 };
}

int graph_set_whole(struct graph *graph, const struct graph *whole)
{
	const struct map *map = graph->map;
	size_t *nodes = calloc(map->node_count + 1, sizeof(*nodes)), at = 0;

	if (!nodes)
		return -ENOMEM;
	for (size_t i = 0; i < map->node_count; i++) {
		while (at + 1 < whole->map->node_count &&
		       strcmp(whole->map->nodes[at].id, map->nodes[i].id) != 0)
			at++;
		nodes[i] = at;
	}
	free(graph->whole_nodes);
	graph->whole = whole;
	graph->whole_nodes = nodes;
	/* What is said once is said in every frame alike. */
	graph->hints = whole->hints;
	for (size_t i = 0; i < map->node_count; i++)
		graph->said[i] = whole->said[nodes[i]];
	return 0;
}
