// SPDX-License-Identifier: GPL-2.0-only
/*
 * The JSON map. jansson writes every value; the frame around them is laid out
 * here, one element of an array per line, so that two maps compare line by line.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "emit.h"
#include "text.h"

/*
 * 15 significant digits give back every decimal number of that length, so a time
 * of milliseconds reads and writes as the same text.
 */
#define DUMP_FLAGS (JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))

struct writer {
	size_t *next_steps; /* by edge: the first step that no frame had yet */
	FILE *file;
	const struct map *map;
	bool failed;
};

static json_t *json_text(const char *text)
{
	json_t *value;
	char *clean;

	if (!text)
		return json_null();
	value = json_string(text);
	if (value)
		return value;
	/* Not clean after all: better visible bytes than no map. */
	clean = text_clean(text, strlen(text));
	value = clean ? json_string(clean) : NULL;
	free(clean);
	return value;
}

static json_t *json_count(uint64_t count)
{
	return json_integer(count > INT64_MAX ? INT64_MAX : (json_int_t)count);
}

/* Negative: not known. */
static json_t *json_number(int64_t number)
{
	return number < 0 ? json_null() : json_integer(number);
}

static json_t *json_time(double seconds)
{
	if (!isfinite(seconds))
		seconds = 0;
	/* Adding zero turns the -0.0 that rounding may leave into 0.0. */
	return json_real(round(fmax(fmin(seconds, 1e11), -1e11) * 1000) / 1000 + 0.0);
}

static void put(struct writer *w, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		w->failed = true;
}

/* Writes a value and lets go of it. */
static void write_value(struct writer *w, json_t *value)
{
	if (!value || json_dumpf(value, w->file, DUMP_FLAGS) < 0)
		w->failed = true;
	json_decref(value);
}

static void write_member(struct writer *w, const char *key, json_t *value)
{
	fprintf(w->file, "  \"%s\": ", key);
	write_value(w, value);
	fputs(",\n", w->file);
}

static void write_array(struct writer *w, const char *indent, const char *key, size_t count,
			json_t *(*element)(struct writer *w, size_t i))
{
	fprintf(w->file, "%s\"%s\": [", indent, key);
	for (size_t i = 0; i < count && !w->failed; i++) {
		fprintf(w->file, "%s\n%s  ", i ? "," : "", indent);
		write_value(w, element(w, i));
	}
	if (count > 0)
		fprintf(w->file, "\n%s", indent);
	fputs("]", w->file);
}

static json_t *mechanism_json(struct writer *w, size_t i)
{
	const struct mechanism_state *state = &w->map->completeness.mechanisms[i];
	json_t *o = json_object();

	put(w, o, "mechanism", json_text(state->mechanism));
	put(w, o, "state", json_text(state->state));
	put(w, o, "hooks", json_text(state->hooks));
	put(w, o, "lost", json_count(state->lost));
	put(w, o, "reason", json_text(state->reason));
	return o;
}

static void write_completeness(struct writer *w)
{
	const struct completeness *c = &w->map->completeness;
	json_t *external = json_object();

	put(w, external, "ops", json_count(c->external_ops));
	put(w, external, "bytes", json_count(c->external_bytes));
	fputs("  \"completeness\": {\n  ", w->file);
	write_member(w, "events", json_count(c->events));
	fputs("  ", w->file);
	write_member(w, "lost", json_count(c->lost));
	fputs("  ", w->file);
	write_member(w, "unattributed", json_count(c->unattributed));
	fputs("  ", w->file);
	write_member(w, "external", external);
	write_array(w, "    ", "mechanisms", c->mechanism_count, mechanism_json);
	fputs("\n  },\n", w->file);
}

static void process_put(struct writer *w, json_t *o, const struct node *node)
{
	put(w, o, "pid", json_number(node->pid));
	put(w, o, "start", json_time(node->start));
	put(w, o, "ppid", json_number(node->ppid));
	put(w, o, "comm", json_text(node->comm));
	put(w, o, "exe", json_text(node->exe));
	put(w, o, "uid", json_number(node->uid));
	put(w, o, "cgroup", json_text(node->cgroup));
	put(w, o, "unit", json_text(node->unit));
	put(w, o, "container", json_text(node->container));
	put(w, o, "exited", json_boolean(node->exited));
	if (node->exited && node->ended > 0)
		put(w, o, "ended", json_time(node->ended));
	if (node->kthread)
		put(w, o, "kthread", json_true());
	if (node->listens)
		put(w, o, "listens", json_text(node->listens));
	if (node->cmdline)
		put(w, o, "cmdline", json_text(node->cmdline));
	if (node->pids)
		put(w, o, "pids", json_text(node->pids));
}

static json_t *node_json(struct writer *w, size_t i)
{
	static const char *const kinds[] = {
		[NODE_PROCESS] = "process",
		[NODE_HUB] = "hub",
		[NODE_EXTERNAL] = "external",
		[NODE_KERNEL] = "kernel",
	};
	const struct node *node = &w->map->nodes[i];
	json_t *o = json_object();

	put(w, o, "id", json_text(node->id));
	put(w, o, "kind", json_text(kinds[node->kind]));
	if (node->kind == NODE_PROCESS)
		process_put(w, o, node);
	else if (node->kind == NODE_HUB)
		put(w, o, "channel", json_text(w->map->channels[node->channel].id));
	else if (node->kind == NODE_EXTERNAL)
		put(w, o, "address", json_text(node->address));
	if (node->name)
		put(w, o, "name", json_text(node->name));
	if (node_members(node) > 1)
		put(w, o, "members", json_count(node->members));
	if (node->change) {
		put(w, o, "change", json_text(change_name(node->change)));
		put(w, o, "members_before", json_count(node->members_before));
	}
	if (node->was)
		put(w, o, "was", json_text(node->was));
	/* What both maps told, and their difference no longer does. */
	if (node->change && node->role)
		put(w, o, "role", json_text(node->role));
	if (node->change && node->sink)
		put(w, o, "sink", json_true());
	return o;
}

static json_t *channel_json(struct writer *w, size_t i)
{
	const struct channel *channel = &w->map->channels[i];
	json_t *o = json_object();

	put(w, o, "id", json_text(channel->id));
	put(w, o, "mechanism", json_text(channel->mechanism));
	put(w, o, "object", json_text(channel->object));
	put(w, o, "peer", json_text(channel->peer));
	put(w, o, "name", json_text(channel->name));
	return o;
}

static json_t *before_json(struct writer *w, const struct edge_before *before)
{
	json_t *o = json_object();

	put(w, o, "ops", json_count(before->ops));
	put(w, o, "bytes", json_count(before->bytes));
	put(w, o, "received_ops", json_count(before->received_ops));
	put(w, o, "received_bytes", json_count(before->received_bytes));
	return o;
}

static json_t *edge_json(struct writer *w, size_t i)
{
	const struct map *map = w->map;
	const struct edge *edge = &map->edges[i];
	bool none = edge->channel == MAP_NO_CHANNEL;
	json_t *o = json_object();

	put(w, o, "src", json_text(map->nodes[edge->src].id));
	put(w, o, "dst", json_text(map->nodes[edge->dst].id));
	put(w, o, "channel", none ? json_null() : json_text(map->channels[edge->channel].id));
	put(w, o, "mechanism", json_text(edge->mechanism));
	if (edge->signal)
		put(w, o, "signal", json_text(edge->signal));
	put(w, o, "ops", json_count(edge->ops));
	put(w, o, "bytes", json_count(edge->bytes));
	put(w, o, "received_ops", json_count(edge->received_ops));
	put(w, o, "received_bytes", json_count(edge->received_bytes));
	put(w, o, "first", json_time(edge->first));
	put(w, o, "last", json_time(edge->last));
	put(w, o, "attribution", json_text(attribution_name(edge->attribution)));
	if (edge->change)
		put(w, o, "change", json_text(change_name(edge->change)));
	if (edge->change && !change_presence(edge->change))
		put(w, o, "before", before_json(w, &edge->before));
	return o;
}

/* A frame has the figures of the edges in which anything moved, by their index. */
static json_t *frame_json(struct writer *w, size_t i)
{
	const struct map *map = w->map;
	json_t *o = json_object(), *edges = json_array();

	put(w, o, "start", json_time(map->frames[i].start));
	put(w, o, "end", json_time(map->frames[i].end));
	for (size_t k = 0; k < map->edge_count; k++) {
		const struct edge *edge = &map->edges[k];
		const struct edge_step *step;
		json_t *one;

		/* An edge without steps has no array of them. */
		if (w->next_steps[k] == edge->step_count)
			continue;
		step = &edge->steps[w->next_steps[k]];
		if (step->frame != i)
			continue;
		w->next_steps[k]++;
		one = json_object();
		put(w, one, "edge", json_count(k));
		put(w, one, "ops", json_count(step->ops));
		put(w, one, "bytes", json_count(step->bytes));
		put(w, one, "received_ops", json_count(step->received_ops));
		put(w, one, "received_bytes", json_count(step->received_bytes));
		if (json_array_append_new(edges, one))
			w->failed = true;
	}
	put(w, o, "edges", edges);
	return o;
}

/* Of the earlier map. */
static json_t *comparison_json(struct writer *w, const struct comparison *comparison)
{
	json_t *o = json_object();

	put(w, o, "host", json_text(comparison->host));
	put(w, o, "started", json_text(comparison->started));
	put(w, o, "duration", json_time(comparison->duration));
	put(w, o, "threshold", json_real(comparison->threshold));
	put(w, o, "caveat", json_text(comparison->caveat));
	if (comparison->only_changes)
		put(w, o, "only_changes", json_true());
	return o;
}

static void write_map(struct writer *w)
{
	const struct map *map = w->map;

	fputs("{\n", w->file);
	/* Another format: what reads maps would take what is gone for what is there. */
	write_member(w, "format", json_string(map->comparison ? "ipcmap-diff" : "ipcmap"));
	write_member(w, "version", json_integer(MAP_VERSION));
	write_member(w, "host", json_text(map->host));
	write_member(w, "kernel", json_text(map->kernel));
	write_member(w, "started", json_text(map->started));
	write_member(w, "duration", json_time(map->duration));
	if (map->note)
		write_member(w, "note", json_text(map->note));
	if (map->comparison)
		write_member(w, "before", comparison_json(w, map->comparison));
	write_completeness(w);
	write_array(w, "  ", "nodes", map->node_count, node_json);
	fputs(",\n", w->file);
	write_array(w, "  ", "channels", map->channel_count, channel_json);
	fputs(",\n", w->file);
	write_array(w, "  ", "edges", map->edge_count, edge_json);
	fputs(",\n", w->file);
	write_array(w, "  ", "frames", map->frame_count, frame_json);
	fputs("\n}\n", w->file);
}

static bool map_has_ids(const struct map *map)
{
	for (size_t i = 0; i < map->node_count; i++) {
		if (!map->nodes[i].id)
			return false;
	}
	for (size_t i = 0; i < map->channel_count; i++) {
		if (!map->channels[i].id)
			return false;
	}
	return true;
}

int emit_json(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	      char **ret_error)
{
	struct writer w = { .map = map };
	char *data = NULL;
	size_t size = 0;

	(void)options;
	if (!map_has_ids(map)) {
		*ret_error = strdup("the map was not sorted: its nodes have no ids");
		return -EINVAL;
	}
	w.next_steps = calloc(map->edge_count + 1, sizeof(*w.next_steps));
	w.file = w.next_steps ? open_memstream(&data, &size) : NULL;
	if (w.file) {
		write_map(&w);
		w.failed |= ferror(w.file) != 0;
		w.failed |= fclose(w.file) != 0;
	}
	free(w.next_steps);
	if (!w.file || w.failed) {
		free(data);
		*ret_error = strdup("out of memory while writing the JSON map");
		return -ENOMEM;
	}
	*ret_out = (struct emitted){ .data = data, .size = size };
	return 0;
}
