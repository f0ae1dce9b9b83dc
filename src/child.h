/* SPDX-License-Identifier: GPL-2.0-only */
/* Work that may crash, hang or eat memory, done in a process of its own. */
#ifndef IPCMAP_CHILD_H
#define IPCMAP_CHILD_H

#include <stddef.h>

struct child_limits {
	double seconds;	/* by the clock */
	size_t memory;	/* bytes of address space, over what the parent has */
	/* Told twenty times a second how long it has been waited for; or NULL. */
	void (*waiting)(void *context, double seconds);
	void *context;
};

/*
 * Forks; the child, in a sandbox (sandbox.h), calls work(context, fd), which writes its
 * result to fd and returns 0, or a negative errno. Returns 0 and the bytes in *ret_data (freed by
 * the caller; a NUL follows them). Else a negative errno, and in *ret_error one line that says how it
 * ended, with what it wrote to stderr (freed by the caller): -ETIME deadline,
 * -ECHILD crash, or what work returned.
 */
int child_run(int (*work)(void *context, int fd), void *context, const struct child_limits *limits,
	      char **ret_data, size_t *ret_size, char **ret_error);

/* Writes all of it: 0 or a negative errno. */
int fd_write(int fd, const void *data, size_t size);

#endif
