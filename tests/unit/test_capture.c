// SPDX-License-Identifier: GPL-2.0-only
/* What records add up to: paths, objects, descriptors. */
#include "world.h"

static void path_is(const void *bytes, uint32_t len, uint32_t truncated, const char *want)
{
	struct ipc_path *path = malloc(sizeof(*path));
	char *text;

	memset(path, 'Z', sizeof(*path));
	path->len = len;
	path->truncated = truncated;
	memcpy(path->text, bytes, len < IPC_PATH_LEN ? len : IPC_PATH_LEN);
	text = path_from_record(path);
	assert_string_equal(text, want);
	free(text);
	free(path);
}

static void test_path(void **state)
{
	(void)state;
	path_is("", 0, 0, "/");
	path_is("a", 2, 0, "/a");
	path_is("b\0a", 4, 0, "/a/b");
	path_is("true\0bin\0usr", 13, 0, "/usr/bin/true");
	path_is("c\0b", 4, 1, "/.../b/c");
	path_is("", 0, 1, "/...");
	path_is("a b\nc", 6, 0, "/a b\nc");
	path_is("\xff\"", 3, 0, "/\xff\"");
}

/* The kernel's side writes no such thing; a bug there must not become one here. */
static void test_path_hostile(void **state)
{
	static char full[IPC_PATH_LEN], zeroes[IPC_PATH_LEN];
	char want[IPC_PATH_LEN + 8];
	struct ipc_path *path = calloc(1, sizeof(*path));
	char *text;

	(void)state;
	path_is("", 1, 0, "/");
	path_is("a", 1, 0, "/");
	path_is("\0\0a", 4, 0, "/a/");
	/* no NUL anywhere, and a length beyond the record */
	memset(full, 'x', sizeof(full));
	memset(want, 'x', sizeof(want));
	want[0] = '/';
	want[IPC_PATH_LEN] = '\0';
	path_is(full, IPC_PATH_LEN, 0, want);
	path_is(full, UINT32_MAX, 0, want);
	/* the most text that a record can become */
	memcpy(path->text, zeroes, sizeof(zeroes));
	path->len = path->truncated = UINT32_MAX;
	text = path_from_record(path);
	assert_int_equal(strlen(text), 4 + IPC_PATH_LEN - 1);
	free(text);
	free(path);
}

static void test_process(void **state)
{
	struct capture capture = world();
	struct capture_process *first = capture_process(&capture, 7, 100);

	(void)state;
	assert_ptr_equal(capture_process(&capture, 7, 100), first);
	assert_ptr_not_equal(capture_process(&capture, 7, 200), first);
	assert_null(capture_find_process(&capture, (struct process_key){ .tgid = 8, .start = 100 }));
	assert_int_equal(HASH_COUNT(capture.processes), 2);
	capture_done(&capture);
	assert_null(capture.processes);
}

/* A peer goes away, a name does not change: the fullest is kept, the newest is taken. */
static void test_object_merge(void **state)
{
	struct capture capture = world();
	struct ipc_object info = unix_info(IPC_UNIX_STREAM, 10, "/run/x");
	struct capture_object *object;

	(void)state;
	info.peer_ino = 11;
	info.peer_sk = 1234;
	info.name_is_peers = 1;
	info.record.time = 5;
	object = world_object(&capture, &info);
	assert_int_equal(object->first_seen, 5);

	info.peer_ino = info.peer_sk = info.name_len = info.name_is_peers = 0;
	info.record.time = 6;
	info.state = TCP_CLOSE;
	assert_ptr_equal(world_object(&capture, &info), object);
	assert_int_equal(object->info.peer_ino, 11);
	assert_int_equal(object->info.peer_sk, 1234);
	assert_int_equal(object->info.name_len, 6);
	assert_memory_equal(object->info.name, "/run/x", 6);
	assert_true(object->info.name_is_peers);
	assert_int_equal(object->info.state, TCP_CLOSE);
	assert_int_equal(object->first_seen, 5);

	/* its own name, once it has one */
	info_name(&info, "/run/own");
	world_object(&capture, &info);
	assert_int_equal(object->info.name_len, 8);
	assert_false(object->info.name_is_peers);
	capture_done(&capture);
}

static void test_object_inet_merge(void **state)
{
	struct capture capture = world();
	struct ipc_object info = inet_info(IPC_TCP, 10, "127.0.0.1", 1, "127.0.0.2", 2);
	struct ipc_object closed = inet_info(IPC_TCP, 10, "0.0.0.0", 0, NULL, 0);
	struct capture_object *object;

	(void)state;
	info.tx_isn = 77;
	info.rx_isn = 88;
	object = world_object(&capture, &info);
	closed.record.time = 9;
	world_object(&capture, &closed);
	assert_int_equal(object->info.local_port, 1);
	assert_int_equal(object->info.remote_port, 2);
	assert_memory_equal(object->info.local_addr, info.local_addr, 16);
	assert_memory_equal(object->info.remote_addr, info.remote_addr, 16);
	assert_int_equal(object->info.tx_isn, 77);
	assert_int_equal(object->info.rx_isn, 88);
	assert_int_equal(object->first_seen, 0);
	capture_done(&capture);
}

/* Seen by the second inventory only: younger than all that was seen before. */
static void test_object_last_inventory(void **state)
{
	struct capture capture = world();
	struct ipc_object info = unix_info(IPC_UNIX_STREAM, 10, NULL), pipe = { .mechanism = IPC_PIPE, .object = 5 };

	(void)state;
	assert_int_equal(capture_add_object(&capture, &info, false), 0);
	assert_int_equal(world_find(&capture, IPC_UNIX_STREAM, 10)->first_seen, capture.ended);
	/* a pipe's record is nearly empty, and yet the first one counts */
	assert_int_equal(capture_add_object(&capture, &pipe, true), 0);
	assert_int_equal(capture_add_object(&capture, &pipe, false), 0);
	assert_int_equal(world_find(&capture, IPC_PIPE, 5)->first_seen, 0);
	capture_done(&capture);
}

static void test_object_bad(void **state)
{
	struct capture capture = world();
	struct ipc_object info = { .mechanism = IPC_MECHANISMS, .object = 5 };

	(void)state;
	assert_int_equal(capture_add_object(&capture, &info, false), 0);
	assert_null(capture.objects);
	info = unix_info(IPC_UNIX_DGRAM, 6, "/x");
	info.name_len = UINT16_MAX;
	assert_int_equal(world_object(&capture, &info)->info.name_len, IPC_SUN_LEN);
	info.name_is_remote = 1;
	info.remote = 9;
	world_object(&capture, &info);
	assert_int_equal(capture_find_remote(&capture, 6, 9)->info.name_len, IPC_SUN_LEN);
	capture_done(&capture);
}

/* A record about a remote says nothing of the socket's own name or remote. */
static void test_object_remote(void **state)
{
	struct capture capture = world();
	struct ipc_object udp = inet_info(IPC_UDP, 10, "0.0.0.0", 53, NULL, 0);
	struct ipc_object dgram = unix_info(IPC_UNIX_DGRAM, 20, "/own");
	struct capture_object *object;

	(void)state;
	world_remote_inet(&capture, udp, 3, "127.0.0.1", 1000);
	world_remote_inet(&capture, udp, 5, "127.0.0.1", 2000);
	object = world_find(&capture, IPC_UDP, 10);
	assert_int_equal(object->info.remote_port, 0);
	assert_int_equal(capture_find_remote(&capture, 10, 3)->info.remote_port, 1000);
	assert_int_equal(capture_find_remote(&capture, 10, 5)->info.remote_port, 2000);
	assert_null(capture_find_remote(&capture, 10, 7));

	world_object(&capture, &dgram);
	world_remote_unix(&capture, dgram, 3 | IPC_REMOTE_ADDRESS, "/dev/log");
	object = world_find(&capture, IPC_UNIX_DGRAM, 20);
	assert_memory_equal(object->info.name, "/own", 4);
	assert_int_equal(object->info.name_len, 4);

	/* A connected one has the remote for its own, though it lived in the window only. */
	udp.object = 11;
	udp.state = TCP_ESTABLISHED;
	world_remote_inet(&capture, udp, 3, "127.0.0.1", 1000);
	assert_int_equal(world_find(&capture, IPC_UDP, 11)->info.remote_port, 1000);
	capture_done(&capture);
}

/* Only what needs it has a remote in its key. */
static void test_object_key(void **state)
{
	(void)state;
	assert_int_equal(object_key(IPC_FIFO, 1, 2).remote, 2);
	assert_int_equal(object_key(IPC_PTY, 1, 2).remote, 2);
	assert_int_equal(object_key(IPC_UDP, 1, 2).remote, 0);
	assert_int_equal(object_key(IPC_UNIX_DGRAM, 1, 2).remote, 0);
}

static void test_fifo_path(void **state)
{
	struct capture capture = world();

	(void)state;
	assert_int_equal(capture_add_path(&capture, 5, 1, strdup("/a")), 0);
	assert_int_equal(capture_add_path(&capture, 5, 2, strdup("/b")), 0);
	assert_int_equal(capture_add_path(&capture, 5, 1, strdup("/other")), 0);
	assert_string_equal(capture_find_object(&capture, object_key(IPC_FIFO, 5, 1))->path, "/a");
	assert_string_equal(capture_find_object(&capture, object_key(IPC_FIFO, 5, 2))->path, "/b");
	capture_done(&capture);
}

/* One row for a process and a channel, however often it is open. */
static void test_descriptors(void **state)
{
	struct ipc_object pipe = { .mechanism = IPC_PIPE, .object = 5, .queued = 3 };
	struct ipc_object other = { .mechanism = IPC_PIPE, .object = 6 };
	struct ipc_object master = { .mechanism = IPC_PTY, .object = 7, .side = IPC_SIDE_MASTER };
	struct ipc_object slave = { .mechanism = IPC_PTY, .object = 7, .side = IPC_SIDE_SLAVE };
	struct descriptor_list list = { 0 };

	(void)state;
	world_open(&list, 1, &pipe, "r");
	world_open(&list, 1, &other, "w");
	world_open(&list, 1, &pipe, "w");
	assert_int_equal(list.count, 2);
	assert_true(list.rows[0].readable && list.rows[0].writable && list.rows[0].queued == 3);
	assert_true(!list.rows[1].readable && list.rows[1].writable);
	world_open(&list, 2, &pipe, "r");
	assert_int_equal(list.count, 3);
	assert_true(list.rows[2].readable && !list.rows[2].writable);
	/* the two sides of a pty are two ends */
	world_open(&list, 2, &master, "rw");
	world_open(&list, 2, &slave, "rw");
	assert_int_equal(list.count, 5);
	free(list.rows);
}

/* Taken out of the fold map in two parts: one flow. */
static void test_flows_merge(void **state)
{
	struct capture capture = world();
	struct capture_flow flow = { .key = { .object = 7, .tgid = 1 }, .ops = 1, .bytes = 10, .first = 5, .last = 6 };

	(void)state;
	assert_int_equal(capture_add_flow(&capture, &flow), 0);
	flow.key.tgid = 2;
	assert_int_equal(capture_add_flow(&capture, &flow), 0);
	flow.key.tgid = 1;
	flow.first = 3;
	flow.last = 4;
	assert_int_equal(capture_add_flow(&capture, &flow), 0);
	capture_merge_flows(&capture);
	assert_int_equal(capture.flow_count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct capture_flow *one = &capture.flows[i];
		bool both = one->key.tgid == 1;

		assert_int_equal(one->ops, both ? 2 : 1);
		assert_int_equal(one->bytes, both ? 20 : 10);
		assert_int_equal(one->first, both ? 3 : 5);
		assert_int_equal(one->last, 6);
	}
	capture_done(&capture);
}

static void test_flows(void **state)
{
	struct capture capture = world();

	(void)state;
	for (uint64_t i = 0; i < 5000; i++)
		world_tx(&capture, 1, IPC_PIPE, i, 1, i);
	assert_int_equal(capture.flow_count, 5000);
	assert_int_equal(capture.flows[4999].bytes, 4999);
	capture_done(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_path_hostile),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_object_merge),
		cmocka_unit_test(test_object_inet_merge),
		cmocka_unit_test(test_object_last_inventory),
		cmocka_unit_test(test_object_bad),
		cmocka_unit_test(test_object_remote),
		cmocka_unit_test(test_object_key),
		cmocka_unit_test(test_fifo_path),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_flows),
		cmocka_unit_test(test_flows_merge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
