/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of matching that pairs classes of which each is on one side only. */
#ifndef IPCMAP_DIFF_PAIR_H
#define IPCMAP_DIFF_PAIR_H

#include "map.h"

struct unit {
	const struct node *node; /* the first of it */
	const struct map *map;	 /* the node's */
	size_t key;		 /* of its exact key */
	const size_t *tokens;	 /* what it talks over, sorted */
	size_t token_count;
	bool sides[2];	 /* before, after */
	size_t taken_by; /* of one that is only after: the one before that it is, plus 1; or 0 */
};

struct units {
	struct unit *units;
	size_t count;
	size_t *tokens; /* of all units */
};

/* Fills taken_by. Returns 0 or -ENOMEM. */
int units_pair(struct units *units);

#endif
