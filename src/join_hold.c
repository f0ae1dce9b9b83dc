// SPDX-License-Identifier: GPL-2.0-only
/* Who holds the ends of a link open. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "joiner.h"

static int descriptor_order(const void *left, const void *right)
{
	const struct capture_descriptor *a = left, *b = right;
	int order = memcmp(&a->object, &b->object, sizeof(a->object));

	return order ? order : memcmp(&a->process, &b->process, sizeof(a->process));
}

static int holder_add(struct joiner *joiner, const struct capture_descriptor *row, size_t **nodes,
		      size_t *count)
{
	size_t *grown, node;
	int error = joiner_process(joiner, row->process, &node);

	if (error)
		return error;
	if (*count && (*nodes)[*count - 1] == node)
		return 0;
	grown = reallocarray(*nodes, *count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	*nodes = grown;
	grown[(*count)++] = node;
	return 0;
}

static int node_order(const void *left, const void *right)
{
	size_t a = *(const size_t *)left, b = *(const size_t *)right;

	return a < b ? -1 : a > b;
}

/* Each once. */
static void holders_unite(size_t *nodes, size_t *count)
{
	size_t kept = 0;

	if (!*count)
		return;
	qsort(nodes, *count, sizeof(*nodes), node_order);
	for (size_t i = 1; i < *count; i++)
		if (nodes[i] != nodes[kept])
			nodes[++kept] = nodes[i];
	*count = kept + 1;
}

enum hold { HOLD_ANY, HOLD_READ, HOLD_WRITE, HOLD_MASTER, HOLD_SLAVE };

static bool holds(const struct capture_descriptor *row, enum hold how)
{
	switch (how) {
	case HOLD_READ: return row->readable;
	case HOLD_WRITE: return row->writable;
	case HOLD_MASTER: return row->side == IPC_SIDE_MASTER;
	case HOLD_SLAVE: return row->side == IPC_SIDE_SLAVE;
	default: return true;
	}
}

const struct capture_descriptor *joiner_row(const struct descriptor_list *list, const struct object_key *object)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(&list->rows[middle].object, object, sizeof(*object)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == list->count || memcmp(&list->rows[low].object, object, sizeof(*object)))
		return NULL;
	return &list->rows[low];
}

const struct capture_descriptor *joiner_row_next(const struct descriptor_list *list,
						 const struct capture_descriptor *row)
{
	const struct capture_descriptor *next = row + 1;

	if (next == list->rows + list->count || memcmp(&next->object, &row->object, sizeof(row->object)))
		return NULL;
	return next;
}

/* The processes that have an object open, added to those that are in nodes already. */
static int holders_find(struct joiner *joiner, const struct descriptor_list *list,
			const struct object_key *object, enum hold how, size_t **nodes, size_t *count)
{
	const struct capture_descriptor *row = joiner_row(list, object);

	for (; row; row = joiner_row_next(list, row)) {
		int error;

		if (row->process.tgid == joiner->capture->own_tgid || !holds(row, how))
			continue;
		error = holder_add(joiner, row, nodes, count);
		if (error)
			return error;
	}
	return 0;
}

bool joiner_is_open(const struct joiner *joiner, const struct object_key *object)
{
	return joiner_row(&joiner->capture->at_end, object);
}

/* The object at each end of a link, and what holding that end means. */
static void link_ends(const struct join_link *link, struct object_key *from, enum hold *from_hold,
		      struct object_key *to, enum hold *to_hold)
{
	const struct capture_object *sender;

	*from = *to = link->channel;
	*from_hold = *to_hold = HOLD_ANY;
	switch (link->key.mechanism) {
	case IPC_PIPE:
	case IPC_FIFO:
		*from_hold = HOLD_WRITE;
		*to_hold = HOLD_READ;
		return;
	case IPC_PTY:
		*from_hold = link->key.part == LINK_TO_SLAVE ? HOLD_MASTER : HOLD_SLAVE;
		*to_hold = link->key.part == LINK_TO_SLAVE ? HOLD_SLAVE : HOLD_MASTER;
		return;
	case IPC_UNIX_DGRAM:
	case IPC_UDP:
		/* anybody may send to it */
		memset(from, 0, sizeof(*from));
		if (link->key.part != LINK_OBJECT)
			memset(to, 0, sizeof(*to));
		return;
	}
	if (!link->object || !link->peer) {
		memset(link->key.part == LINK_FROM_UNKNOWN ? from : to, 0, sizeof(*to));
		return;
	}
	sender = link->object->key.object == link->key.a ? link->object : link->peer;
	*from = sender->key;
	*to = sender->peer->key;
}

/* Datagrams: any socket with the same ends may get what is sent to them. */
static int members_find(struct joiner *joiner, struct join_link *link)
{
	size_t count;
	struct capture_object *const *members = udp_members(joiner->receivers, link->object, &count);
	int error = 0;

	for (size_t i = 0; i < count && !error; i++)
		error = holders_find(joiner, &joiner->capture->at_end, &members[i]->key, HOLD_ANY,
				     &link->link.receive_holders, &link->link.receive_holder_count);
	return error;
}

static int connected_find(struct joiner *joiner, struct join_link *link)
{
	int error = 0;

	for (size_t i = 0; i < link->connected_count && !error; i++)
		error = holders_find(joiner, &joiner->capture->at_end, &link->connected[i]->key, HOLD_ANY,
				     &link->link.send_holders, &link->link.send_holder_count);
	return error;
}

/* A silent channel is tracked when a process of the filter holds it open. */
static void silent_track(struct joiner *joiner, struct join_link *link)
{
	for (size_t i = 0; i < link->link.send_holder_count; i++)
		link->tracked |= joiner->node_tracked[link->link.send_holders[i]];
	for (size_t i = 0; i < link->link.receive_holder_count; i++)
		link->tracked |= joiner->node_tracked[link->link.receive_holders[i]];
}

static bool others_hold(const struct joiner *joiner, const struct descriptor_list *list,
			const struct object_key *object, enum hold how, size_t node, bool *held)
{
	const struct capture_descriptor *row = joiner_row(list, object);
	struct node_index *entry;

	for (; row; row = joiner_row_next(list, row)) {
		if (row->process.tgid == joiner->capture->own_tgid || !holds(row, how))
			continue;
		HASH_FIND(hh, joiner->nodes, &row->process, sizeof(row->process), entry);
		if (!entry || entry->node != node)
			return true;
		*held = true;
	}
	return false;
}

/* Is the one sender all that had this end open, when the window opened and when it closed? */
static bool sender_is_alone(const struct joiner *joiner, size_t sender, const struct object_key *object,
			    enum hold how)
{
	const struct capture *capture = joiner->capture;
	bool held = false;

	return !others_hold(joiner, &capture->at_start, object, how, sender, &held) &&
	       !others_hold(joiner, &capture->at_end, object, how, sender, &held) &&
	       !others_hold(joiner, &capture->writing_last, object, how, sender, &held) && held;
}

/*
 * Of a terminal figures tell nothing, as the line discipline adds to them: where anybody but the
 * one sender is in the middle of a write, it is not known whose output was read.
 */
static bool output_unfinished(const struct joiner *joiner, const struct link *link, const struct object_key *object,
			      enum hold how)
{
	size_t sender = link->sender_count == 1 ? link->senders[0].node : PARTY_NONE;
	bool held = false;

	return link->kind == LINK_PTY_OUTPUT &&
	       others_hold(joiner, &joiner->capture->writing_last, object, how, sender, &held);
}

static int link_hold(struct joiner *joiner, struct join_link *link)
{
	struct capture *capture = joiner->capture;
	struct link *ends = &link->link;
	bool silent = !ends->sender_count && !ends->receiver_count;
	struct object_key from, to;
	enum hold from_hold, to_hold;
	int error;

	link_ends(link, &from, &from_hold, &to, &to_hold);
	/* Idle is what both hold at the same time; else it asks who wrote before the window. */
	error = holders_find(joiner, silent ? &capture->at_end : &capture->at_start, &from, from_hold,
			     &ends->send_holders, &ends->send_holder_count);
	if (!error)
		error = holders_find(joiner, &capture->at_end, &to, to_hold, &ends->receive_holders,
				     &ends->receive_holder_count);
	if (!error)
		error = joiner_weigh(joiner, link, &from, &to);
	ends->uncertain |= output_unfinished(joiner, ends, &from, from_hold);
	if (!error && ends->sender_count == 1)
		ends->sender_alone = sender_is_alone(joiner, ends->senders[0].node, &from, from_hold);
	if (!error && link->key.mechanism == IPC_UDP && link->key.part == LINK_OBJECT && link->object)
		error = members_find(joiner, link);
	if (!error && silent)
		error = connected_find(joiner, link);
	if (!error && silent)
		silent_track(joiner, link);
	holders_unite(ends->send_holders, &ends->send_holder_count);
	holders_unite(ends->receive_holders, &ends->receive_holder_count);
	return error;
}

static void descriptors_sort(struct descriptor_list *list)
{
	if (list->count)
		qsort(list->rows, list->count, sizeof(*list->rows), descriptor_order);
}

void joiner_sort(struct joiner *joiner)
{
	descriptors_sort(&joiner->capture->at_start);
	descriptors_sort(&joiner->capture->at_end);
	descriptors_sort(&joiner->capture->weighed_first);
	descriptors_sort(&joiner->capture->weighed_last);
	descriptors_sort(&joiner->capture->writing_first);
	descriptors_sort(&joiner->capture->writing_last);
}

int joiner_hold(struct joiner *joiner)
{
	struct join_link *link, *next;

	HASH_ITER(hh, joiner->links, link, next) {
		int error = link_hold(joiner, link);

		if (error)
			return error;
	}
	return 0;
}
