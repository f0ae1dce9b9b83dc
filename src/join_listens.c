// SPDX-License-Identifier: GPL-2.0-only
/* What the processes of the map listen on. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "joiner.h"

static bool is_listening(const struct capture_object *object)
{
	if (object->key.mechanism == IPC_UDP)
		return object->info.local_port && !object->info.remote_port;
	if (object->key.mechanism == IPC_UNIX_DGRAM)
		return object->info.name_len && !object->info.name_is_peers;
	return object->info.state == TCP_LISTEN;
}

/* One name that one node listens on. */
struct listening {
	size_t node;
	uint8_t mechanism;
	char *name; /* owned */
};

struct listenings {
	struct listening *rows;
	size_t count, capacity;
};

static int listening_order(const void *left, const void *right)
{
	const struct listening *a = left, *b = right;

	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	if (a->mechanism != b->mechanism)
		return a->mechanism < b->mechanism ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int listening_add(struct listenings *all, size_t node, uint8_t mechanism, char *name)
{
	if (all->count == all->capacity) {
		size_t capacity = all->capacity ? 2 * all->capacity : 64;
		struct listening *grown = reallocarray(all->rows, capacity, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		all->rows = grown;
		all->capacity = capacity;
	}
	all->rows[all->count++] = (struct listening){ .node = node, .mechanism = mechanism, .name = name };
	return 0;
}

/* A process listens on what may be no listener: 0 or -ENOMEM. */
static int process_listens(struct joiner *joiner, struct process_key process, struct capture_object *object,
			   struct listenings *all)
{
	struct node_index *entry;
	char *name;

	if (!object || !is_listening(object))
		return 0;
	HASH_FIND(hh, joiner->nodes, &process, sizeof(process), entry);
	if (!entry)
		return 0;
	name = name_channel(joiner->listeners, object);
	if (name && listening_add(all, entry->node, object->key.mechanism, name)) {
		free(name);
		return -ENOMEM;
	}
	return 0;
}

static int list_listens(struct joiner *joiner, const struct descriptor_list *list, struct listenings *all)
{
	int error = 0;

	for (size_t i = 0; i < list->count && !error; i++) {
		const struct capture_descriptor *row = &list->rows[i];

		error = process_listens(joiner, row->process, capture_find_object(joiner->capture, row->object), all);
	}
	return error;
}

/* Who called listen() in the window, though the process or the socket may be gone at its end. */
static int calls_listen(struct joiner *joiner, struct listenings *all)
{
	struct capture_object *object, *next;
	int error = 0;

	HASH_ITER(hh, joiner->capture->objects, object, next) {
		const struct process_key by = { .start = object->info.by_start, .tgid = object->info.by_tgid };

		if (by.tgid && !error)
			error = process_listens(joiner, by, object, all);
	}
	return error;
}

static bool is_datagram(uint8_t mechanism)
{
	return mechanism == IPC_UDP || mechanism == IPC_UNIX_DGRAM;
}

/* By process and socket, the earliest first. */
static int flow_order(const void *left, const void *right)
{
	const struct ipc_flow_key *a = &(*(struct capture_flow *const *)left)->key;
	const struct ipc_flow_key *b = &(*(struct capture_flow *const *)right)->key;
	uint64_t first = (*(struct capture_flow *const *)left)->first;
	uint64_t second = (*(struct capture_flow *const *)right)->first;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->tgid != b->tgid)
		return a->tgid < b->tgid ? -1 : 1;
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return first < second ? -1 : first > second;
}

static bool flow_is_alike(const struct ipc_flow_key *a, const struct ipc_flow_key *b)
{
	return a->start == b->start && a->tgid == b->tgid && a->object == b->object;
}

/* Nobody calls listen() for datagrams: who receives by a socket before it sends is spoken to. */
static int datagrams_listen(struct joiner *joiner, struct listenings *all)
{
	const struct capture *capture = joiner->capture;
	const struct capture_flow **flows = calloc(capture->flow_count + 1, sizeof(*flows));
	size_t count = 0;
	int error = 0;

	if (!flows)
		return -ENOMEM;
	for (size_t i = 0; i < capture->flow_count; i++)
		if (is_datagram(capture->flows[i].key.mechanism))
			flows[count++] = &capture->flows[i];
	qsort(flows, count, sizeof(*flows), flow_order);
	for (size_t i = 0; i < count && !error; i++) {
		const struct ipc_flow_key *key = &flows[i]->key;

		if (key->direction == IPC_TX || (i && flow_is_alike(key, &flows[i - 1]->key)))
			continue;
		error = process_listens(joiner, (struct process_key){ .start = key->start, .tgid = key->tgid },
					capture_find_object(joiner->capture, object_key(key->mechanism, key->object, 0)),
					all);
	}
	free(flows);
	return error;
}

/* "tcp *:80, unix-stream /run/x": the rows of one node, sorted; the caller frees it. */
static char *listens_text(const struct listening *rows, size_t count)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (i && !listening_order(&rows[i - 1], &rows[i]))
			continue;
		fprintf(stream, "%s%s %s", i ? ", " : "", mechanisms[rows[i].mechanism].name, rows[i].name);
	}
	if (fclose(stream)) {
		free(text);
		return NULL;
	}
	return text;
}

static int listenings_apply(struct joiner *joiner, const struct listenings *all)
{
	size_t end;

	for (size_t begin = 0; begin < all->count; begin = end) {
		struct node *node = &joiner->map->nodes[all->rows[begin].node];

		for (end = begin + 1; end < all->count && all->rows[end].node == all->rows[begin].node;)
			end++;
		node->listens = listens_text(&all->rows[begin], end - begin);
		if (!node->listens)
			return -ENOMEM;
	}
	return 0;
}

int joiner_listens(struct joiner *joiner)
{
	struct listenings all = { 0 };
	int error = list_listens(joiner, &joiner->capture->at_start, &all);

	if (!error)
		error = list_listens(joiner, &joiner->capture->at_end, &all);
	if (!error)
		error = calls_listen(joiner, &all);
	if (!error)
		error = datagrams_listen(joiner, &all);
	if (!error && all.count) {
		qsort(all.rows, all.count, sizeof(*all.rows), listening_order);
		error = listenings_apply(joiner, &all);
	}
	for (size_t i = 0; i < all.count; i++)
		free(all.rows[i].name);
	free(all.rows);
	return error;
}
