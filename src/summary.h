/* SPDX-License-Identifier: GPL-2.0-only */
/* The heaviest edges as a table for a terminal, as `strace -c` does it. */
#ifndef IPCMAP_SUMMARY_H
#define IPCMAP_SUMMARY_H

#include <stdbool.h>

#include "map.h"

/*
 * At most so many lines, by bytes or by operations, and one with the total. Returns 0 and
 * *ret_text (freed by the caller; empty where nothing moved), or -ENOMEM.
 */
int summary_format(const struct map *map, size_t lines, bool by_ops, char **ret_text);

#endif
