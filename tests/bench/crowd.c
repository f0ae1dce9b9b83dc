// SPDX-License-Identifier: GPL-2.0-only
/*
 * A chain of processes, each of which holds its share of the channels to the
 * next: pipes and UNIX socket pairs by turns. One byte goes down each of them
 * ten times a second.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define LINKS_MAX 64

struct links {
	int count;
	int ends[LINKS_MAX][2]; /* [0] is read, [1] written */
};

static void links_open(struct links *links, int count)
{
	links->count = count;
	for (int i = 0; i < count; i++) {
		if (i % 2)
			check(!socketpair(AF_UNIX, SOCK_STREAM, 0, links->ends[i]));
		else
			check(!pipe(links->ends[i]));
	}
}

static void links_close(const struct links *links, int end)
{
	for (int i = 0; i < links->count; i++)
		close(links->ends[i][end]);
}

static void member_run(const struct links *before, const struct links *after)
{
	struct timespec pause = { .tv_nsec = 100000000 };
	char byte = 0;

	for (;;) {
		nanosleep(&pause, NULL);
		for (int i = 0; i < after->count; i++)
			check(write(after->ends[i][1], &byte, 1) == 1);
		for (int i = 0; i < before->count; i++)
			check(read(before->ends[i][0], &byte, 1) == 1);
	}
}

static pid_t member_start(struct links *before, struct links *after)
{
	pid_t pid = fork();

	check(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	links_close(after, 0); /* its parent closed the other end of `before` */
	member_run(before, after);
	_exit(0);
}

int bench_crowd(int argc, char **argv)
{
	int processes = argc > 0 ? atoi(argv[0]) : 1000, channels = argc > 1 ? atoi(argv[1]) : 10000;
	struct links before = { 0 }, after = { 0 };
	sigset_t set;
	int sig, made = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < processes; i++) {
		/* The last has nobody after it: the others share what is asked for evenly. */
		int share = i < processes - 1 ? (channels - made) / (processes - 1 - i) : 0;

		links_open(&after, share < LINKS_MAX ? share : LINKS_MAX);
		made += after.count;
		member_start(&before, &after);
		links_close(&before, 0);
		links_close(&after, 1);
		before = after;
		after.count = 0;
	}
	fprintf(stderr, "%d processes, %d channels\n", processes, made);
	sigwait(&set, &sig);
	return 0;
}
