// SPDX-License-Identifier: GPL-2.0-only
#include "reel.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit_graphviz.h"
#include "derive.h"
#include "film.h"
#include "places.h"

#define DPI 96
#define PIXELS_SIDE 1600 /* unless --dpi says otherwise: what still moves well */
#define FPS_MOST 50	 /* what GIF can, and browsers keep */
#define ALMOST 1e-9
#define TAIL .1 /* of a picture: so much at the end is the last one's */

struct reel {
	const struct map *map;
	struct emit_options options;
	struct film film;
	struct places places;
	struct map *whole;    /* of which the places are */
	struct bitmap drawn;  /* frames drawn_first to drawn_last */
	size_t drawn_first, drawn_last;
	uint64_t *bytes; /* what moved in each frame */
	unsigned strip;	 /* rows of the time line */
};

static double speed_of(const struct film_options *options)
{
	return options->speed > 0 ? options->speed : 1;
}

static bool frames_are_short(const struct map *map, double speed)
{
	for (size_t i = 0; i < map->frame_count; i++) {
		if ((map->frames[i].end - map->frames[i].start) / speed * FPS_MOST < 1 - ALMOST &&
		    i + 1 < map->frame_count)
			return true;
	}
	return false;
}

/* The frames that begin between two moments; none do: the one that lasts. */
static void frames_of(const struct map *map, struct reel_picture *picture)
{
	size_t at = picture->first;

	while (at + 1 < map->frame_count && map->frames[at + 1].start < picture->end - ALMOST)
		at++;
	picture->last = at;
	while (picture->first < at && map->frames[picture->first].start < picture->begin - ALMOST)
		picture->first++;
}

int reel_plan(const struct map *map, const struct film_options *options,
	      struct reel_picture **ret_pictures, size_t *ret_count)
{
	double speed = speed_of(options), fps = options->fps;
	double all = map->frames[map->frame_count - 1].end;
	struct reel_picture *pictures;
	size_t count = map->frame_count;

	if (fps <= 0 && frames_are_short(map, speed))
		fps = FPS_MOST;
	if (fps > 0)
		count = (size_t)fmax(ceil(all / speed * fps - TAIL), 1);
	pictures = calloc(count, sizeof(*pictures));
	if (!pictures)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct reel_picture *picture = &pictures[i];

		if (fps > 0) {
			picture->begin = (double)i / fps * speed;
			picture->end = i + 1 < count ? (double)(i + 1) / fps * speed : all;
			picture->first = i ? pictures[i - 1].last : 0;
			frames_of(map, picture);
		} else {
			*picture = (struct reel_picture){ map->frames[i].start, map->frames[i].end, i, i };
		}
	}
	*ret_pictures = pictures;
	*ret_count = count;
	return 0;
}

/* The paper decides how many dots an inch has. */
static void dots_choose(struct reel *reel)
{
	const struct place_of *page = places_find(&reel->places, PLACE_ROOT);
	double left, bottom, right, top, side;

	if (reel->options.dpi)
		return;
	reel->options.dpi = DPI;
	if (!page || sscanf(page->pos, "%lf,%lf,%lf,%lf", &left, &bottom, &right, &top) != 4)
		return;
	side = fmax(right - left, top - bottom) / 72 * DPI;
	if (side > PIXELS_SIDE)
		reel->options.dpi = (unsigned)fmax(floor(DPI * PIXELS_SIDE / side), 10);
}

static int bytes_sum(struct reel *reel)
{
	const struct map *map = reel->map;

	reel->bytes = calloc(map->frame_count, sizeof(*reel->bytes));
	if (!reel->bytes)
		return -ENOMEM;
	for (size_t i = 0; i < map->edge_count; i++) {
		for (size_t n = 0; n < map->edges[i].step_count; n++) {
			const struct edge_step *step = &map->edges[i].steps[n];

			reel->bytes[step->frame] +=
				step->bytes > step->received_bytes ? step->bytes : step->received_bytes;
		}
	}
	return 0;
}

static int reel_new(struct reel *reel, char **ret_note, char **ret_error)
{
	const struct map *map = reel->map;
	int rc = bytes_sum(reel);

	rc = rc ? rc : film_new(map, reel->options.film.cumulative, &reel->film);
	rc = rc ? rc : map_derive(map, &(struct derivation){ 0 }, &reel->whole);
	if (rc)
		return rc;
	reel->whole->moment = (struct moment){
		.number = map->frame_count, .count = map->frame_count,
		.start = map->frames[map->frame_count - 1].start,
		.end = map->frames[map->frame_count - 1].end,
		.cumulative = reel->options.film.cumulative,
	};
	rc = emit_places(reel->whole, &reel->options, &reel->places, ret_note, ret_error);
	if (rc)
		return rc;
	dots_choose(reel);
	reel->strip = reel->options.dpi * 2 / 5;
	reel->options.places = &reel->places;
	reel->options.whole = reel->whole;
	return 0;
}

static void reel_done(struct reel *reel)
{
	film_done(&reel->film);
	places_done(&reel->places);
	bitmap_done(&reel->drawn);
	map_free(reel->whole);
	free(reel->bytes);
}

/* Draws these frames, unless they were what was drawn last. */
static int frames_draw(struct reel *reel, size_t first, size_t last, char **ret_error)
{
	struct emitted png = { 0 };
	struct map *map;
	int rc;

	if (reel->drawn.pixels && reel->drawn_first == first && reel->drawn_last == last)
		return 0;
	bitmap_done(&reel->drawn);
	rc = film_picture(&reel->film, first, last, &map);
	if (rc)
		return rc;
	rc = emit_png(map, &reel->options, &png, ret_error);
	map_free(map);
	if (rc)
		return rc;
	rc = bitmap_from_png(png.data, png.size, reel->strip, &reel->drawn);
	free(png.data);
	free(png.note);
	reel->drawn_first = first;
	reel->drawn_last = last;
	return rc;
}

/* Where on the time line a moment is. */
static double place_of_time(const struct reel *reel, double time)
{
	double margin = reel->options.dpi / 4.0, all = reel->map->frames[reel->map->frame_count - 1].end;

	return margin + (all > 0 ? time / all : 0) * (reel->drawn.width - 2 * margin);
}

/* A bar per frame by the root of its bytes, as under the SVG; what is shown is dark. */
static void line_draw(const struct reel *reel, struct bitmap *bitmap, const struct reel_picture *picture)
{
	static const uint8_t pale[4] = { 0xb4, 0xc2, 0xd4, 0xff }, strong[4] = { 0x4a, 0x6f, 0xa5, 0xff };
	static const uint8_t now[4] = { 0xe8, 0x59, 0x0c, 0xff };
	double bottom = bitmap->height - reel->strip * .15, top = bitmap->height - reel->strip * .9;
	uint64_t most = 1;

	for (size_t i = 0; i < reel->map->frame_count; i++)
		most = reel->bytes[i] > most ? reel->bytes[i] : most;
	for (size_t i = 0; i < reel->map->frame_count; i++) {
		const struct frame *frame = &reel->map->frames[i];
		double height = (bottom - top) * sqrt((double)reel->bytes[i] / (double)most);
		double left = place_of_time(reel, frame->start), right = place_of_time(reel, frame->end);
		bool shown = i >= picture->first && i <= picture->last;

		if (right - left > 3)
			right--;
		bitmap_fill(bitmap, left, bottom - height, fmax(right, left + 1), bottom, shown ? strong : pale);
	}
	bitmap_fill(bitmap, place_of_time(reel, 0), bottom, place_of_time(reel, reel->map->frames[reel->map->frame_count - 1].end), bottom + 1, pale);
	bitmap_fill(bitmap, place_of_time(reel, picture->begin) - 1, top, place_of_time(reel, picture->begin) + 1,
		    bottom + 2, now);
}

static int picture_take(struct reel *reel, const struct reel_picture *picture, reel_take *take,
			void *context, char **ret_error)
{
	double speed = speed_of(&reel->options.film);
	struct bitmap bitmap;
	int rc = frames_draw(reel, picture->first, picture->last, ret_error);

	rc = rc ? rc : bitmap_copy(&reel->drawn, &bitmap);
	if (rc)
		return rc;
	line_draw(reel, &bitmap, picture);
	rc = take(context, &bitmap, (unsigned)lround(picture->begin / speed * 1000),
		  (unsigned)lround(picture->end / speed * 1000));
	bitmap_done(&bitmap);
	return rc;
}

int reel_run(const struct map *map, const struct emit_options *options, reel_take *take, void *context,
	     char **ret_note, char **ret_error)
{
	struct reel reel = { .map = map, .options = options ? *options : (struct emit_options){ 0 } };
	struct reel_picture *pictures = NULL;
	size_t count = 0;
	int rc;

	if (!map->frame_count) {
		*ret_error = strdup("the map has no frames: record it with -i SECONDS");
		return -EINVAL;
	}
	rc = reel_plan(map, &reel.options.film, &pictures, &count);
	rc = rc ? rc : reel_new(&reel, ret_note, ret_error);
	for (size_t i = 0; !rc && i < count; i++)
		rc = picture_take(&reel, &pictures[i], take, context, ret_error);
	reel_done(&reel);
	free(pictures);
	if (rc == -ENOMEM && !*ret_error)
		*ret_error = strdup("out of memory while drawing the frames");
	return rc;
}
