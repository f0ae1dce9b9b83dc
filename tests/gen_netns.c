// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: network namespaces, with addresses that are another's, too, and addresses of their own. */
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

#define SPACES 2
#define KINDS 3

enum { SERVER_PORT = 5000, CLIENT_PORT = 6000 };
enum { READY = 0, CONNECTED = 16, SENT = 32 };

static const char *const mechanisms[KINDS] = { "tcp", "udp", "unix-stream" };

static struct address address_of_kind(unsigned int kind)
{
	struct address address = { 0 };
	static const char name[] = "\0ipcgen-same";

	if (kind < 2)
		return inet_address("127.0.0.1", SERVER_PORT);
	address.un.sun_family = AF_UNIX;
	memcpy(address.un.sun_path, name, sizeof(name) - 1);
	address.size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(name) - 1);
	return address;
}

static int type_of_kind(unsigned int kind)
{
	return kind == 1 ? SOCK_DGRAM : SOCK_STREAM;
}

static size_t size_of(unsigned int space, unsigned int kind)
{
	return 100 + 10 * space + kind;
}

/* From a fixed port, so that both namespaces hold the same four numbers. */
static int connect_from(const struct address *to, unsigned int kind)
{
	struct address from = inet_address("127.0.0.1", CLIENT_PORT);
	int fd = socket(to->any.sa_family, type_of_kind(kind), 0);

	check(fd >= 0);
	if (kind < 2)
		check(!bind(fd, &from.any, from.size));
	check(!connect(fd, &to->any, to->size));
	return fd;
}

static void space_client(void *arg)
{
	unsigned int space = *(unsigned int *)arg;

	for (unsigned int kind = 0; kind < KINDS; kind++) {
		unsigned int i = space * KINDS + kind;
		struct address to = address_of_kind(kind);
		int fd;

		await(READY + i);
		fd = connect_from(&to, kind);
		methods[1].send(fd, size_of(space, kind), 3, 2 * i, NULL);
		mark(SENT + i);
	}
}

static void space_serve(unsigned int space, unsigned int kind)
{
	struct address address = address_of_kind(kind);
	unsigned int i = space * KINDS + kind;
	int bound = bound_socket(&address, type_of_kind(kind));
	int fd = bound;

	mark(READY + i);
	await(SENT + i);
	if (kind != 1)
		fd = accept(bound, NULL, NULL);
	check(fd >= 0);
	methods[1].receive(fd, size_of(space, kind), 3, 2 * i + 1);
}

static void enter_space(void)
{
	struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET))
		skip("no private network namespace: %m");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	check(fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &loopback));
	close(fd);
}

/* The server makes the namespace, its child is the client in it. */
static void space_server(void *arg)
{
	unsigned int space = *(unsigned int *)arg;

	enter_space();
	set_value(space, actor("gen-client", space_client, arg));
	/* Both namespaces are at the same point at the same time. */
	mark(CONNECTED + space);
	await(CONNECTED + 1 - space);
	for (unsigned int kind = 0; kind < KINDS; kind++)
		space_serve(space, kind);
}

static void same_addresses(void)
{
	pid_t servers[SPACES];

	for (unsigned int space = 0; space < SPACES; space++)
		servers[space] = actor("gen-server", space_server, &space);
	actors_finish();
	for (unsigned int i = 0; i < SPACES * KINDS; i++) {
		struct truth_edge *edge = declare_exact(value(i / KINDS), servers[i / KINDS],
							mechanisms[i % KINDS], tally(2 * i),
							tally(2 * i + 1));

		if (i % KINDS == 2)
			edge_name(edge, "@ipcgen-same");
		else
			edge_name(edge, "127.0.0.1:%d", SERVER_PORT);
	}
}

/* Only the namespace has it: nobody outside can tell that it is of this host. */
#define OWN_ADDRESS "10.9.9.1"

enum { OWN_KINDS = 2, ANSWERS = 4 };

static void own_client(void *arg)
{
	(void)arg;
	for (unsigned int kind = 0; kind < OWN_KINDS; kind++) {
		struct address to = inet_address(OWN_ADDRESS, SERVER_PORT);
		int fd;

		await(READY + kind);
		fd = connected_socket(&to, type_of_kind(kind));
		methods[1].send(fd, 100 + kind, 3, kind, NULL);
		methods[1].receive(fd, 50 + kind, 2, ANSWERS + kind);
		mark(SENT + kind);
		await(CONNECTED + kind);
	}
}

static void own_serve(unsigned int kind)
{
	struct address from = { .size = sizeof(from.un) };
	struct address address = inet_address(OWN_ADDRESS, SERVER_PORT);
	int bound = bound_socket(&address, type_of_kind(kind)), fd = bound;
	char data[256];

	mark(READY + kind);
	if (kind == 1) {
		for (int i = 0; i < 3; i++)
			check(recvfrom(fd, data, sizeof(data), 0, &from.any, &from.size) == 101);
		methods[2].send(fd, 51, 2, 2 + kind, &from);
	} else {
		fd = accept(bound, NULL, NULL);
		check(fd >= 0);
		methods[1].receive(fd, 100, 3, 6);
		methods[1].send(fd, 50, 2, 2 + kind, NULL);
	}
	await(SENT + kind);
	mark(CONNECTED + kind);
}

static void own_server(void *arg)
{
	struct address address = inet_address(OWN_ADDRESS, 0);
	struct ifreq request = { .ifr_name = "lo" };
	int fd;

	(void)arg;
	enter_space();
	memcpy(&request.ifr_addr, &address.v4, sizeof(address.v4));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	check(fd >= 0 && !ioctl(fd, SIOCSIFADDR, &request));
	close(fd);
	set_value(0, actor("gen-client", own_client, NULL));
	for (unsigned int kind = 0; kind < OWN_KINDS; kind++)
		own_serve(kind);
}

static void own_address(void)
{
	pid_t server = actor("gen-server", own_server, NULL);

	actors_finish();
	for (unsigned int kind = 0; kind < OWN_KINDS; kind++) {
		struct tally asked = tally(kind), answered = tally(2 + kind);
		struct truth_edge *edge;

		edge = declare_exact(value(0), server, mechanisms[kind], asked, asked);
		edge_name(edge, OWN_ADDRESS ":%d", SERVER_PORT);
		declare_exact(server, value(0), mechanisms[kind], answered, answered);
	}
}

const struct factory netns_factories[] = {
	{ "netns-same-addresses", same_addresses },
	{ "netns-own-address", own_address },
	{ 0 },
};
