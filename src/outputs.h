/* SPDX-License-Identifier: GPL-2.0-only */
/* -o and -T: which files are written, and in which format. */
#ifndef IPCMAP_OUTPUTS_H
#define IPCMAP_OUTPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "arguments.h"
#include "emit.h"

struct output {
	const char *path;	     /* "-" is stdout */
	const struct format *format;
	bool numbered; /* path is a pattern: a file per frame */
};

struct outputs {
	struct output *outputs;
	size_t count;
	struct film_options film;
	bool animate;
	/* until outputs_decide() */
	const char **paths;	     /* of -o */
	size_t path_count;
	const struct format *format; /* of -T */
};

extern const struct option_row outputs_rows[];

/* Of what moves: --animate, --cumulative, --fps, --speed. */
extern const struct option_row film_rows[];

/* For the option_table of both; context is a struct outputs. */
int outputs_take(void *context, int value, const char *argument);

/* Whether any of them needs a window that was cut into frames. */
bool outputs_need_frames(const struct outputs *outputs);

/*
 * Once all options are known: fills outputs, with a default where there was no
 * -o. stdout_taken: a command has it for itself. 0 or -EINVAL, -ENOMEM.
 */
int outputs_decide(struct outputs *outputs, bool stdout_taken);
void outputs_done(struct outputs *outputs);

/* ".svg .png ...": for --help. films: with those that have all frames in one file. */
void suffixes_print(FILE *file, bool films);

#endif
