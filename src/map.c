// SPDX-License-Identifier: GPL-2.0-only
#include "map.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mechanism.h"

struct map *map_new(void)
{
	return calloc(1, sizeof(struct map));
}

static void node_done(struct node *node)
{
	free(node->id);
	free(node->comm);
	free(node->exe);
	free(node->cgroup);
	free(node->unit);
	free(node->container);
	free(node->cmdline);
	free(node->listens);
	free(node->address);
	free(node->name);
	free(node->pids);
	free(node->cluster);
	free(node->was);
}

void channel_done(struct channel *channel)
{
	free(channel->id);
	free(channel->mechanism);
	free(channel->object);
	free(channel->peer);
	free(channel->name);
}

static void completeness_done(struct completeness *completeness)
{
	for (size_t i = 0; i < completeness->mechanism_count; i++) {
		struct mechanism_state *state = &completeness->mechanisms[i];

		free(state->mechanism);
		free(state->state);
		free(state->hooks);
		free(state->reason);
	}
	free(completeness->mechanisms);
}

int completeness_begin(struct completeness *completeness, uint32_t traced)
{
	completeness->mechanisms = calloc(IPC_MECHANISMS, sizeof(*completeness->mechanisms));
	if (!completeness->mechanisms)
		return -ENOMEM;
	completeness->mechanism_count = IPC_MECHANISMS;
	for (size_t i = 0; i < IPC_MECHANISMS; i++) {
		struct mechanism_state *state = &completeness->mechanisms[i];

		state->mechanism = strdup(mechanisms[i].name);
		state->state = strdup(traced & 1U << i ? "traced" : "off");
		if (!state->mechanism || !state->state)
			return -ENOMEM;
	}
	return 0;
}

void map_free(struct map *map)
{
	if (!map)
		return;
	for (size_t i = 0; i < map->node_count; i++)
		node_done(&map->nodes[i]);
	for (size_t i = 0; i < map->channel_count; i++)
		channel_done(&map->channels[i]);
	for (size_t i = 0; i < map->edge_count; i++) {
		free(map->edges[i].mechanism);
		free(map->edges[i].signal);
		free(map->edges[i].steps);
	}
	free(map->nodes);
	free(map->channels);
	free(map->edges);
	free(map->frames);
	completeness_done(&map->completeness);
	free(map->host);
	free(map->kernel);
	free(map->started);
	free(map->note);
	if (map->comparison) {
		free(map->comparison->host);
		free(map->comparison->started);
		free(map->comparison->caveat);
		free(map->comparison);
	}
	free(map);
}

/*
 * Room for one more element: arrays double whenever their count is a power of
 * two, so no capacity has to be kept; nobody may put a smaller array in their
 * place. Returns the zeroed element, or NULL.
 */
static void *array_add(void *array, size_t *count, size_t size)
{
	void **base = array;
	char *element;

	if ((*count & (*count - 1)) == 0) {
		size_t capacity = *count ? 2 * *count : 1;
		void *grown;

		if (capacity > SIZE_MAX / size)
			return NULL;
		grown = realloc(*base, capacity * size);
		if (!grown)
			return NULL;
		*base = grown;
	}
	element = (char *)*base + *count * size;
	memset(element, 0, size);
	++*count;
	return element;
}

struct node *map_add_node(struct map *map)
{
	return array_add(&map->nodes, &map->node_count, sizeof(*map->nodes));
}

struct channel *map_add_channel(struct map *map)
{
	return array_add(&map->channels, &map->channel_count, sizeof(*map->channels));
}

struct edge *map_add_edge(struct map *map)
{
	return array_add(&map->edges, &map->edge_count, sizeof(*map->edges));
}

struct frame *map_add_frame(struct map *map)
{
	return array_add(&map->frames, &map->frame_count, sizeof(*map->frames));
}

int edge_add_step(struct edge *edge, const struct edge_step *step)
{
	size_t at = edge->step_count;
	struct edge_step *to;

	while (at > 0 && edge->steps[at - 1].frame >= step->frame)
		at--;
	if (at == edge->step_count || edge->steps[at].frame != step->frame) {
		if (!array_add(&edge->steps, &edge->step_count, sizeof(*edge->steps)))
			return -ENOMEM;
		memmove(&edge->steps[at + 1], &edge->steps[at],
			(edge->step_count - 1 - at) * sizeof(*edge->steps));
		edge->steps[at] = (struct edge_step){ .frame = step->frame };
	}
	to = &edge->steps[at];
	to->ops += step->ops;
	to->bytes += step->bytes;
	to->received_ops += step->received_ops;
	to->received_bytes += step->received_bytes;
	return 0;
}

int edge_merge_steps(struct edge *to, const struct edge *from)
{
	struct edge merged = { 0 };
	size_t a = 0, b = 0;
	int error = 0;

	while (!error && (a < to->step_count || b < from->step_count)) {
		const struct edge_step *step;

		if (b == from->step_count || (a < to->step_count && to->steps[a].frame <= from->steps[b].frame))
			step = &to->steps[a++];
		else
			step = &from->steps[b++];
		error = edge_add_step(&merged, step);
	}
	if (error) {
		free(merged.steps);
		return error;
	}
	free(to->steps);
	to->steps = merged.steps;
	to->step_count = merged.step_count;
	return 0;
}

int map_drop_unused(struct map *map)
{
	size_t *place = calloc(map->node_count + 1, sizeof(*place));
	size_t kept = 0;

	if (!place)
		return -ENOMEM;
	for (size_t i = 0; i < map->edge_count; i++)
		place[map->edges[i].src] = place[map->edges[i].dst] = 1;
	for (size_t i = 0; i < map->node_count; i++) {
		if (!place[i]) {
			node_done(&map->nodes[i]);
			continue;
		}
		place[i] = kept;
		map->nodes[kept++] = map->nodes[i];
	}
	map->node_count = kept;
	for (size_t i = 0; i < map->edge_count; i++) {
		map->edges[i].src = place[map->edges[i].src];
		map->edges[i].dst = place[map->edges[i].dst];
	}
	free(place);
	return 0;
}

static double time_round(double seconds)
{
	return round(seconds * 1000) / 1000 + 0.0;
}

void map_round_times(struct map *map)
{
	map->duration = time_round(map->duration);
	for (size_t i = 0; i < map->node_count; i++) {
		map->nodes[i].start = time_round(map->nodes[i].start);
		map->nodes[i].ended = time_round(map->nodes[i].ended);
	}
	for (size_t i = 0; i < map->edge_count; i++) {
		map->edges[i].first = time_round(map->edges[i].first);
		map->edges[i].last = time_round(map->edges[i].last);
	}
	for (size_t i = 0; i < map->frame_count; i++) {
		map->frames[i].start = time_round(map->frames[i].start);
		map->frames[i].end = time_round(map->frames[i].end);
	}
}

static const char *const attribution_names[ATTRIBUTIONS] = {
	[ATTRIBUTION_EXACT] = "exact",	   [ATTRIBUTION_UNDELIVERED] = "undelivered",
	[ATTRIBUTION_EARLIER] = "earlier", [ATTRIBUTION_HUB] = "hub",
	[ATTRIBUTION_IDLE] = "idle",
};

const char *change_name(enum change change)
{
	static const char *const names[CHANGES] = {
		[CHANGE_SAME] = "same",
		[CHANGE_CHANGED] = "changed",
		[CHANGE_ADDED] = "added",
		[CHANGE_REMOVED] = "removed",
	};

	return names[change];
}

const char *attribution_name(enum attribution attribution)
{
	return attribution_names[attribution];
}
