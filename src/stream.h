/* SPDX-License-Identifier: GPL-2.0-only */
/* ipcdump: events and their contents out of the kernel's ring, whole and in order. */
#ifndef IPCMAP_STREAM_H
#define IPCMAP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mechanism.h"

struct stream_event {
	const struct ipc_event *event;
	const uint8_t *contents; /* NULL: none were asked for, or event->reason says why */
	size_t len;
	bool truncated; /* there was more than -B or the buffers let through, or it could not be read */
};

/* Who takes what the stream brings. Each returns 0, or what ends the poll. */
struct stream_sink {
	int (*event)(void *context, const struct stream_event *event);
	int (*lost)(void *context, uint64_t time, int mechanism, uint64_t count);
	void *context;
};

struct stream;

/* events: the descriptor of the ring. 0 or a negative errno. */
int stream_new(int events, const struct stream_sink *sink, struct stream **ret_stream);
void stream_free(struct stream *stream);

/*
 * Takes what waits, at most about `limit` records. Returns how many there were, or the
 * negative errno of the sink.
 */
int stream_poll(struct stream *stream, size_t limit);

/*
 * Nothing came for a while, or nothing will: events whose contents were lost are told
 * as they are, and with `lost` what no record told of.
 */
int stream_settle(struct stream *stream, uint64_t time, const struct ipc_lost *lost);

/* Becomes readable when a good deal waits. */
int stream_fd(const struct stream *stream);

/* For tests: one record, as the ring would bring it. */
int stream_take(void *stream, void *data, size_t size);

#endif
