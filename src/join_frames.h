/* SPDX-License-Identifier: GPL-2.0-only */
/* What of an edge was moved in which frame. Private to join*.c. */
#ifndef IPCMAP_JOIN_FRAMES_H
#define IPCMAP_JOIN_FRAMES_H

#include "link.h"
#include "map.h"

struct divided {
	struct edge_step *steps;
	size_t count;
};

/*
 * Divides the figures of a link's edges among the frames, by what its parties
 * did in each; a party's series is used up. Fills ret_steps[i] for edge i: the
 * frames in which anything moved, whose sums are the edge's; the caller frees them. The
 * oldest bytes of a party are those of its `earlier` edge, the youngest those
 * that are undelivered. An edge that has its figures from one party only (see
 * link.h) has them in the frames in which that one acted. 0 or -ENOMEM.
 */
int frames_divide(const struct link_edges *edges, const struct frame *frames, size_t frame_count,
		  struct divided *ret_steps);

#endif
