/* SPDX-License-Identifier: GPL-2.0-only */
/* A capture becomes a map. Knows neither BPF nor /proc. */
#ifndef IPCMAP_JOIN_H
#define IPCMAP_JOIN_H

#include "capture.h"
#include "map.h"

struct join_options {
	bool idle;     /* also channels held open but silent */
	bool self;     /* also edges of a process to itself */
	bool external; /* also peers outside this host */
	bool cmdline;
};

/*
 * Adds nodes, channels, edges and the figures of completeness to an empty map
 * (host, kernel, started and the mechanisms' states are the caller's). Changes the
 * capture only by pairing its objects. 0 or -ENOMEM.
 */
int join(struct capture *capture, const struct join_options *options, struct map *map);

#endif
