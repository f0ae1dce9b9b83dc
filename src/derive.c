// SPDX-License-Identifier: GPL-2.0-only
#include "derive.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "mechanism.h"

#define NOWHERE ((size_t)-1)
#define EPHEMERAL 32768 /* where Linux begins to choose ports by itself */
#define PIDS_SHOWN 64

struct deriving {
	const struct map *map;
	const struct derivation *derivation;
	struct map *out;
	size_t *places;		/* of nodes: new index by old, or NOWHERE */
	size_t *channel_places; /* the same of channels */
	size_t *order;		/* of edges, sorted by where they go */
};

const char *channel_place(const struct channel *channel)
{
	const char *name = channel->name, *colon;

	switch (mechanism_by_name(channel->mechanism)) {
	case IPC_PTY:
		return NULL;
	case IPC_TCP:
	case IPC_UDP:
		/* "a:1 - b:2": neither end listens. */
		colon = name && !strstr(name, " - ") ? strrchr(name, ':') : NULL;
		return colon && strtoul(colon + 1, NULL, 10) < EPHEMERAL ? name : NULL;
	case IPC_UNIX_STREAM:
	case IPC_UNIX_DGRAM:
	case IPC_UNIX_SEQPACKET:
		/* Autobound: five hexadecimal digits. */
		if (name && name[0] == '@' && strlen(name) == 6 &&
		    strspn(name + 1, "0123456789abcdef") == 5)
			return NULL;
		return name;
	default:
		return name;
	}
}

/* false when memory is short; NULL stays NULL. */
static bool copy(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return *to || !from;
}

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static bool node_copy(struct node *to, const struct node *from, const char *name)
{
	*to = *from;
	to->id = to->comm = to->exe = to->cgroup = to->unit = to->container = NULL;
	to->cmdline = to->listens = to->address = to->name = to->pids = to->cluster = NULL;
	to->was = NULL;
	return copy(&to->id, from->id) && copy(&to->comm, from->comm) && copy(&to->exe, from->exe) &&
	       copy(&to->cgroup, from->cgroup) && copy(&to->unit, from->unit) &&
	       copy(&to->container, from->container) && copy(&to->cmdline, from->cmdline) &&
	       copy(&to->listens, from->listens) && copy(&to->address, from->address) &&
	       copy(&to->name, name ? name : from->name) && copy(&to->pids, from->pids) &&
	       copy(&to->cluster, from->cluster) && copy(&to->was, from->was);
}

static void keep_common(char **text, const char *other)
{
	if (same(*text, other))
		return;
	free(*text);
	*text = NULL;
}

/* One more member: what it does not share with the others is no longer known of the node. */
static void node_merge(struct node *to, const struct node *from)
{
	to->members = node_members(to) + node_members(from);
	keep_common(&to->comm, from->comm);
	keep_common(&to->exe, from->exe);
	keep_common(&to->cgroup, from->cgroup);
	keep_common(&to->unit, from->unit);
	keep_common(&to->container, from->container);
	keep_common(&to->cmdline, from->cmdline);
	keep_common(&to->listens, from->listens);
	keep_common(&to->cluster, from->cluster);
	keep_common(&to->was, from->was);
	to->members_before += from->members_before;
	to->change = change_join(to->change, from->change);
	if (to->uid != from->uid)
		to->uid = -1;
	if (to->ppid != from->ppid)
		to->ppid = -1;
	if (!same(to->role, from->role))
		to->role = NULL;
	to->exited &= from->exited;
	to->ended = to->exited ? fmax(to->ended, from->ended) : 0;
	to->sink &= from->sink;
	to->kthread &= from->kthread;
	to->hub_written |= from->hub_written;
	to->hub_read |= from->hub_read;
	if (to->start > from->start)
		to->start = from->start;
}

static size_t leader_of(const struct deriving *d, size_t node)
{
	return d->derivation->leaders ? d->derivation->leaders[node] : node;
}

static bool edge_is_kept(const struct deriving *d, size_t edge)
{
	return !d->derivation->edges || d->derivation->edges[edge];
}

/* Which nodes stay, by their leaders: 0 in places, else NOWHERE. */
static void nodes_choose(struct deriving *d)
{
	const struct map *map = d->map;
	const struct derivation *derivation = d->derivation;

	for (size_t i = 0; i < map->node_count; i++)
		d->places[i] = derivation->edges ? NOWHERE : 0;
	for (size_t i = 0; i < map->node_count; i++) {
		if (derivation->nodes && derivation->nodes[i])
			d->places[leader_of(d, i)] = 0;
	}
	for (size_t i = 0; i < map->edge_count; i++) {
		if (!edge_is_kept(d, i))
			continue;
		d->places[leader_of(d, map->edges[i].src)] = 0;
		d->places[leader_of(d, map->edges[i].dst)] = 0;
	}
}

static bool nodes_derive(struct deriving *d)
{
	const struct map *map = d->map;
	const char *const *names = d->derivation->names;

	nodes_choose(d);
	for (size_t i = 0; i < map->node_count; i++) {
		size_t leader = leader_of(d, i), place = d->places[leader];
		struct node *node;

		if (leader != i) {
			d->places[i] = place;
			if (place != NOWHERE)
				node_merge(&d->out->nodes[place], &map->nodes[i]);
			continue;
		}
		if (place == NOWHERE)
			continue;
		node = map_add_node(d->out);
		if (!node || !node_copy(node, &map->nodes[i], names ? names[i] : NULL))
			return false;
		d->places[i] = d->out->node_count - 1;
	}
	return true;
}

/* Writes "813, 814, 815 …" of a leader and those that follow it; next is their chain. */
static char *pids_text(const struct map *map, const size_t *next, size_t leader)
{
	char *data = NULL;
	size_t size, shown = 0;
	FILE *file = open_memstream(&data, &size);
	bool failed = !file;

	for (size_t i = leader; file && i != NOWHERE && shown < PIDS_SHOWN; i = next[i]) {
		const struct node *node = &map->nodes[i];

		fputs(shown++ ? ", " : "", file);
		if (node->pids)
			fputs(node->pids, file);
		else
			fprintf(file, "%" PRId64, node->pid);
		if (shown == PIDS_SHOWN && next[i] != NOWHERE)
			fputs(" …", file);
	}
	if (file) {
		failed |= ferror(file) != 0;
		failed |= fclose(file) != 0;
	}
	if (!failed)
		return data;
	free(data);
	return NULL;
}

static bool pids_write(struct deriving *d)
{
	const struct map *map = d->map;
	size_t *next = calloc(map->node_count + 1, sizeof(*next));
	size_t *last = calloc(map->node_count + 1, sizeof(*last));
	bool done = next && last;

	for (size_t i = 0; done && i < map->node_count; i++) {
		size_t leader = leader_of(d, i);

		next[i] = NOWHERE;
		if (leader != i)
			next[last[leader]] = i;
		last[leader] = i;
	}
	for (size_t i = 0; done && i < map->node_count; i++) {
		struct node *node;

		if (leader_of(d, i) != i || next[i] == NOWHERE || d->places[i] == NOWHERE ||
		    map->nodes[i].kind != NODE_PROCESS)
			continue;
		node = &d->out->nodes[d->places[i]];
		free(node->pids);
		node->pids = pids_text(map, next, i);
		done = node->pids;
	}
	free(next);
	free(last);
	return done;
}

static bool channel_copy(struct deriving *d, size_t channel)
{
	const struct channel *from;
	struct channel *to;

	if (channel == MAP_NO_CHANNEL || d->channel_places[channel] != NOWHERE)
		return true;
	from = &d->map->channels[channel];
	to = map_add_channel(d->out);
	d->channel_places[channel] = d->out->channel_count - 1;
	return to && copy(&to->id, from->id) && copy(&to->mechanism, from->mechanism) &&
	       copy(&to->object, from->object) && copy(&to->peer, from->peer) &&
	       copy(&to->name, from->name);
}

/* Those that an edge or a hub refers to, in their order. */
static bool channels_derive(struct deriving *d)
{
	const struct map *map = d->map;
	bool *used = calloc(map->channel_count + 1, sizeof(*used));
	bool done = used;

	for (size_t i = 0; used && i < map->edge_count; i++) {
		if (edge_is_kept(d, i) && map->edges[i].channel != MAP_NO_CHANNEL)
			used[map->edges[i].channel] = true;
	}
	for (size_t i = 0; used && i < map->node_count; i++) {
		if (map->nodes[i].kind == NODE_HUB && leader_of(d, i) == i && d->places[i] != NOWHERE)
			used[map->nodes[i].channel] = true;
	}
	for (size_t i = 0; i < map->channel_count; i++)
		d->channel_places[i] = NOWHERE;
	for (size_t i = 0; done && i < map->channel_count; i++)
		done = !used[i] || channel_copy(d, i);
	for (size_t i = 0; done && i < d->out->node_count; i++) {
		if (d->out->nodes[i].kind == NODE_HUB)
			d->out->nodes[i].channel = d->channel_places[d->out->nodes[i].channel];
	}
	free(used);
	return done;
}

/* Zero: they become one edge. */
static int edge_compare_key(const struct deriving *d, const struct edge *a, const struct edge *b)
{
	int c = size_compare(d->places[a->src], d->places[b->src]);

	c = c ? c : size_compare(d->places[a->dst], d->places[b->dst]);
	c = c ? c : size_compare(a->channel, b->channel);
	c = c ? c : strcmp(a->mechanism, b->mechanism);
	c = c ? c : strcmp(a->signal ? a->signal : "", b->signal ? b->signal : "");
	c = c ? c : (int)change_presence(a->change) - (int)change_presence(b->change);
	return c ? c : (int)a->attribution - (int)b->attribution;
}

static int edge_compare(const void *left, const void *right, void *context)
{
	const struct deriving *d = context;
	size_t i = *(const size_t *)left, j = *(const size_t *)right;
	int c = edge_compare_key(d, &d->map->edges[i], &d->map->edges[j]);

	return c ? c : size_compare(i, j);
}

static bool edge_merge(struct edge *to, const struct edge *from)
{
	to->change = change_join(to->change, from->change);
	to->before.ops += from->before.ops;
	to->before.bytes += from->before.bytes;
	to->before.received_ops += from->before.received_ops;
	to->before.received_bytes += from->before.received_bytes;
	to->ops += from->ops;
	to->bytes += from->bytes;
	to->received_ops += from->received_ops;
	to->received_bytes += from->received_bytes;
	if (to->first > from->first)
		to->first = from->first;
	if (to->last < from->last)
		to->last = from->last;
	return !edge_merge_steps(to, from);
}

static bool frames_derive(struct deriving *d)
{
	for (size_t i = 0; i < d->map->frame_count; i++) {
		struct frame *frame = map_add_frame(d->out);

		if (!frame)
			return false;
		*frame = d->map->frames[i];
	}
	return true;
}

static bool edges_derive(struct deriving *d)
{
	const struct edge *previous = NULL;
	size_t count = 0;

	for (size_t i = 0; i < d->map->edge_count; i++) {
		if (edge_is_kept(d, i))
			d->order[count++] = i;
	}
	qsort_r(d->order, count, sizeof(*d->order), edge_compare, d);
	for (size_t i = 0; i < count; i++) {
		const struct edge *from = &d->map->edges[d->order[i]];
		struct edge *to;

		/* Only what is drawn as one adds up: a record may hold an edge twice. */
		if (d->derivation->leaders && previous && !edge_compare_key(d, previous, from)) {
			if (!edge_merge(&d->out->edges[d->out->edge_count - 1], from))
				return false;
			continue;
		}
		previous = from;
		to = map_add_edge(d->out);
		if (!to)
			return false;
		*to = *from;
		to->mechanism = to->signal = NULL;
		to->steps = NULL;
		to->step_count = 0;
		to->src = d->places[from->src];
		to->dst = d->places[from->dst];
		if (from->channel != MAP_NO_CHANNEL)
			to->channel = d->channel_places[from->channel];
		if (!copy(&to->mechanism, from->mechanism) || !copy(&to->signal, from->signal) ||
		    edge_merge_steps(to, from))
			return false;
	}
	return true;
}

/* Whether an end listens on that very address: then it is one, not one of several. */
static bool name_is_listened(const struct map *map, const struct edge *edge, const char *name)
{
	const char *ends[] = { map->nodes[edge->src].listens, map->nodes[edge->dst].listens };
	size_t len = strlen(name);

	for (int i = 0; i < 2; i++) {
		const char *at = ends[i];

		for (; len > 0 && at && (at = strstr(at, name)) != NULL; at += len) {
			if (at > ends[i] && at[-1] == ' ' && (at[len] == '\0' || at[len] == ','))
				return true;
		}
	}
	return false;
}

/*
 * Eight terminals of eight folded sessions are one row, and one name of the
 * eight would be wrong: numbers that the system chose are not shown there.
 */
static void names_drop(struct map *map)
{
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];
		struct channel *channel;

		if (edge->channel == MAP_NO_CHANNEL || (node_members(&map->nodes[edge->src]) < 2 &&
							node_members(&map->nodes[edge->dst]) < 2))
			continue;
		channel = &map->channels[edge->channel];
		if (channel->name && !channel_place(channel) &&
		    !name_is_listened(map, edge, channel->name)) {
			free(channel->name);
			channel->name = NULL;
		}
	}
}

static bool comparison_copy(struct map *to, const struct map *from)
{
	struct comparison *copied;

	if (!from->comparison)
		return true;
	copied = to->comparison = calloc(1, sizeof(*copied));
	if (!copied)
		return false;
	copied->duration = from->comparison->duration;
	copied->threshold = from->comparison->threshold;
	copied->only_changes = from->comparison->only_changes;
	return copy(&copied->host, from->comparison->host) &&
	       copy(&copied->started, from->comparison->started) &&
	       copy(&copied->caveat, from->comparison->caveat);
}

static bool head_derive(const struct map *map, struct map *out)
{
	const struct completeness *from = &map->completeness;
	struct completeness *to = &out->completeness;

	out->duration = map->duration;
	*to = *from;
	to->mechanism_count = 0;
	to->mechanisms = calloc(from->mechanism_count + 1, sizeof(*to->mechanisms));
	if (!to->mechanisms)
		return false;
	for (size_t i = 0; i < from->mechanism_count; i++) {
		const struct mechanism_state *a = &from->mechanisms[i];
		struct mechanism_state *b = &to->mechanisms[to->mechanism_count++];

		b->lost = a->lost;
		if (!copy(&b->mechanism, a->mechanism) || !copy(&b->state, a->state) ||
		    !copy(&b->hooks, a->hooks) || !copy(&b->reason, a->reason))
			return false;
	}
	return comparison_copy(out, map) && copy(&out->host, map->host) && copy(&out->kernel, map->kernel) &&
	       copy(&out->started, map->started) && copy(&out->note, map->note);
}

int map_derive(const struct map *map, const struct derivation *derivation, struct map **ret_map)
{
	struct deriving d = { .map = map, .derivation = derivation, .out = map_new() };
	bool done;

	d.places = calloc(map->node_count + 1, sizeof(*d.places));
	d.channel_places = calloc(map->channel_count + 1, sizeof(*d.channel_places));
	d.order = calloc(map->edge_count + 1, sizeof(*d.order));
	done = d.out && d.places && d.channel_places && d.order && head_derive(map, d.out) &&
	       nodes_derive(&d) && channels_derive(&d) && edges_derive(&d) && frames_derive(&d);
	if (done && derivation->leaders) {
		done = pids_write(&d);
		names_drop(d.out);
	}
	free(d.places);
	free(d.channel_places);
	free(d.order);
	if (!done) {
		map_free(d.out);
		return -ENOMEM;
	}
	*ret_map = d.out;
	return 0;
}
