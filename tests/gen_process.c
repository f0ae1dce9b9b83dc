// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: what a process is: threads, short lives, reused pids, namespaces, other ABIs. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "gen_core.h"
#include "ipcgen.h"

#define THREADS 4
#define CHAIN 1000

enum { TX, RX, TX2, RX2 };
enum { READY, SENT, GO };

static int ends[2], more[2];

static void *thread_write(void *arg)
{
	char *data = filled(250);

	(void)arg;
	for (int i = 0; i < 20; i++)
		write_all(ends[1], data, 250, TX);
	free(data);
	return NULL;
}

static void write_threaded(void *arg)
{
	pthread_t threads[THREADS];

	(void)arg;
	for (int i = 0; i < THREADS; i++)
		check(!pthread_create(&threads[i], NULL, thread_write, NULL));
	for (int i = 0; i < THREADS; i++)
		check(!pthread_join(threads[i], NULL));
}

static void read_from(void *size)
{
	read_all(ends[0], *(size_t *)size, RX);
}

static void threads_writer(void)
{
	size_t total = THREADS * 20 * 250;
	pid_t writer, reader;

	check(!pipe(ends));
	writer = actor("gen-threads", write_threaded, NULL);
	reader = actor("gen-reader", read_from, &total);
	actors_finish();
	declare_exact(writer, reader, "pipe", tally(TX), tally(RX));
}

/* A link takes a token from the pipe before it and puts one into the pipe after it. */
static void link_run(void *arg)
{
	char token[8] = "token";

	if (*(int *)arg)
		check(read(ends[0], token, 8) == 8);
	check(write(more[1], token, 8) == 8);
}

static void process_chain(void)
{
	const struct tally one = { 1, 8 };
	pid_t pid, before = 0;

	for (int i = 0; i < CHAIN; i++) {
		check(!pipe(more));
		pid = actor("gen-link", link_run, &i);
		actors_finish();
		if (i) {
			declare_exact(before, pid, "pipe", one, one);
			close(ends[0]);
			close(ends[1]);
		}
		ends[0] = more[0];
		ends[1] = more[1];
		before = pid;
	}
	/* What the last link sent is read by an actor of another kind. */
	pid = actor("gen-last", read_from, &(size_t){ 8 });
	actors_finish();
	declare_exact(before, pid, "pipe", one, one);
}

/* The actor's end is that of the program it became: it exits when it likes. */
static void become_true(void *arg)
{
	(void)arg;
	check(count(TX, write(ends[1], "12345", 5)) == 5);
	execl("/bin/true", "true", (char *)NULL);
	fail("/bin/true: %m");
}

static void process_exec(void)
{
	char *exe = realpath("/bin/true", NULL);
	pid_t pid, reader;

	check(exe && !pipe(ends));
	pid = actor("gen-before", become_true, NULL);
	actor_reap(pid, 0);
	redeclare_process(pid, "true", exe);
	reader = actor("gen-reader", read_from, &(size_t){ 5 });
	actors_finish();
	declare_exact(pid, reader, "pipe", tally(TX), tally(RX));
	free(exe);
}

/* The next fork gets the pid after the one written here, unless another comes first. */
static void next_pid(pid_t pid)
{
	FILE *file = fopen("/proc/sys/kernel/ns_last_pid", "w");

	if (!file || fprintf(file, "%d", pid - 1) < 0 || fclose(file))
		skip("cannot choose the next pid: %m");
}

static void write_as(void *arg)
{
	pid_t wanted = *(pid_t *)arg;

	if (!wanted)
		check(count(TX, write(ends[1], "first", 5)) == 5);
	else if (self_pid() == wanted)
		check(count(TX2, write(more[1], "once again", 10)) == 10);
}

/* Two processes, one pid, and each its own edges. */
static void pid_reuse(void)
{
	pid_t none = 0, first, second = 0, reader;
	struct truth_edge *edge;

	check(!pipe(ends) && !pipe(more));
	first = actor("gen-first", write_as, &none);
	actor_shares_pid(first);
	actors_finish();
	for (int i = 0; i < 50 && second != first; i++) {
		next_pid(first);
		second = actor("gen-again", write_as, &first);
		if (second == first)
			actor_shares_pid(second);
		actors_finish();
	}
	if (second != first)
		skip("the pid did not come again in 50 forks");
	reader = actor("gen-reader", read_from, &(size_t){ 5 });
	actors_finish();
	edge = declare_exact(first, reader, "pipe", tally(TX), tally(RX));
	edge->src_comm = "gen-first";
	ends[0] = more[0];
	reader = actor("gen-reader", read_from, &(size_t){ 10 });
	actors_finish();
	edge = declare_exact(first, reader, "pipe", tally(TX2), (struct tally){ 1, 10 });
	edge->src_comm = "gen-again";
}

static void write_inside(void *arg)
{
	(void)arg;
	write_all(ends[1], "inside", 6, TX);
	mark(SENT);
}

/* Pid 1 in its namespace, with a child there; the map knows both by their pids outside. */
static void first_inside(void *arg)
{
	(void)arg;
	check(getpid() == 1);
	set_value(0, actor("gen-inside", write_inside, NULL));
	read_all(ends[0], 6, RX);
}

static void make_namespace(void *arg)
{
	(void)arg;
	if (unshare(CLONE_NEWPID))
		skip("no private pid namespace: %m");
	set_value(1, actor("gen-init", first_inside, NULL));
}

static void pid_namespace(void)
{
	check(!pipe(ends));
	actor("gen-outside", make_namespace, NULL);
	actors_finish();
	declare_exact(value(0), value(1), "pipe", tally(TX), tally(RX));
}

#ifdef __x86_64__
/* A system call as a 32-bit program makes it: other numbers, pointers of 32 bits. */
static long call32(long number, long a, long b, long c, long d, long e)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

enum { READ32 = 3, WRITE32 = 4, SOCKETCALL32 = 102, READV32 = 145, WRITEV32 = 146,
       SENDTO32 = 369, RECVFROM32 = 371 };
enum { SOCKETCALL_SEND = 9, SOCKETCALL_RECV = 10 };

struct low {
	struct {
		uint32_t base, size;
	} parts[2];
	uint32_t args[6];
	char data[512];
};

/* All that a 32-bit call points at must lie in the first 4 GiB. */
static struct low *low_memory(void)
{
	struct low *low = mmap(NULL, sizeof(*low), PROT_READ | PROT_WRITE,
			       MAP_32BIT | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(low != MAP_FAILED);
	for (unsigned int i = 0; i < 2; i++) {
		low->parts[i].base = (uint32_t)(uintptr_t)(low->data + 100 * i);
		low->parts[i].size = 100;
	}
	return low;
}

static long socketcall32(struct low *low, int call, int fd, unsigned int size)
{
	low->args[0] = (uint32_t)fd;
	low->args[1] = (uint32_t)(uintptr_t)low->data;
	low->args[2] = size;
	low->args[3] = 0;
	return call32(SOCKETCALL32, call, (long)low->args, 0, 0, 0);
}

static void write_compat(void *arg)
{
	struct low *low = low_memory();
	long data = (long)low->data;

	(void)arg;
	check(count(TX, call32(WRITE32, ends[1], data, 50, 0, 0)) == 50);
	check(count(TX, call32(WRITEV32, ends[1], (long)low->parts, 2, 0, 0)) == 200);
	check(count(TX2, call32(WRITE32, more[1], data, 10, 0, 0)) == 10);
	check(count(TX2, call32(SENDTO32, more[1], data, 20, 0, 0)) == 20);
	check(count(TX2, socketcall32(low, SOCKETCALL_SEND, more[1], 40)) == 40);
	mark(SENT);
}

static void read_compat(void *arg)
{
	struct low *low = low_memory();
	long data = (long)low->data;

	(void)arg;
	await(SENT);
	check(count(RX, call32(READ32, ends[0], data, 50, 0, 0)) == 50);
	check(count(RX, call32(READV32, ends[0], (long)low->parts, 2, 0, 0)) == 200);
	check(count(RX2, call32(READ32, more[0], data, 10, 0, 0)) == 10);
	check(count(RX2, call32(RECVFROM32, more[0], data, 20, 0, 0)) == 20);
	check(count(RX2, socketcall32(low, SOCKETCALL_RECV, more[0], 40)) == 40);
}

static void compat(void)
{
	pid_t writer, reader;

	if (access("/proc/sys/abi/vsyscall32", F_OK))
		skip("this kernel takes no 32-bit system calls");
	check(!pipe(ends) && !socketpair(AF_UNIX, SOCK_STREAM, 0, more));
	writer = actor("gen-writer32", write_compat, NULL);
	reader = actor("gen-reader32", read_compat, NULL);
	actors_finish();
	declare_exact(writer, reader, "pipe", tally(TX), tally(RX));
	declare_exact(writer, reader, "unix-stream", tally(TX2), tally(RX2));
}
#else
static void compat(void)
{
	skip("32-bit calls are made on x86 only");
}
#endif

const struct factory process_factories[] = {
	{ "process-threads", threads_writer },
	{ "process-chain", process_chain },
	{ "process-exec", process_exec },
	{ "process-pid-reuse", pid_reuse },
	{ "process-pid-namespace", pid_namespace },
	{ "process-compat", compat },
	{ 0 },
};
