// SPDX-License-Identifier: GPL-2.0-only
#include "graphviz.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <graphviz/gvc.h>

#include "label.h"
#include "mechanism.h"
#include "style.h"

/* Cairo's limit, and what a picture of that many pixels costs in memory (4 bytes each). */
#define PIXELS_SIDE 32767
#define PIXELS_ALL 64e6

struct attribute {
	int kind;
	const char *name, *value;
};

static const struct attribute defaults[] = {
	{ AGRAPH, "charset", "UTF-8" },
	{ AGRAPH, "rankdir", "LR" },
	/* Without it dot corrupts its heap on clusters with edge labels. */
	{ AGRAPH, "newrank", "true" },
	{ AGRAPH, "splines", "true" },
	{ AGRAPH, "nodesep", "0.22" },
	{ AGRAPH, "ranksep", "0.35" },
	{ AGRAPH, "remincross", "true" },
	{ AGRAPH, "outputorder", "edgesfirst" },
	{ AGRAPH, "pad", "0.3" },
	{ AGRAPH, "bgcolor", "white" },
	{ AGRAPH, "fontname", STYLE_FONT },
	{ AGRAPH, "fontsize", "11" },
	{ AGRAPH, "labelloc", "t" },
	{ AGRAPH, "labeljust", "l" },
	{ AGRAPH, "tooltip", "ipcmap" },
	{ AGRAPH, "id", "ipcmap" },
	{ AGNODE, "shape", "box" },
	{ AGNODE, "style", "rounded,filled" },
	{ AGNODE, "fillcolor", "white" },
	{ AGNODE, "color", STYLE_FRAME },
	{ AGNODE, "fontcolor", STYLE_TEXT },
	{ AGNODE, "fontname", STYLE_FONT },
	{ AGNODE, "fontsize", "11" },
	{ AGNODE, "margin", "0.12,0.06" },
	{ AGNODE, "height", "0.2" },
	{ AGNODE, "label", "\\N" },
	{ AGNODE, "tooltip", "" },
	{ AGNODE, "id", "" },
	{ AGNODE, "class", "" },
	{ AGEDGE, "fontname", STYLE_FONT },
	{ AGEDGE, "fontsize", "9" },
	{ AGEDGE, "arrowsize", "0.7" },
	{ AGEDGE, "color", STYLE_FRAME },
	{ AGEDGE, "penwidth", "1" },
	{ AGEDGE, "style", "solid" },
	{ AGEDGE, "dir", "forward" },
	{ AGEDGE, "arrowhead", "normal" },
	{ AGEDGE, "arrowtail", "onormal" },
	{ AGEDGE, "weight", "1" },
	{ AGEDGE, "label", "" },
	{ AGEDGE, "xlabel", "" },
	{ AGEDGE, "tooltip", "" },
	{ AGEDGE, "labeltooltip", "" },
	{ AGEDGE, "id", "" },
	{ AGEDGE, "class", "" },
};

static const struct attribute dot_full[] = {
	{ AGRAPH, "searchsize", "200" },
	{ AGRAPH, "mclimit", "2" },
	{ 0, NULL, NULL },
};

static const struct attribute dot_limited[] = {
	{ AGRAPH, "nslimit", "1" },
	{ AGRAPH, "nslimit1", "1" },
	{ AGRAPH, "mclimit", "0.2" },
	{ 0, NULL, NULL },
};

static const struct attribute force_limited[] = {
	{ AGRAPH, "overlap", "true" },
	{ AGRAPH, "splines", "line" },
	{ 0, NULL, NULL },
};

static const struct attribute force_full[] = {
	{ AGRAPH, "overlap", "prism" },
	{ AGRAPH, "splines", "line" },
	{ 0, NULL, NULL },
};

/* A drawing in work: the first failure is kept, the rest does nothing harmful. */
struct drawing {
	Agraph_t *root;
	const struct graph *graph;
	const struct layout *layout;
	Agnode_t **nodes; /* by index into map->nodes */
	bool failed;
};

/* cgraph takes char * where it only reads. */
static void set(struct drawing *d, void *object, const char *name, const char *value)
{
	if (agset(object, (char *)name, (char *)value) != 0)
		d->failed = true;
}

__attribute__((format(printf, 4, 5)))
static void set_format(struct drawing *d, void *object, const char *name, const char *format, ...)
{
	char value[256];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	set(d, object, name, value);
}

/* Sets what label_... returned, and frees it. */
static void set_html(struct drawing *d, void *object, const char *name, char *html)
{
	char *text = html ? agstrdup_html(d->root, html) : NULL;

	if (text) {
		set(d, object, name, text);
		agstrfree(d->root, text);
	} else {
		d->failed = true;
	}
	free(html);
}

static void set_text(struct drawing *d, void *object, const char *name, char *text)
{
	if (text)
		set(d, object, name, text);
	else
		d->failed = true;
	free(text);
}

static void defaults_set(struct drawing *d, const struct attribute *attribute)
{
	if (!agattr(d->root, attribute->kind, (char *)attribute->name, (char *)attribute->value))
		d->failed = true;
}

static void draw_graph(struct drawing *d)
{
	const struct layout *layout = d->layout;
	const struct attribute *more = layout->limited ? force_limited : force_full;

	if (strcmp(layout->engine, "dot") == 0)
		more = layout->limited ? dot_limited : dot_full;
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		defaults_set(d, &defaults[i]);
	for (; more->name; more++)
		defaults_set(d, more);
	if (layout->labels == LABELS_BESIDE)
		defaults_set(d, &(struct attribute){ AGRAPH, "forcelabels", "false" });
	/* HTML has to be set on an attribute that is there already. */
	defaults_set(d, &(struct attribute){ AGRAPH, "label", "" });
	set_html(d, d->root, "label", label_title(d->graph));
}

static void draw_process(struct drawing *d, Agnode_t *n, const struct node *node)
{
	if (node->kthread) {
		set(d, n, "fillcolor", "#eef0f2");
		set(d, n, "style", "filled");
	}
	if (node->exited) {
		set(d, n, "style", node->kthread ? "filled,dashed" : "rounded,filled,dashed");
		set(d, n, "fontcolor", STYLE_FAINT);
	}
	set_format(d, n, "class", "process%s%s", node->kthread ? " kthread" : "",
		   node->exited ? " exited" : "");
}

/* Mechanism names of a file that is not ours never become a class. */
static const char *mechanism_class(const char *mechanism)
{
	return mechanism_by_name(mechanism) < 0 ? "other" : mechanism;
}

static void draw_node(struct drawing *d, size_t i)
{
	const struct map *map = d->graph->map;
	const struct node *node = &map->nodes[i];
	const char *mechanism;
	Agnode_t *n = agnode(d->root, node->id, 1);

	d->nodes[i] = n;
	if (!n) {
		d->failed = true;
		return;
	}
	set(d, n, "id", node->id);
	set_html(d, n, "label", label_node(d->graph, i));
	set_text(d, n, "tooltip", tooltip_node(d->graph, i));
	switch (node->kind) {
	case NODE_PROCESS:
		draw_process(d, n, node);
		break;
	case NODE_HUB:
		mechanism = map->channels[node->channel].mechanism;
		set(d, n, "shape", "ellipse");
		set(d, n, "style", "filled,dashed");
		set(d, n, "color", style_colour(mechanism));
		set(d, n, "fontcolor", style_colour(mechanism));
		set(d, n, "margin", "0.02,0.01");
		set_format(d, n, "class", "hub %s", mechanism_class(mechanism));
		break;
	case NODE_EXTERNAL:
		set(d, n, "shape", "cds");
		set(d, n, "style", "filled");
		set(d, n, "fillcolor", "#fdf7ec");
		set(d, n, "color", "#d0b878");
		set(d, n, "class", "external");
		break;
	case NODE_KERNEL:
		set(d, n, "shape", "octagon");
		set(d, n, "style", "filled");
		set(d, n, "fillcolor", "#e3e7ec");
		set(d, n, "margin", "0.06,0.02");
		set(d, n, "class", "kernel");
		break;
	}
}

static void draw_look(struct drawing *d, Agedge_t *e, const struct line *line)
{
	const struct row *row = &line->rows[0]; /* the heaviest */
	bool both = line->ways[WAY_ALONG] && line->ways[WAY_AGAINST];
	bool signals = true, partial = true;

	for (size_t i = 0; i < line->row_count && line->rows[i].kind != ROW_IDLE; i++) {
		signals &= row_is_signal(&line->rows[i]);
		if (!row_is_signal(&line->rows[i]))
			partial &= line->rows[i].kind != ROW_MOVED;
	}
	if (row->kind == ROW_IDLE) {
		set(d, e, "color", STYLE_IDLE);
		set(d, e, "penwidth", "0.6");
		set(d, e, "dir", "none");
		return;
	}
	set(d, e, "color", style_colour(row->mechanism));
	set_format(d, e, "penwidth", "%.2f", style_width(line->bytes));
	if (both) {
		set(d, e, "dir", "both");
		/* A thick outline fills a small hollow head. */
		set_format(d, e, "arrowsize", "%.2f", .7 + .13 * (style_width(line->bytes) - .8));
	}
	if (signals) {
		set(d, e, "style", "dotted");
		set(d, e, "penwidth", "1.2");
		set(d, e, "arrowhead", "vee");
		set(d, e, "arrowtail", "ovee");
	} else if (partial) {
		set(d, e, "style", "dashed");
	}
	/* The heavy ones short and straight. */
	if (line->bytes > 0)
		set_format(d, e, "weight", "%d", 1 + (int)(log10((double)line->bytes) / 2));
}

/* "edge pipe unix-stream idle": every mechanism of the line once. */
static void draw_class(struct drawing *d, Agedge_t *e, const struct line *line)
{
	uint32_t seen = 0;
	bool idle = line->rows[0].kind == ROW_IDLE;
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
	set_format(d, e, "class", "%s%s", class, idle ? " idle" : "");
}

static void draw_line(struct drawing *d, const struct line *line)
{
	const struct map *map = d->graph->map;
	const char *place = d->layout->labels == LABELS_BESIDE ? "xlabel" : "label";
	Agnode_t *tail = d->nodes[line->tail], *head = d->nodes[line->head];
	Agedge_t *e = tail && head ? agedge(d->root, tail, head, NULL, 1) : NULL;
	char *tooltip;

	if (!e) {
		d->failed = true;
		return;
	}
	set_format(d, e, "id", "e-%s-%s", map->nodes[line->tail].id, map->nodes[line->head].id);
	draw_class(d, e, line);
	draw_look(d, e, line);
	if (d->layout->labels != LABELS_NONE)
		set_html(d, e, place, label_line(line));
	tooltip = tooltip_line(d->graph, line);
	if (tooltip)
		set(d, e, "labeltooltip", tooltip);
	set_text(d, e, "tooltip", tooltip);
}

/* Returns a new cgraph of the graph, closed by the caller, or NULL. */
static Agraph_t *draw(const struct graph *graph, const struct layout *layout)
{
	struct drawing d = { .graph = graph, .layout = layout };

	d.nodes = calloc(graph->map->node_count + 1, sizeof(Agnode_t *));
	if (!d.nodes)
		return NULL;
	d.root = agopen((char *)"ipcmap", Agdirected, NULL);
	if (!d.root) {
		free(d.nodes);
		return NULL;
	}
	draw_graph(&d);
	for (size_t i = 0; i < graph->map->node_count; i++)
		draw_node(&d, i);
	for (size_t i = 0; i < graph->line_count; i++)
		draw_line(&d, &graph->lines[i]);
	free(d.nodes);
	if (!d.failed)
		return d.root;
	agclose(d.root);
	return NULL;
}

int graphviz_dot(const struct graph *graph, const struct layout *layout, char **ret_data,
		 size_t *ret_size)
{
	Agraph_t *root = draw(graph, layout);
	char *data = NULL;
	size_t size = 0;
	bool failed;
	FILE *file;

	if (!root)
		return -ENOMEM;
	file = open_memstream(&data, &size);
	if (!file) {
		agclose(root);
		return -ENOMEM;
	}
	failed = agwrite(root, file) != 0 || ferror(file);
	failed |= fclose(file) != 0;
	agclose(root);
	if (failed) {
		free(data);
		return -ENOMEM;
	}
	*ret_data = data;
	*ret_size = size;
	return 0;
}

/* A bitmap too large for Cairo gets fewer dots per inch. */
static void drawing_fit(Agraph_t *root, char *note, size_t note_size)
{
	double pad = 2 * 0.3 * 72;
	double width = GD_bb(root).UR.x - GD_bb(root).LL.x + pad;
	double height = GD_bb(root).UR.y - GD_bb(root).LL.y + pad;
	double dpi = GD_drawing(root)->dpi > 0 ? GD_drawing(root)->dpi : 96;
	double fit = fmin(72 * (PIXELS_SIDE - 100) / fmax(width, height),
			  72 * sqrt(PIXELS_ALL / (width * height)));

	if (dpi <= fit)
		return;
	GD_drawing(root)->dpi = floor(fit);
	snprintf(note, note_size, "the PNG was reduced to %.0f dpi: at %.0f it would be too large",
		 floor(fit), dpi);
}

int graphviz_render(const struct graph *graph, const struct layout *layout, const char *format,
		    char **ret_data, size_t *ret_size, char *note, size_t note_size)
{
	Agraph_t *root = draw(graph, layout);
	GVC_t *context = gvContext();
	unsigned size = 0;

	if (!root || !context)
		return -ENOMEM;
	agreseterrors();
	if (gvLayout(context, root, layout->engine) != 0)
		return -EINVAL;
	if (strcmp(format, "png") == 0)
		drawing_fit(root, note, note_size);
	if (gvRenderData(context, root, format, ret_data, &size) != 0 || size == 0)
		return -EIO;
	*ret_size = size;
	return 0;
}
