// SPDX-License-Identifier: GPL-2.0-only
#include "view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "derive.h"
#include "fold.h"
#include "mechanism.h"
#include "select.h"
#include "style.h"
#include "text.h"

void view_options_init(struct view_options *options)
{
	*options = (struct view_options){ .summary = SUMMARY_AUTO };
}

void view_options_done(struct view_options *options)
{
	free(options->focus);
	free(options->hide);
	style_free(options->style);
	view_options_init(options);
}

bool view_options_select(const struct view_options *options)
{
	return options->group != GROUP_PROCESS || options->only || options->focus_count ||
	       options->hide_count || options->top || options->min_bytes || options->min_ops;
}

struct view_totals view_count(const struct map *map)
{
	struct view_totals totals = { .edges = map->edge_count };

	for (size_t i = 0; i < map->node_count; i++) {
		if (map->nodes[i].kind == NODE_PROCESS)
			totals.processes += node_members(&map->nodes[i]);
	}
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];

		totals.ops += edge->ops;
		totals.bytes += edge->bytes;
		totals.received_ops += edge->received_ops;
		totals.received_bytes += edge->received_bytes;
	}
	return totals;
}

/* Adds what the flags leave away of the map. */
static void left_out_add(struct view_totals *totals, const struct map *map, const bool *keep)
{
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];

		if (keep[i])
			continue;
		totals->edges++;
		totals->ops += edge->ops;
		totals->bytes += edge->bytes;
		totals->received_ops += edge->received_ops;
		totals->received_bytes += edge->received_bytes;
	}
}

/* A view in the making. */
struct viewing {
	const struct view_options *options;
	enum view_purpose purpose;
	struct map *map;	     /* what it is now */
	struct view_totals all, left_out;
	bool *pinned; /* by node of map: stays by itself */
	bool by_itself;
};

/* Goes on with another map. */
static void map_take(struct viewing *v, struct map *map)
{
	map_free(v->map);
	v->map = map;
}

static bool all_kept(const bool *keep, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!keep[i])
			return false;
	}
	return true;
}

/* Leaves away the edges that are not kept. nodes: those that stay in any case, or NULL. */
static int edges_take(struct viewing *v, const bool *keep, const bool *nodes)
{
	struct derivation derivation = { .edges = keep, .nodes = nodes };
	struct map *map;
	int rc;

	if (all_kept(keep, v->map->edge_count) && !nodes)
		return 0;
	left_out_add(&v->left_out, v->map, keep);
	rc = map_derive(v->map, &derivation, &map);
	if (rc == 0)
		map_take(v, map);
	return rc;
}

static bool focus_is_pid(const struct view_options *options, int64_t pid)
{
	for (size_t i = 0; i < options->focus_count; i++) {
		if (options->focus[i][strspn(options->focus[i], "0123456789")] == '\0' &&
		    strtoll(options->focus[i], NULL, 10) == pid)
			return true;
	}
	return false;
}

/* A process that was asked for by its number is not lost among its like. */
static int pins_fill(struct viewing *v)
{
	const struct map *map = v->map;

	if (!v->options->focus_count)
		return 0;
	v->pinned = calloc(map->node_count + 1, sizeof(*v->pinned));
	for (size_t i = 0; v->pinned && i < map->node_count; i++)
		v->pinned[i] = map->nodes[i].kind == NODE_PROCESS &&
			       focus_is_pid(v->options, map->nodes[i].pid);
	return v->pinned ? 0 : -ENOMEM;
}

static int part_take(struct viewing *v)
{
	const struct view_options *options = v->options;
	size_t edges = v->map->edge_count, nodes = v->map->node_count;
	bool *keep = calloc(edges + 1, sizeof(*keep));
	bool *focused = calloc(nodes + 1, sizeof(*focused));
	int rc = keep && focused ? 0 : -ENOMEM;

	if (rc == 0)
		rc = select_part(v->map, options, keep, focused);
	if (rc == 0)
		rc = edges_take(v, keep, options->focus_count ? focused : NULL);
	free(keep);
	free(focused);
	return rc;
}

/* Groups, or folds what repeats. */
static int nodes_join(struct viewing *v)
{
	const struct view_options *options = v->options;
	struct map *map = NULL;
	int rc = 0;

	if (options->group != GROUP_PROCESS) {
		rc = group_map(v->map, options->group, &map);
		if (rc < 0)
			return rc;
		map_take(v, map);
		rc = sinks_fill(v->map);
		if (rc < 0)
			return rc;
	}
	/* A difference is of classes of processes already. */
	if (options->no_fold || v->purpose == VIEW_RECORD || v->map->comparison)
		return 0;
	/* Groups are what was asked for: but hubs between the same groups fold. */
	if (options->group == GROUP_PROCESS) {
		rc = pins_fill(v);
	} else {
		v->pinned = calloc(v->map->node_count + 1, sizeof(*v->pinned));
		for (size_t i = 0; v->pinned && i < v->map->node_count; i++)
			v->pinned[i] = v->map->nodes[i].kind == NODE_PROCESS;
		rc = v->pinned ? 0 : -ENOMEM;
	}
	if (rc == 0)
		rc = fold_map(v->map, v->pinned, &map);
	if (rc == 0)
		map_take(v, map);
	return rc;
}

static int lines_take(struct viewing *v)
{
	bool *keep = calloc(v->map->edge_count + 1, sizeof(*keep));
	int rc = -ENOMEM;

	if (keep)
		rc = select_lines(v->map, v->options, v->purpose == VIEW_DRAWING, keep,
				  &v->by_itself);
	if (rc == 0)
		rc = edges_take(v, keep, NULL);
	free(keep);
	return rc;
}

/* "99.2 %" of a whole, never rounded to all or nothing. */
static void share_format(char *buf, size_t size, uint64_t part, uint64_t all)
{
	double percent = all ? (double)part / (double)all * 100 : 100;

	if (part == all)
		snprintf(buf, size, "100 %%");
	else if (percent > 99.9)
		snprintf(buf, size, "> 99.9 %%");
	else if (part > 0 && percent < 0.1)
		snprintf(buf, size, "< 0.1 %%");
	else
		snprintf(buf, size, "%.1f %%", percent);
}

static void put_list(FILE *file, const char *name, const char *const *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(file, " --%s %s", name, items[i]);
}

/* The options that left something out, as they could be typed again. */
static char *asked_text(const struct view_options *options)
{
	char *data = NULL, *clean;
	size_t size;
	FILE *file = open_memstream(&data, &size);
	bool failed;

	if (!file)
		return NULL;
	put_list(file, "focus", options->focus, options->focus_count);
	if (options->focus_count && options->hops > 1)
		fprintf(file, " --hops %u", options->hops);
	for (int i = 0; options->only && i < IPC_MECHANISMS; i++) {
		if (options->only & UINT32_C(1) << i)
			fprintf(file, " --only %s", mechanisms[i].name);
	}
	put_list(file, "hide", options->hide, options->hide_count);
	if (options->top)
		fprintf(file, " --top %zu%s", options->top, options->by_ops ? " --by ops" : "");
	if (options->min_bytes)
		fprintf(file, " --min-bytes %llu", (unsigned long long)options->min_bytes);
	if (options->min_ops)
		fprintf(file, " --min-ops %llu", (unsigned long long)options->min_ops);
	failed = ferror(file) != 0;
	failed |= fclose(file) != 0;
	clean = failed ? NULL : text_clean(data, size);
	free(data);
	return clean;
}

/* Says on the map what was left out. Keeps what an earlier view said. */
static int note_write(struct viewing *v)
{
	struct view_totals shown = view_count(v->map);
	uint64_t bytes = shown.bytes + shown.received_bytes, ops = shown.ops + shown.received_ops;
	uint64_t all_bytes = v->all.bytes + v->all.received_bytes;
	uint64_t all_ops = v->all.ops + v->all.received_ops;
	char share[32], *asked, *note;
	bool weigh_ops = v->options->by_ops || !all_bytes;
	int rc;

	if (v->left_out.edges == 0 && shown.processes == v->all.processes)
		return 0;
	asked = asked_text(v->options);
	if (!asked)
		return -ENOMEM;
	share_format(share, sizeof(share), weigh_ops ? ops : bytes, weigh_ops ? all_ops : all_bytes);
	rc = asprintf(&note, "%s%s%zu of %zu processes, %s of %s%s%s%s%s", v->map->note ? v->map->note : "",
		      v->map->note ? "; of these " : "", shown.processes, v->all.processes, share,
		      weigh_ops ? "operations" : "bytes", *asked ? " (" : "",
		      *asked ? asked + 1 : "", *asked ? ")" : "",
		      v->by_itself ? "; --all draws everything" : "");
	free(asked);
	if (rc < 0)
		return -ENOMEM;
	free(v->map->note);
	v->map->note = note;
	return 0;
}

int view_new(const struct map *map, const struct view_options *options,
	     enum view_purpose purpose, struct view *ret_view)
{
	struct viewing v = { .options = options, .purpose = purpose, .all = view_count(map) };
	int rc = map_derive(map, &(struct derivation){ 0 }, &v.map);

	/* Of the whole map: a worker stays one when its master is left out. */
	if (rc == 0)
		hubs_fill(v.map);
	if (!map->comparison) {
		rc = rc ? rc : roles_fill(v.map);
		rc = rc ? rc : sinks_fill(v.map);
	}
	rc = rc ? rc : part_take(&v);
	rc = rc ? rc : nodes_join(&v);
	rc = rc ? rc : lines_take(&v);
	rc = rc ? rc : cluster_map(v.map, options->cluster);
	rc = rc ? rc : note_write(&v);
	free(v.pinned);
	if (rc < 0) {
		map_free(v.map);
		return rc;
	}
	*ret_view = (struct view){ v.map, view_count(v.map), v.left_out };
	ret_view->left_out.processes = v.all.processes - ret_view->shown.processes;
	return 0;
}

void view_done(struct view *view)
{
	map_free(view->map);
	*view = (struct view){ 0 };
}
