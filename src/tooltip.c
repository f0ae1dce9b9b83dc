// SPDX-License-Identifier: GPL-2.0-only
/* Tooltips: everything that is known, in exact figures. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "label.h"
#include "text.h"

static void put_fact(FILE *file, const char *name, const char *value)
{
	if (value)
		fprintf(file, "\n%s %s", name, value);
}

/* "postgres[812]", "pipe:[123]". */
static void put_node(FILE *file, const struct map *map, const struct node *node)
{
	char *name = node_name(map, node);

	fputs(name ? name : "?", file);
	if (node->kind == NODE_PROCESS)
		fprintf(file, "[%" PRId64 "]", node->pid);
	free(name);
}

static void put_process(FILE *file, const struct node *node)
{
	if (node->members > 1)
		fprintf(file, "\n%zu processes", node->members);
	put_fact(file, "pids", node->pids);
	put_fact(file, "role", node->role);
	put_fact(file, "exe", node->exe);
	put_fact(file, "command line", node->cmdline);
	if (node->uid >= 0)
		fprintf(file, "\nuid %" PRId64, node->uid);
	if (node->ppid > 0)
		fprintf(file, "\nparent %" PRId64, node->ppid);
	put_fact(file, "unit", node->unit);
	put_fact(file, "container", node->container);
	put_fact(file, "cgroup", node->cgroup);
	put_fact(file, "listens on", node->listens);
	if (node->start > 0)
		fprintf(file, "\nstarted %.3f s into the window", node->start);
	if (node->kthread)
		fputs("\nkernel thread", file);
	if (node->exited)
		fputs("\nexited in the window", file);
	if (node->ended > 0)
		fprintf(file, "%s at %.3f s", node->exited ? "," : "\nexited", node->ended);
}

static void put_channel(FILE *file, const struct channel *channel)
{
	fprintf(file, "\n%s", channel->mechanism);
	put_fact(file, "object", channel->object);
	put_fact(file, "peer", channel->peer);
	put_fact(file, "name", channel->name);
}

static char *finish(FILE *file, char **data)
{
	bool failed = ferror(file) != 0;
	char *escaped = NULL;

	failed |= fclose(file) != 0;
	if (!failed)
		escaped = tooltip_escape(*data);
	free(*data);
	return escaped;
}

char *tooltip_node(const struct graph *graph, size_t i)
{
	const struct node *node = &graph->map->nodes[i];
	const struct node_total *total = &graph->totals[i];
	char *data = NULL, sent[32], received[32];
	size_t size;
	FILE *file = open_memstream(&data, &size);

	if (!file)
		return NULL;
	put_node(file, graph->map, node);
	if (node->kind != NODE_HUB)
		fprintf(file, "\nsent %s bytes, read %s bytes",
			text_grouped(sent, sizeof(sent), total->sent),
			text_grouped(received, sizeof(received), total->received));
	if (node->change)
		fprintf(file, "\n%s", change_name(node->change));
	if (node->members_before)
		fprintf(file, ", before ×%zu", node->members_before);
	put_fact(file, "not as it was:", node->was);
	if (node->kind == NODE_PROCESS)
		put_process(file, node);
	else if (node->kind == NODE_HUB)
		put_channel(file, &graph->map->channels[node->channel]);
	return finish(file, &data);
}

static void put_figures(FILE *file, const struct row *row, const char *arrow,
			const struct figures *figures)
{
	char ops[32], bytes[32];

	if (!figures->ops && !figures->bytes && !figures->received_ops && !figures->received_bytes)
		return;
	fputs(arrow, file);
	if (row_is_signal(row)) {
		fprintf(file, " ×%s", text_grouped(ops, sizeof(ops), figures->ops));
		return;
	}
	if (figures->ops || figures->bytes)
		fprintf(file, " sent ×%s %s bytes", text_grouped(ops, sizeof(ops), figures->ops),
			text_grouped(bytes, sizeof(bytes), figures->bytes));
	if (figures->received_ops || figures->received_bytes)
		fprintf(file, "%s read ×%s %s bytes", figures->ops || figures->bytes ? "," : "",
			text_grouped(ops, sizeof(ops), figures->received_ops),
			text_grouped(bytes, sizeof(bytes), figures->received_bytes));
}

/* Over the whole window, both ways. */
static void put_rates(FILE *file, const struct row *row, double duration)
{
	double ops = duration > 0 ? (double)row_ops(row) / duration : 0;
	char bytes[32];

	if (ops <= 0)
		return;
	fprintf(file, "; ×%.*f/s", ops < 10 ? 2 : 0, ops);
	if (!row_is_signal(row))
		fprintf(file, " %s/s", text_bytes(bytes, sizeof(bytes),
						  (uint64_t)((double)row_bytes(row) / duration)));
}

static void put_row(FILE *file, const struct row *row, double duration)
{
	static const char *const words[] = {
		[ROW_MOVED] = "",
		[ROW_UNDELIVERED] = " undelivered",
		[ROW_EARLIER] = " sent earlier",
		[ROW_IDLE] = " idle",
	};
	const struct channel *channel = row->channel;

	fprintf(file, "\n%s", row->mechanism);
	if (row->signal)
		fprintf(file, " %s", row->signal);
	if (channel && channel->name)
		fprintf(file, " %s", channel->name);
	if (channel && row->channels > 1)
		fprintf(file, " (%zu channels)", row->channels);
	else if (channel && channel->object)
		fprintf(file, " %s%s%s", channel->object, channel->peer ? " - " : "",
			channel->peer ? channel->peer : "");
	fputs(words[row->kind], file);
	if (row->kind == ROW_IDLE)
		return;
	put_figures(file, row, " →", &row->ways[WAY_ALONG]);
	put_figures(file, row, " ←", &row->ways[WAY_AGAINST]);
	if (row->change)
		fprintf(file, "; %s", change_name(row->change));
	put_figures(file, row, ", before →", &row->before[WAY_ALONG]);
	put_figures(file, row, ", before ←", &row->before[WAY_AGAINST]);
	fprintf(file, "; %.3f s to %.3f s", row->first, row->last);
	put_rates(file, row, duration);
}

char *tooltip_line(const struct graph *graph, const struct line *line)
{
	const struct map *map = graph->map;
	bool both = line->ways[WAY_ALONG] && line->ways[WAY_AGAINST];
	char *data = NULL;
	size_t size;
	FILE *file = open_memstream(&data, &size);

	if (!file)
		return NULL;
	put_node(file, map, &map->nodes[line->tail]);
	fputs(both ? " ↔ " : " → ", file);
	put_node(file, map, &map->nodes[line->head]);
	for (size_t i = 0; i < line->row_count; i++)
		put_row(file, &line->rows[i], map->duration);
	return finish(file, &data);
}
