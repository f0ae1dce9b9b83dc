/* SPDX-License-Identifier: GPL-2.0-only */
/* pipe and fifo: one object, one direction. */
#ifndef PIPE_BPF_H
#define PIPE_BPF_H

/* Which pipe: fills mechanism, object and remote of a key. */
static __always_inline void pipe_identify(struct ipc_flow_key *key, struct inode *inode)
{
	struct super_block *super = get(inode, i_sb);

	key->object = get(inode, i_ino);
	if (get(super, s_magic) == PIPEFS_MAGIC) {
		key->mechanism = IPC_PIPE;
		return;
	}
	/* A FIFO's number is its filesystem's, and is given again after unlink. */
	key->mechanism = IPC_FIFO;
	key->remote = (__u64)get(super, s_dev) << 32 | get(inode, i_generation);
	/* A snapshot of Btrfs has both numbers of what it is of: there it is one FIFO as long as it is open. */
	if (get(super, s_magic) == BTRFS_SUPER_MAGIC)
		key->remote ^= (__u32)hash_mix(settings.hash_seed, number_of(get(inode, i_pipe)));
}

static __always_inline __u64 pipe_mark(const struct ipc_flow_key *key)
{
	if (key->mechanism == IPC_PIPE)
		return mark_number(MARK_PIPE, key->object);
	return mark_number(MARK_FIFO, hash_mix(key->object, key->remote));
}

/* ipcdump: bytes have come out of a pipe. */
static __noinline int pipe_stream(struct file *file, struct ipc_flow_key *key, __u64 bytes,
				  enum ipc_contents_reason reason)
{
	struct received *received = received_begin(key);

	if (!received)
		return 0;
	received->way.object = key->object;
	received->way.remote = key->remote;
	received->position = get(file, f_inode, i_pipe, tail);
	received->reason = reason;
	return stream_received(received, bytes);
}

/* False: it is not to be traced. */
static __always_inline bool pipe_way(struct ipc_way *way, struct file *file)
{
	struct ipc_flow_key key = {};

	pipe_identify(&key, get(file, f_inode));
	way->object = key.object;
	way->remote = key.remote;
	way->mechanism = key.mechanism;
	return mechanism_on(key.mechanism);
}

/* ipcdump: a task is about to put bytes into a pipe. */
static __noinline int pipe_claims(struct task_struct *task, struct file *file, __u32 claim)
{
	struct pipe_inode_info *pipe = get(file, f_inode, i_pipe);
	__u64 head = get(pipe, head), tail = get(pipe, tail);
	struct ipc_way way = {};

	if (!pipe_way(&way, file))
		return 0;
	return sender_claim(&way, task, 0, head, claim | (head != tail ? CLAIM_WAITING : 0));
}

/* The path of a FIFO, as the first process to use it opened it. */
static __noinline int fifo_describe(struct file *file, struct ipc_flow_key *key)
{
	struct ipc_object_path *record = bpf_ringbuf_reserve(&records, sizeof(*record), 0);

	if (!record) {
		count(&counters.records_lost[IPC_RECORD_PATH]);
		return 0;
	}
	record_begin(&record->record, IPC_RECORD_PATH, sizeof(*record));
	record->object = key->object;
	record->remote = key->remote;
	path_write(file, &record->path);
	bpf_ringbuf_submit(record, record_flags());
	return 0;
}

/* Returns what stream_received() does; `reason` is for it. */
static __always_inline int pipe_count(struct task_struct *task, struct file *file,
				      enum ipc_direction direction, __u64 bytes,
				      enum ipc_contents_reason reason)
{
	struct ipc_flow_key key = {};
	__u32 tracked;

	pipe_identify(&key, get(file, f_inode));
	if (!mechanism_on(key.mechanism))
		return 0;
	flow_identify(&key, task);
	key.direction = direction;
	tracked = current_tracked();
	if (settings.filter_on && !channel_wanted(pipe_mark(&key), tracked))
		return 0;
	if (flow_add(&key, 1, bytes, tracked)) {
		if (runs_kept())
			pipe_tell(number_of(get(file, f_inode, i_pipe)), key.object, key.remote, key.mechanism);
		if (key.mechanism == IPC_FIFO)
			fifo_describe(file, &key);
	}
	return settings.stream && direction == IPC_RX ? pipe_stream(file, &key, bytes, reason) : 0;
}

/* Marks a pipe that a matching process holds. */
static __always_inline void pipe_touch(struct file *file)
{
	struct ipc_flow_key key = {};

	pipe_identify(&key, get(file, f_inode));
	mark_set(pipe_mark(&key));
}

#endif
