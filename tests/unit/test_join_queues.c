// SPDX-License-Identifier: GPL-2.0-only
/* What waits in a channel at the ends of the window, weighed while it may be in motion. */
#include "joined.h"

#define PIPE 50
#define TX_SOCKET 60
#define RX_SOCKET 61

/* When a flow of the tests begins, world_flow_full(): one second after the window. */
#define BEFORE_FLOWS (STARTED + SECOND / 2)
#define AFTER_FLOWS (STARTED + 3 * SECOND / 2)

static void weigh(struct ipc_object info, uint64_t start, uint64_t again, uint64_t last, uint64_t end)
{
	capture.weighed = true;
	capture.weighed_time = AFTER_FLOWS;
	info.queued = start;
	world_open(&capture.at_start, 2, &info, "r");
	info.queued = again;
	world_open(&capture.weighed_first, 2, &info, "r");
	info.queued = last;
	world_open(&capture.weighed_last, 2, &info, "r");
	info.queued = end;
	world_open(&capture.at_end, 2, &info, "r");
}

static void writes(uint32_t pid, uint64_t bytes)
{
	world_tx(&capture, pid, IPC_PIPE, PIPE, 1, bytes);
}

static void reads(uint64_t bytes)
{
	world_rx(&capture, 2, IPC_PIPE, PIPE, 1, bytes);
}

static void holds_open(uint32_t pid)
{
	struct ipc_object info = pipe_info(PIPE);

	world_open(&capture.at_start, pid, &info, "w");
}

static void blocked(struct descriptor_list *list, uint32_t pid)
{
	struct ipc_object info = pipe_info(PIPE);

	world_open(list, pid, &info, "w");
}

/* Empty at rest: then what was read beyond what was written came by a way that is not seen. */
static void test_nothing_waited(void **state)
{
	(void)state;
	weigh(pipe_info(PIPE), 0, 0, 0, 0);
	holds_open(1);
	holds_open(3);
	writes(1, 100);
	reads(150);
	joined(2, 1);
	edge("p1", "p2", 100, 100);
	assert_int_equal(edge_in(NULL, "hub", "p2", ATTRIBUTION_HUB)->received_bytes, 50);
}

/* Of a stream that nobody else can write to it is the writer's: its call had not returned. */
static void test_one_writer(void **state)
{
	(void)state;
	weigh(pipe_info(PIPE), 0, 0, 0, 0);
	holds_open(1);
	writes(1, 100);
	reads(150);
	joined(1, 1);
	edge("p1", "p2", 100, 150);
}

/* No writer seen at all: what waited is older, the rest nobody's. */
static void test_unseen_writer(void **state)
{
	(void)state;
	weigh(pipe_info(PIPE), 40, 40, 0, 0);
	holds_open(1);
	reads(150);
	joined(2, 1);
	assert_int_equal(edge_in(NULL, "p1", "p2", ATTRIBUTION_EARLIER)->received_bytes, 40);
	assert_int_equal(edge_in(NULL, "hub", "p2", ATTRIBUTION_HUB)->received_bytes, 110);
}

/* In motion at the start: what remains at the end tells how much of what was read is older. */
static void test_motion_at_start(void **state)
{
	(void)state;
	weigh(pipe_info(PIPE), 500, 0, 30, 30);
	holds_open(1);
	writes(1, 100);
	reads(90);
	joined(2, 1);
	edge("p1", "p2", 100, 70);
	assert_int_equal(edge_in(NULL, "p1", "p2", ATTRIBUTION_EARLIER)->received_bytes, 20);
}

/* In motion, and then gone: only more read than written proves that there was something older. */
static void test_motion_and_closed(void **state)
{
	(void)state;
	weigh(pipe_info(PIPE), 500, 300, 0, 0);
	capture.at_end.count = 0;
	holds_open(1);
	writes(1, 1000);
	reads(1000);
	joined(1, 1);
	edge("p1", "p2", 1000, 1000);
	reads(7);
	joined(2, 1);
	edge("p1", "p2", 1000, 1000);
	assert_int_equal(edge_in(NULL, "p1", "p2", ATTRIBUTION_EARLIER)->received_bytes, 7);
}

/* Weighed differently, but touched by nobody since the window opened: the second is right. */
static void test_moved_before(void **state)
{
	(void)state;
	weigh(pipe_info(PIPE), 10, 40, 40, 40);
	capture.weighed_time = BEFORE_FLOWS;
	holds_open(1);
	writes(1, 100);
	reads(100);
	joined(2, 1);
	edge("p1", "p2", 100, 60);
	assert_int_equal(edge_in(NULL, "p1", "p2", ATTRIBUTION_EARLIER)->received_bytes, 40);
}

/* Waiting, blocked in its call: what was read or waits beyond what the others wrote is its. */
static void test_blocked(void **state)
{
	(void)state;
	weigh(pipe_info(PIPE), 20, 20, 64, 64);
	holds_open(1);
	writes(1, 100);
	reads(500);
	blocked(&capture.writing_last, 1);
	map_free(map);
	map = map_new();
	assert_int_equal(join(&capture, &options, map), 0);
	assert_int_equal(map->edge_count, 2);
	edge("p1", "p2", 544, 480);
	assert_int_equal(edge_in(NULL, "p1", "p2", ATTRIBUTION_EARLIER)->received_bytes, 20);
	assert_int_equal(map->completeness.events, 3);
}

/* Two of them: not known whose. */
static void test_two_blocked(void **state)
{
	(void)state;
	weigh(pipe_info(PIPE), 0, 0, 64, 64);
	holds_open(1);
	holds_open(3);
	writes(1, 100);
	reads(500);
	blocked(&capture.writing_last, 1);
	blocked(&capture.writing_last, 3);
	joined(2, 1);
	edge("p1", "p2", 100, 100);
	assert_int_equal(edge_in(NULL, "hub", "p2", ATTRIBUTION_HUB)->received_bytes, 400);
}

/* Born in the window, so that nobody held it as it opened: those blocked may have written what was read. */
static void test_two_blocked_newborn(void **state)
{
	struct ipc_object info = pipe_info(PIPE);

	for (int readers = 1; readers <= 2; readers++) {
		capture_done(&capture);
		setup(state);
		capture.weighed = true;
		capture.weighed_time = AFTER_FLOWS;
		for (uint32_t pid = 1; pid <= 3; pid++)
			world_open(&capture.at_end, pid, &info, pid == 2 ? "r" : "w");
		writes(1, 10);
		reads(100);
		if (readers == 2)
			world_rx(&capture, 5, IPC_PIPE, PIPE, 1, 100);
		blocked(&capture.writing_last, 3);
		blocked(&capture.writing_last, 4);
		joined(readers + 1, 1);
		if (readers == 1) {
			edge("p1", "p2", 10, 10);
			assert_int_equal(edge_in(NULL, "hub", "p2", ATTRIBUTION_HUB)->received_bytes, 90);
			assert_int_equal(map->completeness.unattributed, 1);
		} else {
			assert_int_equal(edge_in(NULL, "p1", "hub", ATTRIBUTION_HUB)->bytes, 10);
			assert_int_equal(edge_in(NULL, "hub", "p2", ATTRIBUTION_HUB)->received_bytes, 100);
			assert_int_equal(edge_in(NULL, "hub", "p5", ATTRIBUTION_HUB)->received_bytes, 100);
		}
	}
}

/* Nobody else has it, as far as is known: its call had just not returned. */
static void test_one_writer_newborn(void **state)
{
	struct ipc_object info = pipe_info(PIPE);

	(void)state;
	capture.weighed = true;
	capture.weighed_time = AFTER_FLOWS;
	world_open(&capture.at_end, 2, &info, "r");
	world_open(&capture.at_end, 1, &info, "w");
	writes(1, 100);
	reads(150);
	joined(1, 1);
	edge("p1", "p2", 100, 150);
}

/* Of a terminal's output: a program in the middle of a write may have written what was read. */
static void test_blocked_output(void **state)
{
	struct ipc_object info = { .mechanism = IPC_PTY, .object = 0xffff8880, .remote = 3, .side = IPC_SIDE_SLAVE };
	const struct ipc_flow_key output = { .mechanism = IPC_PTY, .object = info.object, .remote = 3,
					     .side = IPC_SIDE_SLAVE, .direction = IPC_TX };
	const struct ipc_flow_key read = { .mechanism = IPC_PTY, .object = info.object, .remote = 3,
					   .side = IPC_SIDE_MASTER, .direction = IPC_RX };

	for (uint32_t blocked = 1; blocked <= 3; blocked += 2) {
		capture_done(&capture);
		setup(state);
		capture.weighed = true;
		world_flow_full(&capture, 1, BORN(1), output, 1, 10);
		world_flow_full(&capture, 2, BORN(2), read, 5, 50000);
		world_open(&capture.writing_last, blocked, &info, "w");
		joined(blocked == 1 ? 1 : 2, 1);
		if (blocked == 1) {
			edge("p1", "p2", 10, 50000);
			continue;
		}
		assert_int_equal(edge_in(NULL, "p1", "hub", ATTRIBUTION_HUB)->bytes, 10);
		assert_int_equal(edge_in(NULL, "hub", "p2", ATTRIBUTION_HUB)->received_bytes, 50000);
	}
}

/* Blocked when the window opened: how much of its call was in the queue by then is not known. */
static void test_blocked_at_start(void **state)
{
	(void)state;
	weigh(pipe_info(PIPE), 64, 64, 0, 0);
	holds_open(1);
	writes(1, 1000);
	reads(1064);
	blocked(&capture.writing_first, 1);
	joined(2, 1);
	edge("p1", "p2", 1000, 1000);
	assert_int_equal(edge_in(NULL, "p1", "p2", ATTRIBUTION_EARLIER)->received_bytes, 64);
}

/* A filter leaves out what others wrote until one of its processes came: nothing is exact then. */
static void test_filtered(void **state)
{
	(void)state;
	weigh(pipe_info(PIPE), 0, 0, 0, 0);
	filter(1);
	holds_open(3);
	holds_open(4);
	writes(1, 100);
	reads(150);
	joined(2, 1);
	assert_int_equal(edge_in(NULL, "hub", "p2", ATTRIBUTION_EARLIER)->received_bytes, 50);
}

/* But not where one of them was there when the window opened: then it has them all. */
static void test_filtered_held(void **state)
{
	(void)state;
	weigh(pipe_info(PIPE), 0, 0, 0, 0);
	filter(2);
	holds_open(1);
	holds_open(3);
	writes(1, 100);
	reads(150);
	joined(2, 1);
	assert_int_equal(edge_in(NULL, "hub", "p2", ATTRIBUTION_HUB)->received_bytes, 50);
	/* Unless it is found by a name that it may have had only later. */
	capture.filtered_by_name = true;
	joined(2, 1);
	assert_int_equal(edge_in(NULL, "hub", "p2", ATTRIBUTION_EARLIER)->received_bytes, 50);
}

/* Who is in the middle of a write need be no process of the filter, where a process of it holds the other end. */
static void test_filtered_blocked(void **state)
{
	(void)state;
	weigh(pipe_info(PIPE), 0, 0, 0, 0);
	filter(2);
	holds_open(1);
	blocked(&capture.writing_last, 1);
	reads(150);
	joined(1, 1);
	edge("p1", "p2", 150, 150);
}

/* What waits in TCP is between where its writers and its readers are, whichever host buffer has it. */
static void test_tcp(void **state)
{
	struct ipc_object tx = inet_info(IPC_TCP, TX_SOCKET, "127.0.0.1", 1000, "127.0.0.1", 80);
	struct ipc_object rx = inet_info(IPC_TCP, RX_SOCKET, "127.0.0.1", 80, "127.0.0.1", 1000);

	(void)state;
	world_object(&capture, &tx);
	world_object(&capture, &rx);
	tx.write_seq = 300; /* the numbers wrap */
	rx.read_seq = (uint32_t)-200;
	rx.queued = 100;
	world_hold(&capture, 1, &tx, "rw");
	world_open(&capture.weighed_first, 1, &tx, "rw");
	world_open(&capture.weighed_last, 1, &tx, "rw");
	weigh(rx, 100, 100, 100, 100);
	world_tx(&capture, 1, IPC_TCP, TX_SOCKET, 1, 700);
	world_rx(&capture, 2, IPC_TCP, RX_SOCKET, 1, 700);
	joined(2, 1);
	edge("p1", "p2", 700, 200);
	assert_int_equal(edge_in(NULL, "p1", "p2", ATTRIBUTION_EARLIER)->received_bytes, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_waited),
		TEST(test_one_writer),
		TEST(test_unseen_writer),
		TEST(test_motion_at_start),
		TEST(test_motion_and_closed),
		TEST(test_moved_before),
		TEST(test_blocked),
		TEST(test_two_blocked),
		TEST(test_two_blocked_newborn),
		TEST(test_one_writer_newborn),
		TEST(test_blocked_output),
		TEST(test_blocked_at_start),
		TEST(test_filtered),
		TEST(test_filtered_held),
		TEST(test_filtered_blocked),
		TEST(test_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
