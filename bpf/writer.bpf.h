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

#define KERNEL_STACK 16384 /* x86-64: THREAD_SIZE, without KASAN */

/* The registers that another task entered the kernel with. */
static __always_inline struct pt_regs *registers_of(struct task_struct *found, struct task_struct *task)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return cast(struct pt_regs, bpf_task_pt_regs(found));
#if defined(__TARGET_ARCH_x86) && !DIRECT_LOADS
	/* Before 5.15: they lie at the top of its stack, task_pt_regs(). */
	return (struct pt_regs *)((char *)get(task, stack) + KERNEL_STACK - bpf_core_type_size(struct pt_regs));
#else
	return NULL;
#endif
}

static __always_inline bool task_sleeps(struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return get(task, __state);
	return get((struct task_struct___before_5_14 *)task, state);
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

	if (!found || !buffer)
		return 0;
	task = cast(struct task_struct, found);
	/* Its registers are those of a system call while it sleeps, as for /proc/PID/syscall. */
	if (get(task, flags) & PF_KTHREAD || !task_sleeps(task))
		return 0;
	regs = registers_of(found, task);
	if (!regs)
		return 0;
	number = call_number_read(regs);
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
