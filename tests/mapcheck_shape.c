// SPDX-License-Identifier: GPL-2.0-only
/* Does a map hold together, whatever the truth is: its form, its references, its sums? */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mapcheck.h"

static bool known(const char *const *words, const char *word)
{
	for (; *words; words++)
		if (!strcmp(*words, word))
			return true;
	return false;
}

static void check_edge_shape(struct check *check, const json_t *edge)
{
	static const char *const attributions[] = { "exact", "undelivered", "earlier", "hub",
						    "idle", NULL };
	json_t *src = edge_node(check, edge, "src"), *dst = edge_node(check, edge, "dst");
	json_t *channel = json_object_get(edge, "channel");
	json_t *object = json_object_get(check->channels, text(edge, "channel"));
	bool is_signal = !strcmp(text(edge, "mechanism"), "signal");
	bool touches_hub = false;
	unsigned int before = check->problems;

	if (!src || !dst)
		problem(check, "edge end is no node: %s -> %s", text(edge, "src"), text(edge, "dst"));
	if (json_is_string(channel) ? !object : !is_signal)
		problem(check, "edge channel is no channel: %s", text(edge, "channel"));
	if (object && strcmp(text(object, "mechanism"), text(edge, "mechanism")))
		problem(check, "channel is %s, edge is not", text(object, "mechanism"));
	if (!known(attributions, text(edge, "attribution")))
		problem(check, "unknown attribution %s", text(edge, "attribution"));
	if (is_signal != json_is_string(json_object_get(edge, "signal")))
		problem(check, "a signal has a name, and nothing else has");
	if (json_number_value(json_object_get(edge, "first")) >
	    json_number_value(json_object_get(edge, "last")))
		problem(check, "first is after last");
	for (int end = 0; end < 2; end++) {
		const json_t *node = end ? dst : src;

		if (!node || strcmp(text(node, "kind"), "hub"))
			continue;
		touches_hub = true;
		if (strcmp(text(node, "channel"), text(edge, "channel")))
			problem(check, "hub of channel %s on an edge of another", text(node, "channel"));
	}
	if (!strcmp(text(edge, "attribution"), "hub") && !touches_hub)
		problem(check, "attribution hub without a hub");
	if (check->problems > before)
		print_edge(check, "  edge:          ", edge);
}

/* Each member of a multicast group, or of a network, gets a copy. */
static bool is_group(const char *mechanism, const json_t *channel)
{
	const char *name = text(channel, "name");
	int first = atoi(name);

	return !strcmp(mechanism, "udp") &&
	       ((first >= 224 && first < 240) || !strncasecmp(name, "[ff", 3) ||
		!strncmp(name, "127.255.255.255:", 16));
}

static bool has_uncounted(const json_t *edges)
{
	json_t *edge;
	size_t i;

	json_array_foreach(edges, i, edge)
		if (json_is_true(json_object_get(edge, "uncounted")))
			return true;
	return false;
}

/*
 * Nothing comes out that did not go in, apart from what is marked as sent earlier.
 * (Less may: it is still unread, dropped, or cut short by MSG_TRUNC; the truth says
 * how much.) A terminal's two sides differ by nature.
 */
static void check_conservation(struct check *check, const char *id, const json_t *channel)
{
	const char *mechanism = text(channel, "mechanism");
	json_int_t sent = 0, received = 0;
	bool copied = is_group(mechanism, channel);
	json_t *edge;
	size_t i;

	if (!strcmp(mechanism, "pty") || check->uncounted)
		return;
	json_array_foreach(json_object_get(check->map, "edges"), i, edge) {
		if (strcmp(text(edge, "channel"), id))
			continue;
		sent += number(edge, "bytes");
		if (!strcmp(text(edge, "attribution"), "earlier"))
			continue;
		if (!copied)
			received += number(edge, "received_bytes");
		else if (number(edge, "received_bytes") > received)
			received = number(edge, "received_bytes");
	}
	if (received > sent)
		problem(check, "not conserved: %s %s: sent %lld, received %lld", mechanism, id,
			(long long)sent, (long long)received);
}

/* The channels of these edges. */
static json_t *channels_of(const struct check *check, const json_t *edges)
{
	json_t *channels = json_object(), *edge;
	size_t i;

	json_array_foreach(edges, i, edge) {
		const char *id = text(edge, "channel");

		if (json_object_get(check->channels, id))
			json_object_set(channels, id, json_object_get(check->channels, id));
	}
	return channels;
}

void check_shape(struct check *check)
{
	json_t *completeness = json_object_get(check->map, "completeness");
	json_t *edges = check->only_listed ? check->map_edges : json_object_get(check->map, "edges");
	json_t *channels = check->only_listed ? channels_of(check, edges) : json_incref(check->channels);
	json_t *edge, *channel, *row;
	const char *id;
	size_t i;

	if (strcmp(text(check->map, "format"), "ipcmap") || number(check->map, "version") != 1)
		problem(check, "not an ipcmap map of version 1");
	if (!json_is_integer(json_object_get(completeness, "lost")) || (!check->lost && number(completeness, "lost")))
		problem(check, "completeness.lost is %lld", (long long)number(completeness, "lost"));
	json_array_foreach(json_object_get(completeness, "mechanisms"), i, row)
		if (number(row, "lost"))
			problem(check, "%s lost %lld", text(row, "mechanism"),
				(long long)number(row, "lost"));
	json_array_foreach(edges, i, edge)
		check_edge_shape(check, edge);
	check->uncounted = has_uncounted(check->truth_edges);
	json_object_foreach(channels, id, channel)
		check_conservation(check, id, channel);
	json_decref(channels);
}
