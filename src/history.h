/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The window cut into frames. The fold map is read at each cut and never
 * emptied for it: a frame is what a flow grew by since the cut before.
 */
#ifndef IPCMAP_HISTORY_H
#define IPCMAP_HISTORY_H

#include "capture.h"
#include "series.h"

struct flow_history {
	struct ipc_flow_key key;
	uint64_t ops, bytes;	     /* up to the last cut */
	uint64_t now_ops, now_bytes; /* so far in the cut that is being made */
	struct series series;
	UT_hash_handle hh;
};

/* Begins a cut at a time (ns, CLOCK_MONOTONIC). 0 or -ENOMEM. */
int history_begin(struct capture *capture, uint64_t time);

/* Tells what a flow, or a part of it, has come to since the window opened. 0 or -ENOMEM. */
int history_tell(struct capture *capture, const struct ipc_flow_key *key, uint64_t ops, uint64_t bytes);

/* Ends the cut: the frame is what all grew by. 0 or -ENOMEM. */
int history_end(struct capture *capture);

/* What a flow had come to at the last cut. false: nothing. */
bool history_told(const struct capture *capture, const struct ipc_flow_key *key, uint64_t *ret_ops,
		  uint64_t *ret_bytes);

/* What a flow did frame by frame; NULL: nothing, or there are no frames. */
const struct series *history_of(const struct capture *capture, const struct ipc_flow_key *key);

void history_done(struct capture *capture);

#endif
