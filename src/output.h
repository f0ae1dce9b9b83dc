/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An output file that is there complete or not at all: opened before the
 * trace, so that what is wrong is known then, and put in place at the end.
 */
#ifndef IPCMAP_OUTPUT_H
#define IPCMAP_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct output_file;

/*
 * Makes ready to write path ("-" is stdout). A regular file is written beside
 * the target and renamed; devices, FIFOs and descriptors (/dev/stdout) are written
 * to directly. Returns 0 and *ret_file, or a negative errno and one line in
 * *ret_error (freed by the caller).
 */
int output_open(const char *path, struct output_file **ret_file, char **ret_error);

/*
 * Writes all bytes and puts them in place: the target is then complete, or as it
 * was. Returns 0, or a negative errno and *ret_error (-EPIPE: the reader has
 * gone). Frees file in any case.
 */
int output_commit(struct output_file *file, const void *data, size_t size, char **ret_error);

/* Writes all bytes, also where the descriptor does not block. 0 or a negative errno. */
int write_all(int fd, const char *data, size_t size);

/* Leaves nothing behind, and frees. NULL is fine. */
void output_discard(struct output_file *file);

/* Removes the temporary files of all open outputs; for signal handlers. */
void output_remove_all(void);

#endif
