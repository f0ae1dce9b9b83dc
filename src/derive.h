/* SPDX-License-Identifier: GPL-2.0-only */
/* A map made from another: nodes drawn as one, edges left away. */
#ifndef IPCMAP_DERIVE_H
#define IPCMAP_DERIVE_H

#include "map.h"

struct derivation {
	/*
	 * By node: the first of those that become one node (itself: it stays
	 * alone). A leader is its own leader, and has the lowest index of its
	 * nodes. NULL: all stay.
	 */
	const size_t *leaders;
	/* By node: the name of the group that it leads, or NULL; copied. NULL: no names. */
	const char *const *names;
	/* By edge: whether it is kept. NULL: all. */
	const bool *edges;
	/* By node: stays even when none of its edges does. NULL: none. Only matters with edges. */
	const bool *nodes;
};

/*
 * Returns 0 and *ret_map (the caller frees it), or -ENOMEM. Figures of edges
 * that come to have the same ends, channel, signal and attribution add up. Ids
 * and order are those of the source, so that a node has the same id in
 * every view of a map. Where edges were left away, nodes without any go too.
 */
int map_derive(const struct map *map, const struct derivation *derivation, struct map **ret_map);

/*
 * What of a channel's name says where it leads: a path, a listening port. NULL
 * where it is but a number that the system chose (an ephemeral port, a pty, an
 * autobound name), as every one of several workers would have another.
 */
const char *channel_place(const struct channel *channel);

#endif
