// SPDX-License-Identifier: GPL-2.0-only
/* Links of which it is known who took whose bytes: link_join_taken(), by way of link_join(). */
#include "link_edges.h"

#define PARTY(who, n, len) { .node = who, .ops = n, .bytes = len, .first = 1, .last = 2 }
#define TAKEN(src, dst, n, len) \
	{ .from = src, .to = dst, .ops = n, .bytes = len, .received_bytes = len, .section = 1, .last_bytes = len }
#define LINK(sent, received, took)                                                     \
	((struct link){ .outside = PARTY_NONE, .ordered = true, .first_writer = HUB,   \
			.senders = sent, .sender_count = COUNT(sent),                  \
			.receivers = received, .receiver_count = COUNT(received),      \
			.taken = took, .taken_count = COUNT(took) })

static void joined(const struct link *link, size_t edges)
{
	free(result.edges);
	memset(&result, 0, sizeof(result));
	assert_int_equal(link_join(link, &result), 0);
	conserved(link);
	assert_int_equal(result.count, edges);
}

static void test_two_and_two(void **state)
{
	struct party from[] = { PARTY(A, 5, 15), PARTY(B, 3, 2100) };
	struct party to[] = { PARTY(C, 1, 1000), PARTY(D, 3, 1115) };
	struct link_taken taken[] = { TAKEN(A, C, 1, 15), TAKEN(B, C, 1, 985), TAKEN(B, D, 3, 1115) };
	struct link link = LINK(from, to, taken);
	const struct link_edge *one;

	(void)state;
	joined(&link, 3);
	one = edge(A, C, ATTRIBUTION_EXACT, 15, 15);
	assert_int_equal(one->ops, 5); /* it has no other edge */
	assert_int_equal(one->received_ops, 1);
	edge(B, C, ATTRIBUTION_EXACT, 985, 985);
	one = edge(B, D, ATTRIBUTION_EXACT, 1115, 1115);
	assert_int_equal(one->ops, 3);
	assert_int_equal(one->received_ops, 3);
}

/* What was read before a second one wrote is the first one's, or nobody's. */
static void test_first_writer(void **state)
{
	struct party from[] = { PARTY(A, 4, 100), PARTY(B, 1, 10) }, to[] = { PARTY(C, 3, 60), PARTY(D, 2, 50) };
	struct link_taken taken[] = { TAKEN(A, C, 1, 20), TAKEN(B, D, 1, 10) };
	struct link link = LINK(from, to, taken);

	(void)state;
	link.first_writer = A;
	joined(&link, 3);
	assert_int_equal(edge(A, C, ATTRIBUTION_EXACT, 60, 60)->received_ops, 3);
	assert_int_equal(edge(A, D, ATTRIBUTION_EXACT, 40, 40)->received_ops, 1);
	edge(B, D, ATTRIBUTION_EXACT, 10, 10);
	link.first_writer = HUB;
	joined(&link, 5);
	edge(A, C, ATTRIBUTION_EXACT, 20, 20);
	edge(A, HUB, ATTRIBUTION_HUB, 80, 0);
	edge(HUB, C, ATTRIBUTION_HUB, 0, 40);
	edge(HUB, D, ATTRIBUTION_HUB, 0, 40);
}

/* A list that overflowed: these bytes go by the hub, the rest does not. */
static void test_unknown(void **state)
{
	struct party from[] = { PARTY(A, 4, 100), PARTY(B, 1, 100) }, to[] = { PARTY(C, 3, 150), PARTY(D, 2, 50) };
	struct link_taken taken[] = { TAKEN(A, C, 1, 60), TAKEN(HUB, C, 2, 90), TAKEN(HUB, D, 2, 50) };

	(void)state;
	joined(&LINK(from, to, taken), 5);
	edge(A, C, ATTRIBUTION_EXACT, 60, 60);
	edge(A, HUB, ATTRIBUTION_HUB, 40, 0);
	edge(B, HUB, ATTRIBUTION_HUB, 100, 0);
	edge(HUB, C, ATTRIBUTION_HUB, 0, 90);
	edge(HUB, D, ATTRIBUTION_HUB, 0, 50);
}

static void test_unread(void **state)
{
	struct party from[] = { PARTY(A, 4, 100), PARTY(B, 2, 50) };
	struct party one[] = { PARTY(C, 1, 70) }, two[] = { PARTY(C, 1, 70), PARTY(D, 1, 10) };
	struct link_taken taken[] = { TAKEN(A, C, 1, 70) }, more[] = { TAKEN(A, C, 1, 70), TAKEN(A, D, 1, 10) };
	size_t holders[] = { D };
	struct link link = LINK(from, two, more);

	(void)state;
	joined(&LINK(from, one, taken), 2);
	edge(A, C, ATTRIBUTION_EXACT, 100, 70);
	edge(B, C, ATTRIBUTION_UNDELIVERED, 50, 0);
	joined(&link, 4);
	edge(A, C, ATTRIBUTION_EXACT, 70, 70);
	edge(A, HUB, ATTRIBUTION_UNDELIVERED, 20, 0);
	edge(B, HUB, ATTRIBUTION_UNDELIVERED, 50, 0);
	link.receive_holders = holders;
	link.receive_holder_count = 1;
	joined(&link, 4);
	edge(B, D, ATTRIBUTION_UNDELIVERED, 50, 0);
}

/* The window closed while a read had taken its bytes, and not returned. */
static void test_read_under_way(void **state)
{
	struct party from[] = { PARTY(A, 4, 100), PARTY(B, 2, 50) }, to[] = { PARTY(C, 2, 80), PARTY(D, 1, 10) };
	struct link_taken taken[] = {
		{ .from = A, .to = C, .ops = 3, .bytes = 90, .received_bytes = 90, .section = 9, .last_bytes = 10 },
		{ .from = B, .to = C, .ops = 1, .bytes = 20, .received_bytes = 20, .section = 9, .last_bytes = 20 },
		TAKEN(A, D, 1, 10),
	};
	struct link link = LINK(from, to, taken);

	(void)state;
	joined(&link, 4);
	edge(A, C, ATTRIBUTION_EXACT, 90, 80);
	edge(B, C, ATTRIBUTION_EXACT, 20, 0);
	edge(A, D, ATTRIBUTION_EXACT, 10, 10);
	edge(B, HUB, ATTRIBUTION_UNDELIVERED, 30, 0);
	/* What that does not explain was not kept right: nothing is known then. */
	taken[1].last_bytes = 19;
	joined(&link, 4);
	edge(A, HUB, ATTRIBUTION_HUB, 100, 0);
	edge(HUB, C, ATTRIBUTION_HUB, 0, 80);
	/* It was its first, so that it did nothing yet. */
	taken[1] = (struct link_taken){ .from = B, .to = 5, .ops = 1, .bytes = 20, .received_bytes = 20,
					.section = 9, .last_bytes = 20 };
	taken[0].bytes = taken[0].received_bytes = 80;
	joined(&link, 5);
	edge(B, 5, ATTRIBUTION_EXACT, 20, 0);
}

/* The bytes of a write that had not returned, and of one that is older than the window. */
static void test_write_unreturned_or_older(void **state)
{
	struct party from[] = { PARTY(A, 1, 10) }, to[] = { PARTY(C, 2, 80), PARTY(D, 1, 10) };
	struct link_taken taken[] = { TAKEN(A, C, 2, 30), TAKEN(B, C, 2, 50), TAKEN(A, D, 1, 10) };
	struct link link = LINK(from, to, taken);

	(void)state;
	joined(&link, 3);
	edge(A, C, ATTRIBUTION_EXACT, 10, 30);
	edge(A, D, ATTRIBUTION_EXACT, 0, 10);
	assert_int_equal(edge(B, C, ATTRIBUTION_EXACT, 0, 50)->ops, 0);
	link.queued_start.bytes = 80;
	joined(&link, 4);
	edge(A, C, ATTRIBUTION_EXACT, 10, 10);
	edge(A, C, ATTRIBUTION_EARLIER, 0, 20);
	edge(B, C, ATTRIBUTION_EARLIER, 0, 50);
	edge(A, D, ATTRIBUTION_EARLIER, 0, 10);
}

#define WRITERS 3
#define READERS 3
#define STEPS 200

static unsigned int seed;

static unsigned int below(unsigned int limit)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % limit;
}

/* Any order of writes and reads of a queue, byte by byte: each edge is what was really moved over it. */
static void test_random(void **state)
{
	static unsigned char queue[STEPS * 20];

	(void)state;
	for (seed = 1; seed < 2000; seed += 7) {
		struct party from[WRITERS] = { 0 }, to[READERS] = { 0 };
		struct link_taken taken[WRITERS * READERS] = { 0 };
		uint64_t moved[WRITERS][READERS] = { 0 };
		size_t head = 0, tail = 0, first = seed;
		struct link link = LINK(from, to, taken);

		for (size_t i = 0; i < WRITERS; i++)
			from[i].node = 10 + i;
		for (size_t i = 0; i < READERS; i++)
			to[i].node = 20 + i;
		for (size_t step = 1; step <= STEPS; step++) {
			size_t who = below(3), n = below(20) + 1, took = 0;

			if (below(2)) {
				from[who].ops++;
				from[who].bytes += n;
				memset(queue + head, (int)who, n);
				head += n;
				continue;
			}
			for (; took < n && tail < head; took++, tail++) {
				struct link_taken *one = &taken[queue[tail] * READERS + who];

				moved[queue[tail]][who]++;
				one->from = 10 + queue[tail];
				one->to = 20 + who;
				one->ops += one->section != step;
				one->last_bytes = one->section == step ? one->last_bytes + 1 : 1;
				one->section = step;
				one->bytes++;
				one->received_bytes++;
			}
			to[who].ops += took > 0;
			to[who].bytes += took;
		}
		/* pairs that never met are no rows */
		link.taken_count = 0;
		for (size_t i = 0; i < COUNT(taken); i++)
			if (taken[i].bytes)
				taken[link.taken_count++] = taken[i];
		free(result.edges);
		memset(&result, 0, sizeof(result));
		assert_int_equal(link_join(&link, &result), 0);
		for (size_t w = 0; w < WRITERS; w++)
			for (size_t r = 0; r < READERS; r++)
				if (moved[w][r])
					edge(10 + w, 20 + r, ATTRIBUTION_EXACT, moved[w][r], moved[w][r]);
		seed = (unsigned int)first;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_and_two),
		cmocka_unit_test(test_first_writer),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_unread),
		cmocka_unit_test(test_read_under_way),
		cmocka_unit_test(test_write_unreturned_or_older),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, result_free);
}
