// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: UDP between processes of this host. */
#include <errno.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "gen_datagram.h"
#include "gen_net.h"
#include "ipcgen.h"

#ifndef SOL_UDP
#define SOL_UDP IPPROTO_UDP
#endif

#define MESSAGES 5
#define CLIENTS 3

enum { SENT = 8, TAKEN = 32 };
enum { TX, RX }; /* tallies */

static struct address address;
static int bound, connected[2];
static pid_t client, server;

static void bind_on(const char *host)
{
	struct address wanted = inet_address(host, 0);

	bound = bound_socket(&wanted, SOCK_DGRAM);
	address = address_of(bound);
}

static void run(const char *host, unsigned int first)
{
	struct address wanted = inet_address(host, 0);

	datagram_methods("udp", &wanted, first);
}

static void connected_v4(void)
{
	run("127.0.0.1", 0);
}

static void connected_v6(void)
{
	run("::1", 0);
}

static void unconnected_v4(void)
{
	run("127.0.0.1", 2);
}

static void unconnected_v6(void)
{
	run("::1", 2);
}

static void send_from_v6(void *arg)
{
	char data[90] = { 0 };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0), off = 0;

	(void)arg;
	if (fd < 0)
		skip("no IPv6: %m");
	check(!setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)));
	for (int i = 0; i < MESSAGES; i++)
		check(sendto(fd, data, sizeof(data), 0, &address.any, address.size) == sizeof(data));
	close(fd);
}

static void take_on_v4(void *arg)
{
	char data[100];

	(void)arg;
	for (int i = 0; i < MESSAGES; i++)
		check(recv(bound, data, sizeof(data), 0) == 90);
}

/* udpv6_sendmsg() takes an address of IPv4, too. */
static void v6_to_v4(void)
{
	bind_on("127.0.0.1");
	server = actor("gen-v4", take_on_v4, NULL);
	client = actor("gen-v6", send_from_v6, NULL);
	actors_finish();
	declare_exact(client, server, "udp", (struct tally){ MESSAGES, 90 * MESSAGES },
		      (struct tally){ MESSAGES, 90 * MESSAGES });
}

static void talk_left(void *arg)
{
	(void)arg;
	methods[0].send(connected[0], 70, MESSAGES, 0, NULL);
	mark(SENT);
	await(TAKEN);
	methods[4].receive(connected[0], 30, MESSAGES, 3);
}

static void talk_right(void *arg)
{
	(void)arg;
	await(SENT);
	methods[1].receive(connected[1], 70, MESSAGES, 1);
	methods[4].send(connected[1], 30, MESSAGES, 2, NULL);
	mark(TAKEN);
}

/* Two sockets, each connected to the other. */
static void connected_both(void)
{
	struct address wanted = inet_address("127.0.0.1", 0), left, right;

	connected[0] = bound_socket(&wanted, SOCK_DGRAM);
	connected[1] = bound_socket(&wanted, SOCK_DGRAM);
	left = address_of(connected[0]);
	right = address_of(connected[1]);
	check(!connect(connected[0], &right.any, right.size));
	check(!connect(connected[1], &left.any, left.size));
	client = actor("gen-left", talk_left, NULL);
	server = actor("gen-right", talk_right, NULL);
	actors_finish();
	declare_exact(client, server, "udp", tally(0), tally(1));
	declare_exact(server, client, "udp", tally(2), tally(3));
}

static void echo_all(void *arg)
{
	char data[256];

	(void)arg;
	for (unsigned int i = 0; i < CLIENTS; i++) {
		await(SENT + i);
		for (int k = 0; k < MESSAGES; k++) {
			struct address from = { .size = sizeof(struct sockaddr_un) };
			ssize_t size = recvfrom(bound, data, sizeof(data), 0, &from.any, &from.size);

			check(size == 60 + (ssize_t)i);
			check(sendto(bound, data, (size_t)size, 0, &from.any, from.size) == size);
		}
		mark(TAKEN + i);
	}
}

static void echo_client(void *arg)
{
	unsigned int i = *(unsigned int *)arg;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	check(fd >= 0);
	if (i)
		await(TAKEN + i - 1);
	methods[2].send(fd, 60 + i, MESSAGES, i, &address);
	mark(SENT + i);
	await(TAKEN + i);
	methods[2].receive(fd, 60 + i, MESSAGES, CLIENTS + i);
}

static void echo_server(void)
{
	pid_t clients[CLIENTS];

	bind_on("127.0.0.1");
	server = actor("gen-echo", echo_all, NULL);
	for (unsigned int i = 0; i < CLIENTS; i++)
		clients[i] = actor("gen-client", echo_client, &i);
	actors_finish();
	for (unsigned int i = 0; i < CLIENTS; i++) {
		/* The echo takes and gives what its client gives and takes. */
		declare_to("udp", clients[i], server, tally(i), tally(i), &address);
		declare_exact(server, clients[i], "udp", tally(CLIENTS + i), tally(CLIENTS + i));
	}
}

static void blind_server(void)
{
	struct address wanted = inet_address("127.0.0.1", 0);

	datagram_clients("udp", &wanted, 0);
}

static void two_destinations(void)
{
	struct address one = inet_address("127.0.0.1", 0), two = one;

	datagram_destinations("udp", &one, &two);
}

static void send_odd(void *arg)
{
	int fd = connected_socket(&address, SOCK_DGRAM);

	(void)arg;
	await(TAKEN);
	check(send(fd, "", 0, 0) == 0);
	methods[1].send(fd, 500, 2, 0, NULL);
	mark(SENT);
}

/* A datagram without bytes, one looked at twice, one cut short. */
static void receive_odd(void *arg)
{
	char data[500];

	(void)arg;
	check(recv(bound, data, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
	mark(TAKEN);
	await(SENT);
	check(recv(bound, data, sizeof(data), 0) == 0);
	check(recv(bound, data, sizeof(data), MSG_PEEK) == 500);
	check(count(1, recv(bound, data, sizeof(data), 0)) == 500);
	check(count(1, recv(bound, data, 100, 0)) == 100);
}

static void odd_datagrams(void)
{
	bind_on("127.0.0.1");
	server = actor("gen-server", receive_odd, NULL);
	client = actor("gen-client", send_odd, NULL);
	actors_finish();
	declare_to("udp", client, server, (struct tally){ 3, 1000 }, (struct tally){ 3, 600 }, &address);
}

static void send_empties(void *arg)
{
	int fd = connected_socket(&address, SOCK_DGRAM);

	(void)arg;
	check(send(fd, "", 0, 0) == 0);
	check(write(fd, "seven..", 7) == 7);
	check(send(fd, "", 0, 0) == 0);
	mark(SENT);
}

/* read() with no room does not look for a datagram, recv() takes one. */
static void receive_empties(void *arg)
{
	char data[16];

	(void)arg;
	await(SENT);
	check(read(bound, data, 0) == 0);
	check(recv(bound, data, sizeof(data), 0) == 0);
	check(read(bound, data, 0) == 0);
	check(recv(bound, data, sizeof(data), 0) == 7);
	check(read(bound, data, 0) == 0);
	check(recv(bound, data, 0, 0) == 0);
	check(recv(bound, data, sizeof(data), MSG_DONTWAIT) == -1 && errno == EAGAIN);
}

static void empty_reads(void)
{
	const struct tally three = { 3, 7 };

	bind_on("127.0.0.1");
	server = actor("gen-server", receive_empties, NULL);
	client = actor("gen-client", send_empties, NULL);
	actors_finish();
	declare_to("udp", client, server, three, three, &address);
}

static void send_segments(void *arg)
{
	int fd = connected_socket(&address, SOCK_DGRAM), size = 1000;

	(void)arg;
	check(!setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)));
	check(count(TX, send(fd, filled(3000), 3000, 0)) == 3000);
	mark(SENT);
}

static void send_parts(void *arg)
{
	int fd = connected_socket(&address, SOCK_DGRAM);

	(void)arg;
	for (unsigned int i = 0; i < 3; i++)
		check(count(TX, send(fd, filled(1000), 1000, i < 2 ? MSG_MORE : 0)) == 1000);
	mark(SENT);
}

/* All that comes, in so many datagrams. */
static void receive_divided(void *arg)
{
	unsigned int times = *(unsigned int *)arg;
	int64_t left = 3000;

	await(SENT);
	while (times--)
		left -= count(RX, recv(bound, filled(4000), 4000, 0));
	check(!left);
}

static void run_divided(actor_fn sends, unsigned int times)
{
	bind_on("127.0.0.1");
	server = actor("gen-server", receive_divided, &times);
	client = actor("gen-client", sends, NULL);
	actors_finish();
	declare_to("udp", client, server, tally(TX), tally(RX), &address);
}

/* One send is three datagrams. */
static void segments(void)
{
	run_divided(send_segments, 3);
}

/* Three sends are one datagram. */
static void parts(void)
{
	run_divided(send_parts, 1);
}

/* A vector of no bytes is no datagram: the socket is not even asked. */
static void send_vectors(void *arg)
{
	struct iovec empty[2] = { { .iov_base = "" }, { .iov_base = "" } };
	int fd = connected_socket(&address, SOCK_DGRAM);

	(void)arg;
	check(!writev(fd, empty, 2) && !writev(fd, empty, 0));
	check(count(TX, write(fd, "seven..", 7)) == 7);
	mark(SENT);
}

static void receive_vectors(void *arg)
{
	char data[16];
	struct iovec empty[2] = { { .iov_base = data }, { .iov_base = data } };

	(void)arg;
	await(SENT);
	check(!readv(bound, empty, 2) && !readv(bound, empty, 0));
	check(count(RX, recv(bound, data, sizeof(data), 0)) == 7);
}

static void empty_vectors(void)
{
	bind_on("127.0.0.1");
	server = actor("gen-server", receive_vectors, NULL);
	client = actor("gen-client", send_vectors, NULL);
	actors_finish();
	declare_to("udp", client, server, tally(TX), tally(RX), &address);
}

const struct factory udp_factories[] = {
	{ "udp-connected-v4", connected_v4 },
	{ "udp-connected-v6", connected_v6 },
	{ "udp-unconnected-v4", unconnected_v4 },
	{ "udp-unconnected-v6", unconnected_v6 },
	{ "udp-v6-to-v4", v6_to_v4 },
	{ "udp-connected-both", connected_both },
	{ "udp-echo-server", echo_server },
	{ "udp-blind-server", blind_server },
	{ "udp-two-destinations", two_destinations },
	{ "udp-odd-datagrams", odd_datagrams },
	{ "udp-empty-reads", empty_reads },
	{ "udp-empty-vectors", empty_vectors },
	{ "udp-segments", segments },
	{ "udp-parts", parts },
	{ 0 },
};
