// SPDX-License-Identifier: GPL-2.0-only
/* What the figures of a link tell of its bytes, before it is asked whose they are. */
#include "link.h"

uint64_t party_bytes(const struct party *parties, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += parties[i].bytes;
	return sum;
}

uint64_t party_ops(const struct party *parties, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += parties[i].ops;
	return sum;
}

/*
 * How many of the units read were sent before the window opened. More read
 * than sent proves it; and where units waited at both ends of the window, what
 * waits at its end is the youngest, so the oldest were read. Where the channel
 * is gone, what waited in it at its end is, too: then the oldest were read first.
 */
static uint64_t units_earlier(const struct link *link, uint64_t sent, uint64_t received,
			      uint64_t queued_start, uint64_t queued_end)
{
	uint64_t surplus = received > sent ? received - sent : 0;
	uint64_t waiting = queued_end < sent ? queued_end : sent;
	uint64_t known = received + waiting > sent ? received + waiting - sent : 0;

	if (link->closed)
		known = received;
	if (known > queued_start)
		known = queued_start;
	if (surplus > known)
		known = surplus;
	return link->start_exact && known > queued_start ? queued_start : known;
}

struct link_queue link_earlier(const struct link *link)
{
	uint64_t sent_ops = party_ops(link->senders, link->sender_count);
	uint64_t sent = party_bytes(link->senders, link->sender_count);
	uint64_t received = party_bytes(link->receivers, link->receiver_count);
	uint64_t received_ops = party_ops(link->receivers, link->receiver_count);
	struct link_queue earlier = { 0 };

	if (link->kind == LINK_PTY_OUTPUT)
		return earlier; /* grows on its way: \n to \r\n, and echo in between */
	if (link->kind != LINK_DATAGRAM) {
		earlier.bytes = units_earlier(link, sent, received, link->queued_start.bytes,
					      link->queued_end.bytes);
		if (earlier.bytes == received)
			earlier.ops = received_ops;
		return earlier;
	}
	earlier.ops = units_earlier(link, sent_ops, received_ops, link->queued_start.ops, link->queued_end.ops);
	/* UDP_SEGMENT: that more were read than sent proves nothing, unless in bytes, too. */
	if (link->divided && received <= sent && earlier.ops > link->queued_start.ops)
		earlier.ops = link->queued_start.ops;
	earlier.bytes = received > sent ? received - sent : 0;
	if (link->start_exact && earlier.bytes > link->queued_start.bytes)
		earlier.bytes = link->queued_start.bytes;
	if (earlier.ops == received_ops)
		earlier.bytes = received;
	else if (earlier.ops && earlier.ops == link->queued_start.ops && link->queued_start.bytes <= received &&
		 link->queued_start.bytes > earlier.bytes)
		earlier.bytes = link->queued_start.bytes;
	return earlier;
}

bool link_balances(const struct link *link)
{
	/* What the channel was closed with is nowhere to be seen. */
	if (link->closed && link->kind != LINK_DATAGRAM)
		return party_bytes(link->senders, link->sender_count) ==
		       party_bytes(link->receivers, link->receiver_count);
	/* In motion as the window opened: nobody knows what was there (join_queues.c). */
	if (link->queued_start.bytes == UINT64_MAX)
		return false;
	if (link->kind == LINK_DATAGRAM)
		return party_ops(link->senders, link->sender_count) + link->queued_start.ops ==
		       party_ops(link->receivers, link->receiver_count) + link->queued_end.ops;
	return party_bytes(link->senders, link->sender_count) + link->queued_start.bytes ==
	       party_bytes(link->receivers, link->receiver_count) + link->queued_end.bytes;
}
