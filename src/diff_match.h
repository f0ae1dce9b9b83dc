/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which processes of two maps are the same: by what they are, never by pid.
 *
 * - Processes of one key (KEY_EXACT) are one class, "postgres ×4", in each map
 *   and of both: a class is what is compared. Those that have nothing in common
 *   with the others, in what they talk over, are a class of their own.
 * - Classes that are left on one side only are paired by looser keys, one level
 *   after the other (diff_key.h): of several, those that talk over most of the
 *   same. What is left then is new, or gone.
 * - Hubs: by mechanism and place; without a place, by who uses them. Hosts outside:
 *   by address. Ports that the system chose, inodes and numbers of terminals
 *   never count (channel_place()).
 */
#ifndef IPCMAP_DIFF_MATCH_H
#define IPCMAP_DIFF_MATCH_H

#include "map.h"

/* Classes by node of each map; below count. */
struct match {
	size_t *before, *after;
	size_t count;
};

/*
 * The maps are views (view_new()): their nodes have roles. Returns 0 (free it with
 * match_done()) or -ENOMEM.
 */
int match_new(const struct map *before, const struct map *after, struct match *ret_match);
void match_done(struct match *match);

#endif
