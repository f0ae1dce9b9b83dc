// SPDX-License-Identifier: GPL-2.0-only
#include "cast.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

struct cast_member {
	char *who, *id;
	size_t seen; /* the round it was seen in last */
	UT_hash_handle hh;
};

/* A folded node is its oldest process, whoever else comes to it. */
static char *who_is(const struct map *map, const struct node *node, size_t again)
{
	const struct channel *channel;
	char *who = NULL;
	int rc;

	switch (node->kind) {
	case NODE_PROCESS:
		if (node->name)
			rc = asprintf(&who, "group %s %s %s %zu", node->name, node->exe ? node->exe : "",
				      node->unit ? node->unit : "", again);
		else
			rc = asprintf(&who, "process %" PRId64 " %.3f", node->pid, node->start);
		break;
	case NODE_HUB:
		channel = &map->channels[node->channel];
		rc = asprintf(&who, "hub %s %s %zu", channel->mechanism,
			      channel->object ? channel->object : channel->name ? channel->name : "", again);
		break;
	case NODE_EXTERNAL:
		rc = asprintf(&who, "outside %s", node->address ? node->address : "");
		break;
	default:
		rc = asprintf(&who, "kernel");
	}
	return rc < 0 ? NULL : who;
}

static struct cast_member *member_add(struct cast *cast, const char *who)
{
	struct cast_member *member = calloc(1, sizeof(*member));

	if (!member)
		return NULL;
	member->who = strdup(who);
	if (!member->who || asprintf(&member->id, "n%zu", HASH_COUNT(cast->members) + (size_t)1) < 0) {
		free(member->who);
		free(member);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, cast->members, member->who, strlen(member->who), member);
	return member;
}

/* Two groups of one name, two hubs of one channel: told apart by their order. */
static bool may_repeat(const struct node *node)
{
	return node->kind == NODE_HUB || (node->kind == NODE_PROCESS && node->name);
}

static struct cast_member *member_of(struct cast *cast, const struct map *map, const struct node *node)
{
	struct cast_member *member = NULL;

	for (size_t again = 0; !member || member->seen == cast->count; again++) {
		char *who = who_is(map, node, again);

		if (!who)
			return NULL;
		HASH_FIND_STR(cast->members, who, member);
		if (!member)
			member = member_add(cast, who);
		free(who);
		if (!member || !may_repeat(node))
			break;
	}
	return member;
}

int cast_name(struct cast *cast, struct map *map)
{
	cast->count++;
	for (size_t i = 0; i < map->node_count; i++) {
		struct node *node = &map->nodes[i];
		struct cast_member *member = member_of(cast, map, node);
		char *id = member ? strdup(member->id) : NULL;

		if (!id)
			return -ENOMEM;
		member->seen = cast->count;
		free(node->id);
		node->id = id;
	}
	return 0;
}

void cast_done(struct cast *cast)
{
	struct cast_member *member, *next;

	HASH_ITER(hh, cast->members, member, next) {
		HASH_DEL(cast->members, member);
		free(member->who);
		free(member->id);
		free(member);
	}
	*cast = (struct cast){ 0 };
}
