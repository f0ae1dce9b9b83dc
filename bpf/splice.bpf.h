/* SPDX-License-Identifier: GPL-2.0-only */
/* splice, tee, vmsplice and sendfile: calls that move bytes between two descriptors. */
#ifndef SPLICE_BPF_H
#define SPLICE_BPF_H

/*
 * Does a splice into or out of a terminal or a datagram socket end in the functions that are
 * hooked? Their kin have no splice_write or splice_read of their own: what the kernel has for
 * all calls write_iter, sendmsg and read_iter.
 */
static __always_inline bool splice_is_seen(__u32 type, __u32 mechanism, __u32 direction)
{
	if (type == S_IFCHR)
		return settings.seen & (direction == IPC_RX ? IPC_SEEN_PTY_RX : IPC_SEEN_PTY_TX);
	if (!function_sees(mechanism, direction))
		return false;
	if (direction == IPC_TX && settings.splice_sends_message)
		return true;
	return mechanism == IPC_UNIX_DGRAM || mechanism == IPC_UNIX_SEQPACKET ||
	       (mechanism == IPC_UDP && direction == IPC_RX);
}

/* One end of a splice, tee, vmsplice or sendfile: what it put in or took out. */
subprogram int splice_file(__u64 address, __u32 direction, __u64 bytes)
{
	struct file *file = cast(struct file, address);
	struct task_struct *task = task_current();
	struct remote remote = {};
	__u32 type, mechanism;
	struct sock *sk;

	type = file_type(file);
	if (type == S_IFIFO) {
		pipe_count(task, file, direction, bytes, IPC_CONTENTS_SPLICED);
	} else if (type == S_IFCHR) {
		if (!splice_is_seen(type, IPC_MECHANISMS, direction))
			pty_count(file, direction, bytes, IPC_CONTENTS_SPLICED);
	} else if (type == S_IFSOCK) {
		sk = socket_of(file);
		mechanism = socket_mechanism(sk);
		if (splice_is_seen(type, mechanism, direction))
			return 0;
		if (direction == IPC_TX && settings.splice_sends_message && mechanism != IPC_UDP)
			return 0;
		/* Their splice_read takes the bytes without sock_recvmsg; the rest go through it. */
		if (direction == IPC_RX && !socket_is_ours(sk, direction) &&
		    mechanism != IPC_UNIX_STREAM &&
		    !(mechanism == IPC_TCP && (settings.mptcp_splices || get(sk, sk_protocol) == IPPROTO_TCP)))
			return 0;
		socket_transfer(sk, direction, bytes, &remote, IPC_CONTENTS_SPLICED);
	}
	return 0;
}

static __always_inline int splice_end(__u32 fd, __u32 direction, __u64 bytes)
{
	struct file *file = file_of(task_current(), fd);

	return file ? splice_file(number_of(file), direction, bytes) : 0;
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
			return 0;
		return splice_end(argument(&call, 0), get(file, f_mode) & FMODE_WRITE ? IPC_TX : IPC_RX,
				  call.result);
	}
	return 0;
}

#endif
