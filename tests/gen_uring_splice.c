// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: splice and tee by io_uring, between pipes, sockets and terminals. */
#include <sys/socket.h>
#include <unistd.h>

#include "gen_net.h"
#include "gen_pty.h"
#include "gen_ring.h"
#include "ipcgen.h"

#define SIZE 300

enum { SENT };

static unsigned int ring_setup;

/* pipe -> pipe by splice and by tee, pipe -> socket, socket -> pipe; one end is a registered descriptor. */
enum { SPLICES = 5 };
static int inlet[2], outlet[2], copies[2], plug[2], drainage[2];

static int splice_by(struct ring *ring, int operation, int in, int out, unsigned int flags)
{
	/* Neither end has a position, and tee takes none. */
	uint64_t position = operation == IORING_OP_TEE ? 0 : (uint64_t)-1;
	struct io_uring_sqe request = { .opcode = (uint8_t)operation, .fd = out, .len = SIZE, .off = position,
					.splice_off_in = position, .splice_fd_in = in, .splice_flags = flags };

	return ring_do(ring, &request);
}

static void splice_feed(void *arg)
{
	(void)arg;
	for (int i = 0; i < SPLICES; i++)
		write_all(inlet[1], filled(SIZE), SIZE, 0);
	mark(SENT);
}

static void splice_move(void *arg)
{
	struct ring ring;

	(void)arg;
	await(SENT);
	ring_open(&ring, 0);
	ring_register(&ring, inlet, 1);
	for (int i = 0; i < SPLICES; i++) {
		check(count(1, splice_by(&ring, IORING_OP_TEE, inlet[0], copies[1], 0)) == SIZE);
		if (i % 2)
			check(count(2, splice_by(&ring, IORING_OP_SPLICE, inlet[0], outlet[1], 0)) == SIZE);
		else
			check(count(2, splice_by(&ring, IORING_OP_SPLICE, 0, outlet[1], SPLICE_F_FD_IN_FIXED)) ==
			      SIZE);
		check(count(3, splice_by(&ring, IORING_OP_SPLICE, outlet[0], plug[1], 0)) == SIZE);
		check(count(4, splice_by(&ring, IORING_OP_SPLICE, plug[0], drainage[1], 0)) == SIZE);
	}
}

static void splice_drain(void *arg)
{
	(void)arg;
	read_all(copies[0], SPLICES * SIZE, 5);
	read_all(drainage[0], SPLICES * SIZE, 6);
}

static void splice_run(bool tcp)
{
	pid_t feeder, mover, drain;

	check(!pipe(inlet) && !pipe(outlet) && !pipe(copies) && !pipe(drainage));
	if (tcp)
		tcp_pair(plug);
	else
		check(!socketpair(AF_UNIX, SOCK_STREAM, 0, plug));
	feeder = actor("gen-sender", splice_feed, NULL);
	mover = actor("gen-mover", splice_move, NULL);
	drain = actor("gen-receiver", splice_drain, NULL);
	actors_finish();
	declare_exact(feeder, mover, "pipe", tally(0), tally(2));
	declare_exact(mover, drain, "pipe", tally(1), tally(5));
	declare_exact(mover, drain, "pipe", tally(4), tally(6));
}

static void uring_splice_unix(void)
{
	splice_run(false);
}

static void uring_splice_tcp(void)
{
	splice_run(true);
}

/* pipe -> terminal -> its reader, and what is typed -> pipe -> its reader. */
static void splice_pty_feed(void *arg)
{
	(void)arg;
	for (int i = 0; i < SPLICES; i++) {
		write_all(inlet[1], filled(SIZE), SIZE, 0);
		write_all(pty_master, filled(SIZE), SIZE, 1);
	}
	mark(SENT);
}

static void splice_pty_move(void *arg)
{
	struct ring ring;

	(void)arg;
	await(SENT);
	ring_open(&ring, ring_setup);
	for (int i = 0; i < SPLICES; i++)
		check(count(2, splice_by(&ring, IORING_OP_SPLICE, inlet[0], pty_slave, 0)) == SIZE);
	while (tally(3).bytes < SPLICES * SIZE)
		check(count(3, splice_by(&ring, IORING_OP_SPLICE, pty_slave, outlet[1], 0)) > 0);
}

static void splice_pty_drain(void *arg)
{
	(void)arg;
	read_all(pty_master, SPLICES * SIZE, 4);
	read_all(outlet[0], SPLICES * SIZE, 5);
}

static void splice_pty_run(unsigned int setup)
{
	pid_t feeder, mover, drain;

	ring_setup = setup;
	check(!pipe(inlet) && !pipe(outlet));
	pty_open(PTY_RAW);
	feeder = actor("gen-sender", splice_pty_feed, NULL);
	mover = actor("gen-mover", splice_pty_move, NULL);
	drain = actor("gen-receiver", splice_pty_drain, NULL);
	actors_finish();
	declare_exact(feeder, mover, "pipe", tally(0), tally(2));
	declare_exact(mover, drain, "pty", tally(2), tally(4));
	declare_exact(feeder, mover, "pty", tally(1), tally(3));
	declare_exact(mover, drain, "pipe", tally(3), tally(5));
}

static void uring_splice_pty(void)
{
	splice_pty_run(0);
}

static void uring_splice_pty_sqpoll(void)
{
	splice_pty_run(IORING_SETUP_SQPOLL);
}

const struct factory uring_splice_factories[] = {
	{ "uring-splice-unix", uring_splice_unix },
	{ "uring-splice-tcp", uring_splice_tcp },
	{ "uring-splice-pty", uring_splice_pty },
	{ "uring-splice-pty-sqpoll", uring_splice_pty_sqpoll },
	{ 0 },
};
