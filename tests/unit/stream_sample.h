/* SPDX-License-Identifier: GPL-2.0-only */
/* Records as the kernel side writes them, for tests of the stream. */
#ifndef STREAM_SAMPLE_H
#define STREAM_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stream_capture.h"
#include "stream_format.h"
#include "stream_pcap.h"

/* 2026-11-24T03:17:22.000000009Z, less what records carry. */
#define SAMPLE_WALL 1795490242000000000ULL

static inline struct ipc_event event_sample(uint8_t mechanism, uint64_t time)
{
	struct ipc_event event = {
		.record = { .type = IPC_RECORD_EVENT, .size = sizeof(event), .time = time },
		.object = 42, .src_start = 100, .dst_start = 200, .bytes = 5,
		.src_tgid = 10, .dst_tgid = 20, .tid = 21, .mechanism = mechanism,
		.flags = IPC_EVENT_SENDER, .src_comm = "writer", .dst_comm = "reader",
	};

	return event;
}

static inline struct ipc_event signal_sample(uint64_t time)
{
	struct ipc_event event = event_sample(IPC_SIGNAL, time);

	event.object = event.dst_start;
	event.remote = 15ULL << 32 | event.dst_tgid;
	event.bytes = 0;
	event.flags |= IPC_EVENT_QUEUED;
	return event;
}

/* A chunk of contents; the caller frees it. */
static inline struct ipc_contents *contents_sample(const struct ipc_event *event, uint64_t offset, const char *text,
						   uint8_t flags)
{
	struct ipc_contents *chunk = calloc(1, sizeof(*chunk) + 64);

	assert_non_null(chunk);
	chunk->record.type = IPC_RECORD_CONTENTS;
	chunk->record.size = sizeof(*chunk) + 64;
	chunk->offset = offset;
	chunk->tid = event->tid;
	chunk->event = IPC_EVENT_ID(event->record.time);
	chunk->len = strlen(text);
	chunk->flags = flags;
	memcpy(chunk->bytes, text, chunk->len);
	return chunk;
}

#endif
