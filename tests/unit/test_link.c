// SPDX-License-Identifier: GPL-2.0-only
/* Who read whose bytes: link_join() of several parties, terminals and random links; link_join_idle(). */
#include "link_sample.h"

#define OUT 9
#define KERNEL PARTY_KERNEL

static void test_many_to_one(void **state)
{
	struct party from[] = { PARTY(A, 2, 100, 1, 5), PARTY(C, 3, 200, 1, 2) };
	struct party to[] = { PARTY(B, 7, 300, 1, 6) };

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to))), 2);
	assert_int_equal(edge(A, B, ATTRIBUTION_EXACT, 100, 100)->ops, 2);
	assert_int_equal(edge(C, B, ATTRIBUTION_EXACT, 200, 200)->ops, 3);
}

/* 120 are not read, and nobody knows whose: 80 of C's were for certain. */
static void test_many_to_one_partly(void **state)
{
	struct party from[] = { PARTY(A, 2, 100, 1, 5), PARTY(C, 3, 200, 1, 2), PARTY(D, 1, 50, 6, 6) };
	struct party to[] = { PARTY(B, 7, 230, 1, 7) };

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to), .queued_end.bytes = 120)), 5);
	assert_int_equal(edge(C, B, ATTRIBUTION_EXACT, 80, 80)->ops, 3);
	assert_int_equal(edge(C, HUB, ATTRIBUTION_HUB, 120, 0)->ops, 0);
	assert_int_equal(edge(A, HUB, ATTRIBUTION_HUB, 100, 0)->ops, 2);
	assert_int_equal(edge(D, HUB, ATTRIBUTION_HUB, 50, 0)->ops, 1);
	edge(HUB, B, ATTRIBUTION_HUB, 0, 150);
}

/* One alone sent any bytes: what is not read is its own. */
static void test_many_to_one_empty(void **state)
{
	struct party from[] = { PARTY(A, 2, 100, 1, 5), PARTY(C, 3, 0, 1, 2) };
	struct party to[] = { PARTY(B, 4, 70, 1, 7) };

	(void)state;
	assert_int_equal(joined(&LINK(.kind = LINK_DATAGRAM, SENDERS(from), RECEIVERS(to))), 2);
	edge(A, B, ATTRIBUTION_EXACT, 100, 70);
	edge(C, B, ATTRIBUTION_EXACT, 0, 0);
}

/* What was read waited before: of what these two sent nothing was. */
static void test_many_to_one_older(void **state)
{
	struct party from[] = { PARTY(A, 1, 100, 1, 5), PARTY(C, 1, 100, 1, 2) };
	struct party to[] = { PARTY(B, 1, 70, 1, 7) };

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to), .queued_start.bytes = 70,
				      .queued_end.bytes = 200)), 3);
	edge(A, B, ATTRIBUTION_UNDELIVERED, 100, 0);
	edge(C, B, ATTRIBUTION_UNDELIVERED, 100, 0);
	edge(HUB, B, ATTRIBUTION_EARLIER, 0, 70);
}

static void test_many_to_one_surplus(void **state)
{
	struct party from[] = { PARTY(A, 1, 100, 1, 5), PARTY(C, 1, 200, 1, 2) };
	struct party to[] = { PARTY(B, 7, 310, 1, 6) };
	size_t sole[] = { D };

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to))), 3);
	edge(HUB, B, ATTRIBUTION_EARLIER, 0, 10);
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to), SEND_HOLDERS(sole))), 3);
	edge(D, B, ATTRIBUTION_EARLIER, 0, 10);
}

static void test_one_to_many(void **state)
{
	struct party from[] = { PARTY(A, 3, 300, 1, 5) };
	struct party to[] = { PARTY(B, 1, 100, 2, 6), PARTY(C, 1, 200, 0.5, 2) };

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to))), 2);
	edge(A, B, ATTRIBUTION_EXACT, 100, 100);
	edge(A, C, ATTRIBUTION_EXACT, 200, 200);
}

static void test_one_to_many_left(void **state)
{
	struct party from[] = { PARTY(A, 3, 350, 1, 5) };
	struct party to[] = { PARTY(B, 1, 100, 2, 6), PARTY(C, 1, 200, 2, 2) };
	size_t sole[] = { D };

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to))), 3);
	edge(A, HUB, ATTRIBUTION_UNDELIVERED, 50, 0);
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to), RECEIVE_HOLDERS(sole))), 3);
	edge(A, D, ATTRIBUTION_UNDELIVERED, 50, 0);
}

/* With bytes of an earlier sender among them it is not known who read which. */
static void test_one_to_many_surplus(void **state)
{
	struct party from[] = { PARTY(A, 3, 250, 1, 5) };
	struct party to[] = { PARTY(B, 1, 100, 2, 6), PARTY(C, 1, 200, 2, 2) };

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to))), 3);
	edge(A, HUB, ATTRIBUTION_HUB, 250, 0);
	edge(HUB, B, ATTRIBUTION_HUB, 0, 100);
	edge(HUB, C, ATTRIBUTION_HUB, 0, 200);
}

static void test_hub(void **state)
{
	struct party from[] = { PARTY(A, 1, 100, 1, 5), PARTY(B, 2, 200, 1, 2) };
	struct party to[] = { PARTY(C, 3, 150, 1, 6), PARTY(A, 4, 150, 1, 6) };

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVERS(to))), 4);
	edge(A, HUB, ATTRIBUTION_HUB, 100, 0);
	edge(B, HUB, ATTRIBUTION_HUB, 200, 0);
	edge(HUB, C, ATTRIBUTION_HUB, 0, 150);
	edge(HUB, A, ATTRIBUTION_HUB, 0, 150);
}

static void test_undelivered(void **state)
{
	struct party from[] = { PARTY(A, 1, 100, 1, 5), PARTY(B, 2, 200, 1, 2) };
	size_t sole[] = { C }, two[] = { C, D };

	(void)state;
	assert_int_equal(joined(&LINK(SENDERS(from), RECEIVE_HOLDERS(sole))), 2);
	edge(A, C, ATTRIBUTION_UNDELIVERED, 100, 0);
	edge(B, C, ATTRIBUTION_UNDELIVERED, 200, 0);
	joined(&LINK(SENDERS(from), RECEIVE_HOLDERS(two)));
	edge(A, HUB, ATTRIBUTION_UNDELIVERED, 100, 0);
	joined(&LINK(SENDERS(from)));
	edge(B, HUB, ATTRIBUTION_UNDELIVERED, 200, 0);
}

static void test_earlier(void **state)
{
	struct party to[] = { PARTY(A, 1, 100, 1, 5), PARTY(B, 2, 200, 1, 2) };
	size_t sole[] = { C }, two[] = { C, D };

	(void)state;
	assert_int_equal(joined(&LINK(RECEIVERS(to), SEND_HOLDERS(sole))), 2);
	edge(C, A, ATTRIBUTION_EARLIER, 0, 100);
	edge(C, B, ATTRIBUTION_EARLIER, 0, 200);
	joined(&LINK(RECEIVERS(to), SEND_HOLDERS(two)));
	edge(HUB, A, ATTRIBUTION_EARLIER, 0, 100);
	joined(&LINK(RECEIVERS(to)));
	edge(HUB, B, ATTRIBUTION_EARLIER, 0, 200);
}

/* A process that asks a server elsewhere and reads the answer has no edge to itself. */
static void test_outside(void **state)
{
	struct party from[] = { PARTY(A, 2, 60, 1, 5), PARTY(B, 1, 30, 1, 2) };
	struct party to[] = { PARTY(A, 2, 500, 1, 6) };
	size_t sole[] = { C };
	struct link link = LINK(SENDERS(from), RECEIVERS(to), SEND_HOLDERS(sole), RECEIVE_HOLDERS(sole));

	(void)state;
	link.kind = LINK_DATAGRAM;
	link.outside = OUT;
	assert_int_equal(joined(&link), 3);
	edge(A, OUT, ATTRIBUTION_EXACT, 60, 0);
	edge(B, OUT, ATTRIBUTION_EXACT, 30, 0);
	edge(OUT, A, ATTRIBUTION_EXACT, 0, 500);
	link.receiver_count = 0;
	assert_int_equal(joined(&link), 2);
	edge(A, OUT, ATTRIBUTION_EXACT, 60, 0);
	link.sender_count = 0;
	link.receiver_count = 1;
	assert_int_equal(joined(&link), 1);
	edge(OUT, A, ATTRIBUTION_EXACT, 0, 500);
}

static void test_datagrams(void **state)
{
	struct party from[] = { PARTY(A, 5, 500, 1, 5) };
	struct party to[] = { PARTY(B, 1, 100, 2, 6), PARTY(C, 2, 200, 2, 2) };
	struct party empty[] = { PARTY(A, 3, 0, 1, 1), PARTY(B, 2, 0, 2, 2) }, none[] = { PARTY(C, 5, 0, 1, 2) };
	size_t sole[] = { D };

	(void)state;
	/* dropped, or not read: operations of datagrams can be divided */
	joined(&LINK(.kind = LINK_DATAGRAM, SENDERS(from), RECEIVERS(to), RECEIVE_HOLDERS(sole)));
	assert_int_equal(edge(A, D, ATTRIBUTION_UNDELIVERED, 200, 0)->ops, 2);
	assert_int_equal(joined(&LINK(.kind = LINK_DATAGRAM, SENDERS(empty), RECEIVERS(none))), 2);
	assert_int_equal(edge(A, C, ATTRIBUTION_EXACT, 0, 0)->received_ops, 3);
	assert_int_equal(edge(B, C, ATTRIBUTION_EXACT, 0, 0)->received_ops, 2);
}

static void test_pty_output(void **state)
{
	struct party one[] = { PARTY(A, 1, 4, 1, 5) }, two[] = { PARTY(A, 1, 4, 1, 5), PARTY(B, 1, 6, 2, 3) };
	struct party to[] = { PARTY(C, 2, 12, 2, 6) }, both[] = { PARTY(C, 1, 2, 2, 6), PARTY(D, 1, 1, 2, 6) };

	(void)state;
	/* "out\n" is read as "out\r\n", and echo between: all on the one edge */
	assert_int_equal(joined(&LINK(.kind = LINK_PTY_OUTPUT, SENDERS(one), RECEIVERS(to))), 1);
	edge(A, C, ATTRIBUTION_EXACT, 4, 12);
	/* several programs: the remainder is the line discipline's */
	assert_int_equal(joined(&LINK(.kind = LINK_PTY_OUTPUT, SENDERS(two), RECEIVERS(to))), 3);
	edge(A, C, ATTRIBUTION_EXACT, 4, 4);
	edge(B, C, ATTRIBUTION_EXACT, 6, 6);
	edge(KERNEL, C, ATTRIBUTION_EXACT, 0, 2);
	/* output is swallowed by nobody: what is not read waits */
	joined(&LINK(.kind = LINK_PTY_OUTPUT, SENDERS(one), RECEIVERS(both)));
	edge(A, HUB, ATTRIBUTION_UNDELIVERED, 1, 0);
	/* more than was written, read by two terminals */
	both[0].bytes = 20;
	assert_int_equal(joined(&LINK(.kind = LINK_PTY_OUTPUT, SENDERS(one), RECEIVERS(both))), 2);
	edge(A, C, ATTRIBUTION_EXACT, 4, 20);
}

/* Nobody wrote: echo when somebody typed, else of before the window. */
static void test_pty_echo(void **state)
{
	struct party to[] = { PARTY(C, 2, 12, 2, 6) };
	size_t sole[] = { A };

	(void)state;
	assert_int_equal(joined(&LINK(.kind = LINK_PTY_OUTPUT, .echoes = true, RECEIVERS(to),
				      SEND_HOLDERS(sole))), 1);
	edge(KERNEL, C, ATTRIBUTION_EXACT, 0, 12);
	joined(&LINK(.kind = LINK_PTY_OUTPUT, RECEIVERS(to), SEND_HOLDERS(sole)));
	edge(A, C, ATTRIBUTION_EARLIER, 0, 12);
}

static void test_pty_input(void **state)
{
	struct party from[] = { PARTY(A, 2, 10, 1, 5) }, to[] = { PARTY(C, 2, 12, 2, 6) };
	struct party both[] = { PARTY(C, 2, 5, 2, 6), PARTY(D, 1, 3, 2, 6) };
	struct party two[] = { PARTY(A, 1, 4, 1, 5), PARTY(B, 1, 6, 2, 3) };
	size_t sole[] = { A };

	(void)state;
	/* a line that was typed before: no echo goes this way */
	joined(&LINK(.kind = LINK_PTY_INPUT, .echoes = true, RECEIVERS(to), SEND_HOLDERS(sole)));
	edge(A, C, ATTRIBUTION_EARLIER, 0, 12);
	joined(&LINK(.kind = LINK_PTY_INPUT, SENDERS(from), RECEIVERS(to), SEND_HOLDERS(sole)));
	edge(A, C, ATTRIBUTION_EXACT, 10, 10);
	edge(A, C, ATTRIBUTION_EARLIER, 0, 2);
	joined(&LINK(.kind = LINK_PTY_INPUT, SENDERS(two), RECEIVERS(to), SEND_HOLDERS(sole)));
	edge(A, C, ATTRIBUTION_EARLIER, 0, 2);
	/* ^C or an erased word: the line discipline kept it */
	joined(&LINK(.kind = LINK_PTY_INPUT, SENDERS(from), RECEIVERS(both)));
	edge(A, C, ATTRIBUTION_EXACT, 5, 5);
	edge(A, D, ATTRIBUTION_EXACT, 3, 3);
	edge(A, KERNEL, ATTRIBUTION_EXACT, 2, 0);
}

static size_t idle(const struct link *link)
{
	free(result.edges);
	memset(&result, 0, sizeof(result));
	assert_int_equal(link_join_idle(link, &result), 0);
	return result.count;
}

static void test_idle(void **state)
{
	size_t a[] = { A }, b[] = { B }, ab[] = { A, B }, cd[] = { C, D };

	(void)state;
	assert_int_equal(idle(&LINK(.queued_start.bytes = 1)), 0);
	assert_int_equal(idle(&LINK(SEND_HOLDERS(a))), 0);
	assert_int_equal(idle(&LINK(RECEIVE_HOLDERS(a))), 0);
	assert_int_equal(idle(&LINK(SEND_HOLDERS(a), RECEIVE_HOLDERS(b))), 1);
	edge(A, B, ATTRIBUTION_IDLE, 0, 0);
	assert_int_equal(idle(&LINK(SEND_HOLDERS(ab), RECEIVE_HOLDERS(b))), 2);
	edge(B, B, ATTRIBUTION_IDLE, 0, 0);
	assert_int_equal(idle(&LINK(SEND_HOLDERS(a), RECEIVE_HOLDERS(cd))), 2);
	edge(A, D, ATTRIBUTION_IDLE, 0, 0);
	assert_int_equal(idle(&LINK(SEND_HOLDERS(ab), RECEIVE_HOLDERS(cd))), 4);
	edge(A, HUB, ATTRIBUTION_IDLE, 0, 0);
	edge(B, HUB, ATTRIBUTION_IDLE, 0, 0);
	edge(HUB, C, ATTRIBUTION_IDLE, 0, 0);
	edge(HUB, D, ATTRIBUTION_IDLE, 0, 0);
}

static uint64_t seed;

static uint64_t random_below(uint64_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % limit;
}

static uint64_t random_bytes(void)
{
	static const uint64_t limits[] = { 1, 2, 10, 1000, 1ULL << 33, 1ULL << 58 };

	return random_below(limits[random_below(6)]);
}

static size_t random_parties(struct party *parties)
{
	size_t count = random_below(5);

	for (size_t i = 0; i < count; i++) {
		double first = random_below(100) / 10.0;

		parties[i] = (struct party)PARTY(10 * i + random_below(10), random_below(5), random_bytes(),
						 first, first + random_below(50) / 10.0);
	}
	return count;
}

/* An edge says nothing that its attribution forbids. */
static void edge_is_sane(const struct link *link, const struct link_edge *one)
{
	bool hub = one->src == HUB || one->dst == HUB;

	assert_false(one->src == one->dst && hub);
	assert_true(one->first <= one->last);
	assert_int_not_equal(one->src, PARTY_NONE);
	assert_int_not_equal(one->dst, PARTY_NONE);
	if (one->attribution == ATTRIBUTION_EARLIER)
		assert_int_equal(one->bytes, 0);
	if (one->attribution == ATTRIBUTION_EXACT)
		assert_false(hub);
	if (one->attribution == ATTRIBUTION_HUB)
		assert_true(hub && link->receiver_count &&
			    (link->sender_count + link->receiver_count > 2 || link->uncertain || link->start_exact));
	if (one->src == KERNEL || one->dst == KERNEL)
		assert_true(link->kind >= LINK_PTY_INPUT);
	if (link->kind != LINK_PTY_OUTPUT && one->attribution == ATTRIBUTION_EXACT &&
	    one->src != link->outside && one->dst != link->outside)
		assert_true(one->received_bytes <= one->bytes || link->sender_alone);
}

static void test_random(void **state)
{
	static const uint64_t seeds[] = { 1, 42, 20261123, 0x9e3779b97f4a7c15 };
	struct party senders[5], receivers[5];
	size_t holders[] = { 3, 14, 25 };

	(void)state;
	for (size_t s = 0; s < COUNT(seeds); s++) {
		seed = seeds[s];
		for (int i = 0; i < 20000; i++) {
			struct link link = LINK(.kind = random_below(4), .senders = senders,
						.receivers = receivers, .send_holders = holders,
						.receive_holders = holders);

			link.sender_count = random_parties(senders);
			link.receiver_count = random_parties(receivers);
			link.send_holder_count = random_below(4);
			link.receive_holder_count = random_below(4);
			link.queued_start.bytes = random_below(2) ? random_bytes() : 0;
			link.queued_end.bytes = random_below(2) ? random_bytes() : 0;
			link.queued_start.ops = random_below(2) ? random_bytes() : 0;
			link.queued_end.ops = random_below(2) ? random_bytes() : 0;
			link.closed = random_below(2);
			link.uncertain = !random_below(8);
			link.echoes = random_below(2);
			link.start_exact = link.kind <= LINK_DATAGRAM && !random_below(4);
			link.sender_alone = link.sender_count == 1 && random_below(2);
			link.outside = random_below(10) ? PARTY_NONE : 777;
			joined(&link);
			for (size_t e = 0; e < result.count; e++)
				edge_is_sane(&link, &result.edges[e]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_to_one),
		cmocka_unit_test(test_many_to_one_partly),
		cmocka_unit_test(test_many_to_one_empty),
		cmocka_unit_test(test_many_to_one_older),
		cmocka_unit_test(test_many_to_one_surplus),
		cmocka_unit_test(test_one_to_many),
		cmocka_unit_test(test_one_to_many_left),
		cmocka_unit_test(test_one_to_many_surplus),
		cmocka_unit_test(test_hub),
		cmocka_unit_test(test_undelivered),
		cmocka_unit_test(test_earlier),
		cmocka_unit_test(test_outside),
		cmocka_unit_test(test_datagrams),
		cmocka_unit_test(test_pty_output),
		cmocka_unit_test(test_pty_echo),
		cmocka_unit_test(test_pty_input),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, result_free);
}
