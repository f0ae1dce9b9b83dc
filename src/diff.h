/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The difference of two maps, which is a map again: of classes of processes
 * (diff_match.h), with what became of each node and edge. It draws, is stored and
 * read like any other.
 *
 * An edge of a difference is what goes from one class to another over one thing: a
 * mechanism, and its place where it has one. It has changed when the bytes that it
 * moved (where there are none, the operations) differ by more than the threshold:
 * the larger figure is more than 1 + percent / 100 times the smaller. Where the
 * windows differ in length by more than 1 %, figures are divided by the seconds.
 * A socket that is open on both sides is no new connection when data begin to
 * go the other way.
 */
#ifndef IPCMAP_DIFF_H
#define IPCMAP_DIFF_H

#include "graph.h"
#include "map.h"

#define DIFF_THRESHOLD 50 /* percent */

/*
 * before and after are views (view_new()) of two maps. What was traced in one of them
 * only is left out, and said in comparison.caveat. Returns 0 and *ret_map (the
 * caller frees it), or -ENOMEM.
 */
int diff_new(const struct map *before, const struct map *after, double threshold,
	     struct map **ret_map);

/* Without what is the same; likewise. */
int diff_changes(const struct map *diff, struct map **ret_map);

/* Whether its figures are compared, and shown, per second. */
bool diff_is_rates(const struct map *diff);

/* Processes (hubs and hosts are counted by their edges) and edges: one per row of the graph. */
struct diff_counts {
	size_t processes[CHANGES], edges[CHANGES];
};

struct diff_counts diff_count(const struct graph *graph);

/* Whether figures of an edge, or of one way of a row, differ by more than the threshold. */
bool diff_is_changed(const struct map *diff, const struct figures *before,
		     const struct figures *after);

#endif
