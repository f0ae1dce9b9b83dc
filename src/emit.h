/* SPDX-License-Identifier: GPL-2.0-only */
/* A map into bytes: one row per output format. */
#ifndef IPCMAP_EMIT_H
#define IPCMAP_EMIT_H

#include <stdio.h>

#include "map.h"

struct places;
struct style;

struct emit_options {
	const char *engine;	   /* "dot", ...; NULL: chosen by size */
	unsigned timeout;	   /* seconds for layout and drawing; 0: 30 */
	unsigned dpi;		   /* of bitmaps; 0: 96 */
	const struct style *style; /* the caller's (style_load()); NULL: the default */
	/* Of a frame: where things are in all of them, and the map of the whole window. */
	const struct places *places;
	const struct map *whole;
	struct film_options {
		bool cumulative;
		double fps, speed; /* 0: a picture per frame; as fast as it was */
		bool growing;	   /* more frames will come, with things nobody has seen */
	} film;
	/* Told now and then what takes so long; or NULL. */
	void (*progress)(void *context, const char *what, double seconds);
	void *progress_context;
};

/*
 * The bytes of one rendered map. The caller frees data. note is NULL or one
 * line for the user (a simpler layout had to be used ...), freed by the caller.
 */
struct emitted {
	char *data;
	size_t size;
	char *note;
};

struct format {
	const char *name;     /* "svg": what -T takes */
	const char *suffixes; /* ".dot .gv": separated by blanks */
	const char *about;    /* for --help and the manual */
	/*
	 * Returns 0 and fills ret_out, or a negative errno and leaves it alone;
	 * then ret_error is one line that says why, freed by the caller.
	 */
	int (*emit)(const struct map *map, const struct emit_options *options,
		    struct emitted *ret_out, char **ret_error);
	bool placed;   /* Graphviz draws it: frames of it share their places */
	bool animated; /* all frames in one file */
};

/* The table, ended by a row whose name is NULL. */
extern const struct format formats[];

/* The SVG that plays by itself: no row, but what --animate makes of ".svg". */
extern const struct format format_animation;

/* Where nothing tells: for a file, and for stdout. A build without Graphviz has neither drawing. */
#ifdef IPCMAP_NO_DRAWING
#define FORMAT_FILE "json"
#define FORMAT_STDOUT "json"
#else
#define FORMAT_FILE "svg"
#define FORMAT_STDOUT "dot"
#endif

/* The row by name or by a file's suffix, or NULL. */
const struct format *format_by_name(const char *name);
const struct format *format_by_path(const char *path);

/* The JSON map: 0, or a negative errno (-ENOMEM). The caller frees ret_out->data. */
int emit_json(const struct map *map, const struct emit_options *options,
	      struct emitted *ret_out, char **ret_error);

/*
 * Reads a JSON map of len bytes. Returns 0 and *ret_map (the caller frees it), or
 * -EINVAL and one line in *ret_error (freed by the caller): not a map, of a
 * newer version, cut short, an edge to a node that is not there ...
 */
int map_from_json(const char *data, size_t len, struct map **ret_map, char **ret_error);

#endif
