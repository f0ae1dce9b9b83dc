// SPDX-License-Identifier: GPL-2.0-only
/* The pictures: of a map, of a frame of it, of all its frames. */
#include "emit_graphviz.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "derive.h"
#include "ladder.h"
#include "places.h"
#include "style.h"
#include "svg_motion.h"
#include "svg_script.h"

static int graph_make(const struct map *map, const struct emit_options *options,
		      struct graph *ret_graph)
{
	int rc = graph_new(map, ret_graph);

	if (rc < 0)
		return rc;
	ret_graph->style = options && options->style ? options->style : style_default();
	ret_graph->growing = options && options->film.growing;
	if (ret_graph->growing)
		hints_expect(ret_graph);
	return 0;
}

/* Goes on with data in place of what was drawn; NULL: there was no memory for it. */
static int data_take(struct emitted *out, char *data, size_t size, char **ret_error)
{
	free(out->data);
	out->data = data;
	out->size = size;
	if (data)
		return 0;
	free(out->note);
	*ret_error = strdup("out of memory while writing the drawing");
	return -ENOMEM;
}

static int script_add(const struct graph *graph, struct emitted *out, char **ret_error)
{
	size_t size = 0;
	char *data = svg_script_add(out->data, out->size, graph, &size);

	return data_take(out, data, size, ret_error);
}

static int motion_add(const struct graph *graph, struct emitted *out, char **ret_error)
{
	size_t size = 0;
	char *data = svg_motion_add(out->data, out->size, graph, &size);

	return data_take(out, data, size, ret_error);
}

/* Names don't grow with what is moved: nodes that have got their places keep their size. */
static void names_keep(struct graph *whole)
{
	if (whole->growing)
		whole->bytes = 0;
}

/* The graph of map, in the drawing's orientation and with what it shares with the whole. */
static int graphs_make(const struct map *map, const struct emit_options *options, struct graph *ret_graph,
		       struct graph *ret_whole)
{
	int rc = graph_make(map, options, ret_graph);

	*ret_whole = (struct graph){ 0 };
	if (rc || !options || !options->whole)
		return rc;
	rc = graph_make(options->whole, options, ret_whole);
	if (!rc) {
		names_keep(ret_whole);
		places_orient(options->places, ret_graph);
		rc = graph_set_whole(ret_graph, ret_whole);
	}
	if (rc) {
		graph_done(ret_graph);
		graph_done(ret_whole);
	}
	return rc;
}

static int short_of_memory(char **ret_error)
{
	*ret_error = strdup("out of memory while drawing the map");
	return -ENOMEM;
}

static int emit_picture(const struct map *map, const struct emit_options *options,
			const char *format, struct emitted *ret_out, char **ret_error)
{
	struct render render = { .format = format, .started = map->started,
				 .places = options ? options->places : NULL };
	struct emitted out = { 0 };
	struct graph graph, whole;
	int rc = graphs_make(map, options, &graph, &whole);

	if (rc < 0)
		return short_of_memory(ret_error);
	render.graph = &graph;
	rc = render_run(&render, options, &out, ret_error);
	if (rc == 0 && map->moment.plays > 0)
		rc = motion_add(&graph, &out, ret_error);
	if (rc == 0 && strcmp(format, "svg") == 0)
		rc = script_add(&graph, &out, ret_error);
	graph_done(&graph);
	graph_done(&whole);
	if (rc == 0)
		*ret_out = out;
	return rc;
}

int emit_places(const struct map *map, const struct emit_options *options, struct places *places,
		char **ret_note, char **ret_error)
{
	struct render render = { .format = "", .started = map->started, .lay_out = true };
	struct emitted out = { 0 };
	struct graph graph;
	int rc = graph_make(map, options, &graph);

	if (rc < 0)
		return short_of_memory(ret_error);
	names_keep(&graph);
	places_orient(places, &graph);
	render.graph = &graph;
	render.known = places->table ? places : NULL;
	rc = render_run(&render, options, &out, ret_error);
	graph_done(&graph);
	if (rc < 0)
		return rc;
	rc = places_read(places, out.data, out.size);
	places->engine = render.layout.engine;
	free(out.data);
	if (rc < 0) {
		free(out.note);
		return short_of_memory(ret_error);
	}
	*ret_note = out.note;
	return 0;
}

int emit_svg(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error)
{
	return emit_picture(map, options, "svg", ret_out, ret_error);
}

int emit_animation(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
		   char **ret_error)
{
	double speed = options && options->film.speed > 0 ? options->film.speed : 1;
	struct map *playing;
	int rc = -EINVAL;

	if (!map->frame_count) {
		*ret_error = strdup("the map has no frames to animate");
		return rc;
	}
	rc = map_derive(map, &(struct derivation){ 0 }, &playing);
	if (rc < 0)
		return short_of_memory(ret_error);
	playing->moment.plays = fmax(map->frames[map->frame_count - 1].end, 0.001) / speed;
	playing->moment.cumulative = options && options->film.cumulative;
	/* That it leaves is seen. */
	for (size_t i = 0; i < playing->node_count; i++)
		playing->nodes[i].exited = false;
	rc = emit_picture(playing, options, "svg", ret_out, ret_error);
	map_free(playing);
	return rc;
}

int emit_png(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error)
{
	return emit_picture(map, options, "png", ret_out, ret_error);
}

int emit_pdf(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error)
{
	return emit_picture(map, options, "pdf", ret_out, ret_error);
}

int emit_dot(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error)
{
	struct emitted out = { 0 };
	struct graph graph;
	int rc = graph_make(map, options, &graph);

	if (rc == 0) {
		rc = graphviz_dot(&graph, ladder_first(&graph), &out.data, &out.size);
		graph_done(&graph);
	}
	if (rc < 0) {
		*ret_error = strdup("out of memory while writing DOT");
		return rc;
	}
	*ret_out = out;
	return 0;
}
