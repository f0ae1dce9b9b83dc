/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A link is one direction of a channel: who put bytes in, who took bytes out,
 * who holds its ends open. link_join() turns it into edges, by the rules of
 * attribution (ARCHITECTURE.md), and is where ipcmap would guess if it did.
 */
#ifndef IPCMAP_LINK_H
#define IPCMAP_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "map.h"
#include "series.h"

/* A party that is no process. */
#define PARTY_HUB ((size_t)-2)	  /* the channel's hub */
#define PARTY_KERNEL ((size_t)-3) /* the line discipline of a pty */
#define PARTY_NONE ((size_t)-4)

struct party {
	size_t node; /* index of its node, or PARTY_... */
	uint64_t ops, bytes;
	double first, last;
	struct series series; /* frame by frame, when there are frames; owned by whoever made the party */
};

enum link_kind {
	LINK_STREAM,
	LINK_DATAGRAM,
	LINK_PTY_INPUT,	 /* from the terminal to the programs */
	LINK_PTY_OUTPUT, /* from the programs to the terminal */
};

/* What one party took of what one other put in, where the kernel side kept the order of the bytes. */
struct link_taken {
	size_t from, to; /* nodes; from: PARTY_HUB where it is not known */
	uint64_t ops, bytes, received_bytes;
	uint64_t section, last_bytes; /* its last read: which, and how many bytes it received */
};

/* What waits to be read: bytes, and of datagrams how many they are. */
struct link_queue {
	uint64_t ops, bytes;
};

struct link {
	enum link_kind kind;
	struct party *senders, *receivers; /* in the order of their nodes, where it is ordered */
	size_t sender_count, receiver_count;
	/* Nodes that hold the sending end open at the start, the receiving end at the end. */
	size_t *send_holders, *receive_holders;
	size_t send_holder_count, receive_holder_count;
	/* What waited in it when the window opened and when it closed. */
	struct link_queue queued_start, queued_end;
	/* queued_start was weighed at rest: no more than that is older than the window. */
	bool start_exact;
	/* One sender, and as far as is known nobody else had the sending end open in the window. */
	bool sender_alone;
	bool closed; /* the receiving end was gone by then, and what waited in it with it */
	bool divided; /* one send may be several datagrams, or several sends one */
	/* Who read whose bytes is not known, however few the parties are. */
	bool uncertain;
	/* Somebody may have been a party to it and is not counted: something of its mechanism may be missing. */
	bool lossy;
	/*
	 * Who took whose bytes, if ordered: all that was read since others than first_writer wrote
	 * (PARTY_HUB: it is not known who that was).
	 */
	bool ordered;
	bool carried; /* by messages that bear their senders: all that was read is told */
	size_t first_writer;
	struct link_taken *taken;
	size_t taken_count;
	/* Output of a pty that had input in the window: what no program wrote is its echo. */
	bool echoes;
	/* The node of the other end when it is outside this host, or PARTY_NONE. */
	size_t outside;
};

/* One joined edge; src and dst are nodes or PARTY_HUB, PARTY_KERNEL. */
struct link_edge {
	size_t src, dst;
	uint64_t ops, bytes, received_ops, received_bytes;
	double first, last;
	enum attribution attribution;
	/* Whose figures the sent and the received ones are; NULL: those of the other, or nobody's. */
	const struct party *from, *to;
};

struct link_edges {
	struct link_edge *edges;
	size_t count, capacity;
};

/* Appends an edge. 0 or -ENOMEM. For link*.c alone. */
int link_edge_add(struct link_edges *edges, const struct link_edge *edge);

/* What parties put in or took out, all of them together. */
uint64_t party_bytes(const struct party *parties, size_t count);
uint64_t party_ops(const struct party *parties, size_t count);

/* What was read and is older than the window. Datagrams are counted, and then weighed. */
struct link_queue link_earlier(const struct link *link);

/*
 * Is all that was there before, or was sent, read or still there? Then nobody is missing, as far
 * as figures can tell.
 */
bool link_balances(const struct link *link);

/*
 * Does what messages carry tell more than the figures of senders and receivers do? 1, 0 or -ENOMEM.
 * of_others: something that was read is older than the window.
 */
int link_carried_tells(const struct link *link, bool of_others);

/* For qsort(): rows of struct link_taken, by from and to. */
int link_taken_order(const void *left, const void *right);

/* link_join() for a link that is ordered. 1, and no edge: its figures do not fit. */
int link_join_taken(const struct link *link, struct link_edges *edges);

/*
 * Appends the link's edges. Conservation: the bytes of the edges add up to
 * those of the senders, the received bytes to those of the receivers. 0 or -ENOMEM.
 */
int link_join(const struct link *link, struct link_edges *edges);

/* The same for a link with no traffic: idle edges between the holders of its ends. */
int link_join_idle(const struct link *link, struct link_edges *edges);

#endif
