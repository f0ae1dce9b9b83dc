// SPDX-License-Identifier: GPL-2.0-only
/* What a child that draws can't do. */
#include "sample.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/child.h"

static const struct child_limits limits = { .seconds = 20, .memory = (size_t)512 << 20 };

static int parents_fd;

static bool refused(long result)
{
	return result == -1 && (errno == ENOSYS || errno == EPERM);
}

static bool can_write_file(void)
{
	return !refused(open("/tmp/ipcmap-sandbox", O_WRONLY | O_CREAT, 0600));
}

static bool can_truncate(void)
{
	return !refused(open("/dev/null", O_RDONLY | O_TRUNC));
}

static bool can_make_nameless(void)
{
	return !refused(open("/tmp", O_TMPFILE | O_RDWR, 0600));
}

static bool can_remove(void)
{
	return !refused(unlink("/tmp/ipcmap-sandbox"));
}

static bool can_rename(void)
{
	return !refused(rename("/tmp/ipcmap-sandbox", "/tmp/ipcmap-sandbox2"));
}

static bool can_chmod(void)
{
	return !refused(chmod("/tmp/ipcmap-sandbox", 0777));
}

static bool can_talk(void)
{
	return !refused(socket(AF_UNIX, SOCK_STREAM, 0)) || !refused(socket(AF_INET, SOCK_STREAM, 0));
}

static bool can_exec(void)
{
	return !refused(execl("/bin/true", "true", NULL));
}

static bool can_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return !refused(pid);
}

static bool can_kill_others(void)
{
	return !refused(kill(getppid(), 0)) || !refused(kill(1, 0)) || !refused(kill(-1, 0));
}

static bool can_trace(void)
{
	return !refused(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static bool can_raise_limits(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	return !refused(setrlimit(RLIMIT_AS, &limit));
}

static bool has_parents_descriptors(void)
{
	return fcntl(parents_fd, F_GETFD) != -1 || fcntl(4, F_GETFD) != -1;
}

static const struct {
	const char *what;
	bool (*can)(void);
} deeds[] = {
	{ "write a file", can_write_file },
	{ "truncate a file", can_truncate },
	{ "make a nameless file", can_make_nameless },
	{ "remove a file", can_remove },
	{ "rename a file", can_rename },
	{ "change a mode", can_chmod },
	{ "make a socket", can_talk },
	{ "start a program", can_exec },
	{ "fork", can_fork },
	{ "signal others", can_kill_others },
	{ "trace its parent", can_trace },
	{ "raise its limits", can_raise_limits },
	{ "use the parent's descriptors", has_parents_descriptors },
};

static int work_deeds(void *context, int fd)
{
	(void)context;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		if (deeds[i].can())
			dprintf(fd, "%s; ", deeds[i].what);
	}
	return 0;
}

static char *child_says(int (*work)(void *context, int fd))
{
	char *data = NULL, *error = NULL;
	size_t size = 0;

	if (child_run(work, NULL, &limits, &data, &size, &error))
		fail_msg("%s", error);
	return data;
}

static void test_deeds(void **state)
{
	char *text;

	(void)state;
	parents_fd = fcntl(STDIN_FILENO, F_DUPFD, 10);
	assert_true(parents_fd >= 10);
	text = child_says(work_deeds);
	assert_string_equal(text, "");
	free(text);
	close(parents_fd);
}

/* The lines of /proc/self/status about capabilities and filters. */
static int work_status(void *context, int fd)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];

	(void)context;
	while (file && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "Cap", 3) || !strncmp(line, "NoNewPrivs", 10) ||
		    !strncmp(line, "Seccomp:", 8))
			dprintf(fd, "%s", line);
	}
	return file ? fclose(file) : -errno;
}

static void test_status(void **state)
{
	char *text = child_says(work_status);

	(void)state;
	assert_non_null(strstr(text, "CapInh:\t0000000000000000\n"));
	assert_non_null(strstr(text, "CapPrm:\t0000000000000000\n"));
	assert_non_null(strstr(text, "CapEff:\t0000000000000000\n"));
	assert_non_null(strstr(text, "CapAmb:\t0000000000000000\n"));
	assert_non_null(strstr(text, "NoNewPrivs:\t1\n"));
	assert_non_null(strstr(text, "Seccomp:\t2\n"));
	free(text);
}

static void *thread_main(void *context)
{
	*(int *)context = 1;
	return NULL;
}

/* What libraries need: files to read, memory, threads. */
static int work_library(void *context, int fd)
{
	pthread_t thread;
	int ran = 0;
	FILE *file = fopen("/etc/passwd", "r");
	char *memory = malloc(1 << 24);

	(void)context;
	if (!file || !memory || fgetc(file) == EOF || pthread_create(&thread, NULL, thread_main, &ran) ||
	    pthread_join(thread, NULL) || !ran)
		return -errno;
	fclose(file);
	free(memory);
	return fd_write(fd, "well", 4);
}

static int work_abort(void *context, int fd)
{
	(void)context;
	(void)fd;
	signal(SIGABRT, SIG_DFL);
	abort();
}

static void test_library(void **state)
{
	char *text = child_says(work_library), *data = NULL, *error = NULL;
	size_t size;

	(void)state;
	assert_string_equal(text, "well");
	free(text);
	assert_int_equal(child_run(work_abort, NULL, &limits, &data, &size, &error), -ECHILD);
	assert_non_null(strstr(error, "crashed (Aborted)"));
	free(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deeds),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
