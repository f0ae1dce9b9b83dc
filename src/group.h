/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes by what they have in common: one node per program, unit, user ... */
#ifndef IPCMAP_GROUP_H
#define IPCMAP_GROUP_H

#include "map.h"

enum group_by {
	GROUP_PROCESS, /* each by itself */
	GROUP_COMM,
	GROUP_EXE,
	GROUP_UNIT,
	GROUP_CONTAINER,
	GROUP_USER,
	GROUP_CGROUP,
	GROUPS
};

/* "process", "comm" ... by value: what -g takes. */
extern const char *const group_names[GROUPS];

/*
 * A map with one node per group of processes; hubs, externals and the kernel
 * stay what they are. Returns 0 and *ret_map (the caller frees it), or -ENOMEM.
 */
int group_map(const struct map *map, enum group_by by, struct map **ret_map);

/*
 * Fills cluster and cluster_kind of every node: with the container or else the
 * unit where by is CLUSTER_AUTO. A hub is in the frame that all its users are in.
 * Returns 0 or -ENOMEM.
 */
enum cluster_by { CLUSTER_BY_AUTO, CLUSTER_BY_UNIT, CLUSTER_BY_CONTAINER, CLUSTER_BY_USER,
		  CLUSTER_BY_NONE, CLUSTERS };

/* "auto", "unit" ...: what --cluster takes. */
extern const char *const cluster_names[CLUSTERS];

int cluster_map(struct map *map, enum cluster_by by);

#endif
