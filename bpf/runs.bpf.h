/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who read whose bytes, on channels that several processes write to and several read from.
 *
 * Of a pipe: whatever moves its bytes (read, write, splice, tee, vmsplice, sendfile) does so
 * under the pipe's mutex, adds or takes but not both, and is the running task. So, whenever the
 * mutex is about to be released, what waits in the pipe is compared with what waited the last
 * time: more was written by this task, less was taken by it. While one process alone has written,
 * that is all; the second one begins a list of runs, each so many bytes of one writer, from the
 * oldest to the youngest, which readers take off at its front.
 *
 * Memory: a state for each pipe that there is (PIPES_MAX), a list of RUNS_MAX runs for each of
 * LISTS_MAX pipes with several writers, TAKEN_MAX pairs. What a list has no room for makes whose
 * bytes the pipe holds unknown, until it is empty again.
 *
 * A look-up in a hash map is what costs most, so states, lists and pairs have places of their own
 * in arrays, by a hash of whose they are; a map says whose a place is. States and pairs that find
 * theirs taken go to a map.
 */
#ifndef RUNS_BPF_H
#define RUNS_BPF_H

#include "taken.bpf.h"

#define PLACE_BITS 14
#define PIPE_PLACES (1 << PLACE_BITS)
#define PIPES_MAX 65536
#define LISTS_MAX 1024
#define RUNS_MAX 256

enum pipe_flag {
	PIPE_WRITTEN = 1, /* start and tgid are somebody's */
	PIPE_SHARED = 2,  /* several have written: there is a list */
	PIPE_LOST = 4,	  /* ... which does not tell any more whose bytes wait */
	PIPE_WIDE = 8,	  /* it has, or had, more slots than can be counted */
};

struct pipe_state {
	__u64 pipe;	/* its address; 0: the place is free */
	__u64 number;	/* that no other pipe has or had: addresses come again */
	__u64 sections; /* how often its mutex was released */
	__u64 waiting;	/* bytes, the last time */
	__u64 offer;
	__u64 start; /* the only writer; tgid 0: of what waited before anybody was seen to write */
	__u64 object, remote; /* as in the flow key */
	__u32 tgid;
	__u32 list; /* which of run_lists, from 1 on; 0: none */
	__u32 fence;
	__u8 flags; /* enum pipe_flag; changed under its mutex alone */
	__u8 mechanism;
	/* Bytes of their own: whoever writes these does not hold the mutex. */
	__u8 weighed; /* offer is what waited when no section was under way */
	__u8 named; /* object, remote and mechanism are known */
};

struct pipe_slot {
	struct pipe_state state;
	__u64 crowd; /* pipes that would have this place, and are in pipe_states */
};

struct run_list {
	__u32 first, end; /* of the runs that there are, modulo RUNS_MAX */
	struct {
		__u64 start;
		__u32 tgid, bytes;
	} runs[RUNS_MAX];
};

/* All of these have one entry where nothing is made of them. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PIPE_PLACES);
	__type(key, __u32);
	__type(value, struct pipe_slot);
} pipe_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PIPE_PLACES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32); /* a place of pipe_slots */
	__type(value, __u64);
} slot_pipes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PIPES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64); /* address of the pipe_inode_info */
	__type(value, struct pipe_state);
} pipe_states SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LISTS_MAX);
	__type(key, __u32);
	__type(value, struct run_list);
} run_lists SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LISTS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32); /* a place of run_lists */
	__type(value, __u64);
} list_pipes SEC(".maps");

/* Pipes that several have written to, by pipe_state.number. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TAKEN_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct ipc_shared_pipe);
} shared_pipes SEC(".maps");

#define PIPE_STEPS 1024 /* slots; an ordinary user's pipe has at most 256 */

struct pipe_walk {
	__u64 buffers;
	__u32 tail, head, mask, bytes;
};

static __always_inline __u32 pipe_buffer_bytes(const struct pipe_walk *walk)
{
	__u64 place = walk->tail & walk->mask;
	__u64 address = walk->buffers + place * bpf_core_type_size(struct pipe_buffer);

	return get(cast(struct pipe_buffer, address), len);
}

static int pipe_step(__u32 step, struct pipe_walk *walk)
{
	if (walk->tail == walk->head)
		return 1;
	walk->bytes += pipe_buffer_bytes(walk);
	walk->tail++;
	return 0;
}

/* Bytes waiting in the pipe. Unlocked, so the inventory's figure may be in motion. */
subprogram int pipe_queued(__u64 address)
{
	struct pipe_inode_info *pipe = cast(struct pipe_inode_info, address);
	struct pipe_walk walk = {
		.buffers = (__u64)get(pipe, bufs), .tail = get(pipe, tail), .head = get(pipe, head),
		.mask = get(pipe, ring_size) - 1,
	};

	/* Most often it is one: a loop costs twice that. */
	if (walk.head - walk.tail == 1) {
		__u32 bytes = pipe_buffer_bytes(&walk);

		barrier_var(bytes); /* else clang has one load for both, from the stack or from the kernel's memory */
		return bytes;
	}
	LOOP(PIPE_STEPS, pipe_step, &walk);
	return walk.bytes;
}

static __always_inline bool runs_kept(void)
{
	return settings.seen & IPC_SEEN_PIPE_ORDER;
}

static __always_inline __u32 pipe_place(__u64 pipe)
{
	return pipe * 0x9e3779b97f4a7c15ULL >> (64 - PLACE_BITS);
}

/* Most mutexes that are released are no pipe's, and most find nobody in their place. */
static __always_inline struct pipe_state *pipe_state_find(__u64 pipe)
{
	__u32 place = pipe_place(pipe);
	struct pipe_slot *slot = bpf_map_lookup_elem(&pipe_slots, &place);

	if (!slot)
		return NULL;
	if (slot->state.pipe == pipe)
		return &slot->state;
	return slot->crowd ? bpf_map_lookup_elem(&pipe_states, &pipe) : NULL;
}

#define LIST_TRIES 4

/* A list for a pipe: its number from 1 on, or 0 where there is none left. */
static __always_inline __u32 list_claim(__u64 pipe)
{
	struct run_list *list;
	__u32 place = pipe_place(pipe) % LISTS_MAX;
	int i;

	for (i = 0; i < LIST_TRIES; i++) {
		place = (place + 241) % LISTS_MAX;
		if (bpf_map_update_elem(&list_pipes, &place, &pipe, BPF_NOEXIST))
			continue;
		list = bpf_map_lookup_elem(&run_lists, &place);
		if (!list)
			return 0;
		list->first = list->end = 0;
		return place + 1;
	}
	return 0;
}

static __always_inline struct run_list *list_of(__u32 number)
{
	__u32 place = number - 1;

	return bpf_map_lookup_elem(&run_lists, &place);
}

/* Adds to a list. Returns 0, or 1 where there is no room. */
static __always_inline int run_append(__u32 number, __u64 start, __u32 tgid, __u32 bytes)
{
	struct run_list *list = list_of(number);
	__u32 last;

	if (!list)
		return 1;
	last = (list->end - 1) % RUNS_MAX;
	if (list->first != list->end && list->runs[last].tgid == tgid && list->runs[last].start == start) {
		list->runs[last].bytes += bytes;
		return 0;
	}
	if (list->end - list->first >= RUNS_MAX)
		return 1;
	last = list->end % RUNS_MAX;
	list->runs[last].start = start;
	list->runs[last].tgid = tgid;
	list->runs[last].bytes = bytes;
	list->end++;
	return 0;
}

/* The running task takes up to so many bytes of the oldest run. Returns how many; 0: there is none. */
subprogram int run_take(__u32 number, __u64 channel, __u32 bytes, __u64 section)
{
	struct run_list *list = list_of(number);
	__u32 first;

	if (!list || list->first == list->end)
		return 0;
	first = list->first % RUNS_MAX;
	if (bytes > list->runs[first].bytes)
		bytes = list->runs[first].bytes;
	list->runs[first].bytes -= bytes;
	if (!list->runs[first].bytes)
		list->first++;
	taken_add(channel, list->runs[first].start, list->runs[first].tgid, bytes, section);
	return bytes;
}

static __always_inline void shared_tell(const struct pipe_state *state)
{
	struct ipc_shared_pipe shared = {}, *known = bpf_map_lookup_elem(&shared_pipes, &state->number);

	if (known)
		shared = *known;
	shared.object = state->object;
	shared.remote = state->remote;
	shared.mechanism = state->mechanism;
	shared.named = state->named && !(state->flags & PIPE_WIDE);
	if (!known && ready && state->tgid) {
		shared.start = state->start;
		shared.tgid = state->tgid;
	}
	bpf_map_update_elem(&shared_pipes, &state->number, &shared, BPF_ANY);
}

/* A second process writes. */
static __always_inline void pipe_share(__u64 pipe, struct pipe_state *state)
{
	state->flags |= PIPE_SHARED;
	/* pipe_tell() may name it just now: one of the two sees what the other did. */
	__sync_fetch_and_add(&state->fence, 1);
	shared_tell(state);
	state->list = list_claim(pipe);
	if (state->waiting && run_append(state->list, state->start, state->tgid, state->waiting))
		state->flags |= PIPE_LOST;
}

/* It may hold more than can be counted: whose bytes are read is not known from here on. */
static __noinline int pipe_doubt(struct pipe_state *state)
{
	if (state->flags & PIPE_WIDE)
		return 0;
	state->flags |= PIPE_WIDE;
	if (state->flags & PIPE_SHARED)
		shared_tell(state);
	return 0;
}

static __always_inline void pipe_gains(__u64 pipe, struct pipe_state *state, __u32 bytes)
{
	struct task_struct *task = task_current();
	__u32 tgid = get(task, tgid);
	__u64 start = get(task, group_leader, start_boottime);

	if (!(state->flags & PIPE_SHARED)) {
		if (!(state->flags & PIPE_WRITTEN)) {
			state->flags |= PIPE_WRITTEN;
			state->tgid = tgid;
			state->start = start;
			return;
		}
		if (state->tgid == tgid && state->start == start)
			return;
		pipe_share(pipe, state);
	}
	if (get(cast(struct pipe_inode_info, pipe), ring_size) > PIPE_STEPS)
		pipe_doubt(state);
	if (!(state->flags & PIPE_LOST) && run_append(state->list, start, tgid, bytes))
		state->flags |= PIPE_LOST;
}

static __always_inline void pipe_gives(struct pipe_state *state, __u32 bytes)
{
	int i;

	if (!(state->flags & PIPE_SHARED))
		return;
	for (i = 0; i < RUNS_MAX && bytes && !(state->flags & PIPE_LOST); i++) {
		__u32 took = run_take(state->list, state->number, bytes, state->sections);

		if (!took || took > bytes)
			break;
		bytes -= took;
	}
	if (bytes)
		taken_add(state->number, 0, 0, bytes, state->sections);
}

/* What waited when the state was made, and nothing had moved since; else all of it is nobody's. */
static __always_inline void pipe_first_section(struct pipe_state *state, __u64 waiting)
{
	state->waiting = state->weighed ? state->offer : waiting;
	if (state->waiting)
		state->flags |= PIPE_WRITTEN;
}

/* Nothing waits: whose bytes come next is known again. */
static __always_inline void pipe_drained(struct pipe_state *state)
{
	struct run_list *list = list_of(state->list);

	state->flags &= ~PIPE_LOST;
	if (list)
		list->first = list->end;
}

static __always_inline int pipe_section(__u64 pipe, struct pipe_state *state)
{
	struct pipe_inode_info *info = cast(struct pipe_inode_info, pipe);
	__u64 waiting = 0;

	if (get(info, head) != get(info, tail))
		waiting = (__u32)pipe_queued(pipe);
	if (!state->sections)
		pipe_first_section(state, waiting);
	state->sections++;
	if (waiting > state->waiting)
		pipe_gains(pipe, state, waiting - state->waiting);
	else if (waiting < state->waiting)
		pipe_gives(state, state->waiting - waiting);
	state->waiting = waiting;
	if (!waiting && state->flags & PIPE_SHARED)
		pipe_drained(state);
	return 0;
}

/* Any mutex of the kernel's is about to be released: those that are no pipe's pay for this. */
static __always_inline int on_mutex_unlock(struct mutex *mutex)
{
	__u64 pipe = number_of(mutex) - bpf_core_field_offset(struct pipe_inode_info, mutex);
	struct pipe_state *state = pipe_state_find(pipe);

	return state ? pipe_section(pipe, state) : 0;
}

static __always_inline int pipe_state_make(__u64 pipe, __u64 sections)
{
	__u32 place = pipe_place(pipe);
	struct pipe_slot *slot = bpf_map_lookup_elem(&pipe_slots, &place);
	struct pipe_state fresh = {};
	long error;

	if (!slot)
		return 1;
	fresh.number = hash_mix(pipe, bpf_ktime_get_ns()) | 1;
	fresh.sections = sections;
	if (!bpf_map_update_elem(&slot_pipes, &place, &pipe, BPF_NOEXIST)) {
		slot->state = fresh;
		slot->state.pipe = pipe; /* last: it is found from now on */
		return 0;
	}
	fresh.pipe = pipe;
	error = bpf_map_update_elem(&pipe_states, &pipe, &fresh, BPF_NOEXIST);
	if (!error)
		__sync_fetch_and_add(&slot->crowd, 1);
	return error;
}

static __always_inline int on_pipe_made(struct pipe_inode_info *made)
{
	__u64 pipe = number_of(made);

	if (pipe)
		pipe_state_make(pipe, 1);
	return 0;
}

static __always_inline int on_pipe_freed(struct pipe_inode_info *freed)
{
	__u64 pipe = number_of(freed);
	__u32 place = pipe_place(pipe), list;
	struct pipe_slot *slot = bpf_map_lookup_elem(&pipe_slots, &place);
	struct pipe_state *state = pipe_state_find(pipe);

	if (!slot || !state)
		return 0;
	list = state->list - 1;
	if (state->list)
		bpf_map_delete_elem(&list_pipes, &list);
	if (slot->state.pipe == pipe) {
		slot->state.pipe = 0;
		bpf_map_delete_elem(&slot_pipes, &place);
	} else if (!bpf_map_delete_elem(&pipe_states, &pipe)) {
		__sync_fetch_and_add(&slot->crowd, -1);
	}
	return 0;
}

/*
 * The inventory finds a pipe that is older than the programs. What waits in it is right if its
 * mutex was free before and after the weighing, and was never released in between: then it is
 * what the first section began with.
 */
subprogram int pipe_register(__u64 pipe)
{
	struct pipe_inode_info *info = cast(struct pipe_inode_info, pipe);
	struct pipe_state *state;
	__u64 owner;

	if (!runs_kept() || pipe_state_find(pipe) || pipe_state_make(pipe, 0))
		return 0;
	state = pipe_state_find(pipe);
	if (!state)
		return 0;
	/* With PREEMPT_RT a mutex does not say that it is free. */
	if (!bpf_core_field_exists(info->mutex.owner))
		return 0;
	owner = get(info, mutex.owner.counter);
	state->offer = (__u32)pipe_queued(pipe);
	owner |= get(info, mutex.owner.counter);
	if (!owner && !state->sections)
		state->weighed = 1;
	return 0;
}

/* Which channel the pipe is: a flow of it is new. */
subprogram int pipe_tell(__u64 pipe, __u64 object, __u64 remote, __u32 mechanism)
{
	struct pipe_state *state = pipe_state_find(pipe);

	if (!state || state->named)
		return 0;
	state->object = object;
	state->remote = remote;
	state->mechanism = mechanism;
	state->named = 1;
	__sync_fetch_and_add(&state->fence, 1);
	if (*(volatile __u8 *)&state->flags & PIPE_SHARED)
		shared_tell(state);
	return 0;
}

#endif
