/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where things are in a picture: taken from one layout, and given to all the
 * pictures that follow. In Graphviz's own words (pos, lp, bb), but known
 * without it.
 */
#ifndef IPCMAP_PLACES_H
#define IPCMAP_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include <uthash.h>

#include "graph.h"

struct place_of;

struct places {
	struct place_of *table; /* uthash, by name */
	const char *engine;	/* of the layout that gave them: a string that stays */
};

struct place_of {
	char *name;
	char *pos;   /* a point, a spline, or the box of a frame */
	char *label; /* the middle of the label; "": it has none */
	char *size;  /* "width height" of a node, inches; the number of a frame */
	UT_hash_handle hh;
};

/*
 * A name of a thing: of a node by its id, of a line by those of both ends, of a
 * frame by what is written on it; NULL, NULL is the whole drawing. Written into buf.
 */
#define PLACE_NAME 512
const char *place_node(char *buf, const char *id);
const char *place_line(char *buf, const char *tail, const char *head);
const char *place_frame(char *buf, const char *name);
#define PLACE_ROOT "*"

/* What is known of a thing, or NULL. */
const struct place_of *places_find(const struct places *places, const char *name);

/* Sets, or replaces; copies the strings. 0 or -ENOMEM. */
int places_set(struct places *places, const struct place_of *place);

/* Turns the lines of a graph that lie the other way round. */
void places_orient(const struct places *places, struct graph *graph);

/* As bytes, the caller's to free, and back. NULL, or -ENOMEM, -EINVAL. */
char *places_write(const struct places *places, size_t *ret_size);
int places_read(struct places *places, const char *data, size_t size);

void places_done(struct places *places);

#endif
