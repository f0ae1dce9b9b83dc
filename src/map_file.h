/* SPDX-License-Identifier: GPL-2.0-only */
/* A recorded map, from a file. */
#ifndef IPCMAP_MAP_FILE_H
#define IPCMAP_MAP_FILE_H

#include "map.h"

/*
 * path: "-" is stdin. Returns 0 and *ret_map (the caller frees it); or EXIT_USAGE
 * after one line: what cannot be read is no map; or EXIT_FAILED: no memory.
 */
int map_file_read(const char *path, struct map **ret_map);

#endif
