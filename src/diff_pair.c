// SPDX-License-Identifier: GPL-2.0-only
#include "diff_pair.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "derive.h"
#include "diff_key.h"

#define PAIRS_MOST 10000 /* more of one key are taken in their order */

/* From those of the same exact key, over looser ones, to those of the same name. */
enum level { LEVEL_EXACT, LEVEL_PLACE, LEVEL_LOOSE, LEVEL_MOVED, LEVEL_NAME, LEVELS };

static bool unit_is_left(const struct unit *unit)
{
	return !unit->taken_by && unit->sides[0] != unit->sides[1];
}

static char *hub_key(const struct unit *unit, enum level level)
{
	const struct channel *channel = &unit->map->channels[unit->node->channel];
	const char *place = channel_place(channel);
	char *loose = place ? key_loose(place) : NULL, *key = NULL;
	int rc = 0;

	/* What has no place is known by its users alone: half of them at least. */
	if (level == (place ? LEVEL_LOOSE : LEVEL_MOVED))
		rc = asprintf(&key, "h\n%s\n%s", channel->mechanism, loose ? loose : "");
	else
		key = strdup("");
	free(loose);
	return rc < 0 ? NULL : key;
}

/* "": at this level it has none. NULL when memory is short. */
static char *unit_key(const struct unit *unit, enum level level)
{
	static const enum key_level levels[LEVELS] = {
		[LEVEL_PLACE] = KEY_PLACE, [LEVEL_LOOSE] = KEY_LOOSE,
		[LEVEL_MOVED] = KEY_MOVED, [LEVEL_NAME] = KEY_NAME,
	};
	char *key = NULL, *process;
	int rc;

	if (unit->node->kind == NODE_HUB)
		return hub_key(unit, level);
	if (unit->node->kind != NODE_PROCESS)
		return strdup("");
	if (level == LEVEL_EXACT)
		return asprintf(&key, "e\n%zu", unit->key) < 0 ? NULL : key;
	process = key_process(unit->node, levels[level]);
	rc = process ? asprintf(&key, "p\n%s\n%s", unit->node->name ? "group" : "", process) : -1;
	free(process);
	return rc < 0 ? NULL : key;
}

static double shared_part(const struct unit *a, const struct unit *b)
{
	size_t i = 0, j = 0, shared = 0;

	while (i < a->token_count && j < b->token_count) {
		bool less = a->tokens[i] < b->tokens[j], more = a->tokens[i] > b->tokens[j];

		shared += !less && !more;
		i += !more;
		j += !less;
	}
	return a->token_count + b->token_count ?
	       2.0 * (double)shared / (double)(a->token_count + b->token_count) : 0;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* How alike two are that have one key. */
static double likeness(const struct unit *a, const struct unit *b)
{
	double score = shared_part(a, b);

	if (a->node->kind == NODE_PROCESS) {
		score += .5 * same(a->node->role, b->node->role);
		score += .5 * (a->node->listens && same(a->node->listens, b->node->listens));
		score += .25 * same(a->node->exe, b->node->exe);
		score += .25 * same(a->node->unit, b->node->unit);
		score += .25 * same(a->node->comm, b->node->comm);
	}
	return score;
}

/* Those of one key; the indexes of those after are higher by the number of all. */
struct set {
	struct units *all;
	const struct keyed *before, *after;
	size_t before_count, after_count;
	enum level level;
};

/* The best pair that is left, or false. */
static bool best_find(const struct set *s, size_t *ret_before, size_t *ret_after)
{
	double best = -1;

	for (size_t i = 0; i < s->before_count; i++) {
		const struct unit *a = &s->all->units[s->before[i].index];

		for (size_t j = 0; a->sides[0] != a->sides[1] && j < s->after_count; j++) {
			const struct unit *b = &s->all->units[s->after[j].index - s->all->count];
			double score;

			if (!unit_is_left(b))
				continue;
			score = likeness(a, b);
			if (score > best) {
				best = score;
				*ret_before = s->before[i].index;
				*ret_after = s->after[j].index - s->all->count;
			}
		}
	}
	return best >= 0;
}

static void take(struct units *all, size_t before, size_t after)
{
	all->units[after].taken_by = before + 1;
	all->units[before].sides[1] = true;
}

static bool hub_is_unlike(const struct set *s, size_t a, size_t b)
{
	return s->level == LEVEL_MOVED && s->all->units[a].node->kind == NODE_HUB &&
	       shared_part(&s->all->units[a], &s->all->units[b]) < .5;
}

static void set_pair(struct set *s)
{
	size_t a, b, least = s->before_count < s->after_count ? s->before_count : s->after_count;

	if (least == 0 || (s->level == LEVEL_NAME && s->before_count + s->after_count > 2))
		return;
	if (s->before_count > PAIRS_MOST / s->after_count) {
		for (size_t i = 0; i < least; i++)
			take(s->all, s->before[i].index, s->after[i].index - s->all->count);
		return;
	}
	while (best_find(s, &a, &b)) {
		if (hub_is_unlike(s, a, b))
			break;
		take(s->all, a, b);
	}
}

/* One after the other those of one key; keyed is sorted, and within a key by index. */
static void sets_pair(struct units *all, enum level level, struct keyed *keyed, size_t count)
{
	for (size_t i = 0, end; i < count; i = end) {
		size_t middle;

		for (end = i; end < count && strcmp(keyed[end].key, keyed[i].key) == 0;)
			end++;
		for (middle = i; middle < end && keyed[middle].index < all->count;)
			middle++;
		if (*keyed[i].key)
			set_pair(&(struct set){ all, keyed + i, keyed + middle, middle - i,
						end - middle, level });
	}
}

int units_pair(struct units *all)
{
	struct keyed *keyed = calloc(all->count + 1, sizeof(*keyed));
	int rc = keyed ? 0 : -ENOMEM;

	for (enum level level = 0; rc == 0 && level < LEVELS; level++) {
		size_t count = 0;

		for (size_t i = 0; rc == 0 && i < all->count; i++) {
			if (!unit_is_left(&all->units[i]))
				continue;
			keyed[count].key = unit_key(&all->units[i], level);
			keyed[count].index = i + (all->units[i].sides[0] ? 0 : all->count);
			if (keyed[count].key)
				count++;
			else
				rc = -ENOMEM;
		}
		if (rc == 0) {
			keyed_sort(keyed, count);
			sets_pair(all, level, keyed, count);
		}
		for (size_t i = 0; i < count; i++)
			free(keyed[i].key);
	}
	free(keyed);
	return rc;
}
