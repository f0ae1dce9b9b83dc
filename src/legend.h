/* SPDX-License-Identifier: GPL-2.0-only */
/* The signs of a drawing, explained: those that are on it, and no others. */
#ifndef IPCMAP_LEGEND_H
#define IPCMAP_LEGEND_H

#include <stdio.h>

#include "graph.h"

/* Writes a row of the title's table, in Graphviz's HTML-like markup; nothing for a graph without lines. */
void legend_put(FILE *file, const struct graph *graph);

#endif
