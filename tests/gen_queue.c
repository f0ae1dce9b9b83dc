// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipcgen: what waited before the trace began. One process fills a channel, the
 * trace begins, another adds to it, and a third reads some of what is there:
 * the oldest first, whoever of the two was seen to send.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

/* Few messages: an unread UNIX datagram blocks the sender after net.unix.max_dgram_qlen of them. */
#define OLD 4
#define OLD_SIZE 100
#define NEW 3
#define NEW_SIZE 200

#define CASES 3

enum { FILLED = 0, ADDED = 16, READ = 32, GO = 64 };
enum { OLDER, NEWER, READER, ROLES };

/* One channel and its three processes. */
struct queue {
	unsigned int number;
	unsigned int old_read, new_read; /* messages that are read */
	bool closes;			 /* nobody has the channel open when the window ends */
	int to, from;			 /* descriptors */
	pid_t pids[ROLES];
};

/* How the reader reads: less than what is older, all of it, more. */
static const unsigned int old_read[CASES] = { 2, OLD, OLD };
static const unsigned int new_read[CASES] = { 0, 0, 1 };

static void put(const struct queue *queue, size_t size, unsigned int times, unsigned int role)
{
	while (times--)
		check(count(queue->number * ROLES + role, write(queue->to, filled(size), size)) ==
		      (ssize_t)size);
}

static void fill(void *arg)
{
	const struct queue *queue = arg;

	keep_only(queue->to);
	put(queue, OLD_SIZE, OLD, OLDER);
	mark(FILLED + queue->number);
	await(GO);
	if (queue->closes)
		close(queue->to);
	mark(READ + queue->number * ROLES + OLDER);
}

static void add(void *arg)
{
	const struct queue *queue = arg;

	keep_only(queue->to);
	await(GO);
	put(queue, NEW_SIZE, NEW, NEWER);
	mark(ADDED + queue->number);
	/* The data must not go with its writer: a TCP socket that closes says so. */
	await(READ + queue->number * ROLES + READER);
	if (queue->closes)
		close(queue->to);
	mark(READ + queue->number * ROLES + NEWER);
}

static void take(void *arg)
{
	const struct queue *queue = arg;
	unsigned int tally_index = queue->number * ROLES + READER;

	keep_only(queue->from);
	await(ADDED + queue->number);
	for (unsigned int i = 0; i < queue->old_read; i++)
		check(count(tally_index, read(queue->from, filled(OLD_SIZE), OLD_SIZE)) == OLD_SIZE);
	for (unsigned int i = 0; i < queue->new_read; i++)
		check(count(tally_index, read(queue->from, filled(NEW_SIZE), NEW_SIZE)) == NEW_SIZE);
	if (queue->closes)
		close(queue->from);
	mark(READ + queue->number * ROLES + READER);
}

static void queue_start(struct queue *queue)
{
	queue->pids[OLDER] = actor("gen-older", fill, queue);
	queue->pids[NEWER] = actor("gen-newer", add, queue);
	queue->pids[READER] = actor("gen-reader", take, queue);
}

/* Of a stream, read operations of older and newer bytes together can't be told apart. */
static void queue_declare(const struct queue *queue, const char *mechanism, bool messages)
{
	const unsigned int old = queue->old_read, new = queue->new_read;
	const pid_t *pids = queue->pids;
	struct truth_edge *edge;

	edge = declare_exact(NODE_HUB, pids[READER], mechanism, (struct tally){ 0, 0 },
			     (struct tally){ messages || !new ? (int64_t)old : ANY, old * OLD_SIZE });
	edge->attribution = "earlier";
	edge = declare_exact(pids[NEWER], pids[READER], mechanism,
			     (struct tally){ NEW, NEW * NEW_SIZE },
			     (struct tally){ messages || !new ? (int64_t)new : ANY, new * NEW_SIZE });
	if (!new)
		edge->attribution = "undelivered";
}

typedef void (*make_fn)(int fds[2]);

static void run_queues(make_fn make, const char *mechanism, bool messages, bool closes)
{
	static struct queue queues[CASES];

	for (unsigned int i = 0; i < CASES; i++) {
		int fds[2];

		make(fds);
		queues[i] = (struct queue){ .number = i, .old_read = old_read[i],
					    .new_read = new_read[i], .closes = closes,
					    .from = fds[0], .to = fds[1] };
		queue_start(&queues[i]);
	}
	keep_only(-1);
	for (unsigned int i = 0; i < CASES; i++)
		await(FILLED + i);
	hold_ready();
	mark(GO);
	for (unsigned int i = 0; i < CASES; i++) {
		for (unsigned int role = 0; role < ROLES; role++)
			await(READ + i * ROLES + role);
		queue_declare(&queues[i], mechanism, messages);
	}
	hold_done();
}

static void make_pipe(int fds[2])
{
	check(!pipe(fds));
}

static void make_fifo(int fds[2])
{
	static unsigned int number;
	char path[128], name[] = "queue0";

	name[5] = (char)('0' + number++);
	scratch_path(path, sizeof(path), name);
	check(!mkfifo(path, 0600));
	fds[0] = open(path, O_RDONLY | O_NONBLOCK);
	fds[1] = open(path, O_WRONLY);
	check(fds[0] >= 0 && fds[1] >= 0 && !fcntl(fds[0], F_SETFL, 0));
}

static void make_unix(int type, int fds[2])
{
	check(!socketpair(AF_UNIX, type, 0, fds));
}

static void make_stream(int fds[2])
{
	make_unix(SOCK_STREAM, fds);
}

static void make_seqpacket(int fds[2])
{
	make_unix(SOCK_SEQPACKET, fds);
}

static void make_dgram(int fds[2])
{
	make_unix(SOCK_DGRAM, fds);
}

static void make_udp(int fds[2])
{
	struct address address = inet_address("127.0.0.1", 0);

	fds[0] = bound_socket(&address, SOCK_DGRAM);
	address = address_of(fds[0]);
	fds[1] = connected_socket(&address, SOCK_DGRAM);
}

static const struct kind {
	make_fn make;
	const char *mechanism;
	bool messages;
} kinds[] = {
	{ make_pipe, "pipe", false },	       { make_fifo, "fifo", false },
	{ make_stream, "unix-stream", false }, { make_seqpacket, "unix-seqpacket", true },
	{ make_dgram, "unix-dgram", true },    { make_udp, "udp", true },
	{ tcp_pair, "tcp", false },
};

static void run_kind(unsigned int kind, bool closes)
{
	run_queues(kinds[kind].make, kinds[kind].mechanism, kinds[kind].messages, closes);
}

#define QUEUE_FACTORY(number, name)          \
	static void name(void)               \
	{                                    \
		run_kind(number, false);     \
	}                                    \
	static void name##_closed(void)      \
	{                                    \
		run_kind(number, true);      \
	}

QUEUE_FACTORY(0, queue_pipe)
QUEUE_FACTORY(1, queue_fifo)
QUEUE_FACTORY(2, queue_stream)
QUEUE_FACTORY(3, queue_seqpacket)
QUEUE_FACTORY(4, queue_dgram)
QUEUE_FACTORY(5, queue_udp)
QUEUE_FACTORY(6, queue_tcp)

const struct factory queue_factories[] = {
	{ "hold-queued-pipe", queue_pipe },
	{ "hold-queued-pipe-closed", queue_pipe_closed },
	{ "hold-queued-fifo", queue_fifo },
	{ "hold-queued-fifo-closed", queue_fifo_closed },
	{ "hold-queued-unix-stream", queue_stream },
	{ "hold-queued-unix-stream-closed", queue_stream_closed },
	{ "hold-queued-unix-seqpacket", queue_seqpacket },
	{ "hold-queued-unix-seqpacket-closed", queue_seqpacket_closed },
	{ "hold-queued-unix-dgram", queue_dgram },
	{ "hold-queued-unix-dgram-closed", queue_dgram_closed },
	{ "hold-queued-udp", queue_udp },
	{ "hold-queued-udp-closed", queue_udp_closed },
	{ "hold-queued-tcp", queue_tcp },
	{ "hold-queued-tcp-closed", queue_tcp_closed },
	{ 0 },
};
