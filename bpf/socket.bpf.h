/* SPDX-License-Identifier: GPL-2.0-only */
/* What UNIX, TCP and UDP sockets have in common: identity and description. */
#ifndef SOCKET_BPF_H
#define SOCKET_BPF_H

/* enum ipc_mechanism, or IPC_MECHANISMS for a socket that is none of them */
static __always_inline __u32 socket_mechanism(struct sock *sk)
{
	__u16 family = get(sk, __sk_common.skc_family);
	__u16 type = get(sk, sk_type);
	__u16 protocol;

	if (family == AF_UNIX) {
		if (type == SOCK_STREAM)
			return IPC_UNIX_STREAM;
		if (type == SOCK_DGRAM)
			return IPC_UNIX_DGRAM;
		return type == SOCK_SEQPACKET ? IPC_UNIX_SEQPACKET : IPC_MECHANISMS;
	}
	if (family != AF_INET && family != AF_INET6)
		return IPC_MECHANISMS;
	protocol = get(sk, sk_protocol);
	/* An MPTCP socket has the addresses of its first subflow, mptcp_copy_inaddrs(). */
	if (type == SOCK_STREAM && (protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP))
		return IPC_TCP;
	if (type == SOCK_DGRAM && (protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE))
		return IPC_UDP;
	return IPC_MECHANISMS;
}

/* sockfs keeps the inode behind the socket: net/socket.c, SOCK_INODE() */
static __always_inline __u64 socket_inode(struct sock *sk)
{
	struct socket *socket = get(sk, sk_socket);
	struct socket_alloc *alloc;

	if (!socket)
		return 0;
	alloc = cast(struct socket_alloc, (char *)socket - bpf_core_field_offset(struct socket_alloc, socket));
	return get(alloc, vfs_inode.i_ino);
}

static __always_inline struct sock *socket_of(struct file *file)
{
	struct socket *socket = cast(struct socket, get(file, private_data));

	return get(socket, sk);
}

static __always_inline struct sock *unix_peer(struct sock *sk)
{
	return get(cast(struct unix_sock, sk), peer);
}

static __always_inline void describe_unix_name(struct ipc_object *object, struct unix_address *address)
{
	__u64 len = (__u32)get(address, len);

	if (len <= 2) /* sun_family alone: not bound */
		return;
	len -= 2;
	barrier_var(len); /* keeps the bound where the verifier sees it */
	if (len > IPC_SUN_LEN)
		len = IPC_SUN_LEN;
	bpf_probe_read_kernel(object->name, len,
			      (char *)address + bpf_core_field_offset(struct unix_address, name) + 2);
	object->name_len = len;
}

static __always_inline void describe_unix(struct ipc_object *object, struct sock *sk)
{
	struct unix_sock *own = cast(struct unix_sock, sk);
	struct sock *peer = get(own, peer);
	struct unix_address *address = get(own, addr);
	struct dentry *dentry = get(own, path.dentry);

	object->peer_sk = (__u64)peer;
	if (peer)
		object->peer_ino = socket_inode(peer);
	if (!address && peer) {
		struct unix_sock *other = cast(struct unix_sock, peer);

		address = get(other, addr);
		dentry = get(other, path.dentry);
		object->name_is_peers = 1;
	}
	if (address)
		describe_unix_name(object, address);
	if (dentry) {
		object->path_ino = get(dentry, d_inode, i_ino);
		object->path_dev = get(dentry, d_inode, i_sb, s_dev);
	}
}

/*
 * Where each direction's sequence numbers began; rewriting addresses keeps them. SYN counts as
 * an acknowledged byte where the connection was made, and not where it was accepted
 * (tcp_create_openreq_child()); a FIN that came is in rcv_nxt and no byte.
 */
static __always_inline __u32 tcp_sent_from(struct sock *sk)
{
	struct tcp_sock *tcp = cast(struct tcp_sock, sk);

	return get(tcp, snd_una) - (__u32)get(tcp, bytes_acked);
}

static __always_inline __u32 tcp_received_from(struct sock *sk)
{
	struct tcp_sock *tcp = cast(struct tcp_sock, sk);

	return get(tcp, rcv_nxt) - (__u32)get(tcp, bytes_received);
}

/* Did the other end say that it sends no more? */
static __always_inline bool tcp_got_fin(__u32 state)
{
	return state != TCP_ESTABLISHED && state != TCP_FIN_WAIT1 && state != TCP_FIN_WAIT2;
}

/* Its own port. A connection that is closed at both ends has none (inet_put_port()), and may have bytes to read. */
static __always_inline __u16 socket_port(struct sock *sk)
{
	__u16 port = get(sk, __sk_common.skc_num);

	return port ? port : bpf_ntohs(get(cast(struct inet_sock, sk), inet_sport));
}

static __always_inline void describe_inet(struct ipc_object *object, struct sock *sk)
{
	object->netns = get(sk, __sk_common.skc_net.net, ns.inum);
	object->local_port = socket_port(sk);
	object->remote_port = bpf_ntohs(get(sk, __sk_common.skc_dport));
	if (object->family == AF_INET) {
		*(__u32 *)object->local_addr = get(sk, __sk_common.skc_rcv_saddr);
		*(__u32 *)object->remote_addr = get(sk, __sk_common.skc_daddr);
	} else {
		bpf_probe_read_kernel(object->local_addr, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_probe_read_kernel(object->remote_addr, 16, &sk->__sk_common.skc_v6_daddr);
	}
	if (get(sk, sk_protocol) == IPPROTO_TCP) {
		object->tx_isn = tcp_sent_from(sk);
		object->rx_isn = tcp_received_from(sk);
	}
}

/* Packets; of more the rest is not weighed. */
#if DIRECT_LOADS
#define QUEUE_STEPS 65536
#else
#define QUEUE_STEPS 512
#endif

struct queue_walk {
	__u64 head, at;
	__u32 bytes, stream;
};

static int queue_step(__u32 step, struct queue_walk *walk)
{
	__u64 control = walk->at + bpf_core_field_offset(struct sk_buff, cb);
	struct sk_buff *skb = cast(struct sk_buff, walk->at);

	if (!walk->at || walk->at == walk->head)
		return 1;
	walk->bytes += get(skb, len);
	if (walk->stream)
		walk->bytes -= get(cast(struct unix_skb_parms, control), consumed);
	walk->at = (__u64)get(skb, next);
	return 0;
}

/* Bytes that wait in a queue: of a UNIX stream the rest of what was read in part. Unlocked, so in motion. */
subprogram int queue_weigh(__u64 address, int stream)
{
	struct queue_walk walk = {
		.head = address, .at = (__u64)get(cast(struct sk_buff_head, address), next), .stream = stream,
	};

	LOOP(QUEUE_STEPS, queue_step, &walk);
	return walk.bytes;
}

static __always_inline void queue_add(struct ipc_object *object, struct sock *sk, __u32 offset)
{
	__u64 address = number_of(sk) + offset;

	object->queued_ops += get(cast(struct sk_buff_head, address), qlen);
	object->queued += (__u32)queue_weigh(address, object->mechanism == IPC_UNIX_STREAM);
}

/*
 * How far its writers and its readers got. A FIN takes a sequence number of its own,
 * tcp_send_fin() and tcp_fin(), and is no byte: the state tells who sent one.
 */
static __always_inline void tcp_weigh(struct ipc_object *object, struct sock *sk)
{
	struct tcp_sock *tcp = cast(struct tcp_sock, sk);
	bool sent_fin = object->state != TCP_ESTABLISHED && object->state != TCP_CLOSE_WAIT;
	bool got_fin = tcp_got_fin(object->state);

	object->write_seq = get(tcp, write_seq) - sent_fin;
	object->read_seq = get(tcp, copied_seq);
	object->queued = (__u32)(get(tcp, rcv_nxt) - object->read_seq);
	if (object->queued && got_fin)
		object->queued--;
}

/* What waits to be read from a socket, for the inventory. */
static __always_inline void socket_weigh(struct ipc_object *object, struct sock *sk)
{
	struct unix_sock *own = cast(struct unix_sock, sk);

	if (object->state == TCP_LISTEN)
		return;
	if (object->mechanism == IPC_TCP) {
		if (get(sk, sk_protocol) == IPPROTO_TCP)
			tcp_weigh(object, sk);
	} else if (object->mechanism == IPC_UNIX_STREAM && bpf_core_field_exists(own->inq_len)) {
		object->queued = (__u32)get(own, inq_len);
	} else {
		queue_add(object, sk, bpf_core_field_offset(struct sock, sk_receive_queue));
		if (object->mechanism == IPC_UDP)
			queue_add(object, sk, bpf_core_field_offset(struct udp_sock, reader_queue));
	}
}

/* Fills a zeroed object, but for its record header and remote. */
static __always_inline int socket_describe_to(struct ipc_object *object, struct sock *sk)
{
	object->mechanism = socket_mechanism(sk);
	object->family = get(sk, __sk_common.skc_family);
	object->state = get(sk, __sk_common.skc_state);
	object->object = socket_inode(sk);
	object->sk = (__u64)sk;
	if (object->family == AF_UNIX)
		describe_unix(object, sk);
	else
		describe_inet(object, sk);
	return 0;
}

/*
 * Where a datagram goes or came from, when the socket does not say. For UNIX
 * the address is a name; for UDP an address and a port.
 */
struct remote {
	__u64 hash; /* 0: not known */
	__u64 name; /* UNIX: where the name is in memory; the stack has no room for it */
	__u8 addr[16];
	__u16 port; /* host order */
	__u16 family;
	__u8 name_len;
	__u8 in_kernel; /* the memory is the kernel's, and not the program's */
	__u8 pad[2];
};

/* Of an address that a program gave, or of the kernel's copy. 0 or a negative errno. */
static __always_inline long name_read(void *to, __u32 size, __u64 from, bool in_kernel)
{
	return in_kernel ? bpf_probe_read_kernel(to, size, (const void *)from) :
			   bpf_probe_read_user(to, size, (const void *)from);
}

/* A name, with zeroes after its length: no branch a byte, which the verifier would multiply. */
static __always_inline __u64 unix_name_hash(const char *name, __u64 len)
{
	__u64 hash = settings.hash_seed;
	__u32 i;

	for (i = 0; i < IPC_SUN_LEN / 4; i++)
		hash = hash_mix(hash, ((const __u32 *)name)[i]);
	return hash_mix(hash, len) | IPC_REMOTE_ADDRESS;
}

/* Reads the name once more. Should the program have changed it meanwhile, there is none. */
static __always_inline void describe_unix_remote(struct ipc_object *object, struct remote *remote)
{
	__u64 len = remote->name_len;

	barrier_var(len);
	if (len > IPC_SUN_LEN)
		return;
	__builtin_memset(object->name, 0, sizeof(object->name));
	object->name_len = 0;
	object->name_is_peers = 0;
	name_read(object->name, len, remote->name, remote->in_kernel);
	if (unix_name_hash(object->name, len) != remote->hash)
		return;
	object->name_len = len;
	object->name_is_remote = 1;
}

subprogram_with_memory int socket_describe_at(__u64 address, struct ipc_flow_key *key, struct remote *remote)
{
	struct sock *sk = cast(struct sock, address);
	struct ipc_object *object;

	if (!key)
		return 0;
	object = bpf_ringbuf_reserve(&records, sizeof(*object), 0);
	if (!object) {
		count(&counters.records_lost[IPC_RECORD_OBJECT]);
		return 0;
	}
	__builtin_memset(object, 0, sizeof(*object));
	record_begin(&object->record, IPC_RECORD_OBJECT, sizeof(*object));
	socket_describe_to(object, sk);
	if (object->state == TCP_LISTEN) {
		object->by_tgid = key->tgid;
		object->by_start = key->start;
	}
	object->remote = object->family == AF_UNIX && key->direction == IPC_RX ? 0 : key->remote;
	if (remote && remote->hash && object->family == AF_UNIX) {
		describe_unix_remote(object, remote);
	} else if (remote && remote->hash) {
		if (remote->family == AF_INET && object->family == AF_INET6) {
			/* udpv6_sendmsg() takes either kind of address */
			*(__u16 *)(object->remote_addr + 10) = 0xffff;
			__builtin_memcpy(object->remote_addr + 12, remote->addr, 4);
		} else {
			__builtin_memcpy(object->remote_addr, remote->addr, 16);
		}
		object->remote_port = remote->port;
		object->name_is_remote = 1;
	}
	bpf_ringbuf_submit(object, record_flags());
	return 0;
}

/* What the process of the key has used. */
static __always_inline int socket_describe(struct sock *sk, struct ipc_flow_key *key, struct remote *remote)
{
	return socket_describe_at(number_of(sk), key, remote);
}

#endif
