/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to graphviz*.c: places out of a cgraph that was laid out, and into one that was not. */
#ifndef IPCMAP_GRAPHVIZ_PLACES_H
#define IPCMAP_GRAPHVIZ_PLACES_H

#include "graphviz_draw.h"
#include "places.h"

/* Everything that has a place in root. 0 or -ENOMEM. */
int places_take(Agraph_t *root, struct places *places);

/* Sets an attribute. */
void place_give(void *object, const char *name, const char *value);

/* Give a thing its place, for "nop2"; false: it has none. */
bool node_give(Agnode_t *n, const struct places *places);
bool edge_give(Agedge_t *e, const struct places *places);
bool frame_give(Agraph_t *frame, const struct places *places);

/*
 * fresh is a layout of graph of its own: how large things are, and what is near to
 * what. Fills places: with known, and what is new in graph fitted in. 0 or a
 * negative errno.
 */
int graphviz_grow(GVC_t *context, Agraph_t *fresh, const struct graph *graph, const struct layout *layout,
		  const struct places *known, struct places *places);

#endif
