// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a drawing says once instead of everywhere: a mark that nearly all bear
 * marks nobody, and a path on fifteen lines to one node is that node's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "graph.h"
#include "mechanism.h"

#define SAID_LEAST 3	  /* lines over one channel's name, for the node to bear it */
#define NAME_SHORT 6	  /* ":65535" has room on every line */

static const char *row_channel_name(const struct row *row)
{
	const char *name = row->channel ? row->channel->name : NULL;
	int mechanism = mechanism_by_name(row->mechanism);

	/* Of an address the port is shown. */
	if (mechanism == IPC_TCP || mechanism == IPC_UDP || mechanism == IPC_PTY)
		return NULL;
	return name && strlen(name) > NAME_SHORT ? name : NULL;
}

/* A line of nothing but "a child has ended". */
static bool line_is_of_children(const struct line *line)
{
	for (size_t i = 0; i < line->row_count; i++) {
		if (!line->rows[i].signal || strcmp(line->rows[i].signal, "SIGCHLD") != 0)
			return false;
	}
	return true;
}

bool line_is_to_child(const struct graph *graph, const struct line *line)
{
	return graph->hints.children && line->change <= CHANGE_SAME && line_is_of_children(line);
}

bool line_is_pale(const struct graph *graph, const struct line *line)
{
	return line_is_to_sink(graph->map, line) || line_is_to_child(graph, line);
}

/* One end of a line that goes over a name. */
struct saying {
	size_t node;
	const struct row *row;
};

static int saying_compare(const void *left, const void *right)
{
	const struct saying *a = left, *b = right;
	int c = size_compare(a->node, b->node);

	c = c ? c : strcmp(a->row->mechanism, b->row->mechanism);
	c = c ? c : text_compare(a->row->channel->name, b->row->channel->name);
	/* Any order of equals would do, but always the same. */
	return c ? c : (a->row > b->row) - (a->row < b->row);
}

static bool saying_is_same(const struct saying *a, const struct saying *b)
{
	return a->node == b->node && !strcmp(a->row->mechanism, b->row->mechanism) &&
	       !strcmp(a->row->channel->name, b->row->channel->name);
}

/* Of each node the name that most of its lines go over. */
static void said_choose(struct graph *graph, const struct saying *sayings, size_t count)
{
	size_t node = SIZE_MAX, most = 0;

	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count && saying_is_same(&sayings[i], &sayings[next]);)
			next++;
		if (sayings[i].node != node)
			most = SAID_LEAST - 1;
		node = sayings[i].node;
		if (next - i <= most)
			continue;
		most = next - i;
		graph->said[node] = sayings[i].row;
	}
}

static int said_fill(struct graph *graph)
{
	size_t rows = 0, count = 0;
	struct saying *sayings;

	for (size_t i = 0; i < graph->line_count; i++)
		rows += graph->lines[i].row_count;
	sayings = calloc(2 * rows + 1, sizeof(*sayings));
	if (!sayings)
		return -ENOMEM;
	for (size_t i = 0; i < graph->line_count; i++) {
		const struct line *line = &graph->lines[i];

		/* It has no label. */
		if (line_is_pale(graph, line))
			continue;
		for (size_t j = 0; j < line->row_count; j++) {
			if (!row_channel_name(&line->rows[j]))
				continue;
			sayings[count++] = (struct saying){ line->head, &line->rows[j] };
			if (line->tail != line->head)
				sayings[count++] = (struct saying){ line->tail, &line->rows[j] };
		}
	}
	qsort(sayings, count, sizeof(*sayings), saying_compare);
	said_choose(graph, sayings, count);
	free(sayings);
	return 0;
}

int hints_fill(struct graph *graph)
{
	const struct map *map = graph->map;
	size_t processes = 0;

	for (size_t i = 0; i < map->node_count; i++) {
		if (map->nodes[i].kind != NODE_PROCESS)
			continue;
		processes += node_members(&map->nodes[i]);
		if (map->nodes[i].exited)
			graph->hints.exits += node_members(&map->nodes[i]);
	}
	graph->hints.exited = 2 * graph->hints.exits <= processes;
	/* In a map of signals alone they are what it shows. */
	for (size_t i = 0; i < graph->line_count && !graph->hints.children; i++)
		graph->hints.children = !line_is_of_children(&graph->lines[i]);
	/* In a difference every line says what became of it. */
	return map->comparison ? 0 : said_fill(graph);
}

void hints_expect(struct graph *graph)
{
	graph->hints.children = true;
	memset(graph->said, 0, (graph->map->node_count + 1) * sizeof(*graph->said));
}

static bool said_at(const struct graph *graph, size_t node, const struct row *row)
{
	const struct row *said = graph->said[node];

	return said && strcmp(said->mechanism, row->mechanism) == 0;
}

enum said row_said(const struct graph *graph, const struct line *line, const struct row *row)
{
	const size_t ends[] = { line->tail, line->head };
	const char *name = row->channel ? row->channel->name : NULL;
	enum said said = SAID_HERE;

	for (int i = 0; i < 2; i++) {
		if (!said_at(graph, ends[i], row))
			continue;
		if (name && strcmp(name, graph->said[ends[i]]->channel->name) == 0)
			return SAID_AT_NODE;
		if (!name && row->channel)
			said = SAID_NAMELESS;
	}
	return said;
}
