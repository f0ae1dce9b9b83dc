// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: UNIX datagram sockets, with and without a fixed peer. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gen_datagram.h"
#include "gen_net.h"
#include "ipcgen.h"

#define MESSAGES 5
#define CLIENTS 4
#define THOUSAND 1024 /* UIO_MAXIOV */
/* An unread datagram blocks the next sender after net.unix.max_dgram_qlen of them. */

enum { BOUND, SENT = 8, TAKEN = 32 };

static struct address address, other;
static int ends[2];
static pid_t client, server;

static void run(const char *name, unsigned int first)
{
	struct address wanted = unix_address(name);

	datagram_methods("unix-dgram", &wanted, first);
}

static void connected_path(void)
{
	run("log.sock", 0);
}

static void connected_abstract(void)
{
	run("@log", 0);
}

static void unconnected_path(void)
{
	run("log.sock", 2);
}

static void unconnected_abstract(void)
{
	run("@log", 2);
}

static void write_pair(void *arg)
{
	(void)arg;
	methods[0].send(ends[0], 77, MESSAGES, 0, NULL);
	mark(SENT);
	await(TAKEN);
	methods[3].receive(ends[0], 33, MESSAGES, 3);
}

static void read_pair(void *arg)
{
	(void)arg;
	await(SENT);
	methods[0].receive(ends[1], 77, MESSAGES, 1);
	methods[3].send(ends[1], 33, MESSAGES, 2, NULL);
	mark(TAKEN);
}

static void dgram_pair(void)
{
	check(!socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	client = actor("gen-left", write_pair, NULL);
	server = actor("gen-right", read_pair, NULL);
	actors_finish();
	edge_name(declare_exact(client, server, "unix-dgram", tally(0), tally(1)), "%s", "");
	edge_name(declare_exact(server, client, "unix-dgram", tally(2), tally(3)), "%s", "");
}

static void many_clients(void)
{
	struct address wanted = unix_address("log.sock");

	datagram_clients("unix-dgram", &wanted, 2);
}

static void two_destinations(void)
{
	struct address one = unix_address("one.sock"), two = unix_address("two.sock");

	datagram_destinations("unix-dgram", &one, &two);
}

static void send_empty(void *arg)
{
	(void)arg;
	check(send(ends[0], "", 0, 0) == 0);
	check(send(ends[0], "four", 4, 0) == 4);
	check(send(ends[0], "", 0, 0) == 0);
	mark(SENT);
}

static void receive_empty(void *arg)
{
	char data[16];

	(void)arg;
	await(SENT);
	check(recv(ends[1], data, sizeof(data), 0) == 0);
	check(recv(ends[1], data, sizeof(data), 0) == 4);
	check(recv(ends[1], data, sizeof(data), 0) == 0);
}

/* A datagram of no bytes is a message all the same. */
static void zero_length(void)
{
	const struct tally three = { 3, 4 };

	check(!socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	client = actor("gen-sender", send_empty, NULL);
	server = actor("gen-receiver", receive_empty, NULL);
	actors_finish();
	declare_exact(client, server, "unix-dgram", three, three);
}

static void send_long(void *arg)
{
	(void)arg;
	methods[1].send(ends[0], 500, 2, 0, NULL);
	mark(SENT);
}

static void receive_short(void *arg)
{
	char data[100];

	(void)arg;
	await(SENT);
	check(count(1, recv(ends[1], data, sizeof(data), 0)) == 100);
	check(count(1, recv(ends[1], data, sizeof(data), 0)) == 100);
}

static void truncated(void)
{
	check(!socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	client = actor("gen-sender", send_long, NULL);
	server = actor("gen-receiver", receive_short, NULL);
	actors_finish();
	declare_exact(client, server, "unix-dgram", tally(0), tally(1));
}

static void receive_trunc_flag(void *arg)
{
	char data[100];

	(void)arg;
	await(SENT);
	check(recv(ends[1], data, sizeof(data), MSG_TRUNC) == 500);
	check(recv(ends[1], data, sizeof(data), MSG_TRUNC) == 500);
}

/* With MSG_TRUNC the call returns the datagram's length, of which 100 bytes came over. */
static void truncated_flag(void)
{
	check(!socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	client = actor("gen-sender", send_long, NULL);
	server = actor("gen-receiver", receive_trunc_flag, NULL);
	actors_finish();
	declare_exact(client, server, "unix-dgram", tally(0), (struct tally){ 2, ANY });
}

static void fail_to_send(void *arg)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)arg;
	check(sendto(fd, "x", 1, 0, &other.any, other.size) == -1 && errno == ENOENT);
	await(BOUND);
	methods[2].send(fd, 10, 1, 0, &address);
	mark(SENT);
}

static void receive_after_failure(void *arg)
{
	int fd = bound_socket(&address, SOCK_DGRAM);
	char data[10];

	(void)arg;
	check(recv(fd, data, sizeof(data), MSG_DONTWAIT) == -1 && errno == EAGAIN);
	mark(BOUND);
	await(SENT);
	methods[2].receive(fd, 10, 1, 1);
}

static void failing(void)
{
	address = unix_address("there.sock");
	other = unix_address("nowhere.sock");
	client = actor("gen-sender", fail_to_send, NULL);
	server = actor("gen-receiver", receive_after_failure, NULL);
	actors_finish();
	declare_to("unix-dgram", client, server, tally(0), tally(1), &address);
}

static struct address by_path(const char *path)
{
	struct address to = { .un.sun_family = AF_UNIX };

	check(snprintf(to.un.sun_path, sizeof(to.un.sun_path), "%s", path) < (int)sizeof(to.un.sun_path));
	to.size = sizeof(to.un);
	return to;
}

/* The same socket by its path, a longer one, a link to it, and from the folder that it is in. */
static void send_by_other_names(void *arg)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct address to[4];
	char path[128];

	(void)arg;
	await(BOUND);
	to[0] = address;
	check(snprintf(path, sizeof(path), "%s//log.sock", scratch()) < (int)sizeof(path));
	to[1] = by_path(path);
	scratch_path(path, sizeof(path), "link.sock");
	check(!symlink("log.sock", path));
	to[2] = by_path(path);
	check(!chdir(scratch()));
	to[3] = by_path("log.sock");
	for (unsigned int i = 0; i < 4; i++)
		methods[2].send(fd, 20, 1, 0, &to[i]);
	mark(SENT);
}

static void receive_by_own_name(void *arg)
{
	int fd = bound_socket(&address, SOCK_DGRAM);

	(void)arg;
	mark(BOUND);
	await(SENT);
	methods[2].receive(fd, 20, 4, 1);
}

static void other_names(void)
{
	address = unix_address("log.sock");
	client = actor("gen-sender", send_by_other_names, NULL);
	server = actor("gen-receiver", receive_by_own_name, NULL);
	actors_finish();
	declare_to("unix-dgram", client, server, tally(0), tally(1), &address);
}

/* As many as one call takes; each is an operation of its own. */
static void thousand(struct mmsghdr *messages, struct iovec *parts)
{
	char *data = filled(THOUSAND + 2);

	for (unsigned int i = 0; i < THOUSAND; i++) {
		parts[i] = (struct iovec){ data + i, 1 + i % 3 };
		messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[i], .msg_iovlen = 1 } };
	}
}

static void count_each(const struct mmsghdr *messages, int sent, unsigned int index)
{
	for (int i = 0; i < sent; i++)
		count(index, messages[i].msg_len);
}

/* It waits, within the call, whenever the queue is full. */
static void send_thousand(void *arg)
{
	struct mmsghdr messages[THOUSAND];
	struct iovec parts[THOUSAND];
	int sent;

	(void)arg;
	thousand(messages, parts);
	sent = sendmmsg(ends[0], messages, THOUSAND, 0);
	check(sent == THOUSAND);
	count_each(messages, sent, 0);
}

static void receive_thousand(void *arg)
{
	struct mmsghdr messages[THOUSAND];
	struct iovec parts[THOUSAND];
	int received;

	(void)arg;
	thousand(messages, parts);
	received = recvmmsg(ends[1], messages, THOUSAND, 0, NULL);
	check(received == THOUSAND);
	count_each(messages, received, 1);
}

static void run_thousand(void)
{
	check(!socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	client = actor("gen-sender", send_thousand, NULL);
	server = actor("gen-receiver", receive_thousand, NULL);
	actors_finish();
	check(tally(0).ops == THOUSAND && tally(0).bytes == tally(1).bytes);
	declare_exact(client, server, "unix-dgram", tally(0), tally(1));
}

const struct factory dgram_factories[] = {
	{ "unix-dgram-connected-path", connected_path },
	{ "unix-dgram-connected-abstract", connected_abstract },
	{ "unix-dgram-unconnected-path", unconnected_path },
	{ "unix-dgram-unconnected-abstract", unconnected_abstract },
	{ "unix-dgram-socketpair", dgram_pair },
	{ "unix-dgram-many-clients", many_clients },
	{ "unix-dgram-two-destinations", two_destinations },
	{ "unix-dgram-zero-length", zero_length },
	{ "unix-dgram-truncated", truncated },
	{ "unix-dgram-trunc-flag", truncated_flag },
	{ "unix-dgram-failing", failing },
	{ "unix-dgram-other-names", other_names },
	{ "unix-dgram-thousand", run_thousand },
	{ 0 },
};
