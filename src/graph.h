/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of a map is drawn, before any library draws it: one line per pair of
 * nodes, one row of figures per thing they talk over.
 */
#ifndef IPCMAP_GRAPH_H
#define IPCMAP_GRAPH_H

#include "map.h"

struct style;

enum way { WAY_ALONG, WAY_AGAINST, WAYS };

enum row_kind {
	ROW_MOVED, /* between the two nodes, in the window */
	ROW_UNDELIVERED,
	ROW_EARLIER,
	ROW_IDLE
};

struct figures {
	uint64_t ops, bytes, received_ops, received_bytes;
};

/* Channels of one mechanism and one name (or none) are one row. */
struct row {
	enum row_kind kind;
	const char *mechanism;		/* the map's */
	const char *signal;		/* the map's, or NULL */
	const struct channel *channel;	/* the first of them, or NULL: signals */
	size_t channels;
	struct figures ways[WAYS];
	double first, last;
	enum change change;
	struct figures before[WAYS]; /* as edge.before */
};

struct line {
	size_t tail, head; /* indexes into map->nodes; the client is the tail where that is known */
	struct row *rows;  /* the heaviest first, idle ones last */
	size_t row_count;
	bool ways[WAYS]; /* what moved which way */
	uint64_t bytes;
	enum change change; /* of all rows alike, or CHANGE_CHANGED */
};

/* What is said once for the whole drawing. */
struct hints {
	size_t exits;  /* processes that have exited */
	bool exited;   /* they are marked: not where most have */
	bool children; /* lines of SIGCHLD alone are pale: not where there is nothing else */
};

struct node_total {
	uint64_t sent, received; /* bytes */
};

/* Owns lines, rows and totals; the map stays the caller's and must outlive it. */
struct graph {
	const struct map *map;
	const struct style *style; /* the caller's; NULL until it sets it */
	/*
	 * Where this is a frame's: the graph of the whole window, the caller's, whose
	 * title, legend and sizes of names all frames share; NULL: it is itself the whole.
	 */
	const struct graph *whole;
	size_t *whole_nodes; /* by node: its index there */
	bool growing;	     /* of a window that goes on: signs are explained that may come */
	struct line *lines;
	size_t line_count;
	struct row *rows;
	struct node_total *totals; /* by node */
	uint64_t bytes;		   /* on all lines */
	struct hints hints;
	const struct row **said; /* by node: of the name that it bears for its lines, or NULL */
};

/* Returns 0 and fills ret_graph (free it with graph_done()), or -ENOMEM. */
int graph_new(const struct map *map, struct graph *ret_graph);
void graph_done(struct graph *graph);

/* Makes it the graph of a frame of whole, whose nodes are in the same order. 0 or -ENOMEM. */
int graph_set_whole(struct graph *graph, const struct graph *whole);

/* The whole's, for what all frames share. */
static inline const struct graph *graph_whole(const struct graph *graph)
{
	return graph->whole ? graph->whole : graph;
}

/* Exchanges the ends of a line. */
void line_turn(struct line *line);

/* The bytes a way moved: what was sent or what was read, the larger. */
uint64_t figures_bytes(const struct figures *figures);
/* Its operations, as the drawing tells them: those of who sent, or, where that was not seen, of who read. */
uint64_t figures_ops(const struct figures *figures);

/* Whether anything moved that way, in a difference: in either of its maps. */
bool row_moved(const struct row *row, enum way way);

/* The bytes and the operations of a row, both ways. */
uint64_t row_bytes(const struct row *row);
uint64_t row_ops(const struct row *row);
bool row_is_signal(const struct row *row);

/* Whether one of its ends is a sink. Not where it changed. */
bool line_is_to_sink(const struct map *map, const struct line *line);

/* Whether it only tells a parent that its child has ended, beside lines that carry more. */
bool line_is_to_child(const struct graph *graph, const struct line *line);

/* Either of these: drawn pale, and without a label. */
bool line_is_pale(const struct graph *graph, const struct line *line);

enum said {
	SAID_HERE,    /* the row bears its own name, if it has one */
	SAID_AT_NODE, /* the node at one of its ends bears it */
	SAID_NAMELESS /* it has none, beside others whose name the node bears */
};

/* Where the name of a row's channel stands. */
enum said row_said(const struct graph *graph, const struct line *line, const struct row *row);

/* Fills graph->hints and graph->said. Returns 0 or -ENOMEM. */
int hints_fill(struct graph *graph);

/* Of a window that goes on: only what will not change with what may yet come. */
void hints_expect(struct graph *graph);

#endif
