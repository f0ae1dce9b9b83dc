/* SPDX-License-Identifier: GPL-2.0-only */
/* Which programs see which mechanism, by which flavour: one row per hook. */
#ifndef IPCMAP_HOOKS_H
#define IPCMAP_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mechanism.h"

/* By which way the kernel lets programs see it. */
enum flavour { FLAVOUR_ANY, FLAVOUR_FENTRY, FLAVOUR_TRACEPOINT, FLAVOUR_KPROBE, FLAVOURS };

/* When a hook is wanted at all. */
enum hook_when {
	HOOK_ALWAYS,
	HOOK_FILTERED,
	HOOK_STREAM,
	HOOK_MAP, /* not in ipcdump, which asks system calls for contents and senders */
};

#define HOOK_PARTS 4
#define HOOK_TARGETS 2

struct hook_part {
	const char *program;		   /* in the BPF object; of a kprobe, two: loader_attach.c */
	const char *targets[HOOK_TARGETS]; /* the tracepoint or function; the first that is there */
	bool optional;			   /* where there is none, there is nothing to see */
};

struct hook {
	const char *event; /* what it sees; rows of one event are alternatives, best first */
	enum flavour flavour;
	struct hook_part parts[HOOK_PARTS]; /* all of them, or none */
	uint32_t mechanisms; /* bits; what is unavailable without any row of this event */
	enum hook_when when;
	const char *needs;   /* a structure or function that it is of no use without, or NULL */
	const char *unless;  /* a tracepoint that shows the same, and is better, or NULL */
	uint32_t seen;	     /* enum ipc_seen: what neither system calls nor tracepoints are to count then */
	const char *lacks;   /* what the map lacks where it is this row that sees the event, or NULL */
	const char *without; /* what the map lacks where none does; NULL: all of it */
};

#define HOOKS_MAX 192

/* Ended by a row whose event is NULL. */
extern const struct hook hooks[];

extern const char *const flavour_names[FLAVOURS];

struct btf;

/* FLAVOUR_ANY: there is none of that name. */
enum flavour flavour_by_name(const char *name);

/* Does the row tell of processes, and not of what they say to each other? */
bool hook_is_of_processes(const struct hook *hook);

/* What a part of a row goes on in this kernel; NULL: it has none of its targets. */
const char *hook_target(const struct btf *kernel, const struct hook *hook, size_t part);

/* What the row needs and this kernel does not have; NULL: it has it all. */
const char *hook_missing(const struct btf *kernel, const struct hook *hook);

/* The tracepoint of this kernel that makes the row needless; NULL: none. */
const char *hook_tracepoint(const struct btf *kernel, const struct hook *hook);

/* Is there a kernel function (or kfunc) of that name in BTF? */
bool kernel_function_exists(const struct btf *kernel, const char *name);

/* How many arguments a tracepoint has; 0: there is none. */
unsigned int tracepoint_arguments(const struct btf *kernel, const char *name);

/* Fills the tables of system calls of the settings for this architecture. */
void calls_fill(struct ipc_settings *settings);

/* Takes out of them what nothing is left to do for: settings->seen, filter_on and stream tell. */
void calls_thin(struct ipc_settings *settings);

#endif
