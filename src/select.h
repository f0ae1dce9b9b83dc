/* SPDX-License-Identifier: GPL-2.0-only */
/* Which edges of a map are drawn. Each keep array has one flag per edge. */
#ifndef IPCMAP_SELECT_H
#define IPCMAP_SELECT_H

#include "view.h"

/*
 * --only, --hide and --focus. Fills keep, and focused (one flag per node: what
 * --focus names). Returns 0 or -ENOMEM.
 */
int select_part(const struct map *map, const struct view_options *options, bool *keep,
		bool *focused);

/*
 * --top, --min-bytes and --min-ops on lines: all that goes between two nodes,
 * both ways. Without them, and where by_itself is set and the map is larger than
 * reads well, the heaviest lines of so many nodes as do. Fills keep, and
 * *ret_by_itself: it was not asked to. Returns 0 or -ENOMEM.
 */
int select_lines(const struct map *map, const struct view_options *options, bool by_itself,
		 bool *keep, bool *ret_by_itself);

/* Fills node.hub_written and hub_read. */
void hubs_fill(struct map *map);

/* Fills node.sink; where all that moved bytes would be lines to sinks, nothing is one. Returns 0 or -ENOMEM. */
int sinks_fill(struct map *map);

/* The bytes and operations of an edge: of what was sent and what was read, the larger. */
uint64_t edge_bytes(const struct edge *edge);
uint64_t edge_ops(const struct edge *edge);

#endif
