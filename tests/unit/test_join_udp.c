// SPDX-License-Identifier: GPL-2.0-only
/* Datagrams over udp: who told, who did not, and what the kernel would have chosen. */
#include "joined.h"

/* A process sends from a socket to an address, or reads at one what came from an address. */
static void udp_flow(uint32_t pid, uint8_t direction, struct ipc_object socket, const char *address,
		     uint16_t port, uint64_t ops, uint64_t bytes)
{
	uint64_t remote = 0;

	world_object(&capture, &socket);
	if (address) {
		struct in_addr number;

		assert_int_equal(inet_pton(AF_INET, address, &number), 1);
		remote = (uint64_t)number.s_addr << 16 | port;
		world_remote_inet(&capture, socket, remote, address, port);
	}
	world_flow(&capture, pid, IPC_UDP, direction, socket.object, remote, ops, bytes);
}

static void sent(uint32_t pid, struct ipc_object socket, const char *to, uint16_t port, uint64_t ops, uint64_t bytes)
{
	udp_flow(pid, IPC_TX, socket, to, port, ops, bytes);
}

static void read_from(uint32_t pid, struct ipc_object socket, const char *from, uint16_t port, uint64_t ops,
		      uint64_t bytes)
{
	udp_flow(pid, IPC_RX, socket, from, port, ops, bytes);
}

static void read_untold(uint32_t pid, struct ipc_object socket, uint64_t ops, uint64_t bytes)
{
	udp_flow(pid, IPC_RX, socket, NULL, 0, ops, bytes);
}

static struct ipc_object bound(uint64_t inode, const char *address, uint16_t port)
{
	return inet_info(IPC_UDP, inode, address, port, NULL, 0);
}

static struct ipc_object connected(uint64_t inode, uint16_t port, const char *remote, uint16_t remote_port)
{
	return inet_info(IPC_UDP, inode, "127.0.0.1", port, remote, remote_port);
}

static void open_at_end(uint32_t pid, struct ipc_object info, uint64_t queued_ops, uint64_t queued)
{
	struct ipc_descriptor row = { .start = BORN(pid), .tgid = pid, .readable = 1, .writable = 1, .object = info };

	row.object.queued_ops = queued_ops;
	row.object.queued = queued;
	assert_int_equal(capture_add_descriptor(&capture.at_end, &row), 0);
}

static void open_at_start(uint32_t pid, struct ipc_object info, uint64_t queued_ops, uint64_t queued)
{
	struct ipc_descriptor row = { .start = BORN(pid), .tgid = pid, .readable = 1, .writable = 1, .object = info };

	row.object.queued_ops = queued_ops;
	row.object.queued = queued;
	assert_int_equal(capture_add_descriptor(&capture.at_start, &row), 0);
}

/* Two servers share a port, and both were told who asked: four edges, and no hub. */
static void test_reuseport_told(void **state)
{
	(void)state;
	for (uint32_t client = 1; client <= 2; client++) {
		struct ipc_object socket = bound(80 + client, "0.0.0.0", 1000 + client);

		sent(client, socket, "127.0.0.1", 53, 2, 30);
		read_from(3, bound(90, "127.0.0.1", 53), "127.0.0.1", 1000 + client, 1, 10);
		read_from(4, bound(91, "127.0.0.1", 53), "127.0.0.1", 1000 + client, 1, 20);
	}
	joined(4, 1);
	edge("p1", "p3", 10, 10);
	edge("p1", "p4", 20, 20);
	edge("p2", "p3", 10, 10);
	edge("p2", "p4", 20, 20);
}

/* One was bound to the very address and closed; then another took its port at any address. */
static void test_bound_after_close(void **state)
{
	struct ipc_object client = bound(80, "0.0.0.0", 1000);
	struct ipc_object first = bound(90, "127.0.0.1", 53), second = bound(91, "0.0.0.0", 53);

	(void)state;
	sent(1, client, "127.0.0.1", 53, 4, 310);
	read_untold(2, first, 1, 10);
	read_untold(3, second, 3, 300);
	joined(2, 1);
	edge("p1", "p2", 10, 10);
	edge("p1", "p3", 300, 300);
	/* While both are open the kernel knows but one. */
	open_at_end(2, first, 0, 0);
	open_at_end(3, second, 0, 0);
	joined(2, 2);
	edge("p1", "p2", 310, 10);
	edge_in(NULL, "hub", "p3", ATTRIBUTION_EARLIER);
}

/* As a resolver does: connects one socket to a server, then to another. */
static void test_connected_again(void **state)
{
	struct ipc_object client = connected(80, 1000, "127.0.0.1", 53), again = connected(80, 1000, "127.0.0.1", 54);

	(void)state;
	sent(1, client, "127.0.0.1", 53, 1, 20);
	read_from(2, bound(90, "127.0.0.1", 53), "127.0.0.1", 1000, 1, 20);
	sent(2, bound(90, "127.0.0.1", 53), "127.0.0.1", 1000, 1, 50);
	read_from(1, client, "127.0.0.1", 53, 1, 50);
	sent(1, again, "127.0.0.1", 54, 1, 21);
	read_from(3, bound(91, "127.0.0.1", 54), "127.0.0.1", 1000, 1, 21);
	sent(3, bound(91, "127.0.0.1", 54), "127.0.0.1", 1000, 1, 51);
	read_from(1, again, "127.0.0.1", 54, 1, 51);
	joined(4, 3);
	edge("p1", "p2", 20, 20);
	edge("p2", "p1", 50, 50);
	edge("p1", "p3", 21, 21);
	edge("p3", "p1", 51, 51);
}

/* One goes in, a copy comes out for each of the group: the group is a hub. */
static void test_multicast(void **state)
{
	(void)state;
	sent(1, bound(80, "0.0.0.0", 1000), "224.9.9.9", 5353, 1, 100);
	read_untold(2, bound(90, "0.0.0.0", 5353), 1, 100);
	joined(1, 1);
	edge("p1", "p2", 100, 100);
	read_from(3, bound(91, "224.9.9.9", 5353), "127.0.0.1", 1000, 1, 100);
	joined(3, 1);
	edge_in("224.9.9.9:5353", "p1", "hub", ATTRIBUTION_HUB);
	assert_int_equal(edge_in(NULL, "hub", "p2", ATTRIBUTION_HUB)->received_bytes, 100);
	assert_int_equal(edge_in(NULL, "hub", "p3", ATTRIBUTION_HUB)->received_bytes, 100);
}

/* An address of another network namespace, which only its sockets tell of. */
static void test_netns(void **state)
{
	struct ipc_object server = bound(90, "10.9.9.1", 53), client = bound(80, "0.0.0.0", 1000);

	(void)state;
	server.netns = client.netns = NETNS + 1;
	sent(1, client, "10.9.9.1", 53, 1, 20);
	read_from(2, server, "10.9.9.1", 1000, 1, 20);
	sent(2, server, "10.9.9.1", 1000, 1, 30);
	read_from(1, client, "10.9.9.1", 53, 1, 30);
	joined(2, 2);
	edge("p1", "p2", 20, 20);
	edge("p2", "p1", 30, 30);
	/* The same address in ours is somebody else's. */
	options.external = true;
	sent(3, bound(81, "0.0.0.0", 1001), "10.9.9.1", 53, 1, 40);
	joined(3, 3);
	edge_in(NULL, "p3", "10.9.9.1", ATTRIBUTION_EXACT);
}

/* Over a bridge: the client is connected, so either direction has one address at both ends. */
static void test_netns_bridge(void **state)
{
	struct ipc_object server = bound(90, "0.0.0.0", 53), client = connected(80, 1000, "10.9.9.1", 53);

	(void)state;
	address_set(client.local_addr, AF_INET, "10.9.9.2");
	server.netns = NETNS + 1;
	client.netns = NETNS + 2;
	options.external = true;
	sent(1, client, "10.9.9.1", 53, 1, 20);
	read_from(2, server, "10.9.9.2", 1000, 1, 20);
	sent(2, server, "10.9.9.2", 1000, 1, 30);
	read_from(1, client, "10.9.9.1", 53, 1, 30);
	joined(2, 2);
	edge("p1", "p2", 20, 20);
	edge("p2", "p1", 30, 30);
	/* A third namespace has the same: nobody knows which one it was. */
	server.object = 91;
	server.netns = NETNS + 3;
	read_from(3, server, "10.9.9.2", 1000, 1, 20);
	joined(4, 4);
	edge_in(NULL, "p1", "10.9.9.1", ATTRIBUTION_EXACT);
}

/* A stranger with the port of one of ours sends, too. */
static void test_same_port_elsewhere(void **state)
{
	struct ipc_object server = bound(90, "0.0.0.0", 53);

	(void)state;
	options.external = true;
	sent(1, bound(80, "127.0.0.1", 1000), "127.0.0.1", 53, 1, 20);
	read_from(2, server, "127.0.0.1", 1000, 1, 20);
	read_from(2, server, "192.0.2.7", 1000, 1, 30);
	joined(2, 2);
	edge("p1", "p2", 20, 20);
	assert_int_equal(edge_in(NULL, "192.0.2.7", "p2", ATTRIBUTION_EXACT)->received_bytes, 30);
}

/* What one was told of another sender does not make this one's datagram read. */
static void test_unread_beside_read(void **state)
{
	struct ipc_object server = bound(90, "127.0.0.1", 53);

	(void)state;
	sent(1, bound(80, "127.0.0.1", 1000), "127.0.0.1", 53, 1, 20);
	read_from(3, server, "127.0.0.1", 1000, 1, 20);
	sent(2, bound(81, "127.0.0.1", 1001), "127.0.0.1", 53, 1, 30);
	open_at_end(3, server, 1, 30);
	joined(2, 1);
	edge("p1", "p3", 20, 20);
	assert_int_equal(edge_in(NULL, "p2", "p3", ATTRIBUTION_UNDELIVERED)->bytes, 30);
}

/* Two share a socket; what one had sent before the window is read in it, the other's is not. */
static void test_older(void **state)
{
	struct ipc_object client = connected(80, 1000, "127.0.0.1", 53), server = bound(90, "127.0.0.1", 53);

	(void)state;
	open_at_start(3, server, 1, 100);
	sent(2, client, "127.0.0.1", 53, 1, 100);
	read_from(3, server, "127.0.0.1", 1000, 1, 100);
	open_at_end(3, server, 1, 100);
	joined(2, 1);
	assert_int_equal(edge_in(NULL, "p2", "p3", ATTRIBUTION_UNDELIVERED)->bytes, 100);
	assert_int_equal(edge_in(NULL, "hub", "p3", ATTRIBUTION_EARLIER)->received_bytes, 100);
	/* With more than one sender nobody knows whose the one that waits is. */
	sent(4, bound(81, "127.0.0.1", 1001), "127.0.0.1", 53, 1, 7);
	read_from(3, server, "127.0.0.1", 1001, 1, 7);
	joined(4, 1);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reuseport_told),
		TEST(test_bound_after_close),
		TEST(test_connected_again),
		TEST(test_multicast),
		TEST(test_netns),
		TEST(test_netns_bridge),
		TEST(test_same_port_elsewhere),
		TEST(test_unread_beside_read),
		TEST(test_older),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
