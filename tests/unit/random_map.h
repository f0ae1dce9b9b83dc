/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps without sense, of everything that a map may hold. The same seed, the same map. */
#ifndef TEST_RANDOM_MAP_H
#define TEST_RANDOM_MAP_H

#include "sample.h"

static uint64_t random_state;

MAYBE_UNUSED static size_t random_below(size_t limit)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state >> 33) % limit;
}

/* One of a few words, or NULL: that names repeat is what makes nodes alike. */
static char *random_word(const char *const *words, size_t count)
{
	size_t i = random_below(count + 1);

	return i < count ? strdup(words[i]) : NULL;
}

static void random_node(struct map *map)
{
	static const char *const comms[] = { "nginx", "cat", "kworker/0:1", "sh" };
	static const char *const exes[] = { "/usr/bin/nginx", "/bin/cat" };
	static const char *const units[] = { "nginx.service", "session-1.scope" };
	static const char *const containers[] = { "docker:0123456789ab" };
	static const char *const listens[] = { "tcp *:80" };
	struct node *node = map_add_node(map);
	size_t kind = random_below(10);

	assert_non_null(node);
	node->kind = kind == 0 ? NODE_EXTERNAL : kind == 1 ? NODE_HUB : NODE_PROCESS;
	node->uid = node->ppid = node->pid = -1;
	if (node->kind == NODE_EXTERNAL)
		node->address = strdup("192.0.2.7");
	if (node->kind == NODE_HUB)
		node->channel = random_below(map->channel_count);
	if (node->kind != NODE_PROCESS)
		return;
	node->pid = 1 + (int64_t)random_below(100);
	node->ppid = (int64_t)random_below(20);
	node->uid = (int64_t)random_below(3) - 1;
	node->start = (double)random_below(10) - 5;
	node->comm = random_word(comms, 4);
	node->exe = random_word(exes, 2);
	node->unit = random_word(units, 2);
	node->container = random_below(4) ? NULL : random_word(containers, 1);
	node->listens = random_below(4) ? NULL : random_word(listens, 1);
	node->kthread = random_below(8) == 0;
	node->exited = random_below(4) == 0;
}

MAYBE_UNUSED static struct map *random_map(uint64_t seed, size_t nodes, size_t edges)
{
	static const char *const mechanisms[] = { "pipe", "tcp", "unix-stream", "pty", "telepathy" };
	static const char *const names[] = { "127.0.0.1:80", "/dev/log", "@0001f", "127.0.0.1:40000" };
	struct map *map = sample_head();

	random_state = seed * 7919 + 1;
	for (size_t i = 0; i < 2 + edges / 2; i++)
		sample_channel(map, mechanisms[random_below(5)], NULL, NULL);
	for (size_t i = 0; i < map->channel_count; i++)
		map->channels[i].name = random_word(names, 4);
	for (size_t i = 0; i < nodes; i++)
		random_node(map);
	for (size_t i = 0; i < edges; i++) {
		bool signal = random_below(6) == 0;
		struct edge *edge = sample_edge(map, random_below(nodes), random_below(nodes),
						signal ? MAP_NO_CHANNEL :
							 random_below(map->channel_count),
						random_below(100), 0);

		if (signal)
			edge->signal = strdup(random_below(2) ? "SIGTERM" : "SIGCHLD");
		else
			edge->bytes = random_below(4) ? random_below(100000) : 0;
		edge->received_bytes = edge->bytes / 2;
		edge->attribution = (enum attribution)random_below(ATTRIBUTIONS);
	}
	assert_int_equal(map_sort(map), 0);
	return map;
}

#endif
