// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipcgen: channels with several writers and several readers, who do not wait for each other.
 * Each byte names its writer, so the readers know whose they took, whatever the order was.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

#define WRITERS 3
#define READERS 2
#define LONGEST 60000

enum { OVER = 0, BEGUN = 8 }; /* steps: a writer's, a reader's, and so on */
enum { SENT = 32, READ = 40 }; /* tallies: of a writer, of a reader; below, of either */

struct plan {
	const char *mechanism;
	unsigned int messages;
	size_t longest;
	bool whole; /* a message is read as one */
	ssize_t (*give)(int fd, char *data, size_t size, unsigned int i);
	ssize_t (*take)(int fd, char *data, size_t size);
	void (*make)(void);
};

static const struct plan *plan;
static int ends[2], file, own[2];
static char fifo_path[128];
static pid_t writers[WRITERS], readers[READERS];

static unsigned int taken_of(unsigned int writer, unsigned int reader)
{
	return writer * READERS + reader;
}

static void write_shared(void *arg)
{
	unsigned int writer = *(unsigned int *)arg;
	char *data = filled(LONGEST);

	memset(data, 'A' + (int)writer, LONGEST);
	for (unsigned int i = 0; i < plan->messages; i++) {
		size_t size = (writer * 37 + i * 101) % plan->longest + 1;

		check(count(SENT + writer, plan->give(ends[1], data, size, i)) > 0);
	}
	mark(OVER + writer);
}

static bool all_over(void)
{
	for (unsigned int i = 0; i < WRITERS; i++)
		if (!marked(OVER + i))
			return false;
	return true;
}

static void tell_whose(unsigned int reader, const char *data, ssize_t size)
{
	ssize_t of[WRITERS] = { 0 };

	for (ssize_t i = 0; i < size; i++) {
		check(data[i] >= 'A' && data[i] < 'A' + WRITERS);
		of[data[i] - 'A']++;
	}
	for (unsigned int i = 0; i < WRITERS; i++)
		if (of[i])
			count(taken_of(i, reader), of[i]);
}

/* Nobody waits for bytes that another takes: who finds none looks again. */
static void read_shared(void *arg)
{
	unsigned int reader = *(unsigned int *)arg;
	struct pollfd ready = { .fd = ends[0], .events = POLLIN };
	char *data = filled(LONGEST);

	check(!pipe(own));
	for (;;) {
		bool over = all_over();
		ssize_t size;

		poll(&ready, 1, 20);
		size = plan->take(ends[0], data, plan->whole ? LONGEST : 1000 + 2500 * reader);
		if (size > 0) {
			count(READ + reader, size);
			tell_whose(reader, data, size);
			/* Each gets something. */
			mark(BEGUN + reader);
			await(BEGUN + (reader + 1) % READERS);
		} else if (over) {
			break;
		}
	}
}

/* ordered: the kernel's order can be known. */
static void declare_hubs(bool ordered)
{
	const struct tally none = { ANY, ANY };
	struct truth_edge *edge;

	for (unsigned int i = 0; i < WRITERS + READERS; i++) {
		edge = i < WRITERS ? declare_exact(writers[i], NODE_HUB, plan->mechanism, tally(SENT + i), none) :
				     declare_exact(NODE_HUB, readers[i - WRITERS], plan->mechanism, none,
						   tally(READ + i - WRITERS));
		edge->attribution = "hub";
		if (ordered)
			edge->when = UNORDERED;
	}
}

/* How often one read of the other is exact where a message is read as one. */
static void declare_pair(unsigned int writer, unsigned int reader)
{
	struct tally taken = tally(taken_of(writer, reader));
	struct truth_edge *edge;

	if (!taken.bytes)
		return;
	if (!plan->whole)
		taken.ops = ANY;
	edge = declare_exact(writers[writer], readers[reader], plan->mechanism, taken, taken);
	edge->when = ORDERED;
}

static void declare_all(bool ordered)
{
	declare_hubs(ordered);
	for (unsigned int writer = 0; ordered && writer < WRITERS; writer++)
		for (unsigned int reader = 0; reader < READERS; reader++)
			declare_pair(writer, reader);
}

static void run(const struct plan *what)
{
	plan = what;
	plan->make();
	check(!fcntl(ends[0], F_SETFL, O_NONBLOCK));
	for (unsigned int i = 0; i < WRITERS; i++)
		writers[i] = actor("gen-writer", write_shared, &i);
	for (unsigned int i = 0; i < READERS; i++)
		readers[i] = actor("gen-reader", read_shared, &i);
	actors_finish();
	declare_all(true);
}

static ssize_t give_write(int fd, char *data, size_t size, unsigned int i)
{
	(void)i;
	return write(fd, data, size);
}

/* Out of memory, in two pieces, and out of a file. */
static ssize_t give_any(int fd, char *data, size_t size, unsigned int i)
{
	struct iovec parts[2] = { { data, size / 2 }, { data, size - size / 2 } };
	off_t from = (data[0] - 'A') * (off_t)LONGEST;

	switch (i % 4) {
	case 0: return writev(fd, parts, 2);
	case 1: return size < 4096 ? vmsplice(fd, parts, 2, 0) : write(fd, data, size);
	case 2: return size < 4096 ? splice(file, &from, fd, NULL, size, 0) : writev(fd, parts, 2);
	default: return write(fd, data, size);
	}
}

static ssize_t take_read(int fd, char *data, size_t size)
{
	return read(fd, data, size);
}

static ssize_t take_vector(int fd, char *data, size_t size)
{
	struct iovec parts[2] = { { data, size / 3 }, { data + size / 3, size - size / 3 } };

	return readv(fd, parts, 2);
}

/* By a pipe of its own. */
static ssize_t take_splice(int fd, char *data, size_t size)
{
	ssize_t moved = splice(fd, NULL, own[1], NULL, size, SPLICE_F_NONBLOCK);

	if (moved > 0)
		check(read(own[0], data, (size_t)moved) == moved);
	return moved;
}

/* Looks first, and may then get what another would have had. */
static ssize_t take_peeked(int fd, char *data, size_t size)
{
	recv(fd, data, size, MSG_PEEK);
	return recv(fd, data, size, 0);
}

/* Every other message by a pipe of the writer's. */
static ssize_t give_splice(int fd, char *data, size_t size, unsigned int i)
{
	static int through[2];

	if (i % 2)
		return write(fd, data, size);
	if (!through[1])
		check(!pipe(through));
	check(write(through[1], data, size) == (ssize_t)size);
	return splice(through[0], NULL, fd, NULL, size, 0);
}

static void make_pipe(void)
{
	check(!pipe(ends));
}

/* A page of each writer's letter at its place. */
static void make_pipe_and_file(void)
{
	char path[128], *data = filled(LONGEST);

	check(!pipe(ends));
	scratch_path(path, sizeof(path), "letters");
	file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	check(file >= 0);
	for (unsigned int i = 0; i < WRITERS; i++) {
		memset(data, 'A' + (int)i, LONGEST);
		check(write(file, data, LONGEST) == LONGEST);
	}
}

static void make_fifo(void)
{
	scratch_path(fifo_path, sizeof(fifo_path), "shared");
	check(!mkfifo(fifo_path, 0600));
	ends[0] = open(fifo_path, O_RDONLY | O_NONBLOCK);
	ends[1] = open(fifo_path, O_WRONLY);
	check(ends[0] >= 0 && ends[1] >= 0);
}

static void make_unix(int type)
{
	check(!socketpair(AF_UNIX, type, 0, ends));
}

static void make_stream(void)
{
	make_unix(SOCK_STREAM);
}

static void make_dgram(void)
{
	make_unix(SOCK_DGRAM);
}

static void make_seqpacket(void)
{
	make_unix(SOCK_SEQPACKET);
}

static void shared_pipe(void)
{
	run(&(struct plan){ "pipe", 60, 300, false, give_write, take_read, make_pipe });
}

/* More than the pipe holds: writes that are blocked half-way, and go in in between of each other. */
static void shared_pipe_bulk(void)
{
	run(&(struct plan){ "pipe", 20, LONGEST, false, give_write, take_vector, make_pipe });
}

static void shared_pipe_methods(void)
{
	run(&(struct plan){ "pipe", 40, 8000, false, give_any, take_vector, make_pipe_and_file });
}

static void shared_pipe_spliced(void)
{
	run(&(struct plan){ "pipe", 40, 8000, false, give_any, take_splice, make_pipe_and_file });
}

static void shared_fifo(void)
{
	run(&(struct plan){ "fifo", 60, 3000, false, give_write, take_read, make_fifo });
}

static void shared_stream(void)
{
	run(&(struct plan){ "unix-stream", 60, 3000, false, give_write, take_read, make_stream });
}

static void shared_stream_bulk(void)
{
	run(&(struct plan){ "unix-stream", 20, LONGEST, false, give_write, take_vector, make_stream });
}

static void shared_stream_peeked(void)
{
	run(&(struct plan){ "unix-stream", 60, 3000, false, give_write, take_peeked, make_stream });
}

static void shared_stream_spliced(void)
{
	run(&(struct plan){ "unix-stream", 40, 3000, false, give_write, take_splice, make_stream });
}

/* Before, a page may be put into another's message, and that is nobody's. */
static void shared_stream_splices(void)
{
	need_linux(6, 5);
	run(&(struct plan){ "unix-stream", 40, 3000, false, give_splice, take_vector, make_stream });
}

static void splice_in_turn(void *arg)
{
	unsigned int writer = *(unsigned int *)arg;
	char data[100];

	memset(data, 'A' + (int)writer, sizeof(data));
	if (writer)
		await(OVER + writer - 1);
	check(count(SENT + writer, give_splice(ends[1], data, sizeof(data), 0)) == sizeof(data));
	mark(OVER + writer);
}

static void read_half(void *arg)
{
	unsigned int reader = *(unsigned int *)arg;
	char data[WRITERS * 100 / READERS];

	await(OVER + WRITERS - 1);
	if (reader)
		await(BEGUN + reader - 1);
	check(count(READ + reader, read(ends[0], data, sizeof(data))) == sizeof(data));
	tell_whose(reader, data, sizeof(data));
	mark(BEGUN + reader);
}

/* All pages lie in one packet, which is nobody's; from 6.5 on each message has its own. */
static void shared_stream_appended(void)
{
	plan = &(struct plan){ .mechanism = "unix-stream" };
	make_stream();
	for (unsigned int i = 0; i < WRITERS; i++)
		writers[i] = actor("gen-writer", splice_in_turn, &i);
	for (unsigned int i = 0; i < READERS; i++)
		readers[i] = actor("gen-reader", read_half, &i);
	actors_finish();
	declare_all(linux_is(6, 5));
}

static void shared_dgram_peeked(void)
{
	run(&(struct plan){ "unix-dgram", 60, 3000, true, give_write, take_peeked, make_dgram });
}

static void shared_dgram(void)
{
	run(&(struct plan){ "unix-dgram", 60, 3000, true, give_write, take_read, make_dgram });
}

static void shared_seqpacket(void)
{
	run(&(struct plan){ "unix-seqpacket", 60, 3000, true, give_write, take_read, make_seqpacket });
}

static void await_value(unsigned int index, int64_t figure)
{
	time_t deadline = time(NULL) + 120;

	while (value(index) < figure) {
		check(time(NULL) < deadline);
		sched_yield();
	}
}

/* More turns of the writers wait in the pipe than are remembered: whose bytes these are is not known. */
static void write_in_turn(void *arg)
{
	unsigned int writer = *(unsigned int *)arg;

	for (unsigned int i = 0; i < 400; i++) {
		if (writer)
			await_value(writer - 1, i + 1);
		else if (i)
			await_value(1, i);
		check(count(SENT + writer, write(ends[1], "x", 1)) == 1);
		set_value(writer, i + 1);
	}
	mark(OVER + writer);
}

static void read_in_turn(void *arg)
{
	unsigned int reader = *(unsigned int *)arg;

	await(OVER);
	await(OVER + 1);
	check(count(READ + reader, read(ends[0], filled(400), 400)) == 400);
}

static void shared_overflow(void)
{
	struct truth_edge *edge;

	check(!pipe(ends));
	for (unsigned int i = 0; i < 2; i++)
		writers[i] = actor("gen-writer", write_in_turn, &i);
	for (unsigned int i = 0; i < READERS; i++)
		readers[i] = actor("gen-reader", read_in_turn, &i);
	actors_finish();
	for (unsigned int i = 0; i < 2; i++) {
		edge = declare_exact(writers[i], NODE_HUB, "pipe", tally(SENT + i), (struct tally){ 0, 0 });
		edge->attribution = "hub";
		edge = declare_exact(NODE_HUB, readers[i], "pipe", (struct tally){ 0, 0 }, tally(READ + i));
		edge->attribution = "hub";
	}
}

const struct factory shared_factories[] = {
	{ "shared-pipe", shared_pipe },
	{ "shared-pipe-bulk", shared_pipe_bulk },
	{ "shared-pipe-methods", shared_pipe_methods },
	{ "shared-pipe-spliced", shared_pipe_spliced },
	{ "shared-pipe-overflow", shared_overflow },
	{ "shared-fifo", shared_fifo },
	{ "shared-unix-stream", shared_stream },
	{ "shared-unix-stream-bulk", shared_stream_bulk },
	{ "shared-unix-stream-peeked", shared_stream_peeked },
	{ "shared-unix-stream-spliced", shared_stream_spliced },
	{ "shared-unix-stream-splices", shared_stream_splices },
	{ "shared-unix-stream-appended", shared_stream_appended },
	{ "shared-unix-dgram", shared_dgram },
	{ "shared-unix-dgram-peeked", shared_dgram_peeked },
	{ "shared-unix-seqpacket", shared_seqpacket },
	{ 0 },
};
