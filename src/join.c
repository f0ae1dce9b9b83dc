// SPDX-License-Identifier: GPL-2.0-only
#include "join.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"
#include "join_frames.h"
#include "joiner.h"

/* The map's channel of a link, made when it is new: both directions of a stream share one. */
static int link_channel(struct joiner *joiner, struct join_link *link)
{
	struct link_key key = link_key(link->channel.mechanism, 0, link->channel.object, link->channel.remote);
	struct channel_index *entry;
	struct channel *channel;

	/* a peer by its address: a channel of its own on this socket */
	if (link->key.part == LINK_ADDRESS || link->key.part == LINK_OUTSIDE)
		key = link->key;
	HASH_FIND(hh, joiner->channels, &key, sizeof(key), entry);
	if (entry) {
		link->channel_index = entry->channel;
		return 0;
	}
	entry = calloc(1, sizeof(*entry));
	channel = map_add_channel(joiner->map);
	if (!entry || !channel) {
		free(entry);
		return -ENOMEM;
	}
	entry->key = key;
	entry->channel = link->channel_index = joiner->map->channel_count - 1;
	HASH_ADD(hh, joiner->channels, key, sizeof(entry->key), entry);
	channel->mechanism = strdup(mechanisms[link->channel.mechanism].name);
	channel->object = name_object(link->object, &link->channel);
	if (link->peer)
		channel->peer = name_object(link->peer, &link->peer->key);
	channel->name = link->name ? strdup(link->name) : name_channel(joiner->listeners, link->object);
	return channel->mechanism ? 0 : -ENOMEM;
}

/* A hub stands for one direction of a channel: what went in at one end came out at the other. */
static int party_node(struct joiner *joiner, struct join_link *link, size_t party, size_t *ret_node)
{
	if (party == PARTY_KERNEL)
		return joiner_kernel(joiner, ret_node);
	if (party != PARTY_HUB) {
		*ret_node = party;
		return 0;
	}
	if (link->hub == PARTY_NONE) {
		int error = joiner_hub(joiner, link, &link->hub);

		if (error)
			return error;
	}
	*ret_node = link->hub;
	return 0;
}

/* ipcmap itself, whose status line reaches a terminal, say. */
static bool is_own(const struct joiner *joiner, size_t node)
{
	return node == joiner->own;
}

static bool edge_is_wanted(struct joiner *joiner, const struct join_link *link, size_t src, size_t dst,
			   const struct link_edge *edge)
{
	struct completeness *completeness = &joiner->map->completeness;
	const struct node *nodes = joiner->map->nodes;

	if (is_own(joiner, src) || is_own(joiner, dst))
		return false;
	if (!joiner->node_tracked[src] && !joiner->node_tracked[dst] &&
	    !(link->tracked && (nodes[src].kind == NODE_HUB || nodes[dst].kind == NODE_HUB)))
		return false;
	if (src == dst && !joiner->options->self) {
		completeness->self_ops += edge->ops;
		completeness->self_bytes += edge->bytes;
		return false;
	}
	if (!joiner->options->external &&
	    (nodes[src].kind == NODE_EXTERNAL || nodes[dst].kind == NODE_EXTERNAL)) {
		completeness->external_ops += edge->ops + edge->received_ops;
		completeness->external_bytes += edge->bytes + edge->received_bytes;
		return false;
	}
	return true;
}

static int edge_set_steps(struct edge *edge, const struct divided *divided)
{
	int error = 0;

	for (size_t i = 0; i < divided->count && !error; i++)
		error = edge_add_step(edge, &divided->steps[i]);
	return error;
}

/* Where other edges tell the operations, which can't be divided, its bytes are still of one at least. */
static uint64_t operations_of(const struct link_edge *edge)
{
	uint64_t ops = edge->ops + edge->received_ops;

	return ops ? ops : edge->bytes || edge->received_bytes;
}

static int edge_add(struct joiner *joiner, struct join_link *link, const struct link_edge *from,
		    const struct divided *steps)
{
	struct edge *edge;
	size_t src, dst;
	int error;

	error = link_channel(joiner, link);
	if (!error)
		error = party_node(joiner, link, from->src, &src);
	if (!error)
		error = party_node(joiner, link, from->dst, &dst);
	if (error)
		return error;
	if (!edge_is_wanted(joiner, link, src, dst, from))
		return 0;
	edge = map_add_edge(joiner->map);
	if (!edge)
		return -ENOMEM;
	edge->src = src;
	edge->dst = dst;
	edge->channel = link->channel_index;
	edge->mechanism = strdup(mechanisms[link->key.mechanism].name);
	edge->ops = from->ops;
	edge->bytes = from->bytes;
	edge->received_ops = from->received_ops;
	edge->received_bytes = from->received_bytes;
	edge->first = from->first;
	edge->last = from->last;
	edge->attribution = from->attribution;
	if (joiner->map->nodes[src].kind == NODE_HUB || joiner->map->nodes[dst].kind == NODE_HUB)
		joiner->map->completeness.unattributed += operations_of(from);
	if (!edge->mechanism)
		return -ENOMEM;
	return edge_set_steps(edge, steps);
}

/* Both directions of a channel are silent: no link of it has a party. */
static bool channel_is_silent(struct joiner *joiner, const struct join_link *link)
{
	struct join_link *other;
	struct link_key key = link->key;

	if (link->link.sender_count || link->link.receiver_count)
		return false;
	if (link->key.mechanism == IPC_PTY) {
		key.part = LINK_TO_MASTER;
	} else if (link->object && link->peer) {
		key.a = link->object->key.object == key.a ? link->peer->key.object : link->object->key.object;
	} else {
		return true;
	}
	HASH_FIND(hh, joiner->links, &key, sizeof(key), other);
	return !other || (!other->link.sender_count && !other->link.receiver_count);
}

/* Did anybody type in the window? Then the terminal may read its echo. */
static bool pty_has_input(struct joiner *joiner, const struct join_link *link)
{
	struct link_key key = link->key;
	struct join_link *input;

	if (link->link.kind != LINK_PTY_OUTPUT)
		return false;
	key.part = LINK_TO_SLAVE;
	HASH_FIND(hh, joiner->links, &key, sizeof(key), input);
	return input && input->link.sender_count;
}

static int link_edges_add(struct joiner *joiner, struct join_link *link, const struct link_edges *edges)
{
	size_t frame_count = joiner->map->frame_count;
	struct divided *steps = calloc(edges->count + 1, sizeof(*steps));
	int error = steps ? 0 : -ENOMEM;

	if (!error && frame_count)
		error = frames_divide(edges, joiner->map->frames, frame_count, steps);
	for (size_t i = 0; i < edges->count && !error; i++)
		error = edge_add(joiner, link, &edges->edges[i], &steps[i]);
	for (size_t i = 0; steps && i < edges->count; i++)
		free(steps[i].steps);
	free(steps);
	return error;
}

static int link_edges(struct joiner *joiner, struct join_link *link)
{
	struct link_edges edges = { 0 };
	int error;

	if (link->link.sender_count || link->link.receiver_count) {
		link->link.echoes = pty_has_input(joiner, link);
		error = link_join(&link->link, &edges);
	} else if (joiner->options->idle && channel_is_silent(joiner, link)) {
		error = link_join_idle(&link->link, &edges);
	} else {
		return 0;
	}
	if (!error)
		error = link_edges_add(joiner, link, &edges);
	free(edges.edges);
	return error;
}

/* Signals: generations are what was sent, those that were queued what was received. */
static int signal_steps(struct joiner *joiner, const struct capture_flow *flow, struct edge *edge)
{
	const struct series *series = history_of(joiner->capture, &flow->key);
	int error = 0;

	for (size_t i = 0; series && i < series->count && !error; i++) {
		struct edge_step step = { .frame = series->steps[i].frame, .ops = series->steps[i].ops,
					  .received_ops = series->steps[i].bytes };

		error = edge_add_step(edge, &step);
	}
	return error;
}

static int signal_edge(struct joiner *joiner, const struct capture_flow *flow)
{
	struct process_key from = { .start = flow->key.start, .tgid = flow->key.tgid };
	struct process_key to = { .start = flow->key.object, .tgid = (uint32_t)flow->key.remote };
	struct capture *capture = joiner->capture;
	struct join_link none = { .key.mechanism = IPC_SIGNAL };
	struct link_edge figures = { .ops = flow->ops };
	struct edge *edge;
	size_t src, dst;
	int error;

	error = joiner_process(joiner, from, &src);
	if (!error)
		error = joiner_process(joiner, to, &dst);
	if (error)
		return error;
	if (!edge_is_wanted(joiner, &none, src, dst, &figures))
		return 0;
	edge = map_add_edge(joiner->map);
	if (!edge)
		return -ENOMEM;
	edge->src = src;
	edge->dst = dst;
	edge->channel = MAP_NO_CHANNEL;
	edge->mechanism = strdup(mechanisms[IPC_SIGNAL].name);
	edge->signal = name_signal(flow->key.remote >> 32);
	edge->ops = flow->ops;
	edge->received_ops = flow->bytes;
	edge->first = flow->first > capture->started ? (flow->first - capture->started) / 1e9 : 0;
	edge->last = flow->last > capture->started ? (flow->last - capture->started) / 1e9 : 0;
	edge->attribution = ATTRIBUTION_EXACT;
	if (!edge->mechanism || !edge->signal)
		return -ENOMEM;
	return signal_steps(joiner, flow, edge);
}

static int signals_join(struct joiner *joiner)
{
	for (size_t i = 0; i < joiner->capture->flow_count; i++) {
		int error;

		if (joiner->capture->flows[i].key.mechanism != IPC_SIGNAL)
			continue;
		error = signal_edge(joiner, &joiner->capture->flows[i]);
		if (error)
			return error;
	}
	return 0;
}

/* Idle edges to hubs come in by the holders' order: the map's sort makes it one. */
static int links_join(struct joiner *joiner)
{
	struct join_link *link, *next;
	int error = 0;

	HASH_ITER(hh, joiner->links, link, next) {
		error = link_edges(joiner, link);
		if (error)
			return error;
	}
	return 0;
}

static void completeness_fill(struct joiner *joiner)
{
	struct completeness *completeness = &joiner->map->completeness;

	for (size_t i = 0; i < joiner->capture->flow_count; i++)
		completeness->events += flow_is_part(&joiner->capture->flows[i].key) ? 0 : joiner->capture->flows[i].ops;
	for (size_t i = 0; i < IPC_MECHANISMS; i++)
		completeness->lost += joiner->capture->lost[i];
	completeness->lost += joiner->capture->records_lost;
	completeness->events += joiner->capture->unresolved;
	completeness->unattributed += joiner->capture->unresolved;
}

static void parties_free(struct party *parties, size_t count)
{
	for (size_t i = 0; i < count; i++)
		series_done(&parties[i].series);
	free(parties);
}

static int frames_fill(const struct capture *capture, struct map *map)
{
	uint64_t begin = capture->started;

	for (size_t i = 0; i < capture->cut_count; i++) {
		struct frame *frame = map_add_frame(map);

		if (!frame)
			return -ENOMEM;
		frame->start = (begin - capture->started) / 1e9;
		frame->end = (capture->cuts[i] - capture->started) / 1e9;
		begin = capture->cuts[i];
	}
	return 0;
}

static void joiner_done(struct joiner *joiner)
{
	struct external_index *external, *next_external;
	struct channel_index *channel, *next_channel;
	struct node_index *node, *next_node;
	struct join_link *link, *next_link;

	HASH_ITER(hh, joiner->links, link, next_link) {
		HASH_DEL(joiner->links, link);
		parties_free(link->link.senders, link->link.sender_count);
		parties_free(link->link.receivers, link->link.receiver_count);
		free(link->link.taken);
		free(link->link.send_holders);
		free(link->link.receive_holders);
		free(link->connected);
		free(link->name);
		free(link);
	}
	HASH_ITER(hh, joiner->nodes, node, next_node) {
		HASH_DEL(joiner->nodes, node);
		free(node);
	}
	HASH_ITER(hh, joiner->channels, channel, next_channel) {
		HASH_DEL(joiner->channels, channel);
		free(channel);
	}
	HASH_ITER(hh, joiner->externals, external, next_external) {
		HASH_DEL(joiner->externals, external);
		free(external);
	}
	listeners_free(joiner->listeners);
	receivers_free(joiner->receivers);
	free(joiner->node_tracked);
}

int join(struct capture *capture, const struct join_options *options, struct map *map)
{
	struct joiner joiner = {
		.capture = capture, .options = options, .map = map, .kernel = PARTY_NONE,
		.own = PARTY_NONE,
	};
	int error = objects_pair(capture);

	if (!error)
		error = addresses_learn(capture);
	if (!error)
		error = frames_fill(capture, map);
	if (!error)
		error = receivers_new(capture, &joiner.receivers);
	if (!error) {
		joiner_sort(&joiner);
		joiner.listeners = listeners_new(capture);
		completeness_fill(&joiner);
		error = joiner_link_flows(&joiner);
	}
	if (!error)
		error = joiner_take(&joiner);
	if (!error && options->idle)
		error = joiner_link_idle(&joiner);
	if (!error)
		error = joiner_hold(&joiner);
	if (!error)
		error = links_join(&joiner);
	if (!error)
		error = signals_join(&joiner);
	if (!error)
		error = joiner_listens(&joiner);
	if (!error)
		error = map_drop_unused(map);
	if (!error)
		error = map_sort(map);
	joiner_done(&joiner);
	return error;
}
