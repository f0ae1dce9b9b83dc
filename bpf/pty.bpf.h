/* SPDX-License-Identifier: GPL-2.0-only */
/* Pseudo-terminals: a master, a slave, and a line discipline between them. */
#ifndef PTY_BPF_H
#define PTY_BPF_H

/*
 * When each pty was opened, by the slave's address: the kernel uses both the
 * number N of /dev/pts/N and the memory again. Absent: older than the trace.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, __u64);
} ptys SEC(".maps");

/* The tty of an open character device that is a pty, else NULL; its side in *side. */
static __always_inline struct tty_struct *pty_of(struct file *file, __u8 *side)
{
	__u32 device = get(file, f_inode, i_rdev) >> 20;
	struct tty_file_private *private;
	struct tty_struct *tty;
	__u32 major;

	/* /dev/tty, /dev/console and /dev/ptmx are 5:N and lead to a pty, too. */
	if (device != 5 && (device < UNIX98_PTY_MASTER_MAJOR ||
			    device >= UNIX98_PTY_SLAVE_MAJOR + UNIX98_PTY_MAJOR_COUNT))
		return NULL;
	private = cast(struct tty_file_private, get(file, private_data));
	if (!private)
		return NULL;
	tty = get(private, tty);
	if (!tty)
		return NULL;
	major = get(tty, driver, major);
	if (major >= UNIX98_PTY_MASTER_MAJOR && major < UNIX98_PTY_SLAVE_MAJOR)
		*side = IPC_SIDE_MASTER;
	else if (major >= UNIX98_PTY_SLAVE_MAJOR &&
		 major < UNIX98_PTY_SLAVE_MAJOR + UNIX98_PTY_MAJOR_COUNT)
		*side = IPC_SIDE_SLAVE;
	else
		return NULL;
	return tty;
}

static __always_inline void pty_identify(struct ipc_flow_key *key, struct tty_struct *tty, __u8 side)
{
	struct tty_struct *slave = side == IPC_SIDE_MASTER ? get(tty, link) : tty;
	__u64 *opened;

	key->mechanism = IPC_PTY;
	key->side = side;
	key->object = number_of(slave); /* slot_find() reckons with it */
	opened = bpf_map_lookup_elem(&ptys, &key->object);
	if (opened)
		key->remote = *opened;
}

static __always_inline void pty_describe_to(struct ipc_object *object, struct tty_struct *tty,
					    const struct ipc_flow_key *key)
{
	object->mechanism = IPC_PTY;
	object->object = key->object;
	object->remote = key->remote;
	object->side = key->side;
	object->index = get(tty, index);
}

static __noinline int pty_describe(struct tty_struct *tty, struct ipc_flow_key *key)
{
	struct ipc_object *object = bpf_ringbuf_reserve(&records, sizeof(*object), 0);

	if (!object) {
		count(&counters.records_lost[IPC_RECORD_OBJECT]);
		return 0;
	}
	__builtin_memset(object, 0, sizeof(*object));
	record_begin(&object->record, IPC_RECORD_OBJECT, sizeof(*object));
	pty_describe_to(object, tty, key);
	bpf_ringbuf_submit(object, record_flags());
	return 0;
}

#define ECHO 0000010

/* What is typed now comes back to the terminal, as if the programs had written it. */
static __noinline int pty_echoes(struct ipc_way *typed)
{
	struct ipc_way way = *typed;
	struct sender *sender, echo = { .echo = 1, .uneven = 1 };

	way.side = IPC_SIDE_SLAVE;
	sender = bpf_map_lookup_elem(&senders, &way);
	if (sender)
		sender->echo = 1;
	else
		bpf_map_update_elem(&senders, &way, &echo, BPF_NOEXIST);
	return 0;
}

/*
 * Is there anything to be read from this side that was not read yet? It waits for the worker
 * that brings it to the line discipline (flush_to_ldisc(), which takes it away there when it
 * is here: so that is looked at first), or in it. Of another one nothing is known.
 */
static __noinline int pty_waits(struct tty_struct *tty)
{
	struct tty_port *port = get(tty, port);
	struct tty_buffer *head = get(port, buf.head);
	struct n_tty_data *data;

	if (head != get(port, buf.tail) || get(head, used) != get(head, read))
		return 1;
	data = cast(struct n_tty_data, get(tty, disc_data));
	if (get(tty, termios.c_line) || !data)
		return 1;
	return get(data, read_head) != get(data, read_tail);
}

/* ipcdump: bytes have come out of one side. */
static __noinline int pty_stream(struct tty_struct *tty, struct ipc_flow_key *key, __u64 bytes,
				 enum ipc_contents_reason reason)
{
	struct received *received = received_begin(key);

	if (!received)
		return 0;
	if (!key->remote)
		received->position = pty_waits(tty);
	received->way.object = key->object;
	received->way.remote = key->remote;
	received->way.side = key->side == IPC_SIDE_MASTER ? IPC_SIDE_SLAVE : IPC_SIDE_MASTER;
	received->reason = reason;
	return stream_received(received, bytes);
}

/* ipcdump: a task is about to put bytes into one side. */
static __noinline int pty_claims(struct task_struct *task, struct file *file, __u32 claim)
{
	struct ipc_way way = { .mechanism = IPC_PTY };
	struct ipc_flow_key key = {};
	struct tty_struct *tty;
	__u8 side = 0;

	tty = mechanism_on(IPC_PTY) ? pty_of(file, &side) : NULL;
	if (!tty)
		return 0;
	pty_identify(&key, tty, side);
	way.object = key.object;
	way.remote = key.remote;
	way.side = side;
	if (side == IPC_SIDE_MASTER && get(tty, link, termios.c_lflag) & ECHO)
		pty_echoes(&way);
	/* Older than the trace: others may have written before. */
	if (!key.remote && pty_waits(get(tty, link)))
		claim |= CLAIM_WAITING;
	return sender_claim(&way, task, 0, 0, claim);
}

/* Returns what stream_received() does; `reason` is for it. */
static __noinline int pty_count(struct file *file, __u32 direction, __u64 bytes,
				enum ipc_contents_reason reason)
{
	struct task_struct *task = task_current();
	struct ipc_flow_key key = {};
	struct tty_struct *tty;
	__u8 side = 0;
	__u32 tracked;

	if (!mechanism_on(IPC_PTY))
		return 0;
	tty = pty_of(file, &side);
	if (!tty)
		return 0;
	flow_identify(&key, task);
	pty_identify(&key, tty, side);
	key.direction = direction;
	tracked = current_tracked();
	if (!channel_wanted(key.object, tracked))
		return 0;
	if (flow_add(&key, 1, bytes, tracked))
		pty_describe(tty, &key);
	return settings.stream && direction == IPC_RX ? pty_stream(tty, &key, bytes, reason) : 0;
}

/* A descriptor was opened: every open of /dev/ptmx makes a new pty. */
static __always_inline void pty_opened(struct file *file, __u32 tracked)
{
	struct ipc_flow_key key = {};
	struct tty_struct *tty;
	__u8 side = 0;
	__u64 now;

	tty = pty_of(file, &side);
	if (!tty)
		return;
	pty_identify(&key, tty, side);
	if (side == IPC_SIDE_MASTER) {
		now = bpf_ktime_get_ns();
		bpf_map_update_elem(&ptys, &key.object, &now, BPF_ANY);
	}
	if (settings.filter_on && tracked)
		mark_set(key.object);
}

#endif
