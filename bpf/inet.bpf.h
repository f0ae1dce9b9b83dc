/* SPDX-License-Identifier: GPL-2.0-only */
/* tcp and udp: addresses, and what the filter needs of them. */
#ifndef INET_BPF_H
#define INET_BPF_H

/* One end; an IPv4-mapped IPv6 address is the IPv4 address that it is on the wire. */
struct endpoint {
	__u64 high, low; /* IPv4: 0, address */
	__u64 port;
};

static __always_inline void endpoint_set_v6(struct endpoint *end, const __u8 *addr)
{
	const __u32 *words = (const __u32 *)addr;

	if (!words[0] && !words[1] && words[2] == bpf_htonl(0xffff)) {
		end->high = 0;
		end->low = words[3];
		return;
	}
	end->high = (__u64)words[0] << 32 | words[1];
	end->low = (__u64)words[2] << 32 | words[3];
}

static __always_inline __u64 endpoint_hash(const struct endpoint *end)
{
	return hash_mix(hash_mix(hash_mix(settings.hash_seed, end->high), end->low), end->port);
}

static __always_inline void socket_local(struct sock *sk, struct endpoint *end)
{
	__u8 addr[16] __attribute__((aligned(8)));

	end->port = socket_port(sk);
	end->high = 0;
	if (get(sk, __sk_common.skc_family) == AF_INET) {
		end->low = get(sk, __sk_common.skc_rcv_saddr);
		return;
	}
	bpf_probe_read_kernel(addr, 16, &sk->__sk_common.skc_v6_rcv_saddr);
	endpoint_set_v6(end, addr);
}

static __always_inline void socket_remote(struct sock *sk, struct endpoint *end)
{
	__u8 addr[16] __attribute__((aligned(8)));

	end->port = bpf_ntohs(get(sk, __sk_common.skc_dport));
	end->high = 0;
	if (get(sk, __sk_common.skc_family) == AF_INET) {
		end->low = get(sk, __sk_common.skc_daddr);
		return;
	}
	bpf_probe_read_kernel(addr, 16, &sk->__sk_common.skc_v6_daddr);
	endpoint_set_v6(end, addr);
}

static __always_inline __u64 socket_netns(struct sock *sk)
{
	return get(sk, __sk_common.skc_net.net, ns.inum);
}

/* The same number from both ends of a connection. */
static __always_inline __u64 tcp_pair_mark(struct sock *sk)
{
	struct endpoint local, remote;

	socket_local(sk, &local);
	socket_remote(sk, &remote);
	return mark_number(MARK_TCP_PAIR,
			   hash_mix(endpoint_hash(&local) + endpoint_hash(&remote), socket_netns(sk)));
}

/*
 * What is marked by one end of a connection, and looked for by the other, where they are in
 * different network namespaces: where the numbers of either direction begin. What was sent
 * begins one byte later than it seems at the end that made the connection.
 */
static __always_inline __u64 numbers_mark(__u32 to_marker, __u32 from_marker)
{
	return mark_number(MARK_TCP_NUMBERS, hash_mix(settings.hash_seed, (__u64)to_marker << 32 | from_marker));
}

static __always_inline void numbers_mark_set(struct sock *sk)
{
	__u32 to = tcp_received_from(sk) - tcp_got_fin(get(sk, __sk_common.skc_state)), from = tcp_sent_from(sk);

	if (get(sk, sk_protocol) != IPPROTO_TCP)
		return;
	mark_set(numbers_mark(to, from));
	mark_set(numbers_mark(to, from + 1));
}

static __always_inline bool numbers_mark_is_set(struct sock *sk)
{
	__u32 to = tcp_received_from(sk) - tcp_got_fin(get(sk, __sk_common.skc_state)), from = tcp_sent_from(sk);

	return get(sk, sk_protocol) == IPPROTO_TCP &&
	       (mark_is_set(numbers_mark(from, to)) || mark_is_set(numbers_mark(from + 1, to)));
}

/* Is the connection one that a matching process touches, at either end? */
static __always_inline bool tcp_wanted(struct sock *sk, __u32 tracked)
{
	__u64 pair = tcp_pair_mark(sk);

	if (tracked) {
		mark_set(pair);
		numbers_mark_set(sk);
		return true;
	}
	if (mark_is_set(pair))
		return true;
	if (!numbers_mark_is_set(sk))
		return false;
	/* Once found, by its addresses: the numbers are read unlocked, and may be in motion. */
	mark_set(pair);
	return true;
}

static __always_inline __u64 port_mark(enum mark_kind kind, struct sock *sk, __u64 port)
{
	return mark_number(kind, hash_mix(hash_mix(settings.hash_seed, port), socket_netns(sk)));
}

static __always_inline __u64 udp_remote_port(struct sock *sk, const struct remote *remote)
{
	return remote && remote->hash ? remote->port : bpf_ntohs(get(sk, __sk_common.skc_dport));
}

/*
 * A struct sockaddr of the traced program, as bytes of user memory. Leaves
 * remote->hash 0 when there is none or it is of another family.
 */
static __noinline int remote_from_address(struct remote *remote, __u64 address, __u32 len, bool in_kernel)
{
	__u8 bytes[28] __attribute__((aligned(8))) = {};
	struct endpoint end = {};

	if (!address || len < 8 || name_read(bytes, 8, address, in_kernel))
		return 0;
	remote->family = *(__u16 *)bytes;
	remote->port = bpf_ntohs(*(__u16 *)(bytes + 2));
	if (remote->family == AF_INET) {
		__builtin_memcpy(remote->addr, bytes + 4, 4);
		end.low = *(__u32 *)(bytes + 4);
	} else if (remote->family == AF_INET6 && len >= 24) {
		if (name_read(bytes, 24, address, in_kernel))
			return 0;
		__builtin_memcpy(remote->addr, bytes + 8, 16);
		endpoint_set_v6(&end, bytes + 8);
	} else {
		return 0;
	}
	end.port = remote->port;
	remote->hash = endpoint_hash(&end) | 1;
	return 0;
}

static __always_inline void remote_from_user(struct remote *remote, __u64 address, __u32 len)
{
	remote_from_address(remote, address, len, false);
}

/* The remote of a connected UDP socket, so that both ways of sending make one flow. */
static __always_inline void remote_from_socket(struct remote *remote, struct sock *sk)
{
	struct endpoint end;

	socket_remote(sk, &end);
	if (!end.port)
		return;
	remote->family = get(sk, __sk_common.skc_family);
	remote->port = end.port;
	if (remote->family == AF_INET) {
		*(__u32 *)remote->addr = get(sk, __sk_common.skc_daddr);
	} else {
		bpf_probe_read_kernel(remote->addr, 16, &sk->__sk_common.skc_v6_daddr);
	}
	remote->hash = endpoint_hash(&end) | 1;
}

/*
 * Marks the pair before either end can send on it: the client's socket when a
 * matching process connects, the pair once its port is known; a listener's
 * port when a matching process owns it.
 */
static __always_inline int on_inet_state(const struct sock *sock, const int newstate)
{
	struct sock *sk = cast(struct sock, sock);
	__u64 address = (__u64)sk;

	if (!ready || get(sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	if (newstate == TCP_SYN_SENT && current_matches())
		mark_set(address);
	if (newstate == TCP_LISTEN && current_matches())
		mark_set(port_mark(MARK_TCP_LISTENER, sk, get(sk, __sk_common.skc_num)));
	if (newstate == TCP_ESTABLISHED &&
	    (mark_is_set(address) ||
	     mark_is_set(port_mark(MARK_TCP_LISTENER, sk, get(sk, __sk_common.skc_num))) ||
	     mark_is_set(port_mark(MARK_TCP_LISTENER, sk, bpf_ntohs(get(sk, __sk_common.skc_dport))))))
		tcp_wanted(sk, 1);
	if (newstate == TCP_CLOSE)
		bpf_map_delete_elem(&marks, &address);
	return 0;
}

#endif
