// SPDX-License-Identifier: GPL-2.0-only
#include "place.h"

#include <math.h>

#define GAP 1.0		 /* around a label, points */
#define STEPS 24	 /* places tried along a line */
#define BESIDE 2.0	 /* from the line, where the label is not on it */
#define LINES_COUNTED 250 /* above, what lines a label lies on is not looked at */

/* Of a place: by the area of what it covers, then by what it does to readers. */
#define COST_LINE 100.0 /* per line under it */
#define LINE_OWN 0.3	/* of another line: its own is seen on both sides */
#define COST_FAR 0.02	/* per point of distance from where Graphviz put it */
#define COST_BESIDE 1.0
#define COVERS 1.0 /* above so much, it covers something */

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

/* Whether a piece of a line crosses a box: what is left of it between the four sides. */
static bool box_crossed(const struct place_box *box, const struct place_point *from,
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
			return false;
	}
	return enter < leave;
}

/* Lines under a label: whose figures are these? */
static double lines_under(const struct placing *p, size_t i, const struct place_box *box)
{
	double lines = 0;

	if (p->count > LINES_COUNTED)
		return 0;
	for (size_t j = 0; j < p->count; j++) {
		const struct place_label *label = &p->labels[j];
		size_t k = 1;

		while (k < label->path_count &&
		       !box_crossed(box, &label->path[k - 1], &label->path[k]))
			k++;
		if (k < label->path_count)
			lines += j == i ? LINE_OWN : 1;
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
	cost += covered(p, i, &box);
	if (cost < *least)
		cost += COST_LINE * lines_under(p, i, &box);
	if (cost >= *least)
		return;
	*least = cost;
	*best = middle;
}

/* On the line, above it and below it, from its middle to its ends. */
static void label_place(const struct placing *p, size_t i, bool may_hide)
{
	struct place_label *label = &p->labels[i];
	double up = label->height / 2 + GAP + BESIDE, least = INFINITY;
	struct place_point best = label->middle;
	struct place_box box;

	place_try(p, i, label->middle, 0, &best, &least);
	for (int step = 1; label->path_count > 0 && step < STEPS; step++) {
		const struct place_point *at =
			&label->path[label->path_count * (size_t)step / STEPS];

		place_try(p, i, *at, 0, &best, &least);
		/* Twice as far where a short line has another label beside it. */
		for (int far = 1; far <= 2; far++) {
			place_try(p, i, (struct place_point){ at->x, at->y + far * up },
				  far * COST_BESIDE, &best, &least);
			place_try(p, i, (struct place_point){ at->x, at->y - far * up },
				  far * COST_BESIDE, &best, &least);
		}
	}
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
				  lines_under(&p, i, &box) < 1;
	}
	for (size_t i = 0; i < count; i++) {
		if (!labels[i].shown)
			label_place(&p, i, may_hide);
	}
}
