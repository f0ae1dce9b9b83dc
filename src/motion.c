// SPDX-License-Identifier: GPL-2.0-only
#include "motion.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "style.h"

/* Opacities: of what moves data, is there, or is not. */
#define LIT 1.0
#define NODE_SILENT .45
#define LINE_SILENT .12

/* From one frame to the next: not longer than a fifth of a second, or a quarter of the frame. */
#define FADE_SECONDS .2
#define FADE_SHARE .25

static const double absent = 0;

/* A number with no more digits than show. */
static void put_number(FILE *file, double number)
{
	char text[32];
	size_t len = (size_t)snprintf(text, sizeof(text), "%.5f", number);

	while (len > 0 && text[len - 1] == '0')
		len--;
	if (len > 0 && text[len - 1] == '.')
		len--;
	text[len] = '\0';
	fputs(text, file);
}

/* When the change into a frame is complete, as a share of the whole. */
static double settled(const struct motions *m, size_t frame)
{
	double length = m->moments[frame + 1] - m->moments[frame];

	return m->moments[frame] + fmin(FADE_SHARE * length, FADE_SECONDS / m->seconds);
}

/* Calls put for each point of the track: the old value, then the new one when it is settled. */
static void track_walk(const struct motions *m, const double *values, FILE *file, bool times)
{
	put_number(file, times ? 0 : values[0]);
	for (size_t i = 1; i < m->count; i++) {
		if (values[i] == values[i - 1])
			continue;
		fputc(';', file);
		put_number(file, times ? m->moments[i] : values[i - 1]);
		fputc(';', file);
		put_number(file, times ? settled(m, i) : values[i]);
	}
	fputc(';', file);
	put_number(file, times ? 1 : values[m->count - 1]);
}

static void put_track(const struct motions *m, const char *attribute, const double *values, FILE *file)
{
	fprintf(file, "<animate attributeName=\"%s\" dur=\"%.3fs\" repeatCount=\"indefinite\" values=\"",
		attribute, m->seconds);
	track_walk(m, values, file, false);
	fputs("\" keyTimes=\"", file);
	track_walk(m, values, file, true);
	fputs("\"/>", file);
}

static bool all_are(const double *values, size_t count, double value)
{
	for (size_t i = 0; i < count; i++) {
		if (values[i] != value)
			return false;
	}
	return true;
}

/* A track as text; NULL: short of memory. Nothing where it would change nothing. */
static char *track_text(const struct motions *m, const char *attribute, const double *values, double usual)
{
	char *data = NULL;
	size_t size;
	FILE *file = open_memstream(&data, &size);
	bool failed;

	if (!file)
		return NULL;
	if (!all_are(values, m->count, usual))
		put_track(m, attribute, values, file);
	failed = ferror(file) != 0;
	failed |= fclose(file) != 0;
	if (!failed)
		return data;
	free(data);
	return NULL;
}

/* Takes over what was made of id; group and path are NULL where memory was short. */
static int motion_add(struct motions *m, char *id, char *group, char *path, bool has_path)
{
	struct motion *motion = calloc(1, sizeof(*motion));

	if (!motion || !id || !group || (has_path && !path)) {
		free(motion);
		free(id);
		free(group);
		free(path);
		return -ENOMEM;
	}
	*motion = (struct motion){ .id = id, .group = group, .path = path };
	HASH_ADD_KEYPTR(hh, m->table, motion->id, strlen(motion->id), motion);
	return 0;
}

/* Whether a node moved anything: a flag by node and frame. */
struct moving {
	const struct graph *graph;
	const struct film *film;
	struct motions *motions;
	bool *nodes;	/* by node * frames + frame */
	size_t *order;	/* edges, sorted by the line they are of */
	size_t *line_of; /* by edge */
	double *values, *widths; /* by frame, for the thing in work */
	uint64_t *bytes;
};

static void edge_mark(struct moving *v, const struct edge *edge)
{
	size_t count = v->motions->count;

	for (size_t i = 0; i < edge->step_count; i++) {
		/* What has begun stays, where all since the start is shown. */
		size_t end = v->film->cumulative ? count : edge->steps[i].frame + 1;

		for (size_t k = edge->steps[i].frame; k < end; k++) {
			v->nodes[edge->src * count + k] = true;
			v->nodes[edge->dst * count + k] = true;
		}
	}
}

static bool there(const struct moving *v, size_t node, size_t frame)
{
	const struct frame *at = &v->film->map->frames[frame];

	return film_node_there(v->film, node, at->start, at->end);
}

static int node_move(struct moving *v, size_t node)
{
	struct motions *m = v->motions;

	for (size_t k = 0; k < m->count; k++) {
		bool moves = v->nodes[node * m->count + k];

		v->values[k] = moves ? LIT : there(v, node, k) ? NODE_SILENT : absent;
	}
	return motion_add(m, strdup(v->graph->map->nodes[node].id),
			  track_text(m, "opacity", v->values, LIT), NULL, false);
}

/* The frame around the nodes from first on that are in the same. */
static int frame_move(struct moving *v, size_t first, size_t number)
{
	const struct map *map = v->graph->map;
	struct motions *m = v->motions;
	char *id;

	for (size_t k = 0; k < m->count; k++) {
		v->values[k] = absent;
		for (size_t i = first; i < map->node_count; i++) {
			if (map->nodes[i].cluster && !strcmp(map->nodes[i].cluster, map->nodes[first].cluster) &&
			    there(v, i, k))
				v->values[k] = LIT;
		}
	}
	if (asprintf(&id, "f%zu", number) < 0)
		id = NULL;
	return motion_add(m, id, track_text(m, "opacity", v->values, LIT), NULL, false);
}

/* In the order and with the numbers that graphviz.c gives them. */
static int frames_move(struct moving *v)
{
	const struct map *map = v->graph->map;
	size_t number = 0;
	int rc = 0;

	for (size_t i = 0; i < map->node_count && !rc; i++) {
		const char *name = map->nodes[i].cluster;
		size_t j = 0;

		while (name && j < i && (!map->nodes[j].cluster || strcmp(map->nodes[j].cluster, name)))
			j++;
		if (name && j == i)
			rc = frame_move(v, i, ++number);
	}
	return rc;
}

/* What a line's edges moved in each frame: in v->bytes and, where anything was moved at all, v->values. */
static void line_sum(struct moving *v, const size_t *edges, size_t count)
{
	size_t frames = v->motions->count;

	memset(v->bytes, 0, frames * sizeof(*v->bytes));
	memset(v->values, 0, frames * sizeof(*v->values));
	for (size_t i = 0; i < count; i++) {
		const struct edge *edge = &v->graph->map->edges[edges[i]];

		for (size_t n = 0; n < edge->step_count; n++) {
			const struct edge_step *step = &edge->steps[n];
			uint64_t bytes = step->bytes > step->received_bytes ? step->bytes : step->received_bytes;

			v->bytes[step->frame] += bytes;
			v->motions->bytes[step->frame] += bytes;
			v->values[step->frame] = LIT;
		}
	}
	for (size_t k = 1; v->film->cumulative && k < frames; k++) {
		v->bytes[k] += v->bytes[k - 1];
		v->values[k] = fmax(v->values[k], v->values[k - 1]);
	}
}

static int line_move(struct moving *v, const struct line *line, const size_t *edges, size_t count)
{
	const struct node *nodes = v->graph->map->nodes;
	struct motions *m = v->motions;
	char *id;

	line_sum(v, edges, count);
	for (size_t k = 0; k < m->count; k++) {
		v->widths[k] = round(style_width(v->bytes[k]) * 100) / 100;
		if (v->values[k] == 0 && there(v, line->tail, k) && there(v, line->head, k))
			v->values[k] = LINE_SILENT;
	}
	if (asprintf(&id, "e-%s-%s", nodes[line->tail].id, nodes[line->head].id) < 0)
		id = NULL;
	return motion_add(m, id, track_text(m, "opacity", v->values, LIT),
			  line->bytes ? track_text(m, "stroke-width", v->widths, -1) : strdup(""), true);
}

struct ends {
	size_t low, high, line;
	UT_hash_handle hh;
};

/* By edge: the line it is of. 0 or -ENOMEM. */
static int lines_find(struct moving *v)
{
	const struct map *map = v->graph->map;
	struct ends *table = NULL, *pairs = calloc(v->graph->line_count + 1, sizeof(*pairs)), *found;
	const unsigned key_size = offsetof(struct ends, line);

	if (!pairs)
		return -ENOMEM;
	for (size_t i = 0; i < v->graph->line_count; i++) {
		const struct line *line = &v->graph->lines[i];
		bool turned = line->tail > line->head;

		pairs[i] = (struct ends){ turned ? line->head : line->tail,
					  turned ? line->tail : line->head, i, { 0 } };
		HASH_ADD(hh, table, low, key_size, &pairs[i]);
	}
	for (size_t i = 0; i < map->edge_count; i++) {
		size_t src = map->edges[i].src, dst = map->edges[i].dst;
		const struct ends key = { .low = src < dst ? src : dst, .high = src < dst ? dst : src };

		HASH_FIND(hh, table, &key, key_size, found);
		v->line_of[i] = found ? found->line : 0;
		v->order[i] = i;
	}
	HASH_CLEAR(hh, table);
	free(pairs);
	return 0;
}

static int order_compare(const void *left, const void *right, void *context)
{
	const size_t *line_of = context, i = *(const size_t *)left, j = *(const size_t *)right;

	if (line_of[i] != line_of[j])
		return line_of[i] < line_of[j] ? -1 : 1;
	return i < j ? -1 : i > j;
}

static int lines_move(struct moving *v)
{
	size_t edges = v->graph->map->edge_count, end;
	int rc = lines_find(v);

	if (!rc)
		qsort_r(v->order, edges, sizeof(*v->order), order_compare, v->line_of);
	for (size_t i = 0; i < edges && !rc; i = end) {
		size_t line = v->line_of[v->order[i]];

		for (end = i; end < edges && v->line_of[v->order[end]] == line; end++)
			;
		rc = line_move(v, &v->graph->lines[line], &v->order[i], end - i);
	}
	return rc;
}

static int all_move(struct moving *v)
{
	const struct map *map = v->graph->map;
	int rc = frames_move(v);

	for (size_t i = 0; i < map->edge_count; i++)
		edge_mark(v, &map->edges[i]);
	for (size_t i = 0; i < map->node_count && !rc; i++)
		rc = node_move(v, i);
	return rc ? rc : lines_move(v);
}

static void moments_fill(struct motions *m, const struct map *map)
{
	double all = map->frames[m->count - 1].end;

	for (size_t i = 0; i < m->count; i++)
		m->moments[i] = all > 0 ? map->frames[i].start / all : (double)i / (double)m->count;
	m->moments[m->count] = 1;
}

int motions_new(const struct graph *graph, const struct film *film, double seconds,
		struct motions *ret_motions)
{
	const struct map *map = film->map;
	struct motions m = { .count = map->frame_count, .seconds = seconds };
	struct moving v = { .graph = graph, .film = film, .motions = &m };
	int rc = -ENOMEM;

	m.moments = calloc(m.count + 1, sizeof(*m.moments));
	m.bytes = calloc(m.count + 1, sizeof(*m.bytes));
	v.nodes = calloc(map->node_count * m.count + 1, sizeof(*v.nodes));
	v.order = calloc(map->edge_count + 1, sizeof(*v.order));
	v.line_of = calloc(map->edge_count + 1, sizeof(*v.line_of));
	v.values = calloc(m.count + 1, sizeof(*v.values));
	v.widths = calloc(m.count + 1, sizeof(*v.widths));
	v.bytes = calloc(m.count + 1, sizeof(*v.bytes));
	if (m.moments && m.bytes && v.nodes && v.order && v.line_of && v.values && v.widths && v.bytes) {
		moments_fill(&m, map);
		rc = all_move(&v);
	}
	free(v.nodes);
	free(v.order);
	free(v.line_of);
	free(v.values);
	free(v.widths);
	free(v.bytes);
	if (rc)
		motions_done(&m);
	else
		*ret_motions = m;
	return rc;
}

void motions_done(struct motions *m)
{
	struct motion *motion, *next;

	HASH_ITER(hh, m->table, motion, next) {
		HASH_DEL(m->table, motion);
		free(motion->id);
		free(motion->group);
		free(motion->path);
		free(motion);
	}
	free(m->moments);
	free(m->bytes);
	*m = (struct motions){ 0 };
}
