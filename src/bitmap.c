// SPDX-License-Identifier: GPL-2.0-only
#include "bitmap.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

int bitmap_from_png(const void *data, size_t size, unsigned rows_below, struct bitmap *ret_bitmap)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	struct bitmap bitmap;
	size_t row, picture;

	if (!png_image_begin_read_from_memory(&image, data, size))
		return -EINVAL;
	image.format = PNG_FORMAT_RGBA;
	bitmap = (struct bitmap){ .width = image.width, .height = image.height + rows_below };
	row = (size_t)4 * bitmap.width;
	picture = row * image.height;
	bitmap.pixels = malloc(row * bitmap.height);
	if (!bitmap.pixels) {
		png_image_free(&image);
		return -ENOMEM;
	}
	if (!png_image_finish_read(&image, NULL, bitmap.pixels, 0, NULL)) {
		bitmap_done(&bitmap);
		return -EINVAL;
	}
	/* The corner of a drawing is its ground. */
	for (size_t i = 0; i < (size_t)rows_below * bitmap.width; i++)
		memcpy(bitmap.pixels + picture + 4 * i, bitmap.pixels, 4);
	*ret_bitmap = bitmap;
	return 0;
}

int bitmap_copy(const struct bitmap *from, struct bitmap *ret_bitmap)
{
	size_t size = (size_t)4 * from->width * from->height;
	uint8_t *pixels = malloc(size);

	if (!pixels)
		return -ENOMEM;
	memcpy(pixels, from->pixels, size);
	*ret_bitmap = (struct bitmap){ from->width, from->height, pixels };
	return 0;
}

void bitmap_done(struct bitmap *bitmap)
{
	free(bitmap->pixels);
	*bitmap = (struct bitmap){ 0 };
}

static unsigned within(double place, unsigned most)
{
	return (unsigned)fmin(fmax(lround(place), 0), most);
}

void bitmap_fill(struct bitmap *bitmap, double left, double top, double right, double bottom,
		 const uint8_t colour[4])
{
	unsigned to_x = within(right, bitmap->width), to_y = within(bottom, bitmap->height);

	for (unsigned y = within(top, bitmap->height); y < to_y; y++) {
		for (unsigned x = within(left, bitmap->width); x < to_x; x++)
			memcpy(bitmap->pixels + 4 * ((size_t)y * bitmap->width + x), colour, 4);
	}
}
