/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One trace, from attaching the probes to the finished map. The only header
 * through which command code reaches BPF and /proc.
 */
#ifndef IPCMAP_TRACE_H
#define IPCMAP_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "map.h"
#include "options.h"

struct trace;
struct capture;
struct ipc_counters;

/* Figures for the status line, of the window so far. */
struct trace_totals {
	uint64_t events, bytes, lost;
	uint64_t caught; /* calls that a kretprobe missed, counted as their system call ended */
	size_t processes, edges; /* edges: flow pairs so far, an estimate until the end */
};

/*
 * Loads and attaches the probes for options->mechanisms; nothing counts yet.
 * Returns 0 and *ret_trace, or a negative errno and one line in *ret_error
 * (freed by the caller) that says what to do.
 */
int trace_new(const struct options *options, struct trace **ret_trace, char **ret_error);

/* How the programs read kernel memory: "direct loads", or "probe reads" and why not direct ones. */
const char *trace_loads(const struct trace *trace, const char **ret_reason);

/* Ends a frame now and begins the next; trace_finish() ends the last one. 0 or a negative errno. */
int trace_cut(struct trace *trace);

/*
 * The map of the window up to the last cut, while the trace goes on (the caller
 * frees it). 0 or a negative errno.
 */
int trace_snapshot(struct trace *trace, struct map **ret_map);

/* Puts the command, and what it forks from now on, into the process filter: before trace_start(). */
void trace_follow(struct trace *trace, pid_t pid);

/* Reads the inventory and opens the window. 0 or a negative errno. */
int trace_start(struct trace *trace, char **ret_error);

/* Takes what the kernel side has for us; call it about every 100 ms, or when trace_fd() is readable. */
int trace_poll(struct trace *trace);
int trace_fd(const struct trace *trace);

/* The totals now. Reads the fold map: not more often than twice a second. */
void trace_totals(struct trace *trace, struct trace_totals *ret_totals);

/* Closes the window now: what comes later is not counted. trace_finish() does so, too. */
void trace_stop(struct trace *trace);

/*
 * Closes the window, detaches everything, and joins what was seen into a map
 * (the caller frees it). 0 or a negative errno and *ret_error.
 */
int trace_finish(struct trace *trace, struct map **ret_map, char **ret_error);

/* ipcdump: what the stream is made of. Belongs to the trace. */
struct trace_stream {
	int events; /* descriptor of the ring of events */
	volatile struct ipc_counters *counters;
	struct capture *capture;
	uint64_t wall_offset; /* CLOCK_REALTIME - CLOCK_MONOTONIC, ns, when the window opened */
};

struct trace_stream trace_stream(struct trace *trace);

/*
 * Closes the window as trace_finish() does, and joins nothing: head gets what a map says
 * of its trace. 0 or a negative errno.
 */
int trace_end(struct trace *trace, struct map *head);

/* Detaches and frees; NULL is fine. Nothing stays in the kernel. */
void trace_free(struct trace *trace);

/*
 * `ipcmap probe`: prints, per mechanism, by which flavour this kernel lets it be
 * traced, and why not. Returns 0, or EXIT_FAILED when nothing can be traced.
 */
int probe_print(void);

#endif
