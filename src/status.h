/* SPDX-License-Identifier: GPL-2.0-only */
/* The status line on a terminal, and the closing line. */
#ifndef IPCMAP_STATUS_H
#define IPCMAP_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "map.h"
#include "trace.h"

struct status {
	bool enabled;
	bool drawn;
};

/* Whether $TERM says that the terminal knows nothing but text. */
bool terminal_is_dumb(void);

/* Whether stderr is a terminal that can redraw a line. */
bool status_possible(void);

/* "12.0 of 30.0 s  42 processes ...", at most width characters. total 0: open end. */
void status_format(char *buf, size_t size, int width, double elapsed, double total,
		   const struct trace_totals *totals);

void status_draw(struct status *status, double elapsed, double total, const struct trace_totals *totals);

/* Leaves the line empty, for what is printed next. */
void status_clear(struct status *status);

/* "30.0 s, 42 processes, 97 edges, 1.2M events, 34.5 MiB, 0 lost" of a finished map. */
void status_summary(char *buf, size_t size, const struct map *map);

#endif
