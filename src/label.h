/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The words of a drawing. Labels are Graphviz's HTML-like markup, tooltips its
 * escaped strings; whatever names hold is in them as plain text.
 */
#ifndef IPCMAP_LABEL_H
#define IPCMAP_LABEL_H

#include "graph.h"

/* Each returns a string that the caller frees, or NULL when memory is short. */
char *label_node(const struct graph *graph, size_t node);
char *label_line(const struct graph *graph, const struct line *line);

/* What of a row's name has room: ":5432", "…/bus", "SIGHUP"; NULL: it has none. */
char *row_name(const struct row *row);

/* Of a frame around nodes. */
char *label_frame(const char *name);

char *label_title(const struct graph *graph);
char *tooltip_node(const struct graph *graph, size_t node);
char *tooltip_line(const struct graph *graph, const struct line *line);

/* "postgres", "[kworker/0:1]", "pipe:[123]", "192.0.2.7", "kernel". */
char *node_name(const struct map *map, const struct node *node);

/* Text into HTML-like markup: nothing in it is markup or an escape. */
char *label_escape(const char *text);

/* Text into a tooltip: cut to what Graphviz's parser takes, and escaped. */
char *tooltip_escape(const char *text);

/* "1,234,567": written into buf, which it returns. */
char *text_grouped(char *buf, size_t size, uint64_t count);

#endif
