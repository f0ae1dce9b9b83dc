// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: TCP between processes of this host. */
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

#define REQUESTS 10
#define REPLIES 3
#define MIB (1 << 20)
#define WORKERS 3
#define CONNECTIONS 100

enum { CLIENT_TX, SERVER_RX, SERVER_TX, CLIENT_RX, TALLIES_EACH };
enum { ASKED, ANSWERED, STEPS_EACH };
enum { SENT = 200, TAKEN, CLOSED, ACCEPTED };

static struct address address;
static int listener, ends[2];
static pid_t client, server;

/* The listener is made before the fork, so that its port is known; the server alone uses it. */
static void listen_on(const char *host)
{
	struct address wanted = inet_address(host, 0);

	listener = bound_socket(&wanted, SOCK_STREAM);
	address = address_of(listener);
}

static void declare_way(pid_t src, pid_t dst, unsigned int sent, unsigned int received)
{
	char text[GEN_NAME_LEN];

	address_text(&address, text, sizeof(text));
	edge_name(declare_exact(src, dst, "tcp", tally(sent), tally(received)), "%s", text);
}

static void declare_both(unsigned int m)
{
	declare_way(client, server, m * TALLIES_EACH + CLIENT_TX, m * TALLIES_EACH + SERVER_RX);
	declare_way(server, client, m * TALLIES_EACH + SERVER_TX, m * TALLIES_EACH + CLIENT_RX);
}

static void client_all_methods(void *arg)
{
	(void)arg;
	for (unsigned int m = 0; m < METHODS; m++) {
		int fd = connected_socket(&address, SOCK_STREAM);

		methods[m].send(fd, 100 + m, REQUESTS, m * TALLIES_EACH + CLIENT_TX, NULL);
		mark(m * STEPS_EACH + ASKED);
		await(m * STEPS_EACH + ANSWERED);
		methods[m].receive(fd, 50 + m, REPLIES, m * TALLIES_EACH + CLIENT_RX);
		close(fd);
	}
}

static void serve_all_methods(void *arg)
{
	(void)arg;
	for (unsigned int m = 0; m < METHODS; m++) {
		int fd = accept(listener, NULL, NULL);

		check(fd >= 0);
		await(m * STEPS_EACH + ASKED);
		methods[m].receive(fd, 100 + m, REQUESTS, m * TALLIES_EACH + SERVER_RX);
		methods[m].send(fd, 50 + m, REPLIES, m * TALLIES_EACH + SERVER_TX, NULL);
		mark(m * STEPS_EACH + ANSWERED);
		close(fd);
	}
}

static void run_methods(void)
{
	server = actor("gen-server", serve_all_methods, NULL);
	client = actor("gen-client", client_all_methods, NULL);
	actors_finish();
	for (unsigned int m = 0; m < METHODS; m++)
		declare_both(m);
}

static void tcp_v4(void)
{
	listen_on("127.0.0.1");
	run_methods();
}

static void tcp_v6(void)
{
	listen_on("::1");
	run_methods();
}

/* An IPv6 server, an IPv4 client: the server's socket sees ::ffff:127.0.0.1. */
static void tcp_mapped(void)
{
	listen_on("::");
	address = inet_address("127.0.0.1", address_port(&address));
	run_methods();
}

/* Both ends IPv6 sockets that speak IPv4, which is what the map then shows. */
static void tcp_mapped_both(void)
{
	struct address shown;

	listen_on("::ffff:127.0.0.1");
	shown = inet_address("127.0.0.1", address_port(&address));
	server = actor("gen-server", serve_all_methods, NULL);
	client = actor("gen-client", client_all_methods, NULL);
	actors_finish();
	address = shown;
	for (unsigned int m = 0; m < METHODS; m++)
		declare_both(m);
}

static void tcp_own_address(void)
{
	struct ifaddrs *all, *one;
	bool found = false;

	check(!getifaddrs(&all));
	for (one = all; one && !found; one = one->ifa_next) {
		if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET ||
		    (one->ifa_flags & IFF_LOOPBACK) || !(one->ifa_flags & IFF_UP))
			continue;
		address.v4 = *(struct sockaddr_in *)one->ifa_addr;
		address.v4.sin_port = 0;
		address.size = sizeof(address.v4);
		found = true;
	}
	freeifaddrs(all);
	if (!found)
		skip("no address but loopback");
	listener = bound_socket(&address, SOCK_STREAM);
	address = address_of(listener);
	run_methods();
}

/* One direction: total bytes in writes of one size, taken with reads of another. */
static struct {
	int64_t total;
	size_t written, taken;
} stream;

static void send_stream(void *arg)
{
	int fd = connected_socket(&address, SOCK_STREAM);
	char *data = filled(stream.written);

	(void)arg;
	for (int64_t left = stream.total; left > 0; left -= (int64_t)stream.written)
		write_all(fd, data, stream.written, CLIENT_TX);
	close(fd);
}

static void take_stream(void *arg)
{
	int fd = accept(listener, NULL, NULL);

	(void)arg;
	check(fd >= 0);
	check(drain(fd, stream.taken, SERVER_RX) == stream.total);
}

static void run_stream(int64_t total, size_t written, size_t taken)
{
	stream.total = total;
	stream.written = written;
	stream.taken = taken;
	listen_on("127.0.0.1");
	server = actor("gen-server", take_stream, NULL);
	client = actor("gen-client", send_stream, NULL);
	actors_finish();
	declare_way(client, server, CLIENT_TX, SERVER_RX);
}

static void tcp_bulk(void)
{
	run_stream(200LL * MIB, MIB, 65536);
}

static void tcp_small_writes(void)
{
	run_stream(20LL * MIB, 1024, 16384);
}

static void ask_and_shut(void *arg)
{
	int fd = connected_socket(&address, SOCK_STREAM);

	(void)arg;
	write_all(fd, "request", 7, CLIENT_TX);
	check(!shutdown(fd, SHUT_WR));
	check(drain(fd, 10000, CLIENT_RX) == MIB);
}

static void reply_after_end(void *arg)
{
	int fd = accept(listener, NULL, NULL);

	(void)arg;
	check(fd >= 0);
	check(drain(fd, 100, SERVER_RX) == 7);
	write_all(fd, filled(MIB), MIB, SERVER_TX);
	close(fd);
}

static void tcp_half_close(void)
{
	listen_on("127.0.0.1");
	server = actor("gen-server", reply_after_end, NULL);
	client = actor("gen-client", ask_and_shut, NULL);
	actors_finish();
	declare_both(0);
}

/* Worker i accepts when it is its turn, so that truth knows whom client i got. */
static void prefork_worker(void *arg)
{
	unsigned int i = *(unsigned int *)arg, m = i * TALLIES_EACH;
	int fd;

	await(SENT + i);
	fd = accept(listener, NULL, NULL);
	check(fd >= 0);
	read_all(fd, 300 + i, m + SERVER_RX);
	methods[1].send(fd, 40 + i, REPLIES, m + SERVER_TX, NULL);
	mark(ASKED + i);
}

static void prefork_client(void *arg)
{
	unsigned int i = *(unsigned int *)arg, m = i * TALLIES_EACH;
	char *data = filled(300 + i);
	int fd;

	if (i)
		await(ASKED + i - 1);
	fd = connected_socket(&address, SOCK_STREAM);
	write_all(fd, data, 300 + i, m + CLIENT_TX);
	mark(SENT + i);
	await(ASKED + i);
	methods[1].receive(fd, 40 + i, REPLIES, m + CLIENT_RX);
}

static void tcp_prefork(void)
{
	pid_t workers[WORKERS], clients[WORKERS];

	listen_on("127.0.0.1");
	for (unsigned int i = 0; i < WORKERS; i++)
		workers[i] = actor("gen-worker", prefork_worker, &i);
	for (unsigned int i = 0; i < WORKERS; i++)
		clients[i] = actor("gen-client", prefork_client, &i);
	actors_finish();
	for (unsigned int i = 0; i < WORKERS; i++) {
		client = clients[i];
		server = workers[i];
		declare_both(i);
	}
}

static void connect_often(void *arg)
{
	(void)arg;
	for (int i = 0; i < CONNECTIONS; i++) {
		int fd = connected_socket(&address, SOCK_STREAM);

		write_all(fd, "hello", 5, CLIENT_TX);
		check(drain(fd, 100, CLIENT_RX) == 11);
		close(fd);
	}
}

static void serve_often(void *arg)
{
	(void)arg;
	for (int i = 0; i < CONNECTIONS; i++) {
		int fd = accept(listener, NULL, NULL);

		check(fd >= 0);
		read_all(fd, 5, SERVER_RX);
		write_all(fd, "hello world", 11, SERVER_TX);
		close(fd);
	}
}

static void tcp_short_connections(void)
{
	const struct tally asked = { 1, 5 }, replied = { 1, 11 };

	listen_on("127.0.0.1");
	server = actor("gen-server", serve_often, NULL);
	client = actor("gen-client", connect_often, NULL);
	actors_finish();
	for (int i = 0; i < CONNECTIONS; i++) {
		declare_exact(client, server, "tcp", asked, asked);
		declare_exact(server, client, "tcp", replied, replied);
	}
}

static void take_banner(void *arg)
{
	int fd = connected_socket(&address, SOCK_STREAM);

	(void)arg;
	read_all(fd, 220, CLIENT_RX);
	write_all(fd, "HELO", 4, CLIENT_TX);
	mark(SENT);
}

static void send_banner(void *arg)
{
	int fd = accept(listener, NULL, NULL);
	char *data = filled(220);

	(void)arg;
	check(fd >= 0);
	write_all(fd, data, 220, SERVER_TX);
	await(SENT);
	read_all(fd, 4, SERVER_RX);
}

static void tcp_server_first(void)
{
	listen_on("127.0.0.1");
	server = actor("gen-server", send_banner, NULL);
	client = actor("gen-client", take_banner, NULL);
	actors_finish();
	declare_both(0);
}

static void connect_and_leave(void *arg)
{
	int fd = connected_socket(&address, SOCK_STREAM);

	(void)arg;
	methods[0].send(fd, 99, REQUESTS, CLIENT_TX, NULL);
	close(fd);
}

static void tcp_early_client(void)
{
	stream.total = 99 * REQUESTS;
	stream.taken = 99;
	listen_on("127.0.0.1");
	client = actor("gen-early", connect_and_leave, NULL);
	actors_finish();
	server = actor("gen-late", take_stream, NULL);
	actors_finish();
	declare_way(client, server, CLIENT_TX, SERVER_RX);
}

static void fill_socket(void *arg)
{
	char *data = filled(MIB);
	struct address nobody = inet_address("127.0.0.1", 1);
	int refused = socket(AF_INET, SOCK_STREAM, 0);
	ssize_t moved;

	(void)arg;
	check(connect(refused, &nobody.any, nobody.size) == -1 && errno == ECONNREFUSED);
	while ((moved = count(CLIENT_TX, send(ends[1], data, MIB, MSG_DONTWAIT))) > 0)
		;
	check(moved == -1 && errno == EAGAIN);
	set_value(0, tally(CLIENT_TX).bytes);
	mark(SENT);
}

/* Looks first, which moves nothing; then takes all, and one time too often. */
static void peek_and_take(void *arg)
{
	char *data = filled(65536);

	(void)arg;
	await(SENT);
	check(recv(ends[0], data, 100, MSG_PEEK) == 100);
	while (tally(SERVER_RX).bytes < value(0))
		check(count(SERVER_RX, recv(ends[0], data, 65536, 0)) > 0);
	check(recv(ends[0], data, 100, MSG_DONTWAIT) == -1 && errno == EAGAIN);
}

static void tcp_nonblocking(void)
{
	tcp_pair(ends);
	server = actor("gen-server", peek_and_take, NULL);
	client = actor("gen-client", fill_socket, NULL);
	actors_finish();
	declare_exact(client, server, "tcp", tally(CLIENT_TX), tally(SERVER_RX));
}

const struct factory tcp_factories[] = {
	{ "tcp-v4", tcp_v4 },
	{ "tcp-v6", tcp_v6 },
	{ "tcp-v4-mapped", tcp_mapped },
	{ "tcp-v4-mapped-both", tcp_mapped_both },
	{ "tcp-own-address", tcp_own_address },
	{ "tcp-bulk", tcp_bulk },
	{ "tcp-small-writes", tcp_small_writes },
	{ "tcp-half-close", tcp_half_close },
	{ "tcp-prefork", tcp_prefork },
	{ "tcp-short-connections", tcp_short_connections },
	{ "tcp-server-first", tcp_server_first },
	{ "tcp-early-client", tcp_early_client },
	{ "tcp-nonblocking", tcp_nonblocking },
	{ 0 },
};
