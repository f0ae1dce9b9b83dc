/* SPDX-License-Identifier: GPL-2.0-only */
/* The formats that Graphviz draws, and its own. As format.emit; see emit.h. */
#ifndef IPCMAP_EMIT_GRAPHVIZ_H
#define IPCMAP_EMIT_GRAPHVIZ_H

#include "emit.h"

struct places;

int emit_svg(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error);
/* All frames in one drawing: of a map that has some. */
int emit_animation(const struct map *map, const struct emit_options *options,
		   struct emitted *ret_out, char **ret_error);
int emit_png(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error);
int emit_pdf(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error);

/*
 * Lays out alone, by the same ladder: fills places, for emit_options.places. What
 * has a place in them keeps it; newcomers are fitted in. *ret_note as emitted.note. 0, or a negative errno and
 * *ret_error.
 */
int emit_places(const struct map *map, const struct emit_options *options, struct places *places,
		char **ret_note, char **ret_error);

/* Not laid out: needs no child, no fonts, no time. What to give when drawing failed. */
int emit_dot(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error);

#endif
