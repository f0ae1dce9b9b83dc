/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fields of a JSON map that is being read. Each function returns 0; or -EINVAL after
 * reader_fail(), or -ENOMEM. Where a key is missing, ret is left alone.
 */
#ifndef IPCMAP_JSON_FIELDS_H
#define IPCMAP_JSON_FIELDS_H

#include <jansson.h>

#include "map.h"

struct reader {
	struct map *map;
	json_t *nodes, *channels; /* id -> index */
	const char *array;	  /* where we are, for error lines: array[index] */
	size_t index;
	char *error;
	bool short_of_memory;
};

/* Only the first mistake is told. Returns -EINVAL, to be returned in turn. */
int reader_fail(struct reader *r, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int reader_fail_memory(struct reader *r);

int read_text(struct reader *r, json_t *object, const char *key, char **ret);

/* A string that must be there, and not be empty. */
int need_text(struct reader *r, json_t *object, const char *key, char **ret);

int read_count(struct reader *r, json_t *object, const char *key, uint64_t *ret);

/* null or nothing: -1, not known. */
int read_number(struct reader *r, json_t *object, const char *key, int64_t *ret);

/* Seconds, from least on. */
int read_time(struct reader *r, json_t *object, const char *key, double least, double *ret);
int read_flag(struct reader *r, json_t *object, const char *key, bool *ret);

/* An id that is new among ids, which remembers it with r->index. */
int read_id(struct reader *r, json_t *object, json_t *ids, char **ret);

/* The index of what ids knows by that name. */
int read_reference(struct reader *r, json_t *object, const char *key, json_t *ids, size_t *ret);

#endif
