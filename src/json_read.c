// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the JSON map. The file may come from anywhere: every reference is
 * looked up, every string cleaned, every number checked before it is used.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "emit.h"
#include "json_fields.h"
#include "map.h"
#include "text.h"

#define FORMAT_DIFF "ipcmap-diff" /* ipcmap diff -o x.json */
#define PERCENT_MAX 1e6

static int read_mechanism_state(struct reader *r, json_t *object)
{
	struct completeness *c = &r->map->completeness;
	struct mechanism_state *state = &c->mechanisms[c->mechanism_count++];
	int rc = need_text(r, object, "mechanism", &state->mechanism);

	rc = rc ? rc : need_text(r, object, "state", &state->state);
	rc = rc ? rc : read_text(r, object, "hooks", &state->hooks);
	rc = rc ? rc : read_text(r, object, "reason", &state->reason);
	return rc ? rc : read_count(r, object, "lost", &state->lost);
}

static int read_channel(struct reader *r, json_t *object)
{
	struct channel *channel = map_add_channel(r->map);
	int rc;

	if (!channel)
		return reader_fail_memory(r);
	rc = read_id(r, object, r->channels, &channel->id);
	rc = rc ? rc : need_text(r, object, "mechanism", &channel->mechanism);
	rc = rc ? rc : read_text(r, object, "object", &channel->object);
	rc = rc ? rc : read_text(r, object, "peer", &channel->peer);
	return rc ? rc : read_text(r, object, "name", &channel->name);
}

static int read_process(struct reader *r, json_t *object, struct node *node)
{
	int rc = read_number(r, object, "pid", &node->pid);

	rc = rc ? rc : read_time(r, object, "start", -1e11, &node->start);
	rc = rc ? rc : read_number(r, object, "ppid", &node->ppid);
	rc = rc ? rc : read_text(r, object, "comm", &node->comm);
	rc = rc ? rc : read_text(r, object, "exe", &node->exe);
	rc = rc ? rc : read_number(r, object, "uid", &node->uid);
	rc = rc ? rc : read_text(r, object, "cgroup", &node->cgroup);
	rc = rc ? rc : read_text(r, object, "unit", &node->unit);
	rc = rc ? rc : read_text(r, object, "container", &node->container);
	rc = rc ? rc : read_flag(r, object, "exited", &node->exited);
	rc = rc ? rc : read_time(r, object, "ended", 0, &node->ended);
	rc = rc ? rc : read_flag(r, object, "kthread", &node->kthread);
	rc = rc ? rc : read_text(r, object, "listens", &node->listens);
	rc = rc ? rc : read_text(r, object, "cmdline", &node->cmdline);
	rc = rc ? rc : read_text(r, object, "pids", &node->pids);
	if (rc == 0 && node->pid < 0)
		return reader_fail(r, "pid", "missing");
	return rc;
}

/* Of a difference: what became of the thing. */
static int read_change(struct reader *r, json_t *object, enum change *ret)
{
	const char *name = json_string_value(json_object_get(object, "change"));

	if (!r->map->comparison)
		return 0;
	for (enum change change = CHANGE_SAME; name && change < CHANGES; change++) {
		if (strcmp(name, change_name(change)) == 0) {
			*ret = change;
			return 0;
		}
	}
	return reader_fail(r, "change", name ? "unknown" : "missing");
}

static int read_role(struct reader *r, json_t *object, const char **ret)
{
	static const char *const roles[] = { "master", "worker", "listener" };
	json_t *value = json_object_get(object, "role");
	const char *name = json_string_value(value);

	for (size_t i = 0; name && i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strcmp(name, roles[i]) == 0)
			*ret = roles[i];
	}
	return value && !*ret ? reader_fail(r, "role", "unknown") : 0;
}

static int read_change_of_node(struct reader *r, json_t *object, struct node *node)
{
	uint64_t members = 0;
	int rc = read_change(r, object, &node->change);

	if (!r->map->comparison)
		return 0;
	rc = rc ? rc : read_count(r, object, "members_before", &members);
	if (rc == 0 && members > UINT32_MAX)
		return reader_fail(r, "members_before", "too many");
	node->members_before = (size_t)members;
	rc = rc ? rc : read_role(r, object, &node->role);
	rc = rc ? rc : read_flag(r, object, "sink", &node->sink);
	return rc ? rc : read_text(r, object, "was", &node->was);
}

static int read_change_of_edge(struct reader *r, json_t *object, struct edge *edge)
{
	json_t *before = json_object_get(object, "before");
	int rc = read_change(r, object, &edge->change);

	if (rc || !r->map->comparison || change_presence(edge->change))
		return rc;
	if (!json_is_object(before))
		return reader_fail(r, "before", before ? "not an object" : "missing");
	rc = read_count(r, before, "ops", &edge->before.ops);
	rc = rc ? rc : read_count(r, before, "bytes", &edge->before.bytes);
	rc = rc ? rc : read_count(r, before, "received_ops", &edge->before.received_ops);
	return rc ? rc : read_count(r, before, "received_bytes", &edge->before.received_bytes);
}

/* What a node has that stands for several. */
static int read_group(struct reader *r, json_t *object, struct node *node)
{
	uint64_t members = 0;
	int rc = read_text(r, object, "name", &node->name);

	rc = rc ? rc : read_count(r, object, "members", &members);
	if (rc == 0 && members > UINT32_MAX)
		return reader_fail(r, "members", "too many");
	node->members = (size_t)members;
	return rc;
}

static int read_node(struct reader *r, json_t *object)
{
	const char *kind = json_string_value(json_object_get(object, "kind"));
	struct node *node = map_add_node(r->map);
	int rc;

	if (!node)
		return reader_fail_memory(r);
	rc = read_id(r, object, r->nodes, &node->id);
	rc = rc ? rc : read_group(r, object, node);
	rc = rc ? rc : read_change_of_node(r, object, node);
	if (rc < 0)
		return rc;
	if (!kind)
		return reader_fail(r, "kind", "missing");
	if (strcmp(kind, "process") == 0) {
		node->kind = NODE_PROCESS;
		return read_process(r, object, node);
	}
	if (strcmp(kind, "hub") == 0) {
		node->kind = NODE_HUB;
		return read_reference(r, object, "channel", r->channels, &node->channel);
	}
	if (strcmp(kind, "external") == 0) {
		node->kind = NODE_EXTERNAL;
		return read_text(r, object, "address", &node->address);
	}
	if (strcmp(kind, "kernel") != 0)
		return reader_fail(r, "kind", "neither process, hub, external nor kernel");
	node->kind = NODE_KERNEL;
	return 0;
}

static int read_attribution(struct reader *r, json_t *object, enum attribution *ret)
{
	const char *name = json_string_value(json_object_get(object, "attribution"));

	for (int i = 0; name && i < ATTRIBUTIONS; i++) {
		if (strcmp(name, attribution_name((enum attribution)i)) == 0) {
			*ret = (enum attribution)i;
			return 0;
		}
	}
	return reader_fail(r, "attribution", name ? "unknown" : "missing");
}

static int read_edge(struct reader *r, json_t *object)
{
	json_t *channel = json_object_get(object, "channel");
	struct edge *edge = map_add_edge(r->map);
	int rc;

	if (!edge)
		return reader_fail_memory(r);
	edge->channel = MAP_NO_CHANNEL;
	rc = read_reference(r, object, "src", r->nodes, &edge->src);
	rc = rc ? rc : read_reference(r, object, "dst", r->nodes, &edge->dst);
	if (rc == 0 && channel && !json_is_null(channel))
		rc = read_reference(r, object, "channel", r->channels, &edge->channel);
	rc = rc ? rc : need_text(r, object, "mechanism", &edge->mechanism);
	rc = rc ? rc : read_text(r, object, "signal", &edge->signal);
	rc = rc ? rc : read_count(r, object, "ops", &edge->ops);
	rc = rc ? rc : read_count(r, object, "bytes", &edge->bytes);
	rc = rc ? rc : read_count(r, object, "received_ops", &edge->received_ops);
	rc = rc ? rc : read_count(r, object, "received_bytes", &edge->received_bytes);
	rc = rc ? rc : read_time(r, object, "first", -1e11, &edge->first);
	rc = rc ? rc : read_time(r, object, "last", -1e11, &edge->last);
	rc = rc ? rc : read_attribution(r, object, &edge->attribution);
	return rc ? rc : read_change_of_edge(r, object, edge);
}

static int read_array(struct reader *r, json_t *object, const char *key,
		      int (*element)(struct reader *r, json_t *object))
{
	json_t *array = json_object_get(object, key);
	json_t *value;
	size_t i;

	r->array = NULL;
	if (!json_is_array(array))
		return reader_fail(r, key, array ? "not an array" : "missing");
	r->array = key;
	json_array_foreach(array, i, value) {
		int rc;

		r->index = i;
		if (!json_is_object(value))
			return reader_fail(r, NULL, "not an object");
		rc = element(r, value);
		if (rc < 0)
			return rc;
	}
	r->array = NULL;
	return 0;
}

static int read_step(struct reader *r, json_t *object)
{
	struct edge_step step = { .frame = r->map->frame_count - 1 };
	uint64_t edge = 0;
	int rc = read_count(r, object, "edge", &edge);

	rc = rc ? rc : read_count(r, object, "ops", &step.ops);
	rc = rc ? rc : read_count(r, object, "bytes", &step.bytes);
	rc = rc ? rc : read_count(r, object, "received_ops", &step.received_ops);
	rc = rc ? rc : read_count(r, object, "received_bytes", &step.received_bytes);
	if (rc)
		return rc;
	if (edge >= r->map->edge_count)
		return reader_fail(r, "edge", "there is none of that number");
	return edge_add_step(&r->map->edges[edge], &step) ? reader_fail_memory(r) : 0;
}

/* One after the other, so that each begins where the one before ended. */
static int read_frame(struct reader *r, json_t *object)
{
	struct frame *frame = map_add_frame(r->map);
	size_t index = r->index;
	int rc;

	if (!frame)
		return reader_fail_memory(r);
	rc = read_time(r, object, "start", 0, &frame->start);
	rc = rc ? rc : read_time(r, object, "end", 0, &frame->end);
	if (!rc && (frame->end < frame->start || (index && frame->start != frame[-1].end)))
		return reader_fail(r, "start", "frames do not follow each other");
	rc = rc ? rc : read_array(r, object, "edges", read_step);
	r->array = "frames";
	r->index = index;
	return rc;
}

static int read_completeness(struct reader *r, json_t *root)
{
	json_t *object = json_object_get(root, "completeness");
	json_t *external = json_object_get(object, "external");
	struct completeness *c = &r->map->completeness;
	size_t count = json_array_size(json_object_get(object, "mechanisms"));
	int rc;

	if (!json_is_object(object))
		return reader_fail(r, "completeness", object ? "not an object" : "missing");
	c->mechanisms = calloc(count + 1, sizeof(*c->mechanisms));
	if (!c->mechanisms)
		return reader_fail_memory(r);
	rc = read_count(r, object, "events", &c->events);
	rc = rc ? rc : read_count(r, object, "lost", &c->lost);
	rc = rc ? rc : read_count(r, object, "unattributed", &c->unattributed);
	if (rc == 0 && external && !json_is_object(external))
		return reader_fail(r, "external", "not an object");
	rc = rc ? rc : read_count(r, external, "ops", &c->external_ops);
	rc = rc ? rc : read_count(r, external, "bytes", &c->external_bytes);
	return rc ? rc : read_array(r, object, "mechanisms", read_mechanism_state);
}

static int read_head(struct reader *r, json_t *root)
{
	const char *format = json_string_value(json_object_get(root, "format"));
	json_t *version = json_object_get(root, "version");
	json_t *frames = json_object_get(root, "frames");

	if (!format || (strcmp(format, "ipcmap") != 0 && strcmp(format, FORMAT_DIFF) != 0))
		return reader_fail(r, "format", "not \"ipcmap\"");
	if (!json_is_integer(version) || json_integer_value(version) < 1)
		return reader_fail(r, "version", "not a whole number of one or more");
	if (json_integer_value(version) > MAP_VERSION)
		return reader_fail(r, "version", "%" JSON_INTEGER_FORMAT
			    " is newer than this ipcmap reads (%d)",
			    json_integer_value(version), MAP_VERSION);
	if (frames && !json_is_array(frames))
		return reader_fail(r, "frames", "not an array");
	return 0;
}

/* What only a difference has: the head of the earlier map. */
static int read_comparison(struct reader *r, json_t *root)
{
	json_t *object = json_object_get(root, "before"), *threshold;
	struct comparison *comparison;
	int rc;

	if (strcmp(json_string_value(json_object_get(root, "format")), FORMAT_DIFF) != 0)
		return 0;
	if (!json_is_object(object))
		return reader_fail(r, "before", object ? "not an object" : "missing");
	comparison = r->map->comparison = calloc(1, sizeof(*comparison));
	if (!comparison)
		return reader_fail_memory(r);
	rc = read_text(r, object, "host", &comparison->host);
	rc = rc ? rc : read_text(r, object, "started", &comparison->started);
	rc = rc ? rc : read_time(r, object, "duration", 0, &comparison->duration);
	rc = rc ? rc : read_text(r, object, "caveat", &comparison->caveat);
	rc = rc ? rc : read_flag(r, object, "only_changes", &comparison->only_changes);
	if (rc < 0)
		return rc;
	threshold = json_object_get(object, "threshold");
	comparison->threshold = json_number_value(threshold);
	if (!json_is_number(threshold) || !isfinite(comparison->threshold) ||
	    comparison->threshold < 0 || comparison->threshold > PERCENT_MAX)
		return reader_fail(r, "threshold", "not a percentage");
	return 0;
}

static int read_map(struct reader *r, json_t *root)
{
	int rc = read_head(r, root);

	rc = rc ? rc : read_comparison(r, root);
	rc = rc ? rc : read_text(r, root, "host", &r->map->host);
	rc = rc ? rc : read_text(r, root, "kernel", &r->map->kernel);
	rc = rc ? rc : read_text(r, root, "started", &r->map->started);
	rc = rc ? rc : read_time(r, root, "duration", 0, &r->map->duration);
	rc = rc ? rc : read_text(r, root, "note", &r->map->note);
	rc = rc ? rc : read_completeness(r, root);
	/* Hubs refer to channels, edges to both. */
	rc = rc ? rc : read_array(r, root, "channels", read_channel);
	rc = rc ? rc : read_array(r, root, "nodes", read_node);
	rc = rc ? rc : read_array(r, root, "edges", read_edge);
	return rc || !json_object_get(root, "frames") ? rc : read_array(r, root, "frames", read_frame);
}

/* jansson quotes bytes of the file in its message. */
static char *parse_error(const json_error_t *error)
{
	char *text = text_clean(error->text, strlen(error->text));
	char *line = NULL;

	if (!text || asprintf(&line, "not JSON: line %d, column %d: %s", error->line,
			      error->column, text) < 0)
		line = NULL;
	free(text);
	return line;
}

int map_from_json(const char *data, size_t len, struct map **ret_map, char **ret_error)
{
	struct reader r = { 0 };
	json_error_t error;
	json_t *root;
	int rc;

	root = json_loadb(data, len, JSON_REJECT_DUPLICATES, &error);
	if (!root) {
		*ret_error = parse_error(&error);
		return -EINVAL;
	}
	r.map = map_new();
	r.nodes = json_object();
	r.channels = json_object();
	if (!r.map || !r.nodes || !r.channels)
		rc = reader_fail_memory(&r);
	else if (!json_is_object(root))
		rc = reader_fail(&r, NULL, "not an object");
	else
		rc = read_map(&r, root);
	json_decref(root);
	json_decref(r.nodes);
	json_decref(r.channels);
	if (rc < 0) {
		map_free(r.map);
		*ret_error = r.error ? r.error : strdup("out of memory while reading the map");
		return rc;
	}
	*ret_map = r.map;
	return 0;
}
