// SPDX-License-Identifier: GPL-2.0-only
#include "newcomers.h"

#include <math.h>

#define GAP_ACROSS 44.0 /* between nodes: a line has a label */
#define GAP_DOWN 20.0
#define FRAME_MARGIN 10.0
#define STEP 12.0	/* from one tried place to the next */
#define RINGS 400	/* so far around the place it wants */
#define COST_GROWTH 2.0 /* per point by which the paper would grow, beside points of distance */

static struct place_box node_box(const struct fit_node *node, struct place_point at, double gap, double down)
{
	return (struct place_box){
		.left = at.x - node->width / 2 - gap,
		.right = at.x + node->width / 2 + gap,
		.bottom = at.y - node->height / 2 - down,
		.top = at.y + node->height / 2 + down,
	};
}

static bool overlap(const struct place_box *a, const struct place_box *b)
{
	return a->left < b->right && b->left < a->right && a->bottom < b->top && b->bottom < a->top;
}

static struct place_box join(const struct place_box *a, const struct place_box *b)
{
	return (struct place_box){
		.left = fmin(a->left, b->left),
		.right = fmax(a->right, b->right),
		.bottom = fmin(a->bottom, b->bottom),
		.top = fmax(a->top, b->top),
	};
}

/* The frame of a node as it would be with the node there. */
static struct place_box frame_grown(const struct fit *fit, const struct fit_node *node, struct place_point at)
{
	const struct fit_frame *frame = &fit->frames[node->frame];
	struct place_box box = node_box(node, at, FRAME_MARGIN, FRAME_MARGIN);

	box.top += frame->title;
	return frame->there ? join(&frame->box, &box) : box;
}

/* Where its neighbours would have it: as far from them as in the fresh layout. */
static struct place_point wanted(const struct fit *fit, size_t i, size_t *ret_neighbours)
{
	const struct fit_node *node = &fit->nodes[i];
	struct place_point at = { 0, 0 };
	size_t count = 0;

	for (size_t k = 0; k < fit->link_count; k++) {
		const struct fit_link *link = &fit->links[k];
		const struct fit_node *other;

		if ((link->a != i && link->b != i) || link->a == link->b)
			continue;
		other = &fit->nodes[link->a == i ? link->b : link->a];
		if (!other->placed)
			continue;
		at.x += other->at.x + node->fresh.x - other->fresh.x;
		at.y += other->at.y + node->fresh.y - other->fresh.y;
		count++;
	}
	*ret_neighbours = count;
	if (!count)
		return node->fresh;
	return (struct place_point){ at.x / (double)count, at.y / (double)count };
}

/* Whether a box lies over something that is none of the frame's that it is of. */
static bool box_is_free(const struct fit *fit, const struct place_box *box, size_t node, bool is_frame)
{
	size_t frame = fit->nodes[node].frame;

	for (size_t i = 0; i < fit->node_count; i++) {
		const struct fit_node *other = &fit->nodes[i];
		struct place_box taken;

		if (!other->placed || i == node || (is_frame && other->frame == frame))
			continue;
		taken = node_box(other, other->at, is_frame ? 2 : 0, is_frame ? 2 : 0);
		if (overlap(box, &taken))
			return false;
	}
	for (size_t i = 0; i < fit->frame_count; i++) {
		if (i != frame && fit->frames[i].there && overlap(box, &fit->frames[i].box))
			return false;
	}
	for (size_t i = 0; !is_frame && i < fit->obstacle_count; i++) {
		if (overlap(box, &fit->obstacles[i]))
			return false;
	}
	return true;
}

/* What a place costs; infinity: it is taken. */
static double place_cost(const struct fit *fit, size_t i, struct place_point at, struct place_point want)
{
	const struct fit_node *node = &fit->nodes[i];
	struct place_box box = node_box(node, at, GAP_ACROSS, GAP_DOWN), outer = node_box(node, at, 2, 2);

	if (!box_is_free(fit, &box, i, false))
		return INFINITY;
	if (node->frame != FIT_NO_FRAME) {
		outer = frame_grown(fit, node, at);
		if (!box_is_free(fit, &outer, i, true))
			return INFINITY;
	}
	/* Those two sides are where the picture begins: they stay where they are. */
	if (outer.left < fit->page.left || outer.top > fit->page.top)
		return INFINITY;
	return hypot(at.x - want.x, at.y - want.y) +
	       COST_GROWTH * (fmax(outer.right - fit->page.right, 0) + fmax(fit->page.bottom - outer.bottom, 0));
}

static void place_try(const struct fit *fit, size_t i, struct place_point at, struct place_point want,
		      struct place_point *best, double *least)
{
	double cost = place_cost(fit, i, at, want);

	if (cost >= *least)
		return;
	*least = cost;
	*best = at;
}

/* In squares around the place it wants, until no farther one can be cheaper. */
static struct place_point place_search(const struct fit *fit, size_t i, struct place_point want)
{
	struct place_point best = { want.x, fit->page.bottom - GAP_DOWN - fit->nodes[i].height };
	double least = INFINITY;

	for (int ring = 0; ring < RINGS && ring * STEP < least; ring++) {
		for (int k = -ring; k <= ring; k++) {
			double far = ring * STEP, along = k * STEP;

			place_try(fit, i, (struct place_point){ want.x + along, want.y - far }, want, &best, &least);
			place_try(fit, i, (struct place_point){ want.x + along, want.y + far }, want, &best, &least);
			place_try(fit, i, (struct place_point){ want.x - far, want.y + along }, want, &best, &least);
			place_try(fit, i, (struct place_point){ want.x + far, want.y + along }, want, &best, &least);
		}
	}
	return best;
}

static void node_fit(struct fit *fit, size_t i, struct place_point want)
{
	struct fit_node *node = &fit->nodes[i];
	struct place_box box;

	node->at = place_search(fit, i, want);
	node->at = (struct place_point){ round(node->at.x), round(node->at.y) };
	node->placed = true;
	box = node_box(node, node->at, 2, 2);
	if (node->frame != FIT_NO_FRAME) {
		struct fit_frame *frame = &fit->frames[node->frame];

		frame->box = frame_grown(fit, node, node->at);
		frame->there = true;
		box = frame->box;
	}
	fit->page = join(&fit->page, &box);
}

void fit_newcomers(struct fit *fit)
{
	for (;;) {
		size_t next = fit->node_count, most = 0;
		struct place_point want = { 0, 0 };

		/* First who knows most of those that are there. */
		for (size_t i = 0; i < fit->node_count; i++) {
			size_t neighbours = 0;
			struct place_point at;

			if (fit->nodes[i].placed)
				continue;
			at = wanted(fit, i, &neighbours);
			if (next == fit->node_count || neighbours > most) {
				next = i;
				most = neighbours;
				want = at;
			}
		}
		if (next == fit->node_count)
			return;
		node_fit(fit, next, want);
	}
}
