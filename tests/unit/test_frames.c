// SPDX-License-Identifier: GPL-2.0-only
/* Windows cut into frames: what is on the edges of the frames adds up to the window's. */
#include "joined.h"

#include "../../src/history.h"

#define SECONDS(n) (STARTED + (n) * SECOND)

/* A flow as it stands at a cut. */
static void told(uint32_t pid, uint8_t direction, uint64_t object, uint64_t ops, uint64_t bytes)
{
	struct ipc_flow_key key = { .start = BORN(pid), .object = object, .tgid = pid,
				    .mechanism = IPC_PIPE, .direction = direction };

	assert_int_equal(history_tell(&capture, &key, ops, bytes), 0);
}

static void cut(uint64_t time)
{
	assert_int_equal(history_begin(&capture, time), 0);
}

static void step_is(const struct edge *edge, size_t i, uint32_t frame, uint64_t bytes, uint64_t received_bytes)
{
	assert_true(i < edge->step_count);
	assert_int_equal(edge->steps[i].frame, frame);
	assert_int_equal(edge->steps[i].bytes, bytes);
	assert_int_equal(edge->steps[i].received_bytes, received_bytes);
}

static void adds_up(void)
{
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];
		struct edge_step sum = { 0 };

		for (size_t k = 0; k < edge->step_count; k++) {
			assert_true(edge->steps[k].frame < map->frame_count);
			assert_true(!k || edge->steps[k - 1].frame < edge->steps[k].frame);
			sum.ops += edge->steps[k].ops;
			sum.bytes += edge->steps[k].bytes;
			sum.received_ops += edge->steps[k].received_ops;
			sum.received_bytes += edge->steps[k].received_bytes;
		}
		assert_int_equal(sum.ops, edge->ops);
		assert_int_equal(sum.bytes, edge->bytes);
		assert_int_equal(sum.received_ops, edge->received_ops);
		assert_int_equal(sum.received_bytes, edge->received_bytes);
	}
}

/* Written in the first second, read in the third; nothing in the second. */
static void test_pair(void **state)
{
	(void)state;
	world_tx(&capture, 1, IPC_PIPE, 7, 3, 300);
	world_rx(&capture, 2, IPC_PIPE, 7, 1, 300);
	cut(SECONDS(1));
	told(1, IPC_TX, 7, 2, 200);
	assert_int_equal(history_end(&capture), 0);
	cut(SECONDS(2));
	told(1, IPC_TX, 7, 2, 200);
	assert_int_equal(history_end(&capture), 0);
	cut(SECONDS(3));
	told(1, IPC_TX, 7, 3, 300);
	told(2, IPC_RX, 7, 1, 300);
	assert_int_equal(history_end(&capture), 0);
	joined(1, 1);
	adds_up();
	assert_int_equal(map->frame_count, 3);
	assert_true(map->frames[0].start == 0 && map->frames[0].end == 1 && map->frames[2].end == 3);
	assert_int_equal(map->edges[0].step_count, 2);
	step_is(&map->edges[0], 0, 0, 200, 0);
	step_is(&map->edges[0], 1, 2, 100, 300);
}

/* The oldest bytes that were read are those from before the window. */
static void test_earlier(void **state)
{
	(void)state;
	world_tx(&capture, 1, IPC_PIPE, 7, 1, 100);
	world_rx(&capture, 2, IPC_PIPE, 7, 2, 150);
	cut(SECONDS(1));
	told(2, IPC_RX, 7, 1, 50);
	assert_int_equal(history_end(&capture), 0);
	cut(SECONDS(2));
	told(1, IPC_TX, 7, 1, 100);
	told(2, IPC_RX, 7, 2, 150);
	assert_int_equal(history_end(&capture), 0);
	joined(2, 1);
	adds_up();
	step_is(edge_in(NULL, "hub", "p2", ATTRIBUTION_EARLIER), 0, 0, 0, 50);
	/* Its first read is told by the edge that has the other. */
	step_is(edge_in(NULL, "p1", "p2", ATTRIBUTION_EXACT), 0, 0, 0, 0);
	step_is(edge_in(NULL, "p1", "p2", ATTRIBUTION_EXACT), 1, 1, 100, 100);
}

static uint32_t seed = 1;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* A pipe and its parties, whoever they are: in each frame each of them moves something. */
static void random_pipe(uint64_t object, size_t frames, uint64_t figures[][6][2])
{
	for (uint32_t party = 0; party < 6; party++) {
		uint8_t direction = party < 3 ? IPC_TX : IPC_RX;

		if (random_below(2))
			continue;
		for (size_t k = 0; k < frames; k++) {
			figures[k][party][0] = (k ? figures[k - 1][party][0] : 0) + random_below(3);
			figures[k][party][1] = (k ? figures[k - 1][party][1] : 0) + random_below(500);
		}
		world_flow(&capture, 1 + party, IPC_PIPE, direction, object, 0, figures[frames - 1][party][0],
			   figures[frames - 1][party][1]);
	}
}

static void test_random(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		static uint64_t figures[8][8][6][2];
		size_t frames = 1 + random_below(8);
		uint64_t pipes = 1 + random_below(8);

		memset(figures, 0, sizeof(figures));
		for (uint64_t p = 0; p < pipes; p++)
			random_pipe(100 + p, frames, figures[p]);
		for (size_t k = 0; k < frames; k++) {
			cut(SECONDS(k + 1));
			for (uint64_t p = 0; p < pipes; p++)
				for (uint32_t party = 0; party < 6; party++)
					told(1 + party, party < 3 ? IPC_TX : IPC_RX, 100 + p, figures[p][k][party][0],
					     figures[p][k][party][1]);
			assert_int_equal(history_end(&capture), 0);
		}
		map_free(map);
		map = map_new();
		assert_int_equal(join(&capture, &options, map), 0);
		conserved();
		adds_up();
		teardown(state);
		setup(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pair),
		TEST(test_earlier),
		TEST(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
