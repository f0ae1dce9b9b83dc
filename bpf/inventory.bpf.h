/* SPDX-License-Identifier: GPL-2.0-only */
/* What was there before the trace: every process, every descriptor of a channel. */
#ifndef INVENTORY_BPF_H
#define INVENTORY_BPF_H

/* An iterator has no room on its stack for a record; one at a time runs here. */
struct inventory_buffer {
	struct ipc_process process;
	struct ipc_descriptor descriptor;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct inventory_buffer);
} inventory SEC(".maps");

static __always_inline struct inventory_buffer *inventory_buffer(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&inventory, &zero);
}

/* An iterator runs in the context of its reader: ipcmap. */
static __always_inline void inventory_observe(void)
{
	struct pid *pid = get(task_current(), thread_pid);
	__u32 level = get(pid, level);
	struct upid *number;

	number = cast(struct upid, (char *)pid + bpf_core_field_offset(struct pid, numbers) +
				   (__u64)level * bpf_core_type_size(struct upid));
	counters.pidns = (__u64)get(number, ns);
	counters.pidns_level = level;
}

SEC("iter/task")
int inventory_processes(struct bpf_iter__task *ctx)
{
	struct inventory_buffer *buffer = inventory_buffer();
	struct task_struct *found = ctx->task, *task;
	struct file *exe;

	if (!found || !buffer)
		return 0;
	inventory_observe();
	counters.clock_jiffies = bpf_jiffies64();
	counters.clock_time = bpf_ktime_get_ns();
	task = cast(struct task_struct, found);
	if (get(task, pid) != get(task, tgid))
		return 0;
	process_describe_to(&buffer->process, task);
	buffer->process.exe.len = 0;
	buffer->process.exe.truncated = 0;
	exe = get(task, mm, exe_file);
	if (exe)
		path_write(exe, &buffer->process.exe);
	bpf_seq_write(ctx->meta->seq, &buffer->process, sizeof(buffer->process));
	return 0;
}

static __always_inline bool inventory_describe(struct ipc_object *object, struct file *file)
{
	struct ipc_flow_key key = {};
	struct tty_struct *tty;
	__u32 type = file_type(file);
	struct sock *sk;
	__u8 side = 0;

	if (type == S_IFIFO) {
		pipe_identify(&key, get(file, f_inode));
		object->mechanism = key.mechanism;
		object->object = key.object;
		object->remote = key.remote;
		object->dev = key.remote >> 32;
		object->queued = (__u32)pipe_queued(number_of(get(file, f_inode, i_pipe)));
		pipe_register(number_of(get(file, f_inode, i_pipe)));
		return true;
	}
	if (type == S_IFCHR) {
		tty = pty_of(file, &side);
		if (!tty)
			return false;
		pty_identify(&key, tty, side);
		pty_describe_to(object, tty, &key);
		return true;
	}
	if (type != S_IFSOCK)
		return false;
	sk = socket_of(file);
	if (!sk || socket_mechanism(sk) >= IPC_MECHANISMS)
		return false;
	socket_describe_to(object, sk);
	socket_weigh(object, sk);
	return true;
}

SEC("iter/task_file")
int inventory_descriptors(struct bpf_iter__task_file *ctx)
{
	struct inventory_buffer *buffer = inventory_buffer();
	struct task_struct *found = ctx->task, *task;
	struct ipc_descriptor *descriptor;
	struct file *opened = ctx->file, *file;

	if (!found || !opened || !buffer)
		return 0;
	task = cast(struct task_struct, found);
	file = cast(struct file, opened);
	descriptor = &buffer->descriptor;
	__builtin_memset(&descriptor->object, 0, sizeof(descriptor->object));
	if (!inventory_describe(&descriptor->object, file))
		return 0;
	descriptor->tgid = get(task, tgid);
	descriptor->start = get(task, group_leader, start_boottime);
	descriptor->fd = ctx->fd;
	descriptor->readable = !!(get(file, f_mode) & FMODE_READ);
	descriptor->writable = !!(get(file, f_mode) & FMODE_WRITE);
	if (settings.filter_on && task_matches(task))
		file_touch(file);
	bpf_seq_write(ctx->meta->seq, descriptor, sizeof(*descriptor));
	return 0;
}

#endif
