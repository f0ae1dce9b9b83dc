/* SPDX-License-Identifier: GPL-2.0-only */
/* One message or run of bytes through a socket. */
#ifndef MESSAGE_BPF_H
#define MESSAGE_BPF_H

/* Marks what a matching process does on a socket, or asks whether one did. */
static __noinline bool socket_wanted(struct sock *sk, __u32 mechanism, __u32 tracked,
				     struct remote *remote, __u64 receiver)
{
	__u64 own = (__u64)sk, other;
	__u64 port;

	if (mechanism == IPC_TCP)
		return tcp_wanted(sk, tracked);
	if (mechanism == IPC_UDP) {
		own = port_mark(MARK_UDP_PORT, sk, get(sk, __sk_common.skc_num));
		port = udp_remote_port(sk, remote);
		other = port ? port_mark(MARK_UDP_PORT, sk, port) : 0;
	} else {
		other = receiver ? receiver : (__u64)unix_peer(sk);
	}
	if (tracked) {
		mark_set(own);
		mark_set(other);
		return true;
	}
	return mark_is_set(own) || mark_is_set(other);
}

/* The kernel acts for itself: an in-kernel server or client. */
static __always_inline void socket_identify_task(struct ipc_flow_key *key, struct task_struct *task)
{
	if (get(task, flags) & PF_KTHREAD)
		return;
	flow_identify(key, task);
}

#include "carried.bpf.h"

/* Returns 1 when ipcdump is to be told: socket_stream(). */
subprogram_with_memory int socket_count(__u64 address, __u32 direction, __u64 bytes, struct remote *remote)
{
	struct task_struct *task = task_current();
	struct sock *sk = cast(struct sock, address);
	__u64 receiver_sk = 0;
	__u32 mechanism = socket_mechanism(sk), tracked;
	struct ipc_flow_key key = {};
	__u64 cut = 0, no_ops = 0;

	if (mechanism >= IPC_MECHANISMS || !mechanism_on(mechanism))
		return 0;
	socket_identify_task(&key, task);
	key.mechanism = mechanism;
	key.direction = direction;
	key.object = socket_inode(sk);
	if (direction == IPC_RX && senders_kept(mechanism)) {
		key.remote = received_of(task, mechanism, bytes, &cut);
		bytes -= mechanism == IPC_UNIX_STREAM ? cut : 0;
	} else if (mechanism == IPC_UNIX_DGRAM && direction == IPC_TX) {
		__u64 id = bpf_get_current_pid_tgid();
		struct receiver *receiver = bpf_map_lookup_elem(&receivers, &id);
		struct sock *peer = unix_peer(sk);

		if (receiver) {
			key.remote = receiver->ino;
			receiver_sk = receiver->sk;
			bpf_map_delete_elem(&receivers, &id);
		} else if (remote && remote->hash) {
			key.remote = remote->hash;
		} else if (peer) {
			key.remote = socket_inode(peer);
		}
	} else if (mechanism == IPC_UDP && remote) {
		key.remote = remote->hash;
	}
	tracked = current_tracked();
	if (settings.filter_on && !socket_wanted(sk, mechanism, tracked, remote, receiver_sk))
		return 0;
	if (flow_add(&key, 1, bytes, tracked))
		socket_describe(sk, &key, remote);
	if (cut && mechanism != IPC_UNIX_STREAM) {
		key.side = IPC_SIDE_CUT;
		barrier_var(no_ops); /* clang makes an atomic or of an addition of 0, which 5.10 does not know */
		flow_add(&key, no_ops, cut, tracked);
	}
	return settings.stream && (direction == IPC_TX || received_begin(&key));
}

/* Bytes were moved. Returns what stream_received() does. */
static __always_inline int socket_moved(struct sock *sk, __u32 direction, __u64 bytes, struct remote *remote,
					__u32 how)
{
	int told = socket_count(number_of(sk), direction, bytes, remote);

	return settings.stream && told ? socket_stream(sk, direction, bytes, remote, how) : 0;
}

/* Does a receive with these flags take nothing away? To UNIX sockets MSG_ERRQUEUE means nothing. */
static __always_inline bool receive_leaves(struct sock *sk, __u32 flags)
{
	return flags & (MSG_PEEK | MSG_ERRQUEUE) &&
	       (flags & MSG_PEEK || get(sk, __sk_common.skc_family) != AF_UNIX);
}

/* Is an empty message an event? A datagram is; on a stream 0 is the end. */
static __always_inline bool socket_takes_empty(struct sock *sk, __u32 direction)
{
	__u32 mechanism = socket_mechanism(sk);

	if (direction == IPC_RX && get(sk, sk_shutdown) & RCV_SHUTDOWN)
		return false;
	return mechanism == IPC_UNIX_DGRAM || mechanism == IPC_UDP ||
	       (mechanism == IPC_UNIX_SEQPACKET && direction == IPC_TX);
}

/* Is what a call for one message returned an event? */
static __always_inline bool message_moved(struct sock *sk, __u32 direction, __u32 flags, __u32 bytes)
{
	if (direction == IPC_RX && receive_leaves(sk, flags))
		return false;
	if (bytes || socket_takes_empty(sk, direction))
		return true;
	received_nothing(); /* but an empty message, perhaps */
	return false;
}

#define PF_IO_WORKER 0x00000010
#define PF_USER_WORKER 0x00004000

/* Does a descriptor of the running task stand for this socket? */
static __always_inline bool descriptor_is(struct task_struct *task, __u32 fd, struct sock *sk)
{
	struct file *file = file_of(task, fd);

	return file && file_type(file) == S_IFSOCK && socket_of(file) == sk;
}

/* Does a hook on the protocol's function count this? */
static __always_inline bool function_sees(__u32 mechanism, __u32 direction)
{
	return mechanism >= IPC_UNIX_STREAM && mechanism <= IPC_UDP &&
	       settings.seen & IPC_SEEN_SOCKET_BIT(mechanism, direction);
}

/* May a system call of this kind move bytes that way? */
static __always_inline bool call_moves(__u32 kind, __u32 direction)
{
	switch (kind) {
	case IPC_CALL_READ:
	case IPC_CALL_RECVFROM:
	case IPC_CALL_RECVMSG:
	case IPC_CALL_RECVMMSG:
	case IPC_CALL_RECV:
		return direction == IPC_RX;
	case IPC_CALL_WRITE:
	case IPC_CALL_SENDTO:
	case IPC_CALL_SENDMSG:
	case IPC_CALL_SENDMMSG:
		return direction == IPC_TX;
	default:
		return kind && kind <= IPC_CALL_VMSPLICE;
	}
}

/*
 * Will sys_exit count what this socket moves just now? Not in a kernel thread,
 * nor where the running system call is not about it: io_uring completes as
 * task work at the end of io_uring_enter, and of any other call, too. On x86
 * that one has its result by then; until it has, there is -ENOSYS
 * (arch/x86/entry/entry_64.S, PUSH_AND_CLEAR_REGS rax=$-ENOSYS).
 */
static __always_inline bool call_counts(struct sock *sk, __u32 direction)
{
#if DIRECT_LOADS
	struct task_struct *task = task_current();
	struct pt_regs *regs;
	__u64 number;
	bool compat;
	__u32 kind;

	if (get(task, flags) & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER))
		return false;
	compat = call_is_compat(task);
	regs = cast(struct pt_regs, bpf_task_pt_regs(bpf_get_current_task_btf()));
	number = call_number(regs);
	if (number >= IPC_CALL_TABLE)
		return false;
	kind = compat ? settings.calls_compat[number] : settings.calls[number];
	if (call_is_over(regs))
		return false;
	if (kind == IPC_CALL_SOCKETCALL)
		return true;
	if (!call_moves(kind, direction))
		return false;
	if (descriptor_is(task, call_argument(regs, 0, compat), sk))
		return true;
	if (kind == IPC_CALL_SENDFILE)
		return descriptor_is(task, call_argument(regs, 1, compat), sk);
	return kind == IPC_CALL_SPLICE && descriptor_is(task, call_argument(regs, 2, compat), sk);
#else
	return true;
#endif
}

/* 6.3+. Every sock_sendmsg and sock_recvmsg, io_uring's and sendfile's among them. */
static __always_inline int on_length(struct sock *sock, __u32 direction, int length, int flags)
{
	struct sock *sk = cast(struct sock, sock);
	struct remote remote = {};
	__u32 mechanism, how;

	if (length == -EFAULT && direction == IPC_RX)
		received_nothing();
	if (!ready || length < 0)
		return 0;
	if (!message_moved(sk, direction, flags, length))
		return 0;
	mechanism = socket_mechanism(sk);
	if (function_sees(mechanism, direction))
		return 0;
	/* sys_exit has the addresses, and contents, and counts what comes by a system call. */
	if ((mechanism == IPC_UDP || (settings.stream && direction == IPC_RX)) && call_counts(sk, direction))
		return 0;
	if (mechanism == IPC_UDP)
		remote_from_socket(&remote, sk);
	how = settings.stream && (direction == IPC_RX || !call_counts(sk, direction)) ? IPC_CONTENTS_IO_URING : 0;
	return socket_moved(sk, direction, length, &remote, how);
}

#endif
