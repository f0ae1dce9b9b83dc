// SPDX-License-Identifier: GPL-2.0-only
#include "diff_sides.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "derive.h"
#include "diff_key.h"
#include "diff_match.h"
#include "text.h"

struct node *sides_node(const struct sides *sides, size_t side, size_t class)
{
	size_t node = sides->nodes[side][class];

	return node ? &sides->maps[side]->nodes[node - 1] : NULL;
}

void node_take(struct node *to, struct node *from)
{
	struct node kept = *to;

	*to = *from;
	to->change = kept.change;
	to->members_before = kept.members_before;
	to->was = kept.was;
	*from = (struct node){ .kind = from->kind, .channel = from->channel };
}

static const struct mechanism_state *state_find(const struct map *map, const char *mechanism)
{
	for (size_t i = 0; i < map->completeness.mechanism_count; i++) {
		const struct mechanism_state *state = &map->completeness.mechanisms[i];

		if (strcmp(state->mechanism, mechanism) == 0)
			return state;
	}
	return NULL;
}

/* A map that does not tell (of a newer mechanism, or one made by hand) may have traced it. */
static bool is_traced(const struct map *map, const char *mechanism)
{
	const struct mechanism_state *state = state_find(map, mechanism);

	return !state || (state->state && strcmp(state->state, "traced") == 0);
}

static void caveat_put(FILE *file, const struct map *map, const struct map *other,
		       const char *when, const char **separator)
{
	for (size_t i = 0; i < map->completeness.mechanism_count; i++) {
		const char *mechanism = map->completeness.mechanisms[i].mechanism;

		if (!is_traced(map, mechanism) || is_traced(other, mechanism))
			continue;
		fprintf(file, "%s%s (not traced %s)", *separator, mechanism, when);
		*separator = ", ";
	}
}

/* 0 and *ret_text, which is NULL where all could be compared. */
static int caveat_text(const struct map *before, const struct map *after, char **ret_text)
{
	const char *separator = "not compared: ";
	char *data = NULL, count[32];
	size_t size;
	FILE *file = open_memstream(&data, &size);
	bool failed;

	if (!file)
		return -ENOMEM;
	caveat_put(file, after, before, "before", &separator);
	caveat_put(file, before, after, "after", &separator);
	for (int side = 0; side < 2; side++) {
		uint64_t lost = (side ? after : before)->completeness.lost;

		if (lost)
			fprintf(file, "%s%s events lost %s", ftell(file) > 0 ? "; " : "",
				text_count(count, sizeof(count), lost), side ? "after" : "before");
	}
	failed = ferror(file) != 0;
	failed |= fclose(file) != 0;
	if (failed || size == 0) {
		free(data);
		data = NULL;
	}
	*ret_text = data;
	return failed ? -ENOMEM : 0;
}

/* Whether all that moved in one map was traced in the other one, too. */
static bool is_comparable(const struct map *map, const struct map *other)
{
	for (size_t i = 0; i < map->edge_count; i++) {
		if (!is_traced(other, map->edges[i].mechanism))
			return false;
	}
	return true;
}

/*
 * The part of a map that was traced in the other one, too. all: of both maps that is
 * all; else processes without an edge go, here as there: what they did may not
 * have been traced.
 */
static int comparable_new(const struct map *map, const struct map *other, bool all,
			  struct map **ret_map)
{
	bool *keep = calloc(map->edge_count + 1, sizeof(*keep));
	struct derivation derivation = { .edges = all ? NULL : keep };
	int rc = keep ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < map->edge_count; i++)
		keep[i] = is_traced(other, map->edges[i].mechanism);
	rc = rc ? rc : map_derive(map, &derivation, ret_map);
	free(keep);
	return rc;
}

/* Kernel threads of a class share no more than the beginning of their names. */
static char *class_name(const struct node *node, size_t members)
{
	char *name;

	if (!node->kthread || !node->comm || members < 2)
		return NULL;
	return asprintf(&name, "[%.*s]", (int)key_kthread_length(node->comm), node->comm) < 0 ?
	       NULL : name;
}

/*
 * Members of a class listen on the same places, but for ports that the system
 * chose: folding then knows none. false when memory is short.
 */
static bool listens_fill(struct node *node, const struct node *leader)
{
	if (node->members < 2 || node->listens || !leader->listens)
		return true;
	node->listens = key_listens(leader->listens);
	if (node->listens && !*node->listens) {
		free(node->listens);
		node->listens = NULL;
		return true;
	}
	return node->listens;
}

/* Makes one node of each class; node numbers of classes come with it. */
static int side_fold(struct sides *s, size_t side, const size_t *classes)
{
	struct map *map = s->maps[side], *folded = NULL;
	size_t *leaders = calloc(map->node_count + 1, sizeof(*leaders));
	size_t *members = calloc(map->node_count + 1, sizeof(*members));
	char **names = calloc(map->node_count + 1, sizeof(*names));
	size_t *firsts = s->nodes[side], count = 0;
	struct derivation derivation = { .leaders = leaders, .names = (const char *const *)names };
	int rc = leaders && members && names ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < map->node_count; i++) {
		if (!firsts[classes[i]])
			firsts[classes[i]] = i + 1;
		leaders[i] = firsts[classes[i]] - 1;
		members[leaders[i]] += node_members(&map->nodes[i]);
	}
	for (size_t i = 0; rc == 0 && i < map->node_count; i++) {
		if (leaders[i] == i)
			names[i] = class_name(&map->nodes[i], members[i]);
	}
	rc = rc ? rc : map_derive(map, &derivation, &folded);
	for (size_t i = 0; rc == 0 && i < map->node_count; i++) {
		if (leaders[i] != i)
			continue;
		if (!listens_fill(&folded->nodes[count], &map->nodes[i]))
			rc = -ENOMEM;
		s->classes[side][count++] = classes[i];
		firsts[classes[i]] = count;
	}
	for (size_t i = 0; names && i < map->node_count; i++)
		free(names[i]);
	free(names);
	free(members);
	free(leaders);
	if (rc == 0) {
		map_free(map);
		s->maps[side] = folded;
	} else {
		map_free(folded);
	}
	return rc;
}

int sides_new(const struct map *before, const struct map *after, struct sides *ret_sides)
{
	struct sides s = { .heads = { before, after } };
	struct match match = { 0 };
	bool all = is_comparable(before, after) && is_comparable(after, before);
	int rc = caveat_text(before, after, &s.caveat);

	rc = rc ? rc : comparable_new(before, after, all, &s.maps[0]);
	rc = rc ? rc : comparable_new(after, before, all, &s.maps[1]);
	rc = rc ? rc : match_new(s.maps[0], s.maps[1], &match);
	s.class_count = match.count;
	for (int side = 0; rc == 0 && side < 2; side++) {
		s.nodes[side] = calloc(match.count + 1, sizeof(*s.nodes[side]));
		s.classes[side] = calloc(s.maps[side]->node_count + 1, sizeof(*s.classes[side]));
		rc = s.nodes[side] && s.classes[side] ?
		     side_fold(&s, (size_t)side, side ? match.after : match.before) : -ENOMEM;
	}
	match_done(&match);
	if (rc < 0)
		sides_done(&s);
	else
		*ret_sides = s;
	return rc;
}

void sides_done(struct sides *s)
{
	for (int side = 0; side < 2; side++) {
		map_free(s->maps[side]);
		free(s->classes[side]);
		free(s->nodes[side]);
	}
	free(s->caveat);
	*s = (struct sides){ 0 };
}

static bool copy(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return *to || !from;
}

struct map *sides_head(const struct sides *s, double threshold)
{
	const struct map *before = s->heads[0];
	bool *none = calloc(s->heads[1]->edge_count + 1, sizeof(*none));
	struct derivation derivation = { .edges = none };
	struct map *map = NULL;
	struct comparison *comparison;

	/* The head of the later map, and nothing else of it. */
	if (none)
		map_derive(s->heads[1], &derivation, &map);
	free(none);
	if (!map)
		return NULL;
	free(map->frames);
	map->frames = NULL;
	map->frame_count = 0;
	comparison = map->comparison = calloc(1, sizeof(*comparison));
	if (!comparison || !copy(&comparison->host, before->host) ||
	    !copy(&comparison->started, before->started) || !copy(&comparison->caveat, s->caveat)) {
		map_free(map);
		return NULL;
	}
	comparison->duration = before->duration;
	comparison->threshold = threshold;
	return map;
}
