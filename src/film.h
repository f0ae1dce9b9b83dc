/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A window frame by frame: which part of a view is to be seen when. The view is
 * that of the whole window, so that what is folded, grouped and trimmed is the
 * same in all frames, and a node is the same node.
 */
#ifndef IPCMAP_FILM_H
#define IPCMAP_FILM_H

#include <stdbool.h>
#include <stddef.h>

#include "map.h"

struct film {
	const struct map *map; /* the view; the caller's, and outlives the film */
	bool cumulative;       /* a frame has all that moved since the window opened */
	size_t frame_count;    /* for people: "frame 3 of 12"; 0: there will be more */
	struct span {
		double from, until;
	} *spans; /* by node: when it is there */
};

/* Returns 0 and fills ret_film (free it with film_done()), or -ENOMEM. */
int film_new(const struct map *map, bool cumulative, struct film *ret_film);
void film_done(struct film *film);

/* Whether a node is there in some of that time. */
bool film_node_there(const struct film *film, size_t node, double start, double end);

/* What an edge moved in these frames. */
struct edge_step film_edge(const struct film *film, const struct edge *edge, size_t first, size_t last);

/*
 * The map of frames first to last: the edges that moved anything, with the figures
 * of these frames; the nodes that are there (silent: without an edge). Ids are the
 * view's. Returns 0 and *ret_map (the caller frees it), or -ENOMEM.
 */
int film_picture(const struct film *film, size_t first, size_t last, struct map **ret_map);

/*
 * The same as a map of its own, for formats that hold figures: without what is
 * silent, and its times count from the beginning of the first frame.
 */
int film_record(const struct film *film, size_t first, size_t last, struct map **ret_map);

#endif
