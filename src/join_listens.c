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

static int list_listens(struct joiner *joiner, const struct descriptor_list *list, struct listenings *all)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct capture_descriptor *row = &list->rows[i];
		struct capture_object *object = capture_find_object(joiner->capture, row->object);
		struct node_index *entry;
		char *name;

		if (!object || !is_listening(object))
			continue;
		HASH_FIND(hh, joiner->nodes, &row->process, sizeof(row->process), entry);
		if (!entry)
			continue;
		name = name_channel(joiner->listeners, object);
		if (name && listening_add(all, entry->node, row->object.mechanism, name)) {
			free(name);
			return -ENOMEM;
		}
	}
	return 0;
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
	if (!error && all.count) {
		qsort(all.rows, all.count, sizeof(*all.rows), listening_order);
		error = listenings_apply(joiner, &all);
	}
	for (size_t i = 0; i < all.count; i++)
		free(all.rows[i].name);
	free(all.rows);
	return error;
}
