// SPDX-License-Identifier: GPL-2.0-only
#include "group.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "derive.h"

const char *const group_names[GROUPS] = {
	[GROUP_PROCESS] = "process", [GROUP_COMM] = "comm",	  [GROUP_EXE] = "exe",
	[GROUP_UNIT] = "unit",	     [GROUP_CONTAINER] = "container", [GROUP_USER] = "user",
	[GROUP_CGROUP] = "cgroup",
};

const char *const cluster_names[CLUSTERS] = {
	[CLUSTER_BY_AUTO] = "auto",	      [CLUSTER_BY_UNIT] = "unit",
	[CLUSTER_BY_CONTAINER] = "container", [CLUSTER_BY_USER] = "user",
	[CLUSTER_BY_NONE] = "none",
};

struct group {
	char *name; /* the key */
	size_t leader;
	UT_hash_handle hh;
};

/* "root", "uid 104": the map knows numbers only, and may be drawn on another host. */
static char *user_name(int64_t uid)
{
	char *name;

	if (uid == 0)
		return strdup("root");
	if (uid < 0)
		return strdup("unknown user");
	return asprintf(&name, "uid %" PRId64, uid) < 0 ? NULL : name;
}

static const char *or(const char *text, const char *other)
{
	return text ? text : other;
}

/* The name of the group that a process belongs to; NULL when memory is short. */
static char *group_name(const struct node *node, enum group_by by)
{
	const char *slash;

	/* What no unit and no container runs: its name would be a group of hundreds. */
	if (node->kthread && by != GROUP_COMM && by != GROUP_EXE)
		return strdup("kernel threads");
	switch (by) {
	case GROUP_COMM:
		return strdup(or(node->comm, "?"));
	case GROUP_EXE:
		slash = node->exe ? strrchr(node->exe, '/') : NULL;
		return strdup(slash && slash[1] ? slash + 1 : or(node->exe, or(node->comm, "?")));
	case GROUP_UNIT:
		return strdup(or(node->unit, "no unit"));
	case GROUP_CONTAINER:
		return strdup(or(node->container, "no container"));
	case GROUP_USER:
		return user_name(node->uid);
	default:
		return strdup(or(node->cgroup, "unknown cgroup"));
	}
}

/* What tells groups apart: two programs of one name in two folders are two. */
static char *group_key(const struct node *node, enum group_by by)
{
	if (by == GROUP_EXE && node->exe)
		return strdup(node->exe);
	/* A group of an earlier view stays what it was. */
	return node->name ? strdup(node->name) : group_name(node, by);
}

static void groups_free(struct group *groups)
{
	struct group *group, *next;

	HASH_ITER(hh, groups, group, next) {
		HASH_DEL(groups, group);
		free(group->name);
		free(group);
	}
}

/* The leader of the group of that key, made with this node where there is none. */
static struct group *group_find(struct group **groups, char *key, size_t node)
{
	struct group *group;

	HASH_FIND_STR(*groups, key, group);
	if (group) {
		free(key);
		return group;
	}
	group = calloc(1, sizeof(*group));
	if (!group) {
		free(key);
		return NULL;
	}
	group->name = key;
	group->leader = node;
	HASH_ADD_KEYPTR(hh, *groups, group->name, strlen(group->name), group);
	return group;
}

static int groups_fill(const struct map *map, enum group_by by, size_t *leaders, char **names)
{
	struct group *groups = NULL;
	int rc = 0;

	for (size_t i = 0; i < map->node_count && rc == 0; i++) {
		const struct node *node = &map->nodes[i];
		struct group *group;
		char *key;

		leaders[i] = i;
		if (node->kind != NODE_PROCESS || by == GROUP_PROCESS)
			continue;
		key = group_key(node, by);
		group = key ? group_find(&groups, key, i) : NULL;
		if (!group) {
			rc = -ENOMEM;
			break;
		}
		leaders[i] = group->leader;
		if (group->leader != i)
			continue;
		names[i] = node->name ? strdup(node->name) : group_name(node, by);
		rc = names[i] ? 0 : -ENOMEM;
	}
	groups_free(groups);
	return rc;
}

int group_map(const struct map *map, enum group_by by, struct map **ret_map)
{
	size_t *leaders = calloc(map->node_count + 1, sizeof(*leaders));
	char **names = calloc(map->node_count + 1, sizeof(*names));
	struct derivation derivation = { .leaders = leaders, .names = (const char *const *)names };
	int rc = -ENOMEM;

	if (leaders && names)
		rc = groups_fill(map, by, leaders, names);
	if (rc == 0)
		rc = map_derive(map, &derivation, ret_map);
	for (size_t i = 0; names && i < map->node_count; i++)
		free(names[i]);
	free(names);
	free(leaders);
	return rc;
}

/* Puts a node into its frame. false when memory is short. */
static bool cluster_node(struct node *node, enum cluster_by by)
{
	char *cluster = NULL;
	enum cluster_kind kind = CLUSTER_NONE;

	if (by == CLUSTER_BY_USER) {
		cluster = user_name(node->uid);
		if (!cluster)
			return false;
		kind = CLUSTER_USER;
	} else if (by != CLUSTER_BY_UNIT && node->container) {
		cluster = strdup(node->container);
		kind = CLUSTER_CONTAINER;
	} else if (by != CLUSTER_BY_CONTAINER && node->unit) {
		cluster = strdup(node->unit);
		kind = CLUSTER_UNIT;
	} else {
		return true;
	}
	if (!cluster)
		return false;
	/* A frame of the same name around a group says nothing. */
	if (node->name && strcmp(node->name, cluster) == 0) {
		free(cluster);
		return true;
	}
	node->cluster = cluster;
	node->cluster_kind = kind;
	return true;
}

/* Of each hub, a user that is in a frame; NULL and seen: they are in several, or in none. */
struct hub_frame {
	const struct node *user;
	bool seen, several;
};

static void hub_frame_add(struct hub_frame *frame, const struct node *user)
{
	if (frame->seen && (!frame->user || !user->cluster ||
			    strcmp(frame->user->cluster, user->cluster) != 0))
		frame->several = true;
	frame->user = user->cluster ? user : NULL;
	frame->seen = true;
}

static bool cluster_hubs(struct map *map)
{
	struct hub_frame *frames = calloc(map->node_count + 1, sizeof(*frames));
	bool done = frames;

	for (size_t i = 0; done && i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];

		if (map->nodes[edge->src].kind == NODE_HUB)
			hub_frame_add(&frames[edge->src], &map->nodes[edge->dst]);
		if (map->nodes[edge->dst].kind == NODE_HUB)
			hub_frame_add(&frames[edge->dst], &map->nodes[edge->src]);
	}
	for (size_t i = 0; done && i < map->node_count; i++) {
		struct node *node = &map->nodes[i];
		const struct node *user = frames[i].several ? NULL : frames[i].user;

		if (node->kind != NODE_HUB || !user || user->kind != NODE_PROCESS)
			continue;
		node->cluster = strdup(user->cluster);
		node->cluster_kind = user->cluster_kind;
		done = node->cluster;
	}
	free(frames);
	return done;
}

int cluster_map(struct map *map, enum cluster_by by)
{
	for (size_t i = 0; i < map->node_count; i++) {
		struct node *node = &map->nodes[i];

		free(node->cluster);
		node->cluster = NULL;
		node->cluster_kind = CLUSTER_NONE;
		if (by != CLUSTER_BY_NONE && node->kind == NODE_PROCESS && !cluster_node(node, by))
			return -ENOMEM;
	}
	return cluster_hubs(map) ? 0 : -ENOMEM;
}
