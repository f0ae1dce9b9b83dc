/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Classes of nodes that nothing tells apart: same colour, and the same kinds of
 * edges to nodes of the same colours (colour refinement; how often an edge is
 * there does not count).
 */
#ifndef IPCMAP_PARTITION_H
#define IPCMAP_PARTITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An edge as one of its ends sees it. Labels tell the direction. */
struct partition_half {
	uint32_t label, other;
};

#define PARTITION_UNSEEN UINT32_MAX /* a label: changes travel here, but nothing is seen */

struct partition {
	uint32_t node_count;
	uint32_t *starts;	       /* node_count + 1; of a node's halves */
	struct partition_half *halves; /* by node */
	uint32_t *colours;	       /* by node, below colour_count */
	uint32_t colour_count;
	/* By colour, room for 2 * node_count + 1 of them. */
	uint32_t *sizes;
	bool *dirty; /* the surroundings of one of its nodes changed */
};

struct partition_edge {
	uint32_t src, dst, label; /* below PARTITION_UNSEEN / 2 */
	bool one_way;		  /* src does not see it: it tells only dst apart */
};

/*
 * All of one colour: fill colours, then partition_begin(). Returns 0 (free it
 * with partition_done()) or -ENOMEM.
 */
int partition_new(size_t nodes, const struct partition_edge *edges, size_t edge_count,
		  struct partition *ret_partition);
void partition_done(struct partition *partition);

/* After colours were filled, with numbers below node_count. */
void partition_begin(struct partition *partition);

/*
 * Refines until stable. Returns 0, -ENOMEM, or -E2BIG when that takes too long
 * (a chain of thousands of alike): then colours mean nothing.
 */
int partition_refine(struct partition *partition);

/* Gives a node a colour of its own; to be refined again. Once per node. */
void partition_single_out(struct partition *partition, uint32_t node);

/*
 * In one pass, for what partition_refine() could not do: nodes stay together
 * only with the same edges to the very same nodes. Returns 0 or -ENOMEM.
 */
int partition_twins(struct partition *partition);

#endif
