// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipcgen: in two phases, so that the trace can begin and end in between. What an
 * actor does not use it closes, so that it is known who holds which end.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "gen_net.h"
#include "gen_pty.h"
#include "ipcgen.h"

#define AMOUNT 1000
#define PART 400

/* This process keeps its listening socket, which gives the connections their name; or -1. */
static int listener = -1;

enum { TX, RX };
enum { WAITING = 0, GO = 16, DONE = 32 };

/* One end of a channel, and what its holder does before and after the trace begins. */
struct end {
	const char *comm;
	int fd;
	size_t write_first, read_first, write_then, read_then;
};

/* The tallies of what is done after hold_ready(): this and twice the end's number. */
#define TRACED 32

static struct end *all_ends;

static void hold_end(void *arg)
{
	struct end *end = arg;
	unsigned int i = (unsigned int)(end - all_ends);

	keep_only(end->fd);
	if (end->write_first)
		write_all(end->fd, filled(end->write_first), end->write_first, 2 * i + TX);
	if (end->read_first)
		read_all(end->fd, end->read_first, 2 * i + RX);
	mark(WAITING + i);
	await(GO);
	if (end->write_then)
		write_all(end->fd, filled(end->write_then), end->write_then, TRACED + 2 * i + TX);
	if (end->read_then)
		read_all(end->fd, end->read_then, TRACED + 2 * i + RX);
	mark(DONE + i);
}

/* What end i did while it was traced. */
static struct tally sent(unsigned int i)
{
	return tally(TRACED + 2 * i + TX);
}

static struct tally taken(unsigned int i)
{
	return tally(TRACED + 2 * i + RX);
}

/* Runs the ends, of which there are n; pids get theirs. This process keeps none. */
static void run_ends(struct end *ends, unsigned int n, pid_t *pids)
{
	all_ends = ends;
	for (unsigned int i = 0; i < n; i++)
		pids[i] = actor(ends[i].comm, hold_end, &ends[i]);
	keep_only(listener);
	for (unsigned int i = 0; i < n; i++)
		await(WAITING + i);
	hold_ready();
	mark(GO);
	for (unsigned int i = 0; i < n; i++)
		await(DONE + i);
}

static struct end writes(int fd, size_t before, size_t after)
{
	return (struct end){ "gen-writer", fd, before, 0, after, 0 };
}

static struct end reads(int fd, size_t before, size_t after)
{
	return (struct end){ "gen-reader", fd, 0, before, 0, after };
}

static void pipe_ends(int fds[2])
{
	check(!pipe(fds));
}

static void older_pipe(void)
{
	int fds[2];
	pid_t pids[2];

	pipe_ends(fds);
	run_ends((struct end[]){ writes(fds[1], 30, AMOUNT), reads(fds[0], 30, AMOUNT) }, 2, pids);
	declare_exact(pids[0], pids[1], "pipe", sent(0), taken(1));
	hold_done();
}

static void older_fifo(void)
{
	char path[128];
	pid_t pids[2];
	int both;

	scratch_path(path, sizeof(path), "older");
	check(!mkfifo(path, 0600));
	both = open(path, O_RDWR);
	run_ends((struct end[]){ writes(open(path, O_WRONLY), 30, AMOUNT),
				 reads(open(path, O_RDONLY), 30, AMOUNT) },
		 2, pids);
	check(both >= 0);
	edge_name(declare_exact(pids[0], pids[1], "fifo", sent(0), taken(1)), "%s", path);
	hold_done();
}

/* A connection by name, accepted before the trace begins. */
static void connect_pair(struct address *address, int type, int fds[2])
{
	int bound = bound_socket(address, type);

	if (address->any.sa_family != AF_UNIX)
		*address = address_of(bound);
	fds[1] = connected_socket(address, type);
	fds[0] = type == SOCK_DGRAM ? bound : accept(bound, NULL, NULL);
	check(fds[0] >= 0);
	if (type != SOCK_DGRAM)
		listener = bound;
}

static void older_socket(struct address address, int type, const char *mechanism)
{
	char text[GEN_NAME_LEN];
	int fds[2];
	pid_t pids[2];

	connect_pair(&address, type, fds);
	run_ends((struct end[]){ writes(fds[1], 30, AMOUNT), reads(fds[0], 30, AMOUNT) }, 2, pids);
	address_text(&address, text, sizeof(text));
	edge_name(declare_exact(pids[0], pids[1], mechanism, sent(0), taken(1)), "%s", text);
	hold_done();
}

static void older_unix(void)
{
	older_socket(unix_address("older.sock"), SOCK_STREAM, "unix-stream");
}

static void older_seqpacket(void)
{
	older_socket(unix_address("@older"), SOCK_SEQPACKET, "unix-seqpacket");
}

static void older_dgram(void)
{
	older_socket(unix_address("older.sock"), SOCK_DGRAM, "unix-dgram");
}

static void older_tcp(void)
{
	older_socket(inet_address("127.0.0.1", 0), SOCK_STREAM, "tcp");
}

static void older_tcp6(void)
{
	older_socket(inet_address("::1", 0), SOCK_STREAM, "tcp");
}

static void older_udp(void)
{
	older_socket(inet_address("127.0.0.1", 0), SOCK_DGRAM, "udp");
}

static void older_pty(void)
{
	pid_t pids[2];

	pty_open(PTY_RAW);
	run_ends((struct end[]){ writes(pty_master, 30, AMOUNT), reads(pty_slave, 30, AMOUNT) }, 2,
		 pids);
	edge_name(declare_exact(pids[0], pids[1], "pty", sent(0), taken(1)), "%s", pty_name);
	hold_done();
}

/* A half of the pipe that these calls did not take part in. */
static const struct tally nothing;

static void declare_earlier(pid_t src, pid_t dst, const char *mechanism, struct tally received)
{
	declare_exact(src, dst, mechanism, nothing, received)->attribution = "earlier";
}

static void earlier(void)
{
	int fds[3][2];
	pid_t pids[6];
	struct address address = inet_address("127.0.0.1", 0);

	pipe_ends(fds[0]);
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds[1]));
	connect_pair(&address, SOCK_STREAM, fds[2]);
	run_ends((struct end[]){ writes(fds[0][1], AMOUNT, 0), reads(fds[0][0], 0, AMOUNT),
				 writes(fds[1][1], AMOUNT, 0), reads(fds[1][0], 0, AMOUNT),
				 writes(fds[2][1], AMOUNT, 0), reads(fds[2][0], 0, AMOUNT) },
		 6, pids);
	declare_earlier(pids[0], pids[1], "pipe", taken(1));
	declare_earlier(pids[2], pids[3], "unix-stream", taken(3));
	declare_earlier(pids[4], pids[5], "tcp", taken(5));
	hold_done();
}

/* Some came before the trace began, some in it: two edges, each true. */
static void earlier_and_now(void)
{
	int fds[2];
	pid_t pids[2];

	pipe_ends(fds);
	run_ends((struct end[]){ writes(fds[1], PART, AMOUNT), reads(fds[0], 0, PART + AMOUNT) }, 2,
		 pids);
	declare_exact(pids[0], pids[1], "pipe", sent(0), (struct tally){ ANY, AMOUNT });
	declare_earlier(pids[0], pids[1], "pipe", (struct tally){ ANY, PART });
	declare_sum(ANY, pids[1], "pipe", (struct tally){ ANY, ANY }, taken(1));
	hold_done();
}

static void declare_undelivered(int64_t src, int64_t dst, const char *mechanism,
				struct tally given)
{
	declare_exact(src, dst, mechanism, given, nothing)->attribution = "undelivered";
}

static void undelivered(void)
{
	static const char *const kinds[] = { "pipe", "unix-stream", "tcp", "unix-dgram", "udp" };
	int fds[5][2];
	pid_t pids[10];
	struct end all[10];
	struct address tcp = inet_address("127.0.0.1", 0), udp = tcp, log = unix_address("log");

	pipe_ends(fds[0]);
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds[1]));
	connect_pair(&tcp, SOCK_STREAM, fds[2]);
	connect_pair(&log, SOCK_DGRAM, fds[3]);
	connect_pair(&udp, SOCK_DGRAM, fds[4]);
	for (unsigned int i = 0; i < 5; i++) {
		all[2 * i] = writes(fds[i][1], 0, AMOUNT);
		all[2 * i + 1] = reads(fds[i][0], 0, 0);
	}
	run_ends(all, 10, pids);
	for (unsigned int i = 0; i < 5; i++)
		declare_undelivered(pids[2 * i], pids[2 * i + 1], kinds[i], sent(2 * i));
	hold_done();
}

/* Two hold the other end: who will read is not known. */
static void undelivered_hub(void)
{
	int fds[2];
	pid_t pids[3];

	pipe_ends(fds);
	run_ends((struct end[]){ writes(fds[1], 0, AMOUNT), reads(fds[0], 0, 0),
				 reads(fds[0], 0, 0) },
		 3, pids);
	declare_undelivered(pids[0], NODE_HUB, "pipe", sent(0));
	hold_done();
}

/* Read in part: both sides' figures stand on the edge, the rest still lies in the pipe. */
static void partial(void)
{
	int fds[2];
	pid_t pids[2];

	pipe_ends(fds);
	run_ends((struct end[]){ writes(fds[1], 0, AMOUNT), reads(fds[0], 0, PART) }, 2, pids);
	declare_exact(pids[0], pids[1], "pipe", sent(0), taken(1));
	hold_done();
}

/* For --idle: held open, silent. */
static void idle(void)
{
	int fds[3][2];
	pid_t pids[6];
	struct address address = inet_address("127.0.0.1", 0);
	static const char *const kinds[] = { "pipe", "unix-stream", "tcp" };

	pipe_ends(fds[0]);
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds[1]));
	connect_pair(&address, SOCK_STREAM, fds[2]);
	run_ends((struct end[]){ writes(fds[0][1], 30, 0), reads(fds[0][0], 30, 0),
				 writes(fds[1][1], 30, 0), reads(fds[1][0], 30, 0),
				 writes(fds[2][1], 30, 0), reads(fds[2][0], 30, 0) },
		 6, pids);
	for (unsigned int i = 0; i < 3; i++) {
		struct truth_edge *edge = declare_exact(pids[2 * i], pids[2 * i + 1], kinds[i],
							nothing, nothing);

		edge->attribution = "idle";
		edge->either_way = i > 0;
	}
	hold_done();
}

/* For -p with the pid of the first writer: only what touches it is kept, but whole. */
static void filter(void)
{
	int fds[2][2];
	pid_t pids[4];

	pipe_ends(fds[0]);
	pipe_ends(fds[1]);
	run_ends((struct end[]){ { "gen-chosen", fds[0][1], 0, 0, AMOUNT, 0 },
				 reads(fds[0][0], 0, AMOUNT), writes(fds[1][1], 0, AMOUNT),
				 reads(fds[1][0], 0, AMOUNT) },
		 4, pids);
	declare_exact(pids[0], pids[1], "pipe", sent(0), taken(1));
	hold_done();
}

const struct factory hold_factories[] = {
	{ "hold-older-pipe", older_pipe },
	{ "hold-older-fifo", older_fifo },
	{ "hold-older-unix-stream", older_unix },
	{ "hold-older-unix-seqpacket", older_seqpacket },
	{ "hold-older-unix-dgram", older_dgram },
	{ "hold-older-tcp", older_tcp },
	{ "hold-older-tcp6", older_tcp6 },
	{ "hold-older-udp", older_udp },
	{ "hold-older-pty", older_pty },
	{ "hold-earlier", earlier },
	{ "hold-earlier-and-now", earlier_and_now },
	{ "hold-undelivered", undelivered },
	{ "hold-undelivered-hub", undelivered_hub },
	{ "hold-partial", partial },
	{ "hold-idle", idle },
	{ "hold-filter", filter },
	{ 0 },
};
