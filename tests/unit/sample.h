/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps for the tests. */
#ifndef TEST_SAMPLE_H
#define TEST_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/emit.h"
#include "../../src/map.h"
#include "../../src/text.h"

#define MAYBE_UNUSED __attribute__((unused))

/* Indexes, not pointers: the arrays move as they grow. */
MAYBE_UNUSED static size_t sample_process(struct map *map, int64_t pid, double start,
					  const char *comm)
{
	struct node *node = map_add_node(map);

	assert_non_null(node);
	node->kind = NODE_PROCESS;
	node->pid = pid;
	node->ppid = 1;
	node->start = start;
	node->comm = comm ? text_clean(comm, strlen(comm)) : NULL;
	return map->node_count - 1;
}

MAYBE_UNUSED static size_t sample_channel(struct map *map, const char *mechanism,
					  const char *object, const char *name)
{
	struct channel *channel = map_add_channel(map);

	assert_non_null(channel);
	channel->mechanism = strdup(mechanism);
	channel->object = object ? text_clean(object, strlen(object)) : NULL;
	channel->name = name ? text_clean(name, strlen(name)) : NULL;
	return map->channel_count - 1;
}

MAYBE_UNUSED static struct edge *sample_edge(struct map *map, size_t src, size_t dst,
					     size_t channel, uint64_t ops, uint64_t bytes)
{
	struct edge *edge = map_add_edge(map);

	assert_non_null(edge);
	edge->src = src;
	edge->dst = dst;
	edge->channel = channel;
	edge->mechanism = strdup(channel == MAP_NO_CHANNEL ? "signal" :
							     map->channels[channel].mechanism);
	edge->ops = edge->received_ops = ops;
	edge->bytes = edge->received_bytes = bytes;
	edge->first = 0.25;
	edge->last = 1.5;
	return edge;
}

MAYBE_UNUSED static struct map *sample_head(void)
{
	struct map *map = map_new();

	assert_non_null(map);
	map->host = strdup("host");
	map->kernel = strdup("6.18.44");
	map->started = strdup("2026-11-23T18:00:00.000Z");
	map->duration = 30.002;
	map->completeness.events = 1234;
	map->completeness.unattributed = 12;
	map->completeness.mechanisms = calloc(2, sizeof(struct mechanism_state));
	map->completeness.mechanism_count = 2;
	map->completeness.mechanisms[0].mechanism = strdup("pipe");
	map->completeness.mechanisms[0].state = strdup("traced");
	map->completeness.mechanisms[0].hooks = strdup("tracepoint");
	map->completeness.mechanisms[1].mechanism = strdup("udp");
	map->completeness.mechanisms[1].state = strdup("unavailable");
	map->completeness.mechanisms[1].reason = strdup("no such tracepoint");
	return map;
}

/* One of everything: each kind of node, each attribution, both ways, a loop. */
MAYBE_UNUSED static struct map *sample_map(void)
{
	struct map *map = sample_head();
	size_t a = sample_process(map, 100, -50.5, "server");
	size_t b = sample_process(map, 200, -20, "client");
	size_t c = sample_process(map, 300, 5.0625, "worker");
	size_t kernel = (map_add_node(map)->kind = NODE_KERNEL, map->node_count - 1);
	size_t external = (map_add_node(map)->kind = NODE_EXTERNAL, map->node_count - 1);
	size_t hub = (map_add_node(map)->kind = NODE_HUB, map->node_count - 1);
	size_t tcp = sample_channel(map, "tcp", "socket:[11]", "127.0.0.1:5432");
	size_t pipe = sample_channel(map, "pipe", "pipe:[12]", NULL);
	size_t shared = sample_channel(map, "pipe", "pipe:[13]", NULL);
	size_t fifo = sample_channel(map, "fifo", "fifo:[8:1:14]", "/run/fifo");

	map->nodes[a].listens = strdup("tcp *:5432");
	map->nodes[a].uid = -1;
	map->nodes[a].exe = strdup("/usr/bin/server");
	map->nodes[a].unit = strdup("server.service");
	map->nodes[c].exited = true;
	map->nodes[c].cmdline = strdup("worker --now");
	map->nodes[external].address = strdup("192.0.2.7");
	map->nodes[hub].channel = shared;
	sample_channel(map, "udp", "socket:[99]", "of no edge");

	sample_edge(map, b, a, tcp, 10, 1000);
	sample_edge(map, a, b, tcp, 20, 2000)->received_bytes = 1500;
	sample_edge(map, c, c, pipe, 1, 1);
	sample_edge(map, b, hub, shared, 3, 30)->attribution = ATTRIBUTION_HUB;
	sample_edge(map, hub, c, shared, 3, 30)->attribution = ATTRIBUTION_HUB;
	sample_edge(map, b, c, fifo, 2, 64)->attribution = ATTRIBUTION_UNDELIVERED;
	sample_edge(map, c, b, fifo, 1, 8)->attribution = ATTRIBUTION_EARLIER;
	sample_edge(map, a, c, pipe, 0, 0)->attribution = ATTRIBUTION_IDLE;
	sample_edge(map, a, external, tcp, 5, 50);
	sample_edge(map, kernel, b, MAP_NO_CHANNEL, 3, 0)->signal = strdup("SIGCHLD");
	assert_int_equal(map_sort(map), 0);
	return map;
}

MAYBE_UNUSED static struct emitted sample_emit(const struct map *map, const char *format)
{
	struct emitted out = { 0 };
	char *error = NULL;

	if (format_by_name(format)->emit(map, NULL, &out, &error) != 0)
		fail_msg("%s: %s", format, error);
	return out;
}

MAYBE_UNUSED static void emitted_done(struct emitted *out)
{
	free(out->data);
	free(out->note);
	*out = (struct emitted){ 0 };
}

#endif
