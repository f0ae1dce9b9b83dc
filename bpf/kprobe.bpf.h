/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kprobe flavour: the handlers of function.bpf.h, from a kprobe where a function begins,
 * which keeps its arguments, and a kretprobe where it returns.
 *
 * A kretprobe has few places for calls that run (`maxactive`: by perf_event_open() one or two a
 * CPU, in 5.10 one), and tasks asleep in a read take them up: the kernel then does not show the
 * return, and does not say so before 6.7. But who is asleep in a function is so in a system
 * call, and when that ends its frame is still here: call_left() counts it, as the tracepoint
 * flavour would. What no system call ends (io_uring, aio, the kernel's own) is told as lost.
 */
#ifndef KPROBE_BPF_H
#define KPROBE_BPF_H

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, IPC_RUNNING_MAX); /* 1 where there are no kprobes */
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64); /* as bpf_get_current_pid_tgid() has it */
	__type(value, struct ipc_running);
} running SEC(".maps");

static const struct ipc_running nothing_runs;

static __always_inline void call_lost(__u32 function)
{
	if (ready)
		count(&counters.calls_lost[function & (IPC_FUNCTIONS_ROOM - 1)]);
}

/* From frame `first` on nobody will see a return. */
static __always_inline void calls_lost(const struct ipc_running *calls, __u32 first)
{
	__u32 i;

#pragma unroll
	for (i = 0; i < IPC_RUNNING_DEPTH; i++)
		if (i >= first && i < calls->depth)
			call_lost(calls->frames[i].function);
}

/* The youngest frame of the function; IPC_RUNNING_DEPTH: none. */
static __always_inline __u32 frame_find(const struct ipc_running *calls, __u32 function)
{
	__u32 i, found = IPC_RUNNING_DEPTH;

#pragma unroll
	for (i = 0; i < IPC_RUNNING_DEPTH; i++)
		if (i < calls->depth && calls->frames[i].function == function)
			found = i;
	return found;
}

/* Of a depth that was compared: the verifier forgets it, or clang the mask. */
static __always_inline struct ipc_frame *frame_at(struct ipc_running *calls, __u32 depth)
{
	asm volatile("" : "+r"(depth));
	return &calls->frames[depth & (IPC_RUNNING_DEPTH - 1)];
}

/* Which system calls return what the function did: bits of enum ipc_call. */
static __always_inline __u32 function_calls(__u32 function)
{
	switch (function) {
#define FUNCTION_ROW(name, kind, calls) case IPC_FUNCTION_##name: return calls;
	IPC_FUNCTION_LIST(FUNCTION_ROW)
#undef FUNCTION_ROW
	}
	return 0;
}

static __always_inline __u32 function_kind(__u32 function)
{
	switch (function) {
#define FUNCTION_ROW(name, kind, calls) case IPC_FUNCTION_##name: return kind;
	IPC_FUNCTION_LIST(FUNCTION_ROW)
#undef FUNCTION_ROW
	}
	return IPC_ON_NOTHING;
}

/* What stays what it is until the system call is over: the file, or the socket. */
static __always_inline __u64 frame_object(__u32 kind, __u64 first)
{
	if (kind == IPC_ON_KIOCB)
		return (__u64)get(cast(struct kiocb, first), ki_filp);
	return kind == IPC_ON_SOCKET ? first : 0;
}

/* Does no system call end with the functions that the task calls? */
static __always_inline bool task_is_apart(struct task_struct *task)
{
	if (get(task, flags) & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER))
		return true;
	return bpf_core_field_exists(task->io_uring) && get(task, io_uring);
}

/* A function begins. */
static __always_inline int call_begin(struct pt_regs *regs, __u32 function, __u32 kind)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct ipc_running *calls = bpf_map_lookup_elem(&running, &id);
	struct ipc_frame *frame;
	__u32 depth;

	if (!calls) {
		bpf_map_update_elem(&running, &id, &nothing_runs, BPF_NOEXIST);
		calls = bpf_map_lookup_elem(&running, &id);
		if (!calls) {
			call_lost(function);
			return 0;
		}
	}
	/* None of these functions calls itself: that one has returned, unseen. */
	depth = frame_find(calls, function);
	if (depth < IPC_RUNNING_DEPTH)
		calls_lost(calls, depth);
	else
		depth = calls->depth;
	if (depth >= IPC_RUNNING_DEPTH) {
		call_lost(function);
		return 0;
	}
	frame = frame_at(calls, depth);
	frame->arguments[0] = PT_REGS_PARM1(regs);
	frame->arguments[1] = PT_REGS_PARM2(regs);
	frame->arguments[2] = PT_REGS_PARM3(regs);
	frame->arguments[3] = PT_REGS_PARM4(regs);
	frame->object = frame_object(kind, frame->arguments[0]);
	frame->function = function;
	frame->apart = task_is_apart(task_current());
	calls->depth = depth + 1;
	return 0;
}

/* A function returns: its first arguments, or false. */
static __always_inline bool call_end(__u32 function, __s32 result, __u64 *ret_arguments)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct ipc_running *calls = bpf_map_lookup_elem(&running, &id);
	__u32 depth = calls ? frame_find(calls, function) : IPC_RUNNING_DEPTH;
	const struct ipc_frame *frame;

	if (!calls || depth >= IPC_RUNNING_DEPTH) {
		/* It was not seen to begin, of which the kernel itself tells from 6.7 on. */
		if (!settings.kprobe_misses && result >= 0)
			call_lost(function);
		return false;
	}
	calls_lost(calls, depth + 1);
	frame = frame_at(calls, depth);
	ret_arguments[0] = frame->arguments[0];
	ret_arguments[1] = frame->arguments[1];
	ret_arguments[2] = frame->arguments[2];
	ret_arguments[3] = frame->arguments[3];
	calls->depth = depth;
	if (!depth)
		bpf_map_delete_elem(&running, &id);
	return true;
}

/* Was it this function that the system call was made for, on this file? */
static __always_inline bool frame_is_call(const struct ipc_frame *frame, __u32 kind, struct file *file)
{
	if (!(function_calls(frame->function) & 1U << (kind & 31)))
		return false;
	switch (function_kind(frame->function)) {
	case IPC_ON_KIOCB: return file && (__u64)file == frame->object;
	case IPC_ON_SOCKET: return file && file_type(file) == S_IFSOCK && (__u64)get(file, private_data) == frame->object;
	default: return true;
	}
}

/* As the tracepoint flavour counts it. */
static __always_inline int call_count(struct pt_regs *registers, struct file *file, __u64 result, __u32 kind)
{
	__u64 regs = number_of(registers);
	bool compat = call_is_compat(task_current());
	__u32 type;

	if (kind == IPC_CALL_SENDFILE) {
		on_sendfile(call_argument(registers, 0, compat), call_argument(registers, 1, compat), result);
		return 0;
	}
	if (kind >= IPC_CALL_SPLICE && kind <= IPC_CALL_VMSPLICE)
		return result ? splice_call(regs, result, kind) : 0;
	if (!file)
		return 0;
	type = file_type(file);
	if (type == S_IFSOCK)
		return socket_call(regs, result, kind | CALL_MISSED);
	if (!result)
		return 0;
	if (type == S_IFCHR)
		return pty_call(regs, result, kind);
	if (type == S_IFIFO)
		pipe_count(task_current(), file, call_direction(kind), result, IPC_CONTENTS_THERE);
	return 0;
}

/*
 * A system call is over, and it called functions whose return was not seen. The first of them
 * is the one whose result it has; of what that called itself nobody knows.
 */
static __always_inline int on_call_left(struct pt_regs *registers, long result)
{
	struct pt_regs *regs = cast(struct pt_regs, registers);
	__u64 number = call_number(registers), id;
	struct ipc_running *calls;
	struct task_struct *task;
	bool own = false;
	struct file *file;
	__u32 kind, i;

	if (number >= IPC_CALL_TABLE || !(settings.calls[number] | settings.calls_compat[number]))
		return 0;
	task = task_current();
	kind = call_is_compat(task) ? settings.calls_compat[number] : settings.calls[number];
	if (!kind || kind > IPC_CALL_VMSPLICE)
		return 0;
	id = bpf_get_current_pid_tgid();
	calls = bpf_map_lookup_elem(&running, &id);
	if (!calls)
		return 0;
	file = file_of(task, call_argument(regs, 0, call_is_compat(task)));
#pragma unroll
	for (i = 0; i < IPC_RUNNING_DEPTH; i++) {
		if (i >= calls->depth)
			break;
		if (!frame_is_call(&calls->frames[i], kind, file))
			call_lost(calls->frames[i].function);
		else if (!i)
			own = true;
	}
	bpf_map_delete_elem(&running, &id);
	if (!own || !ready || result < 0)
		return 0;
	count(&counters.calls_caught);
	return call_count(regs, file, result, kind);
}

#endif
