/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where labels of lines go when they would lie over something. Graphviz keeps
 * room for most labels, but not for those between nodes of one rank or of lines
 * that turn back; it draws them over each other, over nodes and over the names of frames.
 */
#ifndef IPCMAP_PLACE_H
#define IPCMAP_PLACE_H

#include <stdbool.h>
#include <stddef.h>

struct place_point {
	double x, y;
};

struct place_box {
	double left, bottom, right, top;
};

struct place_label {
	struct place_point middle; /* where it is, and where it is put */
	double width, height; /* no width: a line without a label */
	const struct place_point *path; /* along its line; the caller's */
	size_t path_count;
	bool shown; /* set here */
	struct place_box bounds; /* of path; set here */
};

/*
 * Leaves labels alone that lie over nothing, and moves the others along their lines
 * to where they cover least; the first is the one that stays. obstacles: what no label
 * should cover. page: none leaves it. may_hide: what finds no place of its own is
 * not shown.
 */
void place_labels(struct place_label *labels, size_t count, const struct place_box *obstacles,
		  size_t obstacle_count, const struct place_box *page, bool may_hide);

#endif
