// SPDX-License-Identifier: GPL-2.0-only
/* The fold map: reading it, and emptying it of processes that are gone. */
#include "collect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>

#include "forget.h"
#include "history.h"

#define BATCH 512
#define EXITS_MIN 1024
#define EXITS_MAX 16384 /* the filter's map has room for 65,536, and for those that run */
#define CGROUPS_MAX 1024

struct batch {
	struct ipc_flow_key keys[BATCH];
	struct ipc_flow_value values[BATCH];
};

typedef int (*flow_visit)(void *context, const struct ipc_flow_key *key, const struct ipc_flow_value *value);

/*
 * Visits every entry, a bucket at a time; what is added meanwhile may be missed,
 * nothing that was there is. ENOSPC: a bucket holds more than was asked for.
 */
static int flows_visit(int map, flow_visit visit, void *context)
{
	struct batch *batch = malloc(sizeof(*batch));
	__u32 cursor = 0;
	bool first = true;
	int error = 0;

	if (!batch)
		return -ENOMEM;
	for (;;) {
		__u32 count = BATCH;
		int got = bpf_map_lookup_batch(map, first ? NULL : &cursor, &cursor, batch->keys,
					       batch->values, &count, NULL);

		if (got && got != -ENOENT) {
			error = got;
			break;
		}
		for (__u32 i = 0; i < count && !error; i++)
			error = visit(context, &batch->keys[i], &batch->values[i]);
		if (got == -ENOENT || error)
			break;
		first = false;
	}
	free(batch);
	return error;
}

/*
 * Likewise, one by one. A look-up of many holds off all kprobes of its CPU from the first bucket to the last
 * (bpf_disable_instrumentation()), and where it can be preempted other tasks' calls are not seen meanwhile.
 */
static int flows_visit_each(int map, flow_visit visit, void *context)
{
	struct ipc_flow_value value;
	struct ipc_flow_key key;
	const void *before = NULL;
	int error = 0;

	for (; !error && !bpf_map_get_next_key(map, before, &key); before = &key)
		if (!bpf_map_lookup_elem(map, &key, &value))
			error = visit(context, &key, &value);
	return error;
}

/* Likewise, of those that have a place of their own. One that is being taken is visited the next time. */
static int slots_visit(const struct loader *loader, flow_visit visit, void *context)
{
	struct ipc_flow_key key;
	__u32 cursor = UINT32_MAX; /* after one that is not there comes the first (htab_map_get_next_key()) */
	int error = 0;

	while (loader->slots && !error && !bpf_map_get_next_key(loader->slot_keys, &cursor, &cursor)) {
		const struct ipc_slot *slot = &loader->slots[cursor % IPC_SLOTS];

		if (slot->value.first && !bpf_map_lookup_elem(loader->slot_keys, &cursor, &key))
			error = visit(context, &key, &slot->value);
	}
	return error;
}

static int all_visit(const struct loader *loader, flow_visit visit, void *context)
{
	int error = slots_visit(loader, visit, context);

	if (error)
		return error;
	return loader_has_kprobes(loader) ? flows_visit_each(loader->flows, visit, context) :
					flows_visit(loader->flows, visit, context);
}

/* Nobody adds to it any more. The key goes first, and the claim to the place last. */
static void slot_free(const struct loader *loader, const struct ipc_flow_key *key)
{
	__u32 place = ipc_slot_place(key);
	struct ipc_flow_key has;

	if (!loader->slots || bpf_map_lookup_elem(loader->slot_keys, &place, &has) ||
	    memcmp(&has, key, sizeof(has)))
		return;
	memset(&loader->slots[place].key, 0, sizeof(has));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	memset(&loader->slots[place].value, 0, sizeof(loader->slots[place].value));
	bpf_map_delete_elem(loader->slot_keys, &place);
}

static int totals_visit(void *context, const struct ipc_flow_key *key, const struct ipc_flow_value *value)
{
	struct flow_totals *totals = context;

	totals->ops += flow_is_part(key) ? 0 : value->ops;
	totals->flows++;
	if (key->mechanism != IPC_SIGNAL && key->direction == IPC_TX)
		totals->bytes += value->bytes;
	return 0;
}

int collector_totals(const struct collector *collector, struct flow_totals *ret_totals)
{
	struct flow_totals totals = { 0 };
	int error;

	for (size_t i = 0; i < collector->capture->flow_count; i++) {
		const struct capture_flow *flow = &collector->capture->flows[i];

		totals.ops += flow_is_part(&flow->key) ? 0 : flow->ops;
		totals.flows++;
		if (flow->key.mechanism != IPC_SIGNAL && flow->key.direction == IPC_TX)
			totals.bytes += flow->bytes;
	}
	error = all_visit(collector->loader, totals_visit, &totals);
	if (!error)
		*ret_totals = totals;
	return error;
}

static int cut_visit(void *context, const struct ipc_flow_key *key, const struct ipc_flow_value *value)
{
	return history_tell(context, key, value->ops, value->bytes);
}

int collector_cut(struct collector *collector, uint64_t time, bool last)
{
	struct capture *capture = collector->capture;
	int error = history_begin(capture, time);

	for (size_t i = 0; i < capture->flow_count && !error; i++) {
		const struct capture_flow *flow = &capture->flows[i];

		error = history_tell(capture, &flow->key, flow->ops, flow->bytes);
	}
	if (!error && !last)
		error = all_visit(collector->loader, cut_visit, capture);
	return error ? error : history_end(capture);
}

/* The kernel stamps `last` in jiffies; their length is CONFIG_HZ, which two moments tell. */
static uint64_t jiffies_to_time(const struct collector *collector, uint64_t jiffies)
{
	static const uint64_t usual[] = { 100, 250, 300, 1000 };
	uint64_t ticks = collector->jiffies[1] - collector->jiffies[0];
	uint64_t ns = collector->time[1] - collector->time[0];
	double measured = ticks ? (double)ns / ticks : 1e9 / 250;
	double best = measured;

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (measured > 0.9e9 / usual[i] && measured < 1.1e9 / usual[i])
			best = 1e9 / usual[i];
	return collector->time[1] + (int64_t)(((double)jiffies - (double)collector->jiffies[1]) * best);
}

struct take {
	struct collector *collector;
	struct capture *into; /* whose flows they become */
	bool only_exited;
};

static int take_visit(void *context, const struct ipc_flow_key *key, const struct ipc_flow_value *value)
{
	struct take *take = context;
	struct capture *capture = take->collector->capture;
	struct process_key owner = { .start = key->start, .tgid = key->tgid };
	struct capture_flow flow = {
		.key = *key, .ops = value->ops, .bytes = value->bytes, .first = value->first,
	};
	struct capture_process *process = capture_find_process(capture, owner);

	if (take->only_exited && (!process || !process->exited))
		return 0;
	flow.last = value->last; /* jiffies, until all are in */
	if (!process && key->tgid)
		process = capture_process(capture, key->tgid, key->start);
	if (process)
		process->tracked |= value->tracked;
	if (key->mechanism == IPC_SIGNAL) {
		process = capture_process(capture, (uint32_t)key->remote, key->object);
		if (process)
			process->tracked |= value->target_tracked;
	}
	return capture_add_flow(take->into, &flow);
}

/* What the kernel stamped in jiffies becomes a time, once all are in. */
static void flow_stamp(const struct collector *collector, struct capture_flow *flow)
{
	flow->last = jiffies_to_time(collector, flow->last);
	if (flow->last < flow->first)
		flow->last = flow->first;
}

int collector_take_flows(struct collector *collector, bool only_exited)
{
	struct take take = { .collector = collector, .into = collector->capture,
			     .only_exited = only_exited };
	size_t before = collector->capture->flow_count;
	int error = all_visit(collector->loader, take_visit, &take);

	/* Nobody adds to what a process that is gone did: taken out, it makes room. */
	for (size_t i = before; only_exited && i < collector->capture->flow_count; i++) {
		bpf_map_delete_elem(collector->loader->flows, &collector->capture->flows[i].key);
		slot_free(collector->loader, &collector->capture->flows[i].key);
	}
	for (size_t i = 0; !only_exited && i < collector->capture->flow_count; i++)
		flow_stamp(collector, &collector->capture->flows[i]);
	collector->taken += only_exited ? collector->capture->flow_count - before : 0;
	return error;
}

static int keep_visit(void *context, const struct ipc_flow_key *key, const struct ipc_flow_value *value)
{
	(void)value;
	forget_keep(context, key);
	return 0;
}

/*
 * A process that is gone is in the filter no more. Its number may be that of another by now, or become
 * so at this moment: the new one goes back, and what it did meanwhile nobody knows.
 */
static void process_unfollow(struct loader *loader, struct capture_process *process)
{
	uint8_t roles = 0;

	process->unfollowed = true;
	if (!process->tracked || bpf_map_lookup_elem(loader->followed, &process->key.tgid, &roles) ||
	    !(roles & IPC_ROLE_GONE))
		return;
	/* Not before Linux 5.14: there is room for 65,536. */
	if (bpf_map_lookup_and_delete_elem(loader->followed, &process->key.tgid, &roles) || roles & IPC_ROLE_GONE)
		return;
	bpf_map_update_elem(loader->followed, &process->key.tgid, &roles, BPF_NOEXIST);
	__sync_fetch_and_add(&loader->counters->marks_refused, 1);
}

int collector_forget(struct collector *collector)
{
	struct capture *capture = collector->capture;
	struct capture_process *process, *next;
	struct timespec now;
	uint64_t worth;
	int error;

	/* Each time costs a look at all that is kept. */
	worth = (HASH_COUNT(capture->processes) + capture->flow_count) / 4 +
		(collector->loader->counters->flow_total - collector->taken) / 16;
	if (collector->exits < EXITS_MIN || (collector->exits < worth && collector->exits < EXITS_MAX))
		return 0;
	collector->exits = 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	forget_begin(capture, now.tv_sec * 1000000000ULL + now.tv_nsec);
	HASH_ITER(hh, capture->processes, process, next)
		if (process->gone && !process->unfollowed)
			process_unfollow(collector->loader, process);
	error = all_visit(collector->loader, keep_visit, capture);
	if (error)
		return error;
	collector->forgotten += forget_end(capture);
	collector_forget_cgroups(collector, CGROUPS_MAX);
	return 0;
}

/* What was told at the last cut, and nothing of what came after it. */
static void flows_clip(const struct capture *capture, struct capture *taken)
{
	size_t kept = 0;

	for (size_t i = 0; i < taken->flow_count; i++) {
		struct capture_flow flow = taken->flows[i];

		if (history_told(capture, &flow.key, &flow.ops, &flow.bytes))
			taken->flows[kept++] = flow;
	}
	taken->flow_count = kept;
}

int collector_flows_at_cut(struct collector *collector, struct capture *ret_taken)
{
	struct take take = { .collector = collector, .into = ret_taken };
	const struct capture *capture = collector->capture;
	int error = 0;

	for (size_t i = 0; i < capture->flow_count && !error; i++)
		error = capture_add_flow(ret_taken, &capture->flows[i]);
	if (!error)
		error = all_visit(collector->loader, take_visit, &take);
	if (error)
		return error;
	for (size_t i = 0; i < ret_taken->flow_count; i++)
		flow_stamp(collector, &ret_taken->flows[i]);
	capture_merge_flows(ret_taken);
	flows_clip(capture, ret_taken);
	return 0;
}
