// SPDX-License-Identifier: GPL-2.0-only
/* Captures built by hand, and the maps that they must become: sockets. */
#include "joined.h"

/* The forked acceptor reads, not the listener; both directions are one channel. */
static void test_stream(void **state)
{
	const struct edge *there, *back;

	(void)state;
	stream_pair(100, 101, "/run/s");
	world_tx(&capture, 1, IPC_UNIX_STREAM, 100, 3, 30);
	world_rx(&capture, 2, IPC_UNIX_STREAM, 101, 3, 30);
	world_tx(&capture, 2, IPC_UNIX_STREAM, 101, 5, 500);
	world_rx(&capture, 1, IPC_UNIX_STREAM, 100, 5, 500);
	joined(2, 1);
	there = edge("p1", "p2", 30, 30);
	back = edge("p2", "p1", 500, 500);
	assert_int_equal(there->channel, back->channel);
	assert_string_equal(channel_of(there)->name, "/run/s");
	assert_string_equal(channel_of(there)->object, "socket:[100]");
	assert_string_equal(channel_of(there)->peer, "socket:[101]");
}

/* Two processes share each end: a hub for each direction, on one channel. */
static void test_stream_hubs(void **state)
{
	size_t hubs = 0;

	(void)state;
	stream_pair(100, 101, NULL);
	for (uint32_t pid = 1; pid <= 2; pid++) {
		world_tx(&capture, pid, IPC_UNIX_STREAM, 100, 1, 10);
		world_rx(&capture, pid, IPC_UNIX_STREAM, 100, 1, 7);
		world_tx(&capture, pid + 2, IPC_UNIX_STREAM, 101, 1, 7);
		world_rx(&capture, pid + 2, IPC_UNIX_STREAM, 101, 1, 10);
	}
	joined(8, 1);
	for (size_t i = 0; i < map->node_count; i++)
		hubs += map->nodes[i].kind == NODE_HUB;
	assert_int_equal(hubs, 2);
}

static void test_stream_peer_unknown(void **state)
{
	struct ipc_object own = unix_info(IPC_UNIX_STREAM, 100, "/run/s");

	(void)state;
	world_object(&capture, &own);
	world_tx(&capture, 1, IPC_UNIX_STREAM, 100, 3, 30);
	world_rx(&capture, 1, IPC_UNIX_STREAM, 100, 1, 7);
	world_rx(&capture, 2, IPC_UNIX_STREAM, 999, 1, 8); /* without a record */
	joined(3, 2);
	assert_int_equal(edge_in("/run/s", "p1", "hub", ATTRIBUTION_UNDELIVERED)->bytes, 30);
	assert_int_equal(edge_in("/run/s", "hub", "p1", ATTRIBUTION_EARLIER)->received_bytes, 7);
	assert_int_equal(edge_in(NULL, "hub", "p2", ATTRIBUTION_EARLIER)->received_bytes, 8);
}

static void tcp_outside(void)
{
	struct ipc_object info = inet_info(IPC_TCP, 200, "10.0.0.1", 40000, "192.0.2.7", 443);

	world_object(&capture, &info);
	world_tx(&capture, 1, IPC_TCP, 200, 2, 100);
	world_rx(&capture, 1, IPC_TCP, 200, 3, 900);
}

static void test_external_tcp(void **state)
{
	const struct edge *there;

	(void)state;
	tcp_outside();
	joined(0, 0);
	assert_int_equal(map->completeness.external_ops, 5);
	assert_int_equal(map->completeness.external_bytes, 1000);
	assert_int_equal(map->completeness.self_ops, 0);
	options.external = true;
	joined(2, 1);
	there = edge("p1", "192.0.2.7", 100, 0);
	edge("192.0.2.7", "p1", 0, 900);
	assert_string_equal(channel_of(there)->name, "192.0.2.7:443");
	assert_int_equal(map->completeness.external_bytes, 0);
}

/* Asking a name server elsewhere is no talk with oneself; one node for an address. */
static void test_external_udp(void **state)
{
	struct ipc_object info = inet_info(IPC_UDP, 201, "0.0.0.0", 5353, NULL, 0);

	(void)state;
	tcp_outside();
	world_remote_inet(&capture, info, 77, "192.0.2.7", 53);
	world_remote_inet(&capture, info, 79, "192.0.2.8", 53);
	world_flow(&capture, 1, IPC_UDP, IPC_TX, 201, 77, 1, 30);
	world_flow(&capture, 1, IPC_UDP, IPC_RX, 201, 77, 1, 300);
	world_flow(&capture, 1, IPC_UDP, IPC_TX, 201, 79, 1, 31);
	options.external = true;
	joined(5, 3);
	assert_int_equal(map->node_count, 3);
	assert_int_equal(edge_in("192.0.2.7:53", "p1", "192.0.2.7", ATTRIBUTION_EXACT)->bytes, 30);
	assert_int_equal(edge_in("192.0.2.7:53", "192.0.2.7", "p1", ATTRIBUTION_EXACT)->received_bytes, 300);
	assert_int_equal(edge_in("192.0.2.8:53", "p1", "192.0.2.8", ATTRIBUTION_EXACT)->bytes, 31);
	options.external = false;
	joined(0, 0);
	assert_int_equal(map->completeness.self_ops, 0);
}

static void datagram(uint64_t inode, const char *name)
{
	struct ipc_object info = unix_info(IPC_UNIX_DGRAM, inode, name);

	world_object(&capture, &info);
}

/* /dev/log, not read to the end, or with two that read: who read whose message is not known. */
static void test_datagram_hub(void **state)
{
	(void)state;
	datagram(60, "/dev/log");
	for (uint32_t pid = 1; pid <= 3; pid++)
		world_flow(&capture, pid, IPC_UNIX_DGRAM, IPC_TX, 60 + pid, 60, 2, 20);
	world_rx(&capture, 4, IPC_UNIX_DGRAM, 60, 3, 30);
	joined(4, 1);
	world_rx(&capture, 5, IPC_UNIX_DGRAM, 60, 3, 30);
	joined(5, 1);
	assert_string_equal(channel_of(edge_in("/dev/log", "p2", "hub", ATTRIBUTION_HUB))->mechanism, "unix-dgram");
	edge_in("/dev/log", "hub", "p5", ATTRIBUTION_HUB);
}

/* By address only: to the one that has the name, else to the name itself. */
static void test_datagram_by_name(void **state)
{
	struct ipc_object sender = unix_info(IPC_UNIX_DGRAM, 61, "/client");

	(void)state;
	datagram(60, "/dev/log");
	world_object(&capture, &sender);
	world_remote_unix(&capture, sender, IPC_REMOTE_ADDRESS | 5, "/dev/log");
	world_remote_unix(&capture, sender, IPC_REMOTE_ADDRESS | 6, "/gone");
	world_remote_unix(&capture, sender, IPC_REMOTE_ADDRESS | 7, "@too");
	world_flow(&capture, 1, IPC_UNIX_DGRAM, IPC_TX, 61, IPC_REMOTE_ADDRESS | 5, 1, 10);
	world_flow(&capture, 1, IPC_UNIX_DGRAM, IPC_TX, 61, IPC_REMOTE_ADDRESS | 6, 1, 20);
	world_flow(&capture, 1, IPC_UNIX_DGRAM, IPC_TX, 61, IPC_REMOTE_ADDRESS | 7, 1, 30);
	world_rx(&capture, 2, IPC_UNIX_DGRAM, 60, 1, 10);
	/* and what comes to the client is a channel of its own */
	world_flow(&capture, 3, IPC_UNIX_DGRAM, IPC_TX, 63, 61, 1, 40);
	world_rx(&capture, 1, IPC_UNIX_DGRAM, 61, 1, 40);
	joined(4, 4);
	assert_int_equal(edge_in("/dev/log", "p1", "p2", ATTRIBUTION_EXACT)->bytes, 10);
	assert_int_equal(edge_in("/gone", "p1", "hub", ATTRIBUTION_UNDELIVERED)->bytes, 20);
	assert_int_equal(edge_in("@too", "p1", "hub", ATTRIBUTION_UNDELIVERED)->bytes, 30);
	assert_int_equal(edge_in("/client", "p3", "p1", ATTRIBUTION_EXACT)->bytes, 40);
}

/* A server and two clients: each answer goes to the client that it was sent to. */
static void test_udp_server(void **state)
{
	struct ipc_object server = inet_info(IPC_UDP, 80, "127.0.0.1", 53, NULL, 0);

	(void)state;
	world_object(&capture, &server);
	for (uint32_t i = 0; i < 2; i++) {
		struct ipc_object client = inet_info(IPC_UDP, 81 + i, "0.0.0.0", 1000 + i, NULL, 0);

		world_remote_inet(&capture, client, 5, "127.0.0.1", 53);
		world_remote_inet(&capture, server, 11 + 2 * i, "127.0.0.1", 1000 + i);
		world_flow(&capture, 1 + i, IPC_UDP, IPC_TX, 81 + i, 5, 1, 10 + i);
		world_flow(&capture, 3, IPC_UDP, IPC_RX, 80, 11 + 2 * i, 1, 10 + i);
		world_flow(&capture, 3, IPC_UDP, IPC_TX, 80, 11 + 2 * i, 1, 100 + i);
		world_flow(&capture, 1 + i, IPC_UDP, IPC_RX, 81 + i, 5, 1, 100 + i);
	}
	joined(4, 3);
	assert_string_equal(channel_of(edge("p1", "p3", 10, 10))->name, "127.0.0.1:53");
	edge("p2", "p3", 11, 11);
	assert_string_equal(channel_of(edge("p3", "p1", 100, 100))->name, "*:1000");
	edge("p3", "p2", 101, 101);
}

/* Two addresses where nobody listens are two channels, not one under the first's name. */
static void test_udp_nobody(void **state)
{
	struct ipc_object client = inet_info(IPC_UDP, 81, "0.0.0.0", 1000, NULL, 0);

	(void)state;
	world_remote_inet(&capture, client, 5, "127.0.0.1", 7);
	world_remote_inet(&capture, client, 7, "127.0.0.1", 9);
	world_flow(&capture, 1, IPC_UDP, IPC_TX, 81, 5, 1, 10);
	world_flow(&capture, 1, IPC_UDP, IPC_TX, 81, 7, 1, 20);
	joined(2, 2);
	assert_int_equal(edge_in("127.0.0.1:7", "p1", "hub", ATTRIBUTION_UNDELIVERED)->bytes, 10);
	assert_int_equal(edge_in("127.0.0.1:9", "p1", "hub", ATTRIBUTION_UNDELIVERED)->bytes, 20);
}

static void test_udp_reuseport(void **state)
{
	struct ipc_object client = inet_info(IPC_UDP, 90, "127.0.0.1", 1000, NULL, 0);

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		struct ipc_object server = inet_info(IPC_UDP, 80 + i, "127.0.0.1", 53, NULL, 0);

		hold_new(2 + i, server);
		world_flow(&capture, 2 + i, IPC_UDP, IPC_RX, 80 + i, 0, 1, 30);
	}
	world_remote_inet(&capture, client, 5, "127.0.0.1", 53);
	world_flow(&capture, 1, IPC_UDP, IPC_TX, 90, 5, 2, 60);
	joined(2, 1);
	edge("p1", "p2", 30, 30);
	edge("p1", "p3", 30, 30);
	world_flow(&capture, 4, IPC_UDP, IPC_TX, 90, 5, 2, 8);
	joined(4, 1);
	edge_in(NULL, "p4", "hub", ATTRIBUTION_HUB);
}

/* Not read, and two sockets share the port: which of them got it is not known. */
static void test_udp_reuseport_undelivered(void **state)
{
	struct ipc_object client = inet_info(IPC_UDP, 90, "127.0.0.1", 1000, NULL, 0);

	(void)state;
	hold_new(2, inet_info(IPC_UDP, 80, "127.0.0.1", 53, NULL, 0));
	world_remote_inet(&capture, client, 5, "127.0.0.1", 53);
	world_flow(&capture, 1, IPC_UDP, IPC_TX, 90, 5, 2, 60);
	joined(1, 1);
	edge_in(NULL, "p1", "p2", ATTRIBUTION_UNDELIVERED);
	hold_new(3, inet_info(IPC_UDP, 81, "127.0.0.1", 53, NULL, 0));
	joined(1, 1);
	edge_in(NULL, "p1", "hub", ATTRIBUTION_UNDELIVERED);
}

static void test_tcp(void **state)
{
	const struct edge *there;

	(void)state;
	hold_new(3, inet_info(IPC_TCP, 299, "0.0.0.0", 5432, NULL, 0));
	hold_new(1, inet_info(IPC_TCP, 300, "127.0.0.1", 40000, "127.0.0.1", 5432));
	hold_new(2, inet_info(IPC_TCP, 301, "127.0.0.1", 5432, "127.0.0.1", 40000));
	world_tx(&capture, 1, IPC_TCP, 300, 1, 10);
	world_rx(&capture, 2, IPC_TCP, 301, 1, 10);
	world_tx(&capture, 2, IPC_TCP, 301, 1, 20);
	world_rx(&capture, 1, IPC_TCP, 300, 1, 20);
	joined(2, 1);
	there = edge("p1", "p2", 10, 10);
	edge("p2", "p1", 20, 20);
	assert_string_equal(channel_of(there)->name, "127.0.0.1:5432");
	assert_string_equal(node("p1")->comm, "p1");
}

/* Text from outside is clean in the map. */
static void test_hostile_names(void **state)
{
	struct ipc_object info = unix_info(IPC_UNIX_DGRAM, 60, "@a\nb\xff");

	(void)state;
	info.name[3] = '\0';
	world_process(&capture, 20, "e\x1b[1m\"<b>");
	world_object(&capture, &info);
	world_flow(&capture, 20, IPC_UNIX_DGRAM, IPC_TX, 61, 60, 1, 1);
	world_rx(&capture, 1, IPC_UNIX_DGRAM, 60, 1, 1);
	joined(1, 1);
	assert_string_equal(channel_of(edge("e\\x1b[1m\"<b>", "p1", 1, 1))->name, "@a\\x0a\\x00\\xff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stream),
		TEST(test_stream_hubs),
		TEST(test_stream_peer_unknown),
		TEST(test_external_tcp),
		TEST(test_external_udp),
		TEST(test_datagram_hub),
		TEST(test_datagram_by_name),
		TEST(test_udp_server),
		TEST(test_udp_nobody),
		TEST(test_udp_reuseport),
		TEST(test_udp_reuseport_undelivered),
		TEST(test_tcp),
		TEST(test_hostile_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
