// SPDX-License-Identifier: GPL-2.0-only
#include "series.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int series_add(struct series *series, uint32_t frame, uint64_t ops, uint64_t bytes)
{
	struct step *last = series->count ? &series->steps[series->count - 1] : NULL, *grown;

	if (!ops && !bytes)
		return 0;
	if (last && last->frame == frame) {
		last->ops += ops;
		last->bytes += bytes;
		return 0;
	}
	/* Doubles whenever the count is a power of two: no capacity to keep. */
	if (!(series->count & (series->count - 1))) {
		size_t capacity = series->count ? 2 * series->count : 1;

		grown = reallocarray(series->steps, capacity, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		series->steps = grown;
	}
	series->steps[series->count++] = (struct step){ .frame = frame, .ops = ops, .bytes = bytes };
	return 0;
}

int series_merge(struct series *to, const struct series *from)
{
	struct series merged = { 0 };
	size_t a = 0, b = 0;
	int error = 0;

	while (!error && (a < to->count || b < from->count)) {
		const struct step *step;

		if (b == from->count || (a < to->count && to->steps[a].frame <= from->steps[b].frame))
			step = &to->steps[a++];
		else
			step = &from->steps[b++];
		error = series_add(&merged, step->frame, step->ops, step->bytes);
	}
	if (error) {
		series_done(&merged);
		return error;
	}
	series_done(to);
	*to = merged;
	return 0;
}

int series_copy(struct series *to, const struct series *from)
{
	*to = (struct series){ 0 };
	return series_merge(to, from);
}

void series_done(struct series *series)
{
	free(series->steps);
	*series = (struct series){ 0 };
}
