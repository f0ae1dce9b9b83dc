/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who is who from one map of a window to a later one of the same: a node keeps its
 * id, while map_sort() gives ids anew each time somebody comes between.
 */
#ifndef IPCMAP_CAST_H
#define IPCMAP_CAST_H

#include "map.h"

struct cast_member;

struct cast {
	struct cast_member *members; /* uthash, by who it is */
	size_t count; /* of maps so far */
};

/* Gives the nodes of a view the ids they had, and new ones to newcomers. 0 or -ENOMEM. */
int cast_name(struct cast *cast, struct map *map);
void cast_done(struct cast *cast);

#endif
