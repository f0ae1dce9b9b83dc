/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of mechanisms: one row each. */
#ifndef IPCMAP_MECHANISM_H
#define IPCMAP_MECHANISM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "../bpf/ipcmap.h"

struct mechanism {
	const char *name;  /* "unix-stream": in -t, JSON, labels */
	const char *group; /* "unix", "net", or NULL */
	const char *about; /* for the legend, --help and the manual */
};

/* Indexed by enum ipc_mechanism. */
extern const struct mechanism mechanisms[IPC_MECHANISMS];

/*
 * The bits (1 << enum ipc_mechanism) that a name or group ("unix", "net",
 * "all") stands for, or 0 when there is none of that name.
 */
uint32_t mechanism_bits(const char *name);

/* The mechanism of that name, or -1. */
int mechanism_by_name(const char *name);

#endif
