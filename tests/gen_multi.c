// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: UDP sockets that share a port, a group, or one socket's life with several peers. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

#define SERVERS 2
#define CLIENTS 8
#define QUESTIONS 3

enum { BOUND = 0, SENT = 16, TAKEN = 32, OVER = 64 };

static struct address address;
static int servers[SERVERS];
static pid_t pids[SERVERS + CLIENTS];

static int datagram_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	check(fd >= 0);
	return fd;
}

static void declare_at(pid_t src, pid_t dst, struct tally sent, struct tally received,
		       const struct address *name)
{
	char text[GEN_NAME_LEN];

	address_text(name, text, sizeof(text));
	edge_name(declare_exact(src, dst, "udp", sent, received), "%s", text);
}

/* The tallies of what server s took from client c, and what it gave back. */
static unsigned int asked(unsigned int s, unsigned int c)
{
	return (s * CLIENTS + c) * 2;
}

static unsigned int answered(unsigned int s, unsigned int c)
{
	return asked(s, c) + 1;
}

/* A question's first byte is its client's number; the answer is half as long. */
static void answer_shared(void *arg)
{
	unsigned int s = *(unsigned int *)arg;
	struct pollfd ready = { .fd = servers[s], .events = POLLIN };
	unsigned char data[256];

	keep_only(servers[s]);
	mark(BOUND + s);
	while (!marked(OVER)) {
		struct address from = { .size = sizeof(struct sockaddr_un) };
		ssize_t size;

		if (poll(&ready, 1, 20) <= 0)
			continue;
		size = recvfrom(ready.fd, data, sizeof(data), 0, &from.any, &from.size);
		check(size > 0 && data[0] < CLIENTS);
		count(asked(s, data[0]), size);
		size = sendto(ready.fd, data, (size_t)size / 2, 0, &from.any, from.size);
		check(count(answered(s, data[0]), size) > 0);
	}
}

/* Half of the clients are connected, half send to the address. */
static void ask_shared(void *arg)
{
	unsigned int c = *(unsigned int *)arg;
	int fd = c % 2 ? connected_socket(&address, SOCK_DGRAM) : datagram_socket();
	char *data = filled(100 + c);

	data[0] = (char)c;
	await(BOUND);
	await(BOUND + 1);
	for (unsigned int i = 0; i < QUESTIONS; i++) {
		ssize_t size = c % 2 ? send(fd, data, 100 + c, 0) :
				       sendto(fd, data, 100 + c, 0, &address.any, address.size);

		check(size == 100 + (ssize_t)c);
		check(recv(fd, data + 1, 256 - 1, 0) == size / 2);
	}
	mark(SENT + c);
}

static void bind_shared(void)
{
	const int on = 1;

	address = inet_address("127.0.0.1", 0);
	for (unsigned int s = 0; s < SERVERS; s++) {
		servers[s] = datagram_socket();
		check(!setsockopt(servers[s], SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)));
		check(!bind(servers[s], &address.any, address.size));
		address = address_of(servers[s]);
	}
}

/* Which of the servers a client's datagrams reach is the kernel's choice; the servers were told. */
static void reuseport(void)
{
	bind_shared();
	for (unsigned int s = 0; s < SERVERS; s++)
		pids[s] = actor("gen-server", answer_shared, &s);
	for (unsigned int c = 0; c < CLIENTS; c++)
		pids[SERVERS + c] = actor("gen-client", ask_shared, &c);
	for (unsigned int c = 0; c < CLIENTS; c++)
		await(SENT + c);
	mark(OVER);
	actors_finish();
	for (unsigned int s = 0; s < SERVERS; s++) {
		for (unsigned int c = 0; c < CLIENTS; c++) {
			struct tally to = tally(asked(s, c)), from = tally(answered(s, c));

			if (!to.ops)
				continue;
			declare_at(pids[SERVERS + c], pids[s], to, to, &address);
			declare_exact(pids[s], pids[SERVERS + c], "udp", from, from);
		}
	}
}

static void answer_twice(void *arg)
{
	unsigned int s = *(unsigned int *)arg;
	char data[256];

	for (unsigned int i = 0; i < QUESTIONS; i++) {
		struct address from = { .size = sizeof(struct sockaddr_un) };
		ssize_t size = recvfrom(servers[s], data, sizeof(data), 0, &from.any, &from.size);

		check(count(asked(s, 0), size) == 20 + (ssize_t)s);
		size = sendto(servers[s], data, 50 + s, 0, &from.any, from.size);
		check(count(answered(s, 0), size) == 50 + (ssize_t)s);
	}
}

/* As a resolver does: one socket, one server after the other. */
static void ask_in_turn(void *arg)
{
	int fd = datagram_socket();
	char data[256] = "";

	(void)arg;
	for (unsigned int s = 0; s < SERVERS; s++) {
		struct address to = address_of(servers[s]), from = { .size = sizeof(from.un) };

		check(!connect(fd, &to.any, to.size));
		for (unsigned int i = 0; i < QUESTIONS; i++) {
			check(send(fd, data, 20 + s, 0) == 20 + (ssize_t)s);
			if (i % 2)
				check(recv(fd, data, sizeof(data), 0) == 50 + (ssize_t)s);
			else
				check(recvfrom(fd, data, sizeof(data), 0, &from.any, &from.size) ==
				      50 + (ssize_t)s);
		}
	}
}

static void reconnect(void)
{
	pid_t client;

	address = inet_address("127.0.0.1", 0);
	for (unsigned int s = 0; s < SERVERS; s++) {
		servers[s] = bound_socket(&address, SOCK_DGRAM);
		pids[s] = actor("gen-server", answer_twice, &s);
	}
	client = actor("gen-client", ask_in_turn, NULL);
	actors_finish();
	for (unsigned int s = 0; s < SERVERS; s++) {
		struct address name = address_of(servers[s]);
		struct tally to = tally(asked(s, 0)), from = tally(answered(s, 0));

		declare_at(client, pids[s], to, to, &name);
		declare_exact(pids[s], client, "udp", from, from);
	}
}

static bool told; /* the servers ask who sent it */

static void serve_in_turn(void *arg)
{
	unsigned int s = *(unsigned int *)arg;
	int fd;

	if (s)
		await(TAKEN);
	else
		address = inet_address("127.0.0.1", 0);
	if (s)
		address = inet_address("0.0.0.0", (unsigned int)value(0));
	fd = bound_socket(&address, SOCK_DGRAM);
	address = address_of(fd);
	set_value(0, address_port(&address));
	mark(BOUND + s);
	methods[told ? 2 : 1].receive(fd, 10 + s, 1 + 2 * s, asked(s, 0));
	close(fd);
	mark(TAKEN + s);
}

static void send_in_turn(void *arg)
{
	int fd = datagram_socket();

	(void)arg;
	for (unsigned int s = 0; s < SERVERS; s++) {
		struct address to;

		await(BOUND + s);
		to = inet_address("127.0.0.1", (unsigned int)value(0));
		methods[2].send(fd, 10 + s, 1 + 2 * s, answered(s, 0), &to);
	}
}

/* The same port of the same address, by a socket of its own and then by one for any address. */
static void run_in_turn(bool with_address)
{
	pid_t client;

	told = with_address;
	for (unsigned int s = 0; s < SERVERS; s++)
		pids[s] = actor(s ? "gen-any" : "gen-specific", serve_in_turn, &s);
	client = actor("gen-client", send_in_turn, NULL);
	actors_finish();
	for (unsigned int s = 0; s < SERVERS; s++)
		declare_exact(client, pids[s], "udp", tally(answered(s, 0)), tally(asked(s, 0)));
}

static void specific_then_any(void)
{
	run_in_turn(false);
}

static void specific_then_any_told(void)
{
	run_in_turn(true);
}

#define MULTICAST "224.9.9.9"
#define BROADCAST "127.255.255.255" /* of the loopback interface */

static const char *group_address;

static bool is_multicast(void)
{
	return !strcmp(group_address, MULTICAST);
}

/* The first one is bound to any address, the second one to the group's. */
static int join_group(unsigned int s)
{
	struct ip_mreq group = { 0 };
	struct address wanted = inet_address(s ? group_address : "0.0.0.0",
					     s ? address_port(&address) : 0);
	struct address member = inet_address(group_address, 0), loopback = inet_address("127.0.0.1", 0);
	int fd = bound_socket(&wanted, SOCK_DGRAM);

	if (!s)
		address = address_of(fd);
	if (!is_multicast())
		return fd;
	group.imr_multiaddr = member.v4.sin_addr;
	group.imr_interface = loopback.v4.sin_addr;
	if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)))
		skip("no multicast on the loopback interface: %m");
	return fd;
}

static void take_of_group(void *arg)
{
	unsigned int s = *(unsigned int *)arg;

	methods[s ? 1 : 2].receive(servers[s], 100, QUESTIONS, asked(s, 0));
}

static void send_to_group(void *arg)
{
	struct address to = inet_address(group_address, address_port(&address));
	struct address loopback = inet_address("127.0.0.1", 0);
	int fd = datagram_socket(), on = 1;

	(void)arg;
	check(!setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &loopback.v4.sin_addr,
			  sizeof(loopback.v4.sin_addr)));
	check(!setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)));
	methods[2].send(fd, 100, QUESTIONS, answered(0, 0), &to);
}

static void run_group(const char *to, unsigned int members)
{
	struct tally sent;
	struct truth_edge *edge;
	struct address name;
	pid_t client;

	group_address = to;
	for (unsigned int s = 0; s < members; s++) {
		servers[s] = join_group(s);
		pids[s] = actor("gen-member", take_of_group, &s);
	}
	client = actor("gen-sender", send_to_group, NULL);
	actors_finish();
	sent = tally(answered(0, 0));
	if (members == 1) {
		declare_exact(client, pids[0], "udp", sent, tally(asked(0, 0)));
		return;
	}
	name = inet_address(to, address_port(&address));
	for (unsigned int s = 0; s <= members; s++) {
		edge = s < members ? declare_exact(NODE_HUB, pids[s], "udp", (struct tally){ 0, 0 },
						   tally(asked(s, 0))) :
				     declare_exact(client, NODE_HUB, "udp", sent,
						   (struct tally){ 0, 0 });
		edge_name(edge, "%s:%u", to, address_port(&name));
		edge->attribution = "hub";
	}
}

/* Each member gets a copy: what goes in once comes out twice. */
static void multicast_two(void)
{
	run_group(MULTICAST, 2);
}

static void multicast_one(void)
{
	run_group(MULTICAST, 1);
}

static void broadcast(void)
{
	run_group(BROADCAST, 2);
}

const struct factory multi_factories[] = {
	{ "udp-reuseport", reuseport },
	{ "udp-reconnect", reconnect },
	{ "udp-specific-then-any", specific_then_any },
	{ "udp-specific-then-any-told", specific_then_any_told },
	{ "udp-multicast-two", multicast_two },
	{ "udp-multicast-one", multicast_one },
	{ "udp-broadcast", broadcast },
	{ 0 },
};
