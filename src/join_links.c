// SPDX-License-Identifier: GPL-2.0-only
/* Which link a flow belongs to: where "the other end" is decided. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"
#include "joiner.h"
#include "text.h"

struct link_key link_key(uint8_t mechanism, uint8_t part, uint64_t a, uint64_t b)
{
	return (struct link_key){ .a = a, .b = b, .mechanism = mechanism, .part = part };
}

struct join_link *joiner_link(struct joiner *joiner, struct link_key key)
{
	struct join_link *link;

	HASH_FIND(hh, joiner->links, &key, sizeof(key), link);
	if (link)
		return link;
	link = calloc(1, sizeof(*link));
	if (!link)
		return NULL;
	link->key = key;
	link->channel_index = MAP_NO_CHANNEL;
	link->hub = PARTY_NONE;
	link->link.outside = PARTY_NONE;
	link->link.first_writer = PARTY_HUB;
	HASH_ADD(hh, joiner->links, key, sizeof(link->key), link);
	return link;
}

static bool is_stream_socket(uint8_t mechanism)
{
	return mechanism == IPC_UNIX_STREAM || mechanism == IPC_UNIX_SEQPACKET || mechanism == IPC_TCP;
}

/* The channel of a stream is its two sockets, whichever sends. */
static void link_set_stream(struct join_link *link, struct capture_object *from, struct capture_object *to)
{
	bool swap = to && to->key.object < from->key.object;

	link->object = swap ? to : from;
	link->peer = swap ? from : to;
	link->channel = link->object->key;
}

int joiner_outside(struct joiner *joiner, struct join_link *link, const struct inet_end *end)
{
	int error;

	if (link->link.outside != PARTY_NONE)
		return 0;
	error = joiner_external(joiner, end, &link->link.outside);
	if (!error && !link->name)
		link->name = name_inet(end);
	return error;
}

static struct join_link *link_of_stream(struct joiner *joiner, const struct ipc_flow_key *flow)
{
	struct object_key key = object_key(flow->mechanism, flow->object, 0);
	struct capture_object *own = capture_find_object(joiner->capture, key);
	struct capture_object *from = flow->direction == IPC_TX ? own : own ? own->peer : NULL;
	struct join_link *link;
	struct inet_end remote;

	if (!own || (flow->direction == IPC_RX && !own->peer)) {
		link = joiner_link(joiner, link_key(flow->mechanism,
						    flow->direction == IPC_TX ? LINK_OBJECT : LINK_FROM_UNKNOWN,
						    flow->object, 0));
		if (!link)
			return NULL;
		link->channel = key;
		link->object = own;
	} else {
		link = joiner_link(joiner, link_key(flow->mechanism, LINK_OBJECT, from->key.object, 0));
		if (!link)
			return NULL;
		link_set_stream(link, from, from->peer);
	}
	if (own && !own->peer && flow->mechanism == IPC_TCP) {
		remote = inet_remote(&own->info);
		if (!inet_is_local(joiner->capture, &remote) && joiner_outside(joiner, link, &remote))
			return NULL;
	}
	return link;
}

static struct join_link *link_to_socket(struct joiner *joiner, const struct capture_object *receiver)
{
	struct join_link *link =
		joiner_link(joiner, link_key(receiver->key.mechanism, LINK_OBJECT, receiver->key.object, 0));

	if (link) {
		link->channel = receiver->key;
		link->object = (struct capture_object *)receiver;
	}
	return link;
}

/* Nobody here, or more than one, has the name that a datagram was sent to. */
static struct join_link *link_to_name(struct joiner *joiner, const struct ipc_flow_key *flow,
				      const struct capture_remote *remote)
{
	struct join_link *link =
		joiner_link(joiner, link_key(flow->mechanism, LINK_ADDRESS, flow->remote, flow->object));

	if (!link)
		return NULL;
	link->channel = object_key(flow->mechanism, flow->object, 0);
	link->object = capture_find_object(joiner->capture, link->channel);
	if (!link->name && remote)
		link->name = text_clean_unix(remote->info.name, remote->info.name_len);
	return link;
}

/* A datagram link is its receiver: all that was sent to it, all that was read from it. */
static struct join_link *link_of_unix_datagram(struct joiner *joiner, const struct ipc_flow_key *flow)
{
	uint64_t receiver = flow->direction == IPC_RX ? flow->object : flow->remote;
	struct capture_remote *remote;
	struct capture_object *object;
	struct join_link *link;

	if (flow->direction == IPC_TX && flow->remote & IPC_REMOTE_ADDRESS) {
		remote = capture_find_remote(joiner->capture, flow->object, flow->remote);
		object = remote ? unix_receiver(joiner->receivers, &remote->info) : NULL;
		if (object)
			return link_to_socket(joiner, object);
		return link_to_name(joiner, flow, remote);
	}
	if (!receiver)
		link = joiner_link(joiner, link_key(flow->mechanism, LINK_ADDRESS, 0, flow->object));
	else
		link = joiner_link(joiner, link_key(flow->mechanism, LINK_OBJECT, receiver, 0));
	if (link) {
		link->channel = object_key(flow->mechanism, receiver ? receiver : flow->object, 0);
		link->object = capture_find_object(joiner->capture, link->channel);
		/* Seen from its senders only: the connected one knows what it is called. */
		object = capture_find_object(joiner->capture, object_key(flow->mechanism, flow->object, 0));
		if (!link->object && !link->name && object && object->info.name_is_peers)
			link->name = name_channel(joiner->listeners, object);
	}
	return link;
}

static struct join_link *link_of_plain(struct joiner *joiner, const struct ipc_flow_key *flow)
{
	uint8_t part = LINK_OBJECT;
	struct join_link *link;

	/* What the master's side sends, the slave's side receives. */
	if (flow->mechanism == IPC_PTY)
		part = (flow->side == IPC_SIDE_MASTER) == (flow->direction == IPC_TX) ? LINK_TO_SLAVE :
											LINK_TO_MASTER;
	link = joiner_link(joiner, link_key(flow->mechanism, part, flow->object, flow->remote));
	if (!link)
		return NULL;
	link->channel = object_key(flow->mechanism, flow->object, flow->remote);
	link->object = capture_find_object(joiner->capture, link->channel);
	return link;
}

struct join_link *joiner_link_of(struct joiner *joiner, const struct ipc_flow_key *flow)
{
	struct join_link *link;

	if (is_stream_socket(flow->mechanism))
		link = link_of_stream(joiner, flow);
	else if (flow->mechanism == IPC_UNIX_DGRAM)
		link = link_of_unix_datagram(joiner, flow);
	else
		link = link_of_plain(joiner, flow);
	if (!link)
		return NULL;
	if (flow->mechanism == IPC_PTY)
		link->link.kind = link->key.part == LINK_TO_SLAVE ? LINK_PTY_INPUT : LINK_PTY_OUTPUT;
	else if (flow->mechanism == IPC_UNIX_DGRAM || flow->mechanism == IPC_UNIX_SEQPACKET ||
		 flow->mechanism == IPC_MSG_RING)
		link->link.kind = LINK_DATAGRAM;
	return link;
}

static int party_add(struct party **parties, size_t *count, size_t *capacity, const struct party *party)
{
	if (*count == *capacity) {
		size_t wanted = *capacity ? 2 * *capacity : 1;
		struct party *grown = reallocarray(*parties, wanted, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		*parties = grown;
		*capacity = wanted;
	}
	(*parties)[(*count)++] = *party;
	return 0;
}

static int party_by_node(const void *left, const void *right)
{
	const struct party *a = left, *b = right;

	return a->node < b->node ? -1 : a->node > b->node;
}

/* One party for all that a process did in one direction of a link. */
static int parties_merge(struct party *parties, size_t *count)
{
	size_t kept = 0;
	int error = 0;

	if (*count < 2)
		return 0;
	qsort(parties, *count, sizeof(*parties), party_by_node);
	for (size_t i = 1; i < *count; i++) {
		struct party *to = &parties[kept], *from = &parties[i];

		if (to->node != from->node) {
			struct party moved = *from;

			memset(from, 0, sizeof(*from)); /* its series goes along */
			parties[++kept] = moved;
			continue;
		}
		to->ops += from->ops;
		to->bytes += from->bytes;
		to->first = from->first < to->first ? from->first : to->first;
		to->last = from->last > to->last ? from->last : to->last;
		error = error ? error : series_merge(&to->series, &from->series);
		series_done(&from->series);
	}
	*count = kept + 1;
	return error;
}

static double seconds(const struct capture *capture, uint64_t time)
{
	return time > capture->started ? (time - capture->started) / 1e9 : 0;
}

int joiner_add_flow(struct joiner *joiner, struct join_link *link, const struct capture_flow *flow)
{
	struct process_key key = { .start = flow->key.start, .tgid = flow->key.tgid };
	struct party party = {
		.ops = flow->ops, .bytes = flow->bytes,
		.first = seconds(joiner->capture, flow->first), .last = seconds(joiner->capture, flow->last),
	};
	const struct series *series = history_of(joiner->capture, &flow->key);
	int error;

	if (flow_is_carried(&flow->key) && flow->key.side == IPC_SIDE_CUT)
		return 0; /* nobody received it */
	error = joiner_process(joiner, key, &party.node);
	if (!error && series)
		error = series_copy(&party.series, series);
	if (error)
		return error;
	if (flow_is_part(&flow->key)) {
		party.ops = 0;
		for (size_t i = 0; i < party.series.count; i++)
			party.series.steps[i].ops = 0;
	}
	link->tracked |= joiner->node_tracked[party.node];
	if (flow->key.direction == IPC_TX)
		error = party_add(&link->link.senders, &link->link.sender_count, &link->sender_capacity, &party);
	else
		error = party_add(&link->link.receivers, &link->link.receiver_count, &link->receiver_capacity,
				  &party);
	if (error)
		series_done(&party.series);
	return error;
}

int joiner_add_unfinished(struct joiner *joiner, struct join_link *link, size_t node, uint64_t bytes)
{
	double end = seconds(joiner->capture, joiner->capture->ended);
	struct party party = { .node = node, .ops = 1, .bytes = bytes, .first = end, .last = end };
	size_t frames = joiner->map->frame_count;
	int error = frames ? series_add(&party.series, frames - 1, party.ops, bytes) : 0;

	if (!error)
		error = party_add(&link->link.senders, &link->link.sender_count, &link->sender_capacity, &party);
	if (error) {
		series_done(&party.series);
		return error;
	}
	joiner->map->completeness.events++;
	link->tracked |= joiner->node_tracked[node];
	return parties_merge(link->link.senders, &link->link.sender_count);
}

int joiner_link_flows(struct joiner *joiner)
{
	const struct capture *capture = joiner->capture;
	struct join_link *link, *next;
	int error;

	for (size_t i = 0; i < capture->flow_count; i++) {
		const struct capture_flow *flow = &capture->flows[i];

		if (flow->key.mechanism == IPC_SIGNAL || flow->key.mechanism == IPC_UDP)
			continue;
		link = joiner_link_of(joiner, &flow->key);
		error = link ? joiner_add_flow(joiner, link, flow) : -ENOMEM;
		if (error)
			return error;
	}
	error = joiner_link_udp(joiner);
	if (error)
		return error;
	HASH_ITER(hh, joiner->links, link, next) {
		error = parties_merge(link->link.senders, &link->link.sender_count);
		if (!error)
			error = parties_merge(link->link.receivers, &link->link.receiver_count);
		if (error)
			return error;
	}
	return 0;
}

/*
 * A datagram socket that is connected holds a channel to its receiver open. Of two that are
 * connected to each other one is enough: idle has no direction.
 */
static int datagram_link_idle(struct joiner *joiner, struct capture_object *object)
{
	struct ipc_flow_key flow = {
		.object = object->key.object, .remote = object->info.peer_ino,
		.mechanism = object->key.mechanism, .direction = IPC_TX,
	};
	struct capture_object *peer, **grown;
	struct join_link *link, *back;
	struct link_key key = link_key(flow.mechanism, LINK_OBJECT, flow.object, 0);

	if (!flow.remote)
		return 0;
	peer = capture_find_object(joiner->capture, object_key(flow.mechanism, flow.remote, 0));
	if (peer && peer->info.peer_ino == flow.object) {
		HASH_FIND(hh, joiner->links, &key, sizeof(key), back);
		if (flow.remote < flow.object ||
		    (back && (back->link.sender_count || back->link.receiver_count)))
			return 0;
	}
	link = joiner_link_of(joiner, &flow);
	if (!link)
		return -ENOMEM;
	grown = reallocarray(link->connected, link->connected_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	link->connected = grown;
	grown[link->connected_count++] = object;
	return 0;
}

/* An empty link for an object that is open, unless traffic made one. */
static int object_link_idle(struct joiner *joiner, struct capture_object *object)
{
	struct ipc_flow_key flow = {
		.object = object->key.object, .remote = object->key.remote,
		.mechanism = object->key.mechanism, .direction = IPC_TX, .side = IPC_SIDE_MASTER,
	};
	struct capture_object *peer = object->peer;

	if (is_stream_socket(object->key.mechanism)) {
		/* one of the two is enough: idle has no direction */
		if (!peer || peer->key.object < object->key.object)
			return 0;
	} else if (object->key.mechanism == IPC_UNIX_DGRAM) {
		return datagram_link_idle(joiner, object);
	} else if (object->key.mechanism == IPC_UDP) {
		return 0; /* connected or not, nothing holds a channel open */
	}
	return joiner_link_of(joiner, &flow) ? 0 : -ENOMEM;
}

int joiner_link_idle(struct joiner *joiner)
{
	struct capture_object *object, *next;
	int error = 0;

	HASH_ITER(hh, joiner->capture->objects, object, next) {
		error = object_link_idle(joiner, object);
		if (error)
			return error;
	}
	return 0;
}
