// SPDX-License-Identifier: GPL-2.0-only
#include "gen_ring.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ipcgen.h"

#define ENTRIES 8

static void *part_map(const struct ring *ring, size_t size, off_t offset)
{
	void *part = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, offset);

	check(part != MAP_FAILED);
	return part;
}

void ring_map(struct ring *ring)
{
	const struct io_uring_params *params = &ring->params;
	char *queue, *done;

	queue = part_map(ring, params->sq_off.array + params->sq_entries * sizeof(int), IORING_OFF_SQ_RING);
	done = part_map(ring, params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe),
			IORING_OFF_CQ_RING);
	ring->entries = part_map(ring, params->sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	ring->tail = (unsigned int *)(queue + params->sq_off.tail);
	ring->mask = (unsigned int *)(queue + params->sq_off.ring_mask);
	ring->array = (unsigned int *)(queue + params->sq_off.array);
	ring->flags = (unsigned int *)(queue + params->sq_off.flags);
	ring->done_head = (unsigned int *)(done + params->cq_off.head);
	ring->done_tail = (unsigned int *)(done + params->cq_off.tail);
	ring->done_mask = (unsigned int *)(done + params->cq_off.ring_mask);
	ring->results = (struct io_uring_cqe *)(done + params->cq_off.cqes);
}

void ring_open(struct ring *ring, unsigned int setup)
{
	memset(ring, 0, sizeof(*ring));
	ring->params.flags = setup;
	ring->params.sq_thread_idle = 10;
	ring->fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &ring->params);
	if (ring->fd < 0)
		skip("no such io_uring: %m");
	ring_map(ring);
}

void ring_submit(struct ring *ring, const struct io_uring_sqe *request, unsigned int wait)
{
	unsigned int tail = *ring->tail, slot = tail & *ring->mask;
	unsigned int flags = wait ? IORING_ENTER_GETEVENTS : 0;

	ring->entries[slot] = *request;
	ring->array[slot] = slot;
	__atomic_store_n(ring->tail, tail + 1, __ATOMIC_RELEASE);
	if (!(ring->params.flags & IORING_SETUP_SQPOLL)) {
		check(syscall(SYS_io_uring_enter, ring->fd, 1, wait, flags, NULL, 0) == 1);
		return;
	}
	/* Its own thread takes the request, and sleeps when it has had none for a while. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(ring->flags, __ATOMIC_RELAXED) & IORING_SQ_NEED_WAKEUP)
		flags |= IORING_ENTER_SQ_WAKEUP;
	if (flags)
		check(syscall(SYS_io_uring_enter, ring->fd, 1, wait, flags, NULL, 0) >= 0);
}

bool ring_is_done(const struct ring *ring)
{
	return *ring->done_head != __atomic_load_n(ring->done_tail, __ATOMIC_ACQUIRE);
}

struct ring_result ring_completion(struct ring *ring)
{
	unsigned int head = *ring->done_head;
	const struct io_uring_cqe *done;
	struct ring_result result;

	check(ring_is_done(ring));
	done = &ring->results[head & *ring->done_mask];
	result = (struct ring_result){ done->user_data, done->res };
	__atomic_store_n(ring->done_head, head + 1, __ATOMIC_RELEASE);
	return result;
}

struct ring_result ring_wait(struct ring *ring)
{
	while (!ring_is_done(ring))
		check(!syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0));
	return ring_completion(ring);
}

int ring_do(struct ring *ring, const struct io_uring_sqe *request)
{
	ring_submit(ring, request, 1);
	return ring_wait(ring).res;
}

void ring_register(struct ring *ring, const int *files, unsigned int count)
{
	if (syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_FILES, files, count))
		skip("no descriptors in an io_uring: %m");
}
