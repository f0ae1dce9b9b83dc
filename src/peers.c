// SPDX-License-Identifier: GPL-2.0-only
#include "peers.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void addr_normalize(uint8_t to[16], const uint8_t from[16], uint8_t family)
{
	if (family == AF_INET) {
		memset(to, 0, 10);
		to[10] = to[11] = 0xff;
		memcpy(to + 12, from, 4);
	} else {
		memcpy(to, from, 16);
	}
}

struct inet_end inet_local(const struct ipc_object *info)
{
	struct inet_end end = { .port = info->local_port, .netns = info->netns };

	addr_normalize(end.addr, info->local_addr, info->family);
	return end;
}

struct inet_end inet_remote(const struct ipc_object *info)
{
	struct inet_end end = { .port = info->remote_port, .netns = info->netns };

	addr_normalize(end.addr, info->remote_addr, info->family);
	return end;
}

static bool addr_is_v4(const uint8_t addr[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(addr, prefix, 12);
}

bool inet_is_any(const struct inet_end *end)
{
	static const uint8_t zero[16];

	return !memcmp(end->addr, zero, 16) || (addr_is_v4(end->addr) && !memcmp(end->addr + 12, zero, 4));
}

bool inet_is_local(const struct capture *capture, const struct inet_end *end)
{
	static const uint8_t loopback[16] = { [15] = 1 };

	if (inet_is_any(end) || !memcmp(end->addr, loopback, 16))
		return true;
	if (addr_is_v4(end->addr) && end->addr[12] == 127)
		return true;
	for (size_t i = 0; i < capture->local_addr_count; i++)
		if (!memcmp(capture->local_addrs[i], end->addr, 16))
			return true;
	return false;
}

static bool same_end(const struct inet_end *a, const struct inet_end *b)
{
	return a->port == b->port && a->netns == b->netns && !memcmp(a->addr, b->addr, 16);
}

static void pair(struct capture_object *a, struct capture_object *b)
{
	a->peer = b;
	b->peer = a;
}

/* UNIX: the kernel named the peer's inode at some time. */
static void unix_pair_by_inode(struct capture *capture)
{
	struct capture_object *object, *next, *peer;

	HASH_ITER(hh, capture->objects, object, next) {
		if (object->peer || !object->info.peer_ino || object->key.mechanism == IPC_UNIX_DGRAM ||
		    object->info.family != AF_UNIX)
			continue;
		peer = capture_find_object(capture,
					   object_key(object->key.mechanism, object->info.peer_ino, 0));
		if (peer && !peer->peer && peer != object)
			pair(object, peer);
	}
}

/* Objects in the order of time, to pair what one address or tuple stood for again and again. */
static int by_time(const void *left, const void *right)
{
	const struct capture_object *a = *(struct capture_object *const *)left;
	const struct capture_object *b = *(struct capture_object *const *)right;

	if (a->first_seen != b->first_seen)
		return a->first_seen < b->first_seen ? -1 : 1;
	return a->key.object < b->key.object ? -1 : a->key.object > b->key.object;
}

static bool is_tcp_connection(const struct capture_object *object)
{
	return object->key.mechanism == IPC_TCP && object->info.local_port && object->info.remote_port;
}

/* The unpaired streams, oldest first; the caller frees the array. */
static struct capture_object **unpaired_list(struct capture *capture, bool tcp, size_t *ret_count)
{
	size_t count = 0, all = HASH_COUNT(capture->objects);
	struct capture_object **list = calloc(all + 1, sizeof(*list)), *object, *next;

	if (!list)
		return NULL;
	HASH_ITER(hh, capture->objects, object, next) {
		if (object->peer)
			continue;
		if (tcp ? is_tcp_connection(object) :
			  (object->info.family == AF_UNIX && object->key.mechanism != IPC_UNIX_DGRAM))
			list[count++] = object;
	}
	qsort(list, count, sizeof(*list), by_time);
	*ret_count = count;
	return list;
}

/* Both hold a reference to the other while they live, so the addresses tell. */
static int unix_pair_by_address(struct capture *capture)
{
	size_t count;
	struct capture_object **list = unpaired_list(capture, false, &count);

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct capture_object *a = list[i];

		if (a->peer || !a->info.peer_sk)
			continue;
		for (size_t j = 0; j < count; j++) {
			struct capture_object *b = list[j];

			if (j == i || b->peer || b->info.sk != a->info.peer_sk ||
			    b->key.mechanism != a->key.mechanism)
				continue;
			if (b->info.peer_sk && b->info.peer_sk != a->info.sk)
				continue;
			pair(a, b);
			break;
		}
	}
	free(list);
	return 0;
}

/*
 * Sequence numbers begin at one end where the other end expects them. SYN and
 * FIN count as a byte at one end and not at the other, so allow for two.
 */
static bool isn_close(uint32_t a, uint32_t b)
{
	return a - b + 2 <= 4;
}

static bool tcp_same_incarnation(const struct ipc_object *a, const struct ipc_object *b)
{
	return isn_close(a->tx_isn, b->rx_isn) || isn_close(a->rx_isn, b->tx_isn);
}

/* The entry for one direction of a connection, so that the other end finds it. */
struct tuple_entry {
	struct tuple {
		struct inet_end local, remote;
	} tuple;
	struct capture_object *object;
	struct tuple_entry *more; /* later incarnations */
	UT_hash_handle hh;
};

static struct tuple tuple_of(const struct ipc_object *info, bool reversed)
{
	struct tuple tuple;

	memset(&tuple, 0, sizeof(tuple));
	tuple.local = reversed ? inet_remote(info) : inet_local(info);
	tuple.remote = reversed ? inet_local(info) : inet_remote(info);
	return tuple;
}

static void tcp_pair_one(struct tuple_entry *table, struct capture_object *object, bool strict)
{
	struct tuple tuple = tuple_of(&object->info, true);
	struct tuple_entry *entry;

	HASH_FIND(hh, table, &tuple, sizeof(tuple), entry);
	for (; entry && !object->peer; entry = entry->more) {
		if (entry->object->peer || entry->object == object)
			continue;
		if (!strict || tcp_same_incarnation(&object->info, &entry->object->info))
			pair(object, entry->object);
	}
}

/* By 4-tuple; of several connections that used it in turn, by their sequence numbers. */
static int tcp_pair(struct capture *capture)
{
	size_t count, made = 0;
	struct capture_object **list = unpaired_list(capture, true, &count);
	struct tuple_entry *table = NULL, *entries, *found;

	if (!list)
		return -ENOMEM;
	entries = calloc(count + 1, sizeof(*entries));
	for (; entries && made < count; made++) {
		struct tuple_entry *entry = &entries[made];

		entry->tuple = tuple_of(&list[made]->info, false);
		entry->object = list[made];
		HASH_FIND(hh, table, &entry->tuple, sizeof(entry->tuple), found);
		while (found && found->more)
			found = found->more;
		if (found)
			found->more = entry;
		else
			HASH_ADD(hh, table, tuple, sizeof(entry->tuple), entry);
	}
	for (int strict = 1; entries && strict >= 0; strict--)
		for (size_t i = 0; i < count; i++)
			if (!list[i]->peer)
				tcp_pair_one(table, list[i], strict);
	HASH_CLEAR(hh, table);
	free(list);
	if (!entries)
		return -ENOMEM;
	free(entries);
	return 0;
}

int objects_pair(struct capture *capture)
{
	int error;

	unix_pair_by_inode(capture);
	error = unix_pair_by_address(capture);
	return error ? error : tcp_pair(capture);
}

static bool is_udp(const struct capture_object *object)
{
	return object->key.mechanism == IPC_UDP && object->info.local_port;
}

static bool addr_accepts(const struct inet_end *bound, const struct inet_end *to)
{
	/* "any" of IPv6 takes IPv4 as well; 0.0.0.0 takes IPv4 only */
	static const uint8_t any6[16];

	if (bound->port != to->port || bound->netns != to->netns)
		return false;
	if (!memcmp(bound->addr, any6, 16))
		return true;
	if (inet_is_any(bound))
		return addr_is_v4(to->addr);
	return inet_is_any(to) || !memcmp(bound->addr, to->addr, 16);
}

struct capture_object *udp_receiver(const struct capture *capture, const struct capture_object *from,
				    const struct inet_end *to)
{
	struct inet_end sender = inet_local(&from->info);
	struct capture_object *object, *next, *bound = NULL;

	HASH_ITER(hh, capture->objects, object, next) {
		struct inet_end local, remote;

		if (!is_udp(object))
			continue;
		local = inet_local(&object->info);
		if (!addr_accepts(&local, to))
			continue;
		remote = inet_remote(&object->info);
		if (!remote.port) {
			if (!bound || object->key.object < bound->key.object)
				bound = object;
		} else if (remote.port == sender.port &&
			   (inet_is_any(&sender) || same_end(&remote, &sender))) {
			return object;
		}
	}
	return bound;
}

const struct capture_object *udp_group(const struct capture *capture, const struct capture_object *object)
{
	struct inet_end own = inet_local(&object->info);
	const struct capture_object *leader = object;
	struct capture_object *other, *next;

	if (!is_udp(object) || object->info.remote_port)
		return object;
	HASH_ITER(hh, capture->objects, other, next) {
		struct inet_end local;

		if (!is_udp(other) || other->info.remote_port)
			continue;
		local = inet_local(&other->info);
		if (same_end(&local, &own) && other->key.object < leader->key.object)
			leader = other;
	}
	return leader;
}

struct capture_object *unix_receiver(const struct capture *capture, const struct ipc_object *remote)
{
	struct capture_object *object, *next, *match = NULL;
	size_t len = remote->name_len;

	/* A path may come with or without its NUL. */
	if (len && remote->name[0])
		len = strnlen(remote->name, len);
	HASH_ITER(hh, capture->objects, object, next) {
		size_t own = object->info.name_len;

		if (object->key.mechanism != IPC_UNIX_DGRAM || object->info.name_is_peers || !own)
			continue;
		if (object->info.name[0])
			own = strnlen(object->info.name, own);
		if (own != len || memcmp(object->info.name, remote->name, len))
			continue;
		if (match)
			return NULL;
		match = object;
	}
	return match;
}
