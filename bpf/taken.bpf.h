/* SPDX-License-Identifier: GPL-2.0-only */
/* Who took whose bytes, counted by pairs of reader and writer (runs.bpf.h). */
#ifndef TAKEN_BPF_H
#define TAKEN_BPF_H

#define TAKEN_MAX 65536

/* As the flows (record.bpf.h); one entry each where nothing is made of them. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, IPC_TAKEN_SLOTS);
	__type(key, __u32);
	__type(value, struct ipc_taken_slot);
} taken_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, IPC_TAKEN_SLOTS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32); /* a place of taken_slots */
	__type(value, struct ipc_taken_key);
} taken_keys SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TAKEN_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ipc_taken_key);
	__type(value, struct ipc_taken);
} taken SEC(".maps");

static __always_inline struct ipc_taken *taken_find(const struct ipc_taken_key *key)
{
	__u32 place = ipc_taken_place(key);
	struct ipc_taken_slot *slot = bpf_map_lookup_elem(&taken_slots, &place);
	const __u64 *has, *wants = (const __u64 *)key;

	if (slot) {
		has = (const __u64 *)&slot->key;
		if (has[0] == wants[0] && has[1] == wants[1] && has[2] == wants[2] && has[3] == wants[3])
			return &slot->value;
	}
	return bpf_map_lookup_elem(&taken, key);
}

/* In its place, or in the map of all. Under the channel's lock: no other task has the same key. */
static __always_inline struct ipc_taken *taken_make(const struct ipc_taken_key *key)
{
	__u32 place = ipc_taken_place(key);
	struct ipc_taken_slot *slot;
	struct ipc_taken fresh = {};

	if (!bpf_map_update_elem(&taken_keys, &place, key, BPF_NOEXIST)) {
		slot = bpf_map_lookup_elem(&taken_slots, &place);
		if (!slot)
			return NULL;
		slot->key = *key;
		return &slot->value;
	}
	bpf_map_update_elem(&taken, key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&taken, key);
}

/* The running task took bytes of a pipe that another process, or nobody that is known, had put in. */
subprogram int taken_add(__u64 pipe, __u64 from_start, __u32 from_tgid, __u64 bytes, __u64 section)
{
	struct ipc_taken_key key = {};
	struct task_struct *task = task_current();
	struct ipc_taken *value;

	if (!ready)
		return 0;
	key.tgid = get(task, tgid);
	key.start = get(task, group_leader, start_boottime);
	key.pipe = pipe;
	key.from_start = from_start;
	key.from_tgid = from_tgid;
	value = taken_find(&key);
	if (!value)
		value = taken_make(&key);
	if (!value) {
		count(&counters.taken_refused);
		return 0;
	}
	/* Twice in one section is one read, with somebody else's bytes in between. */
	if (value->section != section) {
		__sync_fetch_and_add(&value->ops, 1);
		value->last_bytes = 0;
	}
	value->section = section;
	value->last_bytes += bytes;
	__sync_fetch_and_add(&value->bytes, bytes);
	return 0;
}

#endif
