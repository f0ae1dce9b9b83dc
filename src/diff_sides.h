/* SPDX-License-Identifier: GPL-2.0-only */
/* Two maps made ready to be compared: one node per class, and what was traced in both. */
#ifndef IPCMAP_DIFF_SIDES_H
#define IPCMAP_DIFF_SIDES_H

#include "map.h"

struct sides {
	const struct map *heads[2]; /* the maps as they were given: before, after */
	struct map *maps[2];
	size_t *classes[2]; /* by node of maps */
	size_t *nodes[2];   /* by class: the node plus 1, or 0 */
	size_t class_count;
	char *caveat; /* what cannot be compared, or NULL */
};

/* Returns 0 (free it with sides_done()) or -ENOMEM. */
int sides_new(const struct map *before, const struct map *after, struct sides *ret_sides);
void sides_done(struct sides *sides);

/* The node of a class on one side, or NULL. */
struct node *sides_node(const struct sides *sides, size_t side, size_t class);

/* An empty difference of the two. NULL when memory is short. */
struct map *sides_head(const struct sides *sides, double threshold);

/* Moves all that a node is, but for what a difference adds, from one that is not needed any more. */
void node_take(struct node *to, struct node *from);

#endif
