/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream without its end, which would tell what was sent, who held what, and what
 * processes are: the map of its events alone, each from its source to its destination.
 */
#ifndef IPCMAP_STREAM_CUT_H
#define IPCMAP_STREAM_CUT_H

#include <stddef.h>

#include "map.h"

/*
 * The lines have been looked at, and are a stream's; what stands after the last
 * newline may be a part of one. map: empty, and filled even when memory runs short.
 * 0 or -ENOMEM.
 */
int stream_cut_fold(const char *data, size_t size, struct map *map);

#endif
