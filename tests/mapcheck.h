/* SPDX-License-Identifier: GPL-2.0-only */
/* One map and its truth, as mapcheck's two files look at them. */
#ifndef MAPCHECK_H
#define MAPCHECK_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct check {
	json_t *map, *truth;
	json_t *nodes, *channels; /* id -> object */
	json_t *map_edges;	  /* those within the types asked for */
	json_t *truth_edges;
	const char *types[16];
	size_t type_count;
	const char *ignored; /* a comm: no edge of such a process is looked at, or NULL */
	bool only_listed, lost, uncounted; /* the truth has edges of which more was received than calls had sent */
	unsigned int problems;
};

/* Says what is wrong, in a line, and counts it. */
void problem(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A member; without it "" and 0. */
const char *text(const json_t *object, const char *key);
json_int_t number(const json_t *object, const char *key);

/* The node at an edge's "src" or "dst"; NULL: there is none. */
json_t *edge_node(const struct check *check, const json_t *edge, const char *end);
void print_edge(const struct check *check, const char *prefix, const json_t *edge);

/* Does the map itself hold together? */
void check_shape(struct check *check);

#endif
