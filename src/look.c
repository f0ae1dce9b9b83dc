// SPDX-License-Identifier: GPL-2.0-only
#include "look.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mechanism.h"
#include "style.h"

#define CHANGE_WIDTH 1.6

/* Mechanism names of a file that is not ours never become a class. */
static const char *mechanism_class(const char *mechanism)
{
	return mechanism_by_name(mechanism) < 0 ? "other" : mechanism;
}

__attribute__((format(printf, 4, 5)))
static void apply_format(look_apply *apply, void *context, const char *name, const char *format, ...)
{
	char value[256];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	apply(context, name, value);
}

/* " added", " removed" ...: what style sheets select by. */
static const char *change_class(enum change change)
{
	static const char *const names[CHANGES] = {
		[CHANGE_NONE] = "", [CHANGE_SAME] = " same", [CHANGE_CHANGED] = " changed",
		[CHANGE_ADDED] = " added", [CHANGE_REMOVED] = " removed",
	};

	return names[change];
}

static void look_process(const struct graph *graph, const struct node *node, look_apply *apply,
			 void *context)
{
	const struct style_fact facts[] = {
		{ "name", node->name ? node->name : node->comm },
		{ "exe", node->exe },
		{ "unit", node->unit },
		{ "container", node->container },
		{ "cluster", node->cluster },
		{ "role", node->role },
		{ "state", node->kthread ? "kthread" : NULL },
		{ "state", node->exited && graph->hints.exited ? "exited" : NULL },
		{ "state", node->members > 1 ? "folded" : NULL },
		{ "state", node->sink ? "sink" : NULL },
		{ "state", node->silent ? "silent" : NULL },
		{ "state", change_name(node->change) },
		{ NULL, NULL },
	};

	style_apply(graph->style, STYLE_NODE, facts, apply, context);
	apply_format(apply, context, "class", "process%s%s%s%s%s", node->kthread ? " kthread" : "",
		     node->exited ? " exited" : "", node->members > 1 ? " folded" : "",
		     node->sink ? " sink" : "", change_class(node->change));
}

static void look_hub(const struct style *style, const struct channel *channel,
		     const struct node *node, look_apply *apply, void *context)
{
	const struct style_fact facts[] = {
		{ "name", channel->name ? channel->name : channel->object },
		{ "mechanism", channel->mechanism },
		{ "state", change_name(node->change) },
		{ NULL, NULL },
	};

	apply(context, "color", style_colour(style, channel->mechanism));
	apply(context, "fontcolor", style_text_colour(style, channel->mechanism));
	style_apply(style, STYLE_HUB, facts, apply, context);
	apply_format(apply, context, "class", "hub %s%s", mechanism_class(channel->mechanism),
		     change_class(node->change));
}

void look_node(const struct graph *graph, const struct node *node, look_apply *apply,
	       void *context)
{
	const struct style_fact external[] = {
		{ "name", node->address },
		{ "state", change_name(node->change) },
		{ NULL, NULL },
	};
	char class[64];

	switch (node->kind) {
	case NODE_PROCESS:
		look_process(graph, node, apply, context);
		break;
	case NODE_HUB:
		look_hub(graph->style, &graph->map->channels[node->channel], node, apply, context);
		break;
	case NODE_EXTERNAL:
		style_apply(graph->style, STYLE_EXTERNAL, external, apply, context);
		snprintf(class, sizeof(class), "external%s", change_class(node->change));
		apply(context, "class", class);
		break;
	case NODE_KERNEL:
		style_apply(graph->style, STYLE_KERNEL, NULL, apply, context);
		apply(context, "class", "kernel");
		break;
	}
}

/* What a line is, for rules to select by. */
struct states {
	bool both, idle, signals, partial, sink, child;
};

static struct states line_states(const struct graph *graph, const struct line *line)
{
	struct states states = {
		.both = line->ways[WAY_ALONG] && line->ways[WAY_AGAINST],
		.idle = line->rows[0].kind == ROW_IDLE,
		.signals = true,
		.partial = true,
		.sink = line_is_to_sink(graph->map, line),
		.child = line_is_to_child(graph, line),
	};

	for (size_t i = 0; i < line->row_count && line->rows[i].kind != ROW_IDLE; i++) {
		states.signals &= row_is_signal(&line->rows[i]);
		if (!row_is_signal(&line->rows[i]))
			states.partial &= line->rows[i].kind != ROW_MOVED;
	}
	states.signals &= !states.idle;
	states.partial &= !states.idle && !states.signals;
	return states;
}

/* What the figures say, before any rule does. */
static void look_figures(const struct line *line, bool both, look_apply *apply, void *context)
{
	double width = style_width(line->bytes);

	/* What is to be seen is never thin. */
	if (line->change > CHANGE_SAME)
		width = fmax(width, CHANGE_WIDTH);

	apply_format(apply, context, "penwidth", "%.2f", width);
	/* In a frame a line lies as in all of them, whichever way data went. */
	if (!both && line->ways[WAY_AGAINST])
		apply(context, "dir", "back");
	if (both) {
		apply(context, "dir", "both");
		/* A thick outline fills a small hollow head. */
		apply_format(apply, context, "arrowsize", "%.2f", .7 + .13 * (width - .8));
	}
	/* The heavy ones short and straight. */
	if (line->bytes > 0)
		apply_format(apply, context, "weight", "%d",
			     1 + (int)(log10((double)line->bytes) / 2));
}

/* "edge pipe unix-stream idle": every mechanism of the line once. */
static void look_line_class(const struct line *line, const struct states *states,
			    look_apply *apply, void *context)
{
	uint32_t seen = 0;
	char class[256];
	size_t len = 0;

	class[0] = '\0';
	for (size_t i = 0; i < line->row_count; i++) {
		int m = mechanism_by_name(line->rows[i].mechanism);
		uint32_t bit = UINT32_C(1) << (m < 0 ? IPC_MECHANISMS : m);

		if (seen & bit)
			continue;
		seen |= bit;
		len += (size_t)snprintf(class + len, sizeof(class) - len, "%s%s", len ? " " : "",
					mechanism_class(line->rows[i].mechanism));
	}
	apply_format(apply, context, "class", "%s%s%s%s%s", class, states->idle ? " idle" : "",
		     states->sink ? " sink" : "", states->child ? " child" : "",
		     change_class(line->change));
}

void look_line(const struct graph *graph, const struct line *line, look_apply *apply,
	       void *context)
{
	const struct style *style = graph->style;
	const struct row *row = &line->rows[0]; /* the heaviest */
	const struct states states = line_states(graph, line);
	const struct style_fact mechanism[] = { { "name", row->mechanism }, { NULL, NULL } };
	const struct style_fact facts[] = {
		{ "name", row->channel ? row->channel->name : row->signal },
		{ "mechanism", row->mechanism },
		{ "state", states.both ? "both" : NULL },
		{ "state", states.idle ? "idle" : NULL },
		{ "state", states.signals ? "signals" : NULL },
		{ "state", states.partial ? "partial" : NULL },
		{ "state", states.sink ? "sink" : NULL },
		{ "state", states.child ? "child" : NULL },
		{ "state", change_name(line->change) },
		{ NULL, NULL },
	};

	look_line_class(line, &states, apply, context);
	if (!states.idle)
		look_figures(line, states.both, apply, context);
	apply(context, "color", style_colour(style, row->mechanism));
	style_apply(style, STYLE_MECHANISM, mechanism, apply, context);
	style_apply(style, STYLE_EDGE, facts, apply, context);
	if (states.idle)
		style_apply(style, STYLE_IDLE, facts, apply, context);
}

/* What people are logged in by (a scope) is a kind of its own. */
static const char *frame_kind(const struct node *node)
{
	const char *dot = strrchr(node->cluster, '.');

	switch (node->cluster_kind) {
	case CLUSTER_CONTAINER:
		return "container";
	case CLUSTER_USER:
		return "user";
	default:
		return dot && strcmp(dot, ".scope") == 0 ? "session" : "unit";
	}
}

void look_frame(const struct graph *graph, const struct node *node, look_apply *apply,
		void *context)
{
	const struct style_fact facts[] = {
		{ "name", node->cluster },
		{ "kind", frame_kind(node) },
		{ NULL, NULL },
	};

	style_apply(graph->style, STYLE_CLUSTER, facts, apply, context);
	apply_format(apply, context, "class", "frame %s", frame_kind(node));
}
