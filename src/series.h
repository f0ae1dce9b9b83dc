/* SPDX-License-Identifier: GPL-2.0-only */
/* What was moved, frame by frame: only frames in which anything was. */
#ifndef IPCMAP_SERIES_H
#define IPCMAP_SERIES_H

#include <stddef.h>
#include <stdint.h>

struct step {
	uint32_t frame;
	uint64_t ops, bytes;
};

/* Steps in the order of their frames. Zeroed: empty. Owns its steps. */
struct series {
	struct step *steps;
	size_t count;
};

/* Adds to a frame, the last one or a later one. 0 or -ENOMEM. */
int series_add(struct series *series, uint32_t frame, uint64_t ops, uint64_t bytes);

/* Adds what another series has. 0 or -ENOMEM. */
int series_merge(struct series *to, const struct series *from);

/* A copy that the caller frees with series_done(). 0 or -ENOMEM. */
int series_copy(struct series *to, const struct series *from);

void series_done(struct series *series);

#endif
