/* SPDX-License-Identifier: GPL-2.0-only */
/* The formats that Graphviz draws, and its own. As format.emit; see emit.h. */
#ifndef IPCMAP_EMIT_GRAPHVIZ_H
#define IPCMAP_EMIT_GRAPHVIZ_H

#include "emit.h"

int emit_svg(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error);
int emit_png(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error);
int emit_pdf(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error);

/* Not laid out: needs no child, no fonts, no time. What to give when drawing failed. */
int emit_dot(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error);

#endif
