// SPDX-License-Identifier: GPL-2.0-only
/* An animated GIF: each picture is what changed, with colours of its own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

#include "emit_film.h"
#include "quantize.h"
#include "reel.h"

#define SIDE_MOST 65535

struct packing {
	GifFileType *gif; /* made with the first picture, which says how large all are */
	FILE *file;
	struct bitmap before;
};

static int bytes_write(GifFileType *gif, const GifByteType *bytes, int size)
{
	return (int)fwrite(bytes, 1, (size_t)size, gif->UserData);
}

static int gif_begin(struct packing *p, const struct bitmap *picture)
{
	static const unsigned char loop_for_ever[] = { 1, 0, 0 };
	int error;

	if (picture->width > SIDE_MOST || picture->height > SIDE_MOST)
		return -EFBIG;
	p->gif = EGifOpen(p->file, bytes_write, &error);
	if (!p->gif)
		return -ENOMEM;
	EGifSetGifVersion(p->gif, true);
	if (EGifPutScreenDesc(p->gif, (int)picture->width, (int)picture->height, 8, 0, NULL) == GIF_ERROR ||
	    EGifPutExtensionLeader(p->gif, APPLICATION_EXT_FUNC_CODE) == GIF_ERROR ||
	    EGifPutExtensionBlock(p->gif, 11, "NETSCAPE2.0") == GIF_ERROR ||
	    EGifPutExtensionBlock(p->gif, sizeof(loop_for_ever), loop_for_ever) == GIF_ERROR ||
	    EGifPutExtensionTrailer(p->gif) == GIF_ERROR)
		return -EIO;
	return 0;
}

/* What differs from the picture before; a single pixel where nothing does. */
static struct rectangle changed(const struct bitmap *before, const struct bitmap *now)
{
	unsigned left = now->width, right = 0, top = now->height, bottom = 0;

	if (!before->pixels)
		return (struct rectangle){ 0, 0, now->width, now->height };
	for (unsigned y = 0; y < now->height; y++) {
		const uint8_t *a = before->pixels + (size_t)4 * y * now->width;
		const uint8_t *b = now->pixels + (size_t)4 * y * now->width;

		for (unsigned x = 0; x < now->width; x++) {
			if (!memcmp(a + 4 * x, b + 4 * x, 4))
				continue;
			left = x < left ? x : left;
			right = x > right ? x : right;
			top = y < top ? y : top;
			bottom = y;
		}
	}
	if (top > bottom)
		return (struct rectangle){ 0, 0, 1, 1 };
	return (struct rectangle){ left, top, right - left + 1, bottom - top + 1 };
}

/* Hundredths of a second: of the moments, so that what is rounded does not add up. */
static int control_put(struct packing *p, unsigned begin, unsigned end)
{
	const GraphicsControlBlock control = {
		.DisposalMode = DISPOSE_DO_NOT,
		.DelayTime = (int)((end + 5) / 10 - (begin + 5) / 10),
		.TransparentColor = NO_TRANSPARENT_COLOR,
	};
	GifByteType bytes[4];

	EGifGCBToExtension(&control, bytes);
	return EGifPutExtension(p->gif, GRAPHICS_EXT_FUNC_CODE, sizeof(bytes), bytes) == GIF_ERROR ? -EIO : 0;
}

static int part_put(struct packing *p, const struct bitmap *bitmap, const struct rectangle *part)
{
	uint8_t colours[QUANTIZE_COLOURS][3];
	uint8_t *indexes = malloc((size_t)part->width * part->height);
	ColorMapObject *map = NULL;
	int rc = indexes ? quantize(bitmap, part, colours, indexes) : -ENOMEM;

	if (!rc) {
		GifColorType palette[QUANTIZE_COLOURS];

		for (int i = 0; i < QUANTIZE_COLOURS; i++)
			palette[i] = (GifColorType){ colours[i][0], colours[i][1], colours[i][2] };
		map = GifMakeMapObject(QUANTIZE_COLOURS, palette);
		rc = map ? 0 : -ENOMEM;
	}
	if (!rc && EGifPutImageDesc(p->gif, (int)part->left, (int)part->top, (int)part->width,
				    (int)part->height, false, map) == GIF_ERROR)
		rc = -EIO;
	for (unsigned y = 0; !rc && y < part->height; y++) {
		if (EGifPutLine(p->gif, indexes + (size_t)y * part->width, (int)part->width) == GIF_ERROR)
			rc = -EIO;
	}
	GifFreeMapObject(map);
	free(indexes);
	return rc;
}

static int picture_pack(void *context, const struct bitmap *bitmap, unsigned begin, unsigned end)
{
	struct packing *p = context;
	struct rectangle part;
	int rc = p->gif ? 0 : gif_begin(p, bitmap);

	if (rc)
		return rc;
	part = changed(&p->before, bitmap);
	rc = control_put(p, begin, end);
	rc = rc ? rc : part_put(p, bitmap, &part);
	bitmap_done(&p->before);
	return rc ? rc : bitmap_copy(bitmap, &p->before);
}

int emit_gif(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error)
{
	struct emitted out = { 0 };
	struct packing p = { 0 };
	int error, rc = -ENOMEM;

	*ret_error = NULL;
	p.file = open_memstream(&out.data, &out.size);
	if (p.file) {
		rc = reel_run(map, options, picture_pack, &p, &out.note, ret_error);
		if (p.gif && EGifCloseFile(p.gif, &error) == GIF_ERROR)
			rc = rc ? rc : -ENOMEM;
		if (ferror(p.file))
			rc = rc ? rc : -ENOMEM;
		if (fclose(p.file))
			rc = rc ? rc : -ENOMEM;
	}
	bitmap_done(&p.before);
	if (!rc) {
		*ret_out = out;
		return 0;
	}
	free(out.data);
	free(out.note);
	if (!*ret_error)
		*ret_error = strdup(rc == -EFBIG ? "the drawing is larger than a GIF can be; take a lower --dpi" :
						   "out of memory while writing the GIF");
	return rc;
}
