/* SPDX-License-Identifier: GPL-2.0-only */
/* What of a process is not as it was, in words. */
#ifndef IPCMAP_DIFF_WAS_H
#define IPCMAP_DIFF_WAS_H

#include "map.h"

/* *ret_text is NULL where nothing tells the two apart. false when memory is short. */
bool was_text(const struct node *before, const struct node *after, char **ret_text);

#endif
