// SPDX-License-Identifier: GPL-2.0-only
/* Nodes as they are needed, and who holds the ends of a link. */
#include <errno.h>
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

/* As /proc and ps would number it. */
static int64_t parent_number(const struct capture *capture, const struct capture_process *process)
{
	struct process_key key = { .start = process->parent_start, .tgid = process->parent };
	const struct capture_process *parent = capture_find_process(capture, key);

	if (parent && parent->number)
		return parent->number;
	return capture->nested ? 0 : process->parent;
}

static int node_fill(struct joiner *joiner, struct node *node, const struct capture_process *process,
		     struct process_key key)
{
	const struct capture *capture = joiner->capture;

	node->pid = key.tgid;
	/* Unsigned until it is small: a number that is no time must not overflow. */
	node->start = (int64_t)(key.start - capture->boottime_offset - capture->started) / 1e9;
	node->uid = -1;
	node->ppid = -1;
	if (!process)
		return 0;
	if (process->number)
		node->pid = process->number;
	node->ppid = parent_number(capture, process);
	node->uid = process->uid;
	node->kthread = process->kthread;
	node->exited = process->exited;
	if (process->ended > capture->started)
		node->ended = (process->ended - capture->started) / 1e9;
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
	if (key.tgid == joiner->capture->own_tgid)
		joiner->own = index;
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

int joiner_external(struct joiner *joiner, const struct inet_end *end, size_t *ret_node)
{
	struct external_index *entry;
	struct inet_end key = { .port = 0 };
	struct node *node;
	int error;

	memcpy(key.addr, end->addr, sizeof(key.addr));
	HASH_FIND(hh, joiner->externals, &key, sizeof(key), entry);
	if (entry) {
		*ret_node = entry->node;
		return 0;
	}
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	error = node_new(joiner, NODE_EXTERNAL, !joiner->capture->filtered, &node, &entry->node);
	if (error) {
		free(entry);
		return error;
	}
	entry->end = key;
	*ret_node = entry->node;
	HASH_ADD(hh, joiner->externals, end, sizeof(entry->end), entry);
	node->address = name_address(end);
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
