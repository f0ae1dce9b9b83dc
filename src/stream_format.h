/* SPDX-License-Identifier: GPL-2.0-only */
/* ipcdump: how events look, one row per format. */
#ifndef IPCMAP_STREAM_FORMAT_H
#define IPCMAP_STREAM_FORMAT_H

#include "out.h"
#include "stream.h"
#include "stream_names.h"

struct stream_writer {
	struct out out;
	struct stream_names *names;
	uint64_t wall_offset; /* of CLOCK_REALTIME from what records carry, ns */
	bool contents;	      /* -x */
	bool colours;
	/* Clock text of the second that was last asked for. */
	uint64_t second;
	char clock[32];
};

struct stream_format {
	const char *name, *about;
	void (*begin)(struct stream_writer *writer); /* or NULL */
	void (*event)(struct stream_writer *writer, const struct stream_event *event);
	void (*lost)(struct stream_writer *writer, uint64_t time, int mechanism, uint64_t count);
};

/* Ended by a row without a name; the first is the default. */
extern const struct stream_format stream_formats[];

const struct stream_format *stream_format_find(const char *name);

/* Writes the time of a record as "2026-11-24T03:17:22.123456789Z" or, local, "03:17:22.123456789". */
void stream_time(struct stream_writer *writer, uint64_t time, bool local);

/* Is this an event that has contents to show? */
bool stream_has_contents(const struct stream_event *event);

/* Why it has not: "spliced"; or NULL. */
const char *stream_reason(const struct stream_event *event);

/* Why its source is not known: "shared", "earlier", "unseen"; NULL: it is. */
const char *stream_source_reason(const struct ipc_event *event);

void stream_json_event(struct stream_writer *writer, const struct stream_event *event);
void stream_json_lost(struct stream_writer *writer, uint64_t time, int mechanism, uint64_t count);

#endif
