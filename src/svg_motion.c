// SPDX-License-Identifier: GPL-2.0-only
#include "svg_motion.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "motion.h"
#include "places.h"
#include "style.h"

/* The strip under the drawing, in points. */
#define STRIP 74.0
#define CLOCK_WIDTH 96.0
#define CLOCK_LINE 20.0 /* from one time of the clock to the next: only one is seen */
#define BARS_TOP 14.0
#define BARS_HEIGHT 34.0
#define CLOCK_TIMES 1000 /* a longer film has a coarser clock */

/* Where the drawing ends, in the coordinates of what is in it. */
struct paper {
	double width, height; /* of the whole SVG */
	double scale, left, right, bottom;
};

/* An SVG in work. */
struct editing {
	FILE *file;
	const struct graph *graph;
	struct motions motions;
	struct paper paper;
	const struct motion *motion; /* what we are in, its path still to come */
	bool valid;
};

/* A line of text, without its end. */
struct text {
	const char *begin;
	size_t size;
};

static bool begins(const struct text *line, const char *with)
{
	size_t len = strlen(with);

	return line->size >= len && !memcmp(line->begin, with, len);
}

static struct text line_at(const char *svg, size_t size, const char *at)
{
	const char *end = memchr(at, '\n', size - (size_t)(at - svg));

	return (struct text){ at, (size_t)((end ? end : svg + size) - at) };
}

/* viewBox="0.00 0.00 W H" and transform="scale(k k) rotate(0) translate(x y)". */
static bool paper_find(const char *svg, size_t size, struct paper *paper)
{
	static const char box[] = "viewBox=\"0.00 0.00 ", move[] = "transform=\"scale(";
	const char *at = memmem(svg, size, box, strlen(box));
	const char *transform = memmem(svg, size, move, strlen(move));
	double x, y;

	/* The text ends with a NUL (child.h): sscanf() stops. */
	if (!at || sscanf(at + strlen(box), "%lf %lf", &paper->width, &paper->height) != 2 || !transform ||
	    sscanf(transform + strlen(move), "%lf %*f) rotate(0) translate(%lf %lf)", &paper->scale, &x, &y) != 3 ||
	    paper->scale <= 0)
		return false;
	paper->left = -x;
	paper->right = paper->width / paper->scale - x;
	paper->bottom = paper->height / paper->scale - y;
	return true;
}

static void put_time(FILE *file, double seconds, bool fine)
{
	fprintf(file, fine ? "%.2f s" : "%.1f s", seconds);
}

/* All times one below the other, moved up one by one behind a hole that shows one. */
static void put_clock(struct editing *e, double x, double y, double all, const char *ink)
{
	const struct motions *m = &e->motions;
	size_t times = m->count < CLOCK_TIMES ? m->count : CLOCK_TIMES;

	fprintf(e->file, "<clipPath id=\"clock\"><rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/></clipPath>\n"
		"<g class=\"clock\" clip-path=\"url(#clock)\"><g>\n", x, y, CLOCK_WIDTH, CLOCK_LINE);
	for (size_t i = 0; i < times; i++) {
		fprintf(e->file, "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"end\" font-family=\"DejaVu Sans,Helvetica,Arial,sans-serif\" "
			"font-size=\"15\" font-weight=\"bold\" fill=\"%s\">", x + CLOCK_WIDTH - 14,
			y + (double)i * CLOCK_LINE + 15, ink);
		put_time(e->file, m->moments[i * m->count / times] * all, all / (double)times < .095);
		fputs("</text>\n", e->file);
	}
	fprintf(e->file, "<animateTransform attributeName=\"transform\" type=\"translate\" calcMode=\"discrete\" "
		"dur=\"%.3fs\" repeatCount=\"indefinite\" values=\"", m->seconds);
	for (size_t i = 0; i < times; i++)
		fprintf(e->file, "%s0 %.0f", i ? ";" : "", -(double)i * CLOCK_LINE);
	fputs("\" keyTimes=\"", e->file);
	for (size_t i = 0; i < times; i++)
		fprintf(e->file, "%s%.5f", i ? ";" : "", m->moments[i * m->count / times]);
	fputs("\"/></g></g>\n", e->file);
}

/* What moved when: a bar per frame, by the root of its bytes, so that little ones are seen. */
static void put_bars(struct editing *e, double x, double y, double width, const char *colour)
{
	const struct motions *m = &e->motions;
	uint64_t most = 1;

	for (size_t i = 0; i < m->count; i++)
		most = m->bytes[i] > most ? m->bytes[i] : most;
	fprintf(e->file, "<g class=\"bars\" fill=\"%s\">\n", colour);
	for (size_t i = 0; i < m->count; i++) {
		double height = BARS_HEIGHT * sqrt((double)m->bytes[i] / (double)most);
		double length = (m->moments[i + 1] - m->moments[i]) * width;

		if (height < .05)
			continue;
		fprintf(e->file, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>\n",
			x + m->moments[i] * width, y + BARS_HEIGHT - height,
			fmax(length - (length > 3 ? .8 : 0), .2), height);
	}
	fputs("</g>\n", e->file);
}

static void put_mark(struct editing *e, double x, double y, const char *anchor, const char *ink, double time,
		     double all)
{
	fprintf(e->file, "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\" font-family=\"DejaVu Sans,Helvetica,Arial,sans-serif\" "
		"font-size=\"9\" fill=\"%s\">", x, y, anchor, ink);
	put_time(e->file, time, all < 1);
	fputs("</text>\n", e->file);
}

/* Clock, bars, and the line that runs over them. data-: for the script that scrubs. */
static void put_strip(struct editing *e)
{
	const struct style *style = e->graph->style;
	const struct map *map = e->graph->map;
	const struct paper *p = &e->paper;
	const char *ink = style_of(style, STYLE_GRAPH, "fontcolor", "black");
	const char *faint = style_of(style, STYLE_DETAIL, "fontcolor", "gray");
	double all = map->frames[map->frame_count - 1].end, margin = 20;
	double left = p->left + margin + CLOCK_WIDTH, right = p->right - margin;
	double top = p->bottom + BARS_TOP, bottom = top + BARS_HEIGHT;

	fprintf(e->file, "<g class=\"time\" data-left=\"%.2f\" data-right=\"%.2f\" data-seconds=\"%.3f\" data-frames=\"%zu\">\n",
		left, right, e->motions.seconds, e->motions.count);
	fprintf(e->file, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"/>\n", p->left,
		p->bottom - 1, p->right - p->left, STRIP + 1, style_of(style, STYLE_GRAPH, "bgcolor", "none"));
	put_clock(e, p->left + margin, top + BARS_HEIGHT / 2 - 10, all, ink);
	put_bars(e, left, top, right - left, style_of(style, STYLE_CLUSTER, "color", "gray"));
	fprintf(e->file, "<path d=\"M%.2f,%.2fH%.2f\" stroke=\"%s\" stroke-width=\"1\" fill=\"none\"/>\n", left, bottom, right, faint);
	put_mark(e, left, bottom + 12, "start", faint, 0, all);
	put_mark(e, right, bottom + 12, "end", faint, all, all);
	fprintf(e->file, "<g class=\"now\"><path d=\"M%.2f,%.2fV%.2f\" stroke=\"%s\" stroke-width=\"1.6\" fill=\"none\"/>"
		"<animateTransform attributeName=\"transform\" type=\"translate\" dur=\"%.3fs\" "
		"repeatCount=\"indefinite\" values=\"0 0;%.2f 0\" keyTimes=\"0;1\"/></g>\n",
		left, top - 4, bottom + 3, ink, e->motions.seconds, right - left);
	fputs("</g>\n", e->file);
}

/* By the id of the element that begins there; Graphviz writes "-" as "&#45;". */
static const struct motion *motion_of(const struct editing *e, const struct text *line)
{
	static const char minus[] = "&#45;";
	const char *at = line->begin + strlen("<g id=\""), *end = line->begin + line->size;
	struct motion *motion;
	char id[PLACE_NAME];
	size_t len = 0;

	while (at < end && *at != '"' && len < sizeof(id)) {
		bool escaped = (size_t)(end - at) >= strlen(minus) && !memcmp(at, minus, strlen(minus));

		id[len++] = escaped ? '-' : *at;
		at += escaped ? strlen(minus) : 1;
	}
	HASH_FIND(hh, e->motions.table, id, len, motion);
	return motion;
}

/* A line of the SVG, with what belongs into the element that begins there. */
static void put_line(struct editing *e, const struct text *line)
{
	if (e->motion && e->motion->path && begins(line, "<path ") && line->size > 2 &&
	    !memcmp(line->begin + line->size - 2, "/>", 2)) {
		fwrite(line->begin, 1, line->size - 2, e->file);
		fprintf(e->file, ">%s</path>\n", e->motion->path);
		e->motion = NULL;
		return;
	}
	fwrite(line->begin, 1, line->size, e->file);
	fputc('\n', e->file);
	/* Links inside of things have ids, too: "a_p1". */
	if (!begins(line, "<g id=\"") || begins(line, "<g id=\"a_"))
		return;
	e->motion = motion_of(e, line);
	if (e->motion && *e->motion->group)
		fprintf(e->file, "%s\n", e->motion->group);
}

/* The two lines that say how large it is. */
static bool put_size(struct editing *e, const struct text *line)
{
	const struct paper *p = &e->paper;
	double height = p->height + STRIP * p->scale;
	const char *rest;

	if (begins(line, "<svg width=")) {
		fprintf(e->file, "<svg width=\"%.0fpt\" height=\"%.0fpt\"\n", p->width, height);
		return true;
	}
	if (!begins(line, " viewBox=\""))
		return false;
	rest = memchr(line->begin + strlen(" viewBox=\""), '"', line->size - strlen(" viewBox=\""));
	fprintf(e->file, " viewBox=\"0.00 0.00 %.2f %.2f", p->width, height);
	if (rest)
		fwrite(rest, 1, (size_t)(line->begin + line->size - rest), e->file);
	fputc('\n', e->file);
	return true;
}

static void svg_edit(struct editing *e, const char *svg, size_t size)
{
	/* The group of the whole graph is the last to end. */
	static const char ending[] = "</g>\n</svg>";
	const char *end = NULL;

	for (const char *at = svg; (at = memmem(at, size - (size_t)(at - svg), ending, strlen(ending))) != NULL; at++)
		end = at;
	if (!end)
		return;
	for (const char *at = svg; at < end;) {
		struct text line = line_at(svg, size, at);

		if (!put_size(e, &line))
			put_line(e, &line);
		at = line.begin + line.size + 1;
	}
	put_strip(e);
	fwrite(end, 1, size - (size_t)(end - svg), e->file);
	e->valid = true;
}

char *svg_motion_add(const char *svg, size_t size, const struct graph *graph, size_t *ret_size)
{
	const struct moment *moment = &graph->map->moment;
	struct editing e = { .graph = graph };
	struct film film;
	char *data = NULL;
	bool failed;

	if (!paper_find(svg, size, &e.paper) || film_new(graph->map, moment->cumulative, &film))
		return NULL;
	if (motions_new(graph, &film, moment->plays, &e.motions)) {
		film_done(&film);
		return NULL;
	}
	e.file = open_memstream(&data, ret_size);
	if (e.file) {
		svg_edit(&e, svg, size);
		failed = ferror(e.file) != 0;
		failed |= fclose(e.file) != 0 || !e.valid;
		if (failed) {
			free(data);
			data = NULL;
		}
	}
	motions_done(&e.motions);
	film_done(&film);
	return data;
}
