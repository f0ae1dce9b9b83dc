/* SPDX-License-Identifier: GPL-2.0-only */
/* What each thing of a drawing looks like: figures and rules of the style, as attributes. */
#ifndef IPCMAP_LOOK_H
#define IPCMAP_LOOK_H

#include "graph.h"

/* Takes one attribute; a later call for the same name wins. */
typedef void look_apply(void *context, const char *name, const char *value);

/* Each gives "class" too, which scripts and style sheets select by. */
void look_node(const struct graph *graph, const struct node *node, look_apply *apply,
	       void *context);
void look_line(const struct graph *graph, const struct line *line, look_apply *apply,
	       void *context);

/* The frame that node->cluster names. */
void look_frame(const struct graph *graph, const struct node *node, look_apply *apply,
		void *context);

#endif
