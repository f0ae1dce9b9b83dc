// SPDX-License-Identifier: GPL-2.0-only
/* What place.c has to know of a layout, and what comes of it. */
#include "graphviz_labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"

/* Labels of a layout, with what they must not cover. */
struct labels {
	Agraph_t *root;
	struct place_label *labels;
	textlabel_t **owners; /* Graphviz's, in the order of labels */
	struct place_point *points;
	struct place_box *obstacles;
	size_t label_count, point_count, obstacle_count;
};

#define BEZIER_STEPS 12
#define BELOW 40 /* points, by which labels may make the page higher */

static void labels_add_box(struct labels *l, pointf middle, double width, double height)
{
	l->obstacles[l->obstacle_count++] = (struct place_box){
		middle.x - width / 2, middle.y - height / 2, middle.x + width / 2,
		middle.y + height / 2,
	};
}

static void labels_add_frames(struct labels *l, Agraph_t *graph)
{
	for (Agraph_t *frame = agfstsubg(graph); frame; frame = agnxtsubg(frame)) {
		if (GD_label(frame) && GD_label(frame)->set)
			labels_add_box(l, GD_label(frame)->pos, GD_label(frame)->dimen.x,
				       GD_label(frame)->dimen.y);
	}
}

static void labels_add_point(struct labels *l, pointf point)
{
	l->points[l->point_count++] = (struct place_point){ point.x, point.y };
}

/* Points along one piece of a line: p[0] to p[3], drawn to p[1] and p[2]. */
static void labels_add_piece(struct labels *l, const pointf *p)
{
	for (int i = 0; i < BEZIER_STEPS; i++) {
		double t = (double)i / BEZIER_STEPS, u = 1 - t;
		double a = u * u * u, b = 3 * u * u * t, c = 3 * u * t * t, d = t * t * t;

		l->points[l->point_count++] = (struct place_point){
			a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x,
			a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y,
		};
	}
}

static void labels_add_edge(struct labels *l, Agedge_t *edge, textlabel_t *owner)
{
	struct place_label *label = &l->labels[l->label_count];
	const splines *splines = ED_spl(edge);

	*label = (struct place_label){
		.middle = { owner ? owner->pos.x : 0, owner ? owner->pos.y : 0 },
		.width = owner ? owner->dimen.x : 0,
		.height = owner ? owner->dimen.y : 0,
		.path = &l->points[l->point_count],
	};
	for (int i = 0; i < splines->size; i++) {
		const bezier *bezier = &splines->list[i];

		/* The line proper ends where its arrowheads begin. */
		if (bezier->sflag)
			labels_add_point(l, bezier->sp);
		for (int j = 0; j + 3 < bezier->size; j += 3)
			labels_add_piece(l, &bezier->list[j]);
		labels_add_point(l, bezier->list[bezier->size - 1]);
		if (bezier->eflag)
			labels_add_point(l, bezier->ep);
	}
	label->path_count = (size_t)(&l->points[l->point_count] - label->path);
	l->owners[l->label_count++] = owner;
}

static textlabel_t *edge_label(Agedge_t *edge)
{
	return ED_label(edge) ? ED_label(edge) : ED_xlabel(edge);
}

static size_t edge_points(Agedge_t *edge)
{
	size_t count = 0;

	for (int i = 0; i < ED_spl(edge)->size; i++)
		count += (size_t)ED_spl(edge)->list[i].size / 3 * BEZIER_STEPS + 3;
	return count;
}

static bool labels_new(struct labels *l)
{
	size_t edges = 0, points = 0, boxes = (size_t)agnnodes(l->root);

	for (Agraph_t *frame = agfstsubg(l->root); frame; frame = agnxtsubg(frame))
		boxes++;
	for (Agnode_t *n = agfstnode(l->root); n; n = agnxtnode(l->root, n)) {
		for (Agedge_t *e = agfstout(l->root, n); e; e = agnxtout(l->root, e)) {
			edges++;
			points += ED_spl(e) ? edge_points(e) : 0;
		}
	}
	l->labels = calloc(edges + 1, sizeof(*l->labels));
	l->owners = calloc(edges + 1, sizeof(*l->owners));
	l->points = calloc(points + 1, sizeof(*l->points));
	l->obstacles = calloc(boxes + 1, sizeof(*l->obstacles));
	return l->labels && l->owners && l->points && l->obstacles;
}

static void labels_fill(struct labels *l)
{
	labels_add_frames(l, l->root);
	for (Agnode_t *n = agfstnode(l->root); n; n = agnxtnode(l->root, n)) {
		labels_add_box(l, ND_coord(n), 72 * ND_width(n), 72 * ND_height(n));
		for (Agedge_t *e = agfstout(l->root, n); e; e = agnxtout(l->root, e)) {
			const char *style = agget(e, (char *)"style"); /* NULL: no line has one */

			if (ED_spl(e) && !(style && strcmp(style, "invis") == 0))
				labels_add_edge(l, e, edge_label(e));
		}
	}
}

void labels_move(Agraph_t *root, bool may_hide)
{
	struct labels l = { .root = root };
	const boxf *page = &GD_bb(root);
	double bottom = page->LL.y;
	const struct place_box bounds = { page->LL.x, page->LL.y - BELOW, page->UR.x, page->UR.y };

	if (!labels_new(&l))
		return;
	labels_fill(&l);
	place_labels(l.labels, l.label_count, l.obstacles, l.obstacle_count, &bounds,
		     may_hide);
	for (size_t i = 0; i < l.label_count; i++) {
		if (!l.owners[i])
			continue;
		l.owners[i]->pos.x = l.labels[i].middle.x;
		l.owners[i]->pos.y = l.labels[i].middle.y;
		l.owners[i]->set = l.labels[i].shown;
		if (l.labels[i].shown)
			bottom = fmin(bottom, l.labels[i].middle.y - l.labels[i].height / 2);
	}
	GD_bb(root).LL.y = bottom;
}
