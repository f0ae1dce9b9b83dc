/* SPDX-License-Identifier: GPL-2.0-only */
/* unix-stream, unix-dgram, unix-seqpacket. */
#ifndef UNIX_BPF_H
#define UNIX_BPF_H

struct receiver {
	__u64 sk;
	__u64 ino;
};

/*
 * Which socket the datagram that a task is sending just now went to, between
 * its arrival and the sender's return. Key: pid_tgid.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct receiver);
} receivers SEC(".maps");

/* The name that a datagram is sent to, from user memory; its hash stands for the receiver. */
static __noinline int remote_unix_from_address(struct remote *remote, __u64 address, __u32 address_len,
					       bool in_kernel)
{
	char name[IPC_SUN_LEN] __attribute__((aligned(8))) = {};
	__u64 len = address_len;

	if (!address || len <= 2)
		return 0;
	len -= 2;
	barrier_var(len);
	if (len > IPC_SUN_LEN)
		len = IPC_SUN_LEN;
	if (name_read(name, len, address + 2, in_kernel))
		return 0;
	remote->family = AF_UNIX;
	remote->name_len = len;
	remote->name = address + 2;
	remote->in_kernel = in_kernel;
	remote->hash = unix_name_hash(name, len);
	return 0;
}

static __always_inline void remote_unix_from_user(struct remote *remote, __u64 address, __u32 address_len)
{
	remote_unix_from_address(remote, address, address_len, false);
}

#if DIRECT_LOADS
/*
 * A connection to a listener, in the client's context: marks both ends before
 * either can send, when the client or the listener's owner matches.
 */
static __always_inline void unix_connected(struct sock *listener)
{
	struct task_struct *task = task_current();
	struct pt_regs *regs;
	struct sock *client;
	struct file *file;

	if (!current_matches() && !mark_is_set((__u64)listener))
		return;
	regs = cast(struct pt_regs, bpf_task_pt_regs(bpf_get_current_task_btf()));
	file = file_of(task, call_argument(regs, 0, false));
	if (!file || file_type(file) != S_IFSOCK)
		return;
	client = socket_of(file);
	if (!client || get(client, __sk_common.skc_family) != AF_UNIX)
		return;
	mark_set((__u64)client);
	mark_set((__u64)unix_peer(client));
}
#endif

/*
 * Runs in the sender's context: unix_dgram_sendmsg() and unix_stream_connect()
 * end in other->sk_data_ready(other), so `other` is the truth about who got it. Before 6.3, which
 * has a tracepoint there, that is sock_def_readable(), but for sockets of a sockmap.
 */
static __always_inline int on_data_ready(const struct sock *sock)
{
	struct sock *sk = cast(struct sock, sock);
	__u64 task = bpf_get_current_pid_tgid();
	struct receiver receiver = {};

	if (get(sk, __sk_common.skc_family) != AF_UNIX || !ready)
		return 0;
	if (get(sk, sk_type) == SOCK_DGRAM) {
		receiver.sk = (__u64)sk;
		receiver.ino = socket_inode(sk);
		bpf_map_update_elem(&receivers, &task, &receiver, BPF_ANY);
		return 0;
	}
#if DIRECT_LOADS
	if (settings.filter_on && get(sk, __sk_common.skc_state) == TCP_LISTEN)
		unix_connected(sk);
#endif
	return 0;
}

#endif
