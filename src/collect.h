/* SPDX-License-Identifier: GPL-2.0-only */
/* From the kernel side's maps and records, and from /proc, into a capture. */
#ifndef IPCMAP_COLLECT_H
#define IPCMAP_COLLECT_H

#include <stdbool.h>
#include <stdint.h>

#include "capture.h"
#include "loader.h"

struct ring_buffer;
struct cgroup_name;

struct collector {
	struct loader *loader;
	struct capture *capture;
	struct ring_buffer *ring;
	struct cgroup_name *cgroups; /* by kernfs id, uthash */
	bool cmdline;
	int error; /* the first that a record could not be kept for */
	uint64_t taken; /* flows taken out of the kernel's map before the end */
	uint64_t exits; /* processes that ended since collector_forget() */
	uint64_t forgotten;
	/* One moment in jiffies and in CLOCK_MONOTONIC, ns, near each end of the window. */
	uint64_t jiffies[2], time[2];
};

struct flow_totals {
	uint64_t ops, bytes;
	size_t flows;
};

/* Borrows loader and capture. 0 or a negative errno. */
int collector_init(struct collector *collector, struct loader *loader, struct capture *capture, bool cmdline);
void collector_done(struct collector *collector);

/* Takes the records that wait. 0 or a negative errno. */
int collector_poll(struct collector *collector);

/* For tests: one record, as the ring would bring it. Always 0; an error is in collector->error. */
int collector_take(void *collector, void *data, size_t size);

/* Reads who is there, and what they are called, into the capture. */
int collector_processes(struct collector *collector);

/*
 * Reads the inventory into list and the capture: first (at the start) with
 * every process and object marked as older than the trace.
 */
int collector_inventory(struct collector *collector, struct descriptor_list *list, bool first);

/* ipcdump: has the kernel side look who sends just now, after the window was opened. */
void collector_senders(struct collector *collector);

/*
 * Inside the window: weighs every queue again, and looks who is in the middle of a
 * write; first: just after its opening.
 */
int collector_weigh(struct collector *collector, bool first);

/* Sums up the fold map without changing it. */
int collector_totals(const struct collector *collector, struct flow_totals *ret_totals);

/*
 * Moves flows into the capture: those of processes that are gone, to make room;
 * or, once and last, after the second inventory, all of them, with their times.
 */
int collector_take_flows(struct collector *collector, bool only_exited);

/* Once and last: who took whose bytes, of channels with several writers. 0 or -ENOMEM. */
int collector_take_order(struct collector *collector);

/*
 * Where enough of them ended since the last time, forgets processes that did nothing and are
 * gone, and has the kernel side follow them no more. 0 or a negative errno.
 */
int collector_forget(struct collector *collector);

/*
 * Copies all flows, as they stood at the last cut, into an empty capture: free
 * its flows. After an inventory, which tells the clocks. Changes nothing in the kernel.
 */
int collector_flows_at_cut(struct collector *collector, struct capture *ret_taken);

/*
 * Ends a frame at this time, ns: reads the fold map, and changes nothing in it. The last cut
 * of a window, after all flows were taken, reads the capture alone. 0 or a negative errno.
 */
int collector_cut(struct collector *collector, uint64_t time, bool last);

/* Names what flows mention and no record described, where /proc still knows it. */
void collector_name_rest(struct collector *collector);

/* This host's addresses, by getifaddrs(3). */
int capture_local_addresses(struct capture *capture);

/* All, where there are more than so many: they are read anew when they are needed. */
void collector_forget_cgroups(struct collector *collector, size_t most);

/* What /proc tells of a process while it lives: cgroup, and cmdline when wanted. */
void collector_read_proc(struct collector *collector, struct capture_process *process);

#endif
