/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * UNIX messages carry their sender: who fills a packet (struct sk_buff) is noted under its
 * address, and who reads it finds him there. A call that receives goes by the packets that it
 * takes from, one after the other and with the socket locked (unix_sock.iolock), before it
 * returns and is counted: its thread keeps in mind whose they were.
 *
 * Memory: a table of packets that are under way (CARRIED_SETS of CARRIED_WAYS), another of
 * threads that are receiving. A packet that is pushed out, and one that was filled before the
 * programs were there, is nobody knows whose. A sender is in the reader's flow key.
 */
#ifndef CARRIED_BPF_H
#define CARRIED_BPF_H

#define CARRIED_BITS 16
#define CARRIED_SETS (1 << CARRIED_BITS) /* 3 MB */
#define CARRIED_WAYS 2
#define RECEIVING_THREADS 16384 /* by the low bits of the thread's number */

/*
 * Two CPUs that write to one place at once leave what neither meant: the seal, of the other two
 * words, tells that.
 */
struct carried {
	__u64 skb; /* 0: free */
	__u64 from; /* ipc_sender(), or IPC_SENDER_UNKNOWN */
	__u64 seal;
};

struct carried_set {
	struct carried ways[CARRIED_WAYS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CARRIED_SETS); /* 1 where nothing is made of it */
	__type(key, __u32);
	__type(value, struct carried_set);
} carried SEC(".maps");

/* What a thread has taken out of a socket by the call that it is in. */
struct receiving {
	__u64 from;	    /* whose the last packets were */
	__u64 bytes;	    /* of those */
	__u64 before;	    /* bytes of others, which are counted */
	__u32 thread, pad; /* 0: nothing */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RECEIVING_THREADS); /* likewise */
	__type(key, __u32);
	__type(value, struct receiving);
} receiving SEC(".maps");

static __always_inline bool senders_kept(__u32 mechanism)
{
	if (mechanism == IPC_UNIX_STREAM)
		return settings.seen & IPC_SEEN_STREAM_ORDER;
	return (mechanism == IPC_UNIX_DGRAM || mechanism == IPC_UNIX_SEQPACKET) &&
	       settings.seen & IPC_SEEN_MESSAGE_ORDER;
}

static __always_inline struct carried_set *carried_set(__u64 skb)
{
	__u32 place = skb * 0x9e3779b97f4a7c15ULL >> (64 - CARRIED_BITS);

	return bpf_map_lookup_elem(&carried, &place);
}

static __always_inline __u64 carried_seal(__u64 skb, __u64 from)
{
	return skb ^ from * 0xbf58476d1ce4e5b9ULL;
}

/*
 * A packet is in one place of its set or in none, so that nothing old is ever found. Where both
 * are others' the one goes whose turn it is by the address.
 */
static __always_inline void carried_note(__u64 skb, __u64 from)
{
	struct carried_set *set = carried_set(skb);
	struct carried *way;

	if (!set)
		return;
	way = &set->ways[0];
	if (way->skb != skb && (set->ways[1].skb == skb || (way->skb && (!set->ways[1].skb || skb & 1024))))
		way = &set->ways[1];
	way->skb = skb;
	way->from = from;
	way->seal = carried_seal(skb, from);
}

static __always_inline __u64 carried_from(__u64 skb, bool all_read)
{
	struct carried_set *set = carried_set(skb);
	struct carried *way;
	__u64 from;

	if (!set)
		return IPC_SENDER_UNKNOWN;
	way = &set->ways[set->ways[0].skb != skb];
	if (way->skb != skb)
		return IPC_SENDER_UNKNOWN;
	from = way->from;
	if (way->seal != carried_seal(skb, from))
		from = IPC_SENDER_UNKNOWN;
	if (all_read)
		way->skb = 0;
	return from;
}

static __always_inline __u64 current_sender(void)
{
	struct task_struct *task = task_current();

	if (get(task, flags) & PF_KTHREAD)
		return IPC_SENDER_UNKNOWN;
	return ipc_sender(get(task, group_leader, start_boottime), get(task, tgid));
}

static __always_inline bool skb_is_unix(struct sk_buff *skb)
{
	return get(skb, sk, __sk_common.skc_family) == AF_UNIX;
}

/* skb_copy_datagram_from_iter(): a new packet, which nobody else sees yet. */
static __always_inline int on_skb_filled(struct sk_buff *packet)
{
	struct sk_buff *skb = cast(struct sk_buff, packet);

	if (skb_is_unix(skb))
		carried_note(number_of(skb), current_sender());
	return 0;
}

/*
 * skb_splice_from_iter(), up to 6.4 skb_append_pagefrags(): as above if it is empty, else another's
 * may be added to. Of the two nobody can tell whose it is then.
 */
static __always_inline int on_skb_appended(struct sk_buff *packet)
{
	struct sk_buff *skb = cast(struct sk_buff, packet);
	__u64 from;

	if (!skb_is_unix(skb))
		return 0;
	from = current_sender();
	if (get(skb, len) && carried_from(number_of(skb), false) != from)
		from = IPC_SENDER_UNKNOWN;
	carried_note(number_of(skb), from);
	return 0;
}

static __always_inline struct receiving *receiving_find(__u32 thread)
{
	__u32 place = thread & (RECEIVING_THREADS - 1);

	return bpf_map_lookup_elem(&receiving, &place);
}

/* So many bytes of a call that goes on to another sender's. */
subprogram int received_part(__u64 call, __u64 from, __u64 bytes)
{
	struct sock *sk = get(cast(struct unix_stream_read_state, call), socket, sk);
	struct ipc_flow_key key = {};
	__u32 tracked;

	key.mechanism = IPC_UNIX_STREAM;
	if (!mechanism_on(key.mechanism))
		return 0;
	socket_identify_task(&key, task_current());
	key.direction = IPC_RX;
	key.side = IPC_SIDE_PART;
	key.object = socket_inode(sk);
	key.remote = from;
	tracked = current_tracked();
	if (!settings.filter_on || socket_wanted(sk, key.mechanism, tracked, NULL, 0))
		flow_add(&key, 1, bytes, tracked);
	return 0;
}

/*
 * Another thread that is in the same place, and of whose call something is counted, keeps it:
 * else that would be counted twice. call: of a stream, its state; a datagram's call takes one.
 */
static __always_inline void receiving_add(__u64 call, __u64 from, __u64 bytes)
{
	__u32 thread = get(task_current(), pid);
	struct receiving *now = receiving_find(thread);

	if (!now)
		return;
	if (!call || now->thread != thread) {
		if (now->thread && now->thread != thread && now->before)
			return;
		now->thread = thread;
		now->before = 0;
	} else if (now->from == from) {
		now->bytes += bytes;
		return;
	} else {
		received_part(call, now->from, now->bytes);
		now->before += now->bytes;
	}
	now->from = from;
	now->bytes = bytes;
}

/* unix_stream_read_actor(), as it begins, and unix_stream_splice_actor(): from a packet to the reader. */
static __always_inline int on_stream_taken(struct sk_buff *packet, int skip, int bytes,
					   struct unix_stream_read_state *call)
{
	struct unix_stream_read_state *state = cast(struct unix_stream_read_state, call);
	struct sk_buff *skb = cast(struct sk_buff, packet);
	struct unix_skb_parms *parms;
	__u32 end;

	if (!ready || bytes <= 0 || get(state, flags) & MSG_PEEK)
		return 0;
	parms = cast(struct unix_skb_parms, (char *)skb + bpf_core_field_offset(struct sk_buff, cb));
	end = get(parms, consumed) + skip + bytes;
	receiving_add(number_of(state), carried_from(number_of(skb), end >= get(skb, len)), bytes);
	return 0;
}

/* __skb_try_recv_datagram(): a datagram leaves the queue, unless it is peeked at. */
static __always_inline int on_message_taken(struct sock *sock, __u32 flags, struct sk_buff *packet)
{
	struct sk_buff *skb = cast(struct sk_buff, packet);
	struct sock *sk = cast(struct sock, sock);

	if (!ready || !skb || flags & MSG_PEEK || get(sk, __sk_common.skc_family) != AF_UNIX)
		return 0;
	receiving_add(0, carried_from(number_of(skb), true), get(skb, len));
	return 0;
}

/*
 * A call has received so many bytes. Returns whose they were; of a stream those of the last
 * sender, and how many are counted; of a datagram, how many were cut off.
 */
static __always_inline __u64 received_of(struct task_struct *task, __u32 mechanism, __u64 bytes, __u64 *besides)
{
	__u32 thread = get(task, pid);
	struct receiving *now = receiving_find(thread);
	__u64 of_last;

	if (!now || now->thread != thread)
		return IPC_SENDER_UNKNOWN;
	now->thread = 0;
	of_last = now->bytes;
	if (mechanism != IPC_UNIX_STREAM) {
		if (of_last < bytes)
			return IPC_SENDER_UNKNOWN;
		*besides = of_last - bytes;
		return now->from;
	}
	*besides = now->before < bytes ? now->before : bytes;
	/* Less: the last packet could not be copied. */
	return bytes - *besides <= of_last ? now->from : IPC_SENDER_UNKNOWN;
}

/* The reader's buffer was not there, or had no room: nothing of it was received. */
static __always_inline void received_nothing(void)
{
	__u32 thread = get(task_current(), pid);
	struct receiving *now = receiving_find(thread);

	if (now && now->thread == thread)
		now->thread = 0;
}

#endif
