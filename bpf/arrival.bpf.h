/* SPDX-License-Identifier: GPL-2.0-only */
/* ipcdump: by which way the bytes of a socket go, and whose datagrams a call was given. */
#ifndef ARRIVAL_BPF_H
#define ARRIVAL_BPF_H

/*
 * The datagrams that a task took out of sockets, in the order in which it did;
 * those of a system call are the last ones when it returns.
 */
#define ARRIVALS 64 /* a power of two: for recvmmsg(2) */
#define ARRIVALS_COUNT 0xffffffff

/* How a socket's bytes came, in one number: enum ipc_contents_reason; which datagram from the last. */
#define RECEIVED_REASON 0xff
#define RECEIVED_BACK 8

struct arrival_key {
	__u64 task; /* pid_tgid */
	__u32 slot; /* number % ARRIVALS; ARRIVALS_COUNT: how many there were */
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 128); /* SENDERS_MAX in ipcdump */
	__type(key, struct arrival_key);
	__type(value, struct arrival);
} arrivals SEC(".maps");

static __always_inline void way_of_ends(struct ipc_way *way, __u32 mechanism, const struct endpoint *from,
					const struct endpoint *to, __u64 netns)
{
	way->object = hash_mix(endpoint_hash(from), endpoint_hash(to)) | 1;
	way->remote = netns;
	way->mechanism = mechanism;
}

/* from NULL: all that is sent to a port of the namespace. */
static __always_inline void way_of_udp(struct ipc_way *way, const struct endpoint *from, __u64 port, __u64 netns)
{
	way->object = hash_mix(from ? endpoint_hash(from) : settings.hash_seed, port) | 1;
	way->remote = netns;
	way->mechanism = IPC_UDP;
}

static __always_inline bool endpoint_is_loopback(const struct endpoint *end)
{
	if (end->high || end->low >> 32)
		return false;
	return end->low == bpf_htonl(1) /* ::1 */ || bpf_ntohl((__u32)end->low) >> 24 == 127;
}

/* Both ends are this host's: one is 127.0.0.0/8 or ::1, or they are one and the same address. */
static __always_inline bool ends_are_loopback(const struct endpoint *a, const struct endpoint *b)
{
	if (a->high == b->high && a->low == b->low)
		return true;
	return endpoint_is_loopback(a) || endpoint_is_loopback(b);
}

/* From and to, out of a packet's headers; false where they are not just IP and UDP. */
static __noinline bool packet_ends(struct sk_buff *skb, struct endpoint *from, struct endpoint *to)
{
	unsigned char *header = get(skb, head) + get(skb, network_header);
	__u8 ip[40] __attribute__((aligned(8))) = {};
	__u16 ports[2] = {};
	__u32 size;

	if (bpf_probe_read_kernel(ip, 20, header))
		return false;
	if (ip[0] >> 4 == 4 && ip[9] == IPPROTO_UDP) {
		size = (ip[0] & 15) * 4;
		from->high = to->high = 0;
		from->low = *(__u32 *)(ip + 12);
		to->low = *(__u32 *)(ip + 16);
	} else if (ip[0] >> 4 == 6 && ip[6] == IPPROTO_UDP) {
		if (bpf_probe_read_kernel(ip, 40, header))
			return false;
		size = 40;
		endpoint_set_v6(from, ip + 8);
		endpoint_set_v6(to, ip + 24);
	} else {
		return false;
	}
	if (bpf_probe_read_kernel(ports, sizeof(ports), header + size))
		return false;
	from->port = bpf_ntohs(ports[0]);
	to->port = bpf_ntohs(ports[1]);
	return true;
}

static __always_inline void endpoint_to_v6(__u8 *addr, const struct endpoint *end)
{
	__u32 *words = (__u32 *)addr;

	/* Among the addresses that begin with 96 zeroes, ::1 alone is none of IPv4. */
	if (!end->high && !(end->low >> 32)) {
		words[0] = words[1] = 0;
		words[2] = end->low == bpf_htonl(1) ? 0 : bpf_htonl(0xffff);
		words[3] = end->low;
		return;
	}
	words[0] = end->high >> 32;
	words[1] = end->high;
	words[2] = end->low >> 32;
	words[3] = end->low;
}

static __always_inline void remote_endpoint(const struct remote *remote, struct endpoint *end)
{
	end->port = remote->port;
	end->high = 0;
	if (remote->family == AF_INET)
		end->low = *(__u32 *)remote->addr;
	else
		endpoint_set_v6(end, remote->addr);
}

static __noinline int arrival_add(struct arrival *arrival)
{
	struct arrival_key key = { .task = bpf_get_current_pid_tgid(), .slot = ARRIVALS_COUNT };
	struct arrival *last = bpf_map_lookup_elem(&arrivals, &key);

	if (last) {
		arrival->number = ++last->number;
	} else {
		arrival->number = 1;
		bpf_map_update_elem(&arrivals, &key, arrival, BPF_ANY);
	}
	key.slot = arrival->number % ARRIVALS;
	return bpf_map_update_elem(&arrivals, &key, arrival, BPF_ANY);
}

/* The datagram that was taken `back` before the last one, or NULL. */
static __always_inline struct arrival *arrival_find(__u32 back)
{
	struct arrival_key key = { .task = bpf_get_current_pid_tgid(), .slot = ARRIVALS_COUNT };
	struct arrival *found = bpf_map_lookup_elem(&arrivals, &key);
	__u64 number;

	if (!found || back >= ARRIVALS || found->number <= back)
		return NULL;
	number = found->number - back;
	key.slot = number % ARRIVALS;
	found = bpf_map_lookup_elem(&arrivals, &key);
	return found && found->number == number ? found : NULL;
}

/* Is the running task in a call that receives? Others free packets, too. */
static __always_inline bool call_receives(void)
{
#if DIRECT_LOADS
	__u64 number = call_number(cast(struct pt_regs, bpf_task_pt_regs(bpf_get_current_task_btf())));

	return number < IPC_CALL_TABLE && settings.calls_any[number];
#else
	return true;
#endif
}

/*
 * Its last user, the reader, lets go of a datagram: recvmsg of a UNIX socket. Those of UDP
 * are let go later, and in the middle of what other tasks do (skb_attempt_defer_free(),
 * Linux 6.18), so they tell nothing of their reader.
 */
static __always_inline int on_datagram(struct sk_buff *packet)
{
	struct sk_buff *skb = cast(struct sk_buff, packet);
	struct sock *sender = get(skb, sk);
	struct arrival arrival = {};

	if (!ready || !sender || get(sender, __sk_common.skc_family) != AF_UNIX ||
	    get(sender, sk_type) != SOCK_DGRAM || !call_receives())
		return 0;
	arrival.way.object = number_of(sender);
	arrival.way.mechanism = IPC_UNIX_DGRAM;
	/* It is still counted itself. */
	arrival.waiting = (__u32)get(sender, sk_wmem_alloc.refs.counter) - get(skb, truesize);
	return arrival_add(&arrival);
}

/* A packet leaves a socket, in the context of the process that sends it. */
static __always_inline int on_packet(struct sk_buff *packet)
{
	struct sk_buff *skb = cast(struct sk_buff, packet);
	struct sock *sk = get(skb, sk);
	struct endpoint from = {}, to = {};
	struct ipc_way way = {};

	if (!ready || !sk || socket_mechanism(sk) != IPC_UDP || !packet_ends(skb, &from, &to))
		return 0;
	way_of_udp(&way, &from, to.port, socket_netns(sk));
	sender_claim(&way, task_current(), 0, 0, 0);
	way_of_udp(&way, NULL, to.port, socket_netns(sk));
	sender_claim(&way, task_current(), 0, 0, 0);
	return 0;
}

static __always_inline void way_of_tcp(struct ipc_way *way, struct sock *sk, __u32 direction)
{
	struct endpoint local = {}, remote = {};

	socket_local(sk, &local);
	socket_remote(sk, &remote);
	if (!remote.port)
		return;
	if (direction == IPC_TX)
		way_of_ends(way, IPC_TCP, &local, &remote, socket_netns(sk));
	else
		way_of_ends(way, IPC_TCP, &remote, &local, socket_netns(sk));
}

/* The way of what is sent through a socket; false: it has none, or is not to be traced. */
static __always_inline bool socket_way(struct ipc_way *way, struct sock *sk)
{
	__u32 mechanism = socket_mechanism(sk);

	/* UDP's is known by its packets. */
	if (mechanism >= IPC_MECHANISMS || mechanism == IPC_UDP || !mechanism_on(mechanism))
		return false;
	way->mechanism = mechanism;
	if (mechanism == IPC_TCP)
		way_of_tcp(way, sk, IPC_TX);
	else
		way->object = number_of(sk);
	return way->object;
}

/* A task is about to send through a socket. */
static __noinline int socket_claims(struct task_struct *task, struct sock *sk, __u32 claim)
{
	struct ipc_way way = {};
	__u32 sequence = 0;

	if (!socket_way(&way, sk))
		return 0;
	if (way.mechanism == IPC_TCP) {
		if (get(sk, sk_protocol) == IPPROTO_TCP) {
			sequence = get(cast(struct tcp_sock, sk), write_seq);
			claim |= CLAIM_WAITING;
		}
	} else if ((__u32)get(sk, sk_wmem_alloc.refs.counter) > 1) {
		claim |= CLAIM_WAITING;
	}
	return sender_claim(&way, task, socket_inode(sk), sequence, claim);
}

static __always_inline bool tcp_is_loopback(struct sock *sk)
{
	struct endpoint local = {}, remote = {};

	socket_local(sk, &local);
	socket_remote(sk, &remote);
	return ends_are_loopback(&local, &remote);
}

/* What came through a connection: the way is its peer's. */
static __noinline int stream_connection(struct received *received, struct sock *sk, __u64 bytes)
{
	struct sock *peer;

	if (received->key.mechanism == IPC_TCP) {
		if (settings.loopback & 1 && !tcp_is_loopback(sk))
			return 0;
		way_of_tcp(&received->way, sk, IPC_RX);
		received->position = get(cast(struct tcp_sock, sk), copied_seq) - (__u32)bytes;
	} else {
		peer = unix_peer(sk);
		received->way.object = number_of(peer);
		received->position = (__u32)get(peer, sk_wmem_alloc.refs.counter);
	}
	return 1;
}

/* A datagram's arrival names its sender once. */
static __noinline int arrival_take(struct received *received, __u32 back)
{
	struct arrival *arrival = received->reason != IPC_CONTENTS_IO_URING ? arrival_find(back) : NULL;

	if (!arrival || arrival->way.mechanism != received->key.mechanism)
		return 0;
	arrival->number = 0;
	received->way.object = arrival->way.object;
	received->position = arrival->waiting;
	return 1;
}

/*
 * Where a datagram came from the program was told, or the socket is connected. Else, if nobody outside can send to the socket, whoever alone sends to its port.
 */
static __noinline int stream_udp(struct received *received, struct sock *sk, struct remote *remote)
{
	struct endpoint local = {}, from = {};
	bool inside;

	socket_local(sk, &local);
	inside = endpoint_is_loopback(&local);
	if (remote && remote->hash) {
		remote_endpoint(remote, &from);
		way_of_udp(&received->way, &from, local.port, 0);
		endpoint_to_v6(received->from_addr, &from);
		received->from_port = from.port;
		received->has_from = 1;
		inside = ends_are_loopback(&local, &from);
	} else if (inside) {
		way_of_udp(&received->way, NULL, local.port, 0);
	}
	received->way.remote = socket_netns(sk);
	return !(settings.loopback & 2) || inside;
}

/* What socket_count() has counted. Returns what stream_received() does. */
static __always_inline int socket_stream(struct sock *sk, __u32 direction, __u64 bytes, struct remote *remote,
					 __u32 how)
{
	struct received *received;

	/* What no system call of its own announced. */
	if (direction == IPC_TX) {
		if (how == IPC_CONTENTS_IO_URING)
			socket_claims(task_current(), sk, 0);
		return 0;
	}
	received = received_of_thread();
	if (!received)
		return 0;
	received->reason = how & RECEIVED_REASON;
	if (received->key.mechanism == IPC_UDP) {
		if (!stream_udp(received, sk, remote))
			return 0;
	} else if (received->key.mechanism == IPC_UNIX_DGRAM) {
		arrival_take(received, how >> RECEIVED_BACK);
	} else if (!stream_connection(received, sk, bytes)) {
		return 0;
	}
	return stream_received(received, bytes);
}

#endif
