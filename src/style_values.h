/* SPDX-License-Identifier: GPL-2.0-only */
/* What the attributes and conditions of a style can be, where that is a list. */
#ifndef IPCMAP_STYLE_VALUES_H
#define IPCMAP_STYLE_VALUES_H

#include <stdbool.h>

#include "style.h"

/* "#rrggbb", "#rrggbbaa", or a name that SVG knows, whatever the format. */
bool style_value_is_colour(const char *value);

/*
 * Of an attribute of Graphviz whose values are words: is this one of them? Else
 * *ret_expected says which they are (static, separated by blanks).
 */
bool style_value_is_known(const char *attribute, const char *value, const char **ret_expected);

/* Can a condition "KEY=GLOB" of this subject ever hold? Else as above. */
bool style_glob_is_possible(enum style_subject subject, const char *key, const char *glob,
			    const char **ret_expected);

/* Whether word is one of a list that blanks separate. */
bool style_list_has(const char *list, const char *word);

#endif
