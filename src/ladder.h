/* SPDX-License-Identifier: GPL-2.0-only */
/* A graph through Graphviz, in a child, by the best layout that ends well. */
#ifndef IPCMAP_LADDER_H
#define IPCMAP_LADDER_H

#include "emit.h"
#include "graph.h"
#include "graphviz.h"

#define NOTE_SIZE 160

/* What is wanted; layout and note are the ladder's own. */
struct render {
	const struct graph *graph;
	struct layout layout;
	const char *format, *started;
	unsigned dpi;
	const struct places *places; /* where all is, when that is known */
	bool lay_out;		     /* not to draw, but to find places */
	const struct places *known;  /* then: those that stay; or NULL */
	char note[NOTE_SIZE];
	const struct emit_options *options; /* the caller's, or NULL */
};

/*
 * Draws, or finds places, as options say (or NULL). 0 and ret_out; render->layout is
 * the one that did it. Else a negative errno and *ret_error.
 */
int render_run(struct render *render, const struct emit_options *options, struct emitted *ret_out,
	       char **ret_error);

/* The layout that is tried first. */
const struct layout *ladder_first(const struct graph *graph);

#endif
