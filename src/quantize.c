// SPDX-License-Identifier: GPL-2.0-only
/*
 * A drawing has some dozen colours, and the shades between each of them and its
 * ground. The most frequent cells of a coarse colour cube become colours (the mean of
 * what is in them), then those that are farthest from any of these, so that nothing
 * rare is off by much; the rest takes the nearest.
 */
#include "quantize.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BITS 5
#define CELLS (1 << (3 * BITS))
#define POPULAR 160 /* of QUANTIZE_COLOURS */

struct cell {
	uint64_t count, sums[3];
	unsigned far; /* from that colour, squared */
	uint8_t colour;
};

static void pixel_get(const struct bitmap *bitmap, unsigned x, unsigned y, uint8_t rgb[3])
{
	const uint8_t *pixel = bitmap->pixels + 4 * ((size_t)y * bitmap->width + x);

	for (int i = 0; i < 3; i++)
		rgb[i] = (uint8_t)((pixel[i] * pixel[3] + 255 * (255 - pixel[3]) + 127) / 255);
}

static unsigned cell_of(const uint8_t rgb[3])
{
	return (unsigned)(rgb[0] >> (8 - BITS)) << (2 * BITS) | (unsigned)(rgb[1] >> (8 - BITS)) << BITS |
	       (unsigned)(rgb[2] >> (8 - BITS));
}

static int cell_compare(const void *left, const void *right, void *context)
{
	const struct cell *cells = context;
	unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;

	if (cells[a].count != cells[b].count)
		return cells[a].count > cells[b].count ? -1 : 1;
	return a < b ? -1 : a > b;
}

static void mean_get(const struct cell *cell, uint8_t rgb[3])
{
	for (int i = 0; i < 3; i++)
		rgb[i] = (uint8_t)((cell->sums[i] + cell->count / 2) / cell->count);
}

static unsigned distance(const uint8_t a[3], const uint8_t b[3])
{
	unsigned sum = 0;

	for (int k = 0; k < 3; k++)
		sum += (unsigned)((a[k] - b[k]) * (a[k] - b[k]));
	return sum;
}

/* One more colour: whoever is nearer to it than to what it had takes it. */
static void colour_add(struct cell *cells, const unsigned *order, unsigned used, unsigned index,
		       const struct cell *from, uint8_t colours[][3])
{
	mean_get(from, colours[index]);
	for (unsigned i = 0; i < used; i++) {
		struct cell *cell = &cells[order[i]];
		unsigned far;
		uint8_t mean[3];

		mean_get(cell, mean);
		far = distance(mean, colours[index]);
		if (index && far >= cell->far)
			continue;
		cell->far = far;
		cell->colour = (uint8_t)index;
	}
}

static void colours_choose(struct cell *cells, unsigned *order, uint8_t colours[QUANTIZE_COLOURS][3])
{
	unsigned used = 0;

	for (unsigned i = 0; i < CELLS; i++) {
		if (cells[i].count)
			order[used++] = i;
	}
	qsort_r(order, used, sizeof(*order), cell_compare, cells);
	for (unsigned i = 0; i < QUANTIZE_COLOURS && i < used; i++) {
		unsigned worst = i;

		for (unsigned k = 0; i >= POPULAR && k < used; k++) {
			if (cells[order[k]].far > cells[order[worst]].far)
				worst = k;
		}
		colour_add(cells, order, used, i, &cells[order[worst]], colours);
	}
}

int quantize(const struct bitmap *bitmap, const struct rectangle *part,
	     uint8_t colours[QUANTIZE_COLOURS][3], uint8_t *ret_indexes)
{
	struct cell *cells = calloc(CELLS, sizeof(*cells));
	unsigned *order = calloc(CELLS, sizeof(*order));
	uint8_t rgb[3];

	if (!cells || !order) {
		free(cells);
		free(order);
		return -ENOMEM;
	}
	for (unsigned y = 0; y < part->height; y++) {
		for (unsigned x = 0; x < part->width; x++) {
			struct cell *cell;

			pixel_get(bitmap, part->left + x, part->top + y, rgb);
			cell = &cells[cell_of(rgb)];
			cell->count++;
			for (int i = 0; i < 3; i++)
				cell->sums[i] += rgb[i];
		}
	}
	memset(colours, 0, 3 * QUANTIZE_COLOURS);
	colours_choose(cells, order, colours);
	for (unsigned y = 0; y < part->height; y++) {
		for (unsigned x = 0; x < part->width; x++) {
			pixel_get(bitmap, part->left + x, part->top + y, rgb);
			ret_indexes[(size_t)y * part->width + x] = cells[cell_of(rgb)].colour;
		}
	}
	free(cells);
	free(order);
	return 0;
}
