/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From Linux 7.0 on a program on a tracepoint can be preempted, and until it goes on the
 * kernel skips it for all other tasks of that CPU (commit a46023d5616e; prog->active in
 * __bpf_trace_run()). So every program is there twice, one after the other on the same
 * tracepoint: the second does what the first was skipped for, and counts it, so that what
 * both were skipped for is known: what the kernel skipped the first for, but for these.
 */
#ifndef RUN_BPF_H
#define RUN_BPF_H

#define RUN_TASKS 65536
#define RUN_THREAD_BITS 23 /* PID_MAX_LIMIT is 1 << 22 */
_Static_assert(IPC_PROGRAMS <= 1 << (32 - RUN_THREAD_BITS), "a mark has room for the program");

/*
 * By the low bits of the thread's number: which thread's event the first program has just
 * taken, for the moment until the second comes by. Two threads share a place only when one
 * is preempted within that moment and their numbers are 65536 apart. Programs on functions share
 * a mark, since the second comes next, before any other function returns; so it says which one it is of:
 * what a first one left behind, whose second was skipped, is none of another's.
 */
struct run_marks {
	__u32 thread[IPC_TRACEPOINTS + 1];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RUN_TASKS); /* 1 where nothing is there twice */
	__type(key, __u32);
	__type(value, struct run_marks);
} runs SEC(".maps");

static __always_inline __u32 *run_mark(enum ipc_program program, __u32 *ret_value)
{
	__u32 thread = (__u32)bpf_get_current_pid_tgid() + 1, place = thread % RUN_TASKS;
	struct run_marks *marks = bpf_map_lookup_elem(&runs, &place);

	*ret_value = thread | program << RUN_THREAD_BITS;
	return marks ? &marks->thread[program < IPC_TRACEPOINTS ? program : IPC_TRACEPOINTS] : NULL;
}

/* The first program begins: before anything else, so that what it was skipped for can be told. */
static __always_inline void run_begin(enum ipc_program program)
{
	__u32 value, *mark;

	if (!settings.twice)
		return;
	mark = run_mark(program, &value);
	if (mark)
		*mark = value;
}

/* Is it for the second program to do? */
static __always_inline bool run_skipped(enum ipc_program program)
{
	__u32 value, *mark = run_mark(program, &value);

	if (!mark)
		return false;
	if (*mark == value) {
		*mark = 0;
		return false;
	}
	count(&counters.caught_up[program]);
	return true;
}

#define ARGUMENTS(...) __VA_ARGS__

#define TWICE(section, name, arguments, handler)                                     \
	SEC(section)                                                                 \
	int BPF_PROG(name, ARGUMENTS arguments)                                      \
	{                                                                            \
		run_begin(IPC_PROGRAM_##name);                                       \
		return handler;                                                      \
	}                                                                            \
	SEC(section)                                                                 \
	int BPF_PROG(name##_again, ARGUMENTS arguments)                              \
	{                                                                            \
		return run_skipped(IPC_PROGRAM_##name) ? handler : 0;                \
	}

#endif
