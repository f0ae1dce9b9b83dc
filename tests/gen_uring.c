// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: pipes, sockets and terminals through io_uring. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "gen_net.h"
#include "gen_pty.h"
#include "gen_ring.h"
#include "ipcgen.h"

#define MESSAGES 5
#define SIZE 300

enum { PIPE, UNIX, TCP, PTY, CHANNELS };
enum { TX, RX = CHANNELS, UNREAD = 2 * CHANNELS };
enum { ARMED = 16, SENT = 32 };

static const char *const mechanisms[CHANNELS] = { "pipe", "unix-stream", "tcp", "pty" };

/* How a ring is made, and what its requests bear. */
static unsigned int ring_setup;
static unsigned char request_flags;

static int from[CHANNELS], to[CHANNELS]; /* where bytes go in, and where they come out */
static int beside;
static struct address unread_address; /* bound, and nobody reads there */

static struct io_uring_sqe request_of(int operation, int fd, void *data, size_t size)
{
	return (struct io_uring_sqe){ .opcode = (uint8_t)operation, .fd = fd, .flags = request_flags,
				      .addr = (uint64_t)(uintptr_t)data, .len = (uint32_t)size,
				      .off = fd < 0 ? 0 : (uint64_t)-1 };
}

/* Moves SIZE bytes by one request of that operation. */
static int move_by(struct ring *ring, int operation, int fd)
{
	struct iovec vector = { filled(SIZE), SIZE };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	struct io_uring_sqe request = request_of(operation, fd, vector.iov_base, SIZE);

	if (operation == IORING_OP_READV || operation == IORING_OP_WRITEV) {
		request.addr = (uint64_t)(uintptr_t)&vector;
		request.len = 1;
	} else if (operation == IORING_OP_SENDMSG || operation == IORING_OP_RECVMSG) {
		request.addr = (uint64_t)(uintptr_t)&message;
		request.len = 1;
	}
	if (operation != IORING_OP_READV && operation != IORING_OP_WRITEV && operation != IORING_OP_READ &&
	    operation != IORING_OP_WRITE)
		request.off = 0;
	return ring_do(ring, &request);
}

/* By which operations; on sockets all, elsewhere the first two. */
static const int sends[] = { IORING_OP_WRITE, IORING_OP_WRITEV, IORING_OP_SEND, IORING_OP_SENDMSG };
static const int receives[] = { IORING_OP_READV, IORING_OP_READ, IORING_OP_RECVMSG, IORING_OP_RECV };

static unsigned int kinds_of(unsigned int channel)
{
	return channel == UNIX || channel == TCP ? 4 : 2;
}

/* Each by the ring, and once by a system call in between. */
static void ring_send(void *arg)
{
	struct ring ring;

	(void)arg;
	ring_open(&ring, ring_setup);
	for (unsigned int i = 0; i < CHANNELS; i++) {
		for (unsigned int n = 0; n < kinds_of(i) * MESSAGES; n++) {
			await(SENT + i);
			check(count(TX + i, move_by(&ring, sends[n % kinds_of(i)], from[i])) == SIZE);
		}
		write_all(from[i], filled(SIZE), SIZE, TX + i);
	}
}

static void ring_receive(void *arg)
{
	struct ring ring;

	(void)arg;
	ring_open(&ring, ring_setup);
	for (unsigned int i = 0; i < CHANNELS; i++) {
		mark(SENT + i);
		for (unsigned int n = 0; n < kinds_of(i) * MESSAGES; n++)
			check(count(RX + i, move_by(&ring, receives[n % kinds_of(i)], to[i])) > 0);
		read_all(to[i], SIZE * (kinds_of(i) * MESSAGES + 1) - (size_t)tally(RX + i).bytes, RX + i);
	}
}

static void channels_open(void)
{
	int ends[2];

	check(!pipe(ends));
	to[PIPE] = ends[0];
	from[PIPE] = ends[1];
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	to[UNIX] = ends[0];
	from[UNIX] = ends[1];
	tcp_pair(ends);
	to[TCP] = ends[0];
	from[TCP] = ends[1];
	pty_open(PTY_RAW);
	to[PTY] = pty_master;
	from[PTY] = pty_slave;
}

static void ring_run(unsigned int setup, unsigned char flags)
{
	pid_t sender, receiver;

	ring_setup = setup;
	request_flags = flags;
	channels_open();
	sender = actor("gen-sender", ring_send, NULL);
	receiver = actor("gen-receiver", ring_receive, NULL);
	actors_finish();
	for (unsigned int i = 0; i < CHANNELS; i++)
		declare_exact(sender, receiver, mechanisms[i], tally(TX + i), tally(RX + i));
}

static void uring_plain(void)
{
	ring_run(0, 0);
}

static void uring_sqpoll(void)
{
	ring_run(IORING_SETUP_SQPOLL, 0);
}

static void uring_workers(void)
{
	ring_run(0, IOSQE_ASYNC);
}

static void uring_deferred(void)
{
	ring_run(SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN, 0);
}

/* Descriptors that are registered with the ring and closed, and buffers likewise. */
static void registered_send(void *arg)
{
	struct iovec buffer = { filled(SIZE), SIZE };
	struct io_uring_sqe request;
	struct ring ring;

	(void)arg;
	ring_open(&ring, 0);
	ring_register(&ring, from, CHANNELS);
	if (syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &buffer, 1))
		skip("no buffers in an io_uring: %m");
	for (unsigned int i = 0; i < CHANNELS; i++) {
		close(from[i]);
		for (unsigned int n = 0; n < MESSAGES; n++) {
			request = request_of(IORING_OP_WRITE_FIXED, (int)i, buffer.iov_base, SIZE);
			request.flags = IOSQE_FIXED_FILE;
			check(count(TX + i, ring_do(&ring, &request)) == SIZE);
		}
	}
	mark(SENT);
}

static void registered_receive(void *arg)
{
	(void)arg;
	await(SENT);
	for (unsigned int i = 0; i < CHANNELS; i++)
		read_all(to[i], MESSAGES * SIZE, RX + i);
}

static void uring_registered(void)
{
	pid_t sender, receiver;

	channels_open();
	sender = actor("gen-sender", registered_send, NULL);
	receiver = actor("gen-receiver", registered_receive, NULL);
	actors_finish();
	for (unsigned int i = 0; i < CHANNELS; i++)
		declare_exact(sender, receiver, mechanisms[i], tally(TX + i), tally(RX + i));
}

/* A ring that the parent made, and its child uses: what it does is the child's. */
static struct ring parents_ring;
static char inherited_data[SIZE]; /* at the same place in both */

static void inherited_send(void *arg)
{
	struct io_uring_sqe request = request_of(IORING_OP_WRITE, from[PIPE], inherited_data, SIZE);

	(void)arg;
	ring_map(&parents_ring);
	for (unsigned int n = 0; n < MESSAGES; n++)
		check(count(TX, ring_do(&parents_ring, &request)) == SIZE);
}

static void inherited_receive(void *arg)
{
	(void)arg;
	ring_open(&parents_ring, ring_setup);
	set_value(0, actor("gen-sender", inherited_send, NULL));
	read_all(to[PIPE], MESSAGES * SIZE, RX);
}

static void uring_inherited(void)
{
	pid_t receiver;

	channels_open();
	receiver = actor("gen-receiver", inherited_receive, NULL);
	actors_finish();
	declare_exact(value(0), receiver, "pipe", tally(TX), tally(RX));
}

/* Its thread is of the process that made the ring, whoever puts requests there. */
static void uring_inherited_sqpoll(void)
{
	pid_t receiver;

	channels_open();
	ring_setup = IORING_SETUP_SQPOLL;
	receiver = actor("gen-receiver", inherited_receive, NULL);
	actors_finish();
	/* From itself to itself, which is not drawn. */
	(void)receiver;
}

/* One request that reads again and again, into buffers that the ring was given (6.7+). */
enum { BUFFERS = 8 };

static void multishot_receive(void *arg)
{
	struct io_uring_sqe give = { .opcode = IORING_OP_PROVIDE_BUFFERS, .fd = BUFFERS, .len = SIZE,
				     .addr = (uint64_t)(uintptr_t)filled(BUFFERS * SIZE), .buf_group = 1 };
	struct io_uring_sqe request = { .opcode = OP_READ_MULTISHOT, .fd = to[PIPE], .flags = IOSQE_BUFFER_SELECT,
					.buf_group = 1, .user_data = 77, .off = (uint64_t)-1 };
	struct ring_result result;
	struct ring ring;

	(void)arg;
	ring_open(&ring, 0);
	check(ring_do(&ring, &give) >= 0);
	ring_submit(&ring, &request, 0);
	if (ring_is_done(&ring) && ring_completion(&ring).res == -EINVAL)
		skip("no multishot reads");
	for (unsigned int n = 0; n < MESSAGES; n++) {
		mark(ARMED + n);
		result = ring_wait(&ring);
		check(result.user_data == 77 && count(RX, result.res) == SIZE);
	}
	mark(SENT);
}

static void multishot_send(void *arg)
{
	(void)arg;
	for (unsigned int n = 0; n < MESSAGES; n++) {
		await(ARMED + n);
		write_all(from[PIPE], filled(SIZE), SIZE, TX);
	}
	await(SENT);
}

static void uring_multishot(void)
{
	pid_t sender, receiver;

	channels_open();
	receiver = actor("gen-receiver", multishot_receive, NULL);
	sender = actor("gen-sender", multishot_send, NULL);
	actors_finish();
	declare_exact(sender, receiver, "pipe", tally(TX), tally(RX));
}

static int ends[2];

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
	ring_open(&ring, 0);
	for (unsigned int i = 0; i < MESSAGES; i++) {
		time_t deadline = time(NULL) + 30;

		struct io_uring_sqe request = { .opcode = IORING_OP_RECV, .fd = ends[0], .len = SIZE,
						.addr = (uint64_t)(uintptr_t)filled(SIZE) };

		/* On a busy machine it now and then gives up at once: that moves nothing. */
		for (ring_submit(&ring, &request, 0); ring_is_done(&ring); ring_submit(&ring, &request, 0)) {
			int result = ring_completion(&ring).res;

			if (result != -EINTR && result != -EAGAIN)
				fail("a receive that nothing was sent for has completed: %d", result);
			check(time(NULL) < deadline);
		}
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
		check(count(RX, ring_completion(&ring).res) == SIZE);
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
	{ "uring-plain", uring_plain },
	{ "uring-sqpoll", uring_sqpoll },
	{ "uring-workers", uring_workers },
	{ "uring-deferred", uring_deferred },
	{ "uring-registered", uring_registered },
	{ "uring-inherited", uring_inherited },
	{ "uring-inherited-sqpoll", uring_inherited_sqpoll },
	{ "uring-multishot", uring_multishot },
	{ "uring-udp-task-work", uring_task_work },
	{ 0 },
};
