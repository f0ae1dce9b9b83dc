/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who is in the middle of a write: blocked, with a part of it written perhaps. No
 * system call has returned, so nothing of it is counted yet.
 */
#ifndef WRITER_BPF_H
#define WRITER_BPF_H

/* Which descriptor a call writes to, or -1. */
static __always_inline int call_written(struct pt_regs *regs, __u32 kind, bool compat)
{
	switch (kind) {
	case IPC_CALL_WRITE:
	case IPC_CALL_SENDTO:
	case IPC_CALL_SENDMSG:
	case IPC_CALL_SENDMMSG:
	case IPC_CALL_SENDFILE:
	case IPC_CALL_VMSPLICE:
		return call_argument(regs, 0, compat);
	case IPC_CALL_TEE:
		return call_argument(regs, 1, compat);
	case IPC_CALL_SPLICE:
		return call_argument(regs, 2, compat);
	default:
		return -1;
	}
}

SEC("iter/task")
int inventory_writers(struct bpf_iter__task *ctx)
{
	struct inventory_buffer *buffer = inventory_buffer();
	struct task_struct *found = ctx->task, *task;
	struct ipc_descriptor *descriptor;
	struct pt_regs *regs;
	struct file *file;
	__u64 number;
	bool compat;
	int fd;

	/* 5.15+ */
	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return 0;
	if (!found || !buffer)
		return 0;
	task = cast(struct task_struct, found);
	/* Its registers are those of a system call while it sleeps, as for /proc/PID/syscall. */
	if (get(task, flags) & PF_KTHREAD || !get(task, __state))
		return 0;
	regs = cast(struct pt_regs, bpf_task_pt_regs(found));
	number = call_number(regs);
	if (number >= IPC_CALL_TABLE || call_is_over(regs))
		return 0;
	compat = call_is_compat(task);
	fd = call_written(regs, compat ? settings.calls_compat[number] : settings.calls[number], compat);
	if (fd < 0)
		return 0;
	file = file_of(task, fd);
	descriptor = &buffer->descriptor;
	__builtin_memset(&descriptor->object, 0, sizeof(descriptor->object));
	if (!file || !inventory_describe(&descriptor->object, file))
		return 0;
	descriptor->tgid = get(task, tgid);
	descriptor->start = get(task, group_leader, start_boottime);
	descriptor->fd = fd;
	descriptor->readable = 0;
	descriptor->writable = 1;
	bpf_seq_write(ctx->meta->seq, descriptor, sizeof(*descriptor));
	return 0;
}

#endif
