// SPDX-License-Identifier: GPL-2.0-only
/* An animated WebP: lossless, as a drawing has few colours and sharp edges. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>
#include <webp/mux.h>

#include "emit_film.h"
#include "reel.h"

/* Of lossless compression: little of a drawing is gained by trying harder. */
#define EFFORT 2
#define QUALITY 40

struct packing {
	WebPAnimEncoder *encoder; /* made with the first picture, which says how large all are */
	WebPConfig config;
	unsigned end;
};

static int encoder_make(struct packing *p, const struct bitmap *picture)
{
	WebPAnimEncoderOptions options;

	if (picture->width > WEBP_MAX_DIMENSION || picture->height > WEBP_MAX_DIMENSION)
		return -EFBIG;
	if (!WebPAnimEncoderOptionsInit(&options) || !WebPConfigInit(&p->config))
		return -ENOMEM;
	options.anim_params.loop_count = 0; /* for ever */
	p->config.lossless = 1;
	p->config.method = EFFORT;
	p->config.quality = QUALITY;
	p->encoder = WebPAnimEncoderNew((int)picture->width, (int)picture->height, &options);
	return p->encoder ? 0 : -ENOMEM;
}

static int picture_pack(void *context, const struct bitmap *bitmap, unsigned begin, unsigned end)
{
	struct packing *p = context;
	WebPPicture picture;
	int rc = p->encoder ? 0 : encoder_make(p, bitmap);

	if (rc)
		return rc;
	if (!WebPPictureInit(&picture))
		return -ENOMEM;
	picture.width = (int)bitmap->width;
	picture.height = (int)bitmap->height;
	picture.use_argb = 1;
	if (!WebPPictureImportRGBA(&picture, bitmap->pixels, 4 * (int)bitmap->width) ||
	    !WebPAnimEncoderAdd(p->encoder, &picture, (int)begin, &p->config))
		rc = -ENOMEM;
	WebPPictureFree(&picture);
	p->end = end;
	return rc;
}

static int packing_finish(struct packing *p, struct emitted *ret_out)
{
	WebPData data;

	WebPDataInit(&data);
	if (!WebPAnimEncoderAdd(p->encoder, NULL, (int)p->end, NULL) ||
	    !WebPAnimEncoderAssemble(p->encoder, &data))
		return -ENOMEM;
	/* Our caller frees with free(). */
	ret_out->data = malloc(data.size + 1);
	if (ret_out->data)
		memcpy(ret_out->data, data.bytes, data.size);
	ret_out->size = data.size;
	WebPDataClear(&data);
	return ret_out->data ? 0 : -ENOMEM;
}

int emit_webp(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	      char **ret_error)
{
	struct packing p = { 0 };
	struct emitted out = { 0 };
	int rc;

	*ret_error = NULL;
	rc = reel_run(map, options, picture_pack, &p, &out.note, ret_error);
	if (!rc)
		rc = packing_finish(&p, &out);
	WebPAnimEncoderDelete(p.encoder);
	if (rc) {
		free(out.note);
		if (!*ret_error)
			*ret_error = strdup(rc == -EFBIG ? "the drawing is larger than a WebP can be; take a lower --dpi" :
							   "out of memory while writing the WebP");
		return rc;
	}
	*ret_out = out;
	return 0;
}
