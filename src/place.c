// SPDX-License-Identifier: GPL-2.0-only
#include "place.h"

#include <math.h>

#define GAP 1.0		 /* around a label, points */
#define STEPS 24	 /* places tried along a line */
#define BESIDE 2.0	 /* from the line, where the label is not on it */
#define LINES_COUNTED 250 /* above, what lines a label lies on is not looked at */

/* Of a place: by the area of what it covers, then by what it does to readers. */
#define COST_LINE 100.0 /* per line under it */
#define COST_HIDDEN 0.8 /* per point of its own line that it hides */
#define COST_FAR 0.02	/* per point of distance from where Graphviz put it */
#define COST_AWAY 0.05	/* per point of distance from its line */
#define COVERS 1.0 /* above so much, it covers something */
#define HIDES 4.0  /* above so much, its own line runs through it */
#define NEAR 12.0  /* farther from its line, it seems to be another's */

struct placing {
	struct place_label *labels;
	size_t count;
	const struct place_box *obstacles;
	size_t obstacle_count;
	const struct place_box *page;
};

static struct place_box label_box(const struct place_label *label, struct place_point middle)
{
	return (struct place_box){
		.left = middle.x - label->width / 2 - GAP,
		.right = middle.x + label->width / 2 + GAP,
		.bottom = middle.y - label->height / 2 - GAP,
		.top = middle.y + label->height / 2 + GAP,
	};
}

static double boxes_overlap(const struct place_box *a, const struct place_box *b)
{
	double width = fmin(a->right, b->right) - fmax(a->left, b->left);
	double height = fmin(a->top, b->top) - fmax(a->bottom, b->bottom);

	return width > 0 && height > 0 ? width * height : 0;
}

/* The area of what a label would cover: obstacles, and labels that are placed. */
static double covered(const struct placing *p, size_t i, const struct place_box *box)
{
	double area = 0;

	for (size_t j = 0; j < p->obstacle_count; j++)
		area += boxes_overlap(box, &p->obstacles[j]);
	for (size_t j = 0; j < p->count; j++) {
		struct place_box other;

		if (j == i || !p->labels[j].shown)
			continue;
		other = label_box(&p->labels[j], p->labels[j].middle);
		area += boxes_overlap(box, &other);
	}
	return area;
}

/* How much of a piece of a line lies in a box: what is left of it between the four sides. */
static double box_hides(const struct place_box *box, const struct place_point *from,
			const struct place_point *to)
{
	double dx = to->x - from->x, dy = to->y - from->y, enter = 0, leave = 1;
	const double speeds[] = { -dx, dx, -dy, dy };
	const double rooms[] = {
		from->x - box->left, box->right - from->x, from->y - box->bottom, box->top - from->y,
	};

	for (int side = 0; side < 4; side++) {
		if (speeds[side] < 0)
			enter = fmax(enter, rooms[side] / speeds[side]);
		else if (speeds[side] > 0)
			leave = fmin(leave, rooms[side] / speeds[side]);
		else if (rooms[side] < 0)
			return 0;
	}
	return enter < leave ? (leave - enter) * hypot(dx, dy) : 0;
}

/* How much of its own line a label hides. */
static double own_hidden(const struct place_label *label, const struct place_box *box)
{
	double hidden = 0;

	for (size_t k = 1; k < label->path_count; k++)
		hidden += box_hides(box, &label->path[k - 1], &label->path[k]);
	return hidden;
}

/* How far a label is from its own line; 0 where it has none. */
static double own_distance(const struct place_label *label, const struct place_box *box)
{
	double least = label->path_count > 1 ? INFINITY : 0;

	/* Pieces are short: their ends and middles will do. */
	for (size_t k = 2; k < 2 * label->path_count; k++) {
		const struct place_point *a = &label->path[(k - 1) / 2], *b = &label->path[k / 2];
		double x = (a->x + b->x) / 2, y = (a->y + b->y) / 2;

		if (b >= label->path + label->path_count)
			break;
		least = fmin(least, hypot(fmax(fmax(box->left - x, x - box->right), 0),
					  fmax(fmax(box->bottom - y, y - box->top), 0)));
	}
	return least;
}

/* Other lines under a label: whose figures are these? */
static size_t lines_under(const struct placing *p, size_t i, const struct place_box *box)
{
	size_t lines = 0;

	if (p->count > LINES_COUNTED)
		return 0;
	for (size_t j = 0; j < p->count; j++) {
		const struct place_label *label = &p->labels[j];
		size_t k = 1;

		while (k < label->path_count &&
		       box_hides(box, &label->path[k - 1], &label->path[k]) <= 0)
			k++;
		lines += j != i && k < label->path_count;
	}
	return lines;
}

static bool within(const struct place_box *page, const struct place_box *box)
{
	return box->left >= page->left && box->right <= page->right &&
	       box->bottom >= page->bottom && box->top <= page->top;
}

/* Tries a place; keeps it in *best when it costs less than *least. */
static void place_try(const struct placing *p, size_t i, struct place_point middle, double cost,
		      struct place_point *best, double *least)
{
	const struct place_label *label = &p->labels[i];
	struct place_box box = label_box(label, middle);

	cost += COST_FAR * hypot(middle.x - label->middle.x, middle.y - label->middle.y);
	if (cost >= *least || !within(p->page, &box))
		return;
	cost += covered(p, i, &box) + COST_HIDDEN * own_hidden(label, &box);
	if (cost < *least)
		cost += COST_LINE * (double)lines_under(p, i, &box);
	if (cost >= *least)
		return;
	*least = cost;
	*best = middle;
}

/* Of a line between left and right: how low and how high it goes. */
static void path_span(const struct place_label *label, double left, double right, double *low,
		      double *high)
{
	for (size_t k = 1; k < label->path_count; k++) {
		const struct place_point *a = &label->path[k - 1], *b = &label->path[k];

		if (a->x > b->x) {
			const struct place_point *other = a;

			a = b;
			b = other;
		}
		if (b->x < left || a->x > right)
			continue;
		for (int end = 0; end < 2; end++) {
			double x = end ? fmin(b->x, right) : fmax(a->x, left);
			double share = b->x > a->x ? (x - a->x) / (b->x - a->x) : end;
			double y = a->y + share * (b->y - a->y);

			*low = fmin(*low, y);
			*high = fmax(*high, y);
		}
	}
}

/* On a point of its line, and beside it: above and below all of the line there, left and right. */
static void place_try_at(const struct placing *p, size_t i, const struct place_point *at,
			 struct place_point *best, double *least)
{
	const struct place_label *label = &p->labels[i];
	double wide = label->width / 2 + GAP + BESIDE, up = label->height / 2 + GAP + BESIDE;
	double low = at->y, high = at->y;

	place_try(p, i, *at, 0, best, least);
	path_span(label, at->x - wide, at->x + wide, &low, &high);
	/* Twice as far where a short line has another label beside it. */
	for (int far = 1; far <= 2; far++) {
		const struct place_point places[] = {
			{ at->x, high + (2 * far - 1) * up },
			{ at->x, low - (2 * far - 1) * up },
			{ at->x + far * wide, at->y },
			{ at->x - far * wide, at->y },
		};

		for (int k = 0; k < 4; k++)
			place_try(p, i, places[k],
				  COST_AWAY * hypot(places[k].x - at->x, places[k].y - at->y),
				  best, least);
	}
}

/* From the middle of a line to its ends. */
static void label_place(const struct placing *p, size_t i, bool may_hide)
{
	struct place_label *label = &p->labels[i];
	struct place_point best = label->middle;
	double least = INFINITY;
	struct place_box box;

	place_try(p, i, label->middle, 0, &best, &least);
	for (int step = 1; label->path_count > 0 && step < STEPS; step++)
		place_try_at(p, i, &label->path[label->path_count * (size_t)step / STEPS], &best,
			     &least);
	label->middle = best;
	box = label_box(label, best);
	label->shown = !may_hide || covered(p, i, &box) <= COVERS;
}

void place_labels(struct place_label *labels, size_t count, const struct place_box *obstacles,
		  size_t obstacle_count, const struct place_box *page, bool may_hide)
{
	struct placing p = { labels, count, obstacles, obstacle_count, page };

	/* Where labels lie over each other, the first one stays: it is shown to the others. */
	for (size_t i = 0; i < count; i++)
		labels[i].shown = false;
	for (size_t i = 0; i < count; i++) {
		struct place_box box = label_box(&labels[i], labels[i].middle);

		labels[i].shown = covered(&p, i, &box) <= COVERS && within(page, &box) &&
				  lines_under(&p, i, &box) == 0 &&
				  own_hidden(&labels[i], &box) <= HIDES &&
				  own_distance(&labels[i], &box) <= NEAR;
	}
	for (size_t i = 0; i < count; i++) {
		if (!labels[i].shown)
			label_place(&p, i, may_hide);
	}
}
