// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command as time(1) would, and notes besides when it said a certain
 * thing on stderr, and the peak of its own memory apart from its children's.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static volatile sig_atomic_t child;

static void forward(int sig)
{
	if (child > 0)
		kill(child, sig);
}

static long peak_of(pid_t pid)
{
	char path[64], line[256];
	long peak = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "VmHWM: %ld", &peak) == 1)
			break;
	fclose(file);
	return peak;
}

static pid_t command_start(char **argv, int *ret_stderr)
{
	int ends[2];
	pid_t pid;

	check(!pipe2(ends, O_CLOEXEC));
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		dup2(ends[1], STDERR_FILENO);
		execvp(argv[0], argv);
		check_fail(argv[0], __FILE__, __LINE__);
	}
	close(ends[1]);
	*ret_stderr = ends[0];
	return pid;
}

struct watch {
	const char *line;
	uint64_t began, said;
	long peak;
};

/* Copies the command's stderr to ours until it is closed. */
static void command_watch(struct watch *watch, pid_t pid, int from)
{
	struct pollfd fd = { .fd = from, .events = POLLIN };
	char text[4096 + 1];
	size_t have = 0;

	for (;;) {
		long peak = peak_of(pid);
		ssize_t got;

		watch->peak = peak > watch->peak ? peak : watch->peak;
		if (poll(&fd, 1, 10) <= 0)
			continue;
		got = read(from, text + have, sizeof(text) - 1 - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return;
		check(write(STDERR_FILENO, text + have, got) == got);
		have += got;
		text[have] = '\0';
		if (!watch->said && strstr(text, watch->line))
			watch->said = time_ns();
		if (have > sizeof(text) / 2)
			have = 0;
	}
}

/* Writes a shell's assignments to FILE. */
int bench_run(int argc, char **argv)
{
	struct watch watch = { 0 };
	struct rusage usage;
	int from, status;
	FILE *file;
	pid_t pid;

	if (argc < 3)
		return 2;
	watch.line = argv[1];
	signal(SIGTERM, forward);
	signal(SIGINT, forward);
	watch.began = time_ns();
	pid = command_start(argv + 2, &from);
	child = pid;
	file = fopen(argv[0], "w");
	check(file);
	fprintf(file, "pid=%d\n", pid);
	fflush(file);
	command_watch(&watch, pid, from);
	while (wait4(pid, &status, 0, &usage) < 0)
		check(errno == EINTR);
	fprintf(file, "said_ms=%.0f\npeak_kib=%ld\npeak_all_kib=%ld\ncpu_ms=%.0f\n",
		watch.said ? (watch.said - watch.began) / 1e6 : -1, watch.peak, usage.ru_maxrss,
		usage.ru_utime.tv_sec * 1e3 + usage.ru_utime.tv_usec / 1e3 + usage.ru_stime.tv_sec * 1e3 +
			usage.ru_stime.tv_usec / 1e3);
	check(!fclose(file));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
