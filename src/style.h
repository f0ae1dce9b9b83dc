/* SPDX-License-Identifier: GPL-2.0-only */
/* How things look: colours, widths, fonts. */
#ifndef IPCMAP_STYLE_H
#define IPCMAP_STYLE_H

#include "graph.h"

#define STYLE_FONT "DejaVu Sans,Helvetica,Arial,sans-serif"
#define STYLE_TEXT "#1c2430"  /* on white */
#define STYLE_FAINT "#5c6770" /* the second line of a label */
#define STYLE_FRAME "#8694a8" /* around a process */
#define STYLE_IDLE "#b3bac2"
#define STYLE_ALARM "#c92a2a"

/* The colour of a mechanism, by name; grey when it is not one we know. */
const char *style_colour(const char *mechanism);

/* The colour of a row: its mechanism's, or grey when nothing moved. */
const char *style_row_colour(const struct row *row);

/* Of a line that stands for so many bytes, in points. */
double style_width(uint64_t bytes);

/* Font size of a node that has this share of all bytes. */
int style_font_size(uint64_t bytes, uint64_t all);

#endif
