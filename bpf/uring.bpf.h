/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * io_uring: what its requests moved, as they complete. Worker threads and the one of
 * SQPOLL are threads of the process that owns the ring (Linux 5.12+), so the running task
 * is whose bytes these are. Sockets have sock_send_length and sock_recv_length from 6.3 on.
 */
#ifndef URING_BPF_H
#define URING_BPF_H

/* Multishot requests: their completions but the last have no request, only its user_data. */
struct multishot_key {
	__u64 ring;
	__u64 user_data;
};

#define MULTISHOT_SEVERAL 1 /* two requests have one user_data: which of them read is not known */
#define MULTISHOT_RECEIVES 2 /* from a socket, which is counted where it receives */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct multishot_key);
	__type(value, __u64); /* a read's file, or MULTISHOT_... */
} multishots SEC(".maps");

/*
 * Messages to rings, by the address of their request, whose file may be put back before it
 * completes (until 6.2). One that asks for no completion counts when it is submitted, and no
 * more if it completes after all, since that is a failure. (But one that was linked to a failed
 * request without a completion is silent.)
 */
struct ring_request {
	__u64 file; /* the target's */
	__u64 user_data;
	__u64 silent;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct ring_request);
} ring_requests SEC(".maps");

static __always_inline struct task_struct *request_task(struct io_kiocb *request)
{
	struct io_kiocb___before_6_13 *before;

	if (bpf_core_field_exists(request->tctx))
		return get(request, tctx, task);
	before = cast(struct io_kiocb___before_6_13, request);
	return get(before, task);
}

/* A file that is registered with the ring, by its index; NULL: there is none. */
static __noinline __u64 file_registered(__u64 address, __u32 index)
{
	struct io_ring_ctx *ring = cast(struct io_ring_ctx, address);
	struct io_rsrc_node *node;
	__u64 slot;

	/* Loads of a word by way of a structure with one at its beginning. The lower bits are flags. */
	if (bpf_core_field_exists(ring->file_table.data)) {
		if (index >= get(ring, file_table.data.nr))
			return 0;
		slot = number_of(get(ring, file_table.data.nodes)) + index * sizeof(void *);
		node = cast(struct io_rsrc_node, number_of(get(cast(struct list_head, slot), next)));
		return get(node, file_ptr) & ~7ULL;
	}
	if (index >= get(cast(struct io_ring_ctx___before_6_13, address), nr_user_files))
		return 0;
	slot = number_of(get(cast(struct io_ring_ctx___before_6_13, address), file_table.files));
	return number_of(get(cast(struct list_head, slot + index * sizeof(void *)), next)) & ~7ULL;
}

/* A descriptor as requests have it: the running task's, or a registered one. */
static __always_inline __u64 request_descriptor(struct io_kiocb *request, __u32 fd, bool registered)
{
	struct file *file;

	if (registered)
		return file_registered(number_of(get(request, ctx)), fd);
	file = file_of(task_current(), fd);
	return file ? number_of(file) : 0;
}

/* Does the hook on a function count what a pipe or terminal gives or takes? */
static __always_inline bool stream_is_seen(__u32 type, __u32 direction)
{
	if (type == S_IFIFO)
		return settings.seen & (direction == IPC_RX ? IPC_SEEN_PIPE_RX : IPC_SEEN_PIPE_TX);
	return type == S_IFCHR && settings.seen & (direction == IPC_RX ? IPC_SEEN_PTY_RX : IPC_SEEN_PTY_TX);
}

/* The socket of a file whose messages have neither a tracepoint nor a hook of their own. */
static __always_inline struct sock *socket_unseen(struct file *file, __u32 direction)
{
	struct sock *sk = socket_of(file);
	__u32 mechanism;

	if (!sk || !settings.sockets_by_syscall)
		return NULL;
	mechanism = socket_mechanism(sk);
	return mechanism < IPC_MECHANISMS && !function_sees(mechanism, direction) ? sk : NULL;
}

/* Bytes went through a file. */
subprogram int uring_moved(__u64 address, __u32 direction, __u64 bytes)
{
	struct file *file = cast(struct file, address);
	__u32 type = file_type(file);
	struct remote remote = {};
	struct sock *sk;

	if (stream_is_seen(type, direction))
		return 0;
	if (type == S_IFIFO && bytes) {
		pipe_count(task_current(), file, direction, bytes, IPC_CONTENTS_IO_URING);
	} else if (type == S_IFCHR && bytes) {
		pty_count(file, direction, bytes, IPC_CONTENTS_IO_URING);
	} else if (type == S_IFSOCK) {
		sk = socket_unseen(file, direction);
		if (sk)
			socket_transfer(sk, direction, bytes, &remote, IPC_CONTENTS_IO_URING);
	}
	return 0;
}

/* A message through a socket. */
subprogram int uring_message(__u64 address, __u32 direction, __u64 bytes, __u32 named)
{
	struct io_kiocb *request = cast(struct io_kiocb, address);
	struct io_sr_msg *message = cast(struct io_sr_msg, address);
	struct file *file = get(request, file);
	struct remote remote = {};
	struct sock *sk;

	if (!file || file_type(file) != S_IFSOCK)
		return 0;
	sk = socket_unseen(file, direction);
	if (!sk || (direction == IPC_RX && receive_leaves(sk, get(message, msg_flags))))
		return 0;
	if (named && (direction == IPC_TX || get(sk, __sk_common.skc_family) != AF_UNIX))
		remote_from_message(&remote, sk, number_of(get(message, umsg)), false);
	return socket_transfer(sk, direction, bytes, &remote, IPC_CONTENTS_IO_URING);
}

subprogram int uring_spliced(__u64 address, __u32 opcode, __u64 bytes)
{
	struct io_kiocb *request = cast(struct io_kiocb, address);
	struct io_splice *splice = cast(struct io_splice, address);
	struct file *file = get(request, file);
	__u64 from;

	if (settings.seen & (opcode == IORING_OP_TEE ? IPC_SEEN_TEE : IPC_SEEN_SPLICE))
		return 0;
	if (file)
		splice_file(number_of(file), IPC_TX, bytes, 1);
	/* What tee copies stays in the pipe it came from. */
	if (opcode == IORING_OP_TEE)
		return 0;
	from = request_descriptor(request, get(splice, splice_fd_in),
				  get(splice, flags) & SPLICE_F_FD_IN_FIXED);
	if (!from) {
		count(&counters.calls_unresolved);
		return 0;
	}
	return splice_file(from, IPC_RX, bytes, 1);
}

/*
 * What a request opened or accepted: a descriptor, or, where the program gave a place from 1 on
 * (~0: any), a file that is registered with the ring.
 */
static __always_inline struct file *request_made(struct io_kiocb *request, __u32 opcode, __u32 result)
{
	struct io_accept *accept = cast(struct io_accept, number_of(request));
	struct io_open *open = cast(struct io_open, number_of(request));
	__u32 slot = 0;

	if (opcode == IORING_OP_ACCEPT && bpf_core_field_exists(accept->file_slot))
		slot = get(accept, file_slot);
	else if (opcode != IORING_OP_ACCEPT && bpf_core_field_exists(open->file_slot))
		slot = get(open, file_slot);
	if (!slot)
		return file_of(task_current(), result);
	return cast(struct file, file_registered(number_of(get(request, ctx)), slot == ~0U ? result : slot - 1));
}

/* What the filter, and a pty, want to know of requests that make a channel: channel_call(). */
subprogram int uring_channel(__u64 address, __u32 opcode, __u32 result)
{
	struct io_kiocb *request = cast(struct io_kiocb, address);
	__u32 tracked = current_tracked();
	struct file *file;

	if (opcode == IORING_OP_OPENAT || opcode == IORING_OP_OPENAT2) {
		if (settings.seen & IPC_SEEN_OPEN && !settings.filter_on)
			return 0;
		file = request_made(request, opcode, result);
		if (file && file_type(file) == S_IFCHR)
			pty_opened(file, tracked);
		return 0;
	}
	file = opcode == IORING_OP_ACCEPT ? request_made(request, opcode, result) : get(request, file);
	return file && settings.filter_on && tracked ? file_touch(file) : 0;
}

/* A message to another ring. */
subprogram int uring_sent_to_ring(__u64 address, __s64 result)
{
	struct io_kiocb *request = cast(struct io_kiocb, address);
	__u64 bytes = get(cast(struct io_msg, address), cmd) == IORING_MSG_DATA ? RING_PAYLOAD : 0;
	struct ring_request *known = bpf_map_lookup_elem(&ring_requests, &address);
	__u64 file = number_of(get(request, file)), silent = 0;

	if (known && known->user_data == get(request, cqe.user_data)) {
		file = known->file;
		silent = known->silent;
		bpf_map_delete_elem(&ring_requests, &address);
	}
	if (!file)
		return 0;
	if (silent)
		return ring_message(file, bytes, -1ULL);
	return result >= 0 ? ring_message(file, bytes, 1) : 0;
}

subprogram int uring_done(__u64 address, __u32 opcode, __u64 result)
{
	struct io_kiocb *request = cast(struct io_kiocb, address);
	__u64 file = number_of(get(request, file));

	switch (opcode) {
	case IORING_OP_READV:
	case IORING_OP_READ_FIXED:
	case IORING_OP_READ:
	case IORING_OP_READ_MULTISHOT:
	case IORING_OP_READV_FIXED:
		return file ? uring_moved(file, IPC_RX, result) : 0;
	case IORING_OP_WRITEV:
	case IORING_OP_WRITE_FIXED:
	case IORING_OP_WRITE:
	case IORING_OP_WRITEV_FIXED:
		return file ? uring_moved(file, IPC_TX, result) : 0;
	case IORING_OP_SEND:
	case IORING_OP_SEND_ZC:
		return uring_message(address, IPC_TX, result, 0);
	case IORING_OP_SENDMSG:
	case IORING_OP_SENDMSG_ZC:
		return uring_message(address, IPC_TX, result, 1);
	case IORING_OP_RECV:
		return uring_message(address, IPC_RX, result, 0);
	case IORING_OP_RECVMSG:
		return uring_message(address, IPC_RX, result, 1);
	case IORING_OP_SPLICE:
	case IORING_OP_TEE:
		return result ? uring_spliced(address, opcode, result) : 0;
	case IORING_OP_ACCEPT:
	case IORING_OP_CONNECT:
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2:
		return uring_channel(address, opcode, result);
	}
	return 0;
}

/* A completion that names no request. */
static __always_inline int uring_posted(__u64 *arguments)
{
	struct multishot_key key = { .ring = number_of((void *)arguments[0]) };
	struct io_uring_cqe *cqe;
	__u32 flags;
	__s32 result;
	__u64 *file;

	if (settings.uring_cqe) {
		cqe = cast(struct io_uring_cqe, number_of((void *)arguments[2]));
		key.user_data = get(cqe, user_data);
		result = get(cqe, res);
		flags = get(cqe, flags);
	} else {
		key.user_data = arguments[2];
		result = arguments[3];
		flags = arguments[4];
	}
	/* A multishot read names the buffer; a message from another ring may have its user_data, and none. */
	if (result <= 0 || !(flags & IORING_CQE_F_BUFFER))
		return 0;
	file = bpf_map_lookup_elem(&multishots, &key);
	if (!file)
		return 0;
	if (*file == MULTISHOT_RECEIVES)
		return 0;
	if (*file != MULTISHOT_SEVERAL)
		return uring_moved(*file, IPC_RX, result);
	count(&counters.calls_unresolved);
	return 0;
}

static __always_inline bool receives_many(struct io_kiocb *request, __u32 opcode)
{
	struct io_sr_msg *message = cast(struct io_sr_msg, number_of(request));

	return (opcode == IORING_OP_RECV || opcode == IORING_OP_RECVMSG) && bpf_core_field_exists(message->flags) &&
	       get(message, flags) & IORING_RECV_MULTISHOT;
}

static __always_inline void multishot_over(struct io_kiocb *request)
{
	struct multishot_key key = { .ring = number_of(get(request, ctx)), .user_data = get(request, cqe.user_data) };
	__u64 *file = bpf_map_lookup_elem(&multishots, &key);

	if (file && *file != MULTISHOT_SEVERAL)
		bpf_map_delete_elem(&multishots, &key);
}

static __always_inline int on_uring_complete(__u64 *arguments)
{
	__u64 address = arguments[1];
	struct io_kiocb *request;
	__s32 result;
	__u8 opcode;

	if (!ready)
		return 0;
	if (!address)
		return uring_posted(arguments);
	request = cast(struct io_kiocb, address);
	opcode = get(request, opcode);
	result = get(request, cqe.res);
	if (opcode == IORING_OP_MSG_RING)
		return uring_sent_to_ring(address, result);
	if (opcode == IORING_OP_READ_MULTISHOT || receives_many(request, opcode))
		multishot_over(request);
	if (result < 0)
		return 0;
	/* A dying task's requests are completed by a kernel thread. */
	if (get(request_task(request), tgid) != get(task_current(), tgid)) {
		if (result)
			count(&counters.calls_unresolved);
		return 0;
	}
	return uring_done(address, opcode, (__u32)result);
}

/*
 * A completion that finds no room: it is told of neither now nor when there is room again (from 6.0 on,
 * where io_uring_complete comes after io_get_cqe()), and does not say what it was of.
 */
static __always_inline int on_uring_overflow(__s32 result)
{
	return ready && result > 0 ? call_unresolved(result) : 0;
}

static __always_inline bool opcode_sends(__u32 opcode)
{
	switch (opcode) {
	case IORING_OP_WRITEV:
	case IORING_OP_WRITE_FIXED:
	case IORING_OP_WRITE:
	case IORING_OP_WRITEV_FIXED:
	case IORING_OP_SEND:
	case IORING_OP_SEND_ZC:
	case IORING_OP_SENDMSG:
	case IORING_OP_SENDMSG_ZC:
	case IORING_OP_SPLICE:
	case IORING_OP_TEE:
		return true;
	default:
		return false;
	}
}

static __always_inline bool opcode_receives(__u32 opcode)
{
	switch (opcode) {
	case IORING_OP_READV:
	case IORING_OP_READ_FIXED:
	case IORING_OP_READ:
	case IORING_OP_READ_MULTISHOT:
	case IORING_OP_READV_FIXED:
	case IORING_OP_SPLICE:
		return true;
	default:
		return false;
	}
}

/* The request will move bytes, and nobody will be told how many: there is one event less to see. */
static __noinline int uring_silent(__u64 address, __u32 opcode)
{
	struct file *file = cast(struct file, address);
	struct ipc_flow_key key = {};
	__u32 type = file_type(file);
	__u8 side = 0;

	if (opcode == IORING_OP_SPLICE || opcode == IORING_OP_TEE) {
		if (settings.seen & (opcode == IORING_OP_TEE ? IPC_SEEN_TEE : IPC_SEEN_SPLICE))
			return 0;
	} else if (stream_is_seen(type, opcode_sends(opcode) ? IPC_TX : IPC_RX)) {
		return 0;
	}
	if (settings.filter_on && !current_matches())
		return 0;
	if (type == S_IFIFO) {
		pipe_identify(&key, get(file, f_inode));
		if (mechanism_on(key.mechanism) && key.mechanism < IPC_MECHANISMS)
			count(&counters.events_missed[key.mechanism]);
	} else if (type == S_IFCHR && mechanism_on(IPC_PTY) && pty_of(file, &side)) {
		count(&counters.events_missed[IPC_PTY]);
	}
	return 0;
}

static __always_inline void multishot_begins(struct io_kiocb *request, __u64 file)
{
	struct multishot_key key = { .ring = number_of(get(request, ctx)), .user_data = get(request, cqe.user_data) };
	__u64 *known = bpf_map_lookup_elem(&multishots, &key);

	if (known && *known != file)
		file = MULTISHOT_SEVERAL;
	bpf_map_update_elem(&multishots, &key, &file, BPF_ANY);
}

static __noinline int message_begins(__u64 address, __u64 file, __u32 flags)
{
	__u32 command = get(cast(struct io_msg, address), cmd);
	struct ring_request request = {
		.file = file,
		.user_data = get(cast(struct io_kiocb, address), cqe.user_data),
		.silent = !!(flags & REQ_F_CQE_SKIP),
	};

	if (command > IORING_MSG_SEND_FD) {
		bpf_map_delete_elem(&ring_requests, &address);
		return 0;
	}
	bpf_map_update_elem(&ring_requests, &address, &request, BPF_ANY);
	if (!request.silent)
		return 0;
	return ring_message(file, command == IORING_MSG_DATA ? RING_PAYLOAD : 0, 1);
}

subprogram int uring_begins(__u64 address, __u32 opcode, __u32 flags)
{
	struct io_kiocb *request = cast(struct io_kiocb, address);
	__u64 file = request_descriptor(request, get(request, cqe.fd), flags & REQ_F_FIXED_FILE);

	if (!file)
		return 0;
	if (opcode == IORING_OP_MSG_RING)
		return message_begins(address, file, flags);
	if (opcode == IORING_OP_READ_MULTISHOT)
		multishot_begins(request, file);
	if (flags & REQ_F_CQE_SKIP)
		uring_silent(file, opcode);
	/* ipcdump: who sends is known before it does, but not when it has. */
	if (settings.stream && opcode_sends(opcode))
		file_claims(number_of(task_current()), file, 0);
	return 0;
}

/* A request is taken out of the ring; its file is not looked up yet. */
static __always_inline int on_uring_submit(struct io_kiocb *submitted)
{
	struct io_kiocb *request = cast(struct io_kiocb, submitted);
	__u32 flags = get(request, flags);
	__u8 opcode = get(request, opcode);

	if (!ready)
		return 0;
	if (receives_many(request, opcode))
		multishot_begins(request, MULTISHOT_RECEIVES);
	if (opcode != IORING_OP_MSG_RING && opcode != IORING_OP_READ_MULTISHOT &&
	    !(settings.stream && opcode_sends(opcode)) &&
	    !(flags & REQ_F_CQE_SKIP && (opcode_sends(opcode) || opcode_receives(opcode))))
		return 0;
	return uring_begins(number_of(request), opcode, flags);
}

#endif
