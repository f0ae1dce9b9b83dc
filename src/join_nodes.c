// SPDX-License-Identifier: GPL-2.0-only
/* Nodes as they are needed, and who holds the ends of a link. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "joiner.h"
#include "text.h"

static int node_new(struct joiner *joiner, enum node_kind kind, bool tracked, struct node **ret_node,
		    size_t *ret_index)
{
	struct node *node = map_add_node(joiner->map);
	size_t index = joiner->map->node_count - 1;

	if (!node)
		return -ENOMEM;
	if (index >= joiner->node_capacity) {
		size_t capacity = joiner->node_capacity ? 2 * joiner->node_capacity : 256;
		bool *grown = reallocarray(joiner->node_tracked, capacity, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		joiner->node_tracked = grown;
		joiner->node_capacity = capacity;
	}
	joiner->node_tracked[index] = tracked;
	node->kind = kind;
	*ret_node = node;
	*ret_index = index;
	return 0;
}

static char *clean(const char *text)
{
	return text ? text_clean(text, strlen(text)) : NULL;
}

static int node_fill(struct joiner *joiner, struct node *node, const struct capture_process *process,
		     struct process_key key)
{
	const struct capture *capture = joiner->capture;

	node->pid = key.tgid;
	node->start = ((int64_t)(key.start - capture->boottime_offset) - (int64_t)capture->started) / 1e9;
	node->uid = -1;
	node->ppid = -1;
	if (!process)
		return 0;
	node->ppid = process->parent;
	node->uid = process->uid;
	node->kthread = process->kthread;
	node->exited = process->exited;
	node->comm = text_clean(process->comm, strnlen(process->comm, IPC_COMM_LEN));
	node->exe = clean(process->exe);
	node->cgroup = clean(process->cgroup);
	if (joiner->options->cmdline)
		node->cmdline = clean(process->cmdline);
	if (node->cgroup) {
		node->unit = cgroup_unit(node->cgroup);
		node->container = cgroup_container(node->cgroup);
	}
	return node->comm ? 0 : -ENOMEM;
}

int joiner_process(struct joiner *joiner, struct process_key key, size_t *ret_node)
{
	struct capture_process *process;
	struct node_index *entry;
	struct node *node;
	size_t index;
	int error;

	if (!key.tgid)
		return joiner_kernel(joiner, ret_node);
	HASH_FIND(hh, joiner->nodes, &key, sizeof(key), entry);
	if (entry) {
		*ret_node = entry->node;
		return 0;
	}
	process = capture_find_process(joiner->capture, key);
	error = node_new(joiner, NODE_PROCESS, !joiner->capture->filtered || (process && process->tracked),
			 &node, &index);
	if (!error)
		error = node_fill(joiner, node, process, key);
	if (error)
		return error;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->key = key;
	entry->node = index;
	HASH_ADD(hh, joiner->nodes, key, sizeof(entry->key), entry);
	*ret_node = index;
	return 0;
}

int joiner_kernel(struct joiner *joiner, size_t *ret_node)
{
	struct node *node;
	int error;

	if (joiner->kernel == PARTY_NONE) {
		error = node_new(joiner, NODE_KERNEL, !joiner->capture->filtered, &node, &joiner->kernel);
		if (error)
			return error;
	}
	*ret_node = joiner->kernel;
	return 0;
}

int joiner_external(struct joiner *joiner, const char *address, size_t *ret_node)
{
	struct map *map = joiner->map;
	struct node *node;
	int error;

	for (size_t i = 0; i < map->node_count; i++) {
		if (map->nodes[i].kind == NODE_EXTERNAL && !strcmp(map->nodes[i].address, address)) {
			*ret_node = i;
			return 0;
		}
	}
	error = node_new(joiner, NODE_EXTERNAL, !joiner->capture->filtered, &node, ret_node);
	if (error)
		return error;
	node->address = strdup(address);
	return node->address ? 0 : -ENOMEM;
}

int joiner_hub(struct joiner *joiner, struct join_link *link, size_t *ret_node)
{
	struct node *node;
	int error;

	error = node_new(joiner, NODE_HUB, !joiner->capture->filtered, &node, ret_node);
	if (error)
		return error;
	node->channel = link->channel_index;
	return 0;
}

static int descriptor_order(const void *left, const void *right)
{
	const struct capture_descriptor *a = left, *b = right;
	int order = memcmp(&a->object, &b->object, sizeof(a->object));

	return order ? order : memcmp(&a->process, &b->process, sizeof(a->process));
}

static int holder_add(struct joiner *joiner, const struct capture_descriptor *row, size_t **nodes,
		      size_t *count)
{
	size_t *grown, node;
	int error = joiner_process(joiner, row->process, &node);

	if (error)
		return error;
	for (size_t i = 0; i < *count; i++)
		if ((*nodes)[i] == node)
			return 0;
	grown = reallocarray(*nodes, *count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	*nodes = grown;
	grown[(*count)++] = node;
	return 0;
}

enum hold { HOLD_ANY, HOLD_READ, HOLD_WRITE, HOLD_MASTER, HOLD_SLAVE };

static bool holds(const struct capture_descriptor *row, enum hold how)
{
	switch (how) {
	case HOLD_READ: return row->readable;
	case HOLD_WRITE: return row->writable;
	case HOLD_MASTER: return row->side == IPC_SIDE_MASTER;
	case HOLD_SLAVE: return row->side == IPC_SIDE_SLAVE;
	default: return true;
	}
}

/* The first row of an object in a list in descriptor_order(), or list->count. */
static size_t descriptors_find(const struct descriptor_list *list, const struct object_key *object)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(&list->rows[middle].object, object, sizeof(*object)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < list->count && memcmp(&list->rows[low].object, object, sizeof(*object)))
		return list->count;
	return low;
}

/* The processes that have an object open. */
static int holders_find(struct joiner *joiner, const struct descriptor_list *list,
			const struct object_key *object, enum hold how, size_t **nodes, size_t *count)
{
	for (size_t i = descriptors_find(list, object);
	     i < list->count && !memcmp(&list->rows[i].object, object, sizeof(*object)); i++) {
		const struct capture_descriptor *row = &list->rows[i];
		int error;

		if (row->process.tgid == joiner->capture->own_tgid || !holds(row, how))
			continue;
		error = holder_add(joiner, row, nodes, count);
		if (error)
			return error;
	}
	return 0;
}

static uint64_t queued_find(const struct descriptor_list *list, const struct object_key *object)
{
	size_t i = descriptors_find(list, object);

	return i < list->count ? list->rows[i].queued : 0;
}

/* The object at each end of a link, and what holding that end means. */
static void link_ends(const struct join_link *link, struct object_key *from, enum hold *from_hold,
		      struct object_key *to, enum hold *to_hold)
{
	const struct capture_object *sender;

	*from = *to = link->channel;
	*from_hold = *to_hold = HOLD_ANY;
	switch (link->key.mechanism) {
	case IPC_PIPE:
	case IPC_FIFO:
		*from_hold = HOLD_WRITE;
		*to_hold = HOLD_READ;
		return;
	case IPC_PTY:
		*from_hold = link->key.part == LINK_TO_SLAVE ? HOLD_MASTER : HOLD_SLAVE;
		*to_hold = link->key.part == LINK_TO_SLAVE ? HOLD_SLAVE : HOLD_MASTER;
		return;
	case IPC_UNIX_DGRAM:
	case IPC_UDP:
		/* anybody may send to it */
		memset(from, 0, sizeof(*from));
		if (link->key.part != LINK_OBJECT)
			memset(to, 0, sizeof(*to));
		return;
	}
	if (!link->object || !link->peer) {
		memset(link->key.part == LINK_FROM_UNKNOWN ? from : to, 0, sizeof(*to));
		return;
	}
	sender = link->object->key.object == link->key.a ? link->object : link->peer;
	*from = sender->key;
	*to = sender->peer->key;
}

static int link_hold(struct joiner *joiner, struct join_link *link)
{
	struct capture *capture = joiner->capture;
	struct object_key from, to;
	enum hold from_hold, to_hold;
	int error;

	link_ends(link, &from, &from_hold, &to, &to_hold);
	link->link.queued_start = queued_find(&capture->at_start, &to);
	link->link.queued_end = queued_find(&capture->at_end, &to);
	error = holders_find(joiner, &capture->at_start, &from, from_hold, &link->link.send_holders,
			     &link->link.send_holder_count);
	if (error)
		return error;
	return holders_find(joiner, &capture->at_end, &to, to_hold, &link->link.receive_holders,
			    &link->link.receive_holder_count);
}

int joiner_hold(struct joiner *joiner)
{
	struct capture *capture = joiner->capture;
	struct join_link *link, *next;

	if (capture->at_start.count)
		qsort(capture->at_start.rows, capture->at_start.count, sizeof(*capture->at_start.rows),
		      descriptor_order);
	if (capture->at_end.count)
		qsort(capture->at_end.rows, capture->at_end.count, sizeof(*capture->at_end.rows),
		      descriptor_order);
	HASH_ITER(hh, joiner->links, link, next) {
		int error = link_hold(joiner, link);

		if (error)
			return error;
	}
	return 0;
}

static bool is_listening(const struct capture_object *object)
{
	if (object->key.mechanism == IPC_UDP)
		return object->info.local_port && !object->info.remote_port;
	if (object->key.mechanism == IPC_UNIX_DGRAM)
		return object->info.name_len && !object->info.name_is_peers;
	return object->info.state == TCP_LISTEN;
}

static int text_append(char **text, const char *mechanism, const char *name)
{
	char *longer = NULL, *found = *text ? strstr(*text, name) : NULL;
	size_t len = strlen(name);

	if (found && (!found[len] || found[len] == ','))
		return 0;
	if (asprintf(&longer, "%s%s%s %s", *text ? *text : "", *text ? ", " : "", mechanism, name) < 0)
		return -ENOMEM;
	free(*text);
	*text = longer;
	return 0;
}

static int list_listens(struct joiner *joiner, const struct descriptor_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct capture_descriptor *row = &list->rows[i];
		struct capture_object *object = capture_find_object(joiner->capture, row->object);
		struct node_index *entry;
		char *name;
		int error;

		if (!object || !is_listening(object))
			continue;
		HASH_FIND(hh, joiner->nodes, &row->process, sizeof(row->process), entry);
		if (!entry)
			continue;
		name = name_channel(joiner->listeners, object);
		if (!name)
			continue;
		error = text_append(&joiner->map->nodes[entry->node].listens,
				    mechanisms[row->object.mechanism].name, name);
		free(name);
		if (error)
			return error;
	}
	return 0;
}

int joiner_listens(struct joiner *joiner)
{
	int error = list_listens(joiner, &joiner->capture->at_start);

	return error ? error : list_listens(joiner, &joiner->capture->at_end);
}
