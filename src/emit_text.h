/* SPDX-License-Identifier: GPL-2.0-only */
/* Formats of other programs that are plain text. As format.emit; see emit.h. */
#ifndef IPCMAP_EMIT_TEXT_H
#define IPCMAP_EMIT_TEXT_H

#include "emit.h"

int emit_mermaid(const struct map *map, const struct emit_options *options,
		 struct emitted *ret_out, char **ret_error);
int emit_graphml(const struct map *map, const struct emit_options *options,
		 struct emitted *ret_out, char **ret_error);
int emit_csv(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	     char **ret_error);
int emit_html(const struct map *map, const struct emit_options *options, struct emitted *ret_out,
	      char **ret_error);

/* For these: opens a memory stream, runs write, hands the bytes over. */
struct text_writer {
	FILE *file;
	const struct map *map;
	const struct emit_options *options;
	int error; /* the first: a negative errno */
	char *note;
};

int emit_written(struct text_writer *writer, void (*write)(struct text_writer *writer),
		 struct emitted *ret_out, char **ret_error);

/* Text for XML and HTML, in elements and in quoted attributes. */
void put_xml(FILE *file, const char *text);

/* "postgres", "pipe:[123]" ...; an error goes into writer. The caller frees it. */
char *writer_name(struct text_writer *writer, const struct node *node);

#endif
