/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of the drawing, the same for `ipcmap` and `ipcmap render`. */
#ifndef IPCMAP_VIEW_OPTIONS_H
#define IPCMAP_VIEW_OPTIONS_H

#include "arguments.h"
#include "view.h"

extern const struct option_row view_option_rows[];

/* For an option_table; context is a struct view_options. */
int view_option_take(void *context, int value, const char *argument);

/* Unless --style said otherwise, a difference has its own. 0, or -EINVAL after telling why. */
int view_style_default(struct view_options *options, const struct map *map);

#endif
