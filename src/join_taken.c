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
	return error;
}
