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

bool inet_is_v4(const struct inet_end *end)
{
	return addr_is_v4(end->addr);
}

bool inet_is_any(const struct inet_end *end)
{
	static const uint8_t zero[16];

	return !memcmp(end->addr, zero, 16) || (addr_is_v4(end->addr) && !memcmp(end->addr + 12, zero, 4));
}

static int address_order(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct capture_address));
}

static struct capture_address address_of(const struct inet_end *end)
{
	struct capture_address address;

	memset(&address, 0, sizeof(address));
	memcpy(address.addr, end->addr, sizeof(address.addr));
	address.netns = end->netns;
	return address;
}

int addresses_learn(struct capture *capture)
{
	struct capture_object *object, *next;

	free(capture->bound);
	capture->bound_count = 0;
	capture->bound = calloc(HASH_COUNT(capture->objects) + 1, sizeof(*capture->bound));
	if (!capture->bound)
		return -ENOMEM;
	HASH_ITER(hh, capture->objects, object, next) {
		struct inet_end local;

		if (object->key.mechanism != IPC_TCP && object->key.mechanism != IPC_UDP)
			continue;
		local = inet_local(&object->info);
		if (!inet_is_any(&local))
			capture->bound[capture->bound_count++] = address_of(&local);
	}
	qsort(capture->bound, capture->bound_count, sizeof(*capture->bound), address_order);
	return 0;
}

bool inet_is_loopback(const struct inet_end *end)
{
	static const uint8_t loopback[16] = { [15] = 1 };

	return !memcmp(end->addr, loopback, 16) || (addr_is_v4(end->addr) && end->addr[12] == 127);
}

bool inet_is_local(const struct capture *capture, const struct inet_end *end)
{
	struct capture_address address;

	if (inet_is_any(end) || inet_is_loopback(end))
		return true;
	for (size_t i = 0; i < capture->local_addr_count; i++)
		if (!memcmp(capture->local_addrs[i], end->addr, 16))
			return true;
	address = address_of(end);
	return capture->bound_count && bsearch(&address, capture->bound, capture->bound_count,
					       sizeof(address), address_order);
}

bool inet_same(const struct inet_end *a, const struct inet_end *b)
{
	return a->port == b->port && a->netns == b->netns && !memcmp(a->addr, b->addr, 16);
}

unsigned int inet_takes(const struct inet_end *bound, const struct inet_end *to)
{
	static const uint8_t any6[16];

	if (!memcmp(bound->addr, to->addr, 16))
		return 4;
	if (!memcmp(bound->addr, any6, 16))
		return 2;
	if (inet_is_any(bound))
		return inet_is_v4(to) ? 3 : 0;
	return inet_is_any(to) ? 1 : 0;
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
		if (peer && !peer->peer && peer != object &&
		    (!peer->info.peer_ino || peer->info.peer_ino == object->key.object))
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

static bool is_unix_connection(const struct capture_object *object)
{
	return object->info.family == AF_UNIX && object->key.mechanism != IPC_UNIX_DGRAM &&
	       object->info.state != TCP_LISTEN;
}

/* The streams of a kind, oldest first; the caller frees the array. */
static struct capture_object **streams_list(const struct capture *capture,
					    bool (*wanted)(const struct capture_object *), size_t *ret_count)
{
	size_t count = 0, all = HASH_COUNT(capture->objects);
	struct capture_object **list = calloc(all + 1, sizeof(*list)), *object, *next;

	if (!list)
		return NULL;
	HASH_ITER(hh, capture->objects, object, next) {
		if (wanted(object))
			list[count++] = object;
	}
	qsort(list, count, sizeof(*list), by_time);
	*ret_count = count;
	return list;
}

/* Who is at a kernel address, at the moment that unix_pair_by_address() has come to. */
struct occupant {
	uint64_t sk;
	struct capture_object *object;
	UT_hash_handle hh;
};

static void occupant_pair(struct occupant *occupants, struct capture_object *object)
{
	struct occupant *other;
	struct capture_object *peer;

	HASH_FIND(hh, occupants, &object->info.peer_sk, sizeof(other->sk), other);
	peer = other ? other->object : NULL;
	if (!peer || peer->peer || peer == object || peer->key.mechanism != object->key.mechanism)
		return;
	/* Another one is known by its number. */
	if (object->info.peer_ino && object->info.peer_ino != peer->key.object)
		return;
	if (!peer->info.peer_sk || peer->info.peer_sk == object->info.sk)
		pair(object, peer);
}

/*
 * Each of a pair holds a reference to the other while it lives, so its address is not used again
 * before. Gone through by time, who was last seen at the peer's address is the peer.
 */
static int unix_pair_by_address(struct capture *capture)
{
	size_t count = 0;
	struct capture_object **list = streams_list(capture, is_unix_connection, &count);
	struct occupant *occupants = NULL, *entries = calloc(count + 1, sizeof(*entries)), *found;

	for (size_t i = 0; list && entries && i < count; i++) {
		struct capture_object *object = list[i];

		if (!object->info.sk)
			continue;
		HASH_FIND(hh, occupants, &object->info.sk, sizeof(found->sk), found);
		if (!found) {
			found = &entries[i];
			found->sk = object->info.sk;
			HASH_ADD(hh, occupants, sk, sizeof(found->sk), found);
		}
		found->object = object;
		if (!object->peer && object->info.peer_sk)
			occupant_pair(occupants, object);
	}
	HASH_CLEAR(hh, occupants);
	free(list);
	free(entries);
	return list && entries ? 0 : -ENOMEM;
}

/*
 * Sequence numbers begin at one end where the other end expects them. SYN and FIN count as a
 * byte at one end and not at the other, so allow for two. A record may also have been taken
 * between two steps of the kernel, and be off by what these moved: ISN_TORN.
 */
#define ISN_SLACK 2
#define ISN_TORN (1U << 20)

static bool isn_close(uint32_t a, uint32_t b, uint32_t slack)
{
	return a - b + slack <= 2 * slack;
}

static bool isn_known(const struct ipc_object *info)
{
	return info->tx_isn || info->rx_isn;
}

static bool tcp_same_incarnation(const struct ipc_object *a, const struct ipc_object *b, uint32_t slack)
{
	return isn_known(a) && isn_known(b) &&
	       (isn_close(a->tx_isn, b->rx_isn, slack) || isn_close(a->rx_isn, b->tx_isn, slack));
}

/* The entry for one direction of a connection, so that the other end finds it. */
struct tuple_entry {
	struct tuple {
		struct inet_end local, remote;
	} tuple;
	struct capture_object *object;
	struct tuple_entry *more, *last; /* later incarnations; the last of them */
	struct tuple_entry *first;	 /* before it all have their peers */
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

enum tcp_pass { PASS_STRICT, PASS_TORN, PASS_UNKNOWN, PASSES };

static bool tcp_matches(const struct ipc_object *a, const struct ipc_object *b, enum tcp_pass pass)
{
	switch (pass) {
	case PASS_STRICT: return tcp_same_incarnation(a, b, ISN_SLACK);
	case PASS_TORN: return tcp_same_incarnation(a, b, ISN_TORN);
	default: return !isn_known(a) || !isn_known(b);
	}
}

static void tcp_pair_one(struct tuple_entry *table, struct capture_object *object, enum tcp_pass pass)
{
	struct tuple tuple = tuple_of(&object->info, true), own = tuple_of(&object->info, false);
	struct tuple_entry *entry;

	/* connected to itself */
	if (!memcmp(&tuple, &own, sizeof(tuple)))
		pair(object, object);
	HASH_FIND(hh, table, &tuple, sizeof(tuple), entry);
	while (entry && entry->first && entry->first->object->peer)
		entry->first = entry->first->more;
	for (entry = entry ? entry->first : NULL; entry && !object->peer; entry = entry->more)
		if (!entry->object->peer && tcp_matches(&object->info, &entry->object->info, pass))
			pair(object, entry->object);
}

/* By 4-tuple; of several connections that used it in turn, by their sequence numbers. */
static int tcp_pair_by_tuple(struct capture_object **list, size_t count)
{
	struct tuple_entry *table = NULL, *entries = calloc(count + 1, sizeof(*entries)), *found;

	if (!entries)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct tuple_entry *entry = &entries[i];

		entry->tuple = tuple_of(&list[i]->info, false);
		entry->object = list[i];
		HASH_FIND(hh, table, &entry->tuple, sizeof(entry->tuple), found);
		if (!found) {
			HASH_ADD(hh, table, tuple, sizeof(entry->tuple), entry);
			entry->first = entry->last = entry;
			continue;
		}
		found->last->more = entry;
		found->last = entry;
	}
	for (enum tcp_pass pass = PASS_STRICT; pass < PASSES; pass++)
		for (size_t i = 0; i < count; i++)
			if (!list[i]->peer)
				tcp_pair_one(table, list[i], pass);
	HASH_CLEAR(hh, table);
	free(entries);
	return 0;
}

/* Where one end expects the other's numbers to begin, about: what ISN_SLACK leaves of it. */
struct isn_entry {
	uint32_t about;
	struct capture_object *object;
	struct isn_entry *more;
	UT_hash_handle hh;
};

#define ISN_ABOUT(isn) ((isn) >> 3)

static void isn_pair_one(struct isn_entry *table, struct capture_object *object)
{
	uint32_t low = ISN_ABOUT(object->info.tx_isn - ISN_SLACK);
	uint32_t abouts[] = { low, ISN_ABOUT(object->info.tx_isn + ISN_SLACK) };

	for (size_t i = 0; i < (abouts[1] == low ? 1 : 2); i++) {
		struct isn_entry *entry;

		HASH_FIND(hh, table, &abouts[i], sizeof(abouts[i]), entry);
		for (; entry && !object->peer; entry = entry->more) {
			const struct ipc_object *a = &object->info, *b = &entry->object->info;

			if (entry->object != object && !entry->object->peer &&
			    isn_close(a->tx_isn, b->rx_isn, ISN_SLACK) &&
			    isn_close(a->rx_isn, b->tx_isn, ISN_SLACK))
				pair(object, entry->object);
		}
	}
}

/*
 * What is left: between network namespaces, and where addresses are rewritten. The sequence
 * numbers of both directions together are 64 bits that two connections do not share by chance.
 */
static int tcp_pair_by_isn(struct capture_object **list, size_t count)
{
	struct isn_entry *table = NULL, *entries = calloc(count + 1, sizeof(*entries)), *found;

	if (!entries)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct isn_entry *entry = &entries[i];

		if (list[i]->peer || !list[i]->info.tx_isn || !list[i]->info.rx_isn)
			continue;
		entry->about = ISN_ABOUT(list[i]->info.rx_isn);
		entry->object = list[i];
		HASH_FIND(hh, table, &entry->about, sizeof(entry->about), found);
		if (found) {
			entry->more = found->more;
			found->more = entry;
		} else {
			HASH_ADD(hh, table, about, sizeof(entry->about), entry);
		}
	}
	for (size_t i = 0; i < count; i++)
		if (entries[i].object && !list[i]->peer)
			isn_pair_one(table, list[i]);
	HASH_CLEAR(hh, table);
	free(entries);
	return 0;
}

static int tcp_pair(struct capture *capture)
{
	size_t count = 0;
	struct capture_object **list = streams_list(capture, is_tcp_connection, &count);
	int error = list ? tcp_pair_by_tuple(list, count) : -ENOMEM;

	if (!error)
		error = tcp_pair_by_isn(list, count);
	free(list);
	return error;
}

int objects_pair(struct capture *capture)
{
	int error;

	unix_pair_by_inode(capture);
	error = unix_pair_by_address(capture);
	return error ? error : tcp_pair(capture);
}
