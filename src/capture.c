// SPDX-License-Identifier: GPL-2.0-only
#include "capture.h"
#include "history.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct capture_process *capture_find_process(const struct capture *capture, struct process_key key)
{
	struct capture_process *found;

	HASH_FIND(hh, capture->processes, &key, sizeof(key), found);
	return found;
}

struct capture_process *capture_process(struct capture *capture, uint32_t tgid, uint64_t start)
{
	struct process_key key = { .start = start, .tgid = tgid };
	struct capture_process *process = capture_find_process(capture, key);

	if (process)
		return process;
	process = calloc(1, sizeof(*process));
	if (!process)
		return NULL;
	process->key = key;
	process->number = capture->nested ? 0 : tgid;
	HASH_ADD(hh, capture->processes, key, sizeof(process->key), process);
	return process;
}

void process_free(struct capture_process *process)
{
	free(process->exe);
	free(process->cgroup);
	free(process->cmdline);
	free(process);
}

struct object_key object_key(uint8_t mechanism, uint64_t object, uint64_t remote)
{
	struct object_key key = { .object = object, .mechanism = mechanism };

	if (mechanism == IPC_FIFO || mechanism == IPC_PTY)
		key.remote = remote;
	return key;
}

struct capture_object *capture_find_object(const struct capture *capture, struct object_key key)
{
	struct capture_object *found;

	HASH_FIND(hh, capture->objects, &key, sizeof(key), found);
	return found;
}

struct capture_remote *capture_find_remote(const struct capture *capture, uint64_t object, uint64_t remote)
{
	struct remote_key key = { .object = object, .remote = remote };
	struct capture_remote *found;

	HASH_FIND(hh, capture->remotes, &key, sizeof(key), found);
	return found;
}

static struct capture_object *object_need(struct capture *capture, struct object_key key)
{
	struct capture_object *object = capture_find_object(capture, key);

	if (object)
		return object;
	object = calloc(1, sizeof(*object));
	if (!object)
		return NULL;
	object->key = key;
	HASH_ADD(hh, capture->objects, key, sizeof(object->key), object);
	return object;
}

/* Keeps what an earlier record knew: a peer goes away, a name does not change. */
static void object_merge(struct capture_object *object, const struct ipc_object *info)
{
	struct ipc_object before = object->info;

	object->info = *info;
	if (!info->peer_ino)
		object->info.peer_ino = before.peer_ino;
	if (!info->peer_sk)
		object->info.peer_sk = before.peer_sk;
	/* A socket that was disconnected forgets where its numbers began. */
	if (!info->tx_isn && !info->rx_isn) {
		object->info.tx_isn = before.tx_isn;
		object->info.rx_isn = before.rx_isn;
	}
	if (!info->name_len && before.name_len) {
		memcpy(object->info.name, before.name, sizeof(before.name));
		object->info.name_len = before.name_len;
		object->info.name_is_peers = before.name_is_peers;
	}
	if (!info->remote_port && before.remote_port) {
		memcpy(object->info.remote_addr, before.remote_addr, sizeof(before.remote_addr));
		object->info.remote_port = before.remote_port;
	}
	if (!info->by_tgid) {
		object->info.by_tgid = before.by_tgid;
		object->info.by_start = before.by_start;
	}
	if (!info->local_port && before.local_port) {
		memcpy(object->info.local_addr, before.local_addr, sizeof(before.local_addr));
		object->info.local_port = before.local_port;
	}
}

static int remote_add(struct capture *capture, const struct ipc_object *info)
{
	struct capture_remote *remote = capture_find_remote(capture, info->object, info->remote);

	if (remote)
		return 0;
	remote = calloc(1, sizeof(*remote));
	if (!remote)
		return -ENOMEM;
	remote->key.object = info->object;
	remote->key.remote = info->remote;
	remote->info = *info;
	HASH_ADD(hh, capture->remotes, key, sizeof(remote->key), remote);
	return 0;
}

/* An inventory's rows bear no time: found when the window closed, or just now, for a picture on the way. */
static uint64_t first_seen_at(const struct capture *capture, const struct ipc_object *info)
{
	struct timespec now;

	if (info->record.time || capture->ended)
		return info->record.time ? info->record.time : capture->ended;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

int capture_add_object(struct capture *capture, const struct ipc_object *info, bool inventory)
{
	struct ipc_object own = *info;
	struct capture_object *object;
	int error;

	if (info->mechanism >= IPC_MECHANISMS)
		return 0;
	if (own.name_len > IPC_SUN_LEN)
		own.name_len = IPC_SUN_LEN;
	if (info->name_is_remote) {
		error = remote_add(capture, &own);
		if (error)
			return error;
		/* What is left is about the socket itself. */
		own.name_len = 0;
		own.name_is_remote = 0;
		/* A connected UDP socket has the remote for its own. */
		if (info->mechanism == IPC_UDP && info->state != TCP_ESTABLISHED) {
			own.remote_port = 0;
			memset(own.remote_addr, 0, sizeof(own.remote_addr));
		}
	}
	object = object_need(capture, object_key(info->mechanism, info->object, info->remote));
	if (!object)
		return -ENOMEM;
	if (!object->described) {
		object->first_seen = inventory ? 0 : first_seen_at(capture, info);
		object->described = true;
	}
	object_merge(object, &own);
	return 0;
}

int capture_add_path(struct capture *capture, uint64_t object_number, uint64_t remote, char *path)
{
	struct capture_object *object =
		object_need(capture, object_key(IPC_FIFO, object_number, remote));

	if (!object) {
		free(path);
		return -ENOMEM;
	}
	if (object->path)
		free(path);
	else
		object->path = path;
	return 0;
}

int capture_add_flow(struct capture *capture, const struct capture_flow *flow)
{
	if (capture->flow_count == capture->flow_capacity) {
		size_t capacity = capture->flow_capacity ? 2 * capture->flow_capacity : 1024;
		struct capture_flow *flows = reallocarray(capture->flows, capacity, sizeof(*flows));

		if (!flows)
			return -ENOMEM;
		capture->flows = flows;
		capture->flow_capacity = capacity;
	}
	capture->flows[capture->flow_count++] = *flow;
	return 0;
}

static int flow_order(const void *left, const void *right)
{
	const struct capture_flow *a = left, *b = right;

	return memcmp(&a->key, &b->key, sizeof(a->key));
}

void capture_merge_flows(struct capture *capture)
{
	struct capture_flow *flows = capture->flows;
	size_t kept = 0;

	if (capture->flow_count < 2)
		return;
	qsort(flows, capture->flow_count, sizeof(*flows), flow_order);
	for (size_t i = 1; i < capture->flow_count; i++) {
		struct capture_flow *to = &flows[kept];

		if (flow_order(to, &flows[i])) {
			flows[++kept] = flows[i];
			continue;
		}
		to->ops += flows[i].ops;
		to->bytes += flows[i].bytes;
		to->first = flows[i].first < to->first ? flows[i].first : to->first;
		to->last = flows[i].last > to->last ? flows[i].last : to->last;
	}
	capture->flow_count = kept + 1;
}

/* A process often has one channel open more than once: one row for both. */
static bool descriptor_extends_last(struct descriptor_list *list, const struct capture_descriptor *row)
{
	size_t i = list->count;

	/* The inventory comes process by process, so the search is short. */
	while (i-- > 0 && list->count - i < 64) {
		struct capture_descriptor *before = &list->rows[i];

		if (memcmp(&before->process, &row->process, sizeof(row->process)))
			return false;
		if (memcmp(&before->object, &row->object, sizeof(row->object)) || before->side != row->side)
			continue;
		before->readable |= row->readable;
		before->writable |= row->writable;
		return true;
	}
	return false;
}

int capture_add_descriptor(struct descriptor_list *list, const struct ipc_descriptor *descriptor)
{
	const struct ipc_object *info = &descriptor->object;
	struct capture_descriptor row = {
		.process = { .start = descriptor->start, .tgid = descriptor->tgid },
		.object = object_key(info->mechanism, info->object, info->remote),
		.side = info->side,
		.readable = descriptor->readable,
		.writable = descriptor->writable,
		.queued = info->queued,
		.queued_ops = info->queued_ops,
		.write_seq = info->write_seq,
		.read_seq = info->read_seq,
	};

	if (descriptor_extends_last(list, &row))
		return 0;
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 256;
		struct capture_descriptor *rows = reallocarray(list->rows, capacity, sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		list->rows = rows;
		list->capacity = capacity;
	}
	list->rows[list->count++] = row;
	return 0;
}

char *path_from_record(const struct ipc_path *path)
{
	uint32_t end = path->len <= IPC_PATH_LEN ? path->len : IPC_PATH_LEN;
	char *text = malloc((size_t)end + 8), *to = text;

	if (!text)
		return NULL;
	if (path->truncated)
		to = stpcpy(to, "/...");
	/* Components from the last to the first, each with its NUL. */
	while (end > 1) {
		uint32_t begin = end - 1;

		while (begin > 0 && path->text[begin - 1])
			begin--;
		*to++ = '/';
		memcpy(to, path->text + begin, end - 1 - begin);
		to += end - 1 - begin;
		end = begin;
	}
	if (to == text)
		*to++ = '/';
	*to = '\0';
	return text;
}

static void path_strip(char *path, const char *root, size_t len)
{
	if (path && !strncmp(path, root, len) && path[len] == '/')
		memmove(path, path + len, strlen(path + len) + 1);
}

void capture_strip_root(struct capture *capture)
{
	struct capture_process *process, *next_process;
	struct capture_object *object, *next_object;
	size_t len;

	if (!capture->root)
		return;
	len = strlen(capture->root);
	HASH_ITER(hh, capture->processes, process, next_process)
		path_strip(process->exe, capture->root, len);
	HASH_ITER(hh, capture->objects, object, next_object)
		path_strip(object->path, capture->root, len);
}

void capture_done(struct capture *capture)
{
	struct capture_process *process, *next_process;
	struct capture_object *object, *next_object;
	struct capture_remote *remote, *next_remote;

	HASH_ITER(hh, capture->processes, process, next_process) {
		HASH_DEL(capture->processes, process);
		process_free(process);
	}
	HASH_ITER(hh, capture->objects, object, next_object) {
		HASH_DEL(capture->objects, object);
		free(object->path);
		free(object);
	}
	HASH_ITER(hh, capture->remotes, remote, next_remote) {
		HASH_DEL(capture->remotes, remote);
		free(remote);
	}
	history_done(capture);
	free(capture->flows);
	free(capture->taken);
	free(capture->shared);
	free(capture->at_start.rows);
	free(capture->at_end.rows);
	free(capture->weighed_first.rows);
	free(capture->weighed_last.rows);
	free(capture->writing_first.rows);
	free(capture->writing_last.rows);
	free(capture->local_addrs);
	free(capture->bound);
	free(capture->root);
	memset(capture, 0, sizeof(*capture));
}
