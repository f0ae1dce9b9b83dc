// SPDX-License-Identifier: GPL-2.0-only
#include "style_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "style_values.h"
#include "text.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

enum value_kind { COLOUR, NUMBER, SIZE, NUMBERS, WORDS, FONT };

#define BIT(subject) (1u << (subject))
#define NODES (BIT(STYLE_NODE) | BIT(STYLE_HUB) | BIT(STYLE_EXTERNAL) | BIT(STYLE_KERNEL))
#define EDGES (BIT(STYLE_EDGE) | BIT(STYLE_IDLE) | BIT(STYLE_MECHANISM))
#define SMALL (BIT(STYLE_DETAIL) | BIT(STYLE_ALARM))
#define GRAPH BIT(STYLE_GRAPH)
#define CLUSTER BIT(STYLE_CLUSTER)

static const struct subject {
	const char *name;
	const char *keys; /* of its conditions */
} subjects[STYLE_SUBJECTS] = {
	[STYLE_GRAPH] = { "graph", "" },
	[STYLE_NODE] = { "node", "name exe unit container cluster role state" },
	[STYLE_HUB] = { "hub", "name mechanism state" },
	[STYLE_EXTERNAL] = { "external", "name state" },
	[STYLE_KERNEL] = { "kernel", "" },
	[STYLE_EDGE] = { "edge", "name mechanism state" },
	[STYLE_IDLE] = { "idle", "name mechanism state" },
	[STYLE_MECHANISM] = { "mechanism", "name" },
	[STYLE_CLUSTER] = { "cluster", "name kind" },
	[STYLE_DETAIL] = { "detail", "" },
	[STYLE_ALARM] = { "alarm", "" },
	[STYLE_LABEL] = { "label", "" },
};

/* Sorted by what they are for; all change the look and nothing else. */
static const struct word {
	const char *name;
	unsigned subjects;
	enum value_kind kind;
} words[] = {
	{ "color", NODES | EDGES | CLUSTER, COLOUR },
	{ "fillcolor", NODES | EDGES | CLUSTER, COLOUR },
	{ "fontcolor", NODES | EDGES | CLUSTER | SMALL | GRAPH, COLOUR },
	{ "bgcolor", GRAPH | BIT(STYLE_LABEL), COLOUR },
	{ "fontname", GRAPH | NODES | EDGES | CLUSTER, FONT },
	{ "fontsize", GRAPH | NODES | EDGES | CLUSTER, SIZE },
	{ "style", NODES | EDGES | CLUSTER, WORDS },
	{ "shape", NODES, WORDS },
	{ "penwidth", NODES | EDGES | CLUSTER, NUMBER },
	{ "peripheries", NODES | CLUSTER, NUMBER },
	{ "margin", NODES | CLUSTER, NUMBERS },
	{ "width", NODES, NUMBER },
	{ "height", NODES, NUMBER },
	{ "dir", EDGES, WORDS },
	{ "arrowhead", EDGES, WORDS },
	{ "arrowtail", EDGES, WORDS },
	{ "arrowsize", EDGES, NUMBER },
	{ "weight", EDGES, NUMBER },
	{ "minlen", EDGES, NUMBER },
	{ "rankdir", GRAPH, WORDS },
	{ "splines", GRAPH, WORDS },
	{ "nodesep", GRAPH, NUMBER },
	{ "ranksep", GRAPH, NUMBER },
	{ "pad", GRAPH, NUMBERS },
	{ "labelloc", GRAPH | CLUSTER, WORDS },
	{ "labeljust", GRAPH | CLUSTER, WORDS },
};

static bool problem_set(char *problem, size_t size, const char *expected, const char *word)
{
	char *clean = text_clean(word, strlen(word));

	snprintf(problem, size, "expected %s, not '%s'", expected, clean ? clean : "?");
	free(clean);
	return false;
}

bool style_subject_check(const char *word, enum style_subject *ret_subject, char *problem,
			 size_t size)
{
	char expected[256] = "base, palette";
	size_t len = strlen(expected);

	for (int i = 0; i < STYLE_SUBJECTS; i++) {
		if (strcmp(word, subjects[i].name) == 0) {
			*ret_subject = (enum style_subject)i;
			return true;
		}
		len += (size_t)snprintf(expected + len, sizeof(expected) - len, "%s%s",
					i + 1 < STYLE_SUBJECTS ? ", " : " or ", subjects[i].name);
	}
	return problem_set(problem, size, expected, word);
}

bool style_key_check(enum style_subject subject, const char *key, char *problem, size_t size)
{
	const char *keys = subjects[subject].keys;
	char expected[128];

	if (style_list_has(keys, key))
		return true;
	if (*keys)
		snprintf(expected, sizeof(expected), "one of %s before the =", keys);
	else
		snprintf(expected, sizeof(expected), "[ right after %s, which takes no condition",
			 subjects[subject].name);
	return problem_set(problem, size, expected, key);
}

static bool number_is_right(const char *value, bool several)
{
	size_t len = strspn(value, DIGITS ".");

	if (strspn(value, ".,") == strlen(value) || len > 12)
		return false;
	return value[len] == '\0' || (several && value[len] == ',' && number_is_right(value + len + 1, false));
}

static bool value_is_right(enum value_kind kind, const char *name, const char *value, const char **ret_expected)
{
	switch (kind) {
	case COLOUR:
		*ret_expected = "a colour (#rrggbb, #rrggbbaa or a name of SVG's)";
		return style_value_is_colour(value);
	case NUMBER:
		*ret_expected = "a number";
		return number_is_right(value, false);
	case SIZE:
		*ret_expected = "a number of 1 or more";
		return number_is_right(value, false) && atof(value) >= 1;
	case NUMBERS:
		*ret_expected = "a number, or two with a comma";
		return number_is_right(value, true);
	case FONT:
		*ret_expected = "names of fonts, with commas";
		return *value && strspn(value, LETTERS DIGITS " ,-") == strlen(value);
	default:
		return style_value_is_known(name, value, ret_expected);
	}
}

bool style_word_check(enum style_subject subject, const char *name, const char *value,
		      char *problem, size_t size)
{
	const char *expected;
	char what[512];
	size_t len = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!(words[i].subjects & BIT(subject)))
			continue;
		if (strcmp(name, words[i].name) == 0) {
			if (value_is_right(words[i].kind, name, value, &expected))
				return true;
			snprintf(what, sizeof(what), "%s%s after %s=", words[i].kind == WORDS ? "one of " : "",
				 expected, name);
			return problem_set(problem, size, what, value);
		}
		if (len < sizeof(what))
			len += (size_t)snprintf(what + len, sizeof(what) - len, "%s%s",
						len ? ", " : "an attribute of this subject: ",
						words[i].name);
	}
	return problem_set(problem, size, what, name);
}

bool style_glob_check(enum style_subject subject, const char *key, const char *glob, char *problem,
		      size_t size)
{
	const char *expected;
	char what[128];

	if (style_glob_is_possible(subject, key, glob, &expected))
		return true;
	snprintf(what, sizeof(what), "one of %s after %s=", expected, key);
	return problem_set(problem, size, what, glob);
}
