// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

/* An event that waits for its contents, or what waits behind one. */
struct pending {
	struct ipc_event event; /* record.type IPC_RECORD_LOST: loss alone is set */
	struct ipc_lost loss;
	uint8_t *contents;
	size_t len, capacity;
	bool complete, truncated;
	struct pending *next;
};

/*
 * The contents of an event come with it. Where its last record is missing, since there was no room in
 * the ring, nobody waits longer than this, nor do more than so many events: what is longest there is cut.
 */
#define WAIT_NS 200000000
#define PENDING_MAX 4096

struct stream {
	struct stream_sink sink;
	struct ring_buffer *ring;
	struct pending *first, **end;
	size_t pending_count;
	uint64_t lost[IPC_MECHANISMS]; /* as told so far */
	size_t taken, limit;
	int error;
};

static void pending_free(struct pending *pending)
{
	if (pending)
		free(pending->contents);
	free(pending);
}

/* What was lost since it was last told. */
static int losses_tell(struct stream *stream, uint64_t time, const struct ipc_lost *lost)
{
	int error = 0;

	for (int i = 0; i < IPC_MECHANISMS && !error; i++) {
		if (lost->events[i] <= stream->lost[i])
			continue;
		error = stream->sink.lost(stream->sink.context, time, i, lost->events[i] - stream->lost[i]);
		stream->lost[i] = lost->events[i];
	}
	return error;
}

static int pending_tell(struct stream *stream, const struct pending *pending)
{
	const struct stream_event event = {
		.event = &pending->event,
		.contents = pending->event.flags & IPC_EVENT_CONTENTS ? pending->contents : NULL,
		.len = pending->len,
		.truncated = pending->truncated,
	};

	if (pending->event.record.type == IPC_RECORD_LOST)
		return losses_tell(stream, pending->loss.record.time, &pending->loss);
	return stream->sink.event(stream->sink.context, &event);
}

/* Tells from the first on what is complete. */
static int pending_advance(struct stream *stream)
{
	int error = 0;

	while (!error && stream->first && stream->first->complete) {
		struct pending *first = stream->first;

		error = pending_tell(stream, first);
		stream->first = first->next;
		if (!stream->first)
			stream->end = &stream->first;
		stream->pending_count--;
		pending_free(first);
	}
	return error;
}

static struct pending *pending_add(struct stream *stream)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	if (!pending)
		return NULL;
	*stream->end = pending;
	stream->end = &pending->next;
	stream->pending_count++;
	return pending;
}

/* The first one has waited too long, for what was there at this time. */
static int pending_expire(struct stream *stream, uint64_t time)
{
	int error = 0;

	while (!error && stream->first && (stream->pending_count >= PENDING_MAX ||
					   time > stream->first->event.record.time + WAIT_NS)) {
		stream->first->complete = stream->first->truncated = true;
		error = pending_advance(stream);
	}
	return error;
}

/* The contents of one call come before its thread does anything else. */
static void pending_cut(struct stream *stream, uint32_t tid)
{
	for (struct pending *p = stream->first; p; p = p->next) {
		if (p->complete || p->event.tid != tid)
			continue;
		p->complete = p->truncated = true;
	}
}

static int take_event(struct stream *stream, const struct ipc_event *event)
{
	const struct stream_event now = { .event = event };
	int error = pending_expire(stream, event->record.time);
	struct pending *pending;

	if (error)
		return error;
	if (!stream->first && !(event->flags & IPC_EVENT_CONTENTS))
		return stream->sink.event(stream->sink.context, &now);
	if (event->mechanism != IPC_SIGNAL)
		pending_cut(stream, event->tid);
	pending = pending_add(stream);
	if (!pending)
		return -ENOMEM;
	pending->event = *event;
	pending->complete = !(event->flags & IPC_EVENT_CONTENTS);
	return pending_advance(stream);
}

static int contents_add(struct pending *pending, const struct ipc_contents *chunk)
{
	size_t want = pending->len + chunk->len;

	if (want > pending->capacity || !pending->contents) {
		size_t capacity = 2 * want + 64;
		uint8_t *grown = realloc(pending->contents, capacity);

		if (!grown)
			return -ENOMEM;
		pending->contents = grown;
		pending->capacity = capacity;
	}
	if (chunk->flags & IPC_CONTENTS_MISSING)
		memset(pending->contents + pending->len, 0, chunk->len);
	else
		memcpy(pending->contents + pending->len, chunk->bytes, chunk->len);
	pending->len = want;
	if (chunk->flags & (IPC_CONTENTS_MISSING | IPC_CONTENTS_CUT))
		pending->truncated = true;
	if (chunk->flags & IPC_CONTENTS_LAST) {
		pending->complete = true;
		if (pending->len < pending->event.bytes)
			pending->truncated = true;
	}
	return 0;
}

static int take_contents(struct stream *stream, const struct ipc_contents *chunk)
{
	struct pending *p = stream->first;
	int error;

	while (p && (p->complete || p->event.tid != chunk->tid ||
		     IPC_EVENT_ID(p->event.record.time) != chunk->event))
		p = p->next;
	if (!p)
		return 0; /* of an event that was cut */
	error = contents_add(p, chunk);
	return error ? error : pending_advance(stream);
}

static int take_lost(struct stream *stream, const struct ipc_lost *lost)
{
	struct pending *pending;

	if (!stream->first)
		return losses_tell(stream, lost->record.time, lost);
	pending = pending_add(stream);
	if (!pending)
		return -ENOMEM;
	pending->event.record.type = IPC_RECORD_LOST;
	pending->loss = *lost;
	pending->complete = true;
	return 0;
}

static int record_take(struct stream *stream, const struct ipc_record *record, size_t size)
{
	const struct ipc_contents *chunk = (const void *)record;
	const struct ipc_event *event = (const void *)record;

	switch (record->type) {
	case IPC_RECORD_EVENT:
		if (size < sizeof(*event) || event->mechanism >= IPC_MECHANISMS)
			return 0;
		return take_event(stream, event);
	case IPC_RECORD_CONTENTS:
		if (size < sizeof(*chunk) || chunk->len > size - sizeof(*chunk))
			return 0;
		return take_contents(stream, chunk);
	case IPC_RECORD_LOST:
		return size >= sizeof(struct ipc_lost) ? take_lost(stream, (const void *)record) : 0;
	default:
		return 0;
	}
}

/* The callback of libbpf; an error ends its loop, and this record counts as taken. */
int stream_take(void *context, void *data, size_t size)
{
	struct stream *stream = context;

	if (size < sizeof(struct ipc_record))
		return 0;
	stream->error = record_take(stream, data, size);
	if (stream->error)
		return stream->error;
	return ++stream->taken >= stream->limit ? -EAGAIN : 0;
}

int stream_new(int events, const struct stream_sink *sink, struct stream **ret_stream)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return -ENOMEM;
	stream->sink = *sink;
	stream->end = &stream->first;
	stream->limit = SIZE_MAX;
	if (events >= 0) {
		stream->ring = ring_buffer__new(events, stream_take, stream, NULL);
		if (!stream->ring) {
			int error = -errno;

			free(stream);
			return error;
		}
	}
	*ret_stream = stream;
	return 0;
}

int stream_poll(struct stream *stream, size_t limit)
{
	int taken;

	stream->taken = 0;
	stream->limit = limit;
	stream->error = 0;
	taken = ring_buffer__consume(stream->ring);
	if (stream->error)
		return stream->error;
	return taken < 0 && taken != -EAGAIN ? taken : (int)stream->taken;
}

int stream_settle(struct stream *stream, uint64_t time, const struct ipc_lost *lost)
{
	int error;

	for (struct pending *p = stream->first; p; p = p->next) {
		p->truncated |= !p->complete;
		p->complete = true;
	}
	error = pending_advance(stream);
	return error || !lost ? error : losses_tell(stream, time, lost);
}

int stream_fd(const struct stream *stream)
{
	return ring_buffer__epoll_fd(stream->ring);
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	while (stream->first) {
		struct pending *next = stream->first->next;

		pending_free(stream->first);
		stream->first = next;
	}
	ring_buffer__free(stream->ring);
	free(stream);
}
