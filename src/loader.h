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

#define REFUSAL_SIZE 96

/* What the caller chooses beside what is traced. */
struct loader_options {
	enum flavour flavour; /* that goes first; FLAVOUR_ANY: the best there is */
	uint32_t flows;
	uint32_t events; /* ipcdump: bytes of its ring, a power of two */
};

#define LINK_PROGRAMS 2

/* A program that is attached: it and the same again (bpf/run.bpf.h), or a kprobe and its kretprobe. */
struct hook_link {
	const char *program;
	enum flavour flavour;
	struct bpf_link *links[LINK_PROGRAMS]; /* NULL: not wanted */
	uint64_t skipped, returns_missed; /* runs before the window opened; of a kretprobe */
	uint64_t skipped_at_end; /* likewise, before it closed */
};

struct loader {
	struct bpf_object *object;
	void *skeleton;
	bool twice;	      /* every program is there twice, bpf/run.bpf.h */
	bool direct;	      /* which of the two builds of the programs is loaded */
	char refused[256];    /* why the kernel took the other one, though it knows direct loads; or "" */
	struct btf *kernel;
	enum flavour flavour; /* the one that was forced, or FLAVOUR_ANY */
	bool chosen[HOOKS_MAX]; /* rows of hooks[]: the one that sees its event */
	char refusals[HOOKS_MAX][REFUSAL_SIZE]; /* why not, of those that were tried; or "" */
	char flavour_refused[FLAVOURS][REFUSAL_SIZE]; /* why this kernel has none at all, or "" */
	char culprit[64]; /* the program that did not load or attach, or "" */
	struct hook_link links[HOOKS_MAX];
	size_t link_count;
	bool closed;	    /* the window, after it was open */
	bool kprobe_misses; /* the kernel tells of them */
	bool kprobes_skip;  /* it may skip some untold */
	uint64_t calls_left[IPC_FUNCTIONS]; /* when the window closed: nobody knows whether they returned */
	volatile bool *ready;
	volatile struct ipc_counters *counters;
	int flows, followed, records, events, ptys, running; /* map descriptors */
	int taken, taken_keys, taken_slots, shared_pipes; /* likewise */
	int slot_keys;		/* whose the slots are, by place */
	struct ipc_slot *slots; /* mapped; NULL: not in use */
	struct loader_options options;
};

/*
 * Loads the programs that settings->mechanism_mask wants and this kernel has,
 * and attaches them; nothing counts before loader_ready(). Fills what settings
 * leave to the loader (system calls, what the kernel can do). Returns 0, or a
 * negative errno and one line in *ret_error (freed by the caller).
 */
int loader_open(struct loader *loader, const struct ipc_settings *settings, const struct loader_options *options,
		char **ret_error);

/* Is any row of kprobes among those that were chosen? */
bool loader_has_kprobes(const struct loader *loader);

/* Opens (true) or closes (false) the window. */
void loader_ready(struct loader *loader, bool ready);

/* A descriptor to read what the iterator program writes, or a negative errno. The caller closes it. */
int loader_iterate(struct loader *loader, const char *program);

/*
 * How many events of these mechanisms (bits), at most, the kernel did not run a program for
 * while the window was open, nor the second one of its kind: see bpf/run.bpf.h. What tells whose
 * bytes were read has no events: see loader_missed().
 */
uint64_t loader_skipped(const struct loader *loader, uint32_t mechanisms);

/* How many runs of the programs that see this event were skipped from when they were attached until the window closed. */
uint64_t loader_missed(const struct loader *loader, const char *event);
/* As loader_skipped(), of calls that a kprobe did not see to begin, or its kretprobe to end. */
uint64_t loader_unseen(const struct loader *loader, uint32_t mechanisms);

/* What is not seen where it is this row that sees its event, or NULL. */
const char *loader_lacks(const struct loader *loader, const struct hook *hook);

/* The row of hooks[] that sees the event, or NULL. */
const struct hook *loader_row(const struct loader *loader, const char *event);

/*
 * The flavours of what sees these mechanisms (bits): "fentry, tracepoint". Without the hooks
 * that tell of processes. The caller frees it; NULL: short of memory.
 */
char *loader_flavours(const struct loader *loader, uint32_t mechanisms);

/*
 * Detaches what is on functions of the kernel, and does not wait for it: to take one program away the
 * kernel waits twice until every task was seen to let go of it (ftrace_shutdown(), synchronize_rcu_tasks()), 0.2 s
 * a function and one after the other. That goes on in a child which has nothing else, and ends by itself; in a pid namespace
 * that is not the initial one nothing is done, and loader_close() waits. For when
 * nothing is asked of the loader any more but loader_close().
 */
void loader_leave(struct loader *loader);

/* Detaches and frees; a zeroed loader is fine. */
void loader_close(struct loader *loader);

#endif
