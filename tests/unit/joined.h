/* SPDX-License-Identifier: GPL-2.0-only */
/* One capture, the map that it is joined into, and what the tests ask of it. */
#ifndef TEST_JOINED_H
#define TEST_JOINED_H

#include "world.h"

#include "../../src/join.h"

static struct capture capture;
static struct map *map;
static struct join_options options;

MAYBE_UNUSED static int setup(void **state)
{
	(void)state;
	capture = world();
	options = (struct join_options){ 0 };
	for (uint32_t pid = 1; pid <= 9; pid++) {
		char comm[IPC_COMM_LEN];

		snprintf(comm, sizeof(comm), "p%u", pid);
		world_process(&capture, pid, comm);
	}
	return 0;
}

MAYBE_UNUSED static int teardown(void **state)
{
	(void)state;
	map_free(map);
	map = NULL;
	capture_done(&capture);
	return 0;
}

/* All that the flows moved stands on the edges, when nothing is left out. */
MAYBE_UNUSED static void conserved(void)
{
	uint64_t sent = 0, received = 0;

	for (size_t i = 0; i < capture.flow_count; i++) {
		const struct capture_flow *flow = &capture.flows[i];

		if (flow->key.mechanism == IPC_SIGNAL ||
		    (flow_is_carried(&flow->key) && flow->key.side == IPC_SIDE_CUT))
			continue;
		*(flow->key.direction == IPC_TX ? &sent : &received) += flow->bytes;
	}
	for (size_t i = 0; i < map->edge_count; i++) {
		sent -= map->edges[i].bytes;
		received -= map->edges[i].received_bytes;
	}
	if (!capture.filtered) {
		sent -= map->completeness.self_bytes + map->completeness.external_bytes;
		/* these two count what was read as well, or do not count it at all */
		if (map->completeness.self_bytes || map->completeness.external_bytes)
			return;
		assert_int_equal(sent, 0);
		assert_int_equal(received, 0);
	}
}

MAYBE_UNUSED static void joined(size_t edges, size_t channels)
{
	map_free(map);
	map = map_new();
	assert_int_equal(join(&capture, &options, map), 0);
	conserved();
	assert_int_equal(map->edge_count, edges);
	assert_int_equal(map->channel_count, channels);
	for (size_t i = 0; i < map->edge_count; i++) {
		assert_true(map->edges[i].src < map->node_count && map->edges[i].dst < map->node_count);
		assert_non_null(map->edges[i].mechanism);
	}
}

/* "p1", "hub", "kernel", or an address: what a node is called here. */
MAYBE_UNUSED static const char *called(size_t index)
{
	const struct node *node = &map->nodes[index];

	switch (node->kind) {
	case NODE_HUB: return "hub";
	case NODE_KERNEL: return "kernel";
	case NODE_EXTERNAL: return node->address;
	default: return node->comm ? node->comm : "?";
	}
}

MAYBE_UNUSED static const struct edge *edge_in(const char *channel, const char *src, const char *dst,
				  enum attribution attribution)
{
	const struct edge *found = NULL;

	for (size_t i = 0; i < map->edge_count; i++) {
		const struct edge *one = &map->edges[i];
		const char *name = one->channel == MAP_NO_CHANNEL ? NULL : map->channels[one->channel].name;

		if (strcmp(called(one->src), src) || strcmp(called(one->dst), dst) ||
		    one->attribution != attribution || (channel && (!name || strcmp(name, channel))))
			continue;
		if (found)
			fail_msg("two edges %s -> %s", src, dst);
		found = one;
	}
	if (!found)
		fail_msg("no edge %s -> %s, %s", src, dst, attribution_name(attribution));
	return found;
}

MAYBE_UNUSED static const struct edge *edge(const char *src, const char *dst, uint64_t bytes,
					    uint64_t received_bytes)
{
	const struct edge *found = edge_in(NULL, src, dst, ATTRIBUTION_EXACT);

	assert_int_equal(found->bytes, bytes);
	assert_int_equal(found->received_bytes, received_bytes);
	return found;
}

MAYBE_UNUSED static const struct channel *channel_of(const struct edge *edge)
{
	return &map->channels[edge->channel];
}

MAYBE_UNUSED static const struct node *node(const char *name)
{
	for (size_t i = 0; i < map->node_count; i++)
		if (!strcmp(called(i), name))
			return &map->nodes[i];
	fail_msg("no node %s", name);
	return NULL;
}

MAYBE_UNUSED static void stream_pair(uint64_t a, uint64_t b, const char *name)
{
	struct ipc_object client = unix_info(IPC_UNIX_STREAM, a, name), server = unix_info(IPC_UNIX_STREAM, b, name);

	client.name_is_peers = 1;
	client.peer_ino = b;
	server.peer_ino = a;
	world_object(&capture, &client);
	world_object(&capture, &server);
}

MAYBE_UNUSED static struct ipc_object pipe_info(uint64_t inode)
{
	return (struct ipc_object){ .mechanism = IPC_PIPE, .object = inode };
}

MAYBE_UNUSED static void filter(uint32_t pid)
{
	capture.filtered = true;
	capture_process(&capture, pid, BORN(pid))->tracked = true;
}

MAYBE_UNUSED static void hold_new(uint32_t pid, struct ipc_object info)
{
	world_object(&capture, &info);
	world_hold(&capture, pid, &info, "rw");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
