/* SPDX-License-Identifier: GPL-2.0-only */
/* All frames of a map in one bitmap file. As format.emit; see emit.h. */
#ifndef IPCMAP_EMIT_FILM_H
#define IPCMAP_EMIT_FILM_H

#include "emit.h"

int emit_webp(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	      char **ret_error);
int emit_gif(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error);

#endif
