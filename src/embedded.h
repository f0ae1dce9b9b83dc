/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of this tree that the program carries in itself, so that it works alone. */
#ifndef IPCMAP_EMBEDDED_H
#define IPCMAP_EMBEDDED_H

extern const char embedded_svg_js[];
extern const char embedded_play_js[]; /* after it, in a drawing that plays */
extern const char embedded_svg_css[];
extern const char embedded_page_js[];
extern const char embedded_page_css[];

/* The text of a built-in style, or NULL; and the names of all, ended by NULL. */
const char *embedded_style(const char *name);
extern const char *const embedded_style_names[];

#endif
