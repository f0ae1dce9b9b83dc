/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ipcdump: who is about to send. It must be known before the first byte is there,
 * since its reader may be back from read() before the sender is from write().
 */
#ifndef SENDING_BPF_H
#define SENDING_BPF_H

/* The running task is about to put something into what is behind a descriptor. */
subprogram int descriptor_claims(__u32 fd)
{
	struct task_struct *task = task_current();
	struct file *file = file_of(task, fd);
	struct ipc_flow_key key = { .direction = IPC_TX };
	struct tty_struct *tty;
	struct sock *sk;
	__u8 side = 0;
	__u32 type;

	if (!file)
		return 0;
	if (settings.filter_on && current_matches())
		file_touch(file);
	type = file_type(file);
	if (type == S_IFIFO) {
		pipe_identify(&key, get(file, f_inode));
		if (mechanism_on(key.mechanism))
			pipe_stream(file, &key, 0, 0);
	} else if (type == S_IFCHR) {
		tty = mechanism_on(IPC_PTY) ? pty_of(file, &side) : NULL;
		if (!tty)
			return 0;
		pty_identify(&key, tty, side);
		pty_stream(tty, &key, 0, 0);
	} else if (type == S_IFSOCK) {
		sk = socket_of(file);
		if (sk)
			socket_claims(sk);
	}
	return 0;
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

SEC("?tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long id)
{
	__u64 number = call_number(regs);
	__u32 kind, fd = 0;
	bool compat;
	int target;

	if (number >= IPC_CALL_TABLE || !settings.calls_any[number] || !ready)
		return 0;
	compat = call_is_compat(task_current());
	kind = compat ? settings.calls_compat[number] : settings.calls[number];
	if (kind == IPC_CALL_SOCKETCALL) {
		kind = socketcall_kind(call_argument(regs, 0, true));
		target = call_target(kind);
		if (target < 0 || bpf_probe_read_user(&fd, sizeof(fd), (const void *)call_argument(regs, 1, true)))
			return 0;
		return descriptor_claims(fd);
	}
	target = call_target(kind);
	if (target < 0)
		return 0;
	fd = target == 0 ? call_argument(regs, 0, compat) :
	     target == 1 ? call_argument(regs, 1, compat) :
			   call_argument(regs, 2, compat);
	return descriptor_claims(fd);
}

#endif
