// SPDX-License-Identifier: GPL-2.0-only
#include "link.h"

#include <errno.h>
#include <stdlib.h>

static int edge_add(struct link_edges *edges, const struct link_edge *edge)
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

static uint64_t sum_bytes(const struct party *parties, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += parties[i].bytes;
	return sum;
}

static uint64_t sum_ops(const struct party *parties, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += parties[i].ops;
	return sum;
}

/* What one party did, as the sending half of an edge. */
static struct link_edge edge_sent(const struct party *party, size_t dst, enum attribution attribution)
{
	return (struct link_edge){
		.src = party->node, .dst = dst, .ops = party->ops, .bytes = party->bytes,
		.first = party->first, .last = party->last, .attribution = attribution,
	};
}

static struct link_edge edge_received(const struct party *party, size_t src, enum attribution attribution)
{
	return (struct link_edge){
		.src = src, .dst = party->node, .received_ops = party->ops,
		.received_bytes = party->bytes, .first = party->first, .last = party->last,
		.attribution = attribution,
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

		error = edge_add(edges, &edge);
	}
	for (size_t i = 0; i < link->receiver_count && !error; i++) {
		struct link_edge edge =
			edge_received(&link->receivers[i], link->outside, ATTRIBUTION_EXACT);

		error = edge_add(edges, &edge);
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

		error = edge_add(edges, &edge);
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

		error = edge_add(edges, &edge);
	}
	return error;
}

/*
 * Of the bytes read, how many were sent before the window opened. More read
 * than sent proves it; and where bytes waited at both ends of the window, what
 * waits at its end is the youngest, so the oldest were read.
 */
static uint64_t bytes_earlier(const struct link *link, uint64_t sent, uint64_t received)
{
	uint64_t surplus = received > sent ? received - sent : 0;
	uint64_t waiting = link->queued_end < sent ? link->queued_end : sent;
	uint64_t known = received + waiting > sent ? received + waiting - sent : 0;

	if (known > link->queued_start)
		known = link->queued_start;
	return known > surplus ? known : surplus;
}

static double edge_later(double a, double b)
{
	return a > b ? a : b;
}

static double edge_sooner(double a, double b)
{
	return a < b ? a : b;
}

/* Both ends known and single: all of it is one edge, but what is older than the window. */
static int join_pair(const struct link *link, struct link_edges *edges)
{
	const struct party *sender = &link->senders[0], *receiver = &link->receivers[0];
	struct link_edge edge = edge_sent(sender, receiver->node, ATTRIBUTION_EXACT);
	uint64_t earlier = bytes_earlier(link, sender->bytes, receiver->bytes);
	int error;

	edge.received_ops = receiver->ops;
	edge.received_bytes = receiver->bytes;
	edge.first = edge_sooner(sender->first, receiver->first);
	edge.last = edge_later(sender->last, receiver->last);
	/* A program's output grows on its way: \n to \r\n, and echo in between. */
	if (link->kind == LINK_PTY_OUTPUT || !earlier)
		return edge_add(edges, &edge);
	edge.received_bytes -= earlier;
	error = edge_add(edges, &edge);
	if (error)
		return error;
	edge = edge_received(receiver, other_end(link->send_holders, link->send_holder_count),
			     ATTRIBUTION_EARLIER);
	edge.received_ops = 0; /* read together with the rest, as the other edge counts */
	edge.received_bytes = earlier;
	return edge_add(edges, &edge);
}

static int party_by_last(const void *left, const void *right)
{
	const struct party *a = left, *b = right;

	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

/*
 * Several senders, one receiver: each sender's bytes went to it. How many of
 * the bytes that still wait are whose is not known for a stream; the senders
 * that finished last are the ones whose bytes are last in the queue. Receive
 * operations can't be divided: an edge has its sender's.
 */
static int join_to_one(const struct link *link, struct link_edges *edges)
{
	const struct party *receiver = &link->receivers[0];
	uint64_t sent = sum_bytes(link->senders, link->sender_count);
	uint64_t earlier = bytes_earlier(link, sent, receiver->bytes);
	uint64_t left = receiver->bytes - earlier;
	struct link_edge edge;
	int error;

	qsort(link->senders, link->sender_count, sizeof(*link->senders), party_by_last);
	for (size_t i = 0; i < link->sender_count; i++) {
		edge = edge_sent(&link->senders[i], receiver->node, ATTRIBUTION_EXACT);
		edge.received_bytes = edge.bytes < left ? edge.bytes : left;
		edge.received_ops = edge.received_bytes || !edge.bytes ? edge.ops : 0;
		if (edge.received_bytes < edge.bytes)
			edge.attribution = ATTRIBUTION_UNDELIVERED;
		left -= edge.received_bytes;
		edge.last = edge_later(edge.last, receiver->last);
		error = edge_add(edges, &edge);
		if (error)
			return error;
	}
	if (!(earlier + left))
		return 0;
	edge = edge_received(receiver, PARTY_HUB, ATTRIBUTION_EARLIER);
	if (link->kind == LINK_PTY_OUTPUT) {
		/* Written by no process: echo, and the \r that a \n gains. */
		edge.src = PARTY_KERNEL;
		edge.attribution = ATTRIBUTION_EXACT;
	} else {
		edge.src = other_end(link->send_holders, link->send_holder_count);
	}
	edge.received_ops = 0;
	edge.received_bytes = earlier + left;
	return edge_add(edges, &edge);
}

/*
 * One sender, several receivers: each receiver's bytes came from it. Send
 * operations can't be divided: an edge has its receiver's.
 */
static int join_from_one(const struct link *link, struct link_edges *edges)
{
	const struct party *sender = &link->senders[0];
	uint64_t left = sender->bytes;
	uint64_t ops = sum_ops(link->receivers, link->receiver_count);
	struct link_edge edge;
	int error;

	for (size_t i = 0; i < link->receiver_count; i++) {
		edge = edge_received(&link->receivers[i], sender->node, ATTRIBUTION_EXACT);
		edge.ops = edge.received_ops;
		edge.bytes = edge.received_bytes < left ? edge.received_bytes : left;
		left -= edge.bytes;
		edge.first = edge_sooner(edge.first, sender->first);
		error = edge_add(edges, &edge);
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
	return edge_add(edges, &edge);
}

/* Several of both, and the order of the bytes not known: a hub. */
static int join_hub(const struct link *link, struct link_edges *edges)
{
	int error = 0;

	for (size_t i = 0; i < link->sender_count && !error; i++) {
		struct link_edge edge = edge_sent(&link->senders[i], PARTY_HUB, ATTRIBUTION_HUB);

		error = edge_add(edges, &edge);
	}
	for (size_t i = 0; i < link->receiver_count && !error; i++) {
		struct link_edge edge = edge_received(&link->receivers[i], PARTY_HUB, ATTRIBUTION_HUB);

		error = edge_add(edges, &edge);
	}
	return error;
}

int link_join(const struct link *link, struct link_edges *edges)
{
	uint64_t sent = sum_bytes(link->senders, link->sender_count);
	uint64_t received = sum_bytes(link->receivers, link->receiver_count);

	if (!link->sender_count && !link->receiver_count)
		return 0;
	if (link->outside != PARTY_NONE)
		return join_outside(link, edges);
	if (!link->receiver_count)
		return join_undelivered(link, edges);
	if (!link->sender_count)
		return join_earlier(link, edges);
	if (link->sender_count == 1 && link->receiver_count == 1)
		return join_pair(link, edges);
	if (link->receiver_count == 1)
		return join_to_one(link, edges);
	/* Bytes from before the window mean another sender, and then it is several of both. */
	if (link->sender_count == 1 && (link->kind == LINK_PTY_OUTPUT || !bytes_earlier(link, sent, received)))
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
			error = edge_add(edges, &edge);
	}
	for (size_t i = 0; receivers > 1 && i < receivers && !error; i++) {
		edge.src = senders == 1 ? link->send_holders[0] : PARTY_HUB;
		edge.dst = link->receive_holders[i];
		error = edge_add(edges, &edge);
	}
	return error;
}
