// SPDX-License-Identifier: GPL-2.0-only
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sandbox.h"
#include "text.h"

#define ERRORS_SIZE 512
#define WAITING_MS 50
/* The child's only descriptor above stderr. */
#define RESULT_FD 3
/* The last byte of a complete result: what a caller's SIGCHLD handler reaps has no status. */
#define END_MARK '\4'

struct child {
	pid_t pid;
	int out, err;
	char *data;
	size_t size, capacity;
	char errors[ERRORS_SIZE];
	size_t errors_size;
};

int fd_write(int fd, const void *data, size_t size)
{
	const char *bytes = data;

	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

static double clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Bytes of address space this process has: ring buffers and sanitizers map a lot. */
static size_t memory_used(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (!file)
		return 0;
	if (fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void limit_set(int resource, uint64_t limit)
{
	struct rlimit value;

	if (getrlimit(resource, &value) < 0)
		return;
	if (value.rlim_max == RLIM_INFINITY || limit < value.rlim_max)
		value = (struct rlimit){ .rlim_cur = limit, .rlim_max = limit };
	setrlimit(resource, &value);
}

static void child_limit(const struct child_limits *limits)
{
	sigset_t none;

	limit_set(RLIMIT_AS, memory_used() + limits->memory);
	limit_set(RLIMIT_CPU, (uint64_t)ceil(limits->seconds) + 1);
	limit_set(RLIMIT_CORE, 0);
	/* Ctrl-C at the terminal goes to us too; the parent decides what it means. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void child_main(int (*work)(void *context, int fd), void *context,
		       const struct child_limits *limits, pid_t parent, int out, int err)
{
	static const char mark = END_MARK;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int rc;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	/* Libraries print; the pipes are above 2 (child_pipe), so nothing gets lost here. */
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	child_limit(limits);
	if (out != RESULT_FD)
		dup2(out, RESULT_FD);
	rc = sandbox_enter(RESULT_FD);
	if (rc == 0)
		rc = work(context, RESULT_FD);
	if (rc == 0)
		rc = fd_write(RESULT_FD, &mark, 1);
	_exit(rc == 0 ? 0 : rc < -100 || rc > 0 ? 1 : -rc);
}

/* A pipe whose ends are not 0, 1 or 2, even where the caller has closed those. */
static int child_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		int fd = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
		int rc = fd < 0 ? -errno : 0;

		if (rc < 0) {
			close(fds[0]);
			close(fds[1]);
			return rc;
		}
		close(fds[i]);
		fds[i] = fd;
	}
	return 0;
}

static int child_start(struct child *child, int (*work)(void *context, int fd), void *context,
		       const struct child_limits *limits)
{
	pid_t parent = getpid();
	int out[2], err[2], rc;

	rc = child_pipe(out);
	if (rc < 0)
		return rc;
	rc = child_pipe(err);
	if (rc < 0) {
		close(out[0]);
		close(out[1]);
		return rc;
	}
	*child = (struct child){ .out = out[0], .err = err[0] };
	child->pid = fork();
	if (child->pid == 0)
		child_main(work, context, limits, parent, out[1], err[1]);
	rc = child->pid < 0 ? -errno : 0;
	close(out[1]);
	close(err[1]);
	if (rc < 0) {
		close(out[0]);
		close(err[0]);
	}
	return rc;
}

/* Returns what read() did; a negative errno when there is no memory. */
static ssize_t child_read_out(struct child *child)
{
	ssize_t n;

	if (child->capacity - child->size < 65536) {
		size_t capacity = child->capacity ? 2 * child->capacity : 1 << 18;
		char *data = realloc(child->data, capacity);

		if (!data)
			return -ENOMEM;
		child->data = data;
		child->capacity = capacity;
	}
	n = read(child->out, child->data + child->size, child->capacity - child->size);
	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	child->size += (size_t)n;
	return n;
}

/* Keeps the beginning and throws away the rest, so that the child is never stuck. */
static ssize_t child_read_err(struct child *child)
{
	char bytes[4096];
	size_t room = sizeof(child->errors) - child->errors_size;
	ssize_t n = read(child->err, bytes, sizeof(bytes));

	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	if ((size_t)n < room)
		room = (size_t)n;
	memcpy(child->errors + child->errors_size, bytes, room);
	child->errors_size += room;
	return n;
}

/* Until the child has closed its pipe, or the deadline: 0, -ETIME, -ENOMEM. */
static int child_read(struct child *child, const struct child_limits *limits)
{
	double begin = clock_now(), deadline = begin + limits->seconds;
	int most = limits->waiting ? WAITING_MS : 60000;
	struct pollfd fds[] = {
		{ .fd = child->out, .events = POLLIN },
		{ .fd = child->err, .events = POLLIN },
	};

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		double left = deadline - clock_now();
		ssize_t n;

		if (left <= 0)
			return -ETIME;
		if (poll(fds, 2, (int)fmin(ceil(left * 1000), most)) <= 0) {
			if (limits->waiting)
				limits->waiting(limits->context, clock_now() - begin);
			continue;
		}
		if (fds[0].revents) {
			n = child_read_out(child);
			if (n == -ENOMEM)
				return -ENOMEM;
			if (n <= 0)
				fds[0].fd = -1;
		}
		if (fds[1].revents && child_read_err(child) <= 0)
			fds[1].fd = -1;
	}
	return 0;
}

static void child_explain(const struct child *child, const char *how, char **ret_error)
{
	size_t len = child->errors_size;
	char line[ERRORS_SIZE], *clean;

	memcpy(line, child->errors, len);
	for (size_t i = 0; i < len; i++) {
		if (line[i] == '\n' || line[i] == '\r' || line[i] == '\t')
			line[i] = ' ';
	}
	while (len > 0 && line[len - 1] == ' ')
		len--;
	clean = text_clean(line, len);
	if (asprintf(ret_error, "%s%s%s", how, clean && *clean ? ": " : "", clean ? clean : "") < 0)
		*ret_error = NULL;
	free(clean);
}

/* How it ended, as a negative errno and in words. */
static int child_verdict(struct child *child, int rc, int status, char **ret_error)
{
	char how[96];

	if (rc == -ETIME || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)) {
		rc = -ETIME;
		snprintf(how, sizeof(how), "took too long");
	} else if (rc == -ENOMEM) {
		snprintf(how, sizeof(how), "out of memory");
	} else if (WIFSIGNALED(status)) {
		rc = -ECHILD;
		snprintf(how, sizeof(how), "crashed (%s)", strsignal(WTERMSIG(status)));
	} else if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
		rc = -WEXITSTATUS(status);
		snprintf(how, sizeof(how), "failed (%s)", strerror(-rc));
	} else if (child->size == 0 || child->data[child->size - 1] != END_MARK) {
		rc = -ECHILD;
		snprintf(how, sizeof(how), "ended early");
	} else {
		return 0;
	}
	child_explain(child, how, ret_error);
	return rc;
}

int child_run(int (*work)(void *context, int fd), void *context, const struct child_limits *limits,
	      char **ret_data, size_t *ret_size, char **ret_error)
{
	struct child child;
	int status = 0, rc;

	rc = child_start(&child, work, context, limits);
	if (rc < 0) {
		if (asprintf(ret_error, "cannot start a process: %s", strerror(-rc)) < 0)
			*ret_error = NULL;
		return rc;
	}
	rc = child_read(&child, limits);
	close(child.out);
	close(child.err);
	if (rc < 0)
		kill(child.pid, SIGKILL);
	while (waitpid(child.pid, &status, 0) < 0) {
		if (errno == EINTR)
			continue;
		status = 0;
		break;
	}
	rc = child_verdict(&child, rc, status, ret_error);
	if (rc < 0) {
		free(child.data);
		return rc;
	}
	child.data[child.size - 1] = '\0';
	*ret_data = child.data;
	*ret_size = child.size - 1;
	return 0;
}
