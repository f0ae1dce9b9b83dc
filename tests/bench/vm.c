// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inside the guest of `make bench-vm`, where a nanosecond is an instruction: what an
 * operation costs, which hooks are in use, and an empty program on each of these.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vm_hooks.h"

#define BATCH 100 /* operations: less than what lies between two ticks of the timer */
#define BATCHES 101

#define check(condition) ((condition) ? (void)0 : check_fail(#condition, __LINE__))

static _Noreturn void check_fail(const char *what, int line)
{
	fprintf(stderr, "vm.c:%d: %s: %s\n", line, what, strerror(errno));
	exit(1);
}

struct operation {
	const char *name;
	void (*open)(int ends[2]);
	void (*run)(const int ends[2]);
	int events; /* that ipcmap sees of one */
};

static void open_pipe(int ends[2])
{
	check(!pipe(ends));
}

/* Another process has written to it, too: of each byte it is kept whose it is. */
static void open_shared_pipe(int ends[2])
{
	char bytes[2];
	pid_t other;

	check(!pipe(ends));
	check(write(ends[1], bytes, 1) == 1);
	other = fork();
	check(other >= 0);
	if (!other)
		_exit(write(ends[1], bytes, 1) != 1);
	check(waitpid(other, NULL, 0) == other);
	check(read(ends[0], bytes, 2) == 2);
}

/* No channel, but two mutexes of the kernel's that are no pipe's. */
static void open_epoll(int ends[2])
{
	struct epoll_event event = { .events = EPOLLIN };

	ends[0] = epoll_create1(0);
	ends[1] = epoll_create1(0);
	check(ends[0] >= 0 && ends[1] >= 0);
	check(!epoll_ctl(ends[0], EPOLL_CTL_ADD, ends[1], &event));
}

static void open_unix(int ends[2])
{
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}

static void open_tcp(int ends[2])
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	check(listener >= 0 && !bind(listener, (struct sockaddr *)&address, len) && !listen(listener, 1));
	check(!getsockname(listener, (struct sockaddr *)&address, &len));
	ends[1] = socket(AF_INET, SOCK_STREAM, 0);
	check(ends[1] >= 0 && !connect(ends[1], (struct sockaddr *)&address, len));
	ends[0] = accept(listener, NULL, NULL);
	check(ends[0] >= 0);
	/* Each byte is a segment, and none waits for the answer to the one before. */
	check(!setsockopt(ends[1], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
	close(listener);
}

static void signal_take(int sig)
{
	(void)sig;
}

static void open_signal(int ends[2])
{
	struct sigaction action = { .sa_handler = signal_take };

	ends[0] = ends[1] = -1;
	check(!sigaction(SIGUSR1, &action, NULL));
}

static void open_nothing(int ends[2])
{
	ends[0] = ends[1] = -1;
}

static void run_byte(const int ends[2])
{
	char byte = 0;

	check(write(ends[1], &byte, 1) == 1);
	check(read(ends[0], &byte, 1) == 1);
}

/* Its handler's return is a system call, too: every delivered signal's is. */
static void run_signal(const int ends[2])
{
	(void)ends;
	check(!kill(getpid(), SIGUSR1));
}

static void run_getppid(const int ends[2])
{
	(void)ends;
	syscall(SYS_getppid);
}

static void run_epoll(const int ends[2])
{
	struct epoll_event event = { .events = EPOLLIN };

	check(!epoll_ctl(ends[0], EPOLL_CTL_MOD, ends[1], &event));
}

static const struct operation operations[] = {
	{ "pipe", open_pipe, run_byte, 2 },
	{ "shared-pipe", open_shared_pipe, run_byte, 2 },
	{ "unix-stream", open_unix, run_byte, 2 },
	{ "tcp", open_tcp, run_byte, 2 },
	{ "signal", open_signal, run_signal, 1 },
	{ "getppid", open_nothing, run_getppid, 0 },
	{ "epoll_ctl", open_epoll, run_epoll, 0 },
};

static uint64_t time_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The median: a batch with a tick of the timer is dearer, one without its acknowledgement cheaper. */
static double operation_measure(const struct operation *operation)
{
	uint64_t batches[BATCHES], before;
	int ends[2];

	operation->open(ends);
	for (int i = 0; i < BATCH; i++)
		operation->run(ends);
	for (int n = 0; n < BATCHES; n++) {
		before = time_ns();
		for (int i = 0; i < BATCH; i++)
			operation->run(ends);
		batches[n] = time_ns() - before;
	}
	if (ends[0] >= 0) {
		close(ends[0]);
		close(ends[1]);
	}
	qsort(batches, BATCHES, sizeof(batches[0]), compare);
	return (double)batches[BATCHES / 2] / BATCH;
}

static int command_ops(void)
{
	unsigned long events = 0;

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		printf("%s %.2f\n", operations[i].name, operation_measure(&operations[i]));
		events += operations[i].events * (BATCHES + 1) * BATCH;
	}
	printf("events %lu\n", events);
	return 0;
}

/* Attaches them all, and stays until a signal comes. */
static int command_empty(int count, char **hooks)
{
	sigset_t set;
	int sig;

	for (int i = 0; i < count; i++) {
		int error = hook_attach_empty(hooks[i]);

		if (error) {
			fprintf(stderr, "%s: %s\n", hooks[i], strerror(-error));
			return 1;
		}
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fputs("attached\n", stderr);
	sigwait(&set, &sig);
	return 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOFBF, 4096);
	if (argc == 2 && !strcmp(argv[1], "ops"))
		return command_ops();
	if (argc == 2 && !strcmp(argv[1], "hooks"))
		return hooks_print() ? 1 : 0;
	if (argc > 2 && !strcmp(argv[1], "empty"))
		return command_empty(argc - 2, argv + 2);
	fputs("usage: vm ops | hooks | empty HOOK...\n", stderr);
	return 2;
}
