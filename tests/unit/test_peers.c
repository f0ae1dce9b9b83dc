// SPDX-License-Identifier: GPL-2.0-only
/* Which socket is the other end of which. */
#include "world.h"

#include "../../src/peers.h"

static void paired(struct capture_object *a, struct capture_object *b)
{
	assert_ptr_equal(a->peer, b);
	assert_ptr_equal(b->peer, a);
}

static struct capture_object *stream(struct capture *capture, uint64_t inode, uint64_t sk, uint64_t peer_ino,
				     uint64_t peer_sk, uint64_t time)
{
	struct ipc_object info = unix_info(IPC_UNIX_STREAM, inode, NULL);

	info.sk = sk;
	info.peer_ino = peer_ino;
	info.peer_sk = peer_sk;
	info.record.time = time;
	return world_object(capture, &info);
}

static void test_unix_inode(void **state)
{
	struct capture capture = world();
	struct capture_object *a = stream(&capture, 10, 0x100, 11, 0x110, 0);
	/* accepted later: only one of the two knows the other's number */
	struct capture_object *b = stream(&capture, 11, 0x110, 0, 0, 0);
	struct capture_object *c = stream(&capture, 20, 0x200, 21, 0x210, 0);

	(void)state;
	assert_int_equal(objects_pair(&capture), 0);
	paired(a, b);
	assert_null(c->peer);
	capture_done(&capture);
}

/* One that names me, and is itself named otherwise, is not my peer. */
static void test_unix_inode_mismatch(void **state)
{
	struct capture capture = world();
	struct capture_object *a = stream(&capture, 10, 0x100, 11, 0, 0);
	struct capture_object *b = stream(&capture, 11, 0x110, 12, 0, 0);
	struct capture_object *c = stream(&capture, 12, 0x120, 11, 0, 0);

	(void)state;
	assert_int_equal(objects_pair(&capture), 0);
	paired(b, c);
	assert_null(a->peer);
	capture_done(&capture);
}

/* Seqpacket and stream share nothing but the numbers; datagram sockets have no pair. */
static void test_unix_kinds(void **state)
{
	struct capture capture = world();
	struct ipc_object a = unix_info(IPC_UNIX_SEQPACKET, 10, NULL), b = unix_info(IPC_UNIX_STREAM, 11, NULL);
	struct ipc_object c = unix_info(IPC_UNIX_DGRAM, 20, NULL), d = unix_info(IPC_UNIX_DGRAM, 21, NULL);

	(void)state;
	a.peer_ino = 11;
	a.peer_sk = b.sk;
	b.peer_sk = a.sk;
	c.peer_ino = 21;
	d.peer_ino = 20;
	assert_null(world_object(&capture, &a)->peer);
	world_object(&capture, &b);
	world_object(&capture, &c);
	world_object(&capture, &d);
	assert_int_equal(objects_pair(&capture), 0);
	assert_null(world_find(&capture, IPC_UNIX_SEQPACKET, 10)->peer);
	assert_null(world_find(&capture, IPC_UNIX_STREAM, 11)->peer);
	assert_null(world_find(&capture, IPC_UNIX_DGRAM, 20)->peer);
	capture_done(&capture);
}

/* A client writes and closes before it is accepted: neither sees the other's number. */
static void test_unix_address(void **state)
{
	struct capture capture = world();
	struct capture_object *a = stream(&capture, 10, 0x100, 0, 0x110, 50);
	struct capture_object *b = stream(&capture, 11, 0x110, 0, 0x100, 60);

	(void)state;
	assert_int_equal(objects_pair(&capture), 0);
	paired(a, b);
	capture_done(&capture);
}

/* The same two addresses for three connections, one after the other. */
static void test_unix_address_reused(void **state)
{
	struct capture capture = world();
	struct capture_object *a[3], *b[3];

	(void)state;
	/* added last to first, so that only the time tells; the reader comes late in each */
	for (int i = 2; i >= 0; i--) {
		b[i] = stream(&capture, 21 + 10 * (2 - i), 0x110, 0, 0x100, 100 * i + 99);
		a[i] = stream(&capture, 20 + 10 * (2 - i), 0x100, 0, 0x110, 100 * i + 10);
	}
	assert_int_equal(objects_pair(&capture), 0);
	for (int i = 0; i < 3; i++)
		paired(a[i], b[i]);
	capture_done(&capture);
}

/* The first client was never accepted: it has no peer, least of all the second's. */
static void test_unix_address_unseen(void **state)
{
	struct capture capture = world();
	struct capture_object *lost = stream(&capture, 10, 0x100, 0, 0x110, 10);
	struct capture_object *a = stream(&capture, 20, 0x100, 0, 0x110, 20);
	struct capture_object *b = stream(&capture, 21, 0x110, 0, 0x100, 30);

	(void)state;
	assert_int_equal(objects_pair(&capture), 0);
	paired(a, b);
	assert_null(lost->peer);
	capture_done(&capture);
}

/* Who took the address over has another peer. */
static void test_unix_address_taken(void **state)
{
	struct capture capture = world();
	struct capture_object *a = stream(&capture, 10, 0x100, 0, 0x110, 10);
	struct capture_object *other = stream(&capture, 30, 0x110, 0, 0x999, 20);

	(void)state;
	assert_int_equal(objects_pair(&capture), 0);
	assert_null(a->peer);
	assert_null(other->peer);
	capture_done(&capture);
}

static struct capture_object *tcp(struct capture *capture, uint64_t inode, struct ipc_object info,
				  uint32_t tx_isn, uint32_t rx_isn, uint64_t time)
{
	info.mechanism = IPC_TCP;
	info.object = inode;
	info.tx_isn = tx_isn;
	info.rx_isn = rx_isn;
	info.record.time = time;
	return world_object(capture, &info);
}

static struct ipc_object v4(const char *local, uint16_t local_port, const char *remote, uint16_t remote_port)
{
	return inet_info(IPC_TCP, 1, local, local_port, remote, remote_port);
}

static void test_tcp(void **state)
{
	struct capture capture = world();
	struct ipc_object client = v4("127.0.0.1", 40000, "127.0.0.1", 80);
	struct ipc_object server = v4("127.0.0.1", 80, "127.0.0.1", 40000);
	struct capture_object *a = tcp(&capture, 10, client, 1000, 2000, 0);
	struct capture_object *b = tcp(&capture, 11, server, 2000, 1001, 0);
	struct capture_object *stranger = tcp(&capture, 12, v4("127.0.0.1", 80, "127.0.0.1", 40001), 5, 6, 0);
	struct capture_object *listener = tcp(&capture, 13, v4("0.0.0.0", 80, NULL, 0), 0, 0, 0);

	(void)state;
	assert_int_equal(objects_pair(&capture), 0);
	paired(a, b);
	assert_null(stranger->peer);
	assert_null(listener->peer);
	capture_done(&capture);
}

static void test_tcp_mapped(void **state)
{
	struct capture capture = world();
	struct capture_object *a = tcp(&capture, 10, v4("127.0.0.1", 40000, "127.0.0.1", 80), 1, 2, 0);
	struct capture_object *b = tcp(&capture, 11, v4("::ffff:127.0.0.1", 80, "::ffff:127.0.0.1", 40000), 2, 1, 0);
	struct capture_object *c = tcp(&capture, 12, v4("::1", 40000, "::1", 80), 7, 8, 0);
	struct capture_object *d = tcp(&capture, 13, v4("::1", 80, "::1", 40000), 8, 7, 0);

	(void)state;
	assert_int_equal(objects_pair(&capture), 0);
	paired(a, b);
	paired(c, d);
	capture_done(&capture);
}

/* The same addresses in two namespaces are two connections. */
static void test_tcp_netns(void **state)
{
	struct capture capture = world();
	struct ipc_object client = v4("127.0.0.1", 40000, "127.0.0.1", 80);
	struct ipc_object server = v4("127.0.0.1", 80, "127.0.0.1", 40000);
	struct capture_object *a, *b;

	(void)state;
	a = tcp(&capture, 10, client, 0, 0, 0);
	server.netns = NETNS + 1;
	b = tcp(&capture, 11, server, 0, 0, 0);
	assert_int_equal(objects_pair(&capture), 0);
	assert_null(a->peer);
	assert_null(b->peer);
	capture_done(&capture);
}

/* Between namespaces, and through NAT, the sequence numbers tell: they are not rewritten. */
static void test_tcp_nat(void **state)
{
	struct capture capture = world();
	struct ipc_object client = v4("192.0.2.1", 40000, "192.0.2.2", 8080);
	struct ipc_object server = v4("10.0.0.2", 80, "10.0.0.1", 50000);
	struct capture_object *a, *b, *one, *both;

	(void)state;
	server.netns = NETNS + 1;
	/* of the other end they are off by the SYN, and stand at the edges of the search */
	a = tcp(&capture, 10, client, 0xffffffff, 2000, 0);
	b = tcp(&capture, 11, server, 2000, 1, 0);
	/* one direction alone is chance */
	server.remote_port = client.local_port = 50001;
	one = tcp(&capture, 12, client, 70000, 3000, 0);
	both = tcp(&capture, 13, server, 9999999, 70000, 0);
	assert_int_equal(objects_pair(&capture), 0);
	paired(a, b);
	assert_null(one->peer);
	assert_null(both->peer);
	capture_done(&capture);
}

/* One tuple, three connections: by where the numbers begin, not by the order of the records. */
static void test_tcp_reused(void **state)
{
	struct capture capture = world();
	struct ipc_object client = v4("127.0.0.1", 40000, "127.0.0.1", 80);
	struct ipc_object server = v4("127.0.0.1", 80, "127.0.0.1", 40000);
	struct capture_object *a[3], *b[3];

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		a[i] = tcp(&capture, 10 + i, client, 100000000 * i + 7, 100000000 * i + 50000000, 10 * i + 1);
		b[i] = tcp(&capture, 20 + i, server, 100000000 * i + 50000001, 100000000 * i + 8, 100 - i);
	}
	assert_int_equal(objects_pair(&capture), 0);
	for (int i = 0; i < 3; i++)
		paired(a[i], b[i]);
	capture_done(&capture);
}

/* Each connection is seen at one end only: no pair, though the tuple fits. */
static void test_tcp_reused_unseen(void **state)
{
	struct capture capture = world();
	struct capture_object *a = tcp(&capture, 10, v4("127.0.0.1", 4, "127.0.0.1", 80), 1000, 900000000, 1);
	struct capture_object *b = tcp(&capture, 11, v4("127.0.0.1", 80, "127.0.0.1", 4), 1800000000, 2700000000, 2);

	(void)state;
	assert_int_equal(objects_pair(&capture), 0);
	assert_null(a->peer);
	assert_null(b->peer);
	capture_done(&capture);
}

/* The numbers are not known (MPTCP): in the order of time. */
static void test_tcp_reused_by_time(void **state)
{
	struct capture capture = world();
	struct ipc_object client = v4("127.0.0.1", 40000, "127.0.0.1", 80);
	struct ipc_object server = v4("127.0.0.1", 80, "127.0.0.1", 40000);
	struct capture_object *a[3], *b[3];

	(void)state;
	for (int i = 2; i >= 0; i--) {
		a[i] = tcp(&capture, 10 + i, client, 0, 0, 10 * i + 1);
		b[i] = tcp(&capture, 20 + (i + 1) % 3, server, 0, 0, 10 * i + 5);
	}
	assert_int_equal(objects_pair(&capture), 0);
	for (int i = 0; i < 3; i++)
		paired(a[i], b[i]);
	capture_done(&capture);
}

/* A record taken while the kernel moved both numbers: near is near enough for the same tuple. */
static void test_tcp_torn(void **state)
{
	struct capture capture = world();
	struct capture_object *a = tcp(&capture, 10, v4("127.0.0.1", 4, "127.0.0.1", 80), 1000, 2000, 1);
	struct capture_object *b = tcp(&capture, 11, v4("127.0.0.1", 80, "127.0.0.1", 4), 66000, 66000, 2);

	(void)state;
	assert_int_equal(objects_pair(&capture), 0);
	paired(a, b);
	capture_done(&capture);
}

static void test_tcp_self(void **state)
{
	struct capture capture = world();
	struct capture_object *a = tcp(&capture, 10, v4("127.0.0.1", 4, "127.0.0.1", 4), 1, 1, 1);

	(void)state;
	assert_int_equal(objects_pair(&capture), 0);
	assert_ptr_equal(a->peer, a);
	capture_done(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unix_inode),
		cmocka_unit_test(test_unix_inode_mismatch),
		cmocka_unit_test(test_unix_kinds),
		cmocka_unit_test(test_unix_address),
		cmocka_unit_test(test_unix_address_reused),
		cmocka_unit_test(test_unix_address_unseen),
		cmocka_unit_test(test_unix_address_taken),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_tcp_mapped),
		cmocka_unit_test(test_tcp_netns),
		cmocka_unit_test(test_tcp_nat),
		cmocka_unit_test(test_tcp_reused),
		cmocka_unit_test(test_tcp_reused_unseen),
		cmocka_unit_test(test_tcp_reused_by_time),
		cmocka_unit_test(test_tcp_torn),
		cmocka_unit_test(test_tcp_self),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
