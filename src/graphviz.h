/* SPDX-License-Identifier: GPL-2.0-only */
/* A graph through Graphviz. graphviz.c alone includes its headers. */
#ifndef IPCMAP_GRAPHVIZ_H
#define IPCMAP_GRAPHVIZ_H

#include <stddef.h>

#include "graph.h"

enum label_place {
	LABELS_ON_EDGES, /* rows of their own in the layout: best, and dear */
	LABELS_BESIDE,	 /* put where there is room after the layout */
	LABELS_NONE,	 /* in tooltips only */
};

struct layout {
	const char *engine;
	bool limited; /* dot: few rounds of improvement; sfdp: nodes may overlap */
	enum label_place labels;
};

/* The graph in DOT, not laid out: 0 or -ENOMEM. The caller frees *ret_data. */
int graphviz_dot(const struct graph *graph, const struct layout *layout, char **ret_data,
		 size_t *ret_size);

/* "2.42.2" into buf, of the library that is there at run time. 0, or -ENOTSUP: there is none. */
int graphviz_version(char *buf, size_t size);

struct places;

/*
 * Lays out, and fills places (empty so far): with known where things have a place in
 * it, and the newcomers fitted in. known may be NULL. As graphviz_render(): for a
 * child that exits right after.
 */
int graphviz_layout(const struct graph *graph, const struct layout *layout, const struct places *known,
		    struct places *places);

/* Draws with everything where places say; what they don't know is not drawn. Likewise. */
int graphviz_render_placed(const struct graph *graph, const struct places *places, const char *format,
			   unsigned dpi, char **ret_data, size_t *ret_size, char *note, size_t note_size);

/*
 * Lays out and draws. Graphviz may crash or never end, and leaks: only for a child
 * that exits right after. Returns 0 or a negative errno; *ret_data is not freed;
 * dpi is for bitmaps; what is worth a note goes into note.
 */
int graphviz_render(const struct graph *graph, const struct layout *layout, const char *format,
		    unsigned dpi, char **ret_data, size_t *ret_size, char *note, size_t note_size);

#endif
