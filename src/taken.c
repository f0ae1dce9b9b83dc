// SPDX-License-Identifier: GPL-2.0-only
/* Who took whose bytes: the kernel side's maps into a capture. */
#include "collect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

static int shared_add(struct capture *capture, const struct ipc_shared_pipe *pipe)
{
	struct capture_shared *grown = reallocarray(capture->shared, capture->shared_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	capture->shared = grown;
	grown[capture->shared_count++] = (struct capture_shared){
		.object = object_key(pipe->mechanism, pipe->object, pipe->remote),
		.first = { .start = pipe->start, .tgid = pipe->tgid },
	};
	return 0;
}

/* Its pipe, if a flow told which one it is. */
static bool taken_locate(const struct loader *loader, struct capture_taken *taken, const struct ipc_taken_key *key)
{
	struct ipc_shared_pipe pipe;

	if (bpf_map_lookup_elem(loader->shared_pipes, &key->pipe, &pipe) || !pipe.named)
		return false;
	taken->object = object_key(pipe.mechanism, pipe.object, pipe.remote);
	return true;
}

static int taken_add(struct collector *collector, const struct ipc_taken_key *key, const struct ipc_taken *value)
{
	struct capture *capture = collector->capture;
	struct capture_taken *grown = reallocarray(capture->taken, capture->taken_count + 1, sizeof(*grown));
	struct capture_taken taken = {
		.by = { .start = key->start, .tgid = key->tgid },
		.from = { .start = key->from_start, .tgid = key->from_tgid },
		.ops = value->ops, .bytes = value->bytes, .received = value->bytes,
		.section = value->section, .last_bytes = value->last_bytes,
	};

	if (!grown)
		return -ENOMEM;
	capture->taken = grown;
	if (taken_locate(collector->loader, &taken, key))
		grown[capture->taken_count++] = taken;
	return 0;
}

/* What comes after a key that is not there, as nobody's, is the first (htab_map_get_next_key()). */
static const struct ipc_taken_key no_taken;

/* Those that have a place of their own, and then the rest. */
static int taken_read(struct collector *collector)
{
	const struct loader *loader = collector->loader;
	struct ipc_taken_key key = no_taken;
	__u32 place = UINT32_MAX;
	struct ipc_taken_slot slot;
	struct ipc_taken value;
	int error = 0;

	while (!error && !bpf_map_get_next_key(loader->taken_keys, &place, &place)) {
		if (!bpf_map_lookup_elem(loader->taken_slots, &place, &slot))
			error = taken_add(collector, &slot.key, &slot.value);
	}
	while (!error && !bpf_map_get_next_key(loader->taken, &key, &key)) {
		if (!bpf_map_lookup_elem(loader->taken, &key, &value))
			error = taken_add(collector, &key, &value);
	}
	return error;
}

/*
 * A packet that was missed where it was filled may be found under the name of the one that was
 * there before; a call that was missed when it returned leaves what it took to the next one.
 */
static bool carried_missed(const struct loader *loader)
{
	static const char *const events[] = { "order of a unix stream", "order of unix datagrams",
					      "unix stream receive", "unix datagram receive", "seqpacket receive",
					      "splice" };
	bool kept = loader_row(loader, events[0]) || loader_row(loader, events[1]);
	uint64_t missed = 0;

	for (size_t i = 0; kept && i < sizeof(events) / sizeof(events[0]); i++)
		missed += loader_missed(loader, events[i]);
	return missed;
}

int collector_take_order(struct collector *collector)
{
	const struct loader *loader = collector->loader;
	struct ipc_shared_pipe pipe;
	__u64 key = 0; /* no pipe's number */
	int error = 0;

	collector->capture->carried_lost = carried_missed(loader);
	/* One that was missed makes all that came after it somebody else's. */
	collector->capture->order_lost = loader->counters->taken_refused || loader_missed(loader, "order of a pipe");
	if (collector->capture->order_lost)
		return 0;
	while (!error && !bpf_map_get_next_key(loader->shared_pipes, &key, &key))
		if (!bpf_map_lookup_elem(loader->shared_pipes, &key, &pipe) && pipe.named)
			error = shared_add(collector->capture, &pipe);
	return error ? error : taken_read(collector);
}
