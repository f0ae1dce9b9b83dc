// SPDX-License-Identifier: GPL-2.0-only
#include "gen_datagram.h"

#include <sys/socket.h>

#define MESSAGES 5
#define CLIENTS 3

enum { SENT = 8, TAKEN = 32 };

static int bound[2];
static struct address addresses[2];
static unsigned int server_method;

static void bind_to(unsigned int which, const struct address *wanted)
{
	bound[which] = bound_socket(wanted, SOCK_DGRAM);
	addresses[which] = address_of(bound[which]);
}

static int unbound_socket(void)
{
	int fd = socket(addresses[0].any.sa_family, SOCK_DGRAM, 0);

	check(fd >= 0);
	return fd;
}

void declare_to(const char *mechanism, pid_t src, pid_t dst, struct tally sent, struct tally received,
		const struct address *name)
{
	char text[GEN_NAME_LEN];

	address_text(name, text, sizeof(text));
	edge_name(declare_exact(src, dst, mechanism, sent, received), "%s", text);
}

static void serve_methods(void *arg)
{
	for (unsigned int m = *(unsigned int *)arg; m < METHODS; m++) {
		await(SENT + m);
		methods[m].receive(bound[0], 100 + m, MESSAGES, METHODS + m);
		mark(TAKEN + m);
	}
}

static void send_methods(void *arg)
{
	unsigned int first = *(unsigned int *)arg;
	/* The methods that take no address need a peer. */
	int fd = first ? unbound_socket() : connected_socket(&addresses[0], SOCK_DGRAM);

	for (unsigned int m = first; m < METHODS; m++) {
		methods[m].send(fd, 100 + m, MESSAGES, m, first ? &addresses[0] : NULL);
		mark(SENT + m);
		await(TAKEN + m);
	}
}

void datagram_methods(const char *mechanism, const struct address *wanted, unsigned int first)
{
	struct tally sent = { 0 }, received = { 0 };
	pid_t client, server;

	bind_to(0, wanted);
	server = actor("gen-server", serve_methods, &first);
	client = actor("gen-client", send_methods, &first);
	actors_finish();
	for (unsigned int m = first; m < METHODS; m++) {
		sent.ops += tally(m).ops;
		sent.bytes += tally(m).bytes;
		received.ops += tally(METHODS + m).ops;
		received.bytes += tally(METHODS + m).bytes;
	}
	check(received.ops == (METHODS - first) * MESSAGES && received.bytes == sent.bytes);
	declare_to(mechanism, client, server, sent, received, &addresses[0]);
}

static void serve_clients(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < CLIENTS; i++) {
		await(SENT + i);
		methods[server_method].receive(bound[0], 60 + i, MESSAGES, CLIENTS + i);
		mark(TAKEN + i);
	}
}

static void send_as_client(void *arg)
{
	unsigned int i = *(unsigned int *)arg;
	int fd = unbound_socket();

	if (i)
		await(TAKEN + i - 1);
	methods[3].send(fd, 60 + i, MESSAGES, i, &addresses[0]);
	mark(SENT + i);
}

void datagram_clients(const char *mechanism, const struct address *wanted, unsigned int method)
{
	struct tally received = { 0 };
	pid_t clients[CLIENTS], server;

	server_method = method;
	bind_to(0, wanted);
	server = actor("gen-server", serve_clients, NULL);
	for (unsigned int i = 0; i < CLIENTS; i++)
		clients[i] = actor("gen-client", send_as_client, &i);
	actors_finish();
	for (unsigned int i = 0; i < CLIENTS; i++) {
		declare_to(mechanism, clients[i], server, tally(i), (struct tally){ ANY, tally(i).bytes },
			   &addresses[0]);
		received.ops += tally(CLIENTS + i).ops;
		received.bytes += tally(CLIENTS + i).bytes;
	}
	declare_sum(ANY, server, mechanism, (struct tally){ ANY, ANY }, received);
}

static void receive_one(void *arg)
{
	unsigned int i = *(unsigned int *)arg;

	await(SENT);
	methods[2].receive(bound[i], i ? 222 : 111, 1, 1 + i);
}

static void send_to_two(void *arg)
{
	struct iovec parts[2] = { { filled(111), 111 }, { filled(222), 222 } };
	struct mmsghdr messages[2] = {
		{ .msg_hdr = { &addresses[0].any, addresses[0].size, &parts[0], 1, NULL, 0, 0 } },
		{ .msg_hdr = { &addresses[1].any, addresses[1].size, &parts[1], 1, NULL, 0, 0 } },
	};

	(void)arg;
	check(sendmmsg(unbound_socket(), messages, 2, 0) == 2);
	mark(SENT);
}

void datagram_destinations(const char *mechanism, const struct address *one, const struct address *two)
{
	unsigned int zero = 0, first = 1;
	pid_t client, servers[2];

	bind_to(0, one);
	bind_to(1, two);
	servers[0] = actor("gen-first", receive_one, &zero);
	servers[1] = actor("gen-second", receive_one, &first);
	client = actor("gen-sender", send_to_two, NULL);
	actors_finish();
	declare_to(mechanism, client, servers[0], (struct tally){ 1, 111 }, tally(1), &addresses[0]);
	declare_to(mechanism, client, servers[1], (struct tally){ 1, 222 }, tally(2), &addresses[1]);
}
