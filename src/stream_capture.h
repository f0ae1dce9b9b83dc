/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ipcdump -f json: what comes before and after the events, so that `ipcmap render` can
 * fold the stream to the map that tracing would have made. Of what was read the events
 * tell; the end adds what was sent, and what was read that no event told of.
 */
#ifndef IPCMAP_STREAM_CAPTURE_H
#define IPCMAP_STREAM_CAPTURE_H

#include "capture.h"
#include "map.h"
#include "out.h"

/* What events told of each flow. */
struct stream_tally {
	struct tally_row *rows; /* uthash */
};

/* Counts an event that was written. 0 or -ENOMEM. */
int stream_tally_add(struct stream_tally *tally, const struct ipc_event *event);
void stream_tally_done(struct stream_tally *tally);

/*
 * started: CLOCK_REALTIME when the window opened, "2026-11-24T03:17:22.123456789Z".
 * traced: bits of enum ipc_mechanism.
 */
void stream_capture_begin(struct out *out, const struct capture *capture, uint32_t traced, const char *started);

/* After trace_end(), which filled capture and head. */
int stream_capture_end(struct out *out, struct capture *capture, const struct map *head,
		       const struct stream_tally *tally);

/*
 * The number of an object in JSON. That of a pty is a kernel address, which is nobody's
 * business: a number instead that stands for it in this stream.
 */
uint64_t stream_object_number(uint8_t mechanism, uint64_t object);

/* The lists of descriptors of a capture, by the number that a line of "held" has. NULL: none. */
#define STREAM_LISTS 6
struct descriptor_list *stream_list(struct capture *capture, unsigned int which);

#endif
