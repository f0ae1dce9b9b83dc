// SPDX-License-Identifier: GPL-2.0-only
/* Output files: complete or not at all, and nothing left behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cmocka.h>

#include "output.h"

static char folder[] = "/tmp/ipcmap-output.XXXXXX";

static int folder_make(void **state)
{
	(void)state;
	strcpy(strrchr(folder, '.'), ".XXXXXX");
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "chmod 755 %s; rm -rf %s", folder, folder);
	return chdir("/") || system(command) ? -1 : 0;
}

/* How many names are in the folder. */
static int folder_count(void)
{
	DIR *dir = opendir(".");
	int count = -2; /* . and .. */

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void file_put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void assert_file(const char *path, const char *text)
{
	char got[256] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	got[fread(got, 1, sizeof(got) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(got, text);
}

static struct output_file *open_good(const char *path)
{
	struct output_file *file = NULL;
	char *error = NULL;
	int err = output_open(path, &file, &error);

	if (err)
		fail_msg("%s", error);
	return file;
}

static void commit_good(struct output_file *file, const char *text)
{
	char *error = NULL;

	if (output_commit(file, text, strlen(text), &error))
		fail_msg("%s", error);
}

/* Opening fails with err and one line that names the path and holds word. */
static void assert_refused(const char *path, int err, const char *word)
{
	struct output_file *file = (void *)1;
	char *error = NULL;
	int got = output_open(path, &file, &error);

	assert_int_equal(got, err);
	assert_ptr_equal(file, (void *)1);
	assert_non_null(error);
	if (!strstr(error, path) || !strstr(error, word) || strchr(error, '\n'))
		fail_msg("%s", error);
	free(error);
}

static void test_new_file(void **state)
{
	struct output_file *file = open_good("a.svg");
	struct stat st;

	(void)state;
	assert_int_equal(access("a.svg", F_OK), -1);
	umask(027);
	commit_good(file, "one");
	assert_file("a.svg", "one");
	file = open_good("b.svg");
	commit_good(file, "");
	umask(022);
	assert_int_equal(stat("b.svg", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	/* Who may read it stays as it was. */
	assert_int_equal(chmod("b.svg", 0600), 0);
	commit_good(open_good("b.svg"), "two");
	assert_int_equal(stat("b.svg", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(folder_count(), 2);
}

static void test_replace(void **state)
{
	struct output_file *file;

	(void)state;
	file_put("a.svg", "old");
	file = open_good("a.svg");
	assert_file("a.svg", "old");
	output_discard(file);
	assert_file("a.svg", "old");
	file = open_good("a.svg");
	commit_good(file, "new");
	assert_file("a.svg", "new");
	assert_int_equal(folder_count(), 1);
	output_discard(NULL);
}

static void test_links(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(mkdir("sub", 0755), 0);
	assert_int_equal(symlink("sub/link2.svg", "link.svg"), 0);
	assert_int_equal(symlink("real.svg", "sub/link2.svg"), 0);
	commit_good(open_good("link.svg"), "dangling");
	assert_file("sub/real.svg", "dangling");
	commit_good(open_good("link.svg"), "again");
	assert_file("sub/real.svg", "again");
	assert_int_equal(lstat("link.svg", &st), 0);
	assert_true(S_ISLNK(st.st_mode));

	assert_int_equal(symlink("loop.svg", "loop.svg"), 0);
	assert_refused("loop.svg", -ELOOP, "symbolic links");
	assert_int_equal(symlink("/dev/null", "null.svg"), 0);
	commit_good(open_good("null.svg"), "gone");
	assert_int_equal(lstat("null.svg", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void test_refused(void **state)
{
	(void)state;
	file_put("file", "");
	assert_int_equal(mkdir("sub.svg", 0755), 0);
	assert_int_equal(mkdir("locked", 0555), 0);
	assert_refused("no/x.svg", -ENOENT, "no folder 'no'");
	assert_refused("file/x.svg", -ENOTDIR, "irectory");
	assert_refused("sub.svg", -EISDIR, "folder");
	assert_refused("sub.svg/", -EISDIR, "folder");
	if (geteuid())
		assert_refused("locked/x.svg", -EACCES, "'locked'");
	assert_int_equal(folder_count(), 3);
}

static void test_fifo(void **state)
{
	char text[8] = "";
	struct output_file *file;
	int reader;

	(void)state;
	assert_int_equal(mkfifo("fifo.svg", 0644), 0);
	assert_refused("fifo.svg", -ENXIO, "reader");
	reader = open("fifo.svg", O_RDONLY | O_NONBLOCK);
	file = open_good("fifo.svg");
	commit_good(file, "bytes");
	assert_int_equal(read(reader, text, sizeof(text)), 5);
	assert_string_equal(text, "bytes");
	close(reader);
	assert_int_equal(folder_count(), 1);
}

/* A descriptor is written where it stands, not from its start. */
static void test_descriptor(void **state)
{
	int fd = open("log", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	char path[32];

	(void)state;
	assert_int_equal(write(fd, "head ", 5), 5);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	commit_good(open_good(path), "tail");
	close(fd);
	assert_file("log", "head tail");
	assert_refused(path, -EBADF, "Bad file descriptor");
}

static void test_broken_pipe(void **state)
{
	struct output_file *file;
	char path[32], *error = NULL;
	int fds[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[1]);
	file = open_good(path);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(output_commit(file, "x", 1, &error), -EPIPE);
	free(error);
}

/* A pipe that takes a little at a time, and does not wait. */
static void test_slow_reader(void **state)
{
	enum { SIZE = 1 << 20 };
	char *data = malloc(SIZE), *got = malloc(SIZE), path[32], *error = NULL;
	struct output_file *file;
	size_t len = 0;
	ssize_t part;
	int fds[2];
	pid_t child;

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		data[i] = i * 7 % 251;
	assert_int_equal(pipe(fds), 0);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	child = fork();
	if (!child) {
		close(fds[0]);
		snprintf(path, sizeof(path), "/dev/fd/%d", fds[1]);
		file = open_good(path);
		_exit(output_commit(file, data, SIZE, &error) ? 1 : 0);
	}
	close(fds[1]);
	while ((part = read(fds[0], got + len, SIZE - len)) > 0)
		len += part;
	assert_int_equal(len, SIZE);
	assert_memory_equal(data, got, SIZE);
	close(fds[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	free(data);
	free(got);
}

/* As on a full disk: the old file stays, and nothing beside it. */
static void test_too_big(void **state)
{
	static char data[100000];
	struct rlimit old, limit = { 50000, RLIM_INFINITY };
	struct output_file *file;
	char *error = NULL;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	file_put("a.svg", "old");
	getrlimit(RLIMIT_FSIZE, &old);
	limit.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	file = open_good("a.svg");
	assert_int_equal(output_commit(file, data, sizeof(data), &error), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_non_null(strstr(error, "a.svg"));
	free(error);
	assert_file("a.svg", "old");
	assert_int_equal(folder_count(), 1);
}

static void test_long_name(void **state)
{
	char name[256];

	(void)state;
	memset(name, 'n', sizeof(name));
	strcpy(name + 251, ".svg");
	commit_good(open_good(name), "x");
	assert_file(name, "x");
	assert_int_equal(folder_count(), 1);
}

/* From here on the process has no O_TMPFILE, as on a filesystem without it. */
static void tmpfile_forbid(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_TMPFILE & ~O_DIRECTORY, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(filter) / sizeof(filter[0]), .filter = filter };

	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/* Runs last: the filter stays. */
static void test_without_tmpfile(void **state)
{
	struct output_file *file;
	int status;

	(void)state;
	tmpfile_forbid();
	assert_int_equal(open(".", O_TMPFILE | O_WRONLY, 0600), -1);
	file_put("a.svg", "old");
	file = open_good("a.svg");
	assert_int_equal(folder_count(), 2);
	output_discard(file);
	assert_int_equal(folder_count(), 1);
	commit_good(open_good("a.svg"), "new");
	assert_file("a.svg", "new");
	assert_int_equal(folder_count(), 1);

	/* What a signal handler does. */
	if (!fork()) {
		open_good("a.svg");
		open_good("b.svg");
		if (folder_count() != 3)
			_exit(2);
		output_remove_all();
		_exit(folder_count() == 1 ? 0 : 1);
	}
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
	assert_file("a.svg", "new");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_new_file, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_replace, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_links, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_refused, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_fifo, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_descriptor, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_broken_pipe, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_slow_reader, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_too_big, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_long_name, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_without_tmpfile, folder_make, folder_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
