/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * msg_ring: a request of one io_uring posts a completion into another ring. What was
 * posted is received: the program behind that ring reads it out of memory, unseen.
 */
#ifndef RING_BPF_H
#define RING_BPF_H

#define RING_TASKS 32
#define RING_PAYLOAD 8 /* user_data; a descriptor that is passed on is no bytes */

/*
 * The process that made the ring and uses it: all tasks that did io_uring_setup() or
 * io_uring_enter() on it are on its list. 0: they are of several processes, or too many.
 */
static __noinline __u64 ring_owner(__u64 ring)
{
	__u64 head = ring + bpf_core_field_offset(struct io_ring_ctx, tctx_list);
	struct list_head *entry = cast(struct list_head, head);
	struct task_struct *task, *found = NULL;
	__u64 next;
	__u32 i;

	for (i = 0; i < RING_TASKS; i++) {
		next = number_of(get(entry, next));
		if (!next || next == head)
			return number_of(found);
		entry = cast(struct list_head, next);
		next -= bpf_core_field_offset(struct io_tctx_node, ctx_node);
		task = get(cast(struct io_tctx_node, next), task);
		if (!task || (found && get(found, tgid) != get(task, tgid)))
			return 0;
		found = task;
	}
	return 0;
}

/* ipcdump: both ends are known. */
static __noinline int ring_stream(struct ipc_flow_key *key, struct task_struct *owner, __u64 bytes)
{
	struct task_struct *task = task_current();
	struct ipc_event *event;

	if (settings.filter_on && !roles_pass(roles_of(number_of(task)), roles_of(number_of(owner))))
		return 0;
	event = event_reserve(IPC_MSG_RING);
	if (!event)
		return 0;
	event_fill(event, key);
	event->bytes = bytes;
	event->src_start = get(task, group_leader, start_boottime);
	event->src_tgid = get(task, tgid);
	comm_of(event->src_comm, task);
	event->dst_start = key->start;
	event->dst_tgid = key->tgid;
	comm_of(event->dst_comm, owner);
	event->tid = get(owner, pid);
	event->reason = IPC_CONTENTS_IO_URING;
	event->flags = IPC_EVENT_SENDER;
	event_submit(event);
	return 0;
}

/*
 * The running task has sent a message to the ring behind a file. ops -1: it had not,
 * after all.
 */
subprogram int ring_message(__u64 address, __u64 bytes, __u64 ops)
{
	struct file *file = cast(struct file, address);
	struct ipc_flow_key key = { .mechanism = IPC_MSG_RING, .direction = IPC_TX };
	__u32 tracked, owner_tracked = 1;
	struct task_struct *owner;

	if (!mechanism_on(IPC_MSG_RING))
		return 0;
	/* An event that was told can't be taken back. */
	if (settings.stream && ops != 1) {
		count(&counters.events_missed[IPC_MSG_RING]);
		return 0;
	}
	owner = cast(struct task_struct, ring_owner(number_of(get(file, private_data))));
	tracked = current_tracked();
	if (settings.filter_on) {
		owner_tracked = owner ? task_matches(owner) : 0;
		if (!tracked && !owner_tracked)
			return 0;
	}
	flow_identify(&key, task_current());
	key.object = get(file, f_inode, i_ino);
	key.remote = !owner;
	flow_add(&key, ops, bytes * ops, tracked);
	if (!owner)
		return 0;
	flow_identify(&key, owner);
	key.direction = IPC_RX;
	flow_add(&key, ops, bytes * ops, owner_tracked);
	if (settings.stream && ops == 1)
		ring_stream(&key, owner, bytes);
	return 0;
}

/* The first 8 bytes of a struct io_uring_sqe: a message that is sent without a ring of the sender's (6.13+). */
static __noinline int ring_submission(__u64 first)
{
	struct file *file;

	if ((__u8)first != IORING_OP_MSG_RING)
		return 0;
	file = file_of(task_current(), first >> 32);
	return file ? ring_message(number_of(file), RING_PAYLOAD, 1) : 0;
}

/* io_uring_register(-1, IORING_REGISTER_SEND_MSG_RING, sqe, 1) */
subprogram int ring_register_call(__u64 address)
{
	struct pt_regs *regs = cast(struct pt_regs, address);
	__u64 first = 0;

	if (settings.seen & IPC_SEEN_MSG_RING)
		return 0;
	if ((__s32)call_argument(regs, 0, false) != -1 ||
	    (__u32)call_argument(regs, 1, false) != IORING_REGISTER_SEND_MSG_RING ||
	    bpf_probe_read_user(&first, sizeof(first), (const void *)call_argument(regs, 2, false)))
		return 0;
	return ring_submission(first);
}

#endif
