/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ipcdump: who is about to send. It must be known before the first byte is there,
 * since its reader may be back from read() before the sender is from write().
 */
#ifndef SENDING_BPF_H
#define SENDING_BPF_H

/* A task is about to put something into a file. */
subprogram int file_claims(__u64 task_address, __u64 file_address, __u32 claim)
{
	struct task_struct *task = cast(struct task_struct, task_address);
	struct file *file = cast(struct file, file_address);
	struct sock *sk;
	__u32 type;
	int news = 0;

	type = file_type(file);
	if (type == S_IFIFO) {
		news = pipe_claims(task, file, claim);
	} else if (type == S_IFCHR) {
		news = pty_claims(task, file, claim);
	} else if (type == S_IFSOCK) {
		sk = socket_of(file);
		news = sk ? socket_claims(task, sk, claim) : 0;
	}
	/* So that the filter lets its first bytes through, whose reader may be the first to return. */
	if (settings.filter_on && news && task_matches(task))
		file_touch(file);
	return 0;
}

/* The same by descriptor. */
static __always_inline int descriptor_claims(struct task_struct *task, __u32 fd)
{
	struct file *file = file_of(task, fd);

	return file ? file_claims(number_of(task), number_of(file), CLAIM_CALL) : 0;
}

/* Which argument of a call is the descriptor that it sends through; -1: it sends nothing. */
static __always_inline int call_target(__u32 kind)
{
	switch (kind) {
	case IPC_CALL_WRITE:
	case IPC_CALL_SENDTO:
	case IPC_CALL_SENDMSG:
	case IPC_CALL_SENDMMSG:
	case IPC_CALL_SENDFILE:
	case IPC_CALL_VMSPLICE:
		return 0;
	case IPC_CALL_TEE:
		return 1;
	case IPC_CALL_SPLICE:
		return 2;
	default:
		return -1;
	}
}

/* A call's kind; and the descriptor that it sends through, or -1. */
static __always_inline __s64 call_descriptor(struct pt_regs *regs, __u64 number, bool compat, __u32 *ret_kind)
{
	__u32 kind = compat ? settings.calls_compat[number] : settings.calls[number], fd = 0;
	int target;

	if (kind == IPC_CALL_SOCKETCALL) {
		*ret_kind = socketcall_kind(call_argument(regs, 0, true));
		target = call_target(*ret_kind);
		if (target < 0 || bpf_probe_read_user(&fd, sizeof(fd), (const void *)call_argument(regs, 1, true)))
			return -1;
		return fd;
	}
	*ret_kind = kind;
	target = call_target(kind);
	if (target < 0)
		return -1;
	return (__u32)(target == 0 ? call_argument(regs, 0, compat) :
		       target == 1 ? call_argument(regs, 1, compat) :
				     call_argument(regs, 2, compat));
}

/* A call has begun. */
static __always_inline int call_claims(struct task_struct *task, struct pt_regs *regs, __u64 number)
{
	__u32 kind;
	__s64 fd = call_descriptor(regs, number, call_is_compat(task), &kind);

	return fd < 0 ? 0 : descriptor_claims(task, fd);
}

/* result: of the call; many: it is a number of messages. */
subprogram int descriptor_sent(__u32 fd, __u64 result, __u32 many)
{
	struct file *file = file_of(task_current(), fd);
	struct ipc_way way = {};
	struct sock *sk;
	__u32 type;

	if (!file)
		return 0;
	type = file_type(file);
	if (type == S_IFIFO) {
		if (!pipe_way(&way, file))
			return 0;
	} else if (type == S_IFSOCK) {
		sk = socket_of(file);
		if (!sk || !socket_way(&way, sk))
			return 0;
	} else {
		return 0;
	}
	if ((__s64)result < 0)
		result = 0;
	else if (!many)
		result = way_units(way.mechanism, result);
	else if (way_units(way.mechanism, 2) == 2)
		result = 1ULL << 62; /* the sum of the messages is not told here: it will never be even */
	return sender_sent(&way, result);
}

/* A call has returned. */
static __noinline int call_sent(struct pt_regs *regs, __u64 number, __u64 result)
{
	bool compat = call_is_compat(task_current());
	__u32 kind;
	__s64 fd;

	if (number >= IPC_CALL_TABLE)
		return 0;
	fd = call_descriptor(regs, number, compat, &kind);
	return fd < 0 ? 0 : descriptor_sent(fd, result, kind == IPC_CALL_SENDMMSG);
}

static __always_inline int on_sys_enter(struct pt_regs *regs)
{
	__u64 number = call_number(regs);

	if (number >= IPC_CALL_TABLE || !settings.calls_sending[number] || !ready)
		return 0;
	return call_claims(task_current(), regs, number);
}

/* Who was sending when the window opened: every thread that waits in a call. Runs after that. */
SEC("iter/task")
int inventory_senders(struct bpf_iter__task *ctx)
{
	struct task_struct *found = ctx->task, *task;
	struct pt_regs *regs;
	__u64 number;

	if (!found || !settings.stream)
		return 0;
	task = cast(struct task_struct, found);
	if (get(task, flags) & PF_KTHREAD || !task_sleeps(task))
		return 0;
	regs = registers_of(found, task);
	if (!regs)
		return 0;
	number = call_number_read(regs);
	if (number >= IPC_CALL_TABLE || !settings.calls_sending[number] || call_is_over(regs))
		return 0;
	call_claims(task, regs, number);
	return 0;
}

#endif
