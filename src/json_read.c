// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the JSON map. The file may come from anywhere: every reference is
 * looked up, every string cleaned, every number checked before it is used.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "map.h"
#include "emit.h"
#include "text.h"

#define ID_LEN 32

struct reader {
	struct map *map;
	json_t *nodes, *channels; /* id -> index */
	const char *array;	  /* where we are, for error lines: array[index] */
	size_t index;
	char *error;
	bool short_of_memory;
};

/* Only the first mistake is told. Returns -EINVAL, to be returned in turn. */
__attribute__((format(printf, 3, 4)))
static int fail(struct reader *r, const char *key, const char *format, ...)
{
	char what[256], where[96] = "";
	va_list args;

	if (r->error)
		return -EINVAL;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (r->array)
		snprintf(where, sizeof(where), "%s[%zu]%s", r->array, r->index, key ? "." : ": ");
	if (asprintf(&r->error, "not an ipcmap map: %s%s%s%s", where, key ? key : "",
		     key ? ": " : "", what) < 0)
		r->error = NULL;
	return -EINVAL;
}

static int fail_memory(struct reader *r)
{
	r->short_of_memory = true;
	return -ENOMEM;
}

static int read_text(struct reader *r, json_t *object, const char *key, char **ret)
{
	json_t *value = json_object_get(object, key);
	char *text;

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_string(value))
		return fail(r, key, "not a string");
	text = text_clean(json_string_value(value), json_string_length(value));
	if (!text)
		return fail_memory(r);
	*ret = text;
	return 0;
}

/* A string that must be there, and not be empty. */
static int need_text(struct reader *r, json_t *object, const char *key, char **ret)
{
	int rc = read_text(r, object, key, ret);

	if (rc == 0 && (!*ret || !**ret))
		return fail(r, key, "missing");
	return rc;
}

static int read_count(struct reader *r, json_t *object, const char *key, uint64_t *ret)
{
	json_t *value = json_object_get(object, key);

	if (!value)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return fail(r, key, "not a whole number of zero or more");
	*ret = (uint64_t)json_integer_value(value);
	return 0;
}

/* null or nothing: -1, not known. */
static int read_number(struct reader *r, json_t *object, const char *key, int64_t *ret)
{
	json_t *value = json_object_get(object, key);
	uint64_t count = 0;
	int rc;

	if (!value || json_is_null(value)) {
		*ret = -1;
		return 0;
	}
	rc = read_count(r, object, key, &count);
	if (rc == 0)
		*ret = (int64_t)count;
	return rc;
}

static int read_time(struct reader *r, json_t *object, const char *key, double least, double *ret)
{
	json_t *value = json_object_get(object, key);
	double seconds;

	if (!value)
		return 0;
	if (!json_is_number(value))
		return fail(r, key, "not a number of seconds");
	seconds = json_number_value(value);
	if (!isfinite(seconds) || seconds < least || seconds > 1e11)
		return fail(r, key, "a time out of range");
	*ret = seconds;
	return 0;
}

static int read_flag(struct reader *r, json_t *object, const char *key, bool *ret)
{
	json_t *value = json_object_get(object, key);

	if (!value)
		return 0;
	if (!json_is_boolean(value))
		return fail(r, key, "neither true nor false");
	*ret = json_is_true(value);
	return 0;
}

/* Ids become names and XML ids in the drawing: only what is safe in all of them. */
static bool id_is_safe(const char *id)
{
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return len > 0 && len <= ID_LEN && id[len] == '\0' &&
	       ((id[0] >= 'a' && id[0] <= 'z') || (id[0] >= 'A' && id[0] <= 'Z'));
}

static int read_id(struct reader *r, json_t *object, json_t *ids, char **ret)
{
	int rc = need_text(r, object, "id", ret);

	if (rc < 0)
		return rc;
	if (!id_is_safe(*ret))
		return fail(r, "id", "not letters and digits, at most %d", ID_LEN);
	if (json_object_get(ids, *ret))
		return fail(r, "id", "%s is there twice", *ret);
	if (json_object_set_new(ids, *ret, json_integer((json_int_t)r->index)) < 0)
		return fail_memory(r);
	return 0;
}

static int read_reference(struct reader *r, json_t *object, const char *key, json_t *ids,
			  size_t *ret)
{
	const char *id = json_string_value(json_object_get(object, key));
	json_t *index = id ? json_object_get(ids, id) : NULL;

	if (!id)
		return fail(r, key, "missing");
	if (!index) {
		/* Only a safe id may be quoted on a terminal. */
		return fail(r, key, "%s is not in the map", id_is_safe(id) ? id : "its id");
	}
	*ret = (size_t)json_integer_value(index);
	return 0;
}

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
		return fail_memory(r);
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
	rc = rc ? rc : read_flag(r, object, "kthread", &node->kthread);
	rc = rc ? rc : read_text(r, object, "listens", &node->listens);
	rc = rc ? rc : read_text(r, object, "cmdline", &node->cmdline);
	rc = rc ? rc : read_text(r, object, "pids", &node->pids);
	if (rc == 0 && node->pid < 0)
		return fail(r, "pid", "missing");
	return rc;
}

/* What a node has that stands for several. */
static int read_group(struct reader *r, json_t *object, struct node *node)
{
	uint64_t members = 0;
	int rc = read_text(r, object, "name", &node->name);

	rc = rc ? rc : read_count(r, object, "members", &members);
	if (rc == 0 && members > UINT32_MAX)
		return fail(r, "members", "too many");
	node->members = (size_t)members;
	return rc;
}

static int read_node(struct reader *r, json_t *object)
{
	const char *kind = json_string_value(json_object_get(object, "kind"));
	struct node *node = map_add_node(r->map);
	int rc;

	if (!node)
		return fail_memory(r);
	rc = read_id(r, object, r->nodes, &node->id);
	rc = rc ? rc : read_group(r, object, node);
	if (rc < 0)
		return rc;
	if (!kind)
		return fail(r, "kind", "missing");
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
		return fail(r, "kind", "neither process, hub, external nor kernel");
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
	return fail(r, "attribution", name ? "unknown" : "missing");
}

static int read_edge(struct reader *r, json_t *object)
{
	json_t *channel = json_object_get(object, "channel");
	struct edge *edge = map_add_edge(r->map);
	int rc;

	if (!edge)
		return fail_memory(r);
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
	return rc ? rc : read_attribution(r, object, &edge->attribution);
}

static int read_array(struct reader *r, json_t *object, const char *key,
		      int (*element)(struct reader *r, json_t *object))
{
	json_t *array = json_object_get(object, key);
	json_t *value;
	size_t i;

	r->array = NULL;
	if (!json_is_array(array))
		return fail(r, key, array ? "not an array" : "missing");
	r->array = key;
	json_array_foreach(array, i, value) {
		int rc;

		r->index = i;
		if (!json_is_object(value))
			return fail(r, NULL, "not an object");
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
		return fail(r, "edge", "there is none of that number");
	return edge_add_step(&r->map->edges[edge], &step) ? fail_memory(r) : 0;
}

/* One after the other, so that each begins where the one before ended. */
static int read_frame(struct reader *r, json_t *object)
{
	struct frame *frame = map_add_frame(r->map);
	size_t index = r->index;
	int rc;

	if (!frame)
		return fail_memory(r);
	rc = read_time(r, object, "start", 0, &frame->start);
	rc = rc ? rc : read_time(r, object, "end", 0, &frame->end);
	if (!rc && (frame->end < frame->start || (index && frame->start != frame[-1].end)))
		return fail(r, "start", "frames do not follow each other");
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
		return fail(r, "completeness", object ? "not an object" : "missing");
	c->mechanisms = calloc(count + 1, sizeof(*c->mechanisms));
	if (!c->mechanisms)
		return fail_memory(r);
	rc = read_count(r, object, "events", &c->events);
	rc = rc ? rc : read_count(r, object, "lost", &c->lost);
	rc = rc ? rc : read_count(r, object, "unattributed", &c->unattributed);
	if (rc == 0 && external && !json_is_object(external))
		return fail(r, "external", "not an object");
	rc = rc ? rc : read_count(r, external, "ops", &c->external_ops);
	rc = rc ? rc : read_count(r, external, "bytes", &c->external_bytes);
	return rc ? rc : read_array(r, object, "mechanisms", read_mechanism_state);
}

static int read_head(struct reader *r, json_t *root)
{
	const char *format = json_string_value(json_object_get(root, "format"));
	json_t *version = json_object_get(root, "version");
	json_t *frames = json_object_get(root, "frames");

	if (!format || strcmp(format, "ipcmap") != 0)
		return fail(r, "format", "not \"ipcmap\"");
	if (!json_is_integer(version) || json_integer_value(version) < 1)
		return fail(r, "version", "not a whole number of one or more");
	if (json_integer_value(version) > MAP_VERSION)
		return fail(r, "version", "%" JSON_INTEGER_FORMAT
			    " is newer than this ipcmap reads (%d)",
			    json_integer_value(version), MAP_VERSION);
	if (frames && !json_is_array(frames))
		return fail(r, "frames", "not an array");
	return 0;
}

static int read_map(struct reader *r, json_t *root)
{
	int rc = read_head(r, root);

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
		rc = fail_memory(&r);
	else if (!json_is_object(root))
		rc = fail(&r, NULL, "not an object");
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
