// SPDX-License-Identifier: GPL-2.0-only
#include "draw.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "draw_frames.h"
#include "drawing.h"
#include "output.h"
#include "pattern.h"
#include "status.h"
#include "summary.h"

#define SUMMARY_LINES 10

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line_say(format, args);
	va_end(args);
}

void fail(struct drawing *d, const char *what, int err, char *error)
{
	if (error)
		say("%s", error);
	else
		say("%s: %s", what, strerror(-err));
	free(error);
	d->failed = true;
}

/* Of numbered files the first: what is wrong with it is wrong with all. */
static int target_open(const struct output *output, struct output_file **ret_file, char **ret_error)
{
	char *first = output->numbered ? pattern_path(output->path, 1) : NULL;
	int err = -ENOMEM;

	*ret_error = NULL;
	if (!output->numbered || first)
		err = output_open(first ? first : output->path, ret_file, ret_error);
	free(first);
	return err;
}

int drawing_open(struct drawing *d)
{
	char *error = NULL;
	int err;

	d->files = calloc(d->output_count + 1, sizeof(*d->files));
	if (!d->files) {
		fail(d, "cannot start", -ENOMEM, NULL);
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < d->output_count; i++) {
		err = target_open(&d->outputs[i], &d->files[i], &error);
		if (err) {
			fail(d, "cannot write", err, error);
			return EXIT_FAILED;
		}
	}
	return 0;
}

void drawing_done(struct drawing *d)
{
	for (size_t i = 0; d->files && i < d->output_count; i++)
		output_discard(d->files[i]);
	frames_done(&d->frames);
	free(d->files);
	free(d->written);
	d->files = NULL;
	d->written = NULL;
}

void written_add(struct drawing *d, const char *path)
{
	char *list = NULL;

	if (!strcmp(path, "-"))
		path = "stdout";
	if (asprintf(&list, "%s%s%s", d->written ? d->written : "", d->written ? ", " : "", path) < 0)
		return;
	free(d->written);
	d->written = list;
}

int output_put(struct drawing *d, const struct output *output, struct output_file *file,
	       const struct emitted *emitted)
{
	char *error = NULL;
	int err = output_commit(file, emitted->data, emitted->size, &error);

	if (!err) {
		if (output->numbered)
			return 0;
		written_add(d, output->path);
		if (!strcmp(output->format->name, "dot") || !strcmp(output->format->name, "json"))
			d->map_written = true;
		return 0;
	}
	d->failed = true;
	/* head(1) has seen enough, and told so: no line about that. */
	if (err == -EPIPE)
		free(error);
	else
		fail(d, output->path, err, error);
	return err;
}

/* A terminal's last line says what takes so long. */
static void progress_show(void *context, const char *what, double seconds)
{
	bool *shown = context;

	fprintf(stderr, "\r\033[Kipcmap: %s, %.0f s", what, seconds);
	fflush(stderr);
	*shown = true;
}

int map_emit(struct drawing *d, const struct map *map, struct emit_options options,
	     const struct output *output, struct emitted *ret_emitted)
{
	bool shown = false;
	char *error = NULL;
	int err;

	if (d->tick) {
		options.progress = d->tick;
		options.progress_context = d->context;
	} else if (!d->quiet && status_possible()) {
		options.progress = progress_show;
		options.progress_context = &shown;
	}
	err = output->format->emit(map, &options, ret_emitted, &error);
	if (shown)
		fputs("\r\033[K", stderr);
	if (err)
		say("cannot draw '%s': %s", output->path, error ? error : strerror(-err));
	else if (ret_emitted->note && !d->quiet && !output->numbered)
		say("%s", ret_emitted->note);
	free(error);
	return err;
}

/* 0, or a negative errno and one line said. */
static int output_emit(struct drawing *d, const struct sources *sources,
		       const struct output *output, struct emitted *ret_emitted)
{
	bool record = output->format->emit == emit_json;

	return map_emit(d, record ? sources->record : sources->drawn, d->options->emit, output,
			ret_emitted);
}

/* Into FILE.dot, or FILE.json where that fails as well. */
static void fallback_write(struct drawing *d, const struct sources *sources,
			   const struct output *undrawn)
{
	static const char *const names[] = { "dot", "json" };
	const char *base = strcmp(undrawn->path, "-") ? undrawn->path : "ipcmap";

	for (size_t i = 0; i < 2 && !d->map_written; i++) {
		struct output output = { .format = format_by_name(names[i]) };
		struct output_file *file = NULL;
		struct emitted emitted = { 0 };
		char *path = NULL, *error = NULL;

		if (!output.format || asprintf(&path, "%s.%s", base, names[i]) < 0)
			continue;
		output.path = path;
		if (output_open(path, &file, &error)) {
			fail(d, "cannot write", -EIO, error);
		} else if (output_emit(d, sources, &output, &emitted)) {
			output_discard(file);
		} else {
			output_put(d, &output, file, &emitted);
			if (d->map_written)
				say("the map is in '%s' instead", path);
		}
		free(emitted.data);
		free(emitted.note);
		free(path);
	}
}

static void outputs_write(struct drawing *d, const struct sources *sources)
{
	const struct output *undrawn = NULL;

	for (size_t i = 0; i < d->output_count; i++) {
		struct output_file *file = d->files[i];
		struct emitted emitted = { 0 };

		if (d->outputs[i].numbered)
			continue;
		d->files[i] = NULL;
		if (output_emit(d, sources, &d->outputs[i], &emitted)) {
			output_discard(file);
			d->failed = true;
			undrawn = undrawn ? undrawn : &d->outputs[i];
		} else {
			output_put(d, &d->outputs[i], file, &emitted);
			if (d->phase)
				d->phase(d->context, "output done");
		}
		free(emitted.data);
		free(emitted.note);
	}
	if (undrawn)
		fallback_write(d, sources, undrawn);
}

/* The table of the heaviest edges, where it is wanted: on a terminal, or when asked for. */
static void summary_print(struct drawing *d, const struct map *map)
{
	int lines = d->options->summary;
	char *text = NULL;

	if (lines == SUMMARY_AUTO)
		lines = isatty(STDERR_FILENO) ? SUMMARY_LINES : 0;
	if (d->quiet || lines == 0)
		return;
	if (summary_format(map, (size_t)lines, d->options->by_ops, &text) == 0)
		fputs(text, stderr);
	free(text);
}

void sources_make(struct drawing *d, const struct map *map, struct view *drawn,
			 struct view *record, struct sources *ret_sources)
{
	*ret_sources = (struct sources){ map, map };
	/* A map too large to be selected from is still one to be written. */
	if (view_new(map, d->options, VIEW_DRAWING, drawn) == 0)
		ret_sources->drawn = drawn->map;
	else
		say("drawn as it is: out of memory");
	if (!d->json_is_view || !view_options_select(d->options))
		return;
	if (view_new(map, d->options, VIEW_RECORD, record) == 0)
		ret_sources->record = record->map;
}

int drawing_write(struct drawing *d, const struct map *map)
{
	struct view drawn = { 0 }, record = { 0 };
	struct sources sources;
	bool draws = false;

	sources_make(d, map, &drawn, &record, &sources);
	if (d->phase)
		d->phase(d->context, "view made");
	for (size_t i = 0; i < d->output_count; i++)
		draws |= d->outputs[i].format->emit != emit_json;
	frames_write(d, &drawn, &sources, true);
	outputs_write(d, &sources);
	if (draws && sources.drawn->note && !d->quiet)
		say("drawn: %s", sources.drawn->note);
	summary_print(d, sources.drawn);
	view_done(&drawn);
	view_done(&record);
	return d->failed ? EXIT_FAILED : 0;
}

void drawing_grow(struct drawing *d, const struct map *map)
{
	struct view drawn = { 0 }, record = { 0 };
	struct sources sources;

	d->growing = true;
	sources_make(d, map, &drawn, &record, &sources);
	frames_write(d, &drawn, &sources, false);
	view_done(&drawn);
	view_done(&record);
}
