// SPDX-License-Identifier: GPL-2.0-only
/* CSV and GraphML: all edges of the map, with all that is known of them. */
#include "emit_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "label.h"

int emit_written(struct text_writer *writer, void (*write)(struct text_writer *writer),
		 struct emitted *ret_out, char **ret_error)
{
	char *data = NULL;
	size_t size = 0;

	writer->file = open_memstream(&data, &size);
	if (writer->file) {
		write(writer);
		if (ferror(writer->file) && !writer->error)
			writer->error = -ENOMEM;
		if (fclose(writer->file) != 0 && !writer->error)
			writer->error = -ENOMEM;
	} else {
		writer->error = -ENOMEM;
	}
	if (writer->error) {
		free(data);
		free(writer->note);
		if (!*ret_error)
			*ret_error = strdup("out of memory while writing the map");
		return writer->error;
	}
	*ret_out = (struct emitted){ .data = data, .size = size, .note = writer->note };
	return 0;
}

char *writer_name(struct text_writer *writer, const struct node *node)
{
	char *name = node_name(writer->map, node);

	if (!name)
		writer->error = -ENOMEM;
	return name;
}

void put_xml(FILE *file, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", file);
			break;
		case '<':
			fputs("&lt;", file);
			break;
		case '>':
			fputs("&gt;", file);
			break;
		case '"':
			fputs("&quot;", file);
			break;
		case '\'':
			fputs("&#39;", file);
			break;
		default:
			fputc(*text, file);
		}
	}
}

/*
 * A field of text, in quotes. Spreadsheets take what begins with = + - @ for a
 * formula: an apostrophe before it makes it text.
 */
static void put_field(FILE *file, const char *text)
{
	fputc('"', file);
	if (text && *text && strchr("=+-@\t\r", *text))
		fputc('\'', file);
	for (; text && *text; text++) {
		if (*text == '"')
			fputc('"', file);
		fputc(*text, file);
	}
	fputc('"', file);
}

static void put_end(struct text_writer *w, const struct node *node)
{
	char *name = writer_name(w, node);

	fprintf(w->file, "%s,", node->id);
	put_field(w->file, name);
	fputc(',', w->file);
	if (node->kind == NODE_PROCESS)
		fprintf(w->file, "%" PRId64, node->pid);
	fputc(',', w->file);
	free(name);
}

/* The columns that only a difference has; empty where there was nothing before. */
static void put_change(struct text_writer *w, const struct edge *edge)
{
	if (!edge->change)
		return;
	fprintf(w->file, ",%s", change_name(edge->change));
	if (change_presence(edge->change))
		fputs(",,,,", w->file);
	else
		fprintf(w->file, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, edge->before.ops,
			edge->before.bytes, edge->before.received_ops, edge->before.received_bytes);
}

static void write_csv(struct text_writer *w)
{
	const struct map *map = w->map;

	fputs("src,src_name,src_pid,dst,dst_name,dst_pid,mechanism,channel,channel_name,signal,"
	      "ops,bytes,received_ops,received_bytes,first,last,attribution", w->file);
	fputs(map->comparison ? ",change,ops_before,bytes_before,received_ops_before,"
				"received_bytes_before\r\n" : "\r\n", w->file);
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];
		const struct channel *channel = edge->channel == MAP_NO_CHANNEL ?
						NULL : &map->channels[edge->channel];

		put_end(w, &map->nodes[edge->src]);
		put_end(w, &map->nodes[edge->dst]);
		put_field(w->file, edge->mechanism);
		fputc(',', w->file);
		put_field(w->file, channel ? channel->object : NULL);
		fputc(',', w->file);
		put_field(w->file, channel ? channel->name : NULL);
		fputc(',', w->file);
		put_field(w->file, edge->signal);
		fprintf(w->file, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.3f,%.3f,%s",
			edge->ops, edge->bytes, edge->received_ops, edge->received_bytes,
			edge->first, edge->last, attribution_name(edge->attribution));
		put_change(w, edge);
		fputs("\r\n", w->file);
	}
}

int emit_csv(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error)
{
	struct text_writer writer = { .map = map, .options = options };

	return emit_written(&writer, write_csv, ret_out, ret_error);
}

/* What is told of the whole, of nodes and of edges; an id that begins with g, n or e. */
static const struct {
	const char *id, *name, *type;
} keys[] = {
	{ "g0", "host", "string" },	    { "g1", "kernel", "string" },
	{ "g2", "started", "string" },	    { "g3", "duration", "double" },
	{ "g4", "completeness", "string" }, { "g5", "note", "string" },
	{ "n0", "label", "string" },	    { "n1", "kind", "string" },
	{ "n2", "pid", "long" },	    { "n3", "exe", "string" },
	{ "n4", "uid", "long" },	    { "n5", "unit", "string" },
	{ "n6", "container", "string" },    { "n7", "members", "long" },
	{ "e0", "label", "string" },	    { "e1", "mechanism", "string" },
	{ "e2", "channel", "string" },	    { "e3", "name", "string" },
	{ "e4", "signal", "string" },	    { "e5", "ops", "long" },
	{ "e6", "weight", "long" },	    { "e7", "bytes", "long" },
	{ "e8", "received_ops", "long" },   { "e9", "received_bytes", "long" },
	{ "e10", "first", "double" },	    { "e11", "last", "double" },
	{ "e12", "attribution", "string" },
	/* of a difference */
	{ "n8", "change", "string" },	    { "n9", "members_before", "long" },
	{ "n10", "was", "string" },	    { "e13", "change", "string" },
	{ "e14", "ops_before", "long" },    { "e15", "bytes_before", "long" },
};

#define KEYS_OF_DIFF 6 /* the last ones */

static void put_text(struct text_writer *w, const char *key, const char *text)
{
	if (!text)
		return;
	fprintf(w->file, "<data key=\"%s\">", key);
	put_xml(w->file, text);
	fputs("</data>", w->file);
}

static void put_long(struct text_writer *w, const char *key, uint64_t number)
{
	/* A long of Java's is what readers expect. */
	if (number > INT64_MAX)
		number = INT64_MAX;
	fprintf(w->file, "<data key=\"%s\">%" PRIu64 "</data>", key, number);
}

static void write_node(struct text_writer *w, const struct node *node)
{
	static const char *const kinds[] = {
		[NODE_PROCESS] = "process", [NODE_HUB] = "hub",
		[NODE_EXTERNAL] = "external", [NODE_KERNEL] = "kernel",
	};
	char *name = writer_name(w, node);

	fprintf(w->file, "<node id=\"%s\">", node->id);
	put_text(w, "n0", name);
	put_text(w, "n1", kinds[node->kind]);
	if (node->kind == NODE_PROCESS) {
		put_long(w, "n2", (uint64_t)node->pid);
		put_text(w, "n3", node->exe);
		if (node->uid >= 0)
			put_long(w, "n4", (uint64_t)node->uid);
		put_text(w, "n5", node->unit);
		put_text(w, "n6", node->container);
		put_long(w, "n7", node_members(node));
	}
	put_text(w, "n8", change_name(node->change));
	if (node->change)
		put_long(w, "n9", node->members_before);
	put_text(w, "n10", node->was);
	fputs("</node>\n", w->file);
	free(name);
}

static void write_edge(struct text_writer *w, size_t i)
{
	const struct map *map = w->map;
	const struct edge *edge = &map->edges[i];
	const struct channel *channel = edge->channel == MAP_NO_CHANNEL ?
					NULL : &map->channels[edge->channel];

	fprintf(w->file, "<edge id=\"e%zu\" source=\"%s\" target=\"%s\">", i + 1,
		map->nodes[edge->src].id, map->nodes[edge->dst].id);
	put_text(w, "e0", edge->signal ? edge->signal : edge->mechanism);
	put_text(w, "e1", edge->mechanism);
	put_text(w, "e2", channel ? channel->object : NULL);
	put_text(w, "e3", channel ? channel->name : NULL);
	put_text(w, "e4", edge->signal);
	put_long(w, "e5", edge->ops);
	put_long(w, "e6", edge->bytes ? edge->bytes : edge->ops);
	put_long(w, "e7", edge->bytes);
	put_long(w, "e8", edge->received_ops);
	put_long(w, "e9", edge->received_bytes);
	fprintf(w->file, "<data key=\"e10\">%.3f</data><data key=\"e11\">%.3f</data>", edge->first,
		edge->last);
	put_text(w, "e12", attribution_name(edge->attribution));
	put_text(w, "e13", change_name(edge->change));
	if (edge->change && !change_presence(edge->change)) {
		put_long(w, "e14", edge->before.ops);
		put_long(w, "e15", edge->before.bytes);
	}
	fputs("</edge>\n", w->file);
}

static void write_completeness(struct text_writer *w)
{
	const struct completeness *c = &w->map->completeness;

	fprintf(w->file, "<data key=\"g4\">%" PRIu64 " event%s, %" PRIu64 " lost, %" PRIu64
		" unattributed", c->events, c->events == 1 ? "" : "s", c->lost, c->unattributed);
	for (size_t i = 0; i < c->mechanism_count; i++) {
		const struct mechanism_state *state = &c->mechanisms[i];

		fputs("; ", w->file);
		put_xml(w->file, state->mechanism ? state->mechanism : "?");
		fputs(": ", w->file);
		put_xml(w->file, state->state ? state->state : "?");
		if (state->reason) {
			fputs(" (", w->file);
			put_xml(w->file, state->reason);
			fputs(")", w->file);
		}
	}
	fputs("</data>\n", w->file);
}

static void write_graphml(struct text_writer *w)
{
	const struct map *map = w->map;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	      "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n", w->file);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) - (map->comparison ? 0 : KEYS_OF_DIFF);
	     i++)
		fprintf(w->file, "<key id=\"%s\" for=\"%s\" attr.name=\"%s\" attr.type=\"%s\"/>\n",
			keys[i].id, keys[i].id[0] == 'g' ? "graph" : keys[i].id[0] == 'n' ? "node" :
			"edge", keys[i].name, keys[i].type);
	fputs("<graph id=\"ipcmap\" edgedefault=\"directed\">\n", w->file);
	put_text(w, "g0", map->host);
	put_text(w, "g1", map->kernel);
	put_text(w, "g2", map->started);
	fprintf(w->file, "<data key=\"g3\">%.3f</data>", map->duration);
	put_text(w, "g5", map->note);
	write_completeness(w);
	for (size_t i = 0; i < map->node_count; i++)
		write_node(w, &map->nodes[i]);
	for (size_t i = 0; i < map->edge_count; i++)
		write_edge(w, i);
	fputs("</graph>\n</graphml>\n", w->file);
}

int emit_graphml(const struct map *map, const struct emit_options *options,
		 struct emitted *ret_out, char **ret_error)
{
	struct text_writer writer = { .map = map, .options = options };

	return emit_written(&writer, write_graphml, ret_out, ret_error);
}
