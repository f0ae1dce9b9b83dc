/* SPDX-License-Identifier: GPL-2.0-only */
/* splice, tee, vmsplice and sendfile: calls that move bytes between two descriptors. */
#ifndef SPLICE_BPF_H
#define SPLICE_BPF_H

/*
 * Does a splice into or out of a terminal or a datagram socket end in the functions that are
 * hooked? Their kin have no splice_write or splice_read of their own: what the kernel has for
 * all calls write_iter, sendmsg and read_iter.
 */
static __always_inline bool splice_is_seen(__u32 type, __u32 mechanism, struct sock *sk, __u32 direction)
{
	if (type == S_IFCHR)
		return settings.seen & (direction == IPC_RX ? IPC_SEEN_PTY_RX : IPC_SEEN_PTY_TX);
	if (!function_sees(mechanism, direction))
		return false;
	if (direction == IPC_TX && settings.splice_sends_message)
		return true;
	/* Of MPTCP, inet_sendpage() makes a message. */
	if (mechanism == IPC_TCP && direction == IPC_TX)
		return get(sk, sk_protocol) == IPPROTO_MPTCP;
	return mechanism == IPC_UNIX_DGRAM || mechanism == IPC_UNIX_SEQPACKET ||
	       (mechanism == IPC_UDP && direction == IPC_RX);
}

/*
 * Does sock_send_length or sock_recv_length see what is spliced to or from a socket?
 * What comes by io_uring they always count, if they see it.
 */
static __always_inline bool splice_is_message(struct sock *sk, __u32 direction, __u32 by_uring)
{
	__u32 mechanism = socket_mechanism(sk);

	if (by_uring ? settings.sockets_by_syscall : direction == IPC_RX && socket_is_ours(sk, direction))
		return false;
	if (direction == IPC_TX)
		return settings.splice_sends_message && (by_uring || mechanism != IPC_UDP);
	/* Their splice_read takes the bytes without sock_recvmsg; the rest go through it. */
	return mechanism != IPC_UNIX_STREAM &&
	       !(mechanism == IPC_TCP && (settings.mptcp_splices || get(sk, sk_protocol) == IPPROTO_TCP));
}

/* One end of a splice: what it put in or took out. */
subprogram int splice_file(__u64 address, __u32 direction, __u64 bytes, __u32 by_uring)
{
	struct file *file = cast(struct file, address);
	struct remote remote = {};
	struct sock *sk;
	__u32 type;

	type = file_type(file);
	if (type == S_IFIFO) {
		pipe_count(task_current(), file, direction, bytes, IPC_CONTENTS_SPLICED);
	} else if (type == S_IFCHR) {
		if (!splice_is_seen(type, IPC_MECHANISMS, NULL, direction))
			pty_count(file, direction, bytes, IPC_CONTENTS_SPLICED);
	} else if (type == S_IFSOCK) {
		sk = socket_of(file);
		if (!splice_is_seen(type, socket_mechanism(sk), sk, direction) &&
		    !splice_is_message(sk, direction, by_uring))
			socket_transfer(sk, direction, bytes, &remote, IPC_CONTENTS_SPLICED);
	}
	return 0;
}

/* One descriptor of a splice, tee, vmsplice or sendfile. */
static __always_inline int splice_end(__u32 fd, __u32 direction, __u64 bytes)
{
	struct file *file = file_of(task_current(), fd);

	return file ? splice_file(number_of(file), direction, bytes, 0) : call_unresolved(bytes);
}

subprogram int splice_call(__u64 regs, __u64 result, __u32 kind)
{
	struct call call = call_from(regs, result, &kind);
	struct file *file;

	switch (kind) {
	case IPC_CALL_SENDFILE:
		splice_end(argument(&call, 0), IPC_TX, call.result);
		return splice_end(argument(&call, 1), IPC_RX, call.result);
	case IPC_CALL_SPLICE:
		splice_end(argument(&call, 0), IPC_RX, call.result);
		return splice_end(argument(&call, 2), IPC_TX, call.result);
	case IPC_CALL_TEE:
		/* What tee copies stays in the pipe it came from. */
		return splice_end(argument(&call, 1), IPC_TX, call.result);
	case IPC_CALL_VMSPLICE:
		file = file_of(task_current(), argument(&call, 0));
		if (!file)
			return call_unresolved(result);
		return splice_end(argument(&call, 0), get(file, f_mode) & FMODE_WRITE ? IPC_TX : IPC_RX,
				  call.result);
	}
	return 0;
}

#endif
