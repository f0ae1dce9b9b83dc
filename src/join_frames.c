// SPDX-License-Identifier: GPL-2.0-only
#include "join_frames.h"

#include <errno.h>
#include <stdlib.h>

/* One of the figures of a step, as offset into it: the same code divides ops and bytes. */
struct figures {
	uint64_t ops, bytes;
};

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void step_give(struct edge_step *step, bool received, uint64_t ops, uint64_t bytes)
{
	if (received) {
		step->received_ops += ops;
		step->received_bytes += bytes;
	} else {
		step->ops += ops;
		step->bytes += bytes;
	}
}

/* Takes as much as is wanted from a party's series, from its front or its back; returns what it lacked. */
static struct figures series_take(struct series *series, struct figures wanted, bool from_back, bool received,
				  struct edge_step *steps)
{
	for (size_t i = 0; i < series->count && (wanted.ops || wanted.bytes); i++) {
		struct step *step = &series->steps[from_back ? series->count - 1 - i : i];
		uint64_t ops = smaller(step->ops, wanted.ops), bytes = smaller(step->bytes, wanted.bytes);

		step->ops -= ops;
		step->bytes -= bytes;
		wanted.ops -= ops;
		wanted.bytes -= bytes;
		step_give(&steps[step->frame], received, ops, bytes);
	}
	return wanted;
}

/* The other half of an edge of which only one is known, in the frames of that one. */
static struct figures steps_mirror(struct edge_step *steps, size_t count, struct figures wanted, bool received)
{
	for (size_t i = 0; i < count && (wanted.ops || wanted.bytes); i++) {
		struct edge_step *step = &steps[i];
		uint64_t ops = smaller(received ? step->ops : step->received_ops, wanted.ops);
		uint64_t bytes = smaller(received ? step->bytes : step->received_bytes, wanted.bytes);

		wanted.ops -= ops;
		wanted.bytes -= bytes;
		step_give(step, received, ops, bytes);
	}
	return wanted;
}

static void edge_divide(const struct link_edge *edge, const struct frame *frames, size_t frame_count,
			struct edge_step *steps)
{
	struct figures sent = { edge->ops, edge->bytes };
	struct figures read = { edge->received_ops, edge->received_bytes };
	size_t last = 0;
	bool back = edge->attribution == ATTRIBUTION_UNDELIVERED || edge->attribution == ATTRIBUTION_HUB;

	if (edge->from)
		sent = series_take((struct series *)&edge->from->series, sent, back, false, steps);
	if (edge->to)
		read = series_take((struct series *)&edge->to->series, read, false, true, steps);
	if (!edge->from)
		sent = steps_mirror(steps, frame_count, sent, false);
	if (!edge->to)
		read = steps_mirror(steps, frame_count, read, true);
	/* What no party's figures say when: at its end. */
	while (last + 1 < frame_count && frames[last].end < edge->last)
		last++;
	step_give(&steps[last], false, sent.ops, sent.bytes);
	step_give(&steps[last], true, read.ops, read.bytes);
}

/* Who takes first: the oldest, the youngest, then the rest. */
static int turn_of(const struct link_edge *edge)
{
	switch (edge->attribution) {
	case ATTRIBUTION_EARLIER: return 0;
	case ATTRIBUTION_UNDELIVERED: return 1;
	case ATTRIBUTION_HUB: return 2;
	default: return 3;
	}
}

static bool step_moved(const struct edge_step *step)
{
	return step->ops || step->bytes || step->received_ops || step->received_bytes;
}

/* Keeps the frames in which anything moved, of many, and leaves all empty. */
static int steps_keep(struct edge_step *steps, size_t frame_count, struct divided *ret_kept)
{
	size_t count = 0;

	for (size_t i = 0; i < frame_count; i++)
		count += step_moved(&steps[i]);
	ret_kept->steps = calloc(count + 1, sizeof(*ret_kept->steps));
	if (!ret_kept->steps)
		return -ENOMEM;
	for (size_t i = 0; i < frame_count; i++) {
		if (!step_moved(&steps[i]))
			continue;
		ret_kept->steps[ret_kept->count++] = steps[i];
		steps[i] = (struct edge_step){ .frame = i };
	}
	return 0;
}

int frames_divide(const struct link_edges *edges, const struct frame *frames, size_t frame_count,
		  struct divided *ret_steps)
{
	struct edge_step *steps = calloc(frame_count, sizeof(*steps));
	int error = steps ? 0 : -ENOMEM;

	for (size_t k = 0; steps && k < frame_count; k++)
		steps[k].frame = k;
	for (int turn = 0; turn < 4; turn++) {
		for (size_t i = 0; i < edges->count && !error; i++) {
			if (turn_of(&edges->edges[i]) != turn)
				continue;
			edge_divide(&edges->edges[i], frames, frame_count, steps);
			error = steps_keep(steps, frame_count, &ret_steps[i]);
		}
	}
	free(steps);
	return error;
}
