// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: messages from one io_uring to another, IORING_OP_MSG_RING. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gen_ring.h"
#include "ipcgen.h"

#define MESSAGES 5
#define PAYLOAD 8 /* what the map counts of a message: user_data */

enum { SENT, POSTED, TWICE };
enum { READY, DONE, GONE };

static unsigned int target_setup, sender_setup;
static struct ring target;

/* A message as the map shall count it. */
static void message_count(unsigned int index, unsigned int bytes)
{
	count(index, (ssize_t)bytes);
}

static struct io_uring_sqe message_of(uint64_t user_data)
{
	return (struct io_uring_sqe){ .opcode = IORING_OP_MSG_RING, .fd = target.fd, .len = 7,
				      .off = user_data };
}

/* Messages, messages without a completion, and some that can't be sent. */
static void messages_send(void *arg)
{
	unsigned int index = *(unsigned int *)arg;
	struct io_uring_sqe request;
	struct ring ring;
	int result;

	ring_open(&ring, sender_setup);
	for (unsigned int i = 0; i < MESSAGES; i++) {
		request = message_of(i + 1);
		result = ring_do(&ring, &request);
		if (result == -EINVAL)
			skip("no messages to an io_uring");
		check(result == 0);
		message_count(index, PAYLOAD);
	}
	/* Another request after each tells that it is over. */
	for (unsigned int i = 0; i < 3; i++) {
		request = message_of(100 + i);
		request.flags = IOSQE_CQE_SKIP_SUCCESS;
		ring_submit(&ring, &request, 0);
		message_count(index, PAYLOAD);
		request = (struct io_uring_sqe){ .opcode = IORING_OP_NOP };
		check(ring_do(&ring, &request) == 0);
	}
	for (unsigned int i = 0; i < 2; i++) {
		request = message_of(200);
		request.addr = 99; /* no such command */
		request.flags = i ? IOSQE_CQE_SKIP_SUCCESS : 0;
		check(ring_do(&ring, &request) < 0);
	}
}

/* The sender inherits the descriptor of the ring, and no more. */
static void messages_receive(void *arg)
{
	static unsigned int first = SENT, second = TWICE;

	(void)arg;
	ring_open(&target, target_setup);
	set_value(0, actor("gen-sender", messages_send, &first));
	set_value(1, actor("gen-other", messages_send, &second));
	for (unsigned int i = 0; i < 2 * (MESSAGES + 3); i++) {
		struct ring_result result = ring_wait(&target);

		check(result.res == 7 && result.user_data);
	}
}

static void messages_run(unsigned int setup, unsigned int senders)
{
	pid_t receiver;

	target_setup = setup;
	sender_setup = senders;
	receiver = actor("gen-receiver", messages_receive, NULL);
	actors_finish();
	declare_exact(value(0), receiver, "msg_ring", tally(SENT), tally(SENT));
	declare_exact(value(1), receiver, "msg_ring", tally(TWICE), tally(TWICE));
}

static void msg_ring_plain(void)
{
	messages_run(0, 0);
}

static void msg_ring_deferred(void)
{
	messages_run(SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN, SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN);
}

static void msg_ring_sqpoll(void)
{
	messages_run(IORING_SETUP_SQPOLL, IORING_SETUP_SQPOLL);
}

/* Without a ring of its own (6.13+). */
static void register_send(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < MESSAGES; i++) {
		struct io_uring_sqe request = message_of(i + 1);

		if (syscall(SYS_io_uring_register, -1, REGISTER_SEND_MSG_RING, &request, 1))
			skip("no messages to an io_uring without another: %m");
		message_count(SENT, PAYLOAD);
	}
}

static void register_receive(void *arg)
{
	(void)arg;
	ring_open(&target, 0);
	set_value(0, actor("gen-sender", register_send, NULL));
	for (unsigned int i = 0; i < MESSAGES; i++)
		check(ring_wait(&target).user_data == i + 1);
}

static void msg_ring_register(void)
{
	pid_t receiver = actor("gen-receiver", register_receive, NULL);

	actors_finish();
	declare_exact(value(0), receiver, "msg_ring", tally(SENT), tally(SENT));
}

/* A descriptor is passed on: no bytes. */
static void descriptor_send(void *arg)
{
	struct io_uring_sqe request = message_of(1);
	struct ring ring;

	(void)arg;
	ring_open(&ring, 0);
	ring_register(&ring, (int[]){ 0 }, 1);
	request.addr = IORING_MSG_SEND_FD;
	request.file_index = 1;
	request.len = 0;
	if (ring_do(&ring, &request))
		skip("no descriptors in messages to an io_uring");
}

static void descriptor_receive(void *arg)
{
	(void)arg;
	ring_open(&target, 0);
	ring_register(&target, (int[]){ -1, -1 }, 2);
	set_value(0, actor("gen-sender", descriptor_send, NULL));
	check(ring_wait(&target).user_data == 1);
}

static void msg_ring_descriptor(void)
{
	pid_t receiver = actor("gen-receiver", descriptor_receive, NULL);

	actors_finish();
	declare_exact(value(0), receiver, "msg_ring", (struct tally){ 1, 0 }, (struct tally){ 1, 0 });
}

/* Two processes use the target, so who takes the message is not known. */
static void second_owner(void *arg)
{
	struct io_uring_sqe request = { .opcode = IORING_OP_NOP };

	(void)arg;
	ring_map(&target);
	check(ring_do(&target, &request) == 0);
	mark(READY);
	await(DONE);
}

static void shared_send(void *arg)
{
	struct io_uring_sqe request = message_of(1);
	struct ring ring;

	(void)arg;
	await(READY);
	ring_open(&ring, 0);
	if (ring_do(&ring, &request))
		skip("no messages to an io_uring");
	message_count(SENT, PAYLOAD);
	mark(DONE);
}

static void shared_owner(void *arg)
{
	(void)arg;
	ring_open(&target, 0);
	actor("gen-second", second_owner, NULL);
	set_value(0, actor("gen-sender", shared_send, NULL));
	await(DONE);
}

static void msg_ring_shared(void)
{
	actor("gen-receiver", shared_owner, NULL);
	actors_finish();
	declare_exact(value(0), NODE_HUB, "msg_ring", tally(SENT), (struct tally){ 0, 0 })->attribution =
		"undelivered";
}

const struct factory msgring_factories[] = {
	{ "msg-ring", msg_ring_plain },
	{ "msg-ring-deferred", msg_ring_deferred },
	{ "msg-ring-sqpoll", msg_ring_sqpoll },
	{ "msg-ring-register", msg_ring_register },
	{ "msg-ring-descriptor", msg_ring_descriptor },
	{ "msg-ring-shared", msg_ring_shared },
	{ 0 },
};
