/* SPDX-License-Identifier: GPL-2.0-only */
/* The script that a drawing for browsers carries in itself. */
#ifndef IPCMAP_SVG_SCRIPT_H
#define IPCMAP_SVG_SCRIPT_H

#include <stddef.h>

#include "graph.h"

/*
 * The SVG with the script and the figures it needs before its end, or NULL when
 * memory is short or svg has no end. The caller frees it; svg stays the caller's.
 */
char *svg_script_add(const char *svg, size_t size, const struct graph *graph, size_t *ret_size);

#endif
