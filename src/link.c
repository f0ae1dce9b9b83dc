// SPDX-License-Identifier: GPL-2.0-only
#include "link.h"

#include <errno.h>
#include <stdlib.h>

int link_edge_add(struct link_edges *edges, const struct link_edge *edge)
{
	if (edges->count == edges->capacity) {
		size_t capacity = edges->capacity ? 2 * edges->capacity : 16;
		struct link_edge *grown = reallocarray(edges->edges, capacity, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		edges->edges = grown;
		edges->capacity = capacity;
	}
	edges->edges[edges->count++] = *edge;
	return 0;
}

/* What one party did, as the sending half of an edge. */
static struct link_edge edge_sent(const struct party *party, size_t dst, enum attribution attribution)
{
	return (struct link_edge){
		.src = party->node, .dst = dst, .ops = party->ops, .bytes = party->bytes,
		.first = party->first, .last = party->last, .attribution = attribution, .from = party,
	};
}

static struct link_edge edge_received(const struct party *party, size_t src, enum attribution attribution)
{
	return (struct link_edge){
		.src = src, .dst = party->node, .received_ops = party->ops,
		.received_bytes = party->bytes, .first = party->first, .last = party->last,
		.attribution = attribution, .to = party,
	};
}

/* The one node of a list of holders, or the hub. */
static size_t other_end(const size_t *holders, size_t count)
{
	return count == 1 ? holders[0] : PARTY_HUB;
}

/* The other end is outside this host: all that goes there is read there, as far as we know. */
static int join_outside(const struct link *link, struct link_edges *edges)
{
	int error = 0;

	for (size_t i = 0; i < link->sender_count && !error; i++) {
		struct link_edge edge = edge_sent(&link->senders[i], link->outside, ATTRIBUTION_EXACT);

		error = link_edge_add(edges, &edge);
	}
	for (size_t i = 0; i < link->receiver_count && !error; i++) {
		struct link_edge edge =
			edge_received(&link->receivers[i], link->outside, ATTRIBUTION_EXACT);

		error = link_edge_add(edges, &edge);
	}
	return error;
}

/* Sent, and read by nobody in the window. */
static int join_undelivered(const struct link *link, struct link_edges *edges)
{
	size_t dst = other_end(link->receive_holders, link->receive_holder_count);
	int error = 0;

	for (size_t i = 0; i < link->sender_count && !error; i++) {
		struct link_edge edge = edge_sent(&link->senders[i], dst, ATTRIBUTION_UNDELIVERED);

		error = link_edge_add(edges, &edge);
	}
	return error;
}

/* Bytes whose writer was not seen; of a stream the edge of the sender tells the operations, which can't be divided. */
static int add_of_nobody(const struct link *link, struct link_queue nobody, struct link_edges *edges)
{
	struct link_edge edge = edge_received(&link->receivers[0], PARTY_HUB, ATTRIBUTION_HUB);

	if (!nobody.bytes)
		return 0;
	edge.received_ops = nobody.ops;
	edge.received_bytes = nobody.bytes;
	return link_edge_add(edges, &edge);
}

/* Read, and sent by nobody in the window: what waited before is the holder's, the rest nobody's. */
static int join_unsent(const struct link *link, struct link_edges *edges)
{
	uint64_t older = link->queued_start.bytes, received = party_bytes(link->receivers, link->receiver_count);
	size_t src = other_end(link->send_holders, link->send_holder_count);
	struct link_edge edge;
	int error = 0;

	for (size_t i = 0; i < link->receiver_count && !error; i++) {
		edge = edge_received(&link->receivers[i], PARTY_HUB, ATTRIBUTION_HUB);
		if (link->receiver_count > 1 || !older) {
			error = link_edge_add(edges, &edge);
			continue;
		}
		edge.src = src;
		edge.attribution = ATTRIBUTION_EARLIER;
		edge.received_bytes = older;
		error = link_edge_add(edges, &edge);
		if (!error)
			error = add_of_nobody(link, (struct link_queue){ .bytes = received - older }, edges);
	}
	return error;
}

/* Read, and sent by nobody in the window. */
static int join_earlier(const struct link *link, struct link_edges *edges)
{
	size_t src = other_end(link->send_holders, link->send_holder_count);
	enum attribution attribution = ATTRIBUTION_EARLIER;
	int error = 0;

	/* No program wrote, yet the terminal reads: echo, the line discipline's own. */
	if (link->kind == LINK_PTY_OUTPUT && link->echoes) {
		src = PARTY_KERNEL;
		attribution = ATTRIBUTION_EXACT;
	}
	for (size_t i = 0; i < link->receiver_count && !error; i++) {
		struct link_edge edge = edge_received(&link->receivers[i], src, attribution);

		error = link_edge_add(edges, &edge);
	}
	return error;
}

static double edge_later(double a, double b)
{
	return a > b ? a : b;
}

static double edge_sooner(double a, double b)
{
	return a < b ? a : b;
}

/* What the receiver read of what is older than the window. */
static int add_earlier(const struct link *link, struct link_queue earlier, struct link_edges *edges)
{
	struct link_edge edge = edge_received(&link->receivers[0],
					      other_end(link->send_holders, link->send_holder_count),
					      ATTRIBUTION_EARLIER);

	if (!earlier.bytes && !earlier.ops)
		return 0;
	/* Of a stream, read together with the rest, as the other edge counts. */
	edge.received_ops = earlier.ops;
	edge.received_bytes = earlier.bytes;
	return link_edge_add(edges, &edge);
}

/*
 * Read, and neither older than the window nor sent in it by anybody that was seen: by a way
 * that is not seen, or a call that had not returned. Bytes of a stream are the sender's when
 * nobody else is known to have been able to write.
 */
static struct link_queue read_of_nobody(const struct link *link, struct link_queue earlier)
{
	const struct party *sender = &link->senders[0], *receiver = &link->receivers[0];
	uint64_t read = receiver->bytes - earlier.bytes, ops = receiver->ops - earlier.ops;
	struct link_queue nobody = { 0 };

	if (!link->start_exact || (link->kind == LINK_STREAM && link->sender_alone) || read <= sender->bytes)
		return nobody;
	nobody.bytes = read - sender->bytes;
	/* Each is a datagram: of the sender's no more were read than it sent (but by UDP_SEGMENT). */
	if (link->kind == LINK_DATAGRAM && ops > sender->ops)
		nobody.ops = ops - sender->ops;
	return nobody;
}

/* Both ends known and single: all of it is one edge, but what is older than the window. */
static int join_pair(const struct link *link, struct link_edges *edges)
{
	const struct party *sender = &link->senders[0], *receiver = &link->receivers[0];
	struct link_edge edge = edge_sent(sender, receiver->node, ATTRIBUTION_EXACT);
	struct link_queue earlier = link_earlier(link);
	struct link_queue of_nobody = read_of_nobody(link, earlier);
	int error;

	edge.to = receiver;
	edge.received_ops = receiver->ops - earlier.ops - of_nobody.ops;
	edge.received_bytes = receiver->bytes - earlier.bytes - of_nobody.bytes;
	if (earlier.ops && !edge.received_ops) {
		edge.attribution = ATTRIBUTION_UNDELIVERED;
	} else {
		edge.first = edge_sooner(sender->first, receiver->first);
		edge.last = edge_later(sender->last, receiver->last);
	}
	error = link_edge_add(edges, &edge);
	if (!error)
		error = add_earlier(link, earlier, edges);
	return error ? error : add_of_nobody(link, of_nobody, edges);
}

/*
 * Several senders, one receiver, and `missing` bytes of what they sent were not
 * read (still waiting, or cut off datagrams): of a sender, at least what it sent
 * beyond that was. The rest of its bytes goes by way of the hub, out of which
 * comes what the receiver read of them.
 */
struct doubt {
	uint64_t missing;
	uint64_t certain; /* of what was read, how much is somebody's for certain */
	size_t givers;	  /* senders of anything but empty messages */
};

static uint64_t bytes_certain(const struct party *sender, const struct doubt *doubt)
{
	return sender->bytes > doubt->missing ? sender->bytes - doubt->missing : 0;
}

static struct doubt doubt_weigh(const struct link *link, uint64_t read)
{
	uint64_t sent = party_bytes(link->senders, link->sender_count);
	struct doubt doubt = { .missing = sent > read ? sent - read : 0 };

	for (size_t i = 0; i < link->sender_count; i++) {
		doubt.certain += bytes_certain(&link->senders[i], &doubt);
		doubt.givers += !!link->senders[i].bytes;
	}
	return doubt;
}

static int add_sender(const struct link *link, const struct party *sender, const struct doubt *doubt,
		      bool known, struct link_edges *edges)
{
	const struct party *receiver = &link->receivers[0];
	struct link_edge edge = edge_sent(sender, receiver->node, ATTRIBUTION_EXACT);
	uint64_t certain = bytes_certain(sender, doubt);
	int error;

	edge.last = edge_later(edge.last, receiver->last);
	/* Receive operations can't be divided: an edge has its sender's. */
	edge.received_ops = sender->ops;
	edge.received_bytes = certain;
	if (!known)
		edge.bytes = certain;
	if (certain || !sender->bytes) {
		error = link_edge_add(edges, &edge);
		if (error || certain == sender->bytes || known)
			return error;
	} else if (known) {
		edge = edge_sent(sender, receiver->node, ATTRIBUTION_UNDELIVERED);
		return link_edge_add(edges, &edge);
	}
	edge = edge_sent(sender, PARTY_HUB, ATTRIBUTION_HUB);
	edge.bytes -= certain;
	if (certain)
		edge.ops = 0; /* told above: can't be divided */
	return link_edge_add(edges, &edge);
}

static int join_to_one(const struct link *link, struct link_edges *edges)
{
	const struct party *receiver = &link->receivers[0];
	struct link_queue earlier = link_earlier(link);
	uint64_t read = receiver->bytes - earlier.bytes;
	struct doubt doubt = doubt_weigh(link, read);
	/* All that was not read is then known to be whose it is. */
	bool known = doubt.givers < 2 || read <= doubt.certain;
	struct link_edge edge;
	int error = 0;

	for (size_t i = 0; i < link->sender_count && !error; i++)
		error = add_sender(link, &link->senders[i], &doubt, known, edges);
	if (!error)
		error = add_earlier(link, earlier, edges);
	if (error || read <= doubt.certain)
		return error;
	/* Of a terminal: written by no process but the line discipline, echo, and the \r that a \n gains. */
	edge = edge_received(receiver, PARTY_HUB, ATTRIBUTION_HUB);
	if (link->kind == LINK_PTY_OUTPUT && !doubt.missing) {
		edge.src = PARTY_KERNEL;
		edge.attribution = ATTRIBUTION_EXACT;
	}
	if (doubt.certain || doubt.givers < link->sender_count)
		edge.received_ops = 0; /* told by the edges of its senders */
	else
		edge.received_ops -= earlier.ops;
	edge.received_bytes = read - doubt.certain;
	return link_edge_add(edges, &edge);
}

/*
 * One sender, several receivers: each receiver's bytes came from it. Send
 * operations can't be divided: an edge has its receiver's.
 */
static int join_from_one(const struct link *link, struct link_edges *edges)
{
	const struct party *sender = &link->senders[0];
	uint64_t left = sender->bytes;
	uint64_t ops = party_ops(link->receivers, link->receiver_count);
	struct link_edge edge;
	int error;

	for (size_t i = 0; i < link->receiver_count; i++) {
		edge = edge_received(&link->receivers[i], sender->node, ATTRIBUTION_EXACT);
		edge.ops = edge.received_ops;
		edge.bytes = edge.received_bytes < left ? edge.received_bytes : left;
		left -= edge.bytes;
		edge.first = edge_sooner(edge.first, sender->first);
		error = link_edge_add(edges, &edge);
		if (error)
			return error;
	}
	if (!left)
		return 0;
	edge = edge_sent(sender, PARTY_KERNEL, ATTRIBUTION_EXACT);
	/* What the line discipline kept to itself, as ^C or an erased word. */
	if (link->kind != LINK_PTY_INPUT) {
		edge.dst = other_end(link->receive_holders, link->receive_holder_count);
		edge.attribution = ATTRIBUTION_UNDELIVERED;
	}
	edge.bytes = left;
	edge.ops = link->kind == LINK_DATAGRAM && sender->ops > ops ? sender->ops - ops : 0;
	return link_edge_add(edges, &edge);
}

/* Was more read than the one sender wrote, so that somebody else may have? */
static bool others_wrote(const struct link *link)
{
	return link->start_exact && !(link->kind == LINK_STREAM && link->sender_alone) &&
	       party_bytes(link->receivers, link->receiver_count) > link->senders[0].bytes;
}

/* Several of both, and the order of the bytes not known: a hub. */
static int join_hub(const struct link *link, struct link_edges *edges)
{
	int error = 0;

	for (size_t i = 0; i < link->sender_count && !error; i++) {
		struct link_edge edge = edge_sent(&link->senders[i], PARTY_HUB, ATTRIBUTION_HUB);

		error = link_edge_add(edges, &edge);
	}
	for (size_t i = 0; i < link->receiver_count && !error; i++) {
		struct link_edge edge = edge_received(&link->receivers[i], PARTY_HUB, ATTRIBUTION_HUB);

		error = link_edge_add(edges, &edge);
	}
	return error;
}

/*
 * Is who took whose bytes told? Of what waited before the window the order knows no writer; between
 * two parties alone the figures do.
 */
static bool order_tells(const struct link *link)
{
	bool known = link->first_writer != PARTY_HUB;

	for (size_t i = 0; i < link->taken_count && known; i++)
		known = link->taken[i].from != PARTY_HUB;
	return known || link->sender_count > 1 || link->receiver_count > 1;
}

/* 1, and no edge: the figures of senders and receivers are all that is known, or enough. */
static int link_join_ordered(const struct link *link, struct link_edges *edges)
{
	struct link_queue earlier;
	int tells;

	if (!link->ordered || (link->lossy && !link_balances(link)))
		return 1;
	if (!link->carried) {
		tells = order_tells(link);
	} else {
		earlier = link_earlier(link);
		tells = link_carried_tells(link, earlier.bytes || earlier.ops);
	}
	if (tells <= 0)
		return tells ? tells : 1;
	return link_join_taken(link, edges);
}

int link_join(const struct link *link, struct link_edges *edges)
{
	struct link_queue earlier = { 0 };
	int joined;

	if (!link->sender_count && !link->receiver_count)
		return 0;
	if (link->outside != PARTY_NONE)
		return join_outside(link, edges);
	joined = link_join_ordered(link, edges);
	if (joined <= 0)
		return joined;
	if (link->lossy && !link_balances(link))
		return join_hub(link, edges);
	if (!link->receiver_count)
		return join_undelivered(link, edges);
	if (!link->sender_count && link->start_exact && link->kind == LINK_STREAM &&
	    party_bytes(link->receivers, link->receiver_count) > link->queued_start.bytes)
		return join_unsent(link, edges);
	/* A program in the middle of a write is not counted as a sender: what a terminal read may be its. */
	if (link->uncertain && link->kind == LINK_PTY_OUTPUT)
		return join_hub(link, edges);
	if (!link->sender_count)
		return join_earlier(link, edges);
	if (link->uncertain)
		return join_hub(link, edges);
	if (link->sender_count == 1 && link->receiver_count == 1)
		return join_pair(link, edges);
	if (link->receiver_count == 1)
		return join_to_one(link, edges);
	/* Bytes from before the window mean another sender, and then it is several of both. */
	earlier = link_earlier(link);
	if (link->sender_count == 1 && !earlier.bytes && !earlier.ops && !others_wrote(link))
		return join_from_one(link, edges);
	return join_hub(link, edges);
}

int link_join_idle(const struct link *link, struct link_edges *edges)
{
	struct link_edge edge = { .attribution = ATTRIBUTION_IDLE };
	size_t senders = link->send_holder_count, receivers = link->receive_holder_count;
	int error = 0;

	if (!senders || !receivers)
		return 0;
	/* Several of both: through the hub, or the picture would claim pairs that need not be. */
	for (size_t i = 0; i < senders && !error; i++) {
		edge.src = link->send_holders[i];
		edge.dst = receivers == 1 ? link->receive_holders[0] : PARTY_HUB;
		if (receivers == 1 || senders > 1)
			error = link_edge_add(edges, &edge);
	}
	for (size_t i = 0; receivers > 1 && i < receivers && !error; i++) {
		edge.src = senders == 1 ? link->send_holders[0] : PARTY_HUB;
		edge.dst = link->receive_holders[i];
		error = link_edge_add(edges, &edge);
	}
	return error;
}
