/* SPDX-License-Identifier: GPL-2.0-only */
/* io_uring by its system calls alone, for the factories. */
#ifndef GEN_RING_H
#define GEN_RING_H

#include <linux/io_uring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Newer than the header of Debian 12. */
#define OP_READ_MULTISHOT 49
#define REGISTER_SEND_MSG_RING 31
#define SETUP_SINGLE_ISSUER (1U << 12)
#define SETUP_DEFER_TASKRUN (1U << 13)

/* Of a completion what matters here; struct io_uring_cqe itself ends in a flexible array. */
struct ring_result {
	uint64_t user_data;
	int res;
};

struct ring {
	int fd;
	struct io_uring_params params;
	unsigned int *tail, *mask, *array, *flags, *done_head, *done_tail, *done_mask;
	struct io_uring_sqe *entries;
	struct io_uring_cqe *results;
};

/* Skips the factory where this kernel has no such ring. */
void ring_open(struct ring *ring, unsigned int setup);
/* Maps a ring that was inherited, or whose descriptor came from elsewhere. */
void ring_map(struct ring *ring);
/* Submits one request, and waits for `wait` completions. */
void ring_submit(struct ring *ring, const struct io_uring_sqe *request, unsigned int wait);
bool ring_is_done(const struct ring *ring);
/* The next completion, which must be there. */
struct ring_result ring_completion(struct ring *ring);
/* Waits for the next completion. */
struct ring_result ring_wait(struct ring *ring);
/* One request, from its submission to its result. */
int ring_do(struct ring *ring, const struct io_uring_sqe *request);
/* Registers descriptors, -1 for an empty place; skips where that can't be. */
void ring_register(struct ring *ring, const int *files, unsigned int count);

#endif
