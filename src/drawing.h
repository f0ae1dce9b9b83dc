/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to draw*.c. */
#ifndef IPCMAP_DRAWING_H
#define IPCMAP_DRAWING_H

#include "draw.h"
#include "output.h"

/* The two maps that outputs are made of. */
struct sources {
	const struct map *drawn, *record;
};

/* One line on stderr. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says error (and frees it), or what err means. */
void fail(struct drawing *d, const char *what, int err, char *error);

/* Makes what of the map is drawn, when something draws it. */
void sources_make(struct drawing *d, const struct map *map, struct view *drawn, struct view *record,
		  struct sources *ret_sources);

/* Adds to the list of what was written. */
void written_add(struct drawing *d, const char *path);

/* A map in the format of an output. 0, or a negative errno and one line said. */
int map_emit(struct drawing *d, const struct map *map, struct emit_options options,
	     const struct output *output, struct emitted *ret_emitted);

/* Puts bytes into a file, which it frees. 0, or a negative errno and one line said. */
int output_put(struct drawing *d, const struct output *output, struct output_file *file,
	       const struct emitted *emitted);

#endif
