// SPDX-License-Identifier: GPL-2.0-only
/*
 * mapgen NODES EDGES [SEED]: a map of so many processes and edges on stdout,
 * for benchmarks. Shaped like a large machine: services of a master and workers
 * that repeat themselves, clients of a few servers with many of them, shell
 * sessions, a journal that everything writes to. The same numbers give the same
 * bytes. mapgen --chain N: N processes that look alike, each writing to the next,
 * which is the worst that can happen to folding. mapgen --loose NODES EDGES [SEED]:
 * no two processes alike, so that nothing folds: the worst that can happen to layout.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/emit.h"
#include "../src/map.h"

static uint64_t state = 1;

/* splitmix64 */
static uint64_t random_next(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static size_t below(size_t limit)
{
	return random_next() % limit;
}

/* Small numbers often, large ones seldom. */
static size_t skewed(size_t limit)
{
	double u = (double)(random_next() >> 11) / 9007199254740992.0;

	return (size_t)((double)limit * u * u * u);
}

static void *have(void *pointer)
{
	if (!pointer) {
		fputs("mapgen: out of memory\n", stderr);
		exit(1);
	}
	return pointer;
}

__attribute__((format(printf, 1, 2)))
static char *text(const char *format, ...)
{
	__builtin_va_list args;
	char *s = NULL;

	__builtin_va_start(args, format);
	if (vasprintf(&s, format, args) < 0)
		s = NULL;
	__builtin_va_end(args);
	return have(s);
}

static size_t process_add(struct map *map, const char *comm, const char *unit, int64_t ppid)
{
	struct node *node = have(map_add_node(map));

	node->pid = (int64_t)map->node_count;
	node->ppid = ppid;
	node->start = -1000.0 + (double)map->node_count / 100;
	node->uid = (int64_t)(strlen(unit) % 7) * 100;
	node->comm = have(strdup(comm));
	node->exe = text("/usr/bin/%s", comm);
	node->unit = have(strdup(unit));
	node->cgroup = text("/system.slice/%s", unit);
	return map->node_count - 1;
}

static void edge_add(struct map *map, size_t src, size_t dst, size_t channel, uint64_t bytes)
{
	struct edge *edge = have(map_add_edge(map));

	edge->src = src;
	edge->dst = dst;
	edge->channel = channel;
	edge->mechanism = have(strdup(map->channels[channel].mechanism));
	edge->ops = edge->received_ops = 1 + bytes / 512;
	edge->bytes = edge->received_bytes = bytes;
	edge->first = (double)below(1000) / 1000;
	edge->last = edge->first + (double)below(29000) / 1000;
}

static size_t channel_add(struct map *map, const char *mechanism, const char *name)
{
	struct channel *channel = have(map_add_channel(map));

	channel->mechanism = have(strdup(mechanism));
	channel->object = text("%s:[%zu]", strcmp(mechanism, "pipe") ? "socket" : "pipe",
			       4000 + map->channel_count);
	channel->name = name ? have(strdup(name)) : NULL;
	return map->channel_count - 1;
}

/* A master, its workers and, for some, a pipe to each of them. */
static void service_add(struct map *map, size_t number, size_t most)
{
	char comm[32], unit[48];
	size_t master, workers = number % 4 ? skewed(24) : 0;

	snprintf(comm, sizeof(comm), "service-%zu", number);
	snprintf(unit, sizeof(unit), "service-%zu.service", number);
	master = process_add(map, comm, unit, 1);
	if (number % 3 == 0)
		map->nodes[master].listens = text("tcp 127.0.0.1:%zu", 1024 + number);
	for (size_t i = 0; i < workers && map->node_count < most; i++) {
		size_t worker = process_add(map, comm, unit, map->nodes[master].pid);

		edge_add(map, master, worker, channel_add(map, "pipe", NULL), 1 + skewed(100000));
	}
}

/* Most edges are a service's, all of its processes to the same place; some are anybody's. */
static void talk_add(struct map *map, size_t journal, size_t most)
{
	size_t from = below(map->node_count), to = skewed(map->node_count), port = 1024 + to % 3000;
	bool all = below(8) != 0;
	char name[64];

	snprintf(name, sizeof(name), "127.0.0.1:%zu", port);
	for (size_t i = 0; i < map->node_count && map->edge_count + 2 <= most; i++) {
		uint64_t bytes = 1 + skewed(10000000);
		size_t channel;

		if (i == to || (i != from && (!all || strcmp(map->nodes[i].unit, map->nodes[from].unit))))
			continue;
		if (to == journal) {
			channel = channel_add(map, "unix-dgram", "/run/systemd/journal/dev-log");
			edge_add(map, i, to, channel, bytes / 100);
			continue;
		}
		channel = channel_add(map, "tcp", name);
		edge_add(map, i, to, channel, bytes);
		edge_add(map, to, i, channel, bytes / 3);
	}
}

static void machine_make(struct map *map, size_t nodes, size_t edges)
{
	size_t journal = process_add(map, "systemd-journal", "systemd-journald.service", 1);

	for (size_t i = 0; map->node_count < nodes; i++)
		service_add(map, i, nodes);
	while (map->edge_count + 2 <= edges)
		talk_add(map, journal, edges);
}

static void chain_make(struct map *map, size_t nodes)
{
	for (size_t i = 0; i < nodes; i++)
		process_add(map, "cat", "session-1.scope", 1);
	for (size_t i = 1; i < nodes; i++)
		edge_add(map, i - 1, i, channel_add(map, "pipe", NULL), 100);
}

/* Each process a program of its own, eight to a unit, a few with very many partners. */
static void loose_make(struct map *map, size_t nodes, size_t edges)
{
	static const char *const mechanisms[] = { "pipe", "unix-stream", "tcp", "tcp", "udp" };

	for (size_t i = 0; i < nodes; i++) {
		char comm[32], unit[48];

		snprintf(comm, sizeof(comm), "program-%zu", i);
		snprintf(unit, sizeof(unit), "unit-%zu.service", i / 8);
		process_add(map, comm, unit, 1);
	}
	for (size_t i = 0; i < edges; i++) {
		size_t from = i < nodes ? i : below(nodes), to = skewed(nodes);
		const char *mechanism = mechanisms[below(5)];
		char name[64];

		snprintf(name, sizeof(name), "127.0.0.1:%zu", 1024 + to);
		edge_add(map, from, to == from ? (to + 1) % nodes : to,
			 channel_add(map, mechanism, strcmp(mechanism, "pipe") ? name : NULL),
			 1 + skewed(10000000));
	}
}

int main(int argc, char **argv)
{
	struct map *map = have(map_new());
	struct emitted out = { 0 };
	char *error = NULL;
	bool chain = argc == 3 && !strcmp(argv[1], "--chain");
	bool loose = argc > 3 && !strcmp(argv[1], "--loose");

	argc -= loose;
	argv += loose;
	if (argc < 3 || (!chain && atol(argv[1]) < 2)) {
		fputs("Usage: mapgen [--loose] NODES EDGES [SEED] | mapgen --chain NODES\n", stderr);
		return 2;
	}
	state = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	map->host = have(strdup("mapgen"));
	map->kernel = have(strdup("6.18.44"));
	map->started = have(strdup("2026-11-23T18:00:00.000Z"));
	map->duration = 30;
	if (chain)
		chain_make(map, strtoul(argv[2], NULL, 10));
	else if (loose)
		loose_make(map, strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10));
	else
		machine_make(map, strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10));
	map_round_times(map);
	if (map_sort(map) || emit_json(map, NULL, &out, &error)) {
		fprintf(stderr, "mapgen: %s\n", error ? error : "out of memory");
		return 1;
	}
	fwrite(out.data, 1, out.size, stdout);
	free(out.data);
	map_free(map);
	return fflush(stdout) ? 1 : 0;
}
