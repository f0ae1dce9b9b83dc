/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ipcdump -x: the bytes of what arrived, out of the reader's buffers. A record
 * of the ring has a size that the verifier knows, so there are four of them.
 */
#ifndef CONTENTS_BPF_H
#define CONTENTS_BPF_H

/* Where a call put its bytes. */
struct contents {
	__u64 segment, in_segment; /* the rest of the segment at hand */
	__u64 vector, vectors;	   /* the segments after it: an array of struct iovec */
	__u64 left, offset;
	__u32 tid, event;
	__u8 compat, lost, careful, told_last;
};

static __always_inline void contents_begin(struct ipc_contents *chunk, const struct contents *c, __u32 size,
					   __u32 len)
{
	chunk->record.type = IPC_RECORD_CONTENTS;
	chunk->record.size = size;
	chunk->record.time = 0;
	chunk->offset = c->offset;
	chunk->tid = c->tid;
	chunk->event = c->event;
	chunk->len = len;
	chunk->flags = 0;
	chunk->pad[0] = chunk->pad[1] = chunk->pad[2] = 0;
}

/*
 * One record of at most `room` bytes. What is not resident can't be read here:
 * then again page by page, and only what is missing is told to be.
 */
#define CONTENTS_CHUNK(room)                                                                        \
	static __noinline int contents_chunk_##room(struct contents *c, __u64 len)                  \
	{                                                                                           \
		struct ipc_contents *chunk = bpf_ringbuf_reserve(&events, sizeof(*chunk) + room, 0); \
                                                                                                    \
		if (!chunk) {                                                                       \
			c->lost = 1;                                                                \
			return 1;                                                                   \
		}                                                                                   \
		if (len > room)                                                                     \
			len = room;                                                                 \
		barrier_var(len);                                                                   \
		if (len > room)                                                                     \
			len = room;                                                                 \
		contents_begin(chunk, c, sizeof(*chunk) + room, len);                               \
		if (bpf_probe_read_user(chunk->bytes, len, (const void *)c->segment)) {             \
			if (!c->careful) {                                                          \
				c->careful = 1;                                                     \
				bpf_ringbuf_discard(chunk, BPF_RB_NO_WAKEUP);                       \
				return 0;                                                           \
			}                                                                           \
			chunk->flags = IPC_CONTENTS_MISSING;                                        \
		}                                                                                   \
		if (c->left == len)                                                                 \
			chunk->flags |= IPC_CONTENTS_LAST;                                          \
		c->told_last = c->left == len;                                                      \
		c->offset += len;                                                                   \
		c->segment += len;                                                                  \
		c->in_segment -= len;                                                               \
		c->left -= len;                                                                     \
		bpf_ringbuf_submit(chunk, stream_flags(sizeof(*chunk) + room));                     \
		return 0;                                                                           \
	}

CONTENTS_CHUNK(64)
CONTENTS_CHUNK(512)
CONTENTS_CHUNK(4096)
CONTENTS_CHUNK(32768)

static __always_inline void contents_next_segment(struct contents *c)
{
	__u64 word[2] = {};

	if (c->compat) {
		__u32 half[2] = {};

		bpf_probe_read_user(half, sizeof(half), (const void *)c->vector);
		word[0] = half[0];
		word[1] = half[1];
	} else {
		bpf_probe_read_user(word, sizeof(word), (const void *)c->vector);
	}
	c->segment = word[0];
	c->in_segment = word[1];
	c->vector += c->compat ? 8 : 16;
	c->vectors--;
}

/* The callback of bpf_loop(); 1 ends it. */
static int contents_step(__u32 i, struct contents *c)
{
	__u64 len, page;

	if (!c->left || c->lost)
		return 1;
	if (!c->in_segment) {
		if (!c->vectors)
			return 1;
		contents_next_segment(c);
		return 0;
	}
	len = c->left < c->in_segment ? c->left : c->in_segment;
	page = 4096 - (c->segment & 4095);
	if (c->careful && len > page)
		len = page;
	if (len >= 32768)
		return contents_chunk_32768(c, len);
	if (len > 2048)
		return contents_chunk_4096(c, len);
	if (len > 64)
		return contents_chunk_512(c, len);
	return contents_chunk_64(c, len);
}

/* Says that there is no more. */
static __noinline int contents_end(struct contents *c, __u32 flags)
{
	struct ipc_contents *chunk = bpf_ringbuf_reserve(&events, sizeof(*chunk), 0);

	if (!chunk)
		return 0;
	contents_begin(chunk, c, sizeof(*chunk), 0);
	chunk->flags = flags | IPC_CONTENTS_LAST;
	bpf_ringbuf_submit(chunk, stream_flags(sizeof(*chunk)));
	return 0;
}

#define CONTENTS_STEPS 65536 /* of 4096 bytes or more: 256 MiB; and segments */
#define CONTENTS_STEPS_UNROLLED 512 /* 2 MiB, without bpf_loop (5.17) */

#if DIRECT_LOADS
static __always_inline void contents_run(struct contents *c)
{
	bpf_loop(CONTENTS_STEPS, contents_step, c, 0);
}
#else
/* A global function is looked into once and not in every turn, but is given no memory on 5.10. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct contents);
} contents_state SEC(".maps");

subprogram int contents_step_alone(__u32 i)
{
	__u32 zero = 0;
	struct contents *state = bpf_map_lookup_elem(&contents_state, &zero), c;
	int done;

	if (!state)
		return 1;
	c = *state;
	done = contents_step(i, &c);
	*state = c;
	return done;
}

static __always_inline void contents_run(struct contents *c)
{
	__u32 zero = 0;
	struct contents *state = bpf_map_lookup_elem(&contents_state, &zero);
	int i;

	if (!state)
		return;
	*state = *c;
	for (i = 0; i < CONTENTS_STEPS_UNROLLED; i++)
		if (contents_step_alone(i))
			break;
	*c = *state;
}
#endif

enum { CONTENTS_VECTOR = 1, CONTENTS_COMPAT = 2 };

/*
 * bytes: how many the call moved. With a vector `address` is an array of
 * `length` struct iovec, else a buffer of that size.
 */
subprogram int contents_take(__u64 bytes, __u64 address, __u64 length, __u32 flags, __u32 event)
{
	struct contents c = { .left = bytes, .tid = (__u32)bpf_get_current_pid_tgid(), .event = event };

	if (!settings.contents)
		return 0;
	c.compat = !!(flags & CONTENTS_COMPAT);
	if (settings.contents_max && c.left > settings.contents_max)
		c.left = settings.contents_max;
	if (flags & CONTENTS_VECTOR) {
		c.vector = address;
		c.vectors = length;
	} else {
		c.segment = address;
		c.in_segment = length;
	}
	if (c.left)
		contents_run(&c);
	if (c.told_last)
		return 0;
	if (c.lost)
		count(&counters.contents_lost);
	return contents_end(&c, c.left ? IPC_CONTENTS_CUT : 0);
}

/* struct msghdr in user memory: msg_iov and msg_iovlen. */
static __always_inline int contents_of_message(__u64 bytes, __u64 message, bool compat, __u32 event)
{
	__u64 vector = 0, vectors = 0;

	bpf_probe_read_user(&vector, compat ? 4 : 8, (const void *)(message + (compat ? 8 : 16)));
	bpf_probe_read_user(&vectors, compat ? 4 : 8, (const void *)(message + (compat ? 12 : 24)));
	return contents_take(bytes, vector, vectors, CONTENTS_VECTOR | (compat ? CONTENTS_COMPAT : 0), event);
}

#endif
