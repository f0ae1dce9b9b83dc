// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel side sends, made up: records of the two rings, flows, and descriptors
 * of the inventory. A map is made of it, written, and read; the stream is written in
 * every format, and its JSON read.
 *
 * The input is a list: a byte that says what (enum item), two that say how many bytes
 * follow (little-endian), and these, which are the begin of that record, its header left out;
 * the rest of it is zeroes. ITEM_RAW: a record as it is, header and all.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/collect.h"
#include "../../src/emit.h"
#include "../../src/join.h"
#include "../../src/stream.h"
#include "../../src/stream_capture.h"
#include "../../src/stream_format.h"
#include "../../src/stream_pcap.h"
#include "../../src/stream_read.h"

#define SECOND 1000000000ULL
#define CONTENTS_ROOM 256
#define BYTES_MAX (1 << 20)
#define ITEMS_MAX 200 /* what an output's buffer has room for */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Up to IPC_RECORD_LOST the number is the record's type. */
enum item {
	ITEM_RAW = IPC_RECORD_LOST + 1,
	ITEM_FLOW,
	ITEM_AT_START,
	ITEM_AT_END,
	ITEM_WEIGHED_FIRST,
	ITEM_WEIGHED_LAST,
	ITEM_WRITING_FIRST,
	ITEM_WRITING_LAST,
	ITEMS
};

struct world {
	struct capture capture;
	struct collector collector;
	struct stream *stream;
	struct stream_names names;
	struct stream_writer writers[3];
	struct stream_pcap pcap;
	struct stream_tally tally;
};

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

static int event_told(void *context, const struct stream_event *event)
{
	struct world *world = context;

	for (size_t i = 0; i < 3; i++)
		stream_formats[i].event(&world->writers[i], event);
	pcap_event(&world->pcap, event);
	return stream_tally_add(&world->tally, event->event);
}

static int lost_told(void *context, uint64_t time, int mechanism, uint64_t count)
{
	struct world *world = context;

	for (size_t i = 0; i < 3; i++)
		stream_formats[i].lost(&world->writers[i], time, mechanism, count);
	return 0;
}

/* Output into memory: nothing is written below the room that was asked for. */
static void out_begin(struct out *out)
{
	require(out_open(out, -1) == 0, "out of memory");
}

static void world_begin(struct world *world)
{
	const struct stream_sink sink = { .event = event_told, .lost = lost_told, .context = world };

	world->capture = (struct capture){ .started = 1000 * SECOND, .ended = 1030 * SECOND,
					   .nested = true, .weighed = true };
	world->collector.capture = &world->capture;
	world->names.capture = &world->capture;
	require(stream_new(-1, &sink, &world->stream) == 0, "out of memory");
	for (size_t i = 0; i < 3; i++) {
		struct stream_writer *writer = &world->writers[i];

		out_begin(&writer->out);
		writer->names = &world->names;
		writer->contents = true;
		if (stream_formats[i].begin)
			stream_formats[i].begin(writer);
	}
	out_begin(&world->pcap.out);
	world->pcap.names = &world->names;
	pcap_begin(&world->pcap);
}

static void world_done(struct world *world)
{
	for (size_t i = 0; i < 3; i++)
		out_close(&world->writers[i].out);
	pcap_done(&world->pcap);
	stream_free(world->stream);
	stream_names_done(&world->names);
	stream_tally_done(&world->tally);
	capture_done(&world->capture);
}

static size_t record_size(uint8_t item)
{
	switch (item) {
	case IPC_RECORD_OBJECT: return sizeof(struct ipc_object);
	case IPC_RECORD_PATH: return sizeof(struct ipc_object_path);
	case IPC_RECORD_EVENT: return sizeof(struct ipc_event);
	case IPC_RECORD_CONTENTS: return sizeof(struct ipc_contents) + CONTENTS_ROOM;
	case IPC_RECORD_LOST: return sizeof(struct ipc_lost);
	case IPC_RECORD_EXEC: return sizeof(struct ipc_process);
	default: return IPC_PROCESS_BRIEF;
	}
}

/* Into a block of its own, so that reading beyond it is seen. */
static void record_take(struct world *world, uint8_t item, const uint8_t *bytes, size_t len)
{
	size_t head = item == ITEM_RAW ? 0 : offsetof(struct ipc_record, time);
	size_t size = item == ITEM_RAW ? len : record_size(item);
	struct ipc_record *record = calloc(1, size ? size : 1);

	require(record != NULL, "out of memory");
	memcpy((uint8_t *)record + head, bytes, len < size - head ? len : size - head);
	if (item != ITEM_RAW)
		*record = (struct ipc_record){ .type = item, .size = size, .time = record->time };
	/* Nothing of this machine: /proc is asked for numbers of its own alone. */
	if (size >= IPC_PROCESS_BRIEF)
		((struct ipc_process *)record)->number = 0;
	/* As packets these are many; a call moves 2 GiB at most. */
	if (size >= sizeof(struct ipc_event) && record->type == IPC_RECORD_EVENT)
		((struct ipc_event *)record)->bytes %= BYTES_MAX;
	collector_take(&world->collector, record, size);
	stream_take(world->stream, record, size);
	free(record);
}

static void flow_take(struct world *world, const uint8_t *bytes, size_t len)
{
	struct capture_flow flow = { 0 };

	memcpy(&flow, bytes, len < sizeof(flow) ? len : sizeof(flow));
	if (flow.key.mechanism >= IPC_MECHANISMS || flow.key.direction > IPC_RX)
		return;
	require(capture_add_flow(&world->capture, &flow) == 0, "out of memory");
}

static void descriptor_take(struct world *world, uint8_t item, const uint8_t *bytes, size_t len)
{
	struct capture *capture = &world->capture;
	struct descriptor_list *const lists[] = {
		&capture->at_start, &capture->at_end, &capture->weighed_first, &capture->weighed_last,
		&capture->writing_first, &capture->writing_last,
	};
	struct ipc_descriptor descriptor = { 0 };

	memcpy(&descriptor, bytes, len < sizeof(descriptor) ? len : sizeof(descriptor));
	if (descriptor.object.mechanism >= IPC_MECHANISMS)
		return;
	require(capture_add_object(capture, &descriptor.object, item == ITEM_AT_START) == 0, "out of memory");
	require(capture_add_descriptor(lists[item - ITEM_AT_START], &descriptor) == 0, "out of memory");
}

static void items_take(struct world *world, const uint8_t *data, size_t size)
{
	for (int i = 0; size >= 3 && i < ITEMS_MAX; i++) {
		uint8_t item = data[0] % ITEMS;
		size_t len = data[1] | data[2] << 8;

		data += 3;
		size -= 3;
		if (len > size)
			len = size;
		if (item <= ITEM_RAW)
			record_take(world, item, data, len);
		else if (item == ITEM_FLOW)
			flow_take(world, data, len);
		else
			descriptor_take(world, item, data, len);
		data += len;
		size -= len;
	}
}

static struct map *head_make(void)
{
	struct map *map = map_new();

	require(map != NULL, "out of memory");
	map->host = strdup("fuzz");
	map->kernel = strdup("6.18");
	map->started = strdup("2026-11-24T00:00:00.000Z");
	map->duration = 30;
	map->completeness.mechanisms = calloc(IPC_MECHANISMS, sizeof(*map->completeness.mechanisms));
	require(map->completeness.mechanisms != NULL, "out of memory");
	map->completeness.mechanism_count = IPC_MECHANISMS;
	for (int i = 0; i < IPC_MECHANISMS; i++) {
		map->completeness.mechanisms[i].mechanism = strdup(mechanisms[i].name);
		map->completeness.mechanisms[i].state = strdup("traced");
		map->completeness.mechanisms[i].hooks = strdup("tracepoint");
	}
	return map;
}

static void map_check(const struct map *map)
{
	struct emitted once = { 0 }, twice = { 0 };
	struct map *again = NULL;
	char *error = NULL;

	require(emit_json(map, NULL, &once, &error) == 0, "write");
	require(map_from_json(once.data, once.size, &again, &error) == 0, error ? error : "read");
	require(emit_json(again, NULL, &twice, &error) == 0, "write again");
	require(once.size == twice.size && !memcmp(once.data, twice.data, once.size), "written alike");
	map_free(again);
	free(once.data);
	free(twice.data);
}

/* The stream as JSON, closed, is a map too, or refused in clear words. */
static void stream_check(struct world *world)
{
	struct out *out = &world->writers[1].out, all;
	struct map *head = head_make(), *map = NULL;
	char *error = NULL;

	out_begin(&all);
	stream_capture_begin(&all, &world->capture, (1U << IPC_MECHANISMS) - 1, "2026-11-24T00:00:00.000000000Z");
	out_bytes(&all, out->data, out->len);
	require(stream_capture_end(&all, &world->capture, head, &world->tally) == 0, "the stream's end");
	/* No kernel has such numbers as may be in there: the reader may refuse them. */
	if (map_from_stream(all.data, all.len, &map, &error))
		require(error && *error && !strpbrk(error, "\n\033"), "one clear line");
	else
		map_check(map);
	free(error);
	map_free(map);
	map_free(head);
	out_close(&all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct join_options options = { .idle = true, .self = true, .external = true };
	struct world world = { 0 };
	struct map *map = head_make();

	world_begin(&world);
	items_take(&world, data, size);
	require(stream_settle(world.stream, world.capture.ended, NULL) == 0, "settle");
	capture_merge_flows(&world.capture);
	stream_check(&world);
	require(join(&world.capture, &options, map) == 0, "join");
	require(map_sort(map) == 0, "sort");
	map_check(map);
	map_free(map);
	world_done(&world);
	return 0;
}
