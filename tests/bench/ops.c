// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations: one byte written and read again by one process, pinned to one
 * CPU, so that neither a wakeup nor a second CPU is in the figure. An operation
 * is one system call: a write, a read, a getppid.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define BATCH 2000 /* operations: about half a millisecond, between two timer ticks */
#define BATCHES_MAX 20000

struct operation {
	const char *name;
	void (*open)(int ends[2]);
	void (*run)(const int ends[2], int count);
};

static void open_pipe(int ends[2])
{
	check(!pipe(ends));
}

static void open_unix(int ends[2])
{
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}

static void open_nothing(int ends[2])
{
	ends[0] = ends[1] = -1;
}

static void run_byte(const int ends[2], int count)
{
	char byte = 0;

	for (int i = 0; i < count; i += 2) {
		check(write(ends[1], &byte, 1) == 1);
		check(read(ends[0], &byte, 1) == 1);
	}
}

static void run_getppid(const int ends[2], int count)
{
	(void)ends;
	for (int i = 0; i < count; i++)
		syscall(SYS_getppid);
}

static const struct operation operations[] = {
	{ "pipe", open_pipe, run_byte },
	{ "unix", open_unix, run_byte },
	{ "getppid", open_nothing, run_getppid },
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * A tenth of the batches was faster: interrupts, other tasks and the hypervisor's
 * other guests only ever add, and a minimum would be of one lucky batch.
 */
static double operation_measure(const struct operation *operation, double seconds, int count)
{
	static double batches[BATCHES_MAX];
	uint64_t end = time_ns() + (uint64_t)(seconds * 1e9), before, after;
	int ends[2], n = 0;

	operation->open(ends);
	operation->run(ends, count < BATCH ? count : BATCH);
	do {
		before = time_ns();
		operation->run(ends, count);
		after = time_ns();
		batches[n++] = (double)(after - before) / count;
	} while (after < end && n < BATCHES_MAX);
	if (ends[0] >= 0) {
		close(ends[0]);
		close(ends[1]);
	}
	qsort(batches, n, sizeof(batches[0]), compare);
	return batches[n / 10];
}

int bench_ops(int argc, char **argv)
{
	double seconds = argc > 0 ? atof(argv[0]) : 0.2;
	int count = argc > 1 ? atoi(argv[1]) : BATCH;

	cpu_pin(1);
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		printf("%s %.2f\n", operations[i].name, operation_measure(&operations[i], seconds, count));
	return 0;
}

/* So many events, each of one byte; says how many there were in a second. */
int bench_events(int argc, char **argv)
{
	int count = argc > 0 ? atoi(argv[0]) : 2000000;
	uint64_t began;
	int ends[2];

	cpu_pin(1);
	open_pipe(ends);
	began = time_ns();
	run_byte(ends, 2 * count);
	printf("%.0f\n", count / ((time_ns() - began) / 1e9));
	return 0;
}

/* Both kinds of channel in turns, as fast as one CPU goes. */
static void load_run(int number, double seconds)
{
	uint64_t end = time_ns() + (uint64_t)(seconds * 1e9), done = 0;
	int pipe_ends[2], unix_ends[2];

	cpu_pin(number);
	open_pipe(pipe_ends);
	open_unix(unix_ends);
	while (time_ns() < end) {
		run_byte(pipe_ends, BATCH);
		run_byte(unix_ends, BATCH);
		done += BATCH;
	}
	/* Each line is one write(2), and so none is torn by another's. */
	dprintf(STDOUT_FILENO, "%d pipe %llu\n%d unix-stream %llu\n", getpid(), (unsigned long long)done / 2,
		getpid(), (unsigned long long)done / 2);
}

int bench_load(int argc, char **argv)
{
	double seconds = argc > 0 ? atof(argv[0]) : 30;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	for (int i = 0; i < cpus; i++) {
		pid_t pid = fork();

		check(pid >= 0);
		if (!pid) {
			load_run(i, seconds);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
