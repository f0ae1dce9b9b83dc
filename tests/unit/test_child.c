// SPDX-License-Identifier: GPL-2.0-only
#include "sample.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "../../src/child.h"

static const struct child_limits limits = { .seconds = 20, .memory = (size_t)512 << 20 };

static int work_write(void *context, int fd)
{
	size_t size = *(size_t *)context;
	char *data = malloc(size + 1);
	int rc;

	memset(data, 'x', size);
	printf("this goes nowhere\n");
	fflush(stdout);
	rc = fd_write(fd, data, size);
	free(data);
	return rc;
}

static int work_fail(void *context, int fd)
{
	(void)context;
	(void)fd_write(fd, "half", 4);
	fprintf(stderr, "Error: \033[1mbad\033[0m\nthing\n");
	return -EINVAL;
}

static int work_abort(void *context, int fd)
{
	(void)context;
	(void)fd;
	fprintf(stderr, "heap is broken\n");
	raise(SIGKILL);
	return 0;
}

static int work_exit(void *context, int fd)
{
	(void)context;
	(void)fd_write(fd, "half", 4);
	/* what Graphviz does when a write fails */
	_exit(0);
}

static int work_hang(void *context, int fd)
{
	(void)context;
	(void)fd;
	for (;;)
		pause();
	return 0;
}

static int work_talk(void *context, int fd)
{
	(void)context;
	(void)fd;
	for (int i = 0; i < 100000; i++)
		fprintf(stderr, "warning %d\n", i);
	return -EIO;
}

static int work_eat(void *context, int fd)
{
	/* volatile: or the compiler sees that nobody looks at the memory */
	char *volatile memory = malloc((size_t)1 << 30);

	(void)context;
	(void)fd;
	return memory ? 0 : -ENOMEM;
}

static void test_result(void **state)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 3000001 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i], got = 0;
		char *data = NULL, *error = NULL;

		assert_int_equal(child_run(work_write, &size, &limits, &data, &got, &error), 0);
		assert_int_equal(got, size);
		for (size_t j = 0; j < got; j++)
			assert_int_equal(data[j], 'x');
		free(data);
	}
}

static void check_failure(int (*work)(void *, int), double seconds, int rc, const char *words)
{
	struct child_limits some = limits;
	char *data = NULL, *error = NULL;
	size_t size = 0;

	some.seconds = seconds;
	assert_int_equal(child_run(work, NULL, &some, &data, &size, &error), rc);
	assert_null(data);
	assert_non_null(error);
	assert_null(strpbrk(error, "\n\033"));
	assert_true(strlen(error) < 2600);
	if (!strstr(error, words))
		fail_msg("%s", error);
	free(error);
}

static void test_failures(void **state)
{
	(void)state;
	check_failure(work_fail, 20, -EINVAL, "Error: \\x1b[1mbad\\x1b[0m thing");
	check_failure(work_abort, 20, -ECHILD, "crashed (Killed): heap is broken");
	check_failure(work_exit, 20, -ECHILD, "ended early");
	check_failure(work_hang, 0.2, -ETIME, "took too long");
	check_failure(work_talk, 20, -EIO, "warning 0 warning 1");
	check_failure(work_hang, -1, -ETIME, "took too long");
}

static void test_memory(void **state)
{
	(void)state;
#ifdef __SANITIZE_ADDRESS__
	/* Its malloc() does not return NULL, it ends the process. */
	skip();
#endif
	if (getenv("VALGRIND"))
		skip();
	check_failure(work_eat, 20, -ENOMEM, "");
}

static void test_closed_stdio(void **state)
{
	size_t size = 7, got = 0;
	char *data = NULL, *error = NULL;
	int in = dup(0), rc;

	(void)state;
	close(0);
	rc = child_run(work_write, &size, &limits, &data, &got, &error);
	dup2(in, 0);
	close(in);
	assert_int_equal(rc, 0);
	assert_int_equal(got, 7);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_result),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_closed_stdio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
