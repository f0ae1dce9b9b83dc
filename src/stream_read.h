/* SPDX-License-Identifier: GPL-2.0-only */
/* `ipcdump -f json` read back: folded to the map that tracing would have made. */
#ifndef IPCMAP_STREAM_READ_H
#define IPCMAP_STREAM_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "map.h"

/* Does the data begin as a stream does? */
bool stream_is(const char *data, size_t size);

/*
 * Returns 0 and *ret_map; or -EINVAL or -ENOMEM. One line in *ret_say (NULL: nothing, or
 * no memory), which the caller frees: why it failed; or that the stream was cut before its
 * end, so that the map is of its events alone.
 */
int map_from_stream(const char *data, size_t size, struct map **ret_map, char **ret_say);

#endif
