// SPDX-License-Identifier: GPL-2.0-only
#include "place.h"

#include <math.h>

#define GAP 1.0		 /* around a label, points */
#define STEPS 24	 /* places tried along a line */
#define BESIDE 2.0	 /* from the line, where the label is not on it */
#define LINES_COUNTED 250 /* above, what lines a label lies on is not looked at */

/* Of a place: by the area of what it covers, then by what it does to readers. */
#define COST_LINE 150.0 /* per line under it */
#define COST_HIDDEN 0.6 /* per point of its own line that it hides */
#define COST_FAR 0.02	/* per point of distance from where Graphviz put it */
#define COST_AWAY 0.05	/* per point from the middle of the label to its line */
#define COST_GAP 0.6	/* per point between the two, and twice as much beyond NEAR */
#define COST_NEAR 12.0	/* per other line that runs close by */
#define COST_BETWEEN 90.0 /* per other line, or node, between the two */
#define PALE 0.02	/* of a line without a label */
#define COVERS 1.0 /* above so much, it covers something */
#define HIDES 4.0  /* above so much, its own line runs through it */
#define WAY 0.5	   /* half of the width of what is looked at as a way */
#define THROUGH 4.0 /* of a way's area: it leads through a node, and not just to where a line begins */
#define CLOSE 6.0  /* so near, another line seems to be its own */
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

	/* Nearly all pieces are somewhere else. */
	if ((from->x < box->left && to->x < box->left) ||
	    (from->x > box->right && to->x > box->right) ||
	    (from->y < box->bottom && to->y < box->bottom) ||
	    (from->y > box->top && to->y > box->top))
		return 0;
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

/*
 * From a label to its own line, the shortest way, as a box. Returns how long that is;
 * 0 without a line.
 */
static double own_distance(const struct place_label *label, const struct place_box *box,
			   struct place_box *ret_way)
{
	double least = INFINITY;

	*ret_way = (struct place_box){ 0 };
	/* Pieces are short: their ends and middles will do. */
	for (size_t k = 0; k + 1 < 2 * label->path_count; k++) {
		const struct place_point *a = &label->path[k / 2], *b = &label->path[(k + 1) / 2];
		double x = (a->x + b->x) / 2, y = (a->y + b->y) / 2;
		double from_x = fmin(fmax(x, box->left), box->right);
		double from_y = fmin(fmax(y, box->bottom), box->top);

		double square = (x - from_x) * (x - from_x) + (y - from_y) * (y - from_y);

		if (square >= least)
			continue;
		least = square;
		*ret_way = (struct place_box){ fmin(x, from_x) - WAY, fmin(y, from_y) - WAY,
					       fmax(x, from_x) + WAY, fmax(y, from_y) + WAY };
	}
	return label->path_count > 0 ? sqrt(least) : 0;
}

/* Other lines in a box: whose figures are these? Pale ones, without a label, weigh less. */
static double lines_in(const struct placing *p, size_t i, const struct place_box *box)
{
	double lines = 0;

	if (p->count > LINES_COUNTED)
		return 0;
	for (size_t j = 0; j < p->count; j++) {
		const struct place_label *label = &p->labels[j];
		size_t k = 1;

		if (label->bounds.left > box->right || label->bounds.right < box->left ||
		    label->bounds.bottom > box->top || label->bounds.top < box->bottom)
			continue;
		while (k < label->path_count &&
		       box_hides(box, &label->path[k - 1], &label->path[k]) <= 0)
			k++;
		if (j != i && k < label->path_count)
			lines += label->width > 0 ? 1 : PALE;
	}
	return lines;
}

/* way: to its own line, or NULL when it is there. */
static double lines_cost(const struct placing *p, size_t i, const struct place_box *box,
			 const struct place_box *way)
{
	const struct place_box near = { box->left - CLOSE, box->bottom - CLOSE,
					box->right + CLOSE, box->top + CLOSE };
	double close = lines_in(p, i, &near);
	double under = close > 0 ? lines_in(p, i, box) : 0;
	double between = way ? lines_in(p, i, way) : 0;

	for (size_t j = 0; way && j < p->obstacle_count; j++)
		between += boxes_overlap(way, &p->obstacles[j]) > THROUGH;
	return COST_LINE * under + COST_NEAR * (close - under) + COST_BETWEEN * between;
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
	struct place_box box = label_box(label, middle), way;
	double distance;

	cost += COST_FAR * hypot(middle.x - label->middle.x, middle.y - label->middle.y);
	if (cost >= *least || !within(p->page, &box))
		return;
	/* What is cheap to find out first: most places are given up early. */
	cost += covered(p, i, &box);
	if (cost >= *least)
		return;
	distance = own_distance(label, &box, &way);
	cost += COST_GAP * (distance + 2 * fmax(distance - NEAR, 0));
	if (cost < *least && distance <= 0)
		cost += COST_HIDDEN * own_hidden(label, &box);
	if (cost < *least)
		cost += lines_cost(p, i, &box, distance > 0 ? &way : NULL);
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

static struct place_box path_bounds(const struct place_label *label)
{
	struct place_box box = { INFINITY, INFINITY, -INFINITY, -INFINITY };

	for (size_t k = 0; k < label->path_count; k++) {
		const struct place_point *at = &label->path[k];

		box.left = fmin(box.left, at->x);
		box.right = fmax(box.right, at->x);
		box.bottom = fmin(box.bottom, at->y);
		box.top = fmax(box.top, at->y);
	}
	return box;
}

void place_labels(struct place_label *labels, size_t count, const struct place_box *obstacles,
		  size_t obstacle_count, const struct place_box *page, bool may_hide)
{
	struct placing p = { labels, count, obstacles, obstacle_count, page };

	/* Where labels lie over each other, the first one stays: it is shown to the others. */
	for (size_t i = 0; i < count; i++) {
		labels[i].shown = false;
		labels[i].bounds = path_bounds(&labels[i]);
	}
	for (size_t i = 0; i < count; i++) {
		struct place_box box = label_box(&labels[i], labels[i].middle), way;

		double distance = own_distance(&labels[i], &box, &way);

		labels[i].shown = labels[i].width > 0 && covered(&p, i, &box) <= COVERS &&
				  within(page, &box) && distance <= NEAR &&
				  own_hidden(&labels[i], &box) <= HIDES &&
				  lines_cost(&p, i, &box, distance > 0 ? &way : NULL) < COST_NEAR;
	}
	for (size_t i = 0; i < count; i++) {
		if (!labels[i].shown && labels[i].width > 0)
			label_place(&p, i, may_hide);
	}
}
