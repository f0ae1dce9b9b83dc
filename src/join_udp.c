// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which udp flows belong together. Only addresses join the two ends, so this asks the
 * receivers first: one that was told where a datagram came from has proven who sent it.
 * Only what no receiver can tell goes by the kernel's rules, and where these leave a
 * choice, all that it may have been come into one link, and link_join() does the rest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "joiner.h"

/* One flow, and the flows that it shares a link with (union-find). */
struct udp_flow {
	const struct capture_flow *flow;
	struct capture_object *own; /* its socket, or NULL */
	struct inet_end local, remote;
	bool remote_known, joined, copied; /* copied: sent to a group of receivers */
	bool elsewhere; /* joined to a sender of another namespace */
	struct udp_flow *next; /* in its bucket */
	struct udp_flow *next_anywhere; /* in that of all namespaces */
	struct udp_flow *parent;
	/* Of a root: the lowest of its receiving sockets, whether there are more; where it was sent, the bytes. */
	struct capture_object *receiver;
	bool several, to_group;
	const struct inet_end *group;
	uint64_t sent, taken;
};

/* Receivers by their port and the port that they heard from (0: not told). */
struct bucket {
	struct bucket_key {
		uint32_t netns; /* 0: those of all of them */
		uint16_t local, remote;
	} key;
	struct udp_flow *first;
	struct udp_flow *anywhere; /* of all namespaces */
	UT_hash_handle hh;
};

struct udp {
	struct joiner *joiner;
	struct udp_flow *flows;
	size_t count;
	struct bucket *buckets; /* uthash */
};

static bool is_rx(const struct udp_flow *flow)
{
	return flow->flow->key.direction == IPC_RX;
}

static struct udp_flow *root(struct udp_flow *flow)
{
	while (flow->parent != flow) {
		flow->parent = flow->parent->parent;
		flow = flow->parent;
	}
	return flow;
}

static void unite(struct udp_flow *a, struct udp_flow *b)
{
	struct udp_flow *left = root(a), *right = root(b);

	a->joined = b->joined = true;
	right->parent = left;
}

static bool is_group_address(const struct inet_end *end)
{
	static const uint8_t broadcast[4] = { 255, 255, 255, 255 };

	if (!inet_is_v4(end))
		return end->addr[0] == 0xff;
	return (end->addr[12] >= 224 && end->addr[12] < 240) || !memcmp(end->addr + 12, broadcast, 4);
}

static void flow_init(struct udp *udp, struct udp_flow *udp_flow, const struct capture_flow *flow)
{
	const struct capture *capture = udp->joiner->capture;
	const struct capture_remote *remote = NULL;

	udp_flow->flow = flow;
	udp_flow->parent = udp_flow;
	udp_flow->own = capture_find_object(capture, object_key(IPC_UDP, flow->key.object, 0));
	if (udp_flow->own)
		udp_flow->local = inet_local(&udp_flow->own->info);
	if (flow->key.remote)
		remote = capture_find_remote(capture, flow->key.object, flow->key.remote);
	if (!remote)
		return;
	udp_flow->remote = inet_remote(&remote->info);
	udp_flow->remote_known = true;
	udp_flow->copied = flow->key.direction == IPC_TX && is_group_address(&udp_flow->remote);
}

static struct bucket *bucket_find(struct udp *udp, uint32_t netns, uint16_t local, uint16_t remote)
{
	struct bucket_key key = { .netns = netns, .local = local, .remote = remote };
	struct bucket *bucket;

	HASH_FIND(hh, udp->buckets, &key, sizeof(key), bucket);
	return bucket;
}

/* The one there is, or a new one; NULL: no memory. */
static struct bucket *bucket_make(struct udp *udp, uint32_t netns, uint16_t local, uint16_t remote)
{
	struct bucket *bucket = bucket_find(udp, netns, local, remote);

	if (bucket)
		return bucket;
	bucket = calloc(1, sizeof(*bucket));
	if (!bucket)
		return NULL;
	bucket->key.netns = netns;
	bucket->key.local = local;
	bucket->key.remote = remote;
	HASH_ADD(hh, udp->buckets, key, sizeof(bucket->key), bucket);
	return bucket;
}

static int bucket_add(struct udp *udp, struct udp_flow *flow)
{
	uint16_t remote = flow->remote_known ? flow->remote.port : 0;
	struct bucket *bucket = bucket_make(udp, flow->local.netns, flow->local.port, remote);
	struct bucket *anywhere = bucket_make(udp, 0, flow->local.port, remote);

	if (!bucket || !anywhere)
		return -ENOMEM;
	flow->next = bucket->first;
	bucket->first = flow;
	/* What comes from a file may be of namespace 0: then both are one bucket. */
	flow->next_anywhere = anywhere->anywhere;
	anywhere->anywhere = flow;
	return 0;
}

/* Can the receiver's socket be bound to where this was sent? */
static bool reaches(const struct udp_flow *tx, const struct udp_flow *rx)
{
	return tx->copied ? inet_is_any(&rx->local) || inet_same(&rx->local, &tx->remote) :
			    inet_takes(&rx->local, &tx->remote) > 0;
}

/*
 * Receivers that were told the sender's address. A socket that is bound to no address sends
 * from any of this host's, and one that was connected again from another.
 */
static void unite_told(struct udp *udp, struct udp_flow *tx, bool exactly)
{
	struct bucket *bucket = bucket_find(udp, tx->local.netns, tx->remote.port, tx->local.port);

	for (struct udp_flow *rx = bucket && tx->local.port ? bucket->first : NULL; rx; rx = rx->next) {
		bool same = !memcmp(rx->remote.addr, tx->local.addr, sizeof(tx->local.addr));

		if (!reaches(tx, rx))
			continue;
		if (exactly ? same : inet_is_local(udp->joiner->capture, &rx->remote) || inet_is_any(&tx->local))
			unite(tx, rx);
	}
}

/*
 * Receivers that were not told: those that the kernel would choose, by the sockets that it
 * had at the end; and where that one was closed, or is for a group, whichever can be bound so.
 */
static void unite_untold(struct udp *udp, struct udp_flow *tx)
{
	struct bucket *bucket = bucket_find(udp, tx->local.netns, tx->remote.port, 0);
	struct receivers *receivers = udp->joiner->receivers;
	struct capture_object *chosen;
	bool any;

	if (!bucket)
		return;
	chosen = tx->own ? udp_receiver(receivers, tx->own, &tx->remote) : NULL;
	any = !chosen || tx->copied || !joiner_is_open(udp->joiner, &chosen->key);
	for (struct udp_flow *rx = bucket->first; rx; rx = rx->next)
		if (rx->own && reaches(tx, rx) && (any || udp_group(receivers, rx->own) == chosen))
			unite(tx, rx);
}

static void flow_join(struct udp *udp, struct udp_flow *tx)
{
	if (!tx->own || !tx->remote_known)
		return;
	tx->remote.netns = tx->local.netns;
	unite_told(udp, tx, true);
	if (!tx->joined)
		unite_told(udp, tx, false);
	unite_untold(udp, tx);
}

static bool addr_same(const struct inet_end *a, const struct inet_end *b)
{
	return !memcmp(a->addr, b->addr, sizeof(a->addr));
}

/*
 * Was this sent to a socket of another network namespace? Its ports are those that the sender
 * used, and of the two addresses one is the same at both ends and the other is not another.
 */
static bool reaches_elsewhere(const struct udp_flow *tx, const struct udp_flow *rx)
{
	bool to = addr_same(&tx->remote, &rx->local), from = addr_same(&tx->local, &rx->remote);

	if ((rx->joined && !rx->elsewhere) || rx->local.netns == tx->local.netns || !reaches(tx, rx))
		return false;
	return from || (to && inet_is_any(&tx->local));
}

/* Only where one namespace alone has such a socket: another may have the same addresses. */
static void unite_elsewhere(struct udp *udp, struct udp_flow *tx)
{
	struct bucket *bucket = bucket_find(udp, 0, tx->remote.port, tx->local.port);
	struct udp_flow *found = NULL;

	if (!bucket || !tx->local.port || inet_is_loopback(&tx->remote))
		return;
	for (struct udp_flow *rx = bucket->anywhere; rx; rx = rx->next_anywhere) {
		if (!reaches_elsewhere(tx, rx))
			continue;
		if (found && found->local.netns != rx->local.netns)
			return;
		found = rx;
	}
	for (struct udp_flow *rx = found ? bucket->anywhere : NULL; rx; rx = rx->next_anywhere) {
		if (!reaches_elsewhere(tx, rx))
			continue;
		rx->elsewhere = true;
		unite(tx, rx);
	}
}

/* A peer that is not here, or that nobody knows: a link of the socket's own. */
static struct join_link *link_to_remote(struct udp *udp, const struct udp_flow *flow, bool outside)
{
	const struct ipc_flow_key *key = &flow->flow->key;
	struct join_link *link =
		joiner_link(udp->joiner, link_key(IPC_UDP, outside ? LINK_OUTSIDE : LINK_ADDRESS,
						  outside ? key->object : key->remote,
						  outside ? key->remote : key->object));

	if (!link)
		return NULL;
	link->channel = object_key(IPC_UDP, key->object, 0);
	link->object = flow->own;
	if (outside && joiner_outside(udp->joiner, link, &flow->remote))
		return NULL;
	if (!link->name && flow->remote_known)
		link->name = name_inet(&flow->remote);
	return link;
}

/* What arrives at one socket; part tells links to the same socket apart. */
static struct join_link *link_to_socket(struct udp *udp, struct capture_object *receiver, uint64_t part)
{
	struct join_link *link =
		joiner_link(udp->joiner, link_key(IPC_UDP, LINK_OBJECT, receiver->key.object, part));

	if (link) {
		link->channel = receiver->key;
		link->object = receiver;
	}
	return link;
}

enum { PART_READ_ONLY, PART_UNREAD, PART_JOINED };

/* What a link needs to know of all its flows before it is made. */
static void flow_gather(struct udp_flow *flow)
{
	struct udp_flow *top = root(flow);

	if (!is_rx(flow)) {
		top->sent += flow->flow->bytes;
		if (flow->copied || (!top->group && flow->remote_known))
			top->group = &flow->remote;
		top->to_group |= flow->copied;
		return;
	}
	top->taken += flow->flow->bytes;
	top->several |= top->receiver && top->receiver != flow->own;
	if (!top->receiver || flow->own->key.object < top->receiver->key.object)
		top->receiver = flow->own;
}

static struct join_link *link_of_joined(struct udp *udp, struct udp_flow *flow)
{
	const struct udp_flow *top = root(flow);
	struct join_link *link = link_to_socket(udp, udp_group(udp->joiner->receivers, top->receiver),
						PART_JOINED + (uint64_t)(top - udp->flows));

	/*
	 * Each of a group gets a copy: what went in once comes out several times. So it is with a broadcast,
	 * whose address only its network knows.
	 */
	if (link && top->group && top->several && (top->to_group || top->taken > top->sent)) {
		link->link.uncertain = true;
		if (!link->name)
			link->name = name_inet(top->group);
	}
	return link;
}

static struct join_link *link_of_udp(struct udp *udp, struct udp_flow *flow)
{
	const struct joiner *joiner = udp->joiner;
	struct capture_object *receiver;
	bool outside = flow->remote_known && !flow->copied && !inet_is_local(joiner->capture, &flow->remote);

	if (flow->joined)
		return link_of_joined(udp, flow);
	if (is_rx(flow)) {
		if (outside || !flow->own)
			return link_to_remote(udp, flow, outside);
		return link_to_socket(udp, udp_group(joiner->receivers, flow->own), PART_READ_ONLY);
	}
	receiver = flow->own && flow->remote_known ?
			   udp_receiver(joiner->receivers, flow->own, &flow->remote) :
			   NULL;
	if (receiver)
		return link_to_socket(udp, receiver, PART_UNREAD);
	return link_to_remote(udp, flow, outside);
}

static int flows_take(struct udp *udp)
{
	const struct capture *capture = udp->joiner->capture;
	int error = 0;

	for (size_t i = 0; i < capture->flow_count; i++)
		udp->count += capture->flows[i].key.mechanism == IPC_UDP;
	udp->flows = calloc(udp->count + 1, sizeof(*udp->flows));
	if (!udp->flows)
		return -ENOMEM;
	udp->count = 0;
	for (size_t i = 0; i < capture->flow_count && !error; i++) {
		struct udp_flow *flow = &udp->flows[udp->count];

		if (capture->flows[i].key.mechanism != IPC_UDP)
			continue;
		udp->count++;
		flow_init(udp, flow, &capture->flows[i]);
		if (is_rx(flow) && flow->own && flow->local.port)
			error = bucket_add(udp, flow);
	}
	return error;
}

static int link_by_socket(const void *left, const void *right)
{
	const struct join_link *a = *(struct join_link *const *)left, *b = *(struct join_link *const *)right;

	return a->key.a < b->key.a ? -1 : a->key.a > b->key.a;
}

/* Several links that end at one socket: to which of them what waits there belongs is not known. */
static int queues_share(struct joiner *joiner)
{
	struct join_link **links = calloc(HASH_COUNT(joiner->links) + 1, sizeof(*links)), *link, *next;
	size_t count = 0;

	if (!links)
		return -ENOMEM;
	HASH_ITER(hh, joiner->links, link, next) {
		if (link->key.mechanism == IPC_UDP && link->key.part == LINK_OBJECT &&
		    link->link.receiver_count)
			links[count++] = link;
	}
	qsort(links, count, sizeof(struct join_link *), link_by_socket);
	for (size_t i = 1; i < count; i++)
		if (links[i]->key.a == links[i - 1]->key.a)
			links[i]->shares_queue = links[i - 1]->shares_queue = true;
	free(links);
	return 0;
}

static void udp_done(struct udp *udp)
{
	struct bucket *bucket, *next;

	HASH_ITER(hh, udp->buckets, bucket, next) {
		HASH_DEL(udp->buckets, bucket);
		free(bucket);
	}
	free(udp->flows);
}

int joiner_link_udp(struct joiner *joiner)
{
	struct udp udp = { .joiner = joiner };
	int error = flows_take(&udp);

	for (size_t i = 0; i < udp.count && !error; i++)
		if (!is_rx(&udp.flows[i]))
			flow_join(&udp, &udp.flows[i]);
	for (size_t i = 0; i < udp.count && !error; i++) {
		const struct udp_flow *flow = &udp.flows[i];

		if (!is_rx(flow) && flow->own && flow->remote_known && !flow->joined && !flow->copied)
			unite_elsewhere(&udp, &udp.flows[i]);
	}
	for (size_t i = 0; i < udp.count && !error; i++)
		if (udp.flows[i].joined)
			flow_gather(&udp.flows[i]);
	for (size_t i = 0; i < udp.count && !error; i++) {
		struct join_link *link = link_of_udp(&udp, &udp.flows[i]);

		error = link ? joiner_add_flow(joiner, link, udp.flows[i].flow) : -ENOMEM;
		if (link) {
			link->link.kind = LINK_DATAGRAM;
			link->link.divided = true;
		}
	}
	udp_done(&udp);
	return error ? error : queues_share(joiner);
}
