/* SPDX-License-Identifier: GPL-2.0-only */
/* Identify, filter, count: what every mechanism's handler ends in. */
#ifndef RECORD_BPF_H
#define RECORD_BPF_H

const volatile struct ipc_settings settings;
struct ipc_counters counters;

/* Written by user space: set when the window opens, cleared when it closes. */
volatile bool ready;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 262144); /* --max-flows */
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ipc_flow_key);
	__type(value, struct ipc_flow_value);
} flows SEC(".maps");

/*
 * In front of the flows: each has a place by some bits of its key, most have it to themselves,
 * and to find one there costs a quarter of a look-up in the map of all. slot_keys says whose a
 * place is, and lets nobody else have it; who comes too late goes to the map. A flow that two
 * CPUs begin at once may come to be in both: user space adds them up.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, IPC_SLOTS); /* 1 where they are not used */
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct ipc_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, IPC_SLOTS); /* likewise */
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct ipc_flow_key);
} slot_keys SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} records SEC(".maps");

/* Processes that the filter names by pid, and all that they forked: enum ipc_role by tgid. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u8);
} followed SEC(".maps");

static __always_inline bool mechanism_on(__u32 mechanism)
{
	return settings.mechanism_mask & (1U << mechanism);
}

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* Many records, one wakeup: user space also looks at its own pace. */
static __always_inline __u64 record_flags(void)
{
	return bpf_ringbuf_query(&records, BPF_RB_AVAIL_DATA) >= settings.wakeup_bytes ?
		       BPF_RB_FORCE_WAKEUP :
		       BPF_RB_NO_WAKEUP;
}

static __always_inline void record_begin(struct ipc_record *record, __u32 type, __u32 size)
{
	record->type = type;
	record->size = size;
	record->time = bpf_ktime_get_ns();
}

/* Whose bytes: the leader's start time, since a pid alone is used again. */
static __always_inline void flow_identify(struct ipc_flow_key *key, struct task_struct *task)
{
	key->tgid = get(task, tgid);
	key->start = get(task, group_leader, start_boottime);
}

/* Where the flow is, if it is in a place of its own. */
static __always_inline struct ipc_flow_value *slot_find(const struct ipc_flow_key *key)
{
	__u32 place = ipc_slot_place(key);
	struct ipc_slot *slot = bpf_map_lookup_elem(&slots, &place);
	const __u64 *has, *wants = (const __u64 *)key;

	if (!slot)
		return NULL;
	has = (const __u64 *)&slot->key;
	return has[0] == wants[0] && has[1] == wants[1] && has[2] == wants[2] && has[3] == wants[3] ?
		       &slot->value :
		       NULL;
}

/*
 * The figures are added and not stored: they are 0, and another CPU may find the key before
 * the rest is there. What a half-written key matches, nobody has.
 */
static __always_inline bool slot_take(const struct ipc_flow_key *key, const struct ipc_flow_value *fresh)
{
	__u32 place = ipc_slot_place(key);
	struct ipc_slot *slot;

	if (bpf_map_update_elem(&slot_keys, &place, key, BPF_NOEXIST))
		return false;
	slot = bpf_map_lookup_elem(&slots, &place);
	if (!slot)
		return false;
	__sync_fetch_and_add(&slot->value.ops, fresh->ops);
	__sync_fetch_and_add(&slot->value.bytes, fresh->bytes);
	slot->value.last = fresh->last;
	slot->value.tracked = fresh->tracked;
	slot->value.target_tracked = fresh->target_tracked;
	slot->value.first = fresh->first;
	slot->key = *key;
	return true;
}

static __noinline bool flow_insert(struct ipc_flow_key *key, __u64 ops, __u64 bytes, __u32 tracked)
{
	struct ipc_flow_value fresh = {}, *value;
	long error;

	fresh.ops = ops;
	fresh.bytes = bytes;
	fresh.first = bpf_ktime_get_ns();
	fresh.last = bpf_jiffies64();
	fresh.tracked = tracked & 1;
	fresh.target_tracked = tracked >> 1;
	error = settings.slots && slot_take(key, &fresh) ?
			0 :
			bpf_map_update_elem(&flows, key, &fresh, BPF_NOEXIST);
	if (!error) {
		count(&counters.flow_total);
		return true;
	}
	/* Another thread made the entry since we looked. */
	value = bpf_map_lookup_elem(&flows, key);
	if (value) {
		__sync_fetch_and_add(&value->ops, ops);
		__sync_fetch_and_add(&value->bytes, bytes);
	} else if (key->mechanism < IPC_MECHANISMS) {
		__sync_fetch_and_add(&counters.flows_refused[key->mechanism], ops);
	}
	return false;
}

/*
 * Adds to a flow; true when it is new, so that the caller describes the object.
 * tracked: bit 0 the process, bit 1 (signals) the target matched the filter.
 */
static __always_inline bool flow_add(struct ipc_flow_key *key, __u64 ops, __u64 bytes, __u32 tracked)
{
	struct ipc_flow_value *value = settings.slots ? slot_find(key) : NULL;

	if (!value)
		value = bpf_map_lookup_elem(&flows, key);
	if (!value)
		return flow_insert(key, ops, bytes, tracked);
	__sync_fetch_and_add(&value->ops, ops);
	__sync_fetch_and_add(&value->bytes, bytes);
	value->last = bpf_jiffies64();
	return false;
}

#endif
