// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: calls that move bytes as any do, and are asked for in an odd way. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

enum { TX, RX, TX2, RX2 };
enum { SENT };
#define MANY 1500 /* more than UIO_MAXIOV */
#define LENGTH 10
#define ROOM (8 << 20)
#define UPPER_HALF 0x100000000L

static int ends[2], others[2];
static struct address address;
static pid_t writer, reader;

static void finish(const char *mechanism)
{
	actors_finish();
	declare_exact(writer, reader, mechanism, tally(TX), tally(RX));
}

/* The kernel looks at the lower half of the register that has the call's number. */
static void write_upper_half(void *arg)
{
	(void)arg;
	check(count(TX, syscall(UPPER_HALF | SYS_write, ends[1], filled(2000), 2000)) == 2000);
}

static void read_pipe(void *arg)
{
	(void)arg;
	read_all(ends[0], 2000, RX);
}

static void upper_half(void)
{
	check(!pipe(ends));
	if (syscall(UPPER_HALF | SYS_getpid) == -1)
		skip("this kernel looks at all of a system call's number");
	writer = actor("gen-writer", write_upper_half, NULL);
	reader = actor("gen-reader", read_pipe, NULL);
	finish("pipe");
}

static void send_queue(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++)
		check(count(TX, send(ends[0], filled(LENGTH), LENGTH, 0)) == LENGTH);
	mark(SENT);
}

/* UNIX sockets have no such queue, and give what is in the other. */
static void receive_errors(void *arg)
{
	char data[LENGTH];

	(void)arg;
	await(SENT);
	for (int i = 0; i < 3; i++)
		check(count(RX, recv(ends[1], data, LENGTH, MSG_ERRQUEUE)) == LENGTH);
}

static void error_queue(int type, const char *mechanism)
{
	check(!socketpair(AF_UNIX, type, 0, ends));
	writer = actor("gen-writer", send_queue, NULL);
	reader = actor("gen-reader", receive_errors, NULL);
	finish(mechanism);
}

static void stream_error_queue(void)
{
	error_queue(SOCK_STREAM, "unix-stream");
}

static void dgram_error_queue(void)
{
	error_queue(SOCK_DGRAM, "unix-dgram");
}

static void send_many(void *arg)
{
	int fd = connected_socket(&address, SOCK_DGRAM);

	(void)arg;
	for (int i = 0; i < MANY; i++)
		check(count(TX, send(fd, filled(LENGTH), LENGTH, 0)) == LENGTH);
	mark(SENT);
}

static void receive_many(void *arg)
{
	struct mmsghdr *messages = calloc(MANY, sizeof(*messages));
	struct iovec *parts = calloc(MANY, sizeof(*parts));

	(void)arg;
	check(messages && parts);
	for (int i = 0; i < MANY; i++) {
		parts[i] = (struct iovec){ filled(LENGTH), LENGTH };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
	}
	await(SENT);
	check(recvmmsg(ends[0], messages, MANY, 0, NULL) == MANY);
	for (int i = 0; i < MANY; i++)
		count(RX, messages[i].msg_len);
}

/* Of sendmmsg the kernel takes 1,024 at once, of recvmmsg as many as are asked for. */
static void recvmmsg_many(void)
{
	const int room = ROOM;

	need_direct_loads();
	address = inet_address("127.0.0.1", 0);
	ends[0] = bound_socket(&address, SOCK_DGRAM);
	address = address_of(ends[0]);
	check(!setsockopt(ends[0], SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)));
	writer = actor("gen-writer", send_many, NULL);
	reader = actor("gen-reader", receive_many, NULL);
	finish("udp");
}

static void send_empty(void *arg)
{
	(void)arg;
	check(send(others[0], "", 0, 0) == 0);
	mark(SENT);
}

static void receive_empty_and_stream(void *arg)
{
	char data[LENGTH];

	(void)arg;
	await(SENT);
	check(recv(others[1], data, LENGTH, 0) == 0);
	check(count(RX2, recv(ends[1], data, LENGTH, 0)) == LENGTH);
}

static void send_one(void *arg)
{
	(void)arg;
	check(count(TX2, send(ends[0], filled(LENGTH), LENGTH, 0)) == LENGTH);
}

/* What is read next by the thread that took a message without bytes is not of who sent that. */
static void empty_then_stream(void)
{
	struct truth_edge *edge;
	pid_t other;

	check(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, others) && !socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	other = actor("gen-empty", send_empty, NULL);
	writer = actor("gen-writer", send_one, NULL);
	reader = actor("gen-reader", receive_empty_and_stream, NULL);
	actors_finish();
	declare_exact(writer, reader, "unix-stream", tally(TX2), tally(RX2));
	edge = declare_exact(other, NODE_HUB, "unix-seqpacket", (struct tally){ 1, 0 }, (struct tally){ 0, 0 });
	edge->attribution = "undelivered";
}

const struct factory odd_factories[] = {
	{ "pipe-upper-half", upper_half },
	{ "unix-stream-error-queue", stream_error_queue },
	{ "unix-dgram-error-queue", dgram_error_queue },
	{ "udp-recvmmsg-many", recvmmsg_many },
	{ "unix-empty-then-stream", empty_then_stream },
	{ 0 },
};
