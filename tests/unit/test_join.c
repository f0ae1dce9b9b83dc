// SPDX-License-Identifier: GPL-2.0-only
/* Captures built by hand, and the maps that they must become: processes, pipes, ptys, signals. */
#include "joined.h"

#include <signal.h>

static void test_empty(void **state)
{
	(void)state;
	joined(0, 0);
	assert_int_equal(map->node_count, 0);
}

static void test_pipe(void **state)
{
	const struct edge *one;

	(void)state;
	world_tx(&capture, 1, IPC_PIPE, 50, 10, 100);
	world_rx(&capture, 2, IPC_PIPE, 50, 4, 100);
	joined(1, 1);
	one = edge("p1", "p2", 100, 100);
	assert_int_equal(one->ops, 10);
	assert_int_equal(one->received_ops, 4);
	assert_true(one->first == 1 && one->last == 2);
	assert_string_equal(one->mechanism, "pipe");
	assert_string_equal(channel_of(one)->object, "pipe:[50]");
	assert_int_equal(map->completeness.events, 14);
	assert_int_equal(map->completeness.unattributed, 0);
	assert_int_equal(node("p1")->pid, 1);
}

/* Last-writer attribution is what others got wrong. */
static void test_two_writers(void **state)
{
	(void)state;
	world_tx(&capture, 1, IPC_PIPE, 50, 1, 100);
	world_tx(&capture, 2, IPC_PIPE, 50, 1, 20);
	world_rx(&capture, 3, IPC_PIPE, 50, 2, 120);
	joined(2, 1);
	edge("p1", "p3", 100, 100);
	edge("p2", "p3", 20, 20);
}

static void test_hub(void **state)
{
	(void)state;
	world_tx(&capture, 1, IPC_PIPE, 50, 1, 100);
	world_tx(&capture, 2, IPC_PIPE, 50, 1, 20);
	world_rx(&capture, 3, IPC_PIPE, 50, 2, 60);
	world_rx(&capture, 4, IPC_PIPE, 50, 2, 60);
	joined(4, 1);
	assert_int_equal(edge_in(NULL, "p1", "hub", ATTRIBUTION_HUB)->bytes, 100);
	assert_int_equal(edge_in(NULL, "hub", "p4", ATTRIBUTION_HUB)->received_bytes, 60);
	assert_int_equal(map->completeness.unattributed, 6);
	assert_int_equal(map->nodes[edge_in(NULL, "p1", "hub", ATTRIBUTION_HUB)->dst].channel, 0);
}

/* Two flows of one process on a channel, as after its fold was emptied: one edge. */
static void test_flows_add_up(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		world_tx(&capture, 1, IPC_PIPE, 50, 1, 100);
		world_tx(&capture, 2, IPC_PIPE, 50, 1, 10);
		world_rx(&capture, 3, IPC_PIPE, 50, 1, 110);
	}
	joined(2, 1);
	assert_int_equal(edge("p1", "p3", 500, 500)->ops, 5);
}

static void test_pid_reuse(void **state)
{
	struct ipc_flow_key key = { .mechanism = IPC_PIPE, .direction = IPC_TX, .object = 50 };

	(void)state;
	world_process_at(&capture, 77, 111, "first");
	world_process_at(&capture, 77, 222, "second");
	world_flow_full(&capture, 77, 111, key, 1, 10);
	world_flow_full(&capture, 77, 222, key, 1, 20);
	world_rx(&capture, 1, IPC_PIPE, 50, 2, 30);
	joined(2, 1);
	edge("first", "p1", 10, 10);
	edge("second", "p1", 20, 20);
	assert_int_equal(node("first")->pid, 77);
	assert_int_equal(node("second")->pid, 77);
}

/* A process that no record told of is a node all the same. */
static void test_unknown_process(void **state)
{
	(void)state;
	world_tx(&capture, 4711, IPC_PIPE, 50, 1, 10);
	world_rx(&capture, 1, IPC_PIPE, 50, 1, 10);
	joined(1, 1);
	assert_int_equal(map->nodes[edge("?", "p1", 10, 10)->src].pid, 4711);
}

static void fifo(uint64_t inode, uint64_t remote, const char *path)
{
	assert_int_equal(capture_add_path(&capture, inode, remote, strdup(path)), 0);
}

/* One inode number: on two filesystems, and again after unlink. */
static void test_fifo(void **state)
{
	uint64_t one = 8ULL << 52 | 1ULL << 32 | 7, device = 8ULL << 52 | 2ULL << 32 | 7;
	uint64_t again = 8ULL << 52 | 1ULL << 32 | 8;

	(void)state;
	fifo(12, one, "/a");
	fifo(12, device, "/b");
	fifo(12, again, "/a");
	world_flow(&capture, 1, IPC_FIFO, IPC_TX, 12, one, 1, 10);
	world_flow(&capture, 2, IPC_FIFO, IPC_RX, 12, one, 1, 10);
	world_flow(&capture, 3, IPC_FIFO, IPC_TX, 12, device, 1, 20);
	world_flow(&capture, 4, IPC_FIFO, IPC_RX, 12, device, 1, 20);
	world_flow(&capture, 5, IPC_FIFO, IPC_TX, 12, again, 1, 30);
	world_flow(&capture, 6, IPC_FIFO, IPC_RX, 12, again, 1, 30);
	joined(3, 3);
	assert_string_equal(channel_of(edge("p1", "p2", 10, 10))->name, "/a");
	assert_string_equal(channel_of(edge("p3", "p4", 20, 20))->name, "/b");
	assert_string_equal(channel_of(edge("p3", "p4", 20, 20))->object, "fifo:[8:2:12]");
	edge("p5", "p6", 30, 30);
}

/* Still queued: to the one that can read it. Ends are told apart by their mode. */
static void test_undelivered(void **state)
{
	struct ipc_object info = pipe_info(50), shared = pipe_info(51);

	(void)state;
	world_hold(&capture, 1, &info, "w");
	world_hold(&capture, 2, &info, "r");
	world_open(&capture.at_start, 3, &info, "r"); /* closed it meanwhile */
	world_tx(&capture, 1, IPC_PIPE, 50, 1, 100);
	world_hold(&capture, 2, &shared, "r");
	world_hold(&capture, 3, &shared, "r");
	world_tx(&capture, 4, IPC_PIPE, 51, 1, 7);
	joined(2, 2);
	assert_int_equal(edge_in(NULL, "p1", "p2", ATTRIBUTION_UNDELIVERED)->bytes, 100);
	assert_int_equal(edge_in(NULL, "p4", "hub", ATTRIBUTION_UNDELIVERED)->bytes, 7);
}

static void test_earlier(void **state)
{
	struct ipc_object info = pipe_info(50);

	(void)state;
	world_open(&capture.at_start, 1, &info, "w"); /* exits, having written */
	world_open(&capture.at_start, 2, &info, "r");
	world_open(&capture.at_end, 3, &info, "w");
	world_rx(&capture, 2, IPC_PIPE, 50, 1, 64);
	joined(1, 1);
	assert_int_equal(edge_in(NULL, "p1", "p2", ATTRIBUTION_EARLIER)->received_bytes, 64);
}

/* The bytes that wait at both ends of the window are not the same bytes. */
static void test_queued(void **state)
{
	struct ipc_object info = pipe_info(50);

	(void)state;
	info.queued = 40;
	world_hold(&capture, 1, &info, "w");
	world_hold(&capture, 2, &info, "r");
	world_tx(&capture, 1, IPC_PIPE, 50, 1, 100);
	world_rx(&capture, 2, IPC_PIPE, 50, 1, 100);
	joined(2, 1);
	edge("p1", "p2", 100, 60);
	assert_int_equal(edge_in(NULL, "p1", "p2", ATTRIBUTION_EARLIER)->received_bytes, 40);
}

/* Edges with a tracked end stay, and the hub of a channel that a tracked process uses. */
static void test_filter(void **state)
{
	(void)state;
	filter(1);
	world_tx(&capture, 1, IPC_PIPE, 50, 1, 10);
	world_rx(&capture, 2, IPC_PIPE, 50, 1, 10);
	world_tx(&capture, 2, IPC_PIPE, 51, 1, 10);
	world_rx(&capture, 3, IPC_PIPE, 51, 1, 10);
	/* two writers, one reader: only one edge is of the filter's */
	world_tx(&capture, 1, IPC_PIPE, 52, 1, 10);
	world_tx(&capture, 4, IPC_PIPE, 52, 1, 10);
	world_rx(&capture, 5, IPC_PIPE, 52, 1, 20);
	/* a hub whole */
	world_tx(&capture, 1, IPC_PIPE, 53, 1, 5);
	world_tx(&capture, 6, IPC_PIPE, 53, 1, 5);
	world_rx(&capture, 7, IPC_PIPE, 53, 1, 4);
	world_rx(&capture, 8, IPC_PIPE, 53, 1, 6);
	/* a hub of others */
	world_tx(&capture, 5, IPC_PIPE, 54, 1, 5);
	world_tx(&capture, 6, IPC_PIPE, 54, 1, 5);
	world_rx(&capture, 7, IPC_PIPE, 54, 1, 4);
	world_rx(&capture, 8, IPC_PIPE, 54, 1, 6);
	joined(6, 3);
	edge("p1", "p2", 10, 10);
	edge("p1", "p5", 10, 10);
	edge_in(NULL, "p6", "hub", ATTRIBUTION_HUB);
	edge_in(NULL, "hub", "p8", ATTRIBUTION_HUB);
}

static void test_self(void **state)
{
	(void)state;
	world_tx(&capture, 1, IPC_PIPE, 50, 3, 10);
	world_rx(&capture, 1, IPC_PIPE, 50, 1, 10);
	joined(0, 0);
	assert_int_equal(map->node_count, 0);
	assert_int_equal(map->completeness.self_ops, 3);
	assert_int_equal(map->completeness.self_bytes, 10);
	options.self = true;
	joined(1, 1);
	edge("p1", "p1", 10, 10);
	assert_int_equal(map->completeness.self_bytes, 0);
}

/* ipcmap itself is joined, so that its readers are right, and left out. */
static void test_own(void **state)
{
	(void)state;
	capture.own_tgid = 9;
	world_tx(&capture, 1, IPC_PIPE, 50, 1, 10);
	world_tx(&capture, 9, IPC_PIPE, 50, 1, 5);
	world_rx(&capture, 2, IPC_PIPE, 50, 1, 15);
	filter(1);
	joined(1, 1);
	edge("p1", "p2", 10, 10);
}

static void test_idle(void **state)
{
	struct ipc_object info = pipe_info(50), used = pipe_info(51), gone = pipe_info(52);
	struct ipc_object a = unix_info(IPC_UNIX_STREAM, 100, NULL), b = unix_info(IPC_UNIX_STREAM, 101, NULL);

	(void)state;
	stream_pair(100, 101, NULL);
	world_object(&capture, &info);
	world_object(&capture, &used);
	world_object(&capture, &gone);
	world_hold(&capture, 1, &info, "w");
	world_hold(&capture, 2, &info, "r");
	world_hold(&capture, 1, &used, "w");
	world_hold(&capture, 3, &used, "r");
	world_hold(&capture, 4, &a, "rw");
	world_hold(&capture, 5, &b, "rw");
	world_open(&capture.at_start, 6, &gone, "w"); /* closed: nobody holds both ends any more */
	world_hold(&capture, 7, &gone, "r");
	world_tx(&capture, 1, IPC_PIPE, 51, 1, 10);
	world_rx(&capture, 3, IPC_PIPE, 51, 1, 10);
	joined(1, 1);
	options.idle = true;
	joined(3, 3);
	assert_int_equal(edge_in(NULL, "p1", "p2", ATTRIBUTION_IDLE)->ops, 0);
	edge_in(NULL, "p4", "p5", ATTRIBUTION_IDLE);
	edge("p1", "p3", 10, 10);
}

/* One direction of a channel moved something: it is not idle. */
static void test_idle_half(void **state)
{
	struct ipc_object a = unix_info(IPC_UNIX_STREAM, 100, NULL), b = unix_info(IPC_UNIX_STREAM, 101, NULL);

	(void)state;
	stream_pair(100, 101, NULL);
	world_hold(&capture, 4, &a, "rw");
	world_hold(&capture, 5, &b, "rw");
	world_tx(&capture, 5, IPC_UNIX_STREAM, 101, 1, 10);
	world_rx(&capture, 4, IPC_UNIX_STREAM, 100, 1, 10);
	options.idle = true;
	joined(1, 1);
	edge("p5", "p4", 10, 10);
}

/* Connected datagram sockets: two clients of one, and a pair. */
static void test_idle_datagram(void **state)
{
	struct ipc_object log = unix_info(IPC_UNIX_DGRAM, 60, "/dev/log");
	struct ipc_object clients[2] = { unix_info(IPC_UNIX_DGRAM, 61, NULL), unix_info(IPC_UNIX_DGRAM, 62, NULL) };
	struct ipc_object pair[2] = { unix_info(IPC_UNIX_DGRAM, 70, NULL), unix_info(IPC_UNIX_DGRAM, 71, NULL) };

	(void)state;
	pair[0].peer_ino = 71;
	pair[1].peer_ino = 70;
	world_object(&capture, &log);
	world_hold(&capture, 1, &log, "rw");
	for (uint32_t i = 0; i < 2; i++) {
		clients[i].peer_ino = 60;
		world_object(&capture, &clients[i]);
		world_hold(&capture, 2 + i, &clients[i], "rw");
		world_object(&capture, &pair[i]);
		world_hold(&capture, 4 + i, &pair[i], "rw");
	}
	options.idle = true;
	joined(3, 2);
	edge_in("/dev/log", "p2", "p1", ATTRIBUTION_IDLE);
	edge_in("/dev/log", "p3", "p1", ATTRIBUTION_IDLE);
	assert_true(edge_in(NULL, "p4", "p5", ATTRIBUTION_IDLE)->ops == 0);
	/* traffic of the pair, in one direction: none of it is idle */
	world_flow(&capture, 4, IPC_UNIX_DGRAM, IPC_TX, 70, 71, 1, 9);
	joined(3, 2);
	edge_in(NULL, "p4", "p5", ATTRIBUTION_UNDELIVERED);
}

/* Held by several at both ends, one of them in the filter: the whole hub. */
static void test_idle_filter(void **state)
{
	struct ipc_object info = pipe_info(50), other = pipe_info(51);

	(void)state;
	filter(1);
	world_object(&capture, &info);
	world_object(&capture, &other);
	for (uint32_t pid = 1; pid <= 2; pid++) {
		world_hold(&capture, pid, &info, "w");
		world_hold(&capture, pid + 2, &info, "r");
		world_hold(&capture, pid + 4, &other, "w");
		world_hold(&capture, pid + 6, &other, "r");
	}
	options.idle = true;
	joined(4, 1);
	edge_in(NULL, "p1", "hub", ATTRIBUTION_IDLE);
	edge_in(NULL, "hub", "p4", ATTRIBUTION_IDLE);
}

static void send_signal(uint32_t from, uint32_t to, int number, uint64_t ops, uint64_t queued)
{
	struct ipc_flow_key key = {
		.mechanism = IPC_SIGNAL, .object = BORN(to), .remote = (uint64_t)number << 32 | to,
	};

	world_flow_full(&capture, from, from ? BORN(from) : 0, key, ops, queued);
}

static void test_signals(void **state)
{
	const struct edge *term, *child;

	(void)state;
	send_signal(1, 2, SIGTERM, 3, 1);
	send_signal(1, 2, SIGUSR1, 1, 1);
	send_signal(0, 1, SIGCHLD, 1, 1);
	send_signal(3, 3, SIGALRM, 5, 5);
	joined(3, 0);
	assert_int_equal(map->completeness.self_ops, 5);
	child = edge("kernel", "p1", 0, 0);
	assert_string_equal(child->signal, "SIGCHLD");
	assert_int_equal(child->channel, MAP_NO_CHANNEL);
	term = &map->edges[0];
	for (size_t i = 0; i < map->edge_count; i++)
		if (!strcmp(map->edges[i].signal, "SIGTERM"))
			term = &map->edges[i];
	assert_string_equal(called(term->src), "p1");
	assert_int_equal(term->ops, 3);
	assert_int_equal(term->received_ops, 1);
	assert_string_equal(map->nodes[0].id, "k");
}

/* The kernel's signal to an untracked process is not of the filter's. */
static void test_signals_filter(void **state)
{
	(void)state;
	filter(1);
	send_signal(0, 1, SIGCHLD, 1, 1);
	send_signal(0, 2, SIGCHLD, 1, 1);
	send_signal(3, 1, SIGTERM, 1, 1);
	send_signal(3, 2, SIGTERM, 1, 1);
	joined(2, 0);
	edge("kernel", "p1", 0, 0);
	edge("p3", "p1", 0, 0);
}

static void test_listens_that_ended(void **state)
{
	struct ipc_object tcp = inet_info(IPC_TCP, 300, "0.0.0.0", 80, NULL, 0), other = tcp;
	struct ipc_object server = inet_info(IPC_UDP, 310, "0.0.0.0", 53, NULL, 0);
	struct ipc_object client = inet_info(IPC_UDP, 311, "0.0.0.0", 4000, NULL, 0);

	(void)state;
	tcp.by_tgid = 1;
	tcp.by_start = BORN(1);
	world_object(&capture, &tcp);
	/* described once more, by an inventory */
	tcp.by_tgid = 0;
	world_object(&capture, &tcp);
	other.object = 301;
	other.local_port = 81;
	other.by_tgid = 4; /* does nothing */
	other.by_start = BORN(4);
	world_object(&capture, &other);
	world_object(&capture, &server);
	world_object(&capture, &client);
	world_tx(&capture, 1, IPC_UDP, 310, 1, 8);
	world_rx(&capture, 1, IPC_UDP, 310, 1, 9);
	world_tx(&capture, 3, IPC_UDP, 311, 1, 9);
	world_rx(&capture, 3, IPC_UDP, 311, 1, 8);
	capture.flows[0].first += SECOND;
	capture.flows[3].first += SECOND;
	map = map_new();
	assert_int_equal(join(&capture, &options, map), 0);
	assert_string_equal(node("p1")->listens, "tcp *:80, udp *:53");
	assert_null(node("p3")->listens);
}

static void test_listens(void **state)
{
	struct ipc_object stream = unix_info(IPC_UNIX_STREAM, 320, "/run/s"), longer = stream;

	(void)state;
	stream.state = longer.state = TCP_LISTEN;
	longer.object = 321;
	info_name(&longer, "/var/run/s");
	/* one name the end of another, one port of two mechanisms, one address twice */
	hold_new(1, longer);
	hold_new(1, stream);
	hold_new(1, inet_info(IPC_TCP, 300, "0.0.0.0", 53, NULL, 0));
	hold_new(1, inet_info(IPC_UDP, 301, "0.0.0.0", 53, NULL, 0));
	hold_new(1, inet_info(IPC_TCP, 302, "0.0.0.0", 5353, NULL, 0));
	hold_new(1, inet_info(IPC_TCP, 303, "0.0.0.0", 53, NULL, 0));
	hold_new(1, inet_info(IPC_TCP, 304, "10.0.0.1", 80, "10.0.0.2", 4000));
	hold_new(1, unix_info(IPC_UNIX_STREAM, 322, "/run/connected"));
	hold_new(2, inet_info(IPC_TCP, 310, "127.0.0.1", 22, NULL, 0)); /* does nothing: not in the map */
	world_tx(&capture, 1, IPC_PIPE, 50, 1, 1);
	world_rx(&capture, 3, IPC_PIPE, 50, 1, 1);
	joined(1, 1);
	assert_string_equal(node("p1")->listens,
			    "unix-stream /run/s, unix-stream /var/run/s, tcp *:53, tcp *:5353, udp *:53");
	assert_null(node("p3")->listens);
}

static void pty_flow(uint32_t pid, uint8_t side, uint8_t direction, uint64_t bytes)
{
	struct ipc_flow_key key = {
		.mechanism = IPC_PTY, .object = 0xffff8880, .remote = 3, .side = side, .direction = direction,
	};

	world_flow_full(&capture, pid, BORN(pid), key, 1, bytes);
}

static void test_pty(void **state)
{
	struct ipc_object info = { .mechanism = IPC_PTY, .object = 0xffff8880, .remote = 3, .index = 4 };

	(void)state;
	world_object(&capture, &info);
	pty_flow(1, IPC_SIDE_MASTER, IPC_TX, 6);
	pty_flow(2, IPC_SIDE_SLAVE, IPC_RX, 6);
	pty_flow(1, IPC_SIDE_MASTER, IPC_RX, 7);
	joined(2, 1);
	assert_string_equal(channel_of(edge("p1", "p2", 6, 6))->name, "/dev/pts/4");
	assert_string_equal(channel_of(edge("kernel", "p1", 0, 7))->object, "pts/4");
}

/* Nobody typed, so it is no echo: a program wrote it before the window. */
static void test_pty_earlier(void **state)
{
	struct ipc_object info = {
		.mechanism = IPC_PTY, .object = 0xffff8880, .remote = 3, .index = 4, .side = IPC_SIDE_SLAVE,
	};

	(void)state;
	world_object(&capture, &info);
	world_hold(&capture, 2, &info, "rw");
	pty_flow(1, IPC_SIDE_MASTER, IPC_RX, 7);
	joined(1, 1);
	assert_int_equal(edge_in(NULL, "p2", "p1", ATTRIBUTION_EARLIER)->received_bytes, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_empty),
		TEST(test_pipe),
		TEST(test_two_writers),
		TEST(test_hub),
		TEST(test_flows_add_up),
		TEST(test_pid_reuse),
		TEST(test_unknown_process),
		TEST(test_fifo),
		TEST(test_undelivered),
		TEST(test_earlier),
		TEST(test_queued),
		TEST(test_filter),
		TEST(test_self),
		TEST(test_own),
		TEST(test_idle),
		TEST(test_idle_half),
		TEST(test_idle_datagram),
		TEST(test_idle_filter),
		TEST(test_signals),
		TEST(test_signals_filter),
		TEST(test_listens),
		TEST(test_listens_that_ended),
		TEST(test_pty),
		TEST(test_pty_earlier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
