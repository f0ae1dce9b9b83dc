/* SPDX-License-Identifier: GPL-2.0-only */
/* A map into files: what every command does that has one. */
#ifndef IPCMAP_DRAW_H
#define IPCMAP_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "map.h"
#include "outputs.h"
#include "view.h"

struct output_file;
struct frames;

struct drawing {
	const struct output *outputs;
	size_t output_count;
	const struct view_options *options;
	bool quiet;
	/*
	 * What JSON holds: the map as it is (a record), or of it only what the
	 * options ask for.
	 */
	bool json_is_view;
	/* Told of each output that is done; may be NULL. */
	void (*phase)(void *context, const char *what);
	/* Called about twenty times a second while something is drawn; may be NULL. */
	void (*tick)(void *context, const char *what, double seconds);
	void *context;
	/* Pictures of frames were drawn while the window was open: what had a place keeps it. */
	bool growing;
	/* drawing_open() and drawing_write() fill these */
	struct output_file **files; /* one per output; NULL: done with */
	char *written;		    /* "system.svg, system.json", or NULL */
	struct frames *frames;	    /* what is known of numbered pictures */
	bool failed;		    /* some output is missing */
	bool map_written;	    /* in a form from which the others can be made */
};

/*
 * Makes ready to write, so that what is wrong is known before there is a map.
 * Returns 0, or EXIT_FAILED after one line on stderr.
 */
int drawing_open(struct drawing *drawing);

/*
 * Writes every output that can be written, each complete or not at all; what
 * the view left out, and the table of the heaviest edges, go to stderr. A map
 * that could not be drawn is not lost: it goes to FILE.dot or FILE.json.
 * Returns 0 or EXIT_FAILED.
 */
int drawing_write(struct drawing *drawing, const struct map *map);

/*
 * Writes the pictures of frames that are complete, while the window goes on: map is
 * what was seen up to the last cut. Failures are kept for drawing_write().
 */
void drawing_grow(struct drawing *drawing, const struct map *map);

/* Leaves nothing behind of outputs that were not written. */
void drawing_done(struct drawing *drawing);

#endif
