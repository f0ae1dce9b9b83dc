// SPDX-License-Identifier: GPL-2.0-only
/* UNIX messages that carry their sender: what a reader took of whom is a flow of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "joined.h"

#define READ_END 100
#define SEND_END 101

/* from 0: it is not known */
static void taken(uint32_t by, uint32_t from, uint8_t mechanism, uint8_t side, uint64_t ops, uint64_t bytes)
{
	struct ipc_flow_key key = {
		.mechanism = mechanism, .direction = IPC_RX, .object = READ_END, .side = side,
		.remote = from ? ipc_sender(BORN(from), from) : IPC_SENDER_UNKNOWN,
	};

	world_flow_full(&capture, by, BORN(by), key, ops, bytes);
}

static void took(uint32_t by, uint32_t from, uint64_t ops, uint64_t bytes)
{
	taken(by, from, IPC_UNIX_STREAM, IPC_SIDE_NONE, ops, bytes);
}

static void sent(uint32_t by, uint64_t ops, uint64_t bytes)
{
	world_tx(&capture, by, IPC_UNIX_STREAM, SEND_END, ops, bytes);
}

static void stream(void)
{
	stream_pair(READ_END, SEND_END, "/run/s");
}

/* Nobody is anybody's neighbour in these numbers. */
static void test_numbers(void **state)
{
	(void)state;
	assert_int_not_equal(ipc_sender(BORN(1), 1), ipc_sender(BORN(1), 2));
	assert_int_not_equal(ipc_sender(5, 1), ipc_sender(6, 1));
	assert_int_not_equal(ipc_sender(3, 4194303), ipc_sender(3, 1));
}

static void test_two_and_two(void **state)
{
	const struct edge *found;

	(void)state;
	stream();
	sent(1, 4, 400);
	sent(2, 6, 600);
	took(3, 1, 5, 300);
	took(3, 2, 2, 200);
	took(4, 1, 1, 100);
	took(4, 2, 4, 350);
	/* One call read the last of the first writer, and of the second. */
	taken(4, 2, IPC_UNIX_STREAM, IPC_SIDE_PART, 1, 50);
	joined(4, 1);
	assert_int_equal(edge("p1", "p3", 300, 300)->received_ops, 5);
	edge("p2", "p3", 200, 200);
	assert_int_equal(edge("p1", "p4", 100, 100)->received_ops, 1);
	found = edge("p2", "p4", 400, 400);
	assert_int_equal(found->received_ops, 5);
	assert_int_equal(map->completeness.events, 22);
	assert_int_equal(map->completeness.unattributed, 0);
}

static void test_nothing_is_known(void **state)
{
	(void)state;
	stream();
	sent(1, 4, 400);
	sent(2, 6, 600);
	took(3, 1, 5, 500);
	took(4, 2, 5, 500);
	capture.carried_lost = true;
	joined(4, 1);
	edge_in(NULL, "hub", "p3", ATTRIBUTION_HUB);
	edge_in(NULL, "p1", "hub", ATTRIBUTION_HUB);
}

/* Some of it is: the rest, and who sent more than was told, goes by the hub. */
static void test_some_is_unknown(void **state)
{
	const struct edge *found;

	(void)state;
	stream();
	sent(1, 4, 400);
	sent(2, 6, 600);
	took(3, 1, 5, 400);
	took(4, 2, 5, 500);
	took(4, 0, 1, 100);
	joined(4, 1);
	edge("p1", "p3", 400, 400);
	edge("p2", "p4", 500, 500);
	found = edge_in(NULL, "p2", "hub", ATTRIBUTION_HUB);
	assert_int_equal(found->bytes, 100);
	found = edge_in(NULL, "hub", "p4", ATTRIBUTION_HUB);
	assert_int_equal(found->received_bytes, 100);
}

/* The figures alone say it: one reader, to whom all came. */
static void test_to_one(void **state)
{
	(void)state;
	stream();
	sent(1, 4, 400);
	sent(2, 6, 600);
	took(3, 1, 7, 400);
	took(3, 2, 3, 500);
	took(3, 0, 1, 100);
	joined(2, 1);
	assert_int_equal(edge("p1", "p3", 400, 400)->received_ops, 4);
	assert_int_equal(edge("p2", "p3", 600, 600)->received_ops, 6);
}

/* They don't where something was not read. */
static void test_unread(void **state)
{
	(void)state;
	stream();
	sent(1, 4, 400);
	sent(2, 6, 400);
	took(3, 1, 7, 400);
	joined(2, 1);
	edge("p1", "p3", 400, 400);
	assert_int_equal(edge_in(NULL, "p2", "p3", ATTRIBUTION_UNDELIVERED)->bytes, 400);
}

static void test_one_and_one(void **state)
{
	(void)state;
	stream();
	sent(1, 4, 400);
	took(3, 1, 1, 300);
	taken(3, 1, IPC_UNIX_STREAM, IPC_SIDE_PART, 1, 100);
	took(3, 0, 1, 0);
	joined(1, 1);
	assert_int_equal(edge("p1", "p3", 400, 400)->received_ops, 2);
}

/* Sent by one before the window, and read in it; what another sent in it waits. */
static void test_older(void **state)
{
	(void)state;
	stream();
	sent(1, 4, 400);
	took(3, 2, 1, 400);
	joined(2, 1);
	assert_int_equal(edge("p2", "p3", 0, 400)->ops, 0);
	assert_int_equal(edge_in(NULL, "p1", "p3", ATTRIBUTION_UNDELIVERED)->bytes, 400);
}

/* Of a datagram that was cut, all is its sender's. */
static void test_cut(void **state)
{
	struct ipc_object own = unix_info(IPC_UNIX_DGRAM, READ_END, "/run/d");
	const struct edge *found;

	(void)state;
	world_object(&capture, &own);
	world_flow(&capture, 1, IPC_UNIX_DGRAM, IPC_TX, SEND_END, READ_END, 2, 200);
	world_flow(&capture, 2, IPC_UNIX_DGRAM, IPC_TX, SEND_END, READ_END, 3, 60);
	taken(3, 1, IPC_UNIX_DGRAM, IPC_SIDE_NONE, 2, 20);
	taken(3, 1, IPC_UNIX_DGRAM, IPC_SIDE_CUT, 0, 180);
	taken(3, 2, IPC_UNIX_DGRAM, IPC_SIDE_NONE, 1, 10);
	taken(4, 2, IPC_UNIX_DGRAM, IPC_SIDE_NONE, 1, 20);
	joined(4, 1);
	found = edge("p1", "p3", 200, 20);
	assert_int_equal(found->ops, 2);
	assert_int_equal(found->received_ops, 2);
	assert_int_equal(edge("p2", "p3", 10, 10)->ops, 1);
	assert_int_equal(edge("p2", "p4", 20, 20)->ops, 1);
	found = edge_in(NULL, "p2", "hub", ATTRIBUTION_UNDELIVERED);
	assert_int_equal(found->bytes, 30);
	assert_int_equal(found->ops, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test_setup_teardown(test_two_and_two, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_is_known, setup, teardown),
		cmocka_unit_test_setup_teardown(test_some_is_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(test_to_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unread, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_and_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_older, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
