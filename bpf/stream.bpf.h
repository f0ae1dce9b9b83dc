/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ipcdump: what arrived as records, and who sends through what. None of it is
 * reached (nor left in the loaded programs) without settings.stream.
 *
 * Records and events share one ring, so that user space has them in the order
 * in which they happened; the last part of the ring is not for events.
 */
#ifndef STREAM_BPF_H
#define STREAM_BPF_H

/* Of each way: who sends, how many calls are under way, and how far they came. */
struct way_state {
	__u64 sent, read; /* IPC_WAY_... */
	__u64 who;	  /* the first sender, see way_who(); 0: none yet */
	__u64 start;
	__u64 object; /* the socket that sends: its address is used again */
	__u64 queued;
	__u32 tgid, roles, epoch, pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct ipc_way);
	__type(value, struct way_state);
} ways SEC(".maps");

#define DATAGRAMS 32

/* What a task is about: the ways of its call, by direction, and whose datagrams it was given. */
struct stream_call {
	struct ipc_way way[2];
	__u32 entered[2]; /* epoch + 1; 0: not */
	__u32 datagrams, pad;
	__u64 datagram[DATAGRAMS]; /* sending sockets; the last ones are those of the call */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct stream_call);
} stream_calls SEC(".maps");

/* Atomics that return what was there before: not in the base instruction set. */
#define WITH_FETCH __attribute__((target("alu32"))) static __noinline

WITH_FETCH __u64 word_add(__u64 *word, __u64 value)
{
	return __sync_fetch_and_add(word, value);
}

WITH_FETCH __u64 word_or(__u64 *word, __u64 value)
{
	return __sync_fetch_and_or(word, value);
}

WITH_FETCH __u64 word_claim(__u64 *word, __u64 value)
{
	return __sync_val_compare_and_swap(word, 0, value);
}

/* One wakeup for so many bytes: more often costs the traced processes, more seldom the reader. */
#define STREAM_WAKEUP 65536

static __always_inline __u64 stream_flags(__u64 size)
{
	return (bpf_ringbuf_query(&records, BPF_RB_PROD_POS) & (STREAM_WAKEUP - 1)) < size + 8 ?
		       BPF_RB_FORCE_WAKEUP :
		       BPF_RB_NO_WAKEUP;
}

static __always_inline void event_lose(__u32 mechanism)
{
	if (mechanism < IPC_MECHANISMS)
		count(&counters.events_lost[mechanism]);
	count(&counters.events_lost_all);
}

/* Where something fell out is told by the first record for which there is room again. */
static __noinline int losses_tell(void)
{
	__u64 all = counters.events_lost_all;
	struct ipc_lost *lost = bpf_ringbuf_reserve(&records, sizeof(*lost), 0);
	__u32 i;

	if (!lost)
		return 0;
	record_begin(&lost->record, IPC_RECORD_LOST, sizeof(*lost));
	for (i = 0; i < IPC_MECHANISMS; i++)
		lost->events[i] = counters.events_lost[i];
	counters.events_lost_told = all;
	bpf_ringbuf_submit(lost, BPF_RB_NO_WAKEUP);
	return 0;
}

static __always_inline bool stream_has_room(__u32 mechanism)
{
	if (bpf_ringbuf_query(&records, BPF_RB_AVAIL_DATA) > settings.events_room) {
		event_lose(mechanism);
		return false;
	}
	if (counters.events_lost_all != counters.events_lost_told)
		losses_tell();
	return true;
}

/* enum ipc_role of a task. */
static __always_inline __u32 task_roles(struct task_struct *task)
{
	__u32 tgid = get(task, tgid), roles = 0, i, j;
	char comm[IPC_COMM_LEN] = {};
	__u8 *by_pid;

	if (settings.filter_pids) {
		by_pid = bpf_map_lookup_elem(&followed, &tgid);
		if (by_pid)
			roles = *by_pid;
	}
	if (!settings.filter_comms)
		return roles;
	bpf_probe_read_kernel(comm, sizeof(comm), &get(task, group_leader)->comm);
	for (i = 0; i < IPC_FILTER_COMMS; i++) {
		if (i >= settings.filter_comms)
			break;
		for (j = 0; j < IPC_COMM_LEN; j++) {
			if (comm[j] != settings.filter_comm[i][j])
				break;
			if (!comm[j]) {
				roles |= settings.filter_comm_role[i];
				break;
			}
		}
	}
	return roles;
}

subprogram int current_roles(void)
{
	return task_roles(task_current());
}

/* Tells processes apart in one word, and is never 0. */
static __always_inline __u64 way_who(__u64 start, __u32 tgid)
{
	return (start ^ (__u64)tgid << 40) | 1ULL << 63;
}

static __noinline int sender_tell(struct ipc_way *way, struct way_state *state, __u64 sent, __u64 read,
				  __u32 kind)
{
	struct task_struct *task = task_current();
	struct ipc_sender *sender = bpf_ringbuf_reserve(&records, sizeof(*sender), 0);

	if (!sender) {
		event_lose(way->mechanism);
		return 0;
	}
	record_begin(&sender->record, IPC_RECORD_SENDER, sizeof(*sender));
	sender->way = *way;
	sender->start = 0;
	sender->tgid = 0;
	sender->tid = (__u32)bpf_get_current_pid_tgid();
	if (!(get(task, flags) & PF_KTHREAD)) {
		sender->start = get(task, group_leader, start_boottime);
		sender->tgid = get(task, tgid);
	}
	sender->object = state->object;
	sender->queued = state->queued;
	sender->sent = sent;
	sender->read = read;
	sender->shared = kind == 1;
	sender->reset = kind == 2;
	sender->roles = state->roles;
	sender->pad[0] = sender->pad[1] = sender->pad[2] = sender->pad[3] = sender->pad[4] = 0;
	bpf_ringbuf_submit(sender, stream_flags(sizeof(*sender)));
	return 0;
}

/*
 * The running task sends through a way. Returns 1 when that is news of a
 * socket, so that the caller describes it.
 */
static __noinline int way_sender(struct ipc_way *way, struct way_state *state, __u64 object)
{
	struct task_struct *task = task_current();
	__u64 who, sent, read;

	who = get(task, flags) & PF_KTHREAD ? 1 : way_who(get(task, group_leader, start_boottime), get(task, tgid));
	if (state->object != object && state->who) {
		/* Another socket at the same address, or the same addresses again. */
		state->epoch++;
		state->sent = state->read = state->queued = 0;
		state->object = object;
		state->who = who;
		state->roles = settings.filter_on ? current_roles() : 0;
		sender_tell(way, state, 0, 0, 2);
		return 1;
	}
	if (settings.filter_comms && state->who == who)
		state->roles = current_roles();
	if (state->who == who)
		return 0;
	sent = word_claim(&state->who, who);
	if (!sent) {
		state->object = object;
		state->roles = settings.filter_on ? current_roles() : 0;
		sender_tell(way, state, state->sent, state->read, 0);
		return 1;
	}
	if (sent == who || state->sent & IPC_WAY_SHARED)
		return 0;
	sent = word_or(&state->sent, IPC_WAY_SHARED);
	if (sent & IPC_WAY_SHARED)
		return 0;
	read = word_or(&state->read, IPC_WAY_SHARED);
	sender_tell(way, state, sent, read, 1);
	return 1;
}

static __noinline struct way_state *way_make(struct ipc_way *way, __u64 queued)
{
	struct way_state fresh = { .queued = queued };

	bpf_map_update_elem(&ways, way, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&ways, way);
}

static __noinline int span_tell(struct ipc_way *way, __u32 direction, __u32 kind, __u64 bytes, __u32 entered)
{
	struct task_struct *task = task_current();
	struct ipc_span *span = bpf_ringbuf_reserve(&records, sizeof(*span), 0);
	__u64 id = bpf_get_current_pid_tgid();

	if (!span) {
		event_lose(way->mechanism);
		return 0;
	}
	record_begin(&span->record, IPC_RECORD_SPAN, sizeof(*span));
	span->way = *way;
	span->start = get(task, group_leader, start_boottime);
	span->bytes = bytes;
	span->tgid = id >> 32;
	span->tid = (__u32)id;
	span->kind = kind;
	span->direction = direction;
	span->entered = entered;
	span->roles = 0;
	span->pad = 0;
	bpf_ringbuf_submit(span, stream_flags(sizeof(*span)));
	return 0;
}

static __always_inline struct stream_call *stream_call(__u64 flags)
{
	return bpf_task_storage_get(&stream_calls, bpf_get_current_task_btf(), 0, flags);
}

static __always_inline bool way_same(const struct ipc_way *a, const struct ipc_way *b)
{
	return a->object == b->object && a->remote == b->remote && a->mechanism == b->mechanism &&
	       a->side == b->side;
}

/* Was this way's call seen to begin? It has ended then. */
static __always_inline bool call_take(struct ipc_way *way, struct way_state *state, __u32 direction)
{
	struct stream_call *call = stream_call(0);

	direction &= 1;
	if (!call || call->entered[direction] != state->epoch + 1 || !way_same(&call->way[direction], way))
		return false;
	call->entered[direction] = 0;
	return true;
}

/* How far a way counts: packets keep their limits, and may be cut. */
static __always_inline __u64 way_units(const struct ipc_way *way, __u64 bytes)
{
	return way->mechanism == IPC_UNIX_SEQPACKET ? 1 : bytes;
}

/* Bytes were sent; object: the socket's inode number, or 0. */
static __noinline int stream_sent(struct ipc_way *way, __u64 bytes, __u64 object)
{
	struct way_state *state;
	__u64 units = way_units(way, bytes), old;
	bool entered;

	if (!way->object)
		return 0;
	state = bpf_map_lookup_elem(&ways, way);
	if (!state)
		state = way_make(way, 0);
	if (!state)
		return 0;
	entered = call_take(way, state, IPC_TX);
	if (!entered)
		way_sender(way, state, object);
	old = word_add(&state->sent, entered ? units - IPC_WAY_CALL : units);
	if (old & IPC_WAY_SHARED)
		span_tell(way, IPC_TX, IPC_SPAN_END, units, entered);
	return 0;
}

/* Does the filter want it, as far as the kernel knows? IPC_EVENT_PASSED, 0 (user space shall see), HIDDEN. */
static __always_inline __u32 stream_filter(const struct way_state *state)
{
	__u32 roles;

	if (!settings.filter_on)
		return IPC_EVENT_PASSED;
	roles = current_roles();
	if (roles & (IPC_ROLE_TREE | IPC_ROLE_ANY | IPC_ROLE_DST))
		return IPC_EVENT_PASSED;
	if (!(settings.filter_roles & (IPC_ROLE_TREE | IPC_ROLE_ANY | IPC_ROLE_SRC)))
		return IPC_EVENT_HIDDEN;
	/*
	 * The sender is known where one process alone sends, and both ends find the
	 * way: all but datagrams, TCP between namespaces, and what several send.
	 */
	if (!state || !state->who || state->sent & IPC_WAY_SHARED)
		return 0;
	return state->roles & (IPC_ROLE_TREE | IPC_ROLE_ANY | IPC_ROLE_SRC) ? IPC_EVENT_PASSED :
									     IPC_EVENT_HIDDEN;
}

static __always_inline void event_fill(struct ipc_event *event, const struct ipc_flow_key *key)
{
	record_begin(&event->record, IPC_RECORD_EVENT, sizeof(*event));
	event->object = key->object;
	event->remote = key->remote;
	event->start = key->start;
	event->tgid = key->tgid;
	event->mechanism = key->mechanism;
	event->side = key->side;
}

/*
 * Bytes were received by way of it, or from no known one (way->object 0).
 * Returns 1 when the event was told, so that its contents may follow.
 */
static __noinline int stream_received(struct ipc_way *way, struct ipc_flow_key *key, __u64 bytes)
{
	__u64 units = way_units(way, bytes), old = 0;
	struct way_state *state = NULL;
	__u32 flags = 0, verdict;
	struct ipc_event *event;
	bool datagram = key->mechanism == IPC_UNIX_DGRAM || key->mechanism == IPC_UDP;

	if (way->object) {
		state = bpf_map_lookup_elem(&ways, way);
		if (!state && !datagram)
			state = way_make(way, 0);
	}
	if (state && !datagram) {
		if (call_take(way, state, IPC_RX)) {
			flags |= IPC_EVENT_ENTERED;
			old = word_add(&state->read, units - IPC_WAY_CALL);
		} else {
			old = word_add(&state->read, units);
		}
	}
	if (state && state->sent & IPC_WAY_SHARED)
		flags |= IPC_EVENT_SHARED;
	verdict = stream_filter(state);
	flags |= verdict;
	if (verdict == IPC_EVENT_HIDDEN && (!(flags & IPC_EVENT_SHARED) || datagram))
		return 0;
	if (!stream_has_room(key->mechanism))
		return 0;
	event = bpf_ringbuf_reserve(&records, sizeof(*event), 0);
	if (!event) {
		event_lose(key->mechanism);
		return 0;
	}
	event_fill(event, key);
	event->way = *way;
	event->bytes = bytes;
	event->position = old & IPC_WAY_BYTES;
	event->tid = (__u32)bpf_get_current_pid_tgid();
	event->code = 0;
	event->flags = flags;
	event->roles = state ? state->roles : 0;
	bpf_ringbuf_submit(event, stream_flags(sizeof(*event)));
	return settings.contents && verdict != IPC_EVENT_HIDDEN;
}

/* The flow key of a signal; the filter has passed it. */
static __noinline int stream_signal(struct ipc_flow_key *key, __u32 tid, int code, __u32 flags)
{
	struct ipc_event *event;

	if (!stream_has_room(IPC_SIGNAL))
		return 0;
	event = bpf_ringbuf_reserve(&records, sizeof(*event), 0);
	if (!event) {
		event_lose(IPC_SIGNAL);
		return 0;
	}
	event_fill(event, key);
	__builtin_memset(&event->way, 0, sizeof(event->way));
	event->bytes = event->position = 0;
	event->tid = tid;
	event->code = code;
	event->flags = flags;
	event->roles = 0;
	bpf_ringbuf_submit(event, stream_flags(sizeof(*event)));
	return 0;
}

#endif
