// SPDX-License-Identifier: GPL-2.0-only
#include "draw_frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cast.h"
#include "emit_graphviz.h"
#include "film.h"
#include "pattern.h"
#include "places.h"

/* From one call to the next, while a trace goes on. */
struct frames {
	struct places places;
	struct cast cast;
	size_t written; /* frames */
	bool failed;	/* no more are tried */
};

static bool any_numbered(const struct drawing *d, bool placed)
{
	for (size_t i = 0; i < d->output_count; i++) {
		if (d->outputs[i].numbered && (!placed || d->outputs[i].format->placed))
			return true;
	}
	return false;
}

/* Whether places has all of a map's nodes and lines. */
static bool all_have_places(const struct places *places, const struct map *map)
{
	char name[PLACE_NAME];

	if (!places->table)
		return false;
	for (size_t i = 0; i < map->node_count; i++) {
		if (!places_find(places, place_node(name, map->nodes[i].id)))
			return false;
	}
	for (size_t i = 0; i < map->edge_count; i++) {
		const char *src = map->nodes[map->edges[i].src].id, *dst = map->nodes[map->edges[i].dst].id;

		if (!places_find(places, place_line(name, src, dst)) &&
		    !places_find(places, place_line(name, dst, src)))
			return false;
	}
	return true;
}

static bool any_node_placed(const struct places *places)
{
	for (const struct place_of *place = places->table; place; place = place->hh.next) {
		if (place->name[0] == 'n')
			return true;
	}
	return false;
}

/* The title must have room for what it will say. */
static struct moment widest_moment(const struct drawing *d, const struct map *whole)
{
	const struct frame *last = &whole->frames[whole->frame_count - 1];

	return (struct moment){
		.number = d->growing ? 9999 : whole->frame_count,
		.count = d->growing ? 0 : whole->frame_count,
		.start = last->start, .end = last->end,
		.cumulative = d->options->emit.film.cumulative,
	};
}

/*
 * The layout of the whole: made once, and where the whole grows what is new is
 * fitted into it. 0, or a negative errno after one line.
 */
static int places_make(struct drawing *d, struct map *whole)
{
	struct emit_options options = d->options->emit;
	struct places *places = &d->frames->places;
	bool first = !places->table;
	char *note = NULL, *error = NULL;
	int err;

	if (!any_numbered(d, true) || all_have_places(places, whole))
		return 0;
	/* An empty paper keeps nothing. */
	if (first || !any_node_placed(places)) {
		places_done(places);
		first = true;
	}
	whole->moment = widest_moment(d, whole);
	options.film.growing = d->growing;
	if (d->tick) {
		options.progress = d->tick;
		options.progress_context = d->context;
	}
	err = emit_places(whole, &options, places, &note, &error);
	if (err)
		fail(d, "cannot lay out the frames", err, error);
	else if (note && first && !d->quiet)
		say("%s", note);
	free(note);
	return err;
}

/* The file of a frame: the first one was opened before the trace. */
static int file_open(struct drawing *d, size_t i, const char *path, size_t frame,
		     struct output_file **ret_file)
{
	char *error = NULL;
	int err;

	if (frame == 0 && d->files[i]) {
		*ret_file = d->files[i];
		d->files[i] = NULL;
		return 0;
	}
	err = output_open(path, ret_file, &error);
	if (err)
		fail(d, "cannot write", err, error);
	return err;
}

/* One picture, complete on disk. 0, or a negative errno after one line. */
static int frame_write(struct drawing *d, size_t i, const struct map *map,
		       const struct emit_options *options, size_t frame)
{
	char *path = pattern_path(d->outputs[i].path, frame + 1);
	struct output output = d->outputs[i];
	struct output_file *file = NULL;
	struct emitted emitted = { 0 };
	int err = path ? 0 : -ENOMEM;

	output.path = path;
	if (!err)
		err = file_open(d, i, path, frame, &file);
	if (!err)
		err = map_emit(d, map, *options, &output, &emitted);
	if (err)
		output_discard(file);
	else
		err = output_put(d, &output, file, &emitted);
	free(emitted.data);
	free(emitted.note);
	free(path);
	return err;
}

static int frame_emit(struct drawing *d, size_t i, const struct sources *sources, size_t frame)
{
	const struct output *output = &d->outputs[i];
	bool record = output->format->emit == emit_json, placed = output->format->placed;
	struct emit_options options = d->options->emit;
	struct film film;
	struct map *map = NULL;
	int err = film_new(record ? sources->record : sources->drawn, options.film.cumulative, &film);

	if (!err) {
		if (d->growing)
			film.frame_count = 0;
		err = placed ? film_picture(&film, frame, frame, &map) :
			       film_record(&film, frame, frame, &map);
		film_done(&film);
	}
	if (err) {
		fail(d, output->path, err, NULL);
		return err;
	}
	if (placed) {
		options.places = &d->frames->places;
		options.whole = sources->drawn;
		options.film.growing = d->growing;
	}
	err = frame_write(d, i, map, &options, frame);
	map_free(map);
	return err;
}

/* "frame-0001.svg to frame-0012.svg". */
static void range_tell(struct drawing *d)
{
	for (size_t i = 0; i < d->output_count; i++) {
		char *first, *last, *range = NULL;

		if (!d->outputs[i].numbered || !d->frames->written)
			continue;
		first = pattern_path(d->outputs[i].path, 1);
		last = pattern_path(d->outputs[i].path, d->frames->written);
		if (first && last && asprintf(&range, "%s to %s", first, last) >= 0)
			written_add(d, range);
		free(range);
		free(first);
		free(last);
	}
}

void frames_write(struct drawing *d, struct view *drawn, const struct sources *sources, bool last)
{
	struct frames *frames;
	int err = 0;

	if (!any_numbered(d, false) || !drawn->map || !drawn->map->frame_count)
		return;
	if (!d->frames)
		d->frames = calloc(1, sizeof(*d->frames));
	frames = d->frames;
	if (!frames) {
		fail(d, "cannot draw the frames", -ENOMEM, NULL);
		return;
	}
	if (d->growing && cast_name(&frames->cast, drawn->map))
		fail(d, "cannot draw the frames", err = -ENOMEM, NULL);
	if (!err && !frames->failed)
		err = places_make(d, drawn->map);
	for (; !err && !frames->failed && frames->written < drawn->map->frame_count; frames->written++) {
		for (size_t i = 0; !err && i < d->output_count; i++) {
			if (!d->outputs[i].numbered)
				continue;
			err = frame_emit(d, i, sources, frames->written);
			/* A picture may take less time than it is waited for in one go. */
			if (d->tick)
				d->tick(d->context, "frame", 0);
		}
		if (err)
			break;
	}
	drawn->map->moment = (struct moment){ 0 };
	frames->failed |= err != 0;
	d->failed |= frames->failed;
	if (last)
		range_tell(d);
}

void frames_done(struct frames **frames)
{
	if (!*frames)
		return;
	places_done(&(*frames)->places);
	cast_done(&(*frames)->cast);
	free(*frames);
	*frames = NULL;
}
