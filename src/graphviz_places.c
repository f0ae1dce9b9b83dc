// SPDX-License-Identifier: GPL-2.0-only
/* Places out of a layout, and into drawings that are not laid out again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graphviz_draw.h"
#include "graphviz_labels.h"
#include "graphviz_places.h"
#include "places.h"

#define COORDINATES 128

/* A figure of a layout, as a picture has it: no more digits than an SVG prints. */
static const char *point_text(char *buf, pointf p)
{
	snprintf(buf, COORDINATES, "%.2f,%.2f", p.x + 0.0, p.y + 0.0);
	return buf;
}

static const char *box_text(char *buf, boxf box)
{
	snprintf(buf, COORDINATES, "%.2f,%.2f,%.2f,%.2f", box.LL.x, box.LL.y, box.UR.x, box.UR.y);
	return buf;
}

static const char *label_text(char *buf, const textlabel_t *label)
{
	return label && label->set ? point_text(buf, label->pos) : "";
}

/* "s,x,y e,x,y x,y ...": the pieces of a line, as Graphviz reads them. */
static char *spline_text(const splines *line)
{
	char *data = NULL, text[COORDINATES];
	size_t size;
	FILE *file = open_memstream(&data, &size);
	bool failed;

	if (!file)
		return NULL;
	for (int i = 0; line && i < line->size; i++) {
		const bezier *piece = &line->list[i];

		fputs(i ? ";" : "", file);
		if (piece->sflag)
			fprintf(file, "s,%s ", point_text(text, piece->sp));
		if (piece->eflag)
			fprintf(file, "e,%s ", point_text(text, piece->ep));
		for (int j = 0; j < piece->size; j++)
			fprintf(file, "%s%s", j ? " " : "", point_text(text, piece->list[j]));
	}
	failed = ferror(file) != 0;
	failed |= fclose(file) != 0;
	if (!failed)
		return data;
	free(data);
	return NULL;
}

static int node_take(Agnode_t *n, struct places *places)
{
	char name[PLACE_NAME], pos[COORDINATES], size[COORDINATES];

	snprintf(size, sizeof(size), "%.4f %.4f", ND_width(n), ND_height(n));
	return places_set(places, &(struct place_of){
		.name = (char *)place_node(name, agnameof(n)),
		.pos = (char *)point_text(pos, ND_coord(n)),
		.size = size,
	});
}

static int edge_take(Agedge_t *e, struct places *places)
{
	char name[PLACE_NAME], label[COORDINATES];
	char *pos = spline_text(ED_spl(e));
	int rc = -ENOMEM;

	if (pos)
		rc = places_set(places, &(struct place_of){
			.name = (char *)place_line(name, agnameof(agtail(e)), agnameof(aghead(e))),
			.pos = pos,
			.label = (char *)label_text(label, ED_label(e) ? ED_label(e) : ED_xlabel(e)),
		});
	free(pos);
	return rc;
}

/* The name of a frame is its tooltip, which is set from the map's text alone. */
static int frame_take(Agraph_t *frame, struct places *places)
{
	char name[PLACE_NAME], pos[COORDINATES], label[COORDINATES];

	return places_set(places, &(struct place_of){
		.name = (char *)place_frame(name, agget(frame, (char *)"tooltip")),
		.pos = (char *)box_text(pos, GD_bb(frame)),
		.label = (char *)label_text(label, GD_label(frame)),
		.size = agget(frame, (char *)"id"),
	});
}

int places_take(Agraph_t *root, struct places *places)
{
	char pos[COORDINATES], label[COORDINATES];
	int rc = places_set(places, &(struct place_of){
		.name = (char *)PLACE_ROOT,
		.pos = (char *)box_text(pos, GD_bb(root)),
		.label = (char *)label_text(label, GD_label(root)),
	});

	for (Agraph_t *frame = agfstsubg(root); !rc && frame; frame = agnxtsubg(frame))
		rc = frame_take(frame, places);
	for (Agnode_t *n = agfstnode(root); !rc && n; n = agnxtnode(root, n)) {
		rc = node_take(n, places);
		for (Agedge_t *e = agfstout(root, n); !rc && e; e = agnxtout(root, e))
			rc = edge_take(e, places);
	}
	return rc;
}

int graphviz_layout(const struct graph *graph, const struct layout *layout, const struct places *known,
		    struct places *places)
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
	return known ? graphviz_grow(context, root, graph, layout, known, places) : places_take(root, places);
}

void place_give(void *object, const char *name, const char *value)
{
	agsafeset(object, (char *)name, (char *)value, (char *)"");
}

bool node_give(Agnode_t *n, const struct places *places)
{
	char name[PLACE_NAME], width[COORDINATES];
	const struct place_of *place = places_find(places, place_node(name, agnameof(n)));
	size_t len;

	if (!place)
		return false;
	len = strcspn(place->size, " ");
	snprintf(width, sizeof(width), "%.*s", (int)len, place->size);
	place_give(n, "pos", place->pos);
	place_give(n, "width", width);
	place_give(n, "height", place->size + len);
	/* Its size has the margin already, and what is written in it may have become longer. */
	place_give(n, "margin", "0.01,0.01");
	return true;
}

/* Takes "s,x,y " or "e,x,y " off the front of a spline: how long it is, and the point. */
static size_t end_read(const char *pos, char which, char *point)
{
	size_t len;

	if (pos[0] != which || pos[1] != ',')
		return 0;
	len = strcspn(pos, " ");
	snprintf(point, COORDINATES, "%.*s", (int)len - 2, pos + 2);
	return pos[len] ? len + 1 : len;
}

/*
 * The room that a spline leaves for arrowheads, closed where there is none: then it
 * begins, or ends, at the node. NULL: short of memory.
 */
static char *spline_close(const char *pos, bool tail, bool head)
{
	char start[COORDINATES] = "", end[COORDINATES] = "", *closed;
	const char *first, *last;
	size_t len;
	int rc;

	if (strchr(pos, ';'))
		return strdup(pos);
	pos += end_read(pos, 's', start);
	pos += end_read(pos, 'e', end);
	first = *start && !tail ? start : pos;
	len = strcspn(pos, " ");
	last = strrchr(pos, ' ');
	if (!pos[len] || !last)
		return strdup(pos);
	rc = asprintf(&closed, "%s%s%s%s%s%s%.*s%.*s %s", *start && tail ? "s," : "", *start && tail ? start : "",
		      *start && tail ? " " : "", *end && head ? "e," : "", *end && head ? end : "",
		      *end && head ? " " : "", first == pos ? (int)len : (int)strlen(first), first,
		      (int)(last - (pos + len)), pos + len, *end && !head ? end : last + 1);
	return rc < 0 ? NULL : closed;
}

bool edge_give(Agedge_t *e, const struct places *places)
{
	char name[PLACE_NAME];
	const struct place_of *place =
		places_find(places, place_line(name, agnameof(agtail(e)), agnameof(aghead(e))));

	const char *given = agget(e, (char *)"dir"), *dir = given ? given : "forward";
	char *pos;

	if (!place)
		return false;
	pos = spline_close(place->pos, strcmp(dir, "both") == 0 || strcmp(dir, "back") == 0,
			   strcmp(dir, "both") == 0 || strcmp(dir, "forward") == 0);
	if (!pos)
		return false;
	place_give(e, "pos", pos);
	free(pos);
	if (*place->label)
		place_give(e, "lp", place->label);
	else
		place_give(e, "label", "");
	return true;
}

bool frame_give(Agraph_t *frame, const struct places *places)
{
	char name[PLACE_NAME];
	const struct place_of *place =
		places_find(places, place_frame(name, agget(frame, (char *)"tooltip")));

	if (!place)
		return false;
	place_give(frame, "bb", place->pos);
	place_give(frame, "lp", place->label);
	place_give(frame, "id", place->size);
	return true;
}

/* Gives everything its place; what has none is taken out. */
static void places_give(Agraph_t *root, const struct places *places)
{
	Agnode_t *next;
	Agedge_t *next_edge;

	for (Agraph_t *frame = agfstsubg(root); frame; frame = agnxtsubg(frame))
		frame_give(frame, places);
	for (Agnode_t *n = agfstnode(root); n; n = next) {
		next = agnxtnode(root, n);
		if (!node_give(n, places))
			agdelnode(root, n);
	}
	for (Agnode_t *n = agfstnode(root); n; n = agnxtnode(root, n)) {
		for (Agedge_t *e = agfstout(root, n); e; e = next_edge) {
			next_edge = agnxtout(root, e);
			if (!edge_give(e, places))
				agdeledge(root, e);
		}
	}
	/* Else all is moved until what is drawn begins at the origin. */
	place_give(root, "notranslate", "true");
}

/* The paper is as large in all pictures, and the title stands in the same corner. */
static void page_give(Agraph_t *root, const struct places *places)
{
	const struct place_of *place = places_find(places, PLACE_ROOT);
	textlabel_t *title = GD_label(root);
	boxf box;

	if (!place || sscanf(place->pos, "%lf,%lf,%lf,%lf", &box.LL.x, &box.LL.y, &box.UR.x,
			     &box.UR.y) != 4)
		return;
	GD_bb(root) = box;
	if (!title)
		return;
	title->pos.x = box.LL.x + title->dimen.x / 2;
	title->pos.y = box.UR.y - title->dimen.y / 2;
	title->set = 1;
}

int graphviz_render_placed(const struct graph *graph, const struct places *places, const char *format,
			   unsigned dpi, char **ret_data, size_t *ret_size, char *note, size_t note_size)
{
	const struct layout layout = { places->engine, false, LABELS_ON_EDGES };
	Agraph_t *root = graphviz_draw(graph, &layout);
	GVC_t *context = gvContext();

	if (!root || !context)
		return -ENOMEM;
	agreseterrors();
	places_give(root, places);
	if (gvLayout(context, root, "nop2") != 0)
		return -EINVAL;
	page_give(root, places);
	return graphviz_write(context, root, format, dpi, ret_data, ret_size, note, note_size);
}
