// SPDX-License-Identifier: GPL-2.0-only
/* Which socket is the other end of which, and where datagrams arrive. */
#include "world.h"

#include "../../src/peers.h"
#include "../../src/receivers.h"

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

static struct inet_end end(const char *address, uint16_t port)
{
	struct ipc_object info = inet_info(IPC_UDP, 1, address, port, NULL, 0);

	return inet_local(&info);
}

static void test_local(void **state)
{
	struct capture capture = world();
	static const struct {
		const char *address;
		bool local;
	} rows[] = {
		{ "127.0.0.1", true }, { "127.1.2.3", true }, { "::1", true }, { "::ffff:127.0.0.1", true },
		{ "0.0.0.0", true }, { "::", true }, { "192.0.2.5", true }, { "::ffff:192.0.2.5", true },
		{ "2001:db8::5", true }, { "192.0.2.6", false }, { "2001:db8::6", false }, { "::2", false },
		{ "128.0.0.1", false },
	};

	(void)state;
	capture.local_addrs = calloc(2, 16);
	capture.local_addr_count = 2;
	memcpy(capture.local_addrs[0], end("192.0.2.5", 0).addr, 16);
	memcpy(capture.local_addrs[1], end("2001:db8::5", 0).addr, 16);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct inet_end one = end(rows[i].address, 80);

		if (inet_is_local(&capture, &one) != rows[i].local)
			fail_msg("%s", rows[i].address);
	}
	capture_done(&capture);
}

static struct capture_object *udp(struct capture *capture, uint64_t inode, const char *local,
				  uint16_t local_port, const char *remote, uint16_t remote_port)
{
	struct ipc_object info = inet_info(IPC_UDP, inode, local, local_port, remote, remote_port);

	return world_object(capture, &info);
}

static struct receivers *receivers_of(const struct capture *capture)
{
	struct receivers *receivers;

	assert_int_equal(receivers_new(capture, &receivers), 0);
	return receivers;
}

/* The number of the socket that gets what `from` sends there, or 0. */
static uint64_t arrives(struct capture *capture, const struct capture_object *from, const char *address,
			uint16_t port)
{
	struct receivers *receivers = receivers_of(capture);
	struct inet_end to = end(address, port);
	struct capture_object *found;

	to.netns = from->info.netns;
	found = udp_receiver(receivers, from, &to);
	receivers_free(receivers);
	return found ? found->key.object : 0;
}

static void test_udp_connected_first(void **state)
{
	struct capture capture = world();
	struct capture_object *a = udp(&capture, 30, "0.0.0.0", 1000, NULL, 0);
	struct capture_object *b = udp(&capture, 31, "0.0.0.0", 2000, NULL, 0);
	struct capture_object *c = udp(&capture, 32, "127.0.0.1", 1000, "127.0.0.1", 53);

	(void)state;
	udp(&capture, 20, "0.0.0.0", 53, NULL, 0);
	udp(&capture, 21, "127.0.0.1", 53, "127.0.0.1", 1000);
	assert_int_equal(arrives(&capture, a, "127.0.0.1", 53), 21);
	assert_int_equal(arrives(&capture, b, "127.0.0.1", 53), 20);
	assert_int_equal(arrives(&capture, c, "127.0.0.1", 53), 21);
	assert_int_equal(arrives(&capture, b, "127.0.0.1", 54), 0);
	/* connected to that port of another address */
	udp(&capture, 22, "127.0.0.1", 53, "192.0.2.1", 2000);
	a = udp(&capture, 33, "127.0.0.2", 2000, NULL, 0);
	assert_int_equal(arrives(&capture, a, "127.0.0.1", 53), 20);
	capture_done(&capture);
}

static void test_udp_wildcards(void **state)
{
	struct capture capture = world();
	struct capture_object *from = udp(&capture, 90, "127.0.0.1", 1000, NULL, 0), *other;

	(void)state;
	udp(&capture, 10, "::", 53, NULL, 0);
	assert_int_equal(arrives(&capture, from, "127.0.0.1", 53), 10);
	assert_int_equal(arrives(&capture, from, "::1", 53), 10);
	/* for IPv4, that of IPv4 comes first */
	udp(&capture, 11, "0.0.0.0", 53, NULL, 0);
	assert_int_equal(arrives(&capture, from, "127.0.0.1", 53), 11);
	assert_int_equal(arrives(&capture, from, "::ffff:127.0.0.1", 53), 11);
	assert_int_equal(arrives(&capture, from, "::1", 53), 10);
	/* and the very address before all, whatever their numbers */
	udp(&capture, 12, "127.0.0.53", 53, NULL, 0);
	udp(&capture, 13, "::1", 53, NULL, 0);
	assert_int_equal(arrives(&capture, from, "127.0.0.53", 53), 12);
	assert_int_equal(arrives(&capture, from, "127.0.0.1", 53), 11);
	assert_int_equal(arrives(&capture, from, "::1", 53), 13);
	/* 0.0.0.0 takes IPv4 only */
	udp(&capture, 14, "0.0.0.0", 77, NULL, 0);
	assert_int_equal(arrives(&capture, from, "::1", 77), 0);
	assert_int_equal(arrives(&capture, from, "127.0.0.9", 77), 14);
	/* sent to "any" it stays on this host */
	udp(&capture, 15, "127.0.0.1", 78, NULL, 0);
	assert_int_equal(arrives(&capture, from, "0.0.0.0", 78), 15);
	other = udp(&capture, 91, "127.0.0.1", 1001, NULL, 0);
	other->info.netns++;
	assert_int_equal(arrives(&capture, other, "127.0.0.1", 53), 0);
	capture_done(&capture);
}

static void test_udp_group(void **state)
{
	struct capture capture = world();
	struct capture_object *from = udp(&capture, 90, "127.0.0.1", 1000, NULL, 0);
	struct capture_object *b = udp(&capture, 12, "127.0.0.1", 53, NULL, 0);
	struct capture_object *a = udp(&capture, 11, "127.0.0.1", 53, NULL, 0);
	struct capture_object *c = udp(&capture, 13, "127.0.0.1", 53, NULL, 0);
	struct capture_object *any = udp(&capture, 5, "0.0.0.0", 53, NULL, 0);
	struct capture_object *connected = udp(&capture, 4, "127.0.0.1", 53, "127.0.0.1", 9);
	/* one after the other from the same port to the same server */
	struct capture_object *again = udp(&capture, 6, "127.0.0.1", 53, "127.0.0.1", 9);
	struct capture_object *unbound = udp(&capture, 7, "0.0.0.0", 0, NULL, 0);
	struct receivers *receivers = receivers_of(&capture);
	struct capture_object *const *members;
	size_t count;

	(void)state;
	assert_int_equal(arrives(&capture, from, "127.0.0.1", 53), 11);
	assert_ptr_equal(udp_group(receivers, a), a);
	assert_ptr_equal(udp_group(receivers, b), a);
	assert_ptr_equal(udp_group(receivers, c), a);
	assert_ptr_equal(udp_group(receivers, any), any);
	assert_ptr_equal(udp_group(receivers, again), connected);
	assert_ptr_equal(udp_group(receivers, unbound), unbound);
	members = udp_members(receivers, c, &count);
	assert_int_equal(count, 3);
	assert_ptr_equal(members[0], a);
	udp_members(receivers, unbound, &count);
	assert_int_equal(count, 0);
	receivers_free(receivers);
	capture_done(&capture);
}

/* As the join needs it: what is sent to a socket and what it reads lie in one group. */
static void test_udp_same_group(void **state)
{
	struct capture capture = world();
	struct capture_object *from = udp(&capture, 90, "127.0.0.1", 1000, NULL, 0);
	struct receivers *receivers;

	(void)state;
	for (uint64_t i = 20; i > 10; i--)
		udp(&capture, i, i % 2 ? "0.0.0.0" : "::", 53,
		    i % 3 ? NULL : i % 2 ? "127.0.0.1" : "::ffff:127.0.0.1", i % 3 ? 0 : 1000);
	receivers = receivers_of(&capture);
	for (uint64_t i = 11; i <= 20; i++) {
		struct inet_end to = end("127.0.0.1", 53);
		struct capture_object *found = udp_receiver(receivers, from, &to);

		assert_ptr_equal(udp_group(receivers, found), found);
	}
	receivers_free(receivers);
	capture_done(&capture);
}

static void named(struct capture *capture, uint64_t inode, const char *name, bool is_peers)
{
	struct ipc_object info = unix_info(IPC_UNIX_DGRAM, inode, name);

	info.name_is_peers = is_peers;
	world_object(capture, &info);
}

static uint64_t reaches(const struct receivers *receivers, const char *name, bool nul)
{
	struct ipc_object remote = unix_info(IPC_UNIX_DGRAM, 1, name);
	struct capture_object *found;

	remote.name_len += nul;
	found = unix_receiver(receivers, &remote);
	return found ? found->key.object : 0;
}

static void test_unix_receiver(void **state)
{
	struct capture capture = world();
	struct ipc_object other = unix_info(IPC_UNIX_STREAM, 19, "/stream");
	struct receivers *receivers;

	(void)state;
	named(&capture, 10, "/dev/log", false);
	named(&capture, 11, "/dev/log", true); /* connected to it */
	named(&capture, 12, "@abstract", false);
	named(&capture, 13, "/twice", false);
	named(&capture, 14, "/twice", false);
	named(&capture, 15, "/twice", false);
	world_object(&capture, &other);
	receivers = receivers_of(&capture);
	assert_int_equal(reaches(receivers, "/dev/log", false), 10);
	assert_int_equal(reaches(receivers, "/dev/log", true), 10);
	assert_int_equal(reaches(receivers, "/dev/lo", false), 0);
	assert_int_equal(reaches(receivers, "@abstract", false), 12);
	/* an abstract name is all of its bytes */
	assert_int_equal(reaches(receivers, "@abstract", true), 0);
	assert_int_equal(reaches(receivers, "/twice", false), 0);
	assert_int_equal(reaches(receivers, "/stream", false), 0);
	assert_int_equal(reaches(receivers, "", false), 0);
	receivers_free(receivers);
	receivers_free(NULL);
	capture_done(&capture);
}

/* A path that fills sun_path, without a NUL. */
static void test_unix_receiver_long(void **state)
{
	struct capture capture = world();
	char name[IPC_SUN_LEN + 1];
	struct receivers *receivers;

	(void)state;
	memset(name, 'n', IPC_SUN_LEN);
	name[IPC_SUN_LEN] = '\0';
	named(&capture, 10, name, false);
	receivers = receivers_of(&capture);
	assert_int_equal(reaches(receivers, name, false), 10);
	receivers_free(receivers);
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
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_udp_connected_first),
		cmocka_unit_test(test_udp_wildcards),
		cmocka_unit_test(test_udp_group),
		cmocka_unit_test(test_udp_same_group),
		cmocka_unit_test(test_unix_receiver),
		cmocka_unit_test(test_unix_receiver_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
