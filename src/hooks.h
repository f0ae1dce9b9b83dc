/* SPDX-License-Identifier: GPL-2.0-only */
/* Which programs see which mechanism, by which flavour: one row per hook. */
#ifndef IPCMAP_HOOKS_H
#define IPCMAP_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "mechanism.h"

enum flavour { FLAVOUR_FENTRY, FLAVOUR_TRACEPOINT, FLAVOUR_KPROBE, FLAVOURS };

/* When a hook is wanted at all. */
enum hook_when { HOOK_ALWAYS, HOOK_FILTERED, HOOK_STREAM };

struct hook {
	const char *event; /* what it sees; rows of one event are alternatives, best first */
	enum flavour flavour;
	const char *program; /* in the BPF object */
	const char *target;  /* the tracepoint (or function) that must be there */
	uint32_t mechanisms; /* bits; what is unavailable without any row of this event */
	enum hook_when when;
	const char *without; /* what the map lacks where no row of the event loads; NULL: all of it */
};

/* Ended by a row whose event is NULL. */
extern const struct hook hooks[];

extern const char *const flavour_names[FLAVOURS];

struct btf;

/* Does this kernel have what the hook attaches to? */
bool hook_target_exists(const struct btf *kernel, const struct hook *hook);

/* Is there a kernel function (or kfunc) of that name in BTF? */
bool kernel_function_exists(const struct btf *kernel, const char *name);

/* Fills the tables of system calls of the settings for this architecture. */
void calls_fill(struct ipc_settings *settings);

#endif
