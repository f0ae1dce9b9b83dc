// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: anonymous pipes by read and write, and who shares them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ipcgen.h"

enum { TX, RX, TX2, RX2 }; /* tallies */
enum { WRITTEN, TAKEN, CLOSED, STEP3, STEP4 };

static int ends[2];
static pid_t writer, reader;

static void run_pair(actor_fn write_side, actor_fn read_side)
{
	writer = actor("gen-writer", write_side, NULL);
	reader = actor("gen-reader", read_side, NULL);
	actors_finish();
	edge_name(declare_exact(writer, reader, "pipe", tally(TX), tally(RX)), "%s", "");
}

static void run_pipe(actor_fn write_side, actor_fn read_side)
{
	check(!pipe(ends));
	run_pair(write_side, read_side);
	check(tally(TX).bytes == tally(RX).bytes);
}

static void write_plain(void *arg)
{
	char *data = filled(1000);

	(void)arg;
	for (int i = 0; i < 100; i++)
		write_all(ends[1], data, 1000, TX);
}

static void read_plain(void *arg)
{
	(void)arg;
	read_all(ends[0], 100 * 1000, RX);
}

static void pipe_write_read(void)
{
	run_pipe(write_plain, read_plain);
}

static void write_bulk(void *arg)
{
	(void)arg;
	write_all(ends[1], filled(1 << 20), 1 << 20, TX);
	write_all(ends[1], filled(1 << 20), 1 << 20, TX);
}

static void read_bulk(void *arg)
{
	(void)arg;
	read_all(ends[0], 2 << 20, RX);
}

static void pipe_bulk(void)
{
	run_pipe(write_bulk, read_bulk);
}

static void three_parts(struct iovec parts[3])
{
	for (size_t i = 0; i < 3; i++)
		parts[i] = (struct iovec){ filled(100 * (i + 1)), 100 * (i + 1) };
}

static void write_vector(void *arg)
{
	struct iovec parts[3];

	(void)arg;
	three_parts(parts);
	for (int i = 0; i < 10; i++)
		check(count(TX, writev(ends[1], parts, 3)) == 600);
	mark(WRITTEN);
}

static void read_vector(void *arg)
{
	struct iovec parts[3];

	(void)arg;
	await(WRITTEN);
	three_parts(parts);
	for (int i = 0; i < 10; i++)
		check(count(RX, readv(ends[0], parts, 3)) == 600);
}

static void pipe_writev_readv(void)
{
	run_pipe(write_vector, read_vector);
}

static void write_vector2(void *arg)
{
	struct iovec parts[3];

	(void)arg;
	three_parts(parts);
	for (int i = 0; i < 10; i++)
		check(count(TX, pwritev2(ends[1], parts, 3, -1, 0)) == 600);
	mark(WRITTEN);
}

static void read_vector2(void *arg)
{
	struct iovec parts[3];
	int flags = RWF_NOWAIT;

	(void)arg;
	await(WRITTEN);
	three_parts(parts);
	for (int i = 0; i < 10; i++) {
		ssize_t taken = preadv2(ends[0], parts, 3, -1, flags);

		if (taken < 0 && errno == EOPNOTSUPP) { /* on a pipe, before Linux 6.4 */
			flags = 0;
			taken = preadv2(ends[0], parts, 3, -1, flags);
		}
		check(count(RX, taken) == 600);
	}
	if (flags)
		check(preadv2(ends[0], parts, 3, -1, flags) == -1 && errno == EAGAIN);
}

static void pipe_pwritev2_preadv2(void)
{
	run_pipe(write_vector2, read_vector2);
}

/* Fills the pipe, which ends in a short write and then in none at all. */
static void write_until_full(void *arg)
{
	char *data = filled(30000);
	ssize_t moved;
	bool was_short = false;

	(void)arg;
	while ((moved = count(TX, write(ends[1], data, 30000))) > 0)
		was_short = was_short || moved < 30000;
	check(moved == -1 && errno == EAGAIN && was_short);
	mark(WRITTEN);
}

static void read_until_empty(void *arg)
{
	char *data = filled(7000);
	ssize_t moved;

	(void)arg;
	check(read(ends[0], data, 7000) == -1 && errno == EAGAIN);
	mark(TAKEN);
	await(WRITTEN);
	while ((moved = count(RX, read(ends[0], data, 7000))) > 0)
		;
	check(moved == -1 && errno == EAGAIN);
}

static void write_when_told(void *arg)
{
	await(TAKEN);
	write_until_full(arg);
}

static void pipe_nonblocking(void)
{
	check(!pipe2(ends, O_NONBLOCK));
	run_pair(write_when_told, read_until_empty);
	check(tally(TX).bytes == tally(RX).bytes);
}

static void write_until_broken(void *arg)
{
	(void)arg;
	close(ends[0]);
	write_all(ends[1], "hello", 5, TX);
	mark(WRITTEN);
	await(CLOSED);
	await(STEP3); /* and main()'s */
	check(write(ends[1], "gone", 4) == -1 && errno == EPIPE);
}

static void read_and_close(void *arg)
{
	(void)arg;
	await(WRITTEN);
	read_all(ends[0], 5, RX);
	close(ends[0]);
	mark(CLOSED);
}

static void pipe_epipe(void)
{
	check(!pipe(ends));
	writer = actor("gen-writer", write_until_broken, NULL);
	reader = actor("gen-reader", read_and_close, NULL);
	close(ends[0]);
	mark(STEP3);
	actors_finish();
	declare_exact(writer, reader, "pipe", tally(TX), tally(RX));
	/* main() ignores SIGPIPE; it is sent all the same. */
	declare_signal(NODE_KERNEL, writer, "SIGPIPE", 1, 0);
}

/* The third page is not there: a call that reaches it moves less, or nothing. */
static void *two_good_pages(void)
{
	char *pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);

	check(pages != MAP_FAILED);
	check(!munmap(pages + 2 * 4096, 4096));
	return pages;
}

static void write_faulting(void *arg)
{
	char *pages = two_good_pages();
	ssize_t moved;

	(void)arg;
	check(write(ends[1], pages + 2 * 4096, 100) == -1 && errno == EFAULT);
	moved = count(TX, write(ends[1], pages, 3 * 4096));
	check(moved == -1 || moved < 3 * 4096);
	write_all(ends[1], pages, 4096, TX);
	set_value(0, tally(TX).bytes);
	mark(WRITTEN);
}

static void read_faulting(void *arg)
{
	char *pages = two_good_pages();

	(void)arg;
	await(WRITTEN);
	check(read(ends[0], pages + 2 * 4096, 100) == -1 && errno == EFAULT);
	read_all(ends[0], (size_t)value(0), RX);
}

static void pipe_efault(void)
{
	run_pipe(write_faulting, read_faulting);
}

static void write_first(void *arg)
{
	(void)arg;
	for (int i = 0; i < 5; i++)
		write_all(ends[1], "one", 3, TX);
	mark(WRITTEN);
}

static void write_second(void *arg)
{
	char *data = filled(700);

	(void)arg;
	await(WRITTEN);
	for (int i = 0; i < 3; i++)
		write_all(ends[1], data, 700, TX2);
	mark(STEP3);
}

static void read_both(void *arg)
{
	(void)arg;
	await(STEP3);
	read_all(ends[0], 15 + 2100, RX);
}

static void pipe_two_writers(void)
{
	const struct tally none = { ANY, ANY };
	struct tally received;
	pid_t second;

	check(!pipe(ends));
	writer = actor("gen-first", write_first, NULL);
	second = actor("gen-second", write_second, NULL);
	reader = actor("gen-reader", read_both, NULL);
	actors_finish();
	/* Whose bytes each of the reader's calls took cannot be told, only how many in all. */
	received = (struct tally){ ANY, 15 };
	declare_exact(writer, reader, "pipe", tally(TX), received);
	received = (struct tally){ ANY, 2100 };
	declare_exact(second, reader, "pipe", tally(TX2), received);
	declare_sum(ANY, reader, "pipe", none, (struct tally){ ANY, 2115 });
}

static void write_for_two(void *arg)
{
	char *data = filled(1000);

	(void)arg;
	for (int i = 0; i < 6; i++)
		write_all(ends[1], data, 500, TX);
	mark(WRITTEN);
}

static void read_first(void *arg)
{
	(void)arg;
	await(WRITTEN);
	read_all(ends[0], 1000, RX);
	mark(TAKEN);
}

static void read_second(void *arg)
{
	(void)arg;
	await(TAKEN);
	drain(ends[0], 400, RX2);
}

/* The reads in between of each other: the sender's calls cannot be divided. */
static void pipe_two_readers(void)
{
	pid_t second;

	check(!pipe(ends));
	writer = actor("gen-writer", write_for_two, NULL);
	close(ends[1]);
	await(WRITTEN);
	reader = actor("gen-first", read_first, NULL);
	second = actor("gen-second", read_second, NULL);
	/* The writer holds its end until it exits, so let it go before the drain ends. */
	actors_finish();
	check(tally(RX).bytes + tally(RX2).bytes == tally(TX).bytes);
	declare_exact(writer, reader, "pipe", tally(RX), tally(RX));
	declare_exact(writer, second, "pipe", tally(RX2), tally(RX2));
}

static void declare_hub(int64_t src, int64_t dst, struct tally sent, struct tally received)
{
	struct truth_edge *edge = declare_exact(src, dst, "pipe", sent, received);

	edge->attribution = "hub";
	edge->when = UNORDERED;
}

static void pipe_hub(void)
{
	const struct tally none = { ANY, ANY };
	pid_t first, second, second_reader;

	check(!pipe(ends));
	first = actor("gen-one", write_first, NULL);
	second = actor("gen-two", write_second, NULL);
	await(STEP3);
	close(ends[1]);
	reader = actor("gen-three", read_first, NULL);
	second_reader = actor("gen-four", read_second, NULL);
	actors_finish();
	declare_hub(first, NODE_HUB, tally(TX), none);
	declare_hub(second, NODE_HUB, tally(TX2), none);
	declare_hub(NODE_HUB, reader, none, tally(RX));
	declare_hub(NODE_HUB, second_reader, none, tally(RX2));
	/* The first reader takes 1,000: all of the first writer, and the beginning of the second. */
	declare_exact(first, reader, "pipe", tally(TX), (struct tally){ ANY, 15 })->when = ORDERED;
	declare_exact(second, reader, "pipe", (struct tally){ ANY, 985 }, (struct tally){ ANY, 985 })->when = ORDERED;
	declare_exact(second, second_reader, "pipe", (struct tally){ ANY, 1115 },
		      (struct tally){ tally(RX2).ops, 1115 })->when = ORDERED;
}

static void talk_to_self(void *arg)
{
	(void)arg;
	write_all(ends[1], filled(77), 77, TX);
	read_all(ends[0], 77, RX);
}

/* Past the first 64, and past the first table that a process's descriptors fit into. */
static void pipe_high_descriptor(void)
{
	int fds[2];

	check(!pipe(fds));
	ends[0] = dup2(fds[0], 3000);
	ends[1] = dup2(fds[1], 70);
	check(ends[0] == 3000 && ends[1] == 70);
	close(fds[0]);
	close(fds[1]);
	run_pair(write_plain, read_plain);
}

/* Opened anew through /proc, it is the same pipe. */
static void read_reopened(void *arg)
{
	char path[64];

	(void)arg;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	read_all(open(path, O_RDONLY), 100 * 1000, RX);
}

static void pipe_reopened(void)
{
	run_pipe(write_plain, read_reopened);
}

/* An edge from a process to itself is on the map with --self only: here there is none. */
static void pipe_self(void)
{
	check(!pipe(ends));
	actor("gen-self", talk_to_self, NULL);
	actors_finish();
}

#define SLEEPERS 1000

static void *sleeper_read(void *arg)
{
	char byte;

	(void)arg;
	check(count(RX, read(ends[0], &byte, 1)) == 1);
	return NULL;
}

/* How many threads of the process are in read(2). */
static int sleepers(void)
{
	char path[64], call[32];
	struct dirent *entry;
	DIR *tasks = opendir("/proc/self/task");
	int number, sleeping = 0;

	check(tasks);
	while ((entry = readdir(tasks))) {
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%.16s/syscall", entry->d_name);
		file = fopen(path, "r");
		if (file && fgets(call, sizeof(call), file) && sscanf(call, "%d", &number) == 1 && number == SYS_read)
			sleeping++;
		if (file)
			fclose(file);
	}
	closedir(tasks);
	return sleeping;
}

static void read_asleep(void *arg)
{
	static pthread_t threads[SLEEPERS];
	const size_t least = (size_t)sysconf(_SC_THREAD_STACK_MIN); /* 128 KiB on arm64 */
	pthread_attr_t small;

	(void)arg;
	check(!pthread_attr_init(&small) && !pthread_attr_setstacksize(&small, least > 65536 ? least : 65536));
	for (int i = 0; i < SLEEPERS; i++)
		check(!pthread_create(&threads[i], &small, sleeper_read, NULL));
	/* One is its own, of the file that tells. */
	while (sleepers() <= SLEEPERS)
		usleep(10000);
	mark(STEP3);
	for (int i = 0; i < SLEEPERS; i++)
		check(!pthread_join(threads[i], NULL));
}

static void write_awaking(void *arg)
{
	(void)arg;
	await(STEP3);
	for (int i = 0; i < SLEEPERS; i++)
		write_all(ends[1], "x", 1, TX);
}

/* More calls at once than a kretprobe has places for, all asleep. */
static void pipe_sleepers(void)
{
	run_pipe(write_awaking, read_asleep);
}

const struct factory pipe_factories[] = {
	{ "pipe-write-read", pipe_write_read },
	{ "pipe-bulk", pipe_bulk },
	{ "pipe-writev-readv", pipe_writev_readv },
	{ "pipe-pwritev2-preadv2", pipe_pwritev2_preadv2 },
	{ "pipe-nonblocking", pipe_nonblocking },
	{ "pipe-epipe", pipe_epipe },
	{ "pipe-efault", pipe_efault },
	{ "pipe-two-writers", pipe_two_writers },
	{ "pipe-two-readers", pipe_two_readers },
	{ "pipe-hub", pipe_hub },
	{ "pipe-high-descriptor", pipe_high_descriptor },
	{ "pipe-reopened", pipe_reopened },
	{ "pipe-self", pipe_self },
	{ "pipe-sleepers", pipe_sleepers },
	{ 0 },
};
