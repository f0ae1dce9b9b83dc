// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: sockets through io_uring, by its system calls alone. */
#include <errno.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

#define ENTRIES 4
#define MESSAGES 5
#define SIZE 300

enum { TX, RX, UNREAD };
enum { SENT = 0, ARMED = 16 };

struct ring {
	int fd;
	unsigned int *tail, *mask, *array, *done_head, *done_tail, *done_mask;
	struct io_uring_sqe *entries;
	struct io_uring_cqe *results;
};

static int ends[2], beside;
static struct address unread_address; /* bound, and nobody reads there */

static void *map_ring(int fd, size_t size, off_t offset)
{
	void *ring = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);

	check(ring != MAP_FAILED);
	return ring;
}

static void ring_open(struct ring *ring)
{
	struct io_uring_params params = { 0 };
	char *queue, *done;

	ring->fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &params);
	if (ring->fd < 0)
		skip("no io_uring: %m");
	queue = map_ring(ring->fd, params.sq_off.array + params.sq_entries * sizeof(int),
			 IORING_OFF_SQ_RING);
	done = map_ring(ring->fd,
			params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
			IORING_OFF_CQ_RING);
	ring->entries = map_ring(ring->fd, params.sq_entries * sizeof(struct io_uring_sqe),
				 IORING_OFF_SQES);
	ring->tail = (unsigned int *)(queue + params.sq_off.tail);
	ring->mask = (unsigned int *)(queue + params.sq_off.ring_mask);
	ring->array = (unsigned int *)(queue + params.sq_off.array);
	ring->done_head = (unsigned int *)(done + params.cq_off.head);
	ring->done_tail = (unsigned int *)(done + params.cq_off.tail);
	ring->done_mask = (unsigned int *)(done + params.cq_off.ring_mask);
	ring->results = (struct io_uring_cqe *)(done + params.cq_off.cqes);
}

/* One operation: submitted, and `wait` of them waited for. */
static void ring_submit(struct ring *ring, int operation, int fd, void *data, size_t size,
			unsigned int wait)
{
	unsigned int tail = *ring->tail, slot = tail & *ring->mask;

	ring->entries[slot] = (struct io_uring_sqe){ .opcode = (uint8_t)operation, .fd = fd,
						     .addr = (uint64_t)(uintptr_t)data,
						     .len = (uint32_t)size };
	ring->array[slot] = slot;
	__atomic_store_n(ring->tail, tail + 1, __ATOMIC_RELEASE);
	check(syscall(SYS_io_uring_enter, ring->fd, 1, wait, wait ? IORING_ENTER_GETEVENTS : 0, NULL,
		      0) == 1);
}

static bool ring_is_done(const struct ring *ring)
{
	return *ring->done_head != __atomic_load_n(ring->done_tail, __ATOMIC_ACQUIRE);
}

static int ring_result(struct ring *ring)
{
	unsigned int head = *ring->done_head;
	int result;

	check(ring_is_done(ring));
	result = ring->results[head & *ring->done_mask].res;
	__atomic_store_n(ring->done_head, head + 1, __ATOMIC_RELEASE);
	return result;
}

/* One operation, from its submission to its result. */
static int ring_do(struct ring *ring, int operation, int fd, void *data, size_t size)
{
	ring_submit(ring, operation, fd, data, size, 1);
	return ring_result(ring);
}

static void ring_send(void *arg)
{
	struct ring ring;

	(void)arg;
	ring_open(&ring);
	for (int i = 0; i < MESSAGES; i++)
		check(count(TX, ring_do(&ring, IORING_OP_SEND, ends[1], filled(SIZE), SIZE)) == SIZE);
	mark(SENT);
}

static void ring_receive(void *arg)
{
	struct ring ring;

	(void)arg;
	ring_open(&ring);
	await(SENT);
	for (int i = 0; i < MESSAGES; i++)
		check(count(RX, ring_do(&ring, IORING_OP_RECV, ends[0], filled(SIZE), SIZE)) == SIZE);
}

static void run_ring(const char *mechanism)
{
	pid_t sender = actor("gen-sender", ring_send, NULL);
	pid_t receiver = actor("gen-receiver", ring_receive, NULL);

	actors_finish();
	declare_exact(sender, receiver, mechanism, tally(TX), tally(RX));
}

static void uring_unix(void)
{
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	run_ring("unix-stream");
}

static void uring_tcp(void)
{
	tcp_pair(ends);
	run_ring("tcp");
}

/*
 * The datagram is there only after io_uring_enter() has returned, so the ring
 * takes it as task work of whatever system call comes next: sleeps, and reads
 * of another socket, sends on the same one; none must be taken for the receiving call.
 */
static void ring_receive_later(void *arg)
{
	struct timespec slice = { .tv_nsec = 1000000 };
	struct ring ring;
	char other[SIZE];

	(void)arg;
	ring_open(&ring);
	for (unsigned int i = 0; i < MESSAGES; i++) {
		time_t deadline = time(NULL) + 30;

		ring_submit(&ring, IORING_OP_RECV, ends[0], filled(SIZE), SIZE, 0);
		check(!ring_is_done(&ring));
		mark(ARMED + i);
		do {
			if (i % 3 == 0)
				nanosleep(&slice, NULL);
			else if (i % 3 == 1)
				check(recv(beside, other, sizeof(other), MSG_DONTWAIT) < 0);
			else
				check(count(UNREAD, sendto(ends[0], "", 1, 0, &unread_address.any,
							   unread_address.size)) == 1);
			check(time(NULL) < deadline);
		} while (!ring_is_done(&ring));
		check(count(RX, ring_result(&ring)) == SIZE);
	}
}

static void send_when_armed(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < MESSAGES; i++) {
		await(ARMED + i);
		check(count(TX, send(ends[1], filled(SIZE), SIZE, 0)) == SIZE);
	}
}

static void uring_task_work(void)
{
	struct address address = inet_address("127.0.0.1", 0);
	pid_t sender, receiver;

	need_linux(6, 3);
	need_direct_loads();
	beside = bound_socket(&address, SOCK_DGRAM);
	unread_address = address_of(bound_socket(&address, SOCK_DGRAM));
	ends[0] = bound_socket(&address, SOCK_DGRAM);
	address = address_of(ends[0]);
	ends[1] = connected_socket(&address, SOCK_DGRAM);
	receiver = actor("gen-receiver", ring_receive_later, NULL);
	sender = actor("gen-sender", send_when_armed, NULL);
	actors_finish();
	declare_exact(receiver, NODE_HUB, "udp", tally(UNREAD), (struct tally){ 0, 0 })->attribution =
		"undelivered";
	declare_exact(sender, receiver, "udp", tally(TX), tally(RX));
}

const struct factory uring_factories[] = {
	{ "uring-udp-task-work", uring_task_work },
	{ "uring-unix-stream", uring_unix },
	{ "uring-tcp", uring_tcp },
	{ 0 },
};
