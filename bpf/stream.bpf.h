/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ipcdump: what arrived as records, and who sends by which way. None of it is
 * reached (nor left in the loaded programs) without settings.stream.
 */
#ifndef STREAM_BPF_H
#define STREAM_BPF_H

/* Events, their contents, and what was lost between them; --buffer in ipcdump. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

/*
 * Who sends by a way: the one process that was about to, before anything of it could
 * arrive. Another takes its place once all that was sent is read and nobody is in a
 * call that sends; when it can't wait for that, they share the way, and who sent what
 * is not known.
 */
struct sender {
	__u64 start;
	__u64 ino;  /* sockets: inode of the sending one, since their addresses are used again */
	__u64 base; /* prior: where in the channel this sender's bytes begin, see prior_is_over() */
	__u64 sent, read; /* bytes, or messages of what keeps them apart; by calls that have returned */
	__u64 calls;	  /* that send, and have not returned */
	__u32 tgid; /* 0: the kernel */
	__u8 roles; /* enum ipc_role */
	__u8 shared; /* others send, too */
	__u8 prior; /* what was there before it did is not all read yet */
	__u8 uneven; /* sent and read can't be compared */
	__u8 echo; /* pty: bytes of the other side may come back by this way */
	__u8 own;  /* ipcdump sends by it, too: telling of it would never end */
	__u8 pad[6];
	char comm[IPC_COMM_LEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 128); /* SENDERS_MAX in ipcdump */
	__type(key, struct ipc_way);
	__type(value, struct sender);
} senders SEC(".maps");

/* One wakeup for so many bytes: more often costs the traced processes, more seldom the reader. */
static __always_inline __u64 stream_flags(__u64 size)
{
	return (bpf_ringbuf_query(&events, BPF_RB_PROD_POS) & (settings.events_wakeup - 1)) < size + 8 ?
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
	struct ipc_lost *lost = bpf_ringbuf_reserve(&events, sizeof(*lost), 0);
	__u32 i;

	if (!lost)
		return 0;
	lost->record.type = IPC_RECORD_LOST;
	lost->record.size = sizeof(*lost);
	lost->record.time = bpf_ktime_get_ns();
	for (i = 0; i < IPC_MECHANISMS; i++)
		lost->events[i] = counters.events_lost[i];
	counters.events_lost_told = all;
	bpf_ringbuf_submit(lost, BPF_RB_NO_WAKEUP);
	return 0;
}

/* Room for an event, or NULL after counting what was lost. */
static __always_inline struct ipc_event *event_reserve(__u32 mechanism)
{
	struct ipc_event *event;

	if (counters.events_lost_all != counters.events_lost_told)
		losses_tell();
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		event_lose(mechanism);
	return event;
}

static __always_inline void event_submit(struct ipc_event *event)
{
	bpf_ringbuf_submit(event, stream_flags(sizeof(*event)));
}

static __always_inline __u32 roles_by_comm(struct task_struct *task)
{
	char comm[IPC_COMM_LEN] = {};
	__u32 roles = 0, i, j;

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

/* enum ipc_role of a task. */
static __always_inline __u32 task_roles(struct task_struct *task)
{
	__u32 tgid = get(task, tgid), roles = 0;
	__u8 *by_pid;

	if (settings.filter_pids) {
		by_pid = bpf_map_lookup_elem(&followed, &tgid);
		if (by_pid)
			roles = *by_pid;
	}
	if (settings.filter_comms)
		roles |= roles_by_comm(task);
	return roles;
}

subprogram int roles_of(__u64 task)
{
	return task_roles(cast(struct task_struct, task));
}

/* Do the two ends of an event have all that was asked for? */
static __always_inline bool roles_pass(__u32 src, __u32 dst)
{
	__u32 have = (src & ~IPC_ROLES_DST) | (dst & ~IPC_ROLES_SRC);

	return (have & settings.filter_roles) == settings.filter_roles;
}

static __always_inline void comm_of(char *comm, struct task_struct *task)
{
#if DIRECT_LOADS
	struct task_struct *leader = get(task, group_leader);
	struct list_head *words = cast(struct list_head, (char *)leader + bpf_core_field_offset(struct task_struct, comm));

	((__u64 *)comm)[0] = number_of(words->next);
	((__u64 *)comm)[1] = number_of(words->prev);
#else
	bpf_probe_read_kernel(comm, IPC_COMM_LEN, &get(task, group_leader)->comm);
#endif
}

/* The sender of sockets that the kernel has for itself is the kernel. */
static __always_inline void sender_fill(struct sender *sender, struct task_struct *task)
{
	sender->tgid = 0;
	sender->start = 0;
	if (get(task, flags) & PF_KTHREAD)
		return;
	sender->tgid = get(task, tgid);
	sender->start = get(task, group_leader, start_boottime);
	comm_of(sender->comm, task);
	if (settings.filter_on)
		sender->roles = roles_of(number_of(task));
}

/* Of messages there are as many as were sent, but each may have been cut. */
static __always_inline __u64 way_units(__u32 mechanism, __u64 bytes)
{
	return mechanism == IPC_UNIX_SEQPACKET || mechanism == IPC_UNIX_DGRAM ? 1 : bytes;
}

/* How a sender comes to a way. */
enum claim {
	CLAIM_WAITING = 1, /* something is there that was sent before, by whom nobody knows */
	CLAIM_CALL = 2,	   /* a system call, whose end call_sent() will see */
};

/*
 * Makes the task the way's only sender, if all that was sent is read: then no reader
 * has bytes of another in its hands either. Who comes meanwhile counts a call before
 * it looks, and so is seen here.
 */
static __always_inline void sender_replace(struct sender *sender, struct task_struct *task, __u32 claim)
{
	__u64 sent = sender->sent;

	if (sender->uneven || !(claim & CLAIM_CALL) || claim & CLAIM_WAITING || sender->calls != 1 ||
	    sender->read != sent) {
		sender->shared = 1;
		return;
	}
	sender->prior = 0;
	sender->shared = 0;
	sender_fill(sender, task);
	if (*(volatile __u64 *)&sender->calls != 1 || *(volatile __u64 *)&sender->sent != sent)
		sender->shared = 1;
}

static __always_inline bool sender_is(const struct sender *sender, struct task_struct *task)
{
	if (get(task, flags) & PF_KTHREAD)
		return !sender->tgid;
	return sender->tgid == (__u32)get(task, tgid) && sender->start == get(task, group_leader, start_boottime);
}

static __always_inline int sender_make(struct ipc_way *way, struct task_struct *task, __u64 ino, __u64 base,
				  __u32 claim)
{
	struct sender *known, fresh = {};

	sender_fill(&fresh, task);
	fresh.ino = ino;
	fresh.base = base;
	fresh.prior = claim & CLAIM_WAITING;
	fresh.calls = !!(claim & CLAIM_CALL);
	/* Where TCP's begin its numbers tell; elsewhere a read may be of both. */
	fresh.uneven = (fresh.prior && way->mechanism != IPC_TCP) || way->mechanism == IPC_UDP ||
		       way->mechanism == IPC_PTY || !fresh.calls;
	fresh.own = (__u32)get(task, tgid) == counters.own_tgid;
	known = bpf_map_lookup_elem(&senders, way);
	if (!bpf_map_update_elem(&senders, way, &fresh, known ? BPF_ANY : BPF_NOEXIST))
		return 1;
	/* Somebody else came first, since we looked. */
	known = bpf_map_lookup_elem(&senders, way);
	if (known && !sender_is(known, task))
		known->shared = known->uneven = 1;
	return 1;
}

/* A task is about to send by a way. Returns 0 when it has done so before, and alone. */
static __noinline int sender_claim(struct ipc_way *way, struct task_struct *task, __u64 ino, __u64 base,
				   __u32 claim)
{
	struct sender *known = bpf_map_lookup_elem(&senders, way);

	if (!known || known->ino != ino)
		return sender_make(way, task, ino, base, claim);
	if (claim & CLAIM_CALL)
		count(&known->calls);
	else
		known->uneven = 1;
	if ((__u32)get(task, tgid) == counters.own_tgid)
		known->own = 1;
	if (known->shared || !sender_is(known, task)) {
		/* A way of TCP is never seen to be empty: its numbers are for the first one alone. */
		sender_replace(known, task, way->mechanism == IPC_TCP ? claim & ~CLAIM_WAITING : claim);
		return 1;
	}
	comm_of(known->comm, task); /* it may be called otherwise by now */
	if (settings.filter_comms)
		known->roles = roles_of(number_of(task));
	return 0;
}

/* A call that sends has returned. */
static __always_inline int sender_sent(struct ipc_way *way, __u64 sent)
{
	struct sender *sender = bpf_map_lookup_elem(&senders, way);

	if (!sender || !sender->calls)
		return 0;
	if (sent)
		__sync_fetch_and_add(&sender->sent, sent);
	__sync_fetch_and_add(&sender->calls, -1);
	return 0;
}

/* Is all of what came before the sender read? position: as in the sender's base. */
static __always_inline bool prior_is_over(const struct sender *sender, __u32 mechanism, __u64 position)
{
	if (mechanism == IPC_PIPE || mechanism == IPC_FIFO)
		return (__s16)(position - sender->base) >= 0; /* slots; 16 bits wide on newer kernels */
	if (mechanism == IPC_TCP)
		return (__s32)(position - sender->base) >= 0; /* sequence numbers */
	if (mechanism == IPC_PTY)
		return !position; /* nothing waits */
	return position <= 1; /* unix: the sending socket's bytes that nobody read, and one */
}

static __always_inline void event_fill(struct ipc_event *event, const struct ipc_flow_key *key)
{
	event->record.type = IPC_RECORD_EVENT;
	event->record.size = sizeof(*event);
	event->record.time = bpf_ktime_get_ns();
	event->object = key->object;
	event->remote = key->remote;
	event->mechanism = key->mechanism;
	event->side = key->side;
	event->reason = 0;
	event->from_port = 0;
	event->pad = 0;
	event->code = 0;
	__builtin_memset(event->from_addr, 0, 16);
	event->src_start = 0;
	event->src_tgid = 0;
	__builtin_memset(event->src_comm, 0, IPC_COMM_LEN);
}

/* IPC_EVENT_SENDER, or why it is not known. */
static __always_inline __u32 sender_state(struct sender *sender, __u32 mechanism, __u64 position)
{
	bool over;

	if (!sender)
		return 0;
	if (sender->shared || sender->echo)
		return IPC_EVENT_SHARED;
	if (!sender->prior)
		return IPC_EVENT_SENDER;
	over = prior_is_over(sender, mechanism, position);
	if (over)
		sender->prior = 0;
	/* A sequence number is where these bytes began, all else where they ended. */
	return over && mechanism == IPC_TCP ? IPC_EVENT_SENDER : IPC_EVENT_PRIOR;
}

/* The datagram that a task was given. */
struct arrival {
	struct ipc_way way;
	__u64 number;
	__u64 waiting; /* as prior_is_over() has it */
};

/* How bytes came: of one call of one thread, for whose functions' stack it is too large. */
struct received {
	struct ipc_flow_key key;
	struct ipc_way way; /* object 0: not known */
	__u64 position;
	__u8 from_addr[16]; /* udp */
	__u16 from_port, has_from;
	__u32 reason; /* enum ipc_contents_reason */
};

#define RECEIVED_ROOM 65536

/* By the low bits of the thread's number, as in run.bpf.h: it may be preempted. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* RECEIVED_ROOM in ipcdump */
	__type(key, __u32);
	__type(value, struct received);
} received_room SEC(".maps");

/* With its key, and zeroes. */
static __always_inline struct received *received_begin(const struct ipc_flow_key *key)
{
	__u32 place = (__u32)bpf_get_current_pid_tgid() % RECEIVED_ROOM;
	struct received *received = bpf_map_lookup_elem(&received_room, &place);

	if (!received)
		return NULL;
	__builtin_memset(received, 0, sizeof(*received));
	received->key = *key;
	received->way.mechanism = key->mechanism;
	return received;
}

/* That of the last received_begin() of the thread. */
static __always_inline struct received *received_of_thread(void)
{
	__u32 place = (__u32)bpf_get_current_pid_tgid() % RECEIVED_ROOM;

	return bpf_map_lookup_elem(&received_room, &place);
}

static __always_inline int received_tell(struct received *how, struct sender *sender, struct ipc_flow_key *key,
					 __u64 bytes)
{
	__u32 flags = sender_state(sender, key->mechanism, how->position), src = 0;
	__u32 reason = how->reason;
	struct task_struct *task = task_current();
	struct ipc_event *event;
	__u64 time;

	if (key->tgid == counters.own_tgid || (sender && sender->own))
		return 0;
	if (settings.filter_on) {
		if (sender && flags & IPC_EVENT_SENDER)
			src = sender->roles;
		if (!roles_pass(src, roles_of(number_of(task))))
			return 0;
	}
	event = event_reserve(key->mechanism);
	if (!event)
		return 0;
	event_fill(event, key);
	time = event->record.time;
	event->bytes = bytes;
	event->dst_start = key->start;
	event->dst_tgid = key->tgid;
	comm_of(event->dst_comm, task);
	event->tid = (__u32)bpf_get_current_pid_tgid();
	if (sender && flags & IPC_EVENT_SENDER) {
		event->src_start = sender->start;
		event->src_tgid = sender->tgid;
		__builtin_memcpy(event->src_comm, sender->comm, IPC_COMM_LEN);
	}
	if (settings.contents && !reason)
		flags |= IPC_EVENT_CONTENTS;
	if (how->has_from) {
		__builtin_memcpy(event->from_addr, how->from_addr, 16);
		event->from_port = how->from_port;
		flags |= IPC_EVENT_FROM;
	}
	event->reason = reason;
	event->flags = flags;
	event_submit(event);
	return settings.contents && !reason ? IPC_EVENT_ID(time) : 0;
}

/*
 * Bytes were received. Returns the event's number when its contents shall follow,
 * else 0.
 */
static __noinline int stream_received(struct received *how, __u64 bytes)
{
	struct ipc_flow_key *key = &how->key;
	struct sender *sender = how->way.object ? bpf_map_lookup_elem(&senders, &how->way) : NULL;
	__u64 units = way_units(key->mechanism, bytes);
	__s32 before = 0;
	int told;

	/* Those before the first sender's are none that anybody was seen to send. */
	if (sender && key->mechanism == IPC_TCP && sender->prior) {
		before = (__u32)sender->base - (__u32)how->position;
		if (before > 0)
			units = (__u64)before < units ? units - before : 0;
	}
	told = received_tell(how, sender, key, bytes);
	/* Last: from here on another may take the sender's place. */
	if (sender)
		__sync_fetch_and_add(&sender->read, units);
	return told;
}

#endif
