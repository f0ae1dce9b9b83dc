/* SPDX-License-Identifier: GPL-2.0-only */
/* Few colours for many, as GIF wants them. */
#ifndef IPCMAP_QUANTIZE_H
#define IPCMAP_QUANTIZE_H

#include "bitmap.h"

#define QUANTIZE_COLOURS 256

struct rectangle {
	unsigned left, top, width, height;
};

/*
 * Chooses colours for a part of a bitmap (over white where it is transparent), and
 * fills ret_indexes, one byte per pixel of the part. colours: red, green, blue;
 * those that nothing needs are black. 0 or -ENOMEM.
 */
int quantize(const struct bitmap *bitmap, const struct rectangle *part,
	     uint8_t colours[QUANTIZE_COLOURS][3], uint8_t *ret_indexes);

#endif
