// SPDX-License-Identifier: GPL-2.0-only
/* Who is forgotten while a trace goes on, and who never is. */
#include "world.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/forget.h"

#define NOW (100 * 1000000000ULL)

/* A child that has ended, and was not waited for. */
static pid_t zombie_new(void)
{
	siginfo_t info;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		_exit(0);
	assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	return pid;
}

/* A number that is nobody's: that of a child that was waited for. */
static pid_t number_free(void)
{
	pid_t pid = zombie_new();

	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(kill(pid, 0), -1);
	return pid;
}

/* Processes are told apart by their start: all of those here have one number. */
static struct capture_process *process_add(struct capture *capture, pid_t pid, uint64_t start)
{
	struct capture_process *process = capture_process(capture, pid, start);

	process->exited = true;
	process->ended = NOW - 1;
	process->exe = strdup("/usr/bin/true");
	process->cgroup = strdup("/a");
	process->cmdline = strdup("true");
	return process;
}

static size_t forget(struct capture *capture)
{
	forget_begin(capture, NOW);
	return forget_end(capture);
}

static bool is_there(const struct capture *capture, pid_t pid, uint64_t start)
{
	return capture_find_process(capture, (struct process_key){ .tgid = pid, .start = start });
}

static void test_ended(void **state)
{
	struct capture capture = { 0 };
	pid_t pid = number_free(), waits = zombie_new();

	(void)state;
	process_add(&capture, pid, 1);
	process_add(&capture, pid, 2)->exited = false; /* its end was not told */
	process_add(&capture, waits, 3);
	process_add(&capture, getpid(), 4); /* the number is another's */
	assert_int_equal(forget(&capture), 1);
	assert_false(is_there(&capture, pid, 1));
	assert_true(is_there(&capture, pid, 2));
	assert_true(is_there(&capture, waits, 3));
	assert_true(is_there(&capture, getpid(), 4));
	assert_int_equal(waitpid(waits, NULL, 0), waits);
	assert_int_equal(forget(&capture), 1);
	assert_false(is_there(&capture, waits, 3));
	capture_done(&capture);
}

/* They may have written what is read in the window. */
static void test_older(void **state)
{
	struct capture capture = { .started = 30, .boottime_offset = 20 };
	pid_t pid = number_free();

	(void)state;
	process_add(&capture, pid, 49);
	process_add(&capture, pid, 50);
	assert_int_equal(forget(&capture), 1);
	assert_true(is_there(&capture, pid, 49));
	assert_false(is_there(&capture, pid, 50));
	capture_done(&capture);
}

/* Of another pid namespace: a minute after it ended. */
static void test_no_number(void **state)
{
	struct capture capture = { 0 };

	(void)state;
	capture.nested = true;
	process_add(&capture, 7, 1)->ended = 39 * 1000000000ULL;
	process_add(&capture, 7, 2)->ended = 41 * 1000000000ULL;
	assert_int_equal(forget(&capture), 1);
	assert_false(is_there(&capture, 7, 1));
	assert_true(is_there(&capture, 7, 2));
	capture_done(&capture);
}

/* A flow is in the kernel's map, or was taken out of it. */
static void test_flows(void **state)
{
	struct capture capture = { 0 };
	pid_t pid = number_free();
	struct capture_flow flow = { .key = { .mechanism = IPC_PIPE, .tgid = pid, .start = 1, .object = 5 } };
	struct capture_flow sent = { .key = { .mechanism = IPC_SIGNAL, .tgid = pid, .start = 2, .object = 3,
					      .remote = 15ULL << 32 | pid } };

	(void)state;
	for (uint64_t start = 1; start <= 5; start++)
		process_add(&capture, pid, start);
	forget_begin(&capture, NOW);
	forget_keep(&capture, &flow.key);
	assert_int_equal(capture_add_flow(&capture, &sent), 0);
	assert_int_equal(forget_end(&capture), 2);
	for (uint64_t start = 1; start <= 3; start++)
		assert_true(is_there(&capture, pid, start));
	/* object 5 is a pipe's number, and no start */
	assert_false(is_there(&capture, pid, 4));
	assert_false(is_there(&capture, pid, 5));
	capture_done(&capture);
}

static void test_holders(void **state)
{
	struct capture capture = { 0 };
	struct descriptor_list *const lists[] = { &capture.at_start, &capture.at_end, &capture.weighed_first,
						  &capture.weighed_last, &capture.writing_first,
						  &capture.writing_last };
	struct ipc_descriptor descriptor = { .object = { .mechanism = IPC_PIPE, .object = 9 } };
	pid_t pid = number_free();

	(void)state;
	descriptor.tgid = pid;
	for (uint64_t i = 0; i < 7; i++) {
		process_add(&capture, pid, i);
		descriptor.start = i;
		if (i < 6)
			assert_int_equal(capture_add_descriptor(lists[i], &descriptor), 0);
	}
	assert_int_equal(forget(&capture), 1);
	for (uint64_t i = 0; i < 6; i++)
		assert_true(is_there(&capture, pid, i));
	assert_false(is_there(&capture, pid, 6));
	capture_done(&capture);
}

/* A line of processes, each of which starts the next and ends: the last one's parent is kept, and no more. */
static void test_parents(void **state)
{
	struct capture capture = { 0 };
	pid_t pid = number_free();

	(void)state;
	for (uint64_t start = 1; start <= 100; start++) {
		struct capture_process *process = process_add(&capture, pid, start);

		process->parent = pid;
		process->parent_start = start - 1;
		process->exited = start < 100;
	}
	assert_int_equal(forget(&capture), 98);
	assert_true(is_there(&capture, pid, 99));
	assert_true(is_there(&capture, pid, 100));
	capture_done(&capture);
}

/* However many come and go, no more stay than did something. */
static void test_bounded(void **state)
{
	struct capture capture = { 0 };
	pid_t pid = number_free();
	size_t forgotten = 0;

	(void)state;
	for (uint64_t start = 1; start <= 50000; start++) {
		struct capture_flow flow = { .key = { .mechanism = IPC_PIPE, .tgid = pid, .start = start } };

		process_add(&capture, pid, start);
		if (start % 1000 == 0)
			assert_int_equal(capture_add_flow(&capture, &flow), 0);
		if (start % 500 == 0) {
			forgotten += forget(&capture);
			assert_true(HASH_COUNT(capture.processes) <= start / 1000);
		}
	}
	assert_int_equal(forgotten, 49950);
	capture_done(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ended),	  cmocka_unit_test(test_older),	  cmocka_unit_test(test_no_number),
		cmocka_unit_test(test_flows),	  cmocka_unit_test(test_holders), cmocka_unit_test(test_parents),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
