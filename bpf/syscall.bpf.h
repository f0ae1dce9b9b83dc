/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tracepoint flavour's main hook: every system call of the machine comes
 * by here when it returns, so what is no I/O leaves after a table look-up.
 */
#ifndef SYSCALL_BPF_H
#define SYSCALL_BPF_H

/*
 * A system call that has returned. Global functions take it as numbers, since
 * 5.10 hands them no memory: the address of its registers, and its result.
 */
struct call {
	__u64 regs; /* or of socketcall's array in user memory */
	__u64 result;
	bool compat, array;
};

#define CALL_ARRAY 0x100  /* beside its kind: what is given is that array */
#define CALL_MISSED 0x200 /* the hook on the function did not see it, whose event it is */

static __always_inline struct call call_from(__u64 regs, __u64 result, __u32 *kind)
{
	struct call call = {
		.regs = regs,
		.result = result,
		.compat = call_is_compat(task_current()),
		.array = *kind & CALL_ARRAY,
	};

	*kind &= ~(CALL_ARRAY | CALL_MISSED);
	return call;
}

static __always_inline __u64 argument(const struct call *call, int n)
{
	__u32 word = 0;

	if (!call->array)
		return call_argument(cast(struct pt_regs, call->regs), n, call->compat);
	bpf_probe_read_user(&word, sizeof(word), (const void *)(call->regs + n * sizeof(word)));
	return word;
}

/*
 * Which sockets' calls sys_exit counts: all before 6.3, else those of UDP, for its
 * addresses, and what ipcdump receives, for its contents.
 */
static __always_inline bool socket_is_ours(struct sock *sk, __u32 direction)
{
	__u32 mechanism;

	if (settings.stream && direction == IPC_RX)
		return true;
	mechanism = socket_mechanism(sk);
	if (function_sees(mechanism, direction))
		return false;
	return settings.sockets_by_syscall || mechanism == IPC_UDP;
}

static __always_inline __u32 call_direction(__u32 kind)
{
	return kind == IPC_CALL_READ || kind == IPC_CALL_RECVFROM || kind == IPC_CALL_RECVMSG ||
			       kind == IPC_CALL_RECVMMSG || kind == IPC_CALL_RECV ?
		       IPC_RX :
		       IPC_TX;
}

/* msg_name of a struct msghdr in user memory. */
static __always_inline void remote_from_message(struct remote *remote, struct sock *sk, __u64 message,
						bool compat)
{
	__u64 name = 0;
	__u32 len = 0;

	if (!message)
		return;
	bpf_probe_read_user(&name, compat ? 4 : 8, (const void *)message);
	bpf_probe_read_user(&len, sizeof(len), (const void *)(message + (compat ? 4 : 8)));
	if (get(sk, __sk_common.skc_family) == AF_UNIX)
		remote_unix_from_user(remote, name, len);
	else
		remote_from_user(remote, name, len);
}

static __always_inline int socket_transfer(struct sock *sk, __u32 direction, __u64 bytes, struct remote *remote,
					   __u32 how)
{
	if (!bytes && !socket_takes_empty(sk, direction))
		return 0;
	if (!remote->hash && get(sk, __sk_common.skc_family) != AF_UNIX)
		remote_from_socket(remote, sk);
	return socket_moved(sk, direction, bytes, remote, how);
}

/* Where a call has put what it received. */
static __always_inline int contents_of_call(const struct call *call, __u32 kind, __u32 event)
{
	__u32 compat = call->compat ? CONTENTS_COMPAT : 0;
	struct pt_regs *regs = cast(struct pt_regs, call->regs);
	__u64 number = call->array ? 0 : call_number_read(regs);

	if (kind == IPC_CALL_RECVMSG)
		return contents_of_message(call->result, argument(call, 1), call->compat, event);
	if (kind == IPC_CALL_READ && number < IPC_CALL_TABLE &&
	    (compat ? settings.calls_vector_compat[number] : settings.calls_vector[number]))
		return contents_take(call->result, argument(call, 1), argument(call, 2),
				     CONTENTS_VECTOR | compat, event);
	return contents_take(call->result, argument(call, 1), argument(call, 2), compat, event);
}

/* Of one call: UIO_MAXIOV for sendmmsg, and no limit for recvmmsg. */
#if DIRECT_LOADS
#define MESSAGES_MAX (1 << 20)
#else
#define MESSAGES_MAX 1024
#endif

struct many {
	__u64 message;
	__u32 fd;
	__u32 count, direction;
	__u32 stride;
};

/*
 * One struct mmsghdr: a msghdr of 56 bytes, the length that was moved, padding;
 * of a 32-bit program: 28 bytes and the length. back: how many came after it.
 */
subprogram int message_transfer(__u32 fd, __u64 message, __u32 direction, __u32 back)
{
	struct task_struct *task = task_current();
	struct file *file = file_of(task, fd);
	bool compat = call_is_compat(task);
	struct remote remote = {};
	struct sock *sk;
	__u32 len = 0;
	int told;

	if (!file || file_type(file) != S_IFSOCK)
		return 0;
	sk = socket_of(file);
	bpf_probe_read_user(&len, sizeof(len), (const void *)(message + (compat ? 28 : 56)));
	remote_from_message(&remote, sk, message, compat);
	told = socket_transfer(sk, direction, len, &remote, back << RECEIVED_BACK);
	return settings.contents && told ? contents_of_message(len, message, compat, told) : 0;
}

static int message_of_many(__u32 i, struct many *many)
{
	if (i >= many->count)
		return 1;
	message_transfer(many->fd, many->message + (__u64)i * many->stride, many->direction,
			 many->count - 1 - i);
	return 0;
}

static __always_inline int socket_many(const struct call *call, __u32 mechanism, __u32 direction)
{
	struct many many = {
		.fd = argument(call, 0), .message = argument(call, 1), .count = call->result,
		.direction = direction, .stride = call->compat ? 32 : 64,
	};

	LOOP(MESSAGES_MAX, message_of_many, &many);
	if (many.count > MESSAGES_MAX && mechanism < IPC_MECHANISMS && mechanism_on(mechanism))
		__sync_fetch_and_add(&counters.events_missed[mechanism], many.count - MESSAGES_MAX);
	return 0;
}

/* sendmmsg and recvmmsg. */
subprogram int many_call(__u64 regs, __u64 result, __u32 kind)
{
	struct call call = call_from(regs, result, &kind);
	struct file *file = file_of(task_current(), argument(&call, 0));
	__u32 direction = call_direction(kind);
	struct sock *sk;

	if (!file)
		return settings.sockets_by_syscall ? call_unresolved(result) : 0;
	if (file_type(file) != S_IFSOCK)
		return 0;
	sk = socket_of(file);
	if (!sk || !socket_is_ours(sk, direction))
		return 0;
	if (direction == IPC_RX && receive_leaves(sk, argument(&call, 3)))
		return 0;
	return socket_many(&call, socket_mechanism(sk), direction);
}

/* send, recv and their kin, and read and write on a socket. */
subprogram int socket_call(__u64 regs, __u64 result, __u32 kind)
{
	bool missed = kind & CALL_MISSED;
	struct call call = call_from(regs, result, &kind);
	struct remote remote = {};
	__u32 direction = IPC_TX, flags = 0;
	struct file *file;
	struct sock *sk;
	int told;

	file = file_of(task_current(), argument(&call, 0));
	/* From 6.3 on sock_recv_length and its like have counted it. */
	if (!file)
		return missed || settings.sockets_by_syscall ? call_unresolved(result) : 0;
	if (file_type(file) != S_IFSOCK)
		return 0;
	sk = socket_of(file);
	if (!sk || (missed ? !function_sees(socket_mechanism(sk), call_direction(kind)) :
			     !socket_is_ours(sk, call_direction(kind))))
		return 0;
	switch (kind) {
	case IPC_CALL_READ:
		direction = IPC_RX;
		/* No room: sock_read_iter() does not even look for a message. */
		if (!call.result && !argument(&call, 2))
			return 0;
		break;
	case IPC_CALL_RECVFROM:
		direction = IPC_RX;
		flags = argument(&call, 3);
		if (get(sk, __sk_common.skc_family) != AF_UNIX)
			remote_from_user(&remote, argument(&call, 4), 28);
		break;
	case IPC_CALL_RECVMSG:
		direction = IPC_RX;
		flags = argument(&call, 2);
		if (get(sk, __sk_common.skc_family) != AF_UNIX)
			remote_from_message(&remote, sk, argument(&call, 1), call.compat);
		break;
	case IPC_CALL_RECV:
		direction = IPC_RX;
		flags = argument(&call, 3);
		break;
	case IPC_CALL_SENDTO:
		if (get(sk, __sk_common.skc_family) == AF_UNIX)
			remote_unix_from_user(&remote, argument(&call, 4), argument(&call, 5));
		else
			remote_from_user(&remote, argument(&call, 4), argument(&call, 5));
		break;
	case IPC_CALL_SENDMSG:
		remote_from_message(&remote, sk, argument(&call, 1), call.compat);
		break;
	}
	if (direction == IPC_RX && receive_leaves(sk, flags))
		return 0;
	told = socket_transfer(sk, direction, call.result, &remote, IPC_CONTENTS_THERE);
	return settings.contents && told ? contents_of_call(&call, kind, told) : 0;
}

/* splice.bpf.h */
subprogram int splice_call(__u64 regs, __u64 result, __u32 kind);

/* Marks the channel behind a descriptor of a matching process. */
static __always_inline int file_touch(struct file *file)
{
	struct remote remote = {};
	__u32 type = file_type(file);
	__u8 side = 0;
	struct tty_struct *tty;
	struct sock *sk;
	__u32 mechanism;

	if (type == S_IFIFO) {
		pipe_touch(file);
	} else if (type == S_IFCHR) {
		tty = pty_of(file, &side);
		if (tty)
			mark_set((__u64)(side == IPC_SIDE_MASTER ? get(tty, link) : tty));
	} else if (type == S_IFSOCK) {
		sk = socket_of(file);
		if (!sk)
			return 0;
		mechanism = socket_mechanism(sk);
		if (mechanism >= IPC_MECHANISMS)
			return 0;
		if (mechanism == IPC_TCP && get(sk, __sk_common.skc_state) == TCP_LISTEN)
			mark_set(port_mark(MARK_TCP_LISTENER, sk, get(sk, __sk_common.skc_num)));
		else
			socket_wanted(sk, mechanism, 1, &remote, 0);
	}
	return 0;
}

/* The same by descriptor of the running task. */
subprogram int descriptor_touch(__u32 fd)
{
	struct file *file = file_of(task_current(), fd);

	return file ? file_touch(file) : 0;
}

/* Both descriptors of a pipe or socket pair, from the array that the call filled. */
static __always_inline void pair_touch(__u64 array)
{
	__u32 fds[2] = {};

	if (bpf_probe_read_user(fds, sizeof(fds), (const void *)array))
		return;
	descriptor_touch(fds[0]);
	descriptor_touch(fds[1]);
}

/* Who listens where: what a connection is called by. */
subprogram int listener_describe(__u32 fd)
{
	struct task_struct *task = task_current();
	struct file *file = file_of(task, fd);
	struct ipc_flow_key key = {};
	struct sock *sk;

	if (!file || file_type(file) != S_IFSOCK)
		return 0;
	sk = socket_of(file);
	if (!sk || socket_mechanism(sk) >= IPC_MECHANISMS || !mechanism_on(socket_mechanism(sk)))
		return 0;
	flow_identify(&key, task);
	return socket_describe(sk, &key, NULL);
}

/*
 * Calls that make or name a channel. All but open and listen matter to the
 * filter only.
 */
subprogram int channel_call(__u64 regs, __u64 result, __u32 kind)
{
	struct call call = call_from(regs, result, &kind);
	__u32 tracked = current_tracked();
	struct file *file;

	if (kind == IPC_CALL_OPEN) {
		file = file_of(task_current(), call.result);
		if (!file)
			return 0;
		if (file_type(file) == S_IFCHR)
			pty_opened(file, tracked);
		else if (settings.filter_on && tracked && file_type(file) == S_IFIFO)
			descriptor_touch(call.result);
		return 0;
	}
	if (kind == IPC_CALL_LISTEN)
		listener_describe(argument(&call, 0));
	if (!settings.filter_on || !tracked)
		return 0;
	if (kind == IPC_CALL_PIPE) {
		pair_touch(argument(&call, 0));
		return 0;
	}
	if (kind == IPC_CALL_SOCKETPAIR) {
		pair_touch(argument(&call, 3));
		return 0;
	}
	descriptor_touch(kind == IPC_CALL_ACCEPT ? call.result : argument(&call, 0));
	return 0;
}

subprogram int pty_call(__u64 regs, __u64 result, __u32 kind)
{
	struct call call = call_from(regs, result, &kind);
	struct file *file = file_of(task_current(), argument(&call, 0));
	int told;

	if (!file)
		return 0;
	told = pty_count(file, call_direction(kind), result, IPC_CONTENTS_THERE);
	return settings.contents && told ? contents_of_call(&call, kind, told) : 0;
}

/* ipcdump -x: the rest of a read from a pipe. */
subprogram int pipe_contents(__u64 regs, __u64 result, __u32 kind, __u32 event)
{
	struct call call = call_from(regs, result, &kind);

	return contents_of_call(&call, kind, event);
}

/* linux/net.h: SYS_BIND and so on, the first argument of socketcall(2) */
static __always_inline __u32 socketcall_kind(__u32 number)
{
	switch (number) {
	case 2: return IPC_CALL_BIND;
	case 3: return IPC_CALL_CONNECT;
	case 4: return IPC_CALL_LISTEN;
	case 5: return IPC_CALL_ACCEPT;
	case 8: return IPC_CALL_SOCKETPAIR;
	case 9: return IPC_CALL_WRITE; /* send: no address, and flags that don't matter */
	case 10: return IPC_CALL_RECV;
	case 11: return IPC_CALL_SENDTO;
	case 12: return IPC_CALL_RECVFROM;
	case 16: return IPC_CALL_SENDMSG;
	case 17: return IPC_CALL_RECVMSG;
	case 18: return IPC_CALL_ACCEPT;
	case 19: return IPC_CALL_RECVMMSG;
	case 20: return IPC_CALL_SENDMMSG;
	default: return IPC_CALL_NONE;
	}
}

static __always_inline int call_slow(struct pt_regs *registers, __u64 result, __u32 kind)
{
	__u64 regs = number_of(registers);
	__u32 array = 0;

	/* Not a function around the others: the stack of all frames is 512 bytes. */
	if (kind == IPC_CALL_SOCKETCALL) {
		array = CALL_ARRAY;
		kind = socketcall_kind(call_argument(registers, 0, true));
		regs = call_argument(registers, 1, true);
	}
	if (kind >= IPC_CALL_SENDFILE && kind <= IPC_CALL_VMSPLICE)
		return result ? splice_call(regs, result, kind) : 0;
	if (kind >= IPC_CALL_OPEN && kind <= IPC_CALL_BIND)
		return channel_call(regs, result, kind | array);
	if (kind == IPC_CALL_SENDMMSG || kind == IPC_CALL_RECVMMSG)
		return many_call(regs, result, kind | array);
	if (kind == IPC_CALL_URING_REGISTER)
		return ring_register_call(regs);
	return kind && kind != IPC_CALL_IO_URING && kind != IPC_CALL_SIGQUEUE ? socket_call(regs, result, kind | array) : 0;
}

/* ipcdump: sending.bpf.h */
static __noinline int call_sent(struct pt_regs *regs, __u64 number, __u64 result);

/*
 * Vectors that come to no byte: then do_readv_writev() does not ask the socket. The
 * first one speaks for all.
 */
static __always_inline bool vector_is_empty(struct pt_regs *regs, __u64 number, bool compat)
{
	__u64 length = 0, address;

	if (!(compat ? settings.calls_vector_compat[number] : settings.calls_vector[number]))
		return false;
	address = call_argument(regs, 1, compat);
	bpf_probe_read_user(&length, compat ? 4 : 8, (const void *)(address + (compat ? 4 : 8)));
	return !length || !call_argument(regs, 2, compat);
}

static __always_inline int on_sys_exit(struct pt_regs *regs, long result)
{
	__u64 number = call_number(regs);
	struct task_struct *task;
	struct file *file;
	__u32 kind, type;
	bool compat;
	int told;

	if (number >= IPC_CALL_TABLE || !settings.calls_any[number] || !ready)
		return 0;
	if (settings.stream && settings.calls_sending[number])
		call_sent(cast(struct pt_regs, regs), number, result);
	if (result < 0)
		return 0;
	task = task_current();
	compat = call_is_compat(task);
	kind = compat ? settings.calls_compat[number] : settings.calls[number];
	if (kind != IPC_CALL_READ && kind != IPC_CALL_WRITE)
		return kind ? call_slow(regs, result, kind) : 0;
	file = file_of(task, call_argument(regs, 0, compat));
	if (!file)
		return call_unresolved(result);
	type = file_type(file);
	if (type == S_IFIFO) {
		if (!result || settings.seen & (kind == IPC_CALL_READ ? IPC_SEEN_PIPE_RX : IPC_SEEN_PIPE_TX))
			return 0;
		told = pipe_count(task, file, kind == IPC_CALL_READ ? IPC_RX : IPC_TX, result,
				  IPC_CONTENTS_THERE);
		if (settings.contents && told)
			pipe_contents(number_of(regs), result, kind, told);
	} else if (type == S_IFCHR) {
		if (result && !(settings.seen & (kind == IPC_CALL_READ ? IPC_SEEN_PTY_RX : IPC_SEEN_PTY_TX)))
			pty_call(number_of(regs), result, kind);
	} else if (type == S_IFSOCK && socket_is_ours(socket_of(file), call_direction(kind))) {
		if (!result && vector_is_empty(regs, number, compat))
			return 0;
		/* The others sock_send_length and sock_recv_length count. */
		socket_call(number_of(regs), result, kind);
	}
	return 0;
}

#endif
