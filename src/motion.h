/* SPDX-License-Identifier: GPL-2.0-only */
/* How each thing of a drawing changes from frame to frame, as elements of SMIL. */
#ifndef IPCMAP_MOTION_H
#define IPCMAP_MOTION_H

#include <stdio.h>

#include <uthash.h>

#include "film.h"
#include "graph.h"

/* What is put into one element of the SVG. */
struct motion {
	char *id;    /* of the element */
	char *group; /* elements that belong right into it */
	char *path;  /* those that belong into its first path; or NULL */
	UT_hash_handle hh;
};

struct motions {
	struct motion *table; /* uthash, by id */
	double *moments;      /* where each frame begins, as share of the whole; and 1 */
	uint64_t *bytes;      /* what moved in each */
	size_t count;	      /* of frames */
	double seconds;	      /* that all of them take */
};

/* Returns 0 and fills ret_motions (free it with motions_done()), or -ENOMEM. */
int motions_new(const struct graph *graph, const struct film *film, double seconds,
		struct motions *ret_motions);
void motions_done(struct motions *motions);

#endif
