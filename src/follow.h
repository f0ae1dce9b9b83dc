/* SPDX-License-Identifier: GPL-2.0-only */
/* The processes that a filter names, and their descendants: into the map by which the kernel side knows them. */
#ifndef IPCMAP_FOLLOW_H
#define IPCMAP_FOLLOW_H

#include <sys/types.h>

#include "capture.h"
#include "collect.h"
#include "options.h"

struct follow {
	const struct options *options;
	pid_t command; /* of `-- COMMAND`, or 0 */
	int followed;  /* descriptor of the map: tgid to IPC_ROLE_... */
	struct collector *collector;
	struct capture *capture; /* the collector's; its processes get `tracked` */
};

/*
 * Reads who there is and follows those who are named, before the window opens. Returns 0, or a
 * negative errno and perhaps one line in *ret_error (freed by the caller).
 */
int follow_begin(const struct follow *follow, char **ret_error);

#endif
