/* SPDX-License-Identifier: GPL-2.0-only */
/* A film as bitmaps, one after the other: what emit_webp.c and emit_gif.c pack. */
#ifndef IPCMAP_REEL_H
#define IPCMAP_REEL_H

#include "bitmap.h"
#include "emit.h"

/*
 * Shown from begin to end (milliseconds since the start); the last one's end is
 * the length of the film. take() returns 0, or a negative errno that ends it.
 */
typedef int reel_take(void *context, const struct bitmap *picture, unsigned begin, unsigned end);

/*
 * Draws the frames of a map and calls take for each picture, at options->film's fps
 * and speed. *ret_note as emitted.note. 0, or a negative errno and *ret_error.
 */
int reel_run(const struct map *map, const struct emit_options *options, reel_take *take, void *context,
	     char **ret_note, char **ret_error);

/*
 * When the pictures are shown: seconds of the window, and the frames that each has
 * (the last that began before, or all that begin in it).
 */
struct reel_picture {
	double begin, end;
	size_t first, last;
};

/* Fills *ret_pictures (the caller frees it) and *ret_count. 0 or -ENOMEM. */
int reel_plan(const struct map *map, const struct film_options *options,
	      struct reel_picture **ret_pictures, size_t *ret_count);

#endif
