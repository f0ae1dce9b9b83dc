/* SPDX-License-Identifier: GPL-2.0-only */
/* A file per frame: private to draw*.c. */
#ifndef IPCMAP_DRAW_FRAMES_H
#define IPCMAP_DRAW_FRAMES_H

#include "drawing.h"

/*
 * Writes the frames that are complete and not written yet into the numbered
 * outputs: each picture complete before the next begins. Marks d as failed where
 * one is missing, after one line on stderr. drawn is sources->drawn's view, whose
 * map is changed.
 */
void frames_write(struct drawing *d, struct view *drawn, const struct sources *sources, bool last);

/* Frees what was kept between calls, and clears the pointer. */
void frames_done(struct frames **frames);

#endif
