// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipcgen: the window closes while a write is blocked half-way. It has not returned, but
 * what of it was read must be the writer's, and not older than the window.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

#define MUCH 20000000 /* more than any queue holds */
#define READS 10
#define SIZE 10000
#define WRITERS 2

enum { GO, WRITING, BLOCKED = WRITING + WRITERS, END };
enum { READER };
enum { WAITING }; /* values */

static int ends[2];
static pid_t writers[WRITERS], reader;
static unsigned int writer_count;

static void write_much(void *arg)
{
	unsigned int number = *(unsigned int *)arg;

	keep_only(ends[1]);
	check(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	await(GO);
	mark(WRITING + number);
	check(write(ends[1], filled(MUCH), MUCH) < MUCH);
}

static bool sleeps(pid_t pid)
{
	char path[64], line[512], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	check(file && fgets(line, sizeof(line), file));
	fclose(file);
	check(sscanf(strrchr(line, ')'), ") %c", &state) == 1);
	return state == 'S';
}

/* All writers asleep, the queue not empty, and 20 ms later still the same. */
static bool stuck(int *waiting)
{
	struct timespec slice = { .tv_nsec = 20000000 };
	int before;

	check(!ioctl(ends[0], FIONREAD, &before));
	nanosleep(&slice, NULL);
	check(!ioctl(ends[0], FIONREAD, waiting));
	for (unsigned int i = 0; i < writer_count; i++)
		if (!sleeps(writers[i]))
			return false;
	return *waiting && *waiting == before;
}

static void read_some(void *arg)
{
	time_t deadline = time(NULL) + 120;
	int waiting;

	(void)arg;
	keep_only(ends[0]);
	for (unsigned int i = 0; i < writer_count; i++)
		await(WRITING + i);
	for (int i = 0; i < READS; i++)
		read_all(ends[0], SIZE, READER);
	while (!stuck(&waiting))
		check(time(NULL) < deadline);
	set_value(WAITING, waiting);
	mark(BLOCKED);
	await(END);
	close(ends[0]);
}

static void run(unsigned int count)
{
	writer_count = count;
	for (unsigned int i = 0; i < count; i++)
		writers[i] = actor("gen-writer", write_much, &i);
	reader = actor("gen-reader", read_some, NULL);
	keep_only(-1);
	hold_ready();
	mark(GO);
	await(BLOCKED);
}

static void run_one(const char *mechanism, bool all_counts)
{
	struct truth_edge *edge;

	run(1);
	edge = declare_exact(writers[0], reader, mechanism,
			     (struct tally){ 1, READS * SIZE + value(WAITING) }, tally(READER));
	/* Of TCP some is on its way, too. */
	if (!all_counts)
		edge->bytes = ANY;
	hold_done();
	mark(END);
}

static void blocked_pipe(void)
{
	check(!pipe(ends));
	run_one("pipe", true);
}

static void blocked_unix(void)
{
	int fds[2];

	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	ends[0] = fds[0];
	ends[1] = fds[1];
	run_one("unix-stream", false);
}

static void blocked_tcp(void)
{
	tcp_pair(ends);
	run_one("tcp", false);
}

/* Which of the two wrote what was read is not known. */
static void blocked_two(void)
{
	struct truth_edge *edge;

	check(!pipe(ends));
	run(2);
	edge = declare_exact(NODE_HUB, reader, "pipe", (struct tally){ 0, 0 }, tally(READER));
	edge->attribution = "hub";
	edge->uncounted = true;
	/* Where the order of the bytes is known, it is, once the second one has written anything at all. */
	edge->maybe = true;
	for (unsigned int i = 0; i < 2; i++) {
		edge = declare_exact(writers[i], reader, "pipe", (struct tally){ 0, 0 }, (struct tally){ ANY, ANY });
		edge->when = ORDERED;
		edge->maybe = edge->uncounted = true;
	}
	declare_sum(ANY, reader, "pipe", (struct tally){ 0, 0 }, (struct tally){ ANY, tally(READER).bytes });
	hold_done();
	mark(END);
}

const struct factory blocked_factories[] = {
	{ "hold-blocked-pipe", blocked_pipe },
	{ "hold-blocked-unix-stream", blocked_unix },
	{ "hold-blocked-tcp", blocked_tcp },
	{ "hold-blocked-two", blocked_two },
	{ 0 },
};
