// SPDX-License-Identifier: GPL-2.0-only
#include "stream_cut.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "mechanism.h"
#include "names.h"
#include "stream_fields.h"
#include "text.h"

#define REASON "the stream was cut: this is what its events tell, without what was sent and not read"

enum kind { PROCESS, HUB, CHANNEL, EDGE };

/* What is in the map already, by what tells it from others. */
struct place {
	struct place_key {
		uint64_t a, b, c;
		uint32_t kind, signal;
	} key;
	size_t index;
	UT_hash_handle hh;
};

struct cut {
	struct map *map;
	struct place *places;
	uint64_t wall, boottime; /* when the window opened: ns since 1970, and since the start of the system */
	uint32_t own; /* ipcdump itself */
};

/* Finds or makes the place of a thing; `next` is where a new one will be. Fresh: the caller adds it. */
static int place_take(struct cut *cut, const struct place_key *key, size_t next, size_t *ret_index, bool *ret_fresh)
{
	struct place *place;

	HASH_FIND(hh, cut->places, key, sizeof(*key), place);
	*ret_fresh = !place;
	if (!place) {
		place = calloc(1, sizeof(*place));
		if (!place)
			return -ENOMEM;
		place->key = *key;
		place->index = next;
		HASH_ADD(hh, cut->places, key, sizeof(place->key), place);
	}
	*ret_index = place->index;
	return 0;
}

static char *field_clean(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text_clean(text, strlen(text)) : NULL;
}

static int process_take(struct cut *cut, const json_t *object, size_t *ret_node)
{
	struct place_key key = { .kind = PROCESS };
	struct node *node;
	uint32_t tgid;
	bool fresh;
	int error;

	stream_process_key(object, &tgid, &key.b);
	key.a = tgid;
	error = place_take(cut, &key, cut->map->node_count, ret_node, &fresh);
	if (error || !fresh)
		return error;
	node = map_add_node(cut->map);
	if (!node)
		return -ENOMEM;
	node->kind = tgid ? NODE_PROCESS : NODE_KERNEL;
	node->pid = stream_field(object, "pid");
	node->ppid = node->uid = -1;
	node->comm = tgid ? field_clean(object, "comm") : NULL;
	if (tgid && cut->boottime)
		node->start = (int64_t)(key.b - cut->boottime) / 1e9;
	return 0;
}

/* The source of what came by a channel from nobody knows whom. */
static int hub_take(struct cut *cut, size_t channel, size_t *ret_node)
{
	struct place_key key = { .kind = HUB, .a = channel };
	struct node *node;
	bool fresh;
	int error = place_take(cut, &key, cut->map->node_count, ret_node, &fresh);

	if (error || !fresh)
		return error;
	node = map_add_node(cut->map);
	if (!node)
		return -ENOMEM;
	node->kind = NODE_HUB;
	node->channel = channel;
	return 0;
}

static int channel_take(struct cut *cut, const json_t *line, const struct ipc_flow_key *flow, size_t *ret_channel)
{
	const json_t *told = json_object_get(line, "channel");
	struct place_key key = { .kind = CHANNEL, .a = flow->mechanism, .b = flow->object, .c = flow->remote };
	struct channel *channel;
	bool fresh;
	int error;

	/* There it says who sent, not what it is. */
	if (flow->mechanism == IPC_UDP || flow->mechanism == IPC_UNIX_DGRAM)
		key.c = 0;
	error = place_take(cut, &key, cut->map->channel_count, ret_channel, &fresh);
	if (error || !fresh)
		return error;
	channel = map_add_channel(cut->map);
	if (!channel)
		return -ENOMEM;
	channel->mechanism = strdup(mechanisms[flow->mechanism].name);
	channel->object = field_clean(told, "object");
	channel->name = field_clean(told, "name");
	if (!channel->name)
		channel->name = field_clean(told, "to");
	return channel->mechanism ? 0 : -ENOMEM;
}

static int edge_take(struct cut *cut, const struct place_key *key, const struct ipc_flow_key *flow,
		     struct edge **ret_edge)
{
	struct edge *edge;
	size_t index;
	bool fresh;
	int error = place_take(cut, key, cut->map->edge_count, &index, &fresh);

	if (error)
		return error;
	edge = fresh ? map_add_edge(cut->map) : &cut->map->edges[index];
	if (!edge)
		return -ENOMEM;
	*ret_edge = edge;
	if (!fresh)
		return 0;
	edge->src = key->a;
	edge->dst = key->b;
	edge->channel = key->c;
	edge->mechanism = strdup(mechanisms[flow->mechanism].name);
	edge->signal = flow->mechanism == IPC_SIGNAL ? name_signal(key->signal) : NULL;
	if (cut->map->nodes[edge->src].kind == NODE_HUB)
		edge->attribution = ATTRIBUTION_HUB;
	return edge->mechanism && (edge->signal || flow->mechanism != IPC_SIGNAL) ? 0 : -ENOMEM;
}

/* As many were sent as came, for all that the events tell; but who sends is known, or nobody was seen to. */
static void edge_count(struct edge *edge, const json_t *line, bool is_signal, bool sender_known, double time)
{
	uint64_t bytes = is_signal ? 0 : stream_field(line, "count");
	bool fresh = !edge->ops && !edge->received_ops;

	if (fresh || time < edge->first)
		edge->first = time;
	if (fresh || time > edge->last)
		edge->last = time;
	edge->received_ops += !is_signal || json_is_true(json_object_get(json_object_get(line, "signal"), "queued"));
	edge->received_bytes += bytes;
	if (!sender_known)
		return;
	edge->ops++;
	edge->bytes += bytes;
}

static bool is_own(const struct cut *cut, const json_t *process)
{
	uint64_t start;
	uint32_t tgid;

	stream_process_key(process, &tgid, &start);
	return tgid && tgid == cut->own;
}

static int event_take(struct cut *cut, const json_t *line)
{
	const json_t *src = json_object_get(line, "src"), *dst = json_object_get(line, "dst");
	uint64_t wall = stream_clock(line, "time");
	double time = wall > cut->wall ? (wall - cut->wall) / 1e9 : 0;
	struct place_key key = { .kind = EDGE, .c = MAP_NO_CHANNEL };
	struct ipc_flow_key flow = { 0 };
	size_t source = 0, target = 0, channel = MAP_NO_CHANNEL;
	struct edge *edge = NULL;
	bool is_signal;
	int error;

	if (stream_key(line, &flow) || is_own(cut, src) || is_own(cut, dst))
		return 0;
	is_signal = flow.mechanism == IPC_SIGNAL;
	cut->map->completeness.events++;
	if (time > cut->map->duration)
		cut->map->duration = time;
	if (is_signal)
		key.signal = stream_field(json_object_get(line, "signal"), "number");
	error = is_signal ? 0 : channel_take(cut, line, &flow, &channel);
	if (!error)
		error = json_is_object(src) ? process_take(cut, src, &source) : hub_take(cut, channel, &source);
	if (!error)
		error = process_take(cut, dst, &target);
	key.a = source;
	key.b = target;
	key.c = channel;
	if (!error)
		error = edge_take(cut, &key, &flow, &edge);
	if (!error)
		edge_count(edge, line, is_signal, json_is_object(src), time);
	if (!error && !json_is_object(src))
		cut->map->completeness.unattributed++;
	return error;
}

static int mechanisms_fill(struct completeness *completeness, const json_t *traced)
{
	uint32_t bits = json_is_integer(traced) ? (uint32_t)json_integer_value(traced) : UINT32_MAX;
	int error = completeness_begin(completeness, bits);

	for (size_t i = 0; !error && i < IPC_MECHANISMS; i++) {
		if (!(bits & 1U << i))
			continue;
		completeness->mechanisms[i].reason = strdup(REASON);
		if (!completeness->mechanisms[i].reason)
			error = -ENOMEM;
	}
	return error;
}

static int start_take(struct cut *cut, const json_t *line)
{
	cut->wall = stream_clock(line, "started");
	cut->boottime = stream_field(line, "boottime");
	cut->own = stream_field(line, "own");
	cut->map->host = field_clean(line, "host");
	cut->map->kernel = field_clean(line, "kernel");
	return mechanisms_fill(&cut->map->completeness, json_object_get(line, "mechanisms"));
}

static void lost_take(struct cut *cut, const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "mechanism"));
	int mechanism = name ? mechanism_by_name(name) : -1;
	uint64_t count = stream_field(line, "count");

	if (mechanism < 0)
		return;
	cut->map->completeness.mechanisms[mechanism].lost += count;
	cut->map->completeness.lost += count;
}

static int line_take(struct cut *cut, const json_t *line)
{
	const char *type = json_string_value(json_object_get(line, "type"));

	if (!type)
		return 0;
	if (!strcmp(type, "start"))
		return start_take(cut, line);
	if (!strcmp(type, "event"))
		return event_take(cut, line);
	if (!strcmp(type, "lost"))
		lost_take(cut, line);
	return 0; /* the rest is of an end that is not whole */
}

int stream_cut_fold(const char *data, size_t size, struct map *map)
{
	struct cut cut = { .map = map };
	struct place *place, *next;
	int error = 0;

	for (const char *at = data, *end = data + size; !error && at < end;) {
		const char *newline = memchr(at, '\n', end - at);
		size_t len = newline ? (size_t)(newline - at) : (size_t)(end - at);
		json_t *line = len ? json_loadb(at, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL) : NULL;

		if (line)
			error = line_take(&cut, line);
		json_decref(line);
		at += len + 1;
	}
	HASH_ITER(hh, cut.places, place, next) {
		HASH_DEL(cut.places, place);
		free(place);
	}
	return error ? error : map_sort(map);
}
