// SPDX-License-Identifier: GPL-2.0-only
/*
 * In place of graphviz*.c and of what packs bitmaps, in a static build: no
 * distribution has Graphviz as an archive. emit.c does not offer what would end here.
 */
#include <errno.h>

#include "bitmap.h"
#include "graphviz.h"

int graphviz_version(char *buf, size_t size)
{
	(void)buf, (void)size;
	return -ENOTSUP;
}

int graphviz_dot(const struct graph *graph, const struct layout *layout, char **ret_data, size_t *ret_size)
{
	(void)graph, (void)layout, (void)ret_data, (void)ret_size;
	return -ENOTSUP;
}

int graphviz_layout(const struct graph *graph, const struct layout *layout, const struct places *known,
		    struct places *places)
{
	(void)graph, (void)layout, (void)known, (void)places;
	return -ENOTSUP;
}

int graphviz_render_placed(const struct graph *graph, const struct places *places, const char *format,
			   unsigned dpi, char **ret_data, size_t *ret_size, char *note, size_t note_size)
{
	(void)graph, (void)places, (void)format, (void)dpi, (void)ret_data, (void)ret_size;
	(void)note, (void)note_size;
	return -ENOTSUP;
}

int graphviz_render(const struct graph *graph, const struct layout *layout, const char *format,
		    unsigned dpi, char **ret_data, size_t *ret_size, char *note, size_t note_size)
{
	(void)graph, (void)layout, (void)format, (void)dpi, (void)ret_data, (void)ret_size;
	(void)note, (void)note_size;
	return -ENOTSUP;
}
