// SPDX-License-Identifier: GPL-2.0-only
/* The join of very much, and of nonsense. */
#include "joined.h"

#include <time.h>

static double clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

#define BIG_PROCESSES 1000U
#define BIG_CHANNELS 10000U

/* Five kinds of channels, two flows each; pid 100 is a server that holds thousands of them. */
static void big_channel(uint32_t i)
{
	uint32_t client = 100 + i % BIG_PROCESSES, server = i % 10 ? 100 + (i * 7 + 1) % BIG_PROCESSES : 100;
	uint64_t a = 100000 + 2 * i, b = a + 1;
	struct ipc_object one = unix_info(IPC_UNIX_STREAM, a, "/run/s"), two = one;
	uint16_t port = 1024 + i;

	two.object = b;
	two.sk = b * 4096;
	switch (i % 5) {
	case 0: /* by address, each with a number of its own */
		one.peer_sk = two.sk;
		two.peer_sk = one.sk;
		break;
	case 1:
		one = inet_info(IPC_TCP, a, "127.0.0.1", port, "127.0.0.1", 80);
		two = inet_info(IPC_TCP, b, "127.0.0.1", 80, "127.0.0.1", port);
		one.tx_isn = two.rx_isn = i * 1000003;
		one.rx_isn = two.tx_isn = i * 7000003;
		break;
	case 2:
		one = inet_info(IPC_UDP, a, "0.0.0.0", port, NULL, 0);
		two = inet_info(IPC_UDP, b, "127.0.0.1", port + 20000, NULL, 0);
		world_remote_inet(&capture, one, 5, "127.0.0.1", port + 20000);
		break;
	case 3:
		one = unix_info(IPC_UNIX_DGRAM, a, NULL);
		two = unix_info(IPC_UNIX_DGRAM, b, NULL);
		two.name_len = snprintf(two.name, sizeof(two.name), "/run/%u", i);
		world_remote_unix(&capture, one, IPC_REMOTE_ADDRESS | 5, two.name);
		break;
	default: /* to as many hosts outside, and back */
		one = inet_info(IPC_UDP, a, "0.0.0.0", port, NULL, 0);
		two = one;
		snprintf(two.name, sizeof(two.name), "198.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		world_remote_inet(&capture, one, 5, two.name, 53);
		world_flow(&capture, client, IPC_UDP, IPC_RX, a, 5, 2, 100);
		world_flow(&capture, client, IPC_UDP, IPC_TX, a, 5, 2, 100);
		return;
	}
	hold_new(client, one);
	hold_new(server, two);
	world_flow(&capture, client, one.mechanism, IPC_TX, a,
		   i % 5 == 2 ? 5 : i % 5 == 3 ? IPC_REMOTE_ADDRESS | 5 : 0, 2, 100);
	world_rx(&capture, server, one.mechanism, b, 2, 100);
}

static void test_big(void **state)
{
	double begin;
	size_t exact = 0;

	(void)state;
	options.external = options.self = options.idle = true;
	for (uint32_t i = 0; i < BIG_PROCESSES; i++)
		world_process(&capture, 100 + i, "worker");
	for (uint32_t i = 0; i < BIG_CHANNELS; i++)
		big_channel(i);
	/* one pipe that all write to, and one process reads */
	for (uint32_t i = 0; i < BIG_PROCESSES; i++)
		world_tx(&capture, 100 + i, IPC_PIPE, 7, 1, 1);
	world_rx(&capture, 1, IPC_PIPE, 7, 1, BIG_PROCESSES);
	map = map_new();
	begin = clock_now();
	assert_int_equal(join(&capture, &options, map), 0);
	print_message("# joined %zu flows of %u channels and %u processes in %.1f ms\n", capture.flow_count,
		      BIG_CHANNELS, BIG_PROCESSES, 1e3 * (clock_now() - begin));
	conserved();
	for (size_t i = 0; i < map->edge_count; i++)
		exact += map->edges[i].attribution == ATTRIBUTION_EXACT;
	/* 8,000 here, 2,000 there and back, 1,000 on the pipe */
	assert_int_equal(exact, 13000);
	assert_int_equal(map->edge_count, 13000);
}

static uint64_t seed;

static uint32_t random_below(uint32_t limit)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (seed >> 33) % limit;
}

static void random_object(uint64_t inode)
{
	static const char *const addresses[] = { "127.0.0.1", "0.0.0.0", "192.0.2.1", "127.0.0.2" };
	uint8_t mechanism = random_below(IPC_SIGNAL);
	struct ipc_object info = { .mechanism = mechanism, .object = inode };

	if (mechanism >= IPC_UNIX_STREAM && mechanism <= IPC_UNIX_SEQPACKET) {
		info = unix_info(mechanism, inode, random_below(2) ? "/run/x" : NULL);
		info.peer_ino = random_below(2) ? random_below(40) : 0;
		info.peer_sk = random_below(2) ? 4096 * random_below(40) : 0;
		info.name_is_peers = random_below(2);
	} else if (mechanism == IPC_TCP || mechanism == IPC_UDP) {
		info = inet_info(mechanism, inode, addresses[random_below(4)], random_below(3),
				 addresses[random_below(4)], random_below(3));
		info.tx_isn = random_below(3);
		info.rx_isn = random_below(3);
		info.remote = random_below(3);
		info.name_is_remote = random_below(2);
	} else if (mechanism == IPC_PTY) {
		info.side = 1 + random_below(2);
	}
	info.queued = random_below(3) ? 0 : random_below(100);
	info.record.time = random_below(2) ? 0 : STARTED + random_below(100);
	world_object(&capture, &info);
	for (uint32_t i = random_below(4); i; i--)
		world_open(random_below(2) ? &capture.at_start : &capture.at_end, 1 + random_below(9), &info,
			   random_below(2) ? "r" : "w");
}

/* Nonsense of all kinds: no byte is lost or made, and no crash. */
static void test_random(void **state)
{
	(void)state;
	for (seed = 1; seed < 3000; seed += 7) {
		uint64_t keep = seed;

		teardown(NULL);
		setup(NULL);
		options = (struct join_options){ .idle = seed % 2, .self = true, .external = true };
		for (uint64_t inode = 1; inode < 40; inode++)
			random_object(inode);
		for (int i = 0; i < 60; i++) {
			struct ipc_flow_key key = {
				.mechanism = random_below(IPC_MECHANISMS), .direction = random_below(2),
				.object = 1 + random_below(40), .remote = random_below(3), .side = 1 + random_below(2),
			};
			uint32_t pid = random_below(10);

			world_flow_full(&capture, pid, pid ? BORN(pid) : 0, key, 1, random_below(1000));
		}
		map = map_new();
		assert_int_equal(join(&capture, &options, map), 0);
		conserved();
		seed = keep;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_big),
		TEST(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
