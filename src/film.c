// SPDX-License-Identifier: GPL-2.0-only
#include "film.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "derive.h"

static bool step_is_empty(const struct edge_step *step)
{
	return !step->ops && !step->bytes && !step->received_ops && !step->received_bytes;
}

/* What is known of a node's life: it is there whenever it moves something, too. */
static void span_widen(struct span *span, const struct map *map, const struct edge *edge)
{
	for (size_t i = 0; i < edge->step_count; i++) {
		const struct frame *frame = &map->frames[edge->steps[i].frame];

		span->from = fmin(span->from, frame->start);
		span->until = fmax(span->until, frame->end);
	}
}

static struct span span_of(const struct node *node)
{
	/* What is no process is there from its first byte to its last. */
	struct span span = { INFINITY, -INFINITY };

	if (node->kind != NODE_PROCESS)
		return span;
	span.from = node->start;
	if (node->ended > 0)
		span.until = node->ended;
	else if (!node->exited)
		span.until = INFINITY;
	return span;
}

int film_new(const struct map *map, bool cumulative, struct film *ret_film)
{
	struct span *spans = calloc(map->node_count + 1, sizeof(*spans));

	if (!spans)
		return -ENOMEM;
	for (size_t i = 0; i < map->node_count; i++)
		spans[i] = span_of(&map->nodes[i]);
	for (size_t i = 0; i < map->edge_count; i++) {
		span_widen(&spans[map->edges[i].src], map, &map->edges[i]);
		span_widen(&spans[map->edges[i].dst], map, &map->edges[i]);
	}
	*ret_film = (struct film){ .map = map, .cumulative = cumulative,
				   .frame_count = map->frame_count, .spans = spans };
	return 0;
}

void film_done(struct film *film)
{
	free(film->spans);
	*film = (struct film){ 0 };
}

bool film_node_there(const struct film *film, size_t node, double start, double end)
{
	const struct span *span = &film->spans[node];

	/* With figures of all that was, what has left stays in the picture. */
	return span->from < end && (film->cumulative || span->until > start);
}

struct edge_step film_edge(const struct film *film, const struct edge *edge, size_t first, size_t last)
{
	struct edge_step sum = { .frame = first };

	for (size_t i = 0; i < edge->step_count; i++) {
		const struct edge_step *step = &edge->steps[i];

		if (step->frame > last || (step->frame < first && !film->cumulative))
			continue;
		sum.ops += step->ops;
		sum.bytes += step->bytes;
		sum.received_ops += step->received_ops;
		sum.received_bytes += step->received_bytes;
	}
	return sum;
}

static struct moment moment_of(const struct film *film, size_t first, size_t last)
{
	const struct frame *frames = film->map->frames;

	return (struct moment){
		.number = last + 1,
		.count = film->frame_count,
		.start = frames[film->cumulative ? 0 : first].start,
		.end = frames[last].end,
		.cumulative = film->cumulative,
	};
}

/* Figures and times of the frame in place of those of the window. */
static void edge_cut(const struct film *film, struct edge *edge, size_t first, size_t last,
		     const struct moment *moment)
{
	struct edge_step sum = film_edge(film, edge, first, last);

	edge->ops = sum.ops;
	edge->bytes = sum.bytes;
	edge->received_ops = sum.received_ops;
	edge->received_bytes = sum.received_bytes;
	edge->first = fmin(fmax(edge->first, moment->start), moment->end);
	edge->last = fmax(fmin(edge->last, moment->end), edge->first);
	free(edge->steps);
	edge->steps = NULL;
	edge->step_count = 0;
}

static void nodes_cut(struct map *map, const struct moment *moment)
{
	for (size_t i = 0; i < map->node_count; i++) {
		struct node *node = &map->nodes[i];

		node->silent = true;
		node->exited = node->exited && (node->ended > 0 ? node->ended : map->duration) <= moment->end;
	}
	for (size_t i = 0; i < map->edge_count; i++) {
		map->nodes[map->edges[i].src].silent = false;
		map->nodes[map->edges[i].dst].silent = false;
	}
}

/* nodes: keep those that are there and silent. */
static int film_cut(const struct film *film, size_t first, size_t last, bool silent, struct map **ret_map)
{
	const struct map *whole = film->map;
	struct moment moment = moment_of(film, first, last);
	bool *edges = calloc(whole->edge_count + 1, sizeof(*edges));
	bool *nodes = calloc(whole->node_count + 1, sizeof(*nodes));
	struct map *map = NULL;
	int rc = edges && nodes ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < whole->edge_count; i++) {
		struct edge_step sum = film_edge(film, &whole->edges[i], first, last);

		edges[i] = !step_is_empty(&sum);
	}
	for (size_t i = 0; !rc && silent && i < whole->node_count; i++)
		nodes[i] = film_node_there(film, i, moment.start, moment.end);
	if (!rc)
		rc = map_derive(whole, &(struct derivation){ .edges = edges, .nodes = nodes }, &map);
	free(edges);
	free(nodes);
	if (rc)
		return rc;
	for (size_t i = 0; i < map->edge_count; i++)
		edge_cut(film, &map->edges[i], first, last, &moment);
	nodes_cut(map, &moment);
	free(map->frames);
	map->frames = NULL;
	map->frame_count = 0;
	map->moment = moment;
	*ret_map = map;
	return 0;
}

int film_picture(const struct film *film, size_t first, size_t last, struct map **ret_map)
{
	return film_cut(film, first, last, true, ret_map);
}

/* "2026-11-23T18:00:00.000Z" some seconds later; anything else stays. */
static int time_shift(char **text, double seconds)
{
	struct tm tm = { 0 };
	char date[32], *rest, *later;
	long milliseconds;
	time_t whole;

	rest = *text ? strptime(*text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	if (!rest || sscanf(rest, ".%3ldZ", &milliseconds) != 1)
		return 0;
	milliseconds += lround(seconds * 1000);
	whole = timegm(&tm) + milliseconds / 1000;
	gmtime_r(&whole, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	if (asprintf(&later, "%s.%03ldZ", date, milliseconds % 1000) < 0)
		return -ENOMEM;
	free(*text);
	*text = later;
	return 0;
}

int film_record(const struct film *film, size_t first, size_t last, struct map **ret_map)
{
	struct map *map;
	double start;
	int rc = film_cut(film, first, last, false, &map);

	if (rc)
		return rc;
	start = map->moment.start;
	map->duration = map->moment.end - start;
	for (size_t i = 0; i < map->node_count; i++) {
		map->nodes[i].start -= start;
		map->nodes[i].ended = map->nodes[i].exited ? fmax(map->nodes[i].ended - start, 0) : 0;
	}
	for (size_t i = 0; i < map->edge_count; i++) {
		map->edges[i].first -= start;
		map->edges[i].last -= start;
	}
	map->moment = (struct moment){ 0 };
	rc = time_shift(&map->started, start);
	if (rc) {
		map_free(map);
		return rc;
	}
	map_round_times(map);
	*ret_map = map;
	return 0;
}
