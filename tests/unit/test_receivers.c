// SPDX-License-Identifier: GPL-2.0-only
/* Which addresses are this host's, and where datagrams arrive. */
#include "world.h"

#include "../../src/receivers.h"

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
	named(&capture, 16, "relative", false);
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
	/* whose folder it is of nobody says */
	assert_int_equal(reaches(receivers, "relative", false), 0);
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
	name[0] = '/';
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
