/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef IPCMAP_GRAPHVIZ_LABELS_H
#define IPCMAP_GRAPHVIZ_LABELS_H

#include <stdbool.h>

#include <graphviz/gvc.h>

/*
 * After a layout: moves the labels of edges off what they cover (place.h). may_hide:
 * those without a place are not drawn. Frees nothing: the process ends soon.
 */
void labels_move(Agraph_t *root, bool may_hide);

#endif
