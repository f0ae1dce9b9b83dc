// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipcgen: who acts on a descriptor is not always who made it: ends that are
 * passed, taken, duplicated, kept over exec, or used in a parent's memory.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

#define SIZE 40
#define TIMES 3
#define THREADS 4

enum { READY = 0, SENT, TAKEN, OVER };
enum { TX, RX, BACK_TX, BACK_RX, OTHER_TX, PASS_TX, PASS_RX };

static int ends[2], carriers[2][2], listener;
static struct address address;

/* One byte, and a descriptor with it. */
static void pass(int carrier, int fd)
{
	char byte = 'f', space[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = space,
				  .msg_controllen = sizeof(space) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	check(count(PASS_TX, sendmsg(carrier, &message, 0)) == 1);
}

static int passed(int carrier)
{
	char byte, space[CMSG_SPACE(sizeof(int))];
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = space,
				  .msg_controllen = sizeof(space) };
	int fd;

	check(count(PASS_RX, recvmsg(carrier, &message, 0)) == 1);
	check(CMSG_FIRSTHDR(&message));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

static void use_left(void *arg)
{
	int fd;

	(void)arg;
	fd = passed(carriers[0][0]);
	methods[1].send(fd, SIZE, TIMES, TX, NULL);
	mark(SENT);
	await(TAKEN);
	methods[1].receive(fd, 2 * SIZE, TIMES, BACK_RX);
}

static void use_right(void *arg)
{
	int fd;

	(void)arg;
	fd = passed(carriers[1][0]);
	await(SENT);
	methods[1].receive(fd, SIZE, TIMES, RX);
	methods[1].send(fd, 2 * SIZE, TIMES, BACK_TX, NULL);
	mark(TAKEN);
}

/* Neither of those who talk made the pair, and who made it keeps none of it. */
static void hand_out(void *arg)
{
	int pair[2];

	(void)arg;
	check(!socketpair(AF_UNIX, *(int *)arg, 0, pair));
	pass(carriers[0][1], pair[0]);
	pass(carriers[1][1], pair[1]);
}

static void run_both(int type, const char *mechanism)
{
	const struct tally one = { 1, 1 };
	pid_t left, right, maker;

	for (int i = 0; i < 2; i++)
		check(!socketpair(AF_UNIX, SOCK_STREAM, 0, carriers[i]));
	left = actor("gen-left", use_left, NULL);
	right = actor("gen-right", use_right, NULL);
	maker = actor("gen-maker", hand_out, &type);
	actors_finish();
	declare_exact(maker, left, "unix-stream", one, one);
	declare_exact(maker, right, "unix-stream", one, one);
	declare_exact(left, right, mechanism, tally(TX), tally(RX));
	declare_exact(right, left, mechanism, tally(BACK_TX), tally(BACK_RX));
}

static void both_stream(void)
{
	run_both(SOCK_STREAM, "unix-stream");
}

static void both_dgram(void)
{
	run_both(SOCK_DGRAM, "unix-dgram");
}

static void both_seqpacket(void)
{
	run_both(SOCK_SEQPACKET, "unix-seqpacket");
}

static void ask_listener(void *arg)
{
	int fd = connected_socket(&address, SOCK_STREAM);

	(void)arg;
	methods[1].send(fd, SIZE, TIMES, TX, NULL);
	mark(SENT);
	await(TAKEN);
	methods[1].receive(fd, 2 * SIZE, TIMES, BACK_RX);
}

static void accept_and_pass(void *arg)
{
	int fd;

	(void)arg;
	await(SENT);
	fd = accept(listener, NULL, NULL);
	check(fd >= 0);
	pass(carriers[1][1], fd);
}

/* The acceptor never reads, the worker never knew the listener. */
static void run_accepted(struct address wanted, const char *mechanism)
{
	const struct tally one = { 1, 1 };
	pid_t client, acceptor, worker;
	char text[GEN_NAME_LEN];

	check(!socketpair(AF_UNIX, SOCK_DGRAM, 0, carriers[1]));
	listener = bound_socket(&wanted, SOCK_STREAM);
	address = wanted.any.sa_family == AF_UNIX ? wanted : address_of(listener);
	address_text(&address, text, sizeof(text));
	client = actor("gen-client", ask_listener, NULL);
	acceptor = actor("gen-acceptor", accept_and_pass, NULL);
	worker = actor("gen-worker", use_right, NULL);
	actors_finish();
	declare_exact(acceptor, worker, "unix-dgram", one, one);
	edge_name(declare_exact(client, worker, mechanism, tally(TX), tally(RX)), "%s", text);
	edge_name(declare_exact(worker, client, mechanism, tally(BACK_TX), tally(BACK_RX)), "%s",
		  text);
}

static void accepted_unix(void)
{
	run_accepted(unix_address("pass.sock"), "unix-stream");
}

static void accepted_tcp(void)
{
	run_accepted(inet_address("127.0.0.1", 0), "tcp");
}

static void write_own(void *arg)
{
	(void)arg;
	methods[0].send(ends[1], SIZE, TIMES, TX, NULL);
	set_value(0, getpid());
	mark(READY);
	await(SENT);
}

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

static void write_taken(void *arg)
{
	int process, fd = ends[1];

	(void)arg;
	close(ends[1]);
	await(READY);
	process = (int)syscall(SYS_pidfd_open, (pid_t)value(0), 0);
	check(process >= 0);
	fd = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
	if (fd < 0)
		skip("no pidfd_getfd: %m");
	methods[0].send(fd, 2 * SIZE, TIMES, OTHER_TX, NULL);
	mark(SENT);
}

static void read_three(void *arg)
{
	await(SENT);
	read_all(ends[0], *(size_t *)arg, RX);
}

/* Two writers, one by the other's descriptor; the operations of the reads can't be divided. */
static void taken_descriptor(void)
{
	size_t all = 3 * SIZE * TIMES;
	pid_t owner, taker, reader;

	check(!pipe(ends));
	reader = actor("gen-reader", read_three, &all);
	owner = actor("gen-owner", write_own, NULL);
	taker = actor("gen-taker", write_taken, NULL);
	actors_finish();
	declare_exact(owner, reader, "pipe", tally(TX), (struct tally){ ANY, tally(TX).bytes });
	declare_exact(taker, reader, "pipe", tally(OTHER_TX),
		      (struct tally){ ANY, tally(OTHER_TX).bytes });
}

static void write_duplicates(void *arg)
{
	int fds[4] = { ends[1], dup(ends[1]), dup2(ends[1], 100), fcntl(ends[1], F_DUPFD, 1000) };

	(void)arg;
	for (int i = 0; i < 4; i++) {
		check(fds[i] >= 0);
		methods[0].send(fds[i], SIZE, TIMES, TX, NULL);
		close(fds[i]);
	}
	mark(SENT);
}

static void read_duplicates(void *arg)
{
	int second = dup(ends[0]);

	(void)arg;
	await(SENT);
	read_all(ends[0], 2 * SIZE * TIMES, RX);
	close(ends[0]);
	read_all(second, 2 * SIZE * TIMES, RX);
}

static void duplicates(void)
{
	pid_t writer, reader;

	check(!pipe(ends));
	writer = actor("gen-writer", write_duplicates, NULL);
	reader = actor("gen-reader", read_duplicates, NULL);
	actors_finish();
	declare_exact(writer, reader, "pipe", tally(TX), tally(RX));
}

/* In the parent's memory and with its descriptors' numbers, and yet another process. */
static void write_by_vfork(void *arg)
{
	static char data[SIZE];
	volatile pid_t child;

	(void)arg;
	methods[0].send(ends[1], SIZE, TIMES, TX, NULL);
	child = vfork();
	if (!child) {
		if (write(ends[1], data, SIZE) != SIZE)
			_exit(1);
		_exit(0);
	}
	check(child > 0);
	take_sigchld();
	check(waitpid(child, NULL, 0) == child);
	set_value(0, child);
	mark(SENT);
}

static void by_vfork(void)
{
	size_t all = SIZE * (TIMES + 1);
	pid_t writer, reader;

	check(!pipe(ends));
	writer = actor("gen-writer", write_by_vfork, NULL);
	reader = actor("gen-reader", read_three, &all);
	actors_finish();
	declare_exact(writer, reader, "pipe", tally(TX), (struct tally){ ANY, tally(TX).bytes });
	declare_exact(value(0), reader, "pipe", (struct tally){ 1, SIZE },
		      (struct tally){ ANY, SIZE });
	declare_signal(value(0), writer, "SIGCHLD", 1, 1);
}

static void read_part_then_exec(void *arg)
{
	int null = open("/dev/null", O_WRONLY);

	(void)arg;
	read_all(ends[0], SIZE, RX);
	check(null >= 0 && dup2(ends[0], 0) == 0 && dup2(null, 1) == 1);
	keep_only(-1);
	execl("/bin/head", "head", "-c", "6000", (char *)NULL);
	fail("/bin/head: %m");
}

static void write_much(void *arg)
{
	(void)arg;
	methods[0].send(ends[1], SIZE + 6000, 1, TX, NULL);
}

/* One process, two programs: one reader. */
static void over_exec(void)
{
	char *exe = realpath("/bin/head", NULL);
	pid_t writer, reader;

	check(exe && !pipe(ends));
	reader = actor("gen-reader", read_part_then_exec, NULL);
	writer = actor("gen-writer", write_much, NULL);
	actor_reap(reader, 0);
	actors_finish();
	redeclare_process(reader, "head", exe);
	free(exe);
	declare_exact(writer, reader, "pipe", tally(TX), (struct tally){ ANY, SIZE + 6000 });
}

static void *send_in_thread(void *arg)
{
	(void)arg;
	for (int i = 0; i < TIMES; i++)
		methods[1].send(ends[1], SIZE, 1, TX, NULL);
	return NULL;
}

static void *receive_in_thread(void *arg)
{
	(void)arg;
	for (int i = 0; i < TIMES; i++)
		methods[1].receive(ends[0], SIZE, 1, RX);
	return NULL;
}

static void in_threads(void *arg)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		check(!pthread_create(&threads[i], NULL, *(int *)arg ? receive_in_thread : send_in_thread,
				      NULL));
	for (int i = 0; i < THREADS; i++)
		check(!pthread_join(threads[i], NULL));
}

/* At the same time: a datagram's receiver is remembered by the sending thread. */
static void threads(void)
{
	int no = 0, yes = 1;
	pid_t sender, receiver;

	check(!socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	receiver = actor("gen-receiver", in_threads, &yes);
	sender = actor("gen-sender", in_threads, &no);
	actors_finish();
	declare_exact(sender, receiver, "unix-dgram", tally(TX), tally(RX));
}

const struct factory passing_factories[] = {
	{ "passing-both-unix-stream", both_stream },
	{ "passing-both-unix-dgram", both_dgram },
	{ "passing-both-unix-seqpacket", both_seqpacket },
	{ "passing-accepted-unix", accepted_unix },
	{ "passing-accepted-tcp", accepted_tcp },
	{ "passing-taken-descriptor", taken_descriptor },
	{ "passing-duplicates", duplicates },
	{ "passing-vfork", by_vfork },
	{ "passing-over-exec", over_exec },
	{ "passing-threads", threads },
	{ 0 },
};
