/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Folding what repeats: eight workers that do the same become "nginx ×8".
 *
 * Nodes become one when nothing tells them apart but how much they moved:
 * - processes: same executable, name, user, unit, container, role, listening
 *   addresses; parents that are one node, or are not in the map: whose pid a
 *   gone parent had says nothing;
 * - hubs: same mechanism and place; peers outside: always;
 * - the same kinds of edges (mechanism, signal, direction, and the channel's place,
 *   see channel_place()) to the same nodes of the drawing. What goes to a logger
 *   (node.sink) does not count.
 * Those that talk among themselves stay apart, unless they are three or more
 * and each talks to each. A process is never one with its children, as their
 * parents differ. Which children it has does not count: a bus forks alike for
 * each service that it starts, and a shell for each command.
 */
#ifndef IPCMAP_FOLD_H
#define IPCMAP_FOLD_H

#include "map.h"

/*
 * pinned: by node, what stays by itself; or NULL. Returns 0 and *ret_map (the
 * caller frees it), or -ENOMEM.
 */
int fold_map(const struct map *map, const bool *pinned, struct map **ret_map);

/* Whether two run the same executable; of one that is not known, by name. */
bool node_same_program(const struct node *a, const struct node *b);

/*
 * Fills node.role: "master" has children of its own executable, "worker" such a
 * parent, "listener" accepts connections. Returns 0 or -ENOMEM.
 */
int roles_fill(struct map *map);

/*
 * By node: the index of its parent, or MAP_NO_PARENT: the youngest process of
 * that pid that is not younger than it. The caller frees it; NULL when memory is
 * short.
 */
size_t *parents_find(const struct map *map);

#define MAP_NO_PARENT ((size_t)-1)

#endif
