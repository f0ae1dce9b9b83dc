// SPDX-License-Identifier: GPL-2.0-only
/*
 * stress forks N: N processes, each of which writes one byte into a pipe that the first one
 * reads. stress sockets N: N UNIX sockets in pairs, held by many processes, of which ten pairs
 * carry ten bytes each once a line came on stdin; says "ready" when all are there. stress
 * passing SECONDS [exec]: a hundred processes a second, one after the other, that end without a
 * signal to anybody, or with one, as whoever has called exec; says how many.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE 64
#define TALKING 10
#define HELD 9000 /* pairs of a process: a usual limit of descriptors is 20,000 */

#define check(condition) ((condition) ? (void)0 : check_fail(#condition, __LINE__))

_Noreturn static void check_fail(const char *what, int line)
{
	fprintf(stderr, "stress: line %d: %s: %s\n", line, what, strerror(errno));
	exit(1);
}

static void forks(long count)
{
	long begun = 0, ended = 0;
	int ends[2];
	char byte;

	check(!pipe(ends));
	prctl(PR_SET_NAME, "st-reader");
	while (ended < count) {
		for (; begun < count && begun - ended < AT_ONCE; begun++) {
			pid_t pid = fork();

			check(pid >= 0);
			if (!pid) {
				prctl(PR_SET_NAME, "st-writer");
				_exit(write(ends[1], "x", 1) != 1);
			}
		}
		check(read(ends[0], &byte, 1) == 1);
		check(wait(NULL) > 0);
		ended++;
	}
}

static void pairs_open(int (*pairs)[2], long count)
{
	for (long i = 0; i < count; i++)
		check(!socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]));
}

/* Holds so many pairs more; the writer, which is the first, answers over those that talk. */
static void holder(int (*talking)[2], bool is_writer, long pairs, int told)
{
	int (*held)[2] = calloc(pairs, sizeof(*held));
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, is_writer ? "st-writer" : "st-holder");
	check(held);
	pairs_open(held, pairs);
	check(write(told, "r", 1) == 1);
	for (int i = 0; is_writer && i < TALKING; i++)
		check(read(talking[i][0], &byte, 1) == 1);
	for (int i = 0; is_writer && i < TALKING; i++)
		check(write(talking[i][0], "ten bytes.", 10) == 10);
	pause();
	_exit(0);
}

static void sockets(long count)
{
	long left = count / 2 - TALKING, holders = (left + HELD - 1) / HELD;
	pid_t *pids = calloc(holders, sizeof(*pids));
	int talking[TALKING][2], told[2];
	char bytes[10];

	check(pids && holders > 0);
	pairs_open(talking, TALKING);
	check(!pipe(told));
	prctl(PR_SET_NAME, "st-reader");
	for (long i = 0; i < holders; i++, left -= HELD) {
		pids[i] = fork();
		check(pids[i] >= 0);
		if (!pids[i])
			holder(talking, !i, left < HELD ? left : HELD, told[1]);
		check(read(told[0], bytes, 1) == 1);
	}
	printf("ready %d\n", getpid());
	fflush(stdout);
	check(read(STDIN_FILENO, bytes, 1) == 1);
	for (int i = 0; i < TALKING; i++)
		check(write(talking[i][1], bytes, 1) == 1);
	for (int i = 0; i < TALKING; i++)
		check(read(talking[i][1], bytes, sizeof(bytes)) == sizeof(bytes));
	printf("done\n");
	fflush(stdout);
	check(read(STDIN_FILENO, bytes, 1) >= 0);
	for (long i = 0; i < holders; i++)
		check(!kill(pids[i], SIGTERM) && waitpid(pids[i], NULL, 0) == pids[i]);
}

static int pass(void *exec)
{
	if (exec)
		execl("/proc/self/exe", "passing", "nothing", NULL);
	_exit(!!exec);
}

static void passing(long seconds, char *exec)
{
	static char stack[65536] __attribute__((aligned(16)));
	const struct timespec pause = { .tv_nsec = 10000000 };
	time_t end = time(NULL) + seconds;
	long count = 0;
	int status;

	for (; time(NULL) < end; count++) {
		pid_t pid = clone(pass, stack + sizeof(stack), 0, exec);

		check(pid > 0 && waitpid(pid, &status, __WALL) == pid && !status);
		nanosleep(&pause, NULL);
	}
	printf("%ld\n", count);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "forks"))
		forks(atol(argv[2]));
	else if (argc == 3 && !strcmp(argv[1], "sockets"))
		sockets(atol(argv[2]));
	else if ((argc == 3 || argc == 4) && !strcmp(argv[1], "passing"))
		passing(atol(argv[2]), argv[3]);
	else
		return argc != 2 || strcmp(argv[1], "nothing") ? 2 : 0;
	return 0;
}
