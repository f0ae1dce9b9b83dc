// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: two network namespaces in which everything has the same address. */
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

/* The server makes the namespace, its child is the client in it. */
static void space_server(void *arg)
{
	unsigned int space = *(unsigned int *)arg;
	struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET))
		skip("no private network namespace: %m");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	check(fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &loopback));
	close(fd);
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

const struct factory netns_factories[] = {
	{ "netns-same-addresses", same_addresses },
	{ 0 },
};
