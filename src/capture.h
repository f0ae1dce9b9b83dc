/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one trace brought in, before it is joined: processes, objects, flows and
 * who held what open. Plain data, so that the join can be tested without BPF.
 */
#ifndef IPCMAP_CAPTURE_H
#define IPCMAP_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mechanism.h"

#include <uthash.h>

struct process_key {
	uint64_t start; /* start_boottime, ns */
	uint32_t tgid;	/* 0: the kernel */
	uint32_t zero;
};

struct capture_process {
	struct process_key key;
	uint64_t parent_start, cgroup_id;
	uint32_t parent, uid;
	uint32_t number; /* its pid in ipcmap's own pid namespace; 0: none there */
	uint64_t ended; /* ns, CLOCK_MONOTONIC; 0: it is there, or was not seen to end */
	bool kthread, exited, tracked, has_exec;
	bool gone, unfollowed, forget, has_child; /* forget.h */
	char comm[IPC_COMM_LEN + 1];
	char *exe, *cgroup, *cmdline; /* raw bytes as C strings, or NULL; owned */
	UT_hash_handle hh;
};

/* Which object; remote is 0 but for what needs it (fifo, pty). */
struct object_key {
	uint64_t object, remote;
	uint8_t mechanism;
	uint8_t zero[7];
};

struct capture_object {
	struct object_key key;
	struct ipc_object info; /* the fullest seen */
	uint64_t first_seen;	/* ns, CLOCK_MONOTONIC; 0: older than the trace */
	bool described;		/* info is filled in: a path alone does not do that */
	char *path;		/* fifo; owned */
	struct capture_object *peer; /* the other end of a stream: objects_pair() */
	UT_hash_handle hh;
};

/* What a datagram socket's remote number stands for. */
struct remote_key {
	uint64_t object, remote;
};

struct capture_remote {
	struct remote_key key;
	struct ipc_object info;
	UT_hash_handle hh;
};

struct capture_flow {
	struct ipc_flow_key key;
	uint64_t ops, bytes, first, last; /* ns, CLOCK_MONOTONIC */
};

/* Of a channel with several writers: what a process took of what another put in; bpf/runs.bpf.h. */
struct capture_taken {
	struct process_key by, from; /* from.tgid 0: it is not known whose */
	struct object_key object;
	uint64_t ops, bytes, received, section, last_bytes;
};

/* Such a channel. */
struct capture_shared {
	struct object_key object;
	struct process_key first; /* whose bytes were taken before others wrote; tgid 0: it is not known */
};

struct capture_descriptor {
	struct process_key process;
	struct object_key object;
	uint8_t side; /* pty */
	bool readable, writable;
	uint64_t queued, queued_ops; /* what waits to be read from it: bytes, datagrams */
	uint32_t write_seq, read_seq; /* tcp: how far its writers and readers got */
};

/* An address of a network namespace of this host. */
struct capture_address {
	uint8_t addr[16]; /* IPv4 as v4-mapped */
	uint32_t netns;
};

/* Descriptors open at one moment, one row per process and object. */
struct descriptor_list {
	struct capture_descriptor *rows;
	size_t count, capacity;
};

struct capture {
	struct capture_process *processes; /* uthash */
	struct capture_object *objects;
	struct capture_remote *remotes;
	struct capture_flow *flows;
	size_t flow_count, flow_capacity;
	struct capture_taken *taken;
	size_t taken_count;
	bool carried_lost; /* whose the messages of UNIX sockets were is not known after all */
	bool order_lost;   /* nor whose the bytes of pipes */
	struct capture_shared *shared; /* channels whose order is known from end to end */
	size_t shared_count;
	struct descriptor_list at_start, at_end;
	/*
	 * The queues that are not empty, and all of TCP, weighed once more inside the window,
	 * after its opening and before its end: what is the same twice was not in motion.
	 */
	struct descriptor_list weighed_first, weighed_last;
	/* Who was in the middle of a write when the window closed; those that were when it opened. */
	struct descriptor_list writing_first, writing_last;
	bool weighed;	       /* these four are there */
	uint64_t weighed_time; /* by then weighed_first was complete: ns, CLOCK_MONOTONIC */
	struct flow_history *histories; /* uthash, by flow key; history.h */
	uint64_t *cuts; /* where frames end, ns; the last is the window's end */
	size_t cut_count; /* 0: no frames */
	uint8_t (*local_addrs)[16]; /* this host's own; IPv4 as v4-mapped */
	size_t local_addr_count;
	struct capture_address *bound; /* where sockets of the trace are: addresses_learn() */
	size_t bound_count;
	uint64_t started;	   /* ns, CLOCK_MONOTONIC */
	uint64_t boottime_offset; /* CLOCK_BOOTTIME - CLOCK_MONOTONIC, ns */
	uint64_t ended;
	uint64_t lost[IPC_MECHANISMS];
	/* Events of these may be missing (lost, skipped by the kernel, no room for a filter's mark), or what pairs sockets. */
	bool incomplete[IPC_MECHANISMS];
	uint64_t records_lost;
	uint64_t unresolved; /* events on descriptors that were gone: of no known channel */
	bool nested; /* in a pid namespace of its own, where pids are other numbers */
	uint32_t own_tgid; /* ipcmap itself: joined like all, so that its readers are right, and left out */
	bool filtered;
	bool filtered_by_name; /* or by cgroup: a process matches at some time, and not before */
	char *root; /* where our own root lies in the kernel's paths, when in a chroot; owned */
};

/* Finds a process, or adds it unnamed. NULL when memory is short. */
struct capture_process *capture_process(struct capture *capture, uint32_t tgid, uint64_t start);
struct capture_process *capture_find_process(const struct capture *capture, struct process_key key);
/* One that no capture has any more. */
void process_free(struct capture_process *process);

/* Takes in one record of an object (inventory: of one that is older than the trace). */
int capture_add_object(struct capture *capture, const struct ipc_object *info, bool inventory);
struct capture_object *capture_find_object(const struct capture *capture, struct object_key key);
struct capture_remote *capture_find_remote(const struct capture *capture, uint64_t object, uint64_t remote);

/* The path of a FIFO; takes ownership of path. */
int capture_add_path(struct capture *capture, uint64_t object, uint64_t remote, char *path);

/* Of UNIX sockets: what was received, and of whom that is known; with another flow's calls, or cut off. */
static inline bool flow_is_carried(const struct ipc_flow_key *key)
{
	return key->remote && key->direction == IPC_RX && key->mechanism >= IPC_UNIX_STREAM &&
	       key->mechanism <= IPC_UNIX_SEQPACKET;
}

/* Its ops are of calls that another flow has, too. */
static inline bool flow_is_part(const struct ipc_flow_key *key)
{
	return flow_is_carried(key) && key->side;
}

int capture_add_flow(struct capture *capture, const struct capture_flow *flow);
/* One flow for each key: those of one key add up. Puts them into the order of their keys. */
void capture_merge_flows(struct capture *capture);

int capture_add_descriptor(struct descriptor_list *list, const struct ipc_descriptor *descriptor);

struct object_key object_key(uint8_t mechanism, uint64_t object, uint64_t remote);

/* "/a/b" of the kernel side's "b\0a\0"; the caller frees it. NULL: short of memory. */
char *path_from_record(const struct ipc_path *path);

/* Paths as we would open them, and not as the kernel holds them, when in a chroot. */
void capture_strip_root(struct capture *capture);

/* Frees what the capture owns. */
void capture_done(struct capture *capture);

#endif
