/* SPDX-License-Identifier: GPL-2.0-only */
/* Signals: from whom, to which process, and whether they were queued. */
#ifndef SIGNAL_BPF_H
#define SIGNAL_BPF_H

/* linux/sched/signal.h: what stands for "no siginfo" */
#define SEND_SIG_NOINFO 0
#define SEND_SIG_PRIV 1

/* trace/events/signal.h */
#define TRACE_SIGNAL_DELIVERED 0
#define TRACE_SIGNAL_LOSE_INFO 4

/* The number that it has in the pid namespace of a task: pid_nr_ns() there. */
static __always_inline int pid_seen_by(struct pid *pid, struct task_struct *observer)
{
	__u32 level = get(observer, thread_pid, level);
	int number = 0;

	if (level > get(pid, level))
		return 0;
	bpf_probe_read_kernel(&number, sizeof(number),
			      (char *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid));
	return number;
}

/* SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGPOLL, SIGSYS: si_code says what happened, not who. */
static __always_inline bool signal_is_fault(int sig)
{
	return sig == 4 || sig == 5 || sig == 7 || sig == 8 || sig == 11 || sig == 29 || sig == 31;
}

/*
 * Is the task in a call that sends this signal with a siginfo of its own
 * making? A process may send itself what only the kernel sends others.
 */
static __always_inline bool signal_is_queued(int sig)
{
#if DIRECT_LOADS
	struct pt_regs *regs = cast(struct pt_regs, bpf_task_pt_regs(bpf_get_current_task_btf()));
	__u64 number = call_number(regs);

	if (number >= IPC_CALL_TABLE || settings.calls[number] != IPC_CALL_SIGQUEUE)
		return false;
	/* (tgid, signal), (tgid, tid, signal), (pidfd, signal) */
	return call_argument(regs, 1, false) == sig || call_argument(regs, 2, false) == sig;
#else
	return false;
#endif
}

/*
 * Did the running task send it, or the kernel? SEND_SIG_PRIV is the kernel:
 * Ctrl-C arrives from the terminal driver's worker so. With SEND_SIG_NOINFO
 * the kernel signals for the running task (a dying parent's pdeath_signal),
 * or, to itself, SIGPIPE. A siginfo of a child's state names the child: the
 * running task, but for a zombie that is passed on to another parent.
 */
static __always_inline bool signal_is_own(struct task_struct *task, struct task_struct *target,
					  struct kernel_siginfo *info, int sig)
{
	struct kernel_siginfo *siginfo;
	unsigned long number = 0;
	int code, pid = 0;

	/*
	 * Through memory, since the verifier holds an argument of a tracepoint to
	 * be a valid pointer, and would drop the comparison with 0.
	 */
	bpf_probe_read_kernel(&number, sizeof(number), &info);
	if (number == SEND_SIG_PRIV)
		return false;
	if (number == SEND_SIG_NOINFO)
		return get(task, tgid) != get(target, tgid);
	siginfo = cast(struct kernel_siginfo, number);
	code = get(siginfo, si_code);
	if (code == SI_USER || code == SI_QUEUE || code == SI_TKILL || code == SI_MESGQ)
		return true;
	if (signal_is_queued(sig))
		return true;
	/* clone(2) lets a child end with another signal; faults use the same codes. */
	if (signal_is_fault(sig) || code < CLD_EXITED || code > CLD_CONTINUED)
		return false;
	pid = get(siginfo, _sifields._kill._pid);
	/* To a tracer it names the thread: do_notify_parent(), do_notify_parent_cldstop(). */
	return pid == pid_seen_by(get(task, group_leader, thread_pid), target) ||
	       pid == pid_seen_by(get(task, thread_pid), target);
}

/* The siginfo's si_code, where there is one. */
static __always_inline int signal_code(struct kernel_siginfo *info)
{
	unsigned long number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &info); /* as in signal_is_own() */
	if (number == SEND_SIG_PRIV)
		return SI_KERNEL;
	if (number == SEND_SIG_NOINFO)
		return SI_USER;
	return get(cast(struct kernel_siginfo, number), si_code);
}

/* ipcdump: a signal. thread: it was sent to this one, and not to all of the process. */
static __noinline int signal_stream(struct ipc_flow_key *key, struct task_struct *target, int code, __u32 thread,
				    __u32 queued)
{
	struct task_struct *task = task_current();
	struct ipc_event *event;

	if (key->tgid == counters.own_tgid || (__u32)key->remote == counters.own_tgid)
		return 0;
	if (settings.filter_on && !roles_pass(key->tgid ? task_roles(task) : 0, task_roles(target)))
		return 0;
	event = event_reserve(IPC_SIGNAL);
	if (!event)
		return 0;
	event_fill(event, key);
	event->bytes = 0;
	event->src_start = key->start;
	event->src_tgid = key->tgid;
	if (key->tgid)
		comm_of(event->src_comm, task);
	event->dst_start = key->object;
	event->dst_tgid = (__u32)key->remote;
	comm_of(event->dst_comm, target);
	event->tid = thread ? get(target, pid) : 0;
	event->code = code;
	event->flags = IPC_EVENT_SENDER | (queued ? IPC_EVENT_QUEUED : 0);
	event_submit(event);
	return 0;
}

static __always_inline int on_signal(int sig, struct kernel_siginfo *info, struct task_struct *to, int group, int result)
{
	struct task_struct *task = task_current();
	struct task_struct *target = cast(struct task_struct, to);
	struct ipc_flow_key key = {};
	__u32 tracked, target_tgid;
	bool queued;

	if (!ready || get(target, flags) & PF_KTHREAD)
		return 0;
	if (!(get(task, flags) & PF_KTHREAD) && signal_is_own(task, target, info, sig))
		flow_identify(&key, task);
	target_tgid = get(target, tgid);
	key.mechanism = IPC_SIGNAL;
	key.object = get(target, group_leader, start_boottime);
	key.remote = (__u64)sig << 32 | target_tgid;
	tracked = 3;
	if (settings.filter_on) {
		tracked = (key.tgid ? task_matches(task) : 0) | task_matches(target) << 1;
		if (!tracked)
			return 0;
	}
	queued = result == TRACE_SIGNAL_DELIVERED || result == TRACE_SIGNAL_LOSE_INFO;
	flow_add(&key, 1, queued, tracked);
	if (settings.stream)
		signal_stream(&key, target, signal_code(info), !group, queued);
	return 0;
}

#endif
