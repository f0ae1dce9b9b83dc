// SPDX-License-Identifier: GPL-2.0-only
/* Links of which the kernel side knows who took whose bytes (bpf/runs.bpf.h). */
#include "link.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How many edges a party has, and how often anything was taken over them. */
struct share {
	size_t edges;
	uint64_t ops;
};

struct balance {
	const struct link *link;
	struct link_taken *taken; /* with what was taken before there was an order */
	size_t count;
	uint64_t *unsent; /* of each sender's bytes, those that nobody took */
	struct share *sent, *received; /* by sender, by receiver */
	uint64_t unknown; /* what was taken of nobody knows whom */
};

static int party_compare(const void *node, const void *party)
{
	size_t a = *(const size_t *)node, b = ((const struct party *)party)->node;

	return a < b ? -1 : a > b;
}

/* Parties are in the order of their nodes. */
static const struct party *party_of(const struct party *parties, size_t count, size_t node)
{
	return count ? bsearch(&node, parties, count, sizeof(*parties), party_compare) : NULL;
}

/* Where a sender's bytes that nobody took are counted; NULL: it sent nothing in the window. */
static uint64_t *unsent_of(const struct balance *balance, size_t node)
{
	const struct link *link = balance->link;
	const struct party *sender = party_of(link->senders, link->sender_count, node);

	return sender ? &balance->unsent[sender - link->senders] : NULL;
}

int link_taken_order(const void *left, const void *right)
{
	const struct link_taken *a = left, *b = right;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to < b->to ? -1 : a->to > b->to;
}

static struct link_taken *taken_of(struct balance *balance, size_t from, size_t to)
{
	for (size_t i = 0; i < balance->count; i++)
		if (balance->taken[i].from == from && balance->taken[i].to == to)
			return &balance->taken[i];
	balance->taken[balance->count] = (struct link_taken){ .from = from, .to = to };
	return &balance->taken[balance->count++];
}

/*
 * A read was under way when the window closed: it had taken its bytes, and not returned. Its
 * bytes are no part of the reader's figures. False: that does not explain what is too much.
 */
static bool last_read_undo(struct balance *balance, size_t to, uint64_t excess)
{
	uint64_t last = 0, bytes = 0;

	for (size_t i = 0; i < balance->count; i++)
		if (balance->taken[i].to == to && balance->taken[i].section > last)
			last = balance->taken[i].section;
	for (size_t i = 0; i < balance->count; i++)
		if (balance->taken[i].to == to && balance->taken[i].section == last)
			bytes += balance->taken[i].last_bytes;
	if (bytes != excess)
		return false;
	for (size_t i = 0; i < balance->count; i++)
		if (balance->taken[i].to == to && balance->taken[i].section == last)
			balance->taken[i].received_bytes -= balance->taken[i].last_bytes;
	return true;
}

/* What a receiver read before the order began, it read of the first writer. */
static bool receiver_settle(struct balance *balance, const struct party *receiver)
{
	struct link_taken *first;
	uint64_t known = 0, ops = 0;

	for (size_t i = 0; i < balance->count; i++) {
		if (balance->taken[i].to != receiver->node)
			continue;
		known += balance->taken[i].received_bytes;
		ops += balance->taken[i].ops;
	}
	if (known > receiver->bytes)
		return last_read_undo(balance, receiver->node, known - receiver->bytes);
	if (known == receiver->bytes)
		return true;
	first = taken_of(balance, balance->link->first_writer, receiver->node);
	first->bytes += receiver->bytes - known;
	first->received_bytes += receiver->bytes - known;
	first->ops += receiver->ops > ops ? receiver->ops - ops : 0;
	return true;
}

/* Who is no receiver yet had taken its first bytes, and not returned. */
static bool unreturned_settle(struct balance *balance)
{
	const struct link *link = balance->link;

	for (size_t i = 0; i < balance->count; i++) {
		struct link_taken *taken = &balance->taken[i];

		if (party_of(link->receivers, link->receiver_count, taken->to))
			continue;
		if (taken->received_bytes != taken->last_bytes)
			return false;
		taken->received_bytes = 0;
	}
	return true;
}

/*
 * The sent bytes of an edge are the sender's: what it wrote before the window, or by a call that
 * had not returned, is none of them. With one receiver alone what waits is its, too.
 */
static void senders_settle(struct balance *balance)
{
	const struct link *link = balance->link;

	for (size_t i = 0; i < balance->count; i++) {
		struct link_taken *taken = &balance->taken[i];
		uint64_t *left = unsent_of(balance, taken->from);

		if (taken->from == PARTY_HUB)
			balance->unknown += taken->received_bytes;
		if (!left || taken->bytes > *left)
			taken->bytes = left ? *left : 0;
		if (left)
			*left -= taken->bytes;
	}
	for (size_t i = 0; i < balance->count && link->receiver_count == 1 && !balance->unknown; i++) {
		struct link_taken *taken = &balance->taken[i];
		uint64_t *left = unsent_of(balance, taken->from);

		if (!left || taken->to != link->receivers[0].node)
			continue;
		taken->bytes += *left;
		*left = 0;
	}
}

static int balance_init(struct balance *balance, const struct link *link)
{
	size_t room = link->taken_count + link->receiver_count;

	*balance = (struct balance){ .link = link, .count = link->taken_count };
	balance->taken = calloc(room + 1, sizeof(*balance->taken));
	balance->unsent = calloc(link->sender_count + 1, sizeof(*balance->unsent));
	balance->sent = calloc(link->sender_count + 1, sizeof(*balance->sent));
	balance->received = calloc(link->receiver_count + 1, sizeof(*balance->received));
	if (!balance->taken || !balance->unsent || !balance->sent || !balance->received)
		return -ENOMEM;
	if (link->taken_count)
		memcpy(balance->taken, link->taken, link->taken_count * sizeof(*link->taken));
	for (size_t i = 0; i < link->sender_count; i++)
		balance->unsent[i] = link->senders[i].bytes;
	return 0;
}

static double time_sooner(const struct party *a, const struct party *b)
{
	double time = a ? a->first : INFINITY;

	return b && b->first < time ? b->first : time;
}

static double time_later(const struct party *a, const struct party *b)
{
	double time = a ? a->last : 0;

	return b && b->last > time ? b->last : time;
}

static void share_add(const struct party *parties, size_t count, size_t node, struct share *shares, uint64_t ops)
{
	const struct party *party = party_of(parties, count, node);

	if (!party)
		return;
	shares[party - parties].edges++;
	shares[party - parties].ops += ops;
}

static void shares_count(struct balance *balance)
{
	const struct link *link = balance->link;

	for (size_t i = 0; i < balance->count; i++) {
		const struct link_taken *taken = &balance->taken[i];

		share_add(link->senders, link->sender_count, taken->from, balance->sent, taken->ops);
		share_add(link->receivers, link->receiver_count, taken->to, balance->received, taken->ops);
	}
}

/* Its calls can't be divided between edges: of several, each has as many as there were reads of it. */
static uint64_t ops_sent(const struct balance *balance, const struct link_taken *taken, const struct party *sender)
{
	size_t i = sender - balance->link->senders;

	return balance->sent[i].edges == 1 && !balance->unsent[i] ? sender->ops : taken->ops;
}

static uint64_t ops_received(const struct balance *balance, const struct link_taken *taken,
			     const struct party *receiver)
{
	return balance->received[receiver - balance->link->receivers].edges == 1 ? receiver->ops : taken->ops;
}

static int add_taken(const struct balance *balance, const struct link_taken *taken, struct link_edges *edges)
{
	const struct link *link = balance->link;
	const struct party *sender = party_of(link->senders, link->sender_count, taken->from);
	const struct party *receiver = party_of(link->receivers, link->receiver_count, taken->to);
	struct link_edge edge = {
		.src = taken->from, .dst = taken->to, .bytes = taken->bytes,
		.received_bytes = taken->received_bytes, .from = sender, .to = receiver,
		.attribution = taken->from == PARTY_HUB ? ATTRIBUTION_HUB : ATTRIBUTION_EXACT,
	}, older;
	int error;

	if (!sender && !receiver)
		return 0; /* of calls that had not returned, both */
	edge.first = time_sooner(sender, receiver);
	edge.last = time_later(sender, receiver);
	if (sender)
		edge.ops = ops_sent(balance, taken, sender);
	if (receiver)
		edge.received_ops = ops_received(balance, taken, receiver);
	if (edge.received_bytes <= edge.bytes || !link->queued_start.bytes || taken->from == PARTY_HUB)
		return link_edge_add(edges, &edge);
	/* More than was sent in the window is older. */
	older = edge;
	older.attribution = ATTRIBUTION_EARLIER;
	older.received_bytes -= edge.bytes;
	older.bytes = older.ops = 0;
	older.from = NULL;
	edge.received_bytes = edge.bytes;
	if (!edge.bytes)
		return link_edge_add(edges, &older);
	older.received_ops = 0; /* told by the other */
	error = link_edge_add(edges, &older);
	return error ? error : link_edge_add(edges, &edge);
}

/* What nobody took waits, or is gone with the channel; where somebody took of nobody knows whom, it may be that. */
static int add_unsent(const struct balance *balance, size_t index, struct link_edges *edges)
{
	const struct link *link = balance->link;
	const struct party *sender = &link->senders[index];
	struct link_edge edge = {
		.src = sender->node, .dst = PARTY_HUB, .bytes = balance->unsent[index], .from = sender,
		.first = sender->first, .last = sender->last, .attribution = ATTRIBUTION_HUB,
	};
	const struct share *share = &balance->sent[index];

	if (!share->edges)
		edge.ops = sender->ops;
	else if (edge.bytes && link->kind == LINK_DATAGRAM && sender->ops > share->ops)
		edge.ops = sender->ops - share->ops;
	if (!edge.bytes && !edge.ops)
		return 0;
	if (!balance->unknown) {
		edge.attribution = ATTRIBUTION_UNDELIVERED;
		if (link->receiver_count == 1)
			edge.dst = link->receivers[0].node;
		else if (link->receive_holder_count == 1)
			edge.dst = link->receive_holders[0];
	}
	return link_edge_add(edges, &edge);
}

static int balance_join(struct balance *balance, struct link_edges *edges)
{
	const struct link *link = balance->link;
	int error = 0;

	for (size_t i = 0; i < link->receiver_count; i++)
		if (!receiver_settle(balance, &link->receivers[i]))
			return 1;
	if (!unreturned_settle(balance))
		return 1;
	qsort(balance->taken, balance->count, sizeof(*balance->taken), link_taken_order);
	senders_settle(balance);
	shares_count(balance);
	for (size_t i = 0; i < balance->count && !error; i++)
		error = add_taken(balance, &balance->taken[i], edges);
	for (size_t i = 0; i < link->sender_count && !error; i++)
		error = add_unsent(balance, i, edges);
	return error;
}

static int taken_by_sender(const void *left, const void *right)
{
	const struct link_taken *a = left, *b = right;

	return a->from < b->from ? -1 : a->from > b->from;
}

/* Was all that each of them sent read, whole, and nothing else? */
static bool all_was_read(const struct link *link, const struct link_taken *by_sender, size_t count)
{
	for (size_t i = 0; i < link->sender_count; i++) {
		const struct party *sender = &link->senders[i];
		const struct link_taken key = { .from = sender->node }, *row;

		row = bsearch(&key, by_sender, count, sizeof(*by_sender), taken_by_sender);
		if (!row ? sender->bytes : row->bytes != sender->bytes || row->received_bytes != sender->bytes)
			return false;
	}
	return true;
}

/* One row for each sender, in the order of their nodes. Returns how many. */
static size_t taken_of_senders(struct link_taken *rows, size_t count)
{
	size_t kept = 0;

	qsort(rows, count, sizeof(*rows), taken_by_sender);
	for (size_t i = 1; i < count; i++) {
		if (rows[i].from != rows[kept].from) {
			rows[++kept] = rows[i];
			continue;
		}
		rows[kept].bytes += rows[i].bytes;
		rows[kept].received_bytes += rows[i].received_bytes;
	}
	return count ? kept + 1 : 0;
}

static bool carried_tells(const struct link *link, const struct link_taken *by_sender, size_t count, bool of_others)
{
	bool one = count == 1 && link->sender_count == 1 && by_sender[0].from == link->senders[0].node;

	/* PARTY_HUB is above all nodes. */
	if (by_sender[count - 1].from == PARTY_HUB)
		return link->receiver_count > 1 && (link->sender_count > 1 || of_others);
	if (link->receiver_count > 1)
		return !one || of_others;
	return !one && (of_others || count > link->sender_count || !all_was_read(link, by_sender, count));
}

int link_carried_tells(const struct link *link, bool of_others)
{
	struct link_taken *rows;
	bool tells;

	if (!link->sender_count || !link->receiver_count || !link->taken_count)
		return 0;
	rows = calloc(link->taken_count, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	memcpy(rows, link->taken, link->taken_count * sizeof(*rows));
	tells = carried_tells(link, rows, taken_of_senders(rows, link->taken_count), of_others);
	free(rows);
	return tells;
}

int link_join_taken(const struct link *link, struct link_edges *edges)
{
	struct balance balance;
	int error = balance_init(&balance, link);

	if (!error)
		error = balance_join(&balance, edges);
	free(balance.taken);
	free(balance.unsent);
	free(balance.sent);
	free(balance.received);
	return error;
}
