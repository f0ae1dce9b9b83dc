/* SPDX-License-Identifier: GPL-2.0-only */
/* A difference in words: what stands in labels, titles, and on the terminal. */
#ifndef IPCMAP_DIFF_TEXT_H
#define IPCMAP_DIFF_TEXT_H

#include "diff.h"

/*
 * What a row moved one way: "×12 3.4 KiB", or "2.1 MiB → 9.8 MiB (×4.7)" where that has
 * changed; with "/s" where the windows differ. Written into buf, which it returns.
 */
char *diff_amount(const struct map *diff, const struct row *row, enum way way, char *buf,
		  size_t size);

/* "×4", "×4 → ×8" or "": how many a node stands for. Likewise. */
char *diff_members(const struct node *node, char *buf, size_t size);

/* "+", "−", "~" or "": for those who see no colours. */
const char *diff_sign(enum change change);

/* "host, 2026-11-23 18:00:00 UTC, 30.0 s". The caller frees it; NULL: no memory. */
char *diff_window(const char *host, const char *started, double duration);

/* "totals of both windows", "per second, as ...". Static. */
const char *diff_measure(const struct map *diff);

/* "3 edges added", "1 process removed"; likewise. name: "edge", many: "edges". */
char *diff_counted(size_t count, const char *name, const char *many, const char *what);

/*
 * All changes, the first lines of them; colour: with escape sequences for a
 * terminal. Returns 0 and *ret_text (the caller frees it), or -ENOMEM.
 */
int diff_summary(const struct graph *graph, size_t lines, bool colour, char **ret_text);

#endif
