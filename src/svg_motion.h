/* SPDX-License-Identifier: GPL-2.0-only */
/* What moves in an SVG that plays by itself: SMIL, which needs no script. */
#ifndef IPCMAP_SVG_MOTION_H
#define IPCMAP_SVG_MOTION_H

#include <stddef.h>

#include "graph.h"

/*
 * The SVG with the frames of graph->map in it, played in map->moment.plays seconds
 * and again; below the drawing a clock and a time line. NULL when memory is short
 * or svg is none of Graphviz's. The caller frees it; svg stays the caller's.
 */
char *svg_motion_add(const char *svg, size_t size, const struct graph *graph, size_t *ret_size);

#endif
