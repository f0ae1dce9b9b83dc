// SPDX-License-Identifier: GPL-2.0-only
/* A picture that grows: newcomers into what has its places already. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graphviz_labels.h"
#include "graphviz_places.h"
#include "label.h"
#include "newcomers.h"

#define COORDINATES 128

struct growing {
	const struct graph *graph;
	const struct places *known;
	Agraph_t *fresh;
	struct fit fit;
	struct fit_link *links;
	struct place_box *obstacles;
	size_t *frame_leaders; /* by frame: a node in it */
	struct place_point *frame_labels; /* by frame: how large its name is */
};

/* Zero where there is none: an empty box that nothing overlaps. */
static struct place_box label_box(const char *at, const textlabel_t *label)
{
	double x, y;

	if (!label || sscanf(at, "%lf,%lf", &x, &y) != 2)
		return (struct place_box){ 0 };
	return (struct place_box){ x - label->dimen.x / 2, y - label->dimen.y / 2, x + label->dimen.x / 2,
				   y + label->dimen.y / 2 };
}

static bool box_parse(const struct place_of *place, struct place_box *box)
{
	return place && sscanf(place->pos, "%lf,%lf,%lf,%lf", &box->left, &box->bottom, &box->right,
			       &box->top) == 4;
}

static const struct place_of *frame_known(const struct growing *g, size_t frame)
{
	char *escaped = tooltip_escape(g->graph->map->nodes[g->frame_leaders[frame]].cluster);
	char name[PLACE_NAME];
	const struct place_of *place = escaped ? places_find(g->known, place_frame(name, escaped)) : NULL;

	free(escaped);
	return place;
}

static size_t frame_index(struct growing *g, size_t node)
{
	const struct map *map = g->graph->map;
	const char *cluster = map->nodes[node].cluster;
	size_t i = 0;

	if (!cluster || !agfstsubg(g->fresh))
		return FIT_NO_FRAME;
	while (i < g->fit.frame_count && strcmp(map->nodes[g->frame_leaders[i]].cluster, cluster) != 0)
		i++;
	if (i == g->fit.frame_count) {
		g->frame_leaders[g->fit.frame_count++] = node;
		g->fit.frames[i].there = box_parse(frame_known(g, i), &g->fit.frames[i].box);
	}
	return i;
}

/* Names of frames in the fresh layout: how large they are. */
static void frames_fill(struct growing *g)
{
	for (Agraph_t *frame = agfstsubg(g->fresh); frame; frame = agnxtsubg(frame)) {
		Agnode_t *first = agfstnode(frame);

		for (size_t i = 0; first && GD_label(frame) && i < g->fit.node_count; i++) {
			size_t index = g->fit.nodes[i].frame;

			if (index == FIT_NO_FRAME || strcmp(g->graph->map->nodes[i].id, agnameof(first)) != 0)
				continue;
			g->fit.frames[index].title = GD_label(frame)->dimen.y;
			g->frame_labels[index] = (struct place_point){ GD_label(frame)->dimen.x,
								       GD_label(frame)->dimen.y };
		}
	}
}

static void nodes_fill(struct growing *g)
{
	char name[PLACE_NAME];

	for (size_t i = 0; i < g->graph->map->node_count; i++) {
		const char *id = g->graph->map->nodes[i].id;
		const struct place_of *place = places_find(g->known, place_node(name, id));
		struct fit_node *node = &g->fit.nodes[g->fit.node_count++];
		Agnode_t *n = agnode(g->fresh, (char *)id, 0);

		if (n) {
			node->fresh = (struct place_point){ ND_coord(n).x, ND_coord(n).y };
			node->width = 72 * ND_width(n);
			node->height = 72 * ND_height(n);
		}
		node->placed = place && sscanf(place->pos, "%lf,%lf", &node->at.x, &node->at.y) == 2;
		node->frame = frame_index(g, i);
	}
}

static Agedge_t *edge_of(Agraph_t *root, const struct graph *graph, const struct line *line)
{
	Agnode_t *tail = agnode(root, graph->map->nodes[line->tail].id, 0);
	Agnode_t *head = agnode(root, graph->map->nodes[line->head].id, 0);

	return tail && head ? agedge(root, tail, head, NULL, 0) : NULL;
}

static const struct place_of *line_known(const struct growing *g, const struct line *line)
{
	const struct node *nodes = g->graph->map->nodes;
	char name[PLACE_NAME];

	return places_find(g->known, place_line(name, nodes[line->tail].id, nodes[line->head].id));
}

static void lines_fill(struct growing *g)
{
	const textlabel_t *title = GD_label(g->fresh);

	for (size_t i = 0; i < g->graph->line_count; i++) {
		const struct line *line = &g->graph->lines[i];
		const struct place_of *place = line_known(g, line);
		Agedge_t *e = edge_of(g->fresh, g->graph, line);

		g->links[i] = (struct fit_link){ line->tail, line->head };
		if (place && *place->label && e)
			g->obstacles[g->fit.obstacle_count++] =
				label_box(place->label, ED_label(e) ? ED_label(e) : ED_xlabel(e));
	}
	if (title)
		g->obstacles[g->fit.obstacle_count++] = (struct place_box){
			g->fit.page.left, g->fit.page.top - title->dimen.y,
			g->fit.page.left + title->dimen.x, g->fit.page.top };
}

static bool growing_new(struct growing *g)
{
	size_t nodes = g->graph->map->node_count + 1, lines = g->graph->line_count + 1;

	g->fit.nodes = calloc(nodes, sizeof(*g->fit.nodes));
	g->fit.frames = calloc(nodes, sizeof(*g->fit.frames));
	g->frame_leaders = calloc(nodes, sizeof(*g->frame_leaders));
	g->frame_labels = calloc(nodes, sizeof(*g->frame_labels));
	g->links = calloc(lines, sizeof(*g->links));
	g->obstacles = calloc(lines + 1, sizeof(*g->obstacles));
	return g->fit.nodes && g->fit.frames && g->frame_leaders && g->frame_labels && g->links && g->obstacles;
}

/* Sets the place of a newcomer among the nodes. */
static int node_set(const struct growing *g, size_t i, struct places *places)
{
	const struct fit_node *node = &g->fit.nodes[i];
	char name[PLACE_NAME], pos[COORDINATES], size[COORDINATES];

	if (places_find(places, place_node(name, g->graph->map->nodes[i].id)))
		return 0;
	snprintf(pos, sizeof(pos), "%.2f,%.2f", node->at.x, node->at.y);
	snprintf(size, sizeof(size), "%.4f %.4f", node->width / 72, node->height / 72);
	return places_set(places, &(struct place_of){ .name = name, .pos = pos, .size = size });
}

/* A frame as it is now, and its name in the middle of its upper side. */
static int frame_set(const struct growing *g, size_t i, struct places *places)
{
	const struct place_of *known = frame_known(g, i);
	const struct place_box *box = &g->fit.frames[i].box;
	char *escaped = tooltip_escape(g->graph->map->nodes[g->frame_leaders[i]].cluster);
	char name[PLACE_NAME], pos[COORDINATES], label[COORDINATES], number[32];
	size_t count = 0;
	int rc;

	if (!escaped)
		return -ENOMEM;
	for (const struct place_of *place = places->table; place; place = place->hh.next)
		count += place->name[0] == 'f';
	snprintf(number, sizeof(number), "f%zu", count + 1);
	snprintf(pos, sizeof(pos), "%.2f,%.2f,%.2f,%.2f", box->left, box->bottom, box->right, box->top);
	snprintf(label, sizeof(label), "%.2f,%.2f", (box->left + box->right) / 2,
		 box->top - g->frame_labels[i].y / 2);
	if (known && strcmp(known->pos, pos) == 0)
		rc = 0;
	else
		rc = places_set(places, &(struct place_of){
			.name = (char *)place_frame(name, escaped), .pos = pos, .label = label,
			.size = known ? known->size : number,
		});
	free(escaped);
	return rc;
}

static int known_copy(const struct places *known, struct places *places)
{
	int rc = 0;

	for (const struct place_of *place = known->table; place && !rc; place = place->hh.next)
		rc = places_set(places, place);
	return rc;
}

static int page_set(const struct growing *g, const boxf *drawn, struct places *places)
{
	const struct place_box *page = &g->fit.page;
	char pos[COORDINATES];

	snprintf(pos, sizeof(pos), "%.2f,%.2f,%.2f,%.2f", page->left, fmin(page->bottom, drawn->LL.y),
		 fmax(page->right, drawn->UR.x), page->top);
	return places_set(places, &(struct place_of){ .name = (char *)PLACE_ROOT, .pos = pos });
}

/* Where everything is that needs no line: all but the new lines. */
static int places_fit(struct growing *g, struct places *places)
{
	int rc = known_copy(g->known, places);

	fit_newcomers(&g->fit);
	for (size_t i = 0; i < g->fit.node_count && !rc; i++)
		rc = node_set(g, i, places);
	for (size_t i = 0; i < g->fit.frame_count && !rc; i++)
		rc = frame_set(g, i, places);
	return rc;
}

/* Graphviz draws the lines that have no place yet, around the nodes. */
static int lines_route(GVC_t *context, struct growing *g, const struct layout *layout, struct places *places)
{
	const struct layout placed = { layout->engine, false,
				       layout->labels == LABELS_NONE ? LABELS_NONE : LABELS_ON_EDGES };
	Agraph_t *root = graphviz_draw(g->graph, &placed);
	struct places routed = { 0 };
	int rc;

	if (!root)
		return -ENOMEM;
	for (Agraph_t *frame = agfstsubg(root); frame; frame = agnxtsubg(frame))
		frame_give(frame, places);
	for (Agnode_t *n = agfstnode(root); n; n = agnxtnode(root, n)) {
		node_give(n, places);
		for (Agedge_t *e = agfstout(root, n); e; e = agnxtout(root, e))
			edge_give(e, places);
	}
	place_give(root, "notranslate", "true");
	if (gvLayout(context, root, "nop2") != 0)
		return -EINVAL;
	if (placed.labels != LABELS_NONE)
		labels_move(root, false);
	rc = places_take(root, &routed);
	for (const struct place_of *place = routed.table; place && !rc; place = place->hh.next) {
		if (!places_find(places, place->name))
			rc = places_set(places, place);
	}
	return rc ? rc : page_set(g, &GD_bb(root), places);
}

int graphviz_grow(GVC_t *context, Agraph_t *fresh, const struct graph *graph, const struct layout *layout,
		  const struct places *known, struct places *places)
{
	struct growing g = { .graph = graph, .known = known, .fresh = fresh };
	int rc;

	/* Freed when the process ends, soon. */
	if (!growing_new(&g))
		return -ENOMEM;
	if (!box_parse(places_find(known, PLACE_ROOT), &g.fit.page))
		return -EINVAL;
	nodes_fill(&g);
	frames_fill(&g);
	lines_fill(&g);
	g.fit.links = g.links;
	g.fit.link_count = graph->line_count;
	g.fit.obstacles = g.obstacles;
	rc = places_fit(&g, places);
	return rc ? rc : lines_route(context, &g, layout, places);
}
