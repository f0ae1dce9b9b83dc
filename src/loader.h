/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF object: loaded, attached, and its maps. The only user of the skeletons. */
#ifndef IPCMAP_LOADER_H
#define IPCMAP_LOADER_H

#include <stdbool.h>
#include <stdint.h>

#include "hooks.h"

struct bpf_object;
struct bpf_link;
struct btf;

#define HOOKS_MAX 64

struct loader_sizes {
	uint32_t flows;
	uint32_t events; /* ipcdump: bytes of its ring, a power of two */
};

struct loader {
	struct bpf_object *object;
	void *skeleton;
	bool twice;	      /* every program is there twice, bpf/run.bpf.h */
	bool direct;	      /* which of the two builds of the programs is loaded */
	char refused[256];    /* why the kernel took the other one, though it knows direct loads; or "" */
	struct btf *kernel;
	struct bpf_link *links[HOOKS_MAX]; /* by row of hooks[]; NULL: not attached */
	struct bpf_link *again[HOOKS_MAX]; /* likewise: the same program once more, bpf/run.bpf.h */
	uint64_t skipped[HOOKS_MAX];	   /* likewise: skipped runs before the window opened */
	volatile bool *ready;
	volatile struct ipc_counters *counters;
	int flows, followed, records, events, ptys; /* map descriptors */
	struct loader_sizes sizes;
};

/*
 * Loads the programs that settings->mechanism_mask wants and this kernel has,
 * and attaches them; nothing counts before loader_ready(). Fills what settings
 * leave to the loader (system calls, what the kernel can do). Returns 0, or a
 * negative errno and one line in *ret_error (freed by the caller).
 */
int loader_open(struct loader *loader, const struct ipc_settings *settings, const struct loader_sizes *sizes,
		char **ret_error);

/* Opens (true) or closes (false) the window. */
void loader_ready(struct loader *loader, bool ready);

/* A descriptor to read what the iterator program writes, or a negative errno. The caller closes it. */
int loader_iterate(struct loader *loader, const char *program);

/*
 * How many events, at most, the kernel did not run the program of a row of hooks[] for since
 * the window opened, nor the second one of its kind: see bpf/run.bpf.h.
 */
uint64_t loader_skipped(const struct loader *loader, size_t row);

/* Is some row of the hook's event attached? */
bool loader_has_event(const struct loader *loader, const char *event);

/* Detaches and frees; a zeroed loader is fine. */
void loader_close(struct loader *loader);

#endif
