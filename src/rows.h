/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small parts of a drawing that no line joins, side by side: dot puts them all
 * below each other, and forty pairs become a strip that nobody can look at.
 */
#ifndef IPCMAP_ROWS_H
#define IPCMAP_ROWS_H

#include "graph.h"

/* That the second node is to be right of the first one; indexes into map->nodes. */
struct row_link {
	size_t from, to;
};

/*
 * What makes rows of the small parts, where there are several. A frame keeps what it
 * holds together. Returns 0 and fills ret_links (the caller frees them), or -ENOMEM.
 */
int rows_find(const struct graph *graph, struct row_link **ret_links, size_t *ret_count);

#endif
