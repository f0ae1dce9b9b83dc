// SPDX-License-Identifier: GPL-2.0-only
#include "style.h"

#include <math.h>

#include "mechanism.h"

/* All at a contrast of 4.5 or more on white: they colour small text too. */
static const char *const colours[IPC_MECHANISMS] = {
	[IPC_PIPE] = "#2b8a3e",
	[IPC_FIFO] = "#5a7a00",
	[IPC_UNIX_STREAM] = "#1f6fb4",
	[IPC_UNIX_DGRAM] = "#0b7285",
	[IPC_UNIX_SEQPACKET] = "#3b4fc4",
	[IPC_TCP] = "#7b3fa0",
	[IPC_UDP] = "#b5179e",
	[IPC_PTY] = "#b35309",
	[IPC_SIGNAL] = "#6b4f3a",
};

const char *style_colour(const char *mechanism)
{
	int i = mechanism_by_name(mechanism);

	return i < 0 ? "#495057" : colours[i];
}

const char *style_row_colour(const struct row *row)
{
	return row->kind == ROW_IDLE ? STYLE_FAINT : style_colour(row->mechanism);
}

double style_width(uint64_t bytes)
{
	double width = bytes > 0 ? .5 + .5 * (log10((double)bytes) - 1) : 0;

	return fmin(fmax(width, .8), 5);
}

int style_font_size(uint64_t bytes, uint64_t all)
{
	double share = all > 0 ? fmin((double)bytes / (double)all, 1) : 0;

	return (int)lround(11 + 5 * sqrt(share));
}
