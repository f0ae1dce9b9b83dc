/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The map: processes, channels and edges of one window, with its
 * completeness. Everything that draws, stores or compares starts from it.
 * Nothing here knows BPF or /proc.
 *
 * Strings are owned by the map, NUL-terminated UTF-8, and clean: what a
 * hostile name held of invalid UTF-8 and control characters stands there as
 * visible text (text_clean). NULL means "not known".
 */
#ifndef IPCMAP_MAP_H
#define IPCMAP_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAP_VERSION 1

enum cluster_kind { CLUSTER_NONE, CLUSTER_UNIT, CLUSTER_CONTAINER, CLUSTER_USER };

enum node_kind { NODE_PROCESS, NODE_HUB, NODE_EXTERNAL, NODE_KERNEL };

/*
 * How an edge is known.
 * ATTRIBUTION_EXACT: the kernel told who wrote and who read these bytes.
 * ATTRIBUTION_UNDELIVERED: sent, not read in the window; dst is the one
 *   process that holds the other end, or a hub.
 * ATTRIBUTION_EARLIER: read in the window, sent before it; src is the one
 *   process that holds the other end, or a hub.
 * ATTRIBUTION_HUB: one end is a hub, because who read whose bytes is not known.
 * ATTRIBUTION_IDLE: both ends hold the channel open, nothing moved.
 */
enum attribution {
	ATTRIBUTION_EXACT,
	ATTRIBUTION_UNDELIVERED,
	ATTRIBUTION_EARLIER,
	ATTRIBUTION_HUB,
	ATTRIBUTION_IDLE,
	ATTRIBUTIONS
};

/* What became of a thing between two maps (diff.h); CHANGE_NONE where there is but one. */
enum change { CHANGE_NONE, CHANGE_SAME, CHANGE_CHANGED, CHANGE_ADDED, CHANGE_REMOVED, CHANGES };

/* Where a thing is: CHANGE_ADDED, CHANGE_REMOVED, or CHANGE_NONE: in both, or in the only one. */
static inline enum change change_presence(enum change change)
{
	return change >= CHANGE_ADDED ? change : CHANGE_NONE;
}

/* What several are together: what they all are, or changed. */
static inline enum change change_join(enum change a, enum change b)
{
	return a == b ? a : CHANGE_CHANGED;
}

struct node {
	char *id; /* "p1", "h1", "x1", "k" */
	enum node_kind kind;
	/* process */
	int64_t pid, ppid, uid;
	double start; /* seconds since map.started; negative: older */
	double ended; /* likewise; 0: it did not, or nobody knows when */
	bool exited, kthread;
	char *comm, *exe, *cgroup, *unit, *container, *cmdline;
	char *listens; /* "tcp *:5432, unix /run/x.sock", or NULL */
	/* hub */
	size_t channel; /* index into map.channels */
	/* external */
	char *address;
	/*
	 * What only a view has (view.h): zero in a map as it was traced. Where
	 * one node stands for several, the fields above hold what all of them
	 * share, pid and start those of the first.
	 */
	size_t members; /* it stands for so many; 0: for itself, see node_members() */
	char *name;	/* of a group, shown in place of comm: "nginx.service" */
	char *pids;	/* of its members: "813, 814, 815 …" */
	char *cluster;	/* the frame around it: "nginx.service", "docker:0123456789ab" */
	enum cluster_kind cluster_kind; /* what the frame is */
	const char *role; /* "master", "worker", "listener" or NULL; static */
	bool sink;	/* everything writes to it and it answers little: a logger */
	bool silent;	/* there, and moved nothing in the frame */
	bool hub_written, hub_read; /* in the whole map somebody writes to it, reads from it */
	/* What only a difference has. */
	enum change change;
	size_t members_before; /* 0: it was not there */
	char *was;	/* what else is not as it was, in words: "no longer listens on ..."; or NULL */
};

struct channel {
	char *id;	 /* "c1" */
	char *mechanism; /* "pipe", "unix-stream", ... */
	char *object;	 /* "pipe:[1234]", "socket:[1234]", "fifo:[8:1:1234]", "pts/3" */
	char *peer;	 /* "socket:[1235]" */
	char *name;	 /* path, "@abstract", "127.0.0.1:5432", "/dev/pts/3" */
};

/* What of an edge was moved in one frame. */
struct edge_step {
	uint32_t frame;
	uint64_t ops, bytes, received_ops, received_bytes;
};

/* One interval of the window: seconds since map.started. */
struct frame {
	double start, end;
};

struct edge {
	size_t src, dst; /* indexes into map.nodes */
	size_t channel;	 /* index into map.channels, or MAP_NO_CHANNEL (signals) */
	char *mechanism;
	char *signal; /* "SIGTERM", or NULL */
	uint64_t ops, bytes, received_ops, received_bytes;
	double first, last; /* seconds since map.started */
	enum attribution attribution;
	/* Where the map has frames: those in which anything moved, in order; they add up to the edge. */
	struct edge_step *steps;
	size_t step_count;
	/*
	 * What only a difference has. The figures above are those of the later map,
	 * or of the earlier one where the edge is gone.
	 */
	enum change change;
	struct edge_before {
		uint64_t ops, bytes, received_ops, received_bytes;
	} before; /* where it is neither new nor gone */
};

#define MAP_NO_CHANNEL ((size_t)-1)

struct mechanism_state {
	char *mechanism;
	char *state;  /* "traced", "off" (not asked for), "unavailable" */
	char *hooks;  /* "tracepoint", or NULL */
	char *reason; /* why not, or what of it is not seen; or NULL */
	uint64_t lost;
};

struct completeness {
	uint64_t events, lost, unattributed;
	/* Peers outside this host, when they are not drawn as nodes. */
	uint64_t external_ops, external_bytes;
	/* What processes did with channels of their own, when not drawn (--self). */
	uint64_t self_ops, self_bytes;
	struct mechanism_state *mechanisms;
	size_t mechanism_count;
};

/* Of a difference: what the map is compared with, which is the earlier one. */
struct comparison {
	char *host, *started;
	double duration;
	double threshold; /* percent; what differs by more has changed */
	char *caveat;	  /* what could not be compared, or NULL */
	bool only_changes; /* what is the same was left out */
};

/* Which part of the window a picture shows. */
struct moment {
	size_t number; /* of the frame, from 1; 0: it is the whole window */
	size_t count;  /* of all frames; 0: nobody knows yet */
	double start, end;
	bool cumulative; /* what moved since the window opened */
	double plays; /* seconds that all frames take, where it is an animation of them; else 0 */
};

struct map {
	char *host, *kernel;
	char *started;	 /* ISO 8601, UTC, milliseconds */
	double duration; /* seconds */
	char *note;	 /* of a view: what it left out ("24 of 310 processes, ..."), or NULL */
	struct completeness completeness;
	struct node *nodes;
	size_t node_count;
	struct channel *channels;
	size_t channel_count;
	struct edge *edges;
	size_t edge_count;
	struct frame *frames; /* one after the other from 0 to duration; or none */
	size_t frame_count;
	struct comparison *comparison; /* NULL: this is no difference */
	struct moment moment;	       /* of a frame's picture (film.h) */
};

/* An empty map, or NULL when memory is short. Free it with map_free(). */
struct map *map_new(void);

/* Frees the map and all it owns. NULL is fine. */
void map_free(struct map *map);

/*
 * Append a zeroed element and return it, or NULL when memory is short. The
 * pointer holds until the next append to the same array.
 */
struct node *map_add_node(struct map *map);
struct channel *map_add_channel(struct map *map);
struct edge *map_add_edge(struct map *map);

/* Adds one more frame, likewise. */
struct frame *map_add_frame(struct map *map);

/* Adds figures to what an edge has for their frame. 0 or -ENOMEM. */
int edge_add_step(struct edge *edge, const struct edge_step *step);

/* The same of all that another edge has. 0 or -ENOMEM, and nothing is changed. */
int edge_merge_steps(struct edge *to, const struct edge *from);

/* A row for each mechanism: traced (bits), or off. 0 or -ENOMEM. */
int completeness_begin(struct completeness *completeness, uint32_t traced);

/* Frees what a channel has, not the channel itself. For map*.c alone. */
void channel_done(struct channel *channel);

/* Drops the nodes that no edge refers to. 0 or -ENOMEM. */
int map_drop_unused(struct map *map);

/*
 * Puts nodes (kernel first, then processes by start and pid, hubs, externals),
 * channels and edges into their one order, drops channels that no edge and no
 * hub refers to, and gives ids: the same content gives the same bytes,
 * whatever the order it was found in. Returns 0 or -ENOMEM.
 */
int map_sort(struct map *map);

/*
 * Rounds times to what the JSON map keeps (milliseconds), so that a drawing of
 * this map and one of its record are the same.
 */
void map_round_times(struct map *map);

/* How many a node stands for: 1, or the members of a group. */
static inline size_t node_members(const struct node *node)
{
	return node->members ? node->members : 1;
}

/* "same", "changed", "added", "removed"; NULL for CHANGE_NONE. */
const char *change_name(enum change change);

/* "exact", "undelivered", "earlier", "hub", "idle". */
const char *attribution_name(enum attribution attribution);

#endif
