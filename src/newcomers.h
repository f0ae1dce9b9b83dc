/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Room for what comes to a picture that is there already: near to what it talks to,
 * over nothing that has a place. Coordinates are Graphviz's: y grows upwards.
 */
#ifndef IPCMAP_NEWCOMERS_H
#define IPCMAP_NEWCOMERS_H

#include <stdbool.h>
#include <stddef.h>

#include "place.h"

#define FIT_NO_FRAME ((size_t)-1)

struct fit_node {
	struct place_point at;	  /* its place, or set here */
	struct place_point fresh; /* where it would be if all were placed anew */
	double width, height;
	bool placed;
	size_t frame; /* index into frames, or FIT_NO_FRAME */
};

struct fit_frame {
	struct place_box box; /* grows with its nodes */
	double title;	      /* room for its name, at the top */
	bool there;	      /* has a box */
};

struct fit_link {
	size_t a, b; /* indexes into nodes */
};

struct fit {
	struct fit_node *nodes;
	size_t node_count;
	struct fit_frame *frames;
	size_t frame_count;
	const struct fit_link *links;
	size_t link_count;
	const struct place_box *obstacles; /* labels, and the title */
	size_t obstacle_count;
	struct place_box page; /* grows to the right and downwards only */
};

/* Places every node that is not placed. */
void fit_newcomers(struct fit *fit);

#endif
