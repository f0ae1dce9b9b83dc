// SPDX-License-Identifier: GPL-2.0-only
/* Who took whose bytes, brought to the links. */
#include <errno.h>
#include <stdlib.h>

#include "joiner.h"

static struct join_link *link_of_object(struct joiner *joiner, const struct object_key *object)
{
	const struct ipc_flow_key flow = {
		.mechanism = object->mechanism, .object = object->object, .remote = object->remote,
		.direction = IPC_RX,
	};

	return joiner_link_of(joiner, &flow);
}

static int link_add_taken(struct joiner *joiner, struct join_link *link, const struct capture_taken *taken)
{
	struct link *to = &link->link;
	struct link_taken *grown = reallocarray(to->taken, to->taken_count + 1, sizeof(*grown)), *row;
	int error = 0;

	if (!grown)
		return -ENOMEM;
	to->taken = grown;
	row = &grown[to->taken_count++];
	*row = (struct link_taken){
		.from = PARTY_HUB, .ops = taken->ops, .bytes = taken->bytes, .received_bytes = taken->received,
		.section = taken->section, .last_bytes = taken->last_bytes,
	};
	if (taken->from.tgid)
		error = joiner_process(joiner, taken->from, &row->from);
	return error ? error : joiner_process(joiner, taken->by, &row->to);
}

struct sender_index {
	uint64_t number; /* ipc_sender() */
	struct process_key key;
	UT_hash_handle hh;
};

static void senders_free(struct sender_index *senders)
{
	struct sender_index *sender, *next;

	HASH_ITER(hh, senders, sender, next) {
		HASH_DEL(senders, sender);
		free(sender);
	}
}

/* Everybody by the number that messages carry. */
static int senders_list(const struct capture *capture, struct sender_index **senders)
{
	struct capture_process *process, *next;

	HASH_ITER(hh, capture->processes, process, next) {
		struct sender_index *sender = calloc(1, sizeof(*sender));

		if (!sender)
			return -ENOMEM;
		sender->number = ipc_sender(process->key.start, process->key.tgid);
		sender->key = process->key;
		HASH_ADD(hh, *senders, number, sizeof(sender->number), sender);
	}
	return 0;
}

/* A flow of a UNIX socket's reader is what it took of one sender. */
static int carried_take(struct joiner *joiner, const struct capture_flow *flow, const struct sender_index *senders)
{
	struct join_link *link = joiner_link_of(joiner, &flow->key);
	struct capture_taken taken = {
		.by = { .start = flow->key.start, .tgid = flow->key.tgid }, .bytes = flow->bytes,
	};
	const struct sender_index *sender;

	if (!link)
		return -ENOMEM;
	if (flow->key.side != IPC_SIDE_CUT) {
		taken.ops = flow->ops;
		taken.received = flow->bytes;
	}
	HASH_FIND(hh, senders, &flow->key.remote, sizeof(flow->key.remote), sender);
	if (sender)
		taken.from = sender->key;
	link->link.ordered = link->link.carried = true;
	return link_add_taken(joiner, link, &taken);
}

/* With others' in one call, cut off, and the rest: one row for each pair. */
static void carried_merge(struct link *link)
{
	struct link_taken *rows = link->taken;
	size_t kept = 0;

	qsort(rows, link->taken_count, sizeof(*rows), link_taken_order);
	for (size_t i = 1; i < link->taken_count; i++) {
		if (link_taken_order(&rows[i], &rows[kept])) {
			rows[++kept] = rows[i];
			continue;
		}
		rows[kept].ops += rows[i].ops;
		rows[kept].bytes += rows[i].bytes;
		rows[kept].received_bytes += rows[i].received_bytes;
	}
	link->taken_count = kept + 1;
}

static int joiner_take_carried(struct joiner *joiner)
{
	const struct capture *capture = joiner->capture;
	struct sender_index *senders = NULL;
	struct join_link *link, *next;
	int error = 0;

	for (size_t i = 0; i < capture->flow_count && !error && !capture->carried_lost; i++) {
		if (!flow_is_carried(&capture->flows[i].key))
			continue;
		if (!senders)
			error = senders_list(capture, &senders);
		if (!error)
			error = carried_take(joiner, &capture->flows[i], senders);
	}
	senders_free(senders);
	HASH_ITER(hh, joiner->links, link, next)
		if (link->link.carried)
			carried_merge(&link->link);
	return error;
}

int joiner_take(struct joiner *joiner)
{
	const struct capture *capture = joiner->capture;
	struct join_link *link;
	int error = 0;

	for (size_t i = 0; i < capture->shared_count && !error; i++) {
		const struct capture_shared *shared = &capture->shared[i];

		link = link_of_object(joiner, &shared->object);
		if (!link)
			return -ENOMEM;
		link->link.ordered = true;
		if (shared->first.tgid)
			error = joiner_process(joiner, shared->first, &link->link.first_writer);
	}
	for (size_t i = 0; i < capture->taken_count && !error; i++) {
		link = link_of_object(joiner, &capture->taken[i].object);
		error = link ? link_add_taken(joiner, link, &capture->taken[i]) : -ENOMEM;
	}
	return error ? error : joiner_take_carried(joiner);
}
