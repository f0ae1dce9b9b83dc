// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: actors, how they wait for each other, and what they count. */
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gen_core.h"
#include "ipcgen.h"

/*
 * No step of a factory takes longer; a hang must end as a failure of its own. What is held waits
 * for a tracer besides, which may take a minute to attach, in a guest.
 */
#define DEADLINE_SECONDS (hold_path ? 600 : 60)

struct shared *shared;

void shared_init(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
}

static void word_set(uint32_t *word, uint32_t figure)
{
	__atomic_store_n(word, figure, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, FUTEX_WAKE, 1 << 30, NULL, NULL, 0);
}

static _Noreturn void leave(int status)
{
	if (getpid() == shared->main_local)
		scratch_remove();
	_exit(status);
}

static void leave_if_failed(void)
{
	uint32_t status = __atomic_load_n(&shared->failed, __ATOMIC_ACQUIRE);

	if (status)
		leave((int)status);
}

static void word_wait(uint32_t *word, const char *what, unsigned int which)
{
	struct timespec slice = { .tv_nsec = 100000000 };
	time_t deadline = time(NULL) + DEADLINE_SECONDS;

	while (!__atomic_load_n(word, __ATOMIC_ACQUIRE)) {
		leave_if_failed();
		if (time(NULL) > deadline)
			fail("waited too long for %s %u", what, which);
		syscall(SYS_futex, word, FUTEX_WAIT, 0, &slice, NULL, 0);
	}
}

static _Noreturn void give_up(int status, const char *format, va_list args)
{
	uint32_t none = 0;
	int error = errno;

	/* The first failure is the one worth reading. */
	if (__atomic_compare_exchange_n(&shared->failed, &none, (uint32_t)status, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		fprintf(stderr, "ipcgen: ");
		errno = error;
		vfprintf(stderr, format, args);
		fputc('\n', stderr);
	}
	leave(status);
}

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	give_up(1, format, args);
}

void skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	give_up(GEN_EXIT_SKIP, format, args);
}

bool linux_is(unsigned int major, unsigned int minor)
{
	unsigned int have_major = 0, have_minor = 0;
	struct utsname kernel;

	check(!uname(&kernel));
	check(sscanf(kernel.release, "%u.%u", &have_major, &have_minor) == 2);
	return have_major > major || (have_major == major && have_minor >= minor);
}

void need_linux(unsigned int major, unsigned int minor)
{
	if (!linux_is(major, minor))
		skip("needs Linux %u.%u", major, minor);
}

void need_direct_loads(void)
{
	need_linux(6, 2);
	if (getenv("IPCMAP_TEST_PROBE_LOADS"))
		skip("needs direct loads from kernel memory");
}

void keep_only(int fd)
{
	if (fd > 3)
		check(!close_range(3, (unsigned int)fd - 1, 0));
	check(!close_range(fd < 3 ? 3 : (unsigned int)fd + 1, ~0U, 0));
}

void mark(unsigned int step)
{
	check(step < GEN_STEPS);
	word_set(&shared->steps[step], 1);
}

void await(unsigned int step)
{
	check(step < GEN_STEPS);
	word_wait(&shared->steps[step], "step", step);
}

bool marked(unsigned int step)
{
	return __atomic_load_n(&shared->steps[step], __ATOMIC_ACQUIRE);
}

int64_t value(unsigned int index)
{
	check(index < GEN_VALUES);
	return __atomic_load_n(&shared->values[index], __ATOMIC_ACQUIRE);
}

void set_value(unsigned int index, int64_t figure)
{
	check(index < GEN_VALUES);
	__atomic_store_n(&shared->values[index], figure, __ATOMIC_RELEASE);
}

ssize_t count(unsigned int index, ssize_t result)
{
	check(index < GEN_TALLIES);
	if (result > 0) {
		__atomic_fetch_add(&shared->tallies[index].ops, 1, __ATOMIC_ACQ_REL);
		__atomic_fetch_add(&shared->tallies[index].bytes, result, __ATOMIC_ACQ_REL);
	}
	return result;
}

struct tally tally(unsigned int index)
{
	check(index < GEN_TALLIES);
	return (struct tally){ __atomic_load_n(&shared->tallies[index].ops, __ATOMIC_ACQUIRE),
			       __atomic_load_n(&shared->tallies[index].bytes, __ATOMIC_ACQUIRE) };
}

/* /proc was mounted in the initial pid namespace, so its "self" is what the map shows. */
pid_t self_pid(void)
{
	char link[32] = "";

	check(readlink("/proc/self", link, sizeof(link) - 1) > 0);
	return (pid_t)atoi(link);
}

static struct actor_state *actor_slot(void)
{
	unsigned int index = __atomic_fetch_add(&shared->actor_count, 1, __ATOMIC_ACQ_REL);

	check(index < GEN_ACTORS);
	return &shared->actors[index];
}

static _Noreturn void actor_run(struct actor_state *state, actor_fn fn, void *arg)
{
	unsigned int index = (unsigned int)(state - shared->actors);

	/* Nobody is left behind by a run that is killed. */
	check(!prctl(PR_SET_PDEATHSIG, SIGKILL));
	check(!prctl(PR_SET_NAME, state->comm));
	state->pid = self_pid();
	word_set(&state->ready, 1);
	fn(arg);
	actors_finish();
	word_set(&state->done, 1);
	word_wait(&state->released, "the release of actor", index);
	_exit(0);
}

pid_t actor(const char *comm, actor_fn fn, void *arg)
{
	struct actor_state *state = actor_slot();
	unsigned int index = (unsigned int)(state - shared->actors);
	pid_t pid;

	snprintf(state->comm, sizeof(state->comm), "%s", comm);
	state->parent = self_pid();
	pid = fork();
	check(pid >= 0);
	if (!pid)
		actor_run(state, fn, arg);
	state->local = pid;
	word_wait(&state->ready, "the start of actor", index);
	declare_process(state->pid, state->comm, state->parent);
	return state->pid;
}

void take_sigchld(void)
{
	struct timespec limit = { .tv_sec = DEADLINE_SECONDS };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	while (sigtimedwait(&set, NULL, &limit) < 0)
		if (errno != EINTR)
			fail("no SIGCHLD came: %m");
}

static void reap(struct actor_state *state, int want)
{
	struct truth_edge *edge;
	int status = -1;

	take_sigchld();
	check(waitpid(state->local, &status, 0) == state->local);
	if (status != want) {
		leave_if_failed();
		fail("actor %s ended with status %#x, not %#x", state->comm, status, want);
	}
	state->reaped = true;
	edge = declare_signal(state->pid, state->parent, "SIGCHLD", 1 + state->sigchlds,
			      1 + state->sigchlds);
	if (state->src_comm)
		edge->src_comm = state->comm;
}

static struct actor_state *actor_by_pid(pid_t pid)
{
	for (unsigned int i = 0; i < shared->actor_count; i++)
		if (shared->actors[i].pid == pid && !shared->actors[i].reaped)
			return &shared->actors[i];
	fail("no actor has pid %d", pid);
}

void actor_reap(pid_t pid, int status)
{
	reap(actor_by_pid(pid), status);
}

void actor_sigchlds(pid_t pid, unsigned int more)
{
	actor_by_pid(pid)->sigchlds += more;
}

void actor_shares_pid(pid_t pid)
{
	actor_by_pid(pid)->src_comm = true;
}

void actors_finish(void)
{
	pid_t self = self_pid();

	for (unsigned int i = 0; i < shared->actor_count; i++) {
		struct actor_state *state = &shared->actors[i];

		if (state->parent != self || state->reaped)
			continue;
		word_wait(&state->done, "the end of actor", i);
		word_set(&state->released, 1);
		reap(state, 0);
	}
}

void *filled(size_t size)
{
	unsigned char *data = malloc(size);

	check(data);
	for (size_t i = 0; i < size; i++)
		data[i] = (unsigned char)('a' + i % 26);
	return data;
}

void write_all(int fd, const void *data, size_t size, unsigned int index)
{
	while (size) {
		ssize_t moved = count(index, write(fd, data, size));

		check(moved > 0);
		data = (const char *)data + moved;
		size -= (size_t)moved;
	}
}

void read_all(int fd, size_t size, unsigned int index)
{
	char *data = malloc(size);

	check(data);
	while (size) {
		ssize_t moved = count(index, read(fd, data, size));

		check(moved > 0);
		size -= (size_t)moved;
	}
	free(data);
}

int64_t drain(int fd, size_t chunk, unsigned int index)
{
	char *data = malloc(chunk);
	int64_t total = 0;
	ssize_t moved;

	check(data);
	while ((moved = count(index, read(fd, data, chunk))) > 0)
		total += moved;
	check(!moved);
	free(data);
	return total;
}
