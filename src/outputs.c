// SPDX-License-Identifier: GPL-2.0-only
#include "outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pattern.h"

const struct option_row outputs_rows[] = {
	{ 'o', "output", "FILE", "write there, by suffix; - is stdout; repeatable" },
	{ 'T', "format", "FORMAT", "format where no suffix tells (stdout: " FORMAT_STDOUT ")" },
	{ 0, NULL, NULL, NULL },
};

/* GIF has no shorter delay than this rate gives that browsers keep. */
#define FPS_MAX 50
#define FPS_MIN 0.1
#define SPEED_MAX 10000
#define SPEED_MIN 0.001

/* Above those of options.c and view_options.c. */
enum { OPT_ANIMATE = 2048, OPT_CUMULATIVE, OPT_FPS, OPT_SPEED };

const struct option_row film_rows[] = {
	{ OPT_ANIMATE, "animate", NULL, "-o FILE.svg: one drawing that plays by itself" },
	{ OPT_CUMULATIVE, "cumulative", NULL, "a frame has all that moved since the start" },
	{ OPT_SPEED, "speed", "N", "play N times as fast as it was (1)" },
	{ OPT_FPS, "fps", "N", "pictures a second of .webp and .gif (one per frame)" },
	{ 0, NULL, NULL, NULL },
};

static void formats_print(FILE *file)
{
	for (const struct format *f = formats; f->name; f++)
		fprintf(file, "%s%s", f == formats ? "" : ", ", f->name);
}

void suffixes_print(FILE *file, bool films)
{
	const char *between = "";

	/* One of each: there is .gv beside .dot, too. */
	for (const struct format *f = formats; f->name; f++) {
		if (f->animated && !films)
			continue;
		fprintf(file, "%s%.*s", between, (int)strcspn(f->suffixes, " "), f->suffixes);
		between = " ";
	}
}

static int format_take(struct outputs *outputs, const char *name)
{
	outputs->format = format_by_name(name);
	if (outputs->format)
		return 0;
	fprintf(stderr, "ipcmap: there is no format '%s'; there are ", name);
	formats_print(stderr);
	fputc('\n', stderr);
	return -EINVAL;
}

/* Digits and a point only: strtod() also takes "nan", "inf" and "0x1p3". */
static int rate_take(const char *text, const char *what, double least, double most, double *ret_rate)
{
	char *end = NULL;
	double rate = text[strspn(text, "0123456789.")] ? 0 : strtod(text, &end);

	if (!end || end == text || *end || rate < least || rate > most)
		return mistake("'%s' is no %s: give a number from %g to %g", text, what, least, most);
	*ret_rate = rate;
	return 0;
}

int outputs_take(void *context, int value, const char *argument)
{
	struct outputs *outputs = context;

	switch (value) {
	case 'T':
		return format_take(outputs, argument);
	case OPT_ANIMATE:
		outputs->animate = true;
		return 0;
	case OPT_CUMULATIVE:
		outputs->film.cumulative = true;
		return 0;
	case OPT_FPS:
		return rate_take(argument, "rate of pictures", FPS_MIN, FPS_MAX, &outputs->film.fps);
	case OPT_SPEED:
		return rate_take(argument, "speed", SPEED_MIN, SPEED_MAX, &outputs->film.speed);
	}
	return array_add(&outputs->paths, &outputs->path_count, sizeof(argument), &argument);
}

static bool path_is_stdout(const char *path)
{
	return !strcmp(path, "-") || !strcmp(path, "/dev/stdout") || !strcmp(path, "/dev/fd/1");
}

/* One -o: the suffix decides; where it does not, -T; on stdout else the usual one. */
static int output_add(struct outputs *outputs, const char *path, bool *format_used)
{
	struct output output = { .path = path };

	if (!*path)
		return mistake("-o needs the name of a file, or - for stdout");
	for (size_t i = 0; i < outputs->count; i++) {
		const char *other = outputs->outputs[i].path;

		if (path_is_stdout(path) && path_is_stdout(other))
			return mistake("only one output can go to stdout");
		if (!strcmp(path, other))
			return mistake("the output '%s' is given twice", path);
	}
	if (pattern_check(path) < 0)
		return mistake("'%s': the frame's number goes where one %%d is, as in 'frame-%%04d.svg'", path);
	output.numbered = pattern_check(path) > 0;
	output.format = strcmp(path, "-") ? format_by_path(path) : NULL;
	if (!output.format && outputs->format) {
		output.format = outputs->format;
		*format_used = true;
	}
	if (!output.format && !strcmp(path, "-"))
		output.format = format_by_name(FORMAT_STDOUT);
	if (output.format) {
		*format_used |= output.format == outputs->format;
		if (output.numbered && output.format->animated)
			return mistake("'%s': one file holds all frames; leave the %%d away", path);
		if (outputs->animate && !output.numbered && output.format == format_by_name("svg"))
			output.format = &format_animation;
		return array_add(&outputs->outputs, &outputs->count, sizeof(output), &output);
	}
	fprintf(stderr, "ipcmap: the name '%s' does not tell its format: end it with one of ", path);
	suffixes_print(stderr, true);
	fputs(", or use -T\n", stderr);
	return -EINVAL;
}

/*
 * Where the map goes without -o: what is piped on shall be DOT or what -T
 * says; but a command has stdout for itself, so beside it a file is written.
 */
static const char *default_path(const struct outputs *outputs, bool stdout_taken)
{
	static char path[32];
	const struct format *format = outputs->format ? outputs->format : format_by_name(FORMAT_FILE);

	if (!stdout_taken && !isatty(STDOUT_FILENO))
		return "-";
	snprintf(path, sizeof(path), "ipcmap%.*s", (int)strcspn(format->suffixes, " "),
		 format->suffixes);
	return path;
}

bool outputs_need_frames(const struct outputs *outputs)
{
	for (size_t i = 0; i < outputs->count; i++) {
		if (outputs->outputs[i].numbered || outputs->outputs[i].format->animated)
			return true;
	}
	return false;
}

/* Options of what moves, where nothing does, are mistakes. */
static int film_check(const struct outputs *outputs)
{
	bool animation = false, bitmaps = false;

	for (size_t i = 0; i < outputs->count; i++) {
		animation |= outputs->outputs[i].format == &format_animation;
		bitmaps |= outputs->outputs[i].format->animated &&
			   outputs->outputs[i].format != &format_animation;
	}
	if (outputs->animate && !animation)
		return mistake("--animate needs a drawing that can move: -o FILE.svg");
	if (outputs->film.cumulative && !outputs_need_frames(outputs))
		return mistake("--cumulative is for frames: -o 'frame-%%04d.svg', --animate -o FILE.svg, .webp or .gif");
	if (outputs->film.speed > 0 && !animation && !bitmaps)
		return mistake("--speed is for what plays: --animate -o FILE.svg, .webp or .gif");
	if (outputs->film.fps > 0 && !bitmaps)
		return mistake("--fps is for .webp and .gif");
	return 0;
}

static int outputs_add(struct outputs *outputs, bool stdout_taken)
{
	bool format_used = false;
	int err = 0;

	if (!outputs->path_count)
		return output_add(outputs, default_path(outputs, stdout_taken), &format_used);
	for (size_t i = 0; !err && i < outputs->path_count; i++)
		err = output_add(outputs, outputs->paths[i], &format_used);
	if (!err && outputs->format && !format_used)
		err = mistake("-T %s and '%s' do not agree: leave -T away, or change the suffix",
			      outputs->format->name, outputs->paths[0]);
	return err;
}

int outputs_decide(struct outputs *outputs, bool stdout_taken)
{
	int err = outputs_add(outputs, stdout_taken);

	return err ? err : film_check(outputs);
}

void outputs_done(struct outputs *outputs)
{
	free(outputs->outputs);
	free(outputs->paths);
	*outputs = (struct outputs){ 0 };
}
