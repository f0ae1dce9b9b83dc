/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From Linux 7.0 on a program on a tracepoint can be preempted, and until it goes on the
 * kernel skips it for all other tasks of that CPU (commit a46023d5616e; prog->active in
 * __bpf_trace_run()). So every program is there twice, one after the other on the same
 * tracepoint: the second does what the first was skipped for.
 */
#ifndef RUN_BPF_H
#define RUN_BPF_H

enum run {
	RUN_CALL,
	RUN_SEND,
	RUN_RECEIVE,
	RUN_READY,
	RUN_STATE,
	RUN_SIGNAL,
	RUN_FORK,
	RUN_EXEC,
	RUN_EXIT,
	RUN_RENAME,
	RUN_ENTER,
	RUN_TAKEN,
	RUN_PACKET,
	RUN_SUBMIT,
	RUN_COMPLETE,
	RUN_FUNCTION, /* any: the second program comes next, before any other function returns */
	RUNS
};

#define RUN_TASKS 65536
#define RUN_THREAD_BITS 23 /* PID_MAX_LIMIT is 1 << 22 */

/*
 * By the low bits of the thread's number: which thread's event the first program has just
 * taken, for the moment until the second comes by. Two threads share a place only when one
 * is preempted within that moment and their numbers are 65536 apart.
 */
struct run_marks {
	__u32 thread[RUNS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RUN_TASKS); /* 1 where nothing is there twice */
	__type(key, __u32);
	__type(value, struct run_marks);
} runs SEC(".maps");

/*
 * Is it for this program to do? To be asked once for every event, by both. again: bit 0 for the
 * second; the rest says which pair it is, where several share a mark: what one of another pair
 * left behind, whose second was skipped, is none of theirs.
 */
static __always_inline bool run_is_mine(enum run run, __u32 again)
{
	struct run_marks *marks;
	__u32 thread, place, mark;

	if (!settings.twice)
		return true;
	thread = (__u32)bpf_get_current_pid_tgid() + 1;
	place = thread % RUN_TASKS;
	marks = bpf_map_lookup_elem(&runs, &place);
	if (!marks)
		return !(again & 1);
	mark = thread | again >> 1 << RUN_THREAD_BITS;
	if (!(again & 1)) {
		marks->thread[run] = mark;
		return true;
	}
	if (marks->thread[run] != mark)
		return true;
	marks->thread[run] = 0;
	return false;
}

/* After the handler of a program that is there once: no second one comes to take the mark. */
static __always_inline void run_forget(void)
{
	__u32 place = ((__u32)bpf_get_current_pid_tgid() + 1) % RUN_TASKS;
	struct run_marks *marks;

	if (!settings.twice)
		return;
	marks = bpf_map_lookup_elem(&runs, &place);
	if (marks)
		marks->thread[RUN_FUNCTION] = 0;
}

#endif
