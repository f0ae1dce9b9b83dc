// SPDX-License-Identifier: GPL-2.0-only
/* Which nodes are loggers: everything writes to them, and they answer little. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "mechanism.h"
#include "select.h"

#define ANSWER_SHARE 20	  /* one byte in so many may come back */
#define WRITERS_LEAST 5	  /* of different names */
#define LOG_WRITERS_LEAST 3 /* where the channel is known for it */

/* Where system loggers listen. */
static const char *const log_places[] = {
	"/dev/log",
	"/run/systemd/journal/dev-log",
	"/run/systemd/journal/socket",
	"/run/systemd/journal/stdout",
	"/run/systemd/journal/syslog",
	"/run/rsyslog/dev/log",
};

/* What goes between two nodes, as the first of them sees it. */
struct talk {
	size_t node, other;
	uint64_t in, out;
	bool log;
};

struct writer_name {
	const char *name;
	size_t node; /* counted for it last, plus one */
	UT_hash_handle hh;
};

static bool is_log_place(const char *name)
{
	for (size_t i = 0; name && i < sizeof(log_places) / sizeof(log_places[0]); i++) {
		if (strcmp(name, log_places[i]) == 0)
			return true;
	}
	return false;
}

static int talk_compare(const void *left, const void *right)
{
	const struct talk *a = left, *b = right;

	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	return (a->other > b->other) - (a->other < b->other);
}

/*
 * One per node and other end, sorted. Terminals do not count: a session's
 * programs all write to it, and it is what people look for.
 */
static struct talk *talks_new(const struct map *map, size_t *ret_count)
{
	struct talk *talks = calloc(2 * map->edge_count + 1, sizeof(*talks));
	size_t count = 0, kept = 0;

	for (size_t i = 0; talks && i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];
		uint64_t bytes = edge_bytes(edge);
		bool log;

		if (!bytes || edge->src == edge->dst || edge->channel == MAP_NO_CHANNEL ||
		    mechanism_by_name(edge->mechanism) == IPC_PTY)
			continue;
		log = is_log_place(map->channels[edge->channel].name);
		talks[count++] = (struct talk){ edge->dst, edge->src, bytes, 0, log };
		talks[count++] = (struct talk){ edge->src, edge->dst, 0, bytes, false };
	}
	if (talks)
		qsort(talks, count, sizeof(*talks), talk_compare);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && talk_compare(&talks[kept - 1], &talks[i]) == 0) {
			talks[kept - 1].in += talks[i].in;
			talks[kept - 1].out += talks[i].out;
			talks[kept - 1].log |= talks[i].log;
		} else {
			talks[kept++] = talks[i];
		}
	}
	*ret_count = kept;
	return talks;
}

/* Whether a writer of this name is the first for the node; true as well when memory is short. */
static bool name_is_new(struct writer_name **names, const struct node *writer, size_t node)
{
	const char *text = writer->name ? writer->name : writer->comm ? writer->comm : "";
	struct writer_name *name;
	bool fresh;

	HASH_FIND_STR(*names, text, name);
	if (!name) {
		name = calloc(1, sizeof(*name));
		if (!name)
			return true;
		name->name = text;
		HASH_ADD_KEYPTR(hh, *names, name->name, strlen(name->name), name);
	}
	fresh = name->node != node + 1;
	name->node = node + 1;
	return fresh;
}

/* Whether the talks of one node are those of a logger. */
static bool talks_sink(const struct map *map, const struct talk *talks, size_t count,
		       struct writer_name **names)
{
	size_t writers = 0, different = 0, logs = 0;

	for (size_t i = 0; i < count; i++) {
		if (!talks[i].in || talks[i].out > talks[i].in / ANSWER_SHARE)
			continue;
		writers++;
		logs += talks[i].log;
		different += name_is_new(names, &map->nodes[talks[i].other], talks[i].node);
	}
	/* It may have a few of other kinds: a journal passes on to a syslog. */
	if (writers * 5 < count * 4)
		return false;
	return different >= WRITERS_LEAST || (logs >= LOG_WRITERS_LEAST && logs * 2 > writers);
}

/* Whether anything moves bytes between two nodes that are no sinks. Signals move none. */
static bool any_is_elsewhere(const struct map *map)
{
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];

		if (edge_bytes(edge) && !map->nodes[edge->src].sink && !map->nodes[edge->dst].sink)
			return true;
	}
	return false;
}

void hubs_fill(struct map *map)
{
	for (size_t i = 0; i < map->edge_count; i++) {
		map->nodes[map->edges[i].dst].hub_written |= map->edges[i].ops || map->edges[i].bytes;
		map->nodes[map->edges[i].src].hub_read |= map->edges[i].received_ops || map->edges[i].received_bytes;
	}
}

int sinks_fill(struct map *map)
{
	struct writer_name *names = NULL, *name, *next;
	size_t count = 0, end;
	struct talk *talks = talks_new(map, &count);

	if (!talks)
		return -ENOMEM;
	for (size_t i = 0; i < map->node_count; i++)
		map->nodes[i].sink = false;
	for (size_t i = 0; i < count; i = end) {
		struct node *node = &map->nodes[talks[i].node];

		for (end = i; end < count && talks[end].node == talks[i].node; end++)
			;
		if (node->kind == NODE_PROCESS)
			node->sink = talks_sink(map, &talks[i], end - i, &names);
	}
	HASH_ITER(hh, names, name, next) {
		HASH_DEL(names, name);
		free(name);
	}
	free(talks);
	if (any_is_elsewhere(map))
		return 0;
	for (size_t i = 0; i < map->node_count; i++)
		map->nodes[i].sink = false;
	return 0;
}
