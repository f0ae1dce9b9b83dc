/* SPDX-License-Identifier: GPL-2.0-only */
/* From a descriptor or a system call's argument to the kernel object. */
#ifndef RESOLVE_BPF_H
#define RESOLVE_BPF_H

/* The lower half of the register, as syscall_get_nr() has it: what is above it some kernels ignore. */
#if defined(__TARGET_ARCH_x86)
#define call_number(regs) ((__u64)*(const volatile __u32 *)&(regs)->orig_ax)
#define call_number_read(regs) ((__u64)(__u32)get(regs, orig_ax)) /* not the tracepoint's own registers */
#else
#define call_number(regs) ((__u64)(__u32)(regs)->syscallno)
#define call_number_read(regs) ((__u64)(__u32)get(regs, syscallno))
#endif

/* Has the system call its result? Only x86 lets that be seen. */
static __always_inline bool call_is_over(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return (__s32)get(regs, ax) != -ENOSYS;
#else
	return false;
#endif
}

#define TS_COMPAT 2	       /* x86 */
#define TIF_32BIT (1UL << 22) /* arm64 */

/* A 32-bit system call of a 64-bit kernel: its numbers mean something else. */
static __always_inline bool call_is_compat(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return get(task, thread_info.status) & TS_COMPAT;
#elif defined(__TARGET_ARCH_arm64)
	return get(task, thread_info.flags) & TIF_32BIT;
#else
	return false;
#endif
}

/*
 * The open file behind a descriptor of the task, or NULL. Runs inside the RCU
 * read side of the tracepoint, so neither the table nor the file goes away.
 * The slot is read when the system call returns: a descriptor that another
 * thread closed and reopened meanwhile names the new file (see ARCHITECTURE.md).
 */
static __always_inline struct file *file_of(struct task_struct *task, __u32 fd)
{
	struct fdtable *table = get(task, files, fdt);
	struct file **slot;

	if (fd >= get(table, max_fds))
		return NULL;
	slot = get(table, fd) + fd;
#if DIRECT_LOADS
	/* Any structure that begins with a struct file * makes the load a typed one. */
	return cast(struct kiocb, slot)->ki_filp;
#else
	struct file *file = NULL;

	bpf_probe_read_kernel(&file, sizeof(file), slot);
	return file;
#endif
}

/* What a call moved is nobody's: another thread has closed its descriptor, say. */
static __always_inline int call_unresolved(__u64 bytes)
{
	if (bytes && current_tracked())
		count(&counters.calls_unresolved);
	return 0;
}

static __always_inline __u32 file_type(struct file *file)
{
	return get(file, f_inode, i_mode) & S_IFMT;
}

/* Arguments 0 to 5 as system calls count them; they survive in pt_regs. */
static __always_inline __u64 call_argument(struct pt_regs *regs, int n, bool compat)
{
#if defined(__TARGET_ARCH_x86)
	if (compat) {
		switch (n) {
		case 0: return (__u32)get(regs, bx);
		case 1: return (__u32)get(regs, cx);
		case 2: return (__u32)get(regs, dx);
		case 3: return (__u32)get(regs, si);
		case 4: return (__u32)get(regs, di);
		default: return (__u32)get(regs, bp);
		}
	}
	switch (n) {
	case 0: return get(regs, di);
	case 1: return get(regs, si);
	case 2: return get(regs, dx);
	case 3: return get(regs, r10);
	case 4: return get(regs, r8);
	default: return get(regs, r9);
	}
#else
	/* x0 holds the result by now */
	return n ? get((struct user_pt_regs *)regs, regs[n]) : get(regs, orig_x0);
#endif
}

#endif
