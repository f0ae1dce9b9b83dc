/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that include Graphviz share among themselves. */
#ifndef IPCMAP_GRAPHVIZ_DRAW_H
#define IPCMAP_GRAPHVIZ_DRAW_H

#include <graphviz/gvc.h>

#include "graphviz.h"

/* Returns a new cgraph of the graph, closed by the caller, or NULL. */
Agraph_t *graphviz_draw(const struct graph *graph, const struct layout *layout);

/* Draws what has its places. As graphviz_render(). */
int graphviz_write(GVC_t *context, Agraph_t *root, const char *format, unsigned dpi, char **ret_data,
		   size_t *ret_size, char *note, size_t note_size);

#endif
