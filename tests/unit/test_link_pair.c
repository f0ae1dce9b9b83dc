// SPDX-License-Identifier: GPL-2.0-only
/* Who read whose bytes: link_join() of one sender and one receiver, or of none. */
#include "link_sample.h"

/* There was no room to count all: what does not add up is nobody's. */
static void test_lossy(void **state)
{
	struct party senders[] = { PARTY(A, 2, 20, 1, 2) }, receivers[] = { PARTY(B, 1, 10, 2, 3) };
	size_t holders[] = { B };
	struct link link = LINK(SENDERS(senders), RECEIVERS(receivers), .lossy = true);

	(void)state;
	assert_int_equal(joined(&link), 2);
	edge(A, HUB, ATTRIBUTION_HUB, 20, 0);
	edge(HUB, B, ATTRIBUTION_HUB, 0, 10);
	/* The rest is still there, so nobody else read it; or is not, any more. */
	link.queued_end = (struct link_queue){ 1, 10 };
	assert_int_equal(joined(&link), 1);
	edge(A, B, ATTRIBUTION_EXACT, 20, 10);
	link.closed = true;
	assert_int_equal(joined(&link), 2);
	link.kind = LINK_DATAGRAM;
	assert_int_equal(joined(&link), 1);
	edge(A, B, ATTRIBUTION_EXACT, 20, 10);
	link = LINK(SENDERS(senders), RECEIVE_HOLDERS(holders), .lossy = true);
	assert_int_equal(joined(&link), 1);
	edge(A, HUB, ATTRIBUTION_HUB, 20, 0);
	link.queued_end.bytes = 20;
	assert_int_equal(joined(&link), 1);
	edge(A, B, ATTRIBUTION_UNDELIVERED, 20, 0);
	/* And who reads more than was sent may have read it of somebody else. */
	receivers[0].bytes = 30;
	link = LINK(SENDERS(senders), RECEIVERS(receivers), .lossy = true);
	assert_int_equal(joined(&link), 2);
	edge(HUB, B, ATTRIBUTION_HUB, 0, 30);
}

/* In motion as the window opened: how much waited then is not known, and nothing adds up to it. */
static void test_lossy_in_motion(void **state)
{
	struct party senders[] = { PARTY(A, 5, 50, 1, 2) }, receivers[] = { PARTY(B, 4, 49, 2, 3) };
	struct link link = LINK(SENDERS(senders), RECEIVERS(receivers), .lossy = true,
				.queued_start = { UINT64_MAX, UINT64_MAX });

	(void)state;
	for (int i = 0; i < 2; i++) {
		link.kind = i ? LINK_DATAGRAM : LINK_STREAM;
		assert_int_equal(joined(&link), 2);
		edge(A, HUB, ATTRIBUTION_HUB, 50, 0);
		edge(HUB, B, ATTRIBUTION_HUB, 0, 49);
	}
}

static void test_nobody(void **state)
{
	(void)state;
	assert_int_equal(joined(&LINK(.queued_start.bytes = 5, .queued_end.bytes = 7)), 0);
}

static void test_pair(void **state)
{
	struct party from[] = { PARTY(A, 10, 1000, 1, 3) }, to[] = { PARTY(B, 4, 1000, 0.5, 2) };
	const struct link_edge *one;

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to))), 1);
	one = edge(A, B, ATTRIBUTION_EXACT, 1000, 1000);
	assert_int_equal(one->ops, 10);
	assert_int_equal(one->received_ops, 4);
	assert_true(one->first == 0.5 && one->last == 3);
}

static void test_pair_self(void **state)
{
	struct party from[] = { PARTY(A, 1, 10, 1, 1) }, to[] = { PARTY(A, 1, 10, 2, 2) };

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to))), 1);
	edge(A, A, ATTRIBUTION_EXACT, 10, 10);
}

static void test_pair_partly_read(void **state)
{
	struct party from[] = { PARTY(A, 1, 1000, 1, 1) }, to[] = { PARTY(B, 1, 400, 2, 2) };

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to), .queued_end.bytes = 600)), 1);
	edge(A, B, ATTRIBUTION_EXACT, 1000, 400);
}

/* More was read than sent: the rest was sent before the window. */
static void test_pair_surplus(void **state)
{
	struct party from[] = { PARTY(A, 1, 100, 1, 1) }, to[] = { PARTY(B, 3, 150, 2, 2) };
	size_t sole[] = { A }, two[] = { A, C };

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to), SEND_HOLDERS(sole))), 2);
	edge(A, B, ATTRIBUTION_EXACT, 100, 100);
	edge(A, B, ATTRIBUTION_EARLIER, 0, 50);
	/* Who sent it is not known when two could have. */
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to), SEND_HOLDERS(two))), 2);
	edge(HUB, B, ATTRIBUTION_EARLIER, 0, 50);
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to))), 2);
	edge(HUB, B, ATTRIBUTION_EARLIER, 0, 50);
}

/* Nothing waited: of three datagrams the sender, of one, sent no more than that. */
static void test_pair_surplus_datagrams(void **state)
{
	struct party from[] = { PARTY(A, 1, 100, 1, 1) }, to[] = { PARTY(B, 3, 150, 2, 2) };

	(void)state;
	assert_int_equal(joined(&LINK(.kind = LINK_DATAGRAM, SENDERS(from), RECEIVERS(to), .start_exact = true)), 2);
	assert_int_equal(edge(A, B, ATTRIBUTION_EXACT, 100, 100)->received_ops, 1);
	assert_int_equal(edge(HUB, B, ATTRIBUTION_HUB, 0, 50)->received_ops, 2);
}

/* 400 waited before, 400 wait at the end: it is the older 400 that were read. */
static void test_pair_queued(void **state)
{
	struct party from[] = { PARTY(A, 1, 1000, 1, 1) }, to[] = { PARTY(B, 1, 1000, 2, 2) };
	size_t sole[] = { C };

	(void)state;
	joined(&LINK(SENDERS(from), RECEIVERS(to), SEND_HOLDERS(sole), .queued_start.bytes = 400,
		     .queued_end.bytes = 400));
	edge(A, B, ATTRIBUTION_EXACT, 1000, 600);
	edge(C, B, ATTRIBUTION_EARLIER, 0, 400);
	/* What waited was read before the window opened: nothing waits now, so all are new. */
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to), SEND_HOLDERS(sole),
				      .queued_start.bytes = 400)), 1);
	/* Nothing waited before: a queue at the end proves nothing. */
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to), SEND_HOLDERS(sole),
				      .queued_end.bytes = 400)), 1);
	/* All that was sent still waits: all that was read is older. */
	joined(&LINK(SENDERS(from), RECEIVERS(to), SEND_HOLDERS(sole), .queued_start.bytes = 5000,
		     .queued_end.bytes = 5000));
	assert_int_equal(edge(A, B, ATTRIBUTION_UNDELIVERED, 1000, 0)->received_ops, 0);
	assert_int_equal(edge(C, B, ATTRIBUTION_EARLIER, 0, 1000)->received_ops, 1);
	/* Closed since, and what waited in it is gone: the oldest were read first. */
	joined(&LINK(SENDERS(from), RECEIVERS(to), SEND_HOLDERS(sole), .queued_start.bytes = 400, .closed = true));
	edge(A, B, ATTRIBUTION_EXACT, 1000, 600);
	edge(C, B, ATTRIBUTION_EARLIER, 0, 400);
}

/* Datagrams are counted: the two that waited are read before the three that came. */
static void test_pair_queued_datagrams(void **state)
{
	struct party from[] = { PARTY(A, 3, 300, 1, 1) }, to[] = { PARTY(B, 3, 210, 2, 2) };
	struct party first[] = { PARTY(B, 2, 110, 2, 2) };
	size_t sole[] = { C };
	struct link link = LINK(.kind = LINK_DATAGRAM, SENDERS(from), RECEIVERS(to), SEND_HOLDERS(sole));
	const struct link_edge *one;

	(void)state;
	link.queued_start = (struct link_queue){ .ops = 2, .bytes = 110 };
	link.queued_end = (struct link_queue){ .ops = 2, .bytes = 200 };
	assert_int_equal(joined(&link), 2);
	one = edge(A, B, ATTRIBUTION_EXACT, 300, 100);
	assert_int_equal(one->ops, 3);
	assert_int_equal(one->received_ops, 1);
	assert_int_equal(edge(C, B, ATTRIBUTION_EARLIER, 0, 110)->received_ops, 2);
	/* None of the new ones was read. */
	link.receivers = first;
	link.queued_end.ops = 3;
	assert_int_equal(joined(&link), 2);
	assert_int_equal(edge(A, B, ATTRIBUTION_UNDELIVERED, 300, 0)->received_ops, 0);
	edge(C, B, ATTRIBUTION_EARLIER, 0, 110);
	/* The same, seen by the socket's being closed. */
	link.queued_end = (struct link_queue){ 0 };
	link.closed = true;
	assert_int_equal(joined(&link), 2);
	edge(A, B, ATTRIBUTION_UNDELIVERED, 300, 0);
}

/* Nobody knows, however few they are. */
static void test_uncertain(void **state)
{
	struct party from[] = { PARTY(A, 1, 100, 1, 1) }, to[] = { PARTY(B, 1, 100, 2, 2) };

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to), .uncertain = true)), 2);
	edge(A, HUB, ATTRIBUTION_HUB, 100, 0);
	edge(HUB, B, ATTRIBUTION_HUB, 0, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_lossy),
		cmocka_unit_test(test_lossy_in_motion),
		cmocka_unit_test(test_pair),
		cmocka_unit_test(test_pair_self),
		cmocka_unit_test(test_pair_partly_read),
		cmocka_unit_test(test_pair_surplus),
		cmocka_unit_test(test_pair_surplus_datagrams),
		cmocka_unit_test(test_pair_queued),
		cmocka_unit_test(test_pair_queued_datagrams),
		cmocka_unit_test(test_uncertain),
	};

	return cmocka_run_group_tests(tests, NULL, result_free);
}
