/* SPDX-License-Identifier: GPL-2.0-only */
/* How things look: rules that select what is drawn, and give it Graphviz's attributes. */
#ifndef IPCMAP_STYLE_H
#define IPCMAP_STYLE_H

#include "graph.h"

/* What a rule is about. */
enum style_subject {
	STYLE_GRAPH,	 /* the whole, and its title */
	STYLE_NODE,	 /* all nodes; conditions are about processes */
	STYLE_HUB,
	STYLE_EXTERNAL,
	STYLE_KERNEL,
	STYLE_EDGE,
	STYLE_IDLE,	 /* edges over which nothing moved */
	STYLE_MECHANISM, /* edges and hubs of it, its rows in labels, its name in the legend */
	STYLE_CLUSTER,	 /* frames around nodes */
	STYLE_DETAIL,	 /* small text: the second line of a node, the legend */
	STYLE_ALARM,	 /* text that tells of a loss */
	STYLE_LABEL,	 /* the ground under the label of an edge */
	STYLE_SUBJECTS
};

/* The conditions of a rule are held against facts; a key may be there several times. */
struct style_fact {
	const char *key, *value;
};

struct style_attribute {
	char *name, *value;
};

struct style_rule {
	enum style_subject subject;
	struct style_attribute *conditions; /* value: a glob; all must hold */
	size_t condition_count;
	struct style_attribute *attributes;
	size_t attribute_count;
};

/* Owns all it points to. Rules are in the order of the file: a later one wins. */
struct style {
	struct style_rule *rules;
	size_t rule_count;
	char **palette; /* for mechanisms that no rule gives a colour */
	size_t palette_count;
};

/*
 * The style of that name (in the working folder, the user's and the installed
 * folder, else built in), or in that file, when name has a slash or ends in
 * ".style". Returns 0 and *ret_style (freed by style_free()), or a negative errno
 * and one line in *ret_error, freed by the caller: which file and line, and what
 * was expected there.
 */
int style_load(const char *name, struct style **ret_style, char **ret_error);

/* Reads a style from text; where names it in *ret_error. As style_load(). */
int style_parse(const char *text, const char *where, struct style **ret_style,
		char **ret_error);

void style_free(struct style *style);

/* The built-in default; NULL only when memory is short. Never freed. */
const struct style *style_default(void);

/*
 * Calls apply for each attribute of each rule that the facts (ended by a NULL
 * key) satisfy, in order; without facts, of the rules that have no condition. Such
 * rules of nodes and edges are set once, as Graphviz's defaults: facts leave them out.
 */
void style_apply(const struct style *style, enum style_subject subject,
		 const struct style_fact *facts,
		 void (*apply)(void *context, const char *name, const char *value), void *context);

/* What the last of these rules says of one attribute, or NULL. */
const char *style_value(const struct style *style, enum style_subject subject,
			const struct style_fact *facts, const char *name);

/* style_value() of the unconditional rules, or otherwise. */
const char *style_of(const struct style *style, enum style_subject subject, const char *name,
		     const char *otherwise);

/* The colour of a mechanism, by rule or, where there is none, by its name's hash. */
const char *style_colour(const struct style *style, const char *mechanism);

/* That of text about it: a rule may want it darker than the line. */
const char *style_text_colour(const struct style *style, const char *mechanism);

/* The colour of a row's text. */
const char *style_row_colour(const struct style *style, const struct row *row);

/* That of what became of a thing in a difference. */
const char *style_change_colour(const struct style *style, enum change change);

/* Of a line that stands for so many bytes, in points. */
double style_width(uint64_t bytes);

/* Font size of a node that has this share of all bytes. */
int style_font_size(uint64_t bytes, uint64_t all);

#endif
