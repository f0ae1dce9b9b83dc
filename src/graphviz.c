// SPDX-License-Identifier: GPL-2.0-only
#include "graphviz.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <graphviz/gvc.h>

#include "graphviz_draw.h"
#include "graphviz_labels.h"
#include "label.h"
#include "look.h"
#include "rows.h"
#include "style.h"
#include "text.h"

/* Cairo's limit, and what a picture of that many pixels costs in memory (4 bytes each). */
#define PIXELS_SIDE 32767
#define PIXELS_ALL 64e6

struct attribute {
	int kind;
	const char *name, *value;
};

/* What no style may change: without these the drawing breaks, or says something else. */
static const struct attribute defaults[] = {
	{ AGRAPH, "charset", "UTF-8" },
	/* Without it dot corrupts its heap on clusters with edge labels. */
	{ AGRAPH, "newrank", "true" },
	{ AGRAPH, "rankdir", "LR" },
	{ AGRAPH, "remincross", "true" },
	{ AGRAPH, "outputorder", "edgesfirst" },
	{ AGRAPH, "labelloc", "t" },
	{ AGRAPH, "labeljust", "l" },
	{ AGRAPH, "tooltip", "ipcmap" },
	{ AGRAPH, "id", "ipcmap" },
	{ AGRAPH, "class", "" },
	{ AGNODE, "label", "\\N" },
	{ AGNODE, "tooltip", "" },
	{ AGNODE, "id", "" },
	{ AGNODE, "class", "" },
	{ AGEDGE, "dir", "forward" },
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
	void *object;	  /* what a style is applied to */
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

static void apply_graph(void *context, const char *name, const char *value)
{
	defaults_set(context, &(struct attribute){ AGRAPH, name, value });
}

static void apply_nodes(void *context, const char *name, const char *value)
{
	defaults_set(context, &(struct attribute){ AGNODE, name, value });
}

static void apply_edges(void *context, const char *name, const char *value)
{
	defaults_set(context, &(struct attribute){ AGEDGE, name, value });
}

static void apply_object(void *context, const char *name, const char *value)
{
	struct drawing *d = context;

	if (agsafeset(d->object, (char *)name, (char *)value, (char *)"") != 0)
		d->failed = true;
}

static void draw_graph(struct drawing *d)
{
	const struct style *style = d->graph->style;
	const struct layout *layout = d->layout;
	const struct attribute *more = layout->limited ? force_limited : force_full;

	if (strcmp(layout->engine, "dot") == 0)
		more = layout->limited ? dot_limited : dot_full;
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		defaults_set(d, &defaults[i]);
	style_apply(style, STYLE_GRAPH, NULL, apply_graph, d);
	style_apply(style, STYLE_NODE, NULL, apply_nodes, d);
	style_apply(style, STYLE_EDGE, NULL, apply_edges, d);
	for (; more->name; more++)
		defaults_set(d, more);
	if (layout->labels == LABELS_BESIDE)
		defaults_set(d, &(struct attribute){ AGRAPH, "forcelabels", "false" });
	/* HTML has to be set on an attribute that is there already. */
	defaults_set(d, &(struct attribute){ AGRAPH, "label", "" });
	set_html(d, d->root, "label", label_title(d->graph));
}

static void draw_node(struct drawing *d, size_t i)
{
	const struct node *node = &d->graph->map->nodes[i];
	Agnode_t *n = agnode(d->root, node->id, 1);

	d->nodes[i] = n;
	if (!n) {
		d->failed = true;
		return;
	}
	set(d, n, "id", node->id);
	set_html(d, n, "label", label_node(d->graph, i));
	set_text(d, n, "tooltip", tooltip_node(d->graph, i));
	d->object = n;
	look_node(d->graph, node, apply_object, d);
	/* "nginx" may become "nginx ×12". */
	if (d->graph->growing && node->kind == NODE_PROCESS)
		apply_object(d, "margin", "0.3,0.06");
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
	d->object = e;
	look_line(d->graph, line, apply_object, d);
	/* Room for both heads: what goes one way so far may go both. */
	if (d->graph->growing && !d->graph->whole)
		apply_object(d, "dir", "both");
	if (d->layout->labels != LABELS_NONE && !line_is_pale(d->graph, line))
		set_html(d, e, place, label_line(d->graph, line));
	tooltip = tooltip_line(d->graph, line);
	if (tooltip)
		set(d, e, "labeltooltip", tooltip);
	set_text(d, e, "tooltip", tooltip);
}

/* A frame with one node is as wide as the node: the node has to be as wide as its name. */
#define FRAME_CHARACTER 0.083 /* inches, of the frame's bold text */
#define FRAME_NAME 64		/* characters: longer names are cut */

/* The frame of the i-th node, for it and those after it that are in it too. */
static void draw_frame(struct drawing *d, size_t i, size_t number)
{
	const struct map *map = d->graph->map;
	const struct node *node = &map->nodes[i];
	char name[32];
	Agraph_t *frame;

	snprintf(name, sizeof(name), "cluster_%zu", number);
	frame = agsubg(d->root, name, 1);
	if (!frame) {
		d->failed = true;
		return;
	}
	d->object = frame;
	look_frame(d->graph, node, apply_object, d);
	set_format(d, frame, "id", "f%zu", number);
	set_html(d, frame, "label", label_frame(node->cluster));
	set_text(d, frame, "tooltip", tooltip_escape(node->cluster));
	for (size_t j = i; j < map->node_count; j++) {
		const char *other = map->nodes[j].cluster;

		if (other && d->nodes[j] && strcmp(other, node->cluster) == 0)
			agsubnode(frame, d->nodes[j], 1);
	}
	if (agnnodes(frame) == 1) {
		size_t width = text_width(node->cluster);

		d->object = d->nodes[i];
		snprintf(name, sizeof(name), "%.2f",
			 FRAME_CHARACTER * (double)(width < FRAME_NAME ? width : FRAME_NAME));
		apply_object(d, "width", name);
	}
}

static void draw_frames(struct drawing *d)
{
	const struct map *map = d->graph->map;
	size_t number = 0;

	/* sfdp knows no frames. */
	if (strcmp(d->layout->engine, "dot") != 0)
		return;
	for (size_t i = 0; i < map->node_count; i++) {
		const char *name = map->nodes[i].cluster;
		size_t j = 0;

		while (name && j < i && (!map->nodes[j].cluster || strcmp(map->nodes[j].cluster, name)))
			j++;
		if (name && j == i)
			draw_frame(d, i, ++number);
	}
}

/* Lines that are not drawn keep the parts of a row in their order. */
static void draw_rows(struct drawing *d)
{
	struct row_link *links = NULL;
	size_t count = 0;

	if (rows_find(d->graph, &links, &count)) {
		d->failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		Agnode_t *from = d->nodes[links[i].from], *to = d->nodes[links[i].to];
		Agedge_t *e = from && to ? agedge(d->root, from, to, NULL, 1) : NULL;

		d->object = e;
		if (e)
			apply_object(d, "style", "invis");
		else
			d->failed = true;
	}
	free(links);
}

/*
 * cgraph numbers what has a name by the address of that name, keeps subgraphs
 * in the order of those numbers, and dot lays frames out in that order: another
 * drawing in every run. Frames get their own number instead, below any address.
 */
#define FRAME_IDS ((IDTYPE)1 << 31)

static long id_map(void *state, int kind, char *name, IDTYPE *id, int create)
{
	unsigned number;

	if (kind != AGRAPH || !name || sscanf(name, "cluster_%u", &number) != 1)
		return AgIdDisc.map(state, kind, name, id, create);
	*id = (IDTYPE)number * 2; /* odd ones are cgraph's, for what has no name */
	return 1;
}

static void id_free(void *state, int kind, IDTYPE id)
{
	if (kind != AGRAPH || id >= FRAME_IDS)
		AgIdDisc.free(state, kind, id);
}

static char *id_print(void *state, int kind, IDTYPE id)
{
	char name[32];

	if (kind != AGRAPH || id >= FRAME_IDS || id % 2)
		return AgIdDisc.print(state, kind, id);
	snprintf(name, sizeof(name), "cluster_%u", (unsigned)(id / 2));
	/* cgraph looks for its own marks before the begin of a name: one of its strings. */
	return agstrdup(state, name);
}

/* cgraph keeps pointers to it. */
static Agdisc_t *discipline(void)
{
	static Agiddisc_t ids;
	static Agdisc_t all;

	ids = AgIdDisc;
	ids.map = id_map;
	ids.free = id_free;
	ids.print = id_print;
	all = AgDefaultDisc;
	all.id = &ids;
	return &all;
}

Agraph_t *graphviz_draw(const struct graph *graph, const struct layout *layout)
{
	struct drawing d = { .graph = graph, .layout = layout };

	d.nodes = calloc(graph->map->node_count + 1, sizeof(Agnode_t *));
	if (!d.nodes)
		return NULL;
	d.root = agopen((char *)"ipcmap", Agdirected, discipline());
	if (!d.root) {
		free(d.nodes);
		return NULL;
	}
	draw_graph(&d);
	for (size_t i = 0; i < graph->map->node_count; i++)
		draw_node(&d, i);
	draw_frames(&d);
	for (size_t i = 0; i < graph->line_count; i++)
		draw_line(&d, &graph->lines[i]);
	if (strcmp(layout->engine, "dot") == 0)
		draw_rows(&d);
	free(d.nodes);
	if (!d.failed)
		return d.root;
	agclose(d.root);
	return NULL;
}

int graphviz_dot(const struct graph *graph, const struct layout *layout, char **ret_data,
		 size_t *ret_size)
{
	Agraph_t *root = graphviz_draw(graph, layout);
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
static void drawing_fit(Agraph_t *root, double dpi, char *note, size_t note_size)
{
	double pad = 2 * 72; /* more than any style's */
	double width = GD_bb(root).UR.x - GD_bb(root).LL.x + pad;
	double height = GD_bb(root).UR.y - GD_bb(root).LL.y + pad;
	double fit = fmin(72 * (PIXELS_SIDE - 100) / fmax(width, height),
			  72 * sqrt(PIXELS_ALL / (width * height)));

	GD_drawing(root)->dpi = dpi;
	if (dpi <= fit)
		return;
	GD_drawing(root)->dpi = floor(fit);
	snprintf(note, note_size, "the PNG was reduced to %.0f dpi: at %.0f it would be too large",
		 floor(fit), dpi);
}

int graphviz_write(GVC_t *context, Agraph_t *root, const char *format, unsigned dpi, char **ret_data,
		   size_t *ret_size, char *note, size_t note_size)
{
	unsigned size = 0;

	if (strcmp(format, "png") == 0)
		drawing_fit(root, dpi, note, note_size);
	if (gvRenderData(context, root, format, ret_data, &size) != 0 || size == 0)
		return -EIO;
	*ret_size = size;
	return 0;
}

int graphviz_render(const struct graph *graph, const struct layout *layout, const char *format,
		    unsigned dpi, char **ret_data, size_t *ret_size, char *note, size_t note_size)
{
	Agraph_t *root = graphviz_draw(graph, layout);
	GVC_t *context = gvContext();

	if (!root || !context)
		return -ENOMEM;
	agreseterrors();
	if (gvLayout(context, root, layout->engine) != 0)
		return -EINVAL;
	if (layout->labels != LABELS_NONE)
		labels_move(root, layout->labels == LABELS_BESIDE);
	return graphviz_write(context, root, format, dpi, ret_data, ret_size, note, note_size);
}

int graphviz_version(char *buf, size_t size)
{
	/* Without its plugins, which it would look for, and lose the list of. */
	GVC_t *context = gvNEWcontext(NULL, 0);

	if (!context)
		return -ENOMEM;
	snprintf(buf, size, "%s", gvcVersion(context));
	gvFreeContext(context);
	return 0;
}
