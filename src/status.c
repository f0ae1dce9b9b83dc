// SPDX-License-Identifier: GPL-2.0-only
/* The status line and the closing line. */
#include "status.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text.h"

bool terminal_is_dumb(void)
{
	const char *term = getenv("TERM");

	return term && !strcmp(term, "dumb");
}

bool status_possible(void)
{
	return isatty(STDERR_FILENO) && !terminal_is_dumb();
}

void status_format(char *buf, size_t size, int width, double elapsed, double total,
		   const struct trace_totals *totals)
{
	char events[32], bytes[32], of[32] = "";

	if (total > 0)
		snprintf(of, sizeof(of), " of %.1f", total);
	snprintf(buf, size, "%.1f%s s  %zu processes  %zu edges  %s events  %s  %" PRIu64 " lost",
		 elapsed, of, totals->processes, totals->edges,
		 text_count(events, sizeof(events), totals->events),
		 text_bytes(bytes, sizeof(bytes), totals->bytes), totals->lost);
	if (width >= 0 && (size_t)width < strlen(buf))
		buf[width] = '\0';
}

static int terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return 80;
	return size.ws_col;
}

void status_draw(struct status *status, double elapsed, double total, const struct trace_totals *totals)
{
	char line[256];

	if (!status->enabled)
		return;
	/* The last column stays free: a character there may wrap the line. */
	status_format(line, sizeof(line), terminal_width() - 1, elapsed, total, totals);
	fprintf(stderr, "\r\033[K%s", line);
	fflush(stderr);
	status->drawn = true;
}

void status_clear(struct status *status)
{
	if (status->drawn)
		fputs("\r\033[K", stderr);
	status->drawn = false;
}

void status_summary(char *buf, size_t size, const struct map *map)
{
	char events[32], text[32];
	uint64_t bytes = 0;
	size_t processes = 0;

	for (size_t i = 0; i < map->node_count; i++)
		processes += map->nodes[i].kind == NODE_PROCESS;
	/* What a hub gives on came to it over another edge. */
	for (size_t i = 0; i < map->edge_count; i++)
		if (map->edges[i].channel != MAP_NO_CHANNEL &&
		    map->nodes[map->edges[i].src].kind != NODE_HUB)
			bytes += map->edges[i].bytes;
	snprintf(buf, size, "%.1f s, %zu process%s, %zu edge%s, %s event%s, %s, %" PRIu64 " lost",
		 map->duration, processes, processes == 1 ? "" : "es", map->edge_count,
		 map->edge_count == 1 ? "" : "s",
		 text_count(events, sizeof(events), map->completeness.events),
		 map->completeness.events == 1 ? "" : "s", text_bytes(text, sizeof(text), bytes), map->completeness.lost);
}
