/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of a map is drawn: the part that was asked for, grouped or folded,
 * trimmed to what can be read, with all that the drawing needs beside. A view
 * is a map again: every format draws it as it is.
 *
 * What was left out is counted: the figures of the view and those left out add
 * up to the map's.
 */
#ifndef IPCMAP_VIEW_H
#define IPCMAP_VIEW_H

#include "emit.h"
#include "group.h"
#include "map.h"

/* What reads well; above, a drawing is trimmed unless the user said how. */
#define VIEW_NODES 60
#define VIEW_LINES 150
/* And when it is trimmed: no more lines than it takes for this share, but so many at least. */
#define VIEW_SHARE 0.99
#define VIEW_LINES_LEAST 60

#define SUMMARY_AUTO (-1)

struct view_options {
	enum group_by group;
	enum cluster_by cluster;
	bool no_fold, all, by_ops;
	uint32_t only;	     /* bit 1 << enum ipc_mechanism; 0: all */
	const char **focus;  /* pids, names of processes and of channels, as globs */
	size_t focus_count;
	unsigned hops;	     /* around the focus; 0: one */
	const char **hide;   /* globs */
	size_t hide_count;
	size_t top;	     /* lines (pairs of nodes) at most; 0: no limit */
	uint64_t min_bytes, min_ops; /* a line has at least so much */
	int summary;	     /* lines of the table on the terminal, or SUMMARY_AUTO */
	struct style *style; /* of --style, owned; emit.style is the same */
	struct emit_options emit;
};

void view_options_init(struct view_options *options);
void view_options_done(struct view_options *options);

/* Whether the user asked for anything that makes another map of it. */
bool view_options_select(const struct view_options *options);

struct view_totals {
	size_t processes, edges;
	uint64_t ops, bytes, received_ops, received_bytes;
};

struct view {
	struct map *map; /* map->note says what was left out */
	struct view_totals shown, left_out;
};

enum view_purpose {
	VIEW_DRAWING,
	/* To be kept: only what was asked for is done, nothing is folded or trimmed by itself. */
	VIEW_RECORD
};

/* Returns 0 and fills ret_view (free it with view_done()), or -ENOMEM. */
int view_new(const struct map *map, const struct view_options *options,
	     enum view_purpose purpose, struct view *ret_view);
void view_done(struct view *view);

/* The figures of a map. */
struct view_totals view_count(const struct map *map);

#endif
