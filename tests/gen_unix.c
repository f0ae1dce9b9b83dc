// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: UNIX stream and seqpacket sockets. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

#define REQUESTS 10
#define REPLIES 3

/* Per connection m: what each side sent and took. */
enum { CLIENT_TX, SERVER_RX, SERVER_TX, CLIENT_RX, TALLIES_EACH };
enum { ASKED, ANSWERED, STEPS_EACH };
enum { BOUND = 200, CONNECTED, ACCEPTED, SENT, PASSED };

static struct address address;
static int type, listener, ends[2], carrier[2];
static pid_t client, server;

static const char *mechanism(void)
{
	return type == SOCK_SEQPACKET ? "unix-seqpacket" : "unix-stream";
}

/* Everything is sent before any of it is taken: the calls of both sides are then known. */
static void ask(int fd, unsigned int m)
{
	methods[m].send(fd, 100 + m, REQUESTS, m * TALLIES_EACH + CLIENT_TX, NULL);
	mark(m * STEPS_EACH + ASKED);
	await(m * STEPS_EACH + ANSWERED);
	methods[m].receive(fd, 50 + m, REPLIES, m * TALLIES_EACH + CLIENT_RX);
}

static void answer(int fd, unsigned int m)
{
	await(m * STEPS_EACH + ASKED);
	methods[m].receive(fd, 100 + m, REQUESTS, m * TALLIES_EACH + SERVER_RX);
	methods[m].send(fd, 50 + m, REPLIES, m * TALLIES_EACH + SERVER_TX, NULL);
	mark(m * STEPS_EACH + ANSWERED);
}

/* The two edges of connection m; a NULL name stands for none. */
static void declare_connection(unsigned int m, const char *name)
{
	struct tally asked = tally(m * TALLIES_EACH + CLIENT_TX);
	struct tally replied = tally(m * TALLIES_EACH + SERVER_TX);

	check(asked.ops == REQUESTS && replied.ops == REPLIES);
	edge_name(declare_exact(client, server, mechanism(), asked,
				tally(m * TALLIES_EACH + SERVER_RX)),
		  "%s", name ? name : "");
	edge_name(declare_exact(server, client, mechanism(), replied,
				tally(m * TALLIES_EACH + CLIENT_RX)),
		  "%s", name ? name : "");
}

static void client_all_methods(void *arg)
{
	(void)arg;
	await(BOUND);
	for (unsigned int m = 0; m < METHODS; m++) {
		int fd = connected_socket(&address, type);

		ask(fd, m);
		close(fd);
	}
}

static void serve_all_methods(void *arg)
{
	int fd;

	(void)arg;
	listener = bound_socket(&address, type);
	mark(BOUND);
	for (unsigned int m = 0; m < METHODS; m++) {
		fd = accept(listener, NULL, NULL);
		check(fd >= 0);
		answer(fd, m);
		close(fd);
	}
}

static void run_named(const char *name)
{
	char text[GEN_NAME_LEN];

	address = unix_address(name);
	server = actor("gen-server", serve_all_methods, NULL);
	client = actor("gen-client", client_all_methods, NULL);
	actors_finish();
	address_text(&address, text, sizeof(text));
	for (unsigned int m = 0; m < METHODS; m++)
		declare_connection(m, text);
}

static int pairs[METHODS][2];

static void client_pairs(void *arg)
{
	(void)arg;
	for (unsigned int m = 0; m < METHODS; m++)
		ask(pairs[m][0], m);
}

static void serve_pairs(void *arg)
{
	(void)arg;
	for (unsigned int m = 0; m < METHODS; m++)
		answer(pairs[m][1], m);
}

static void run_unnamed(void)
{
	for (unsigned int m = 0; m < METHODS; m++)
		check(!socketpair(AF_UNIX, type, 0, pairs[m]));
	server = actor("gen-server", serve_pairs, NULL);
	client = actor("gen-client", client_pairs, NULL);
	actors_finish();
	for (unsigned int m = 0; m < METHODS; m++)
		declare_connection(m, NULL);
}

static void stream_path(void)
{
	type = SOCK_STREAM;
	run_named("server.sock");
}

static void stream_abstract(void)
{
	type = SOCK_STREAM;
	run_named("@server");
}

static void stream_pair(void)
{
	type = SOCK_STREAM;
	run_unnamed();
}

static void seqpacket_path(void)
{
	type = SOCK_SEQPACKET;
	run_named("packets.sock");
}

static void seqpacket_abstract(void)
{
	type = SOCK_SEQPACKET;
	run_named("@packets");
}

static void seqpacket_pair(void)
{
	type = SOCK_SEQPACKET;
	run_unnamed();
}

static void client_once(void *arg)
{
	(void)arg;
	await(BOUND);
	ask(connected_socket(&address, type), 0);
}

static void accept_once(void *arg)
{
	int fd = accept(listener, NULL, NULL);

	(void)arg;
	check(fd >= 0);
	answer(fd, 0);
}

/* The listener's child accepts and serves: the listener itself has no edge. */
static void listen_and_fork(void *arg)
{
	(void)arg;
	listener = bound_socket(&address, type);
	set_value(0, actor("gen-acceptor", accept_once, NULL));
	mark(BOUND);
}

static void forked_acceptor(void)
{
	char text[GEN_NAME_LEN];

	type = SOCK_STREAM;
	address = unix_address("forked.sock");
	actor("gen-listener", listen_and_fork, NULL);
	client = actor("gen-client", client_once, NULL);
	actors_finish();
	server = (pid_t)value(0);
	address_text(&address, text, sizeof(text));
	declare_connection(0, text);
}

static void answer_pair(void *arg)
{
	(void)arg;
	answer(ends[1], 0);
}

/* The one that made the pair talks to the child that inherited it. */
static void pair_and_fork(void *arg)
{
	(void)arg;
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	set_value(0, actor("gen-child", answer_pair, NULL));
	ask(ends[0], 0);
}

static void pair_fork(void)
{
	type = SOCK_STREAM;
	client = actor("gen-parent", pair_and_fork, NULL);
	actors_finish();
	server = (pid_t)value(0);
	declare_connection(0, NULL);
}

static void pass_end(void *arg)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { "x", 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);

	(void)arg;
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(rights), &ends[1], sizeof(int));
	check(sendmsg(carrier[0], &message, 0) == 1);
	close(ends[1]);
	mark(PASSED);
}

static void take_end(void *arg)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	int fd;

	(void)arg;
	close(ends[1]);
	await(PASSED);
	check(recvmsg(carrier[1], &message, 0) == 1);
	check(CMSG_FIRSTHDR(&message));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	answer(fd, 0);
}

static void ask_pair(void *arg)
{
	(void)arg;
	close(ends[1]);
	ask(ends[0], 0);
}

/* The middle one hands its end on to a third: bytes go to the third. */
static void passed_socket(void)
{
	const struct tally one = { 1, 1 };
	pid_t middle;

	type = SOCK_STREAM;
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, carrier));
	client = actor("gen-client", ask_pair, NULL);
	middle = actor("gen-middle", pass_end, NULL);
	server = actor("gen-third", take_end, NULL);
	close(ends[0]);
	close(ends[1]);
	actors_finish();
	declare_exact(middle, server, "unix-stream", one, one);
	declare_connection(0, NULL);
}

static void write_and_leave(void *arg)
{
	int fd;

	(void)arg;
	fd = connected_socket(&address, SOCK_STREAM);
	methods[0].send(fd, 123, REQUESTS, CLIENT_TX, NULL);
	close(fd);
}

static void accept_late(void *arg)
{
	int fd = accept(listener, NULL, NULL);

	(void)arg;
	check(fd >= 0);
	check(drain(fd, 123, SERVER_RX) == 123 * REQUESTS);
}

/* The client is dead and reaped before its connection is accepted. */
static void early_client(void)
{
	char text[GEN_NAME_LEN];

	address = unix_address("early.sock");
	listener = bound_socket(&address, SOCK_STREAM);
	client = actor("gen-early", write_and_leave, NULL);
	actors_finish();
	server = actor("gen-late", accept_late, NULL);
	actors_finish();
	address_text(&address, text, sizeof(text));
	edge_name(declare_exact(client, server, "unix-stream", tally(CLIENT_TX), tally(SERVER_RX)),
		  "%s", text);
}

static void send_peeked(void *arg)
{
	(void)arg;
	await(BOUND);
	methods[1].send(ends[0], 200, 5, CLIENT_TX, NULL);
	mark(SENT);
}

/* Looks twice before it takes; what failed or only looked moved nothing. */
static void peek_and_take(void *arg)
{
	char *data = filled(1000);
	struct iovec part = { data, 1000 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	(void)arg;
	check(recv(ends[1], data, 1000, MSG_DONTWAIT) == -1 && errno == EAGAIN);
	mark(BOUND);
	await(SENT);
	check(recv(ends[1], data, 200, MSG_PEEK) == 200);
	check(recvmsg(ends[1], &message, MSG_PEEK) >= 200);
	methods[1].receive(ends[1], 200, 5, SERVER_RX);
	check(recv(ends[1], data, 1000, MSG_DONTWAIT | MSG_PEEK) == -1 && errno == EAGAIN);
	check(recv(ends[1], data, 1000, MSG_DONTWAIT) == -1 && errno == EAGAIN);
}

static void run_peek(int socket_type, const char *name)
{
	check(!socketpair(AF_UNIX, socket_type, 0, ends));
	client = actor("gen-client", send_peeked, NULL);
	server = actor("gen-peeker", peek_and_take, NULL);
	actors_finish();
	declare_exact(client, server, name, tally(CLIENT_TX), tally(SERVER_RX));
}

static void stream_peek(void)
{
	run_peek(SOCK_STREAM, "unix-stream");
}

static void dgram_peek(void)
{
	run_peek(SOCK_DGRAM, "unix-dgram");
}

static void seqpacket_peek(void)
{
	run_peek(SOCK_SEQPACKET, "unix-seqpacket");
}

const struct factory unix_factories[] = {
	{ "unix-stream-path", stream_path },
	{ "unix-stream-abstract", stream_abstract },
	{ "unix-stream-socketpair", stream_pair },
	{ "unix-seqpacket-path", seqpacket_path },
	{ "unix-seqpacket-abstract", seqpacket_abstract },
	{ "unix-seqpacket-socketpair", seqpacket_pair },
	{ "unix-forked-acceptor", forked_acceptor },
	{ "unix-socketpair-fork", pair_fork },
	{ "unix-passed-socket", passed_socket },
	{ "unix-early-client", early_client },
	{ "unix-stream-peek", stream_peek },
	{ "unix-dgram-peek", dgram_peek },
	{ "unix-seqpacket-peek", seqpacket_peek },
	{ 0 },
};
