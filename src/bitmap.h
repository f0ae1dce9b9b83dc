/* SPDX-License-Identifier: GPL-2.0-only */
/* Pixels: what becomes a frame of a WebP or a GIF. */
#ifndef IPCMAP_BITMAP_H
#define IPCMAP_BITMAP_H

#include <stddef.h>
#include <stdint.h>

struct bitmap {
	unsigned width, height;
	uint8_t *pixels; /* red, green, blue, alpha; row by row */
};

/* Reads a PNG, with so many rows of its ground added below. 0, or -EINVAL, -ENOMEM. */
int bitmap_from_png(const void *data, size_t size, unsigned rows_below, struct bitmap *ret_bitmap);
int bitmap_copy(const struct bitmap *from, struct bitmap *ret_bitmap);
void bitmap_done(struct bitmap *bitmap);

/* A filled rectangle in this colour (alpha too); what lies outside is not drawn. */
void bitmap_fill(struct bitmap *bitmap, double left, double top, double right, double bottom,
		 const uint8_t colour[4]);

#endif
