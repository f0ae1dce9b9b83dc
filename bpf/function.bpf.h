/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fentry flavour: hooks on the kernel's own functions, when they return. Whoever calls
 * them, system calls, io_uring or the kernel itself, comes by here, and nothing else does.
 * Which program goes on which function is in src/hooks.c, as names differ by kernel.
 */
#ifndef FUNCTION_BPF_H
#define FUNCTION_BPF_H

/* pipe_read() and pipe_write(), of FIFOs too. */
static __always_inline int on_pipe(struct kiocb *call, enum ipc_direction direction, __s64 result)
{
	if (!ready || result <= 0)
		return 0;
	pipe_count(task_current(), get(cast(struct kiocb, call), ki_filp), direction, result, IPC_CONTENTS_THERE);
	return 0;
}

static __always_inline int on_tty(struct kiocb *call, enum ipc_direction direction, __s64 result)
{
	if (!ready || result <= 0)
		return 0;
	pty_count(get(cast(struct kiocb, call), ki_filp), direction, result, IPC_CONTENTS_THERE);
	return 0;
}

/* do_splice(), and do_tee(), whose bytes stay in the pipe they came from. */
static __always_inline int on_splice(struct file *in, struct file *out, bool takes, __s64 result)
{
	if (!ready || result <= 0)
		return 0;
	if (takes)
		splice_file(number_of(in), IPC_RX, result, 0);
	return splice_file(number_of(out), IPC_TX, result, 0);
}

static __always_inline int on_sendfile(__u32 in, __u32 out, __s64 result)
{
	struct file *file;

	if (!ready || result <= 0)
		return 0;
	file = file_of(task_current(), out);
	if (!file)
		call_unresolved(result);
	else if (!(settings.sendfile_writes && settings.seen & IPC_SEEN_PIPE_TX && file_type(file) == S_IFIFO))
		splice_file(number_of(file), IPC_TX, result, 0);
	return splice_end(in, IPC_RX, result);
}

/* Its function for all callers is inlined everywhere: what is left is the system call's own. */
static __always_inline int on_vmsplice(const struct pt_regs *regs, bool compat, __s64 result)
{
	struct file *file;

	if (!ready || result <= 0)
		return 0;
	file = file_of(task_current(), call_argument(cast(struct pt_regs, regs), 0, compat));
	if (!file)
		return call_unresolved(result);
	return splice_file(number_of(file), get(file, f_mode) & FMODE_WRITE ? IPC_TX : IPC_RX, result, 0);
}

static __always_inline int on_listen(__u32 fd, __s64 result)
{
	if (!ready || result)
		return 0;
	return listener_describe(fd);
}

static __always_inline int on_ring_sync(struct io_uring_sqe *sqe, __s64 result)
{
	__u64 first = 0;

	if (!ready || result)
		return 0;
	bpf_probe_read_kernel(&first, sizeof(first), sqe);
	return ring_submission(first);
}

/* Every open of /dev/ptmx makes a new pty. */
static __always_inline int on_ptmx(struct file *file, __s64 result)
{
	if (!ready || result)
		return 0;
	pty_opened(cast(struct file, file), 0);
	return 0;
}

/* Where a datagram goes or came from: the kernel's copy of the address. */
static __noinline int remote_from_kernel(struct remote *remote, struct sock *sk, struct msghdr *message)
{
	__u64 name = number_of(get(message, msg_name));
	__u32 len = get(message, msg_namelen);

	if (get(sk, __sk_common.skc_family) == AF_UNIX)
		return remote_unix_from_address(remote, name, len, true);
	remote_from_address(remote, name, len, true);
	if (!remote->hash)
		remote_from_socket(remote, sk);
	return 0;
}

/*
 * A protocol's sendmsg and recvmsg. type: of the sockets that this function is for, since
 * those of seqpacket go on to the ones of datagrams; 0: any.
 */
static __always_inline int on_message(struct socket *socket, struct msghdr *message, __u32 direction, __u32 type,
				      int flags, int result)
{
	struct sock *sk = get(cast(struct socket, socket), sk);
	struct remote remote = {};
	__u32 mechanism;

	if (result == -EFAULT && direction == IPC_RX)
		received_nothing();
	if (!ready || result < 0 || !sk || (type && get(sk, sk_type) != type))
		return 0;
	mechanism = socket_mechanism(sk);
	if (!function_sees(mechanism, direction))
		return 0;
	if (!message_moved(sk, direction, flags, result))
		return 0;
	if (mechanism == IPC_UDP || (mechanism == IPC_UNIX_DGRAM && direction == IPC_TX))
		remote_from_kernel(&remote, sk, cast(struct msghdr, message));
	return socket_moved(sk, direction, result, &remote, 0);
}

#endif
