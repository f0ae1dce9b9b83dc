// SPDX-License-Identifier: GPL-2.0-only
/* Which layout to try first, and what to try when it does not end well. */
#include "ladder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "child.h"
#include "graphviz.h"
#include "places.h"

#define TIMEOUT 30
#define DPI 96
#define MEMORY ((size_t)2 << 30)

struct rung {
	struct layout layout;
	size_t nodes, lines; /* up to so many, it is the first to be tried */
	const char *about;   /* for the note */
};

/*
 * From the best drawing to the one that always ends. Bounds are where a layout
 * takes about three seconds (measured on maps in which nothing repeats): what dot
 * needs grows with the lines, and tenfold from 300 nodes and 770 lines to 600 and 1,500.
 */
static const struct rung ladder[] = {
	{ { "dot", false, LABELS_ON_EDGES }, 120, 280, NULL },
	{ { "dot", true, LABELS_BESIDE }, 400, 500, "labels only where there was room" },
	{ { "dot", true, LABELS_NONE }, 1000, 700, "a layout without edge labels" },
	{ { "sfdp", false, LABELS_NONE }, 3000, 10000, "sfdp, without edge labels" },
	{ { "sfdp", true, LABELS_NONE }, SIZE_MAX, SIZE_MAX,
	  "sfdp, without edge labels, nodes over each other" },
};

#define RUNGS (sizeof(ladder) / sizeof(ladder[0]))

/*
 * A PDF says when it was made. Same map, same bytes: it says when the map was.
 * Newer Graphviz takes the date from the environment, the older has it of Cairo,
 * which writes the clock; digits over digits leave every offset in the file right.
 */
static void render_set_date(const char *started)
{
	struct tm tm = { 0 };
	char epoch[32] = "0";

	if (started && strptime(started, "%Y-%m-%dT%H:%M:%S", &tm))
		snprintf(epoch, sizeof(epoch), "%lld", (long long)timegm(&tm));
	setenv("SOURCE_DATE_EPOCH", epoch, 1);
}

static void pdf_set_date(const char *started, char *data, size_t size)
{
	static const char key[] = "/CreationDate (D:";
	const size_t digits = 14; /* YYYYMMDDhhmmss */
	char *date = memmem(data, size, key, strlen(key));
	struct tm tm = { .tm_year = 70, .tm_mday = 1 };
	char text[64];

	if (!date || (size_t)(data + size - date) < strlen(key) + digits)
		return;
	if (started)
		strptime(started, "%Y-%m-%dT%H:%M:%S", &tm);
	if (strftime(text, sizeof(text), "%Y%m%d%H%M%S", &tm) == digits)
		memcpy(date + strlen(key), text, digits);
}

/* What is wanted of Graphviz: places, or a picture with or without them. */
static int render_data(struct render *render, char **ret_data, size_t *ret_size)
{
	struct places found = { 0 };
	int rc;

	if (render->places)
		return graphviz_render_placed(render->graph, render->places, render->format, render->dpi,
					      ret_data, ret_size, render->note, sizeof(render->note));
	if (!render->lay_out)
		return graphviz_render(render->graph, &render->layout, render->format, render->dpi,
				       ret_data, ret_size, render->note, sizeof(render->note));
	rc = graphviz_layout(render->graph, &render->layout, render->known, &found);
	*ret_data = rc ? NULL : places_write(&found, ret_size);
	return rc ? rc : *ret_data ? 0 : -ENOMEM;
}

/* In the child: the note, with its NUL, then the bytes. */
static int render_work(void *context, int fd)
{
	struct render *render = context;
	char *data;
	size_t size;
	int rc;

	srand(1);
	srand48(1);
	render_set_date(render->started);
	rc = render_data(render, &data, &size);
	if (rc == 0 && strcmp(render->format, "pdf") == 0)
		pdf_set_date(render->started, data, size);
	if (rc == 0)
		rc = fd_write(fd, render->note, strlen(render->note) + 1);
	return rc ? rc : fd_write(fd, data, size);
}

/* "a; b", or what there is of the two; NULL when there is none or no memory. */
static char *note_join(const char *a, const char *b)
{
	bool first = a && *a, second = b && *b;
	char *note;

	if (!first && !second)
		return NULL;
	if (asprintf(&note, "%s%s%s", first ? a : "", first && second ? "; " : "",
		     second ? b : "") < 0)
		return NULL;
	return note;
}

static void render_waiting(void *context, double seconds)
{
	const struct render *render = context;
	char what[96];

	snprintf(what, sizeof(what), "laying out %zu nodes, %zu lines with %.16s",
		 render->graph->map->node_count, render->graph->line_count, render->layout.engine);
	render->options->progress(render->options->progress_context, what, seconds);
}

static int render_try(struct render *render, double seconds, const char *about,
		      struct emitted *ret_out, char **ret_error)
{
	struct child_limits limits = { .seconds = seconds, .memory = MEMORY };
	size_t size, skip;
	char *data;
	int rc;

	if (render->options && render->options->progress) {
		limits.waiting = render_waiting;
		limits.context = render;
	}
	rc = child_run(render_work, render, &limits, &data, &size, ret_error);
	if (rc < 0)
		return rc;
	skip = strnlen(data, size) + 1;
	if (skip >= size) {
		free(data);
		*ret_error = strdup("drew nothing");
		return -EIO;
	}
	ret_out->note = note_join(about, data);
	ret_out->size = size - skip;
	memmove(data, data + skip, size - skip + 1);
	ret_out->data = data;
	return 0;
}

static size_t rung_first(const struct graph *graph)
{
	size_t i = 0;

	while (i + 1 < RUNGS && (graph->map->node_count > ladder[i].nodes ||
				 graph->line_count > ladder[i].lines))
		i++;
	return i;
}

const struct layout *ladder_first(const struct graph *graph)
{
	return &ladder[rung_first(graph)].layout;
}

static double clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Why this rung: the map was too large, or the one before did not work out. */
static char *rung_note(const struct rung *rung, const struct graph *graph, const char *failure)
{
	char *note;
	int rc;

	if (!rung->about)
		return NULL;
	if (failure)
		rc = asprintf(&note, "drawn with %s: the full layout %s", rung->about, failure);
	else
		rc = asprintf(&note, "drawn with %s: %zu nodes and %zu lines are many",
			      rung->about, graph->map->node_count, graph->line_count);
	return rc < 0 ? NULL : note;
}

static int no_drawing(char *failure, char **ret_error)
{
	if (asprintf(ret_error, "Graphviz could not draw this map (%s): take the dot or json format",
		     failure ? failure : "out of memory") < 0)
		*ret_error = NULL;
	free(failure);
	return -EIO;
}

/* Each rung may take half of the time that is left, the last one all of it. */
static int render_ladder(struct render *render, bool dot_asked, double deadline,
			 struct emitted *ret_out, char **ret_error)
{
	char *failure = NULL;
	size_t first = rung_first(render->graph);

	while (dot_asked && strcmp(ladder[first].layout.engine, "dot") != 0)
		first--;
	for (size_t i = first; i < RUNGS; i++) {
		double left = deadline - clock_now();
		char *note = rung_note(&ladder[i], render->graph, failure);
		char *error = NULL;
		int rc;

		render->layout = ladder[i].layout;
		rc = render_try(render, i + 1 < RUNGS ? left / 2 : left, note, ret_out, &error);
		free(note);
		if (rc == 0) {
			free(failure);
			return 0;
		}
		/* The first failure is the one that explains. */
		if (failure)
			free(error);
		else
			failure = error;
	}
	return no_drawing(failure, ret_error);
}

/* An engine that the user named: with labels, then without. */
static int render_engine(struct render *render, const char *engine, double deadline,
			 struct emitted *ret_out, char **ret_error)
{
	double left = deadline - clock_now();
	char *failure = NULL, *error = NULL, *note;
	int rc;

	render->layout = (struct layout){ engine, false, LABELS_ON_EDGES };
	rc = render_try(render, left / 2, NULL, ret_out, &failure);
	if (rc == 0)
		return 0;
	if (rc == -EINVAL) {
		if (asprintf(ret_error, "layout engine %s %s", engine,
			     failure ? failure : "failed") < 0)
			*ret_error = NULL;
		free(failure);
		return rc;
	}
	render->layout.labels = LABELS_NONE;
	if (asprintf(&note, "drawn without edge labels: with them %s %s", engine,
		     failure ? failure : "failed") < 0)
		note = NULL;
	left = deadline - clock_now();
	rc = render_try(render, left, note, ret_out, &error);
	free(note);
	free(error);
	if (rc < 0)
		return no_drawing(failure, ret_error);
	free(failure);
	return 0;
}

/* A picture whose places are known needs no ladder. */
static int render_placed(struct render *render, double deadline, struct emitted *ret_out, char **ret_error)
{
	char *failure = NULL;
	int rc = render_try(render, deadline - clock_now(), NULL, ret_out, &failure);

	if (rc < 0)
		return no_drawing(failure, ret_error);
	return 0;
}

int render_run(struct render *render, const struct emit_options *options, struct emitted *ret_out,
	       char **ret_error)
{
	unsigned timeout = options && options->timeout ? options->timeout : TIMEOUT;
	const char *engine = options ? options->engine : NULL;
	double deadline = clock_now() + timeout;

	render->options = options;
	render->dpi = options && options->dpi ? options->dpi : DPI;
	if (render->places)
		return render_placed(render, deadline, ret_out, ret_error);
	if (engine && strcmp(engine, "dot") != 0)
		return render_engine(render, engine, deadline, ret_out, ret_error);
	return render_ladder(render, engine, deadline, ret_out, ret_error);
}
