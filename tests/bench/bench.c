// SPDX-License-Identifier: GPL-2.0-only
/* What bench.sh cannot do in a shell: the operations, the crowd, the measuring. */
#include "bench.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/empty.skel.h"

void check_fail(const char *what, const char *file, int line)
{
	fprintf(stderr, "bench: %s:%d: %s: %s\n", file, line, what, strerror(errno));
	exit(1);
}

uint64_t time_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* The n-th of the CPUs that this process may use. */
void cpu_pin(int number)
{
	cpu_set_t allowed, one;

	check(!sched_getaffinity(0, sizeof(allowed), &allowed));
	number %= CPU_COUNT(&allowed);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed) || number--)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		check(!sched_setaffinity(0, sizeof(one), &one));
		return;
	}
}

/* `empty`: the empty program on tp_btf/sys_exit, until a signal. */
int bench_empty(int argc, char **argv)
{
	struct empty *skeleton = empty__open_and_load();
	sigset_t set;
	int sig;

	(void)argc, (void)argv;
	check(skeleton);
	check(!empty__attach(skeleton));
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fputs("attached\n", stderr);
	sigwait(&set, &sig);
	empty__destroy(skeleton);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name, *help;
		int (*run)(int argc, char **argv);
	} commands[] = {
		{ "ops", "SECONDS [COUNT]: ns per operation (COUNT: so many, in one batch)", bench_ops },
		{ "events", "COUNT: so many one-byte events; prints how many in a second", bench_events },
		{ "load", "SECONDS: full load; prints how many operations each process did", bench_load },
		{ "crowd", "PROCESSES CHANNELS: each to the next, until SIGTERM", bench_crowd },
		{ "empty", "the empty program on sys_exit, until SIGTERM", bench_empty },
		{ "run", "FILE LINE COMMAND...: what it costs; when it says LINE on stderr", bench_run },
	};

	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 2, argv + 2);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(stderr, "bench %s %s\n", commands[i].name, commands[i].help);
	return 2;
}
