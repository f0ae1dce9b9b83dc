/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the join share: links under construction. Private to join*.c. */
#ifndef IPCMAP_JOINER_H
#define IPCMAP_JOINER_H

#include "join.h"
#include "link.h"
#include "names.h"
#include "receivers.h"

/*
 * Which link: a pipe; the bytes that one stream socket sends; the datagrams
 * that one socket receives; a pty in one direction.
 */
struct link_key {
	uint64_t a, b;
	uint8_t mechanism, part, zero[6];
};

/* part: what a and b are */
enum link_part {
	LINK_OBJECT,	   /* a, b: object and remote of the channel */
	LINK_FROM_UNKNOWN, /* a: the receiving socket; its peer is not known */
	LINK_ADDRESS,	   /* a: a hash of the address sent to; b: the sending socket */
	LINK_OUTSIDE,	   /* a: the own socket, b: the remote hash; a peer outside this host */
	LINK_TO_MASTER,	   /* pty */
	LINK_TO_SLAVE,
};

struct join_link {
	struct link_key key;
	struct link link;
	size_t sender_capacity, receiver_capacity;
	struct object_key channel; /* the channel's first object */
	struct capture_object *object, *peer;
	size_t channel_index; /* in the map, or MAP_NO_CHANNEL until made */
	size_t hub;	      /* its node, or PARTY_NONE until made */
	bool tracked;	      /* a process of the filter is a party; when silent, a holder */
	/* idle, datagrams: the sockets that are connected to this one; owned */
	struct capture_object **connected;
	size_t connected_count;
	bool shares_queue;    /* udp: other links end at the same socket */
	char *name;	      /* instead of the object's own, or NULL; owned */
	UT_hash_handle hh;
};

struct node_index {
	struct process_key key;
	size_t node;
	UT_hash_handle hh;
};

struct external_index {
	struct inet_end end; /* without port or namespace */
	size_t node;
	UT_hash_handle hh;
};

struct channel_index {
	struct link_key key;
	size_t channel;
	UT_hash_handle hh;
};

struct joiner {
	struct capture *capture;
	const struct join_options *options;
	struct map *map;
	struct join_link *links;       /* uthash */
	struct node_index *nodes;      /* uthash */
	struct channel_index *channels; /* uthash */
	struct external_index *externals; /* uthash */
	struct listener *listeners;
	struct receivers *receivers;
	size_t kernel; /* its node, or PARTY_NONE */
	size_t own;    /* ipcmap's, likewise */
	bool *node_tracked;
	size_t node_capacity;
};

/* The node of a process (the kernel for tgid 0), made when it is new. -ENOMEM. */
int joiner_process(struct joiner *joiner, struct process_key key, size_t *ret_node);
int joiner_kernel(struct joiner *joiner, size_t *ret_node);
int joiner_external(struct joiner *joiner, const struct inet_end *end, size_t *ret_node);
int joiner_hub(struct joiner *joiner, struct join_link *link, size_t *ret_node);

/* Puts every flow but signals into its link. */
int joiner_link_flows(struct joiner *joiner);

/* Tells the links of channels with several writers who took whose bytes. 0 or -ENOMEM. */
int joiner_take(struct joiner *joiner);

/* The same for udp, whose ends only addresses join. */
int joiner_link_udp(struct joiner *joiner);

/* Adds what a flow did to a link. 0 or -ENOMEM. */
int joiner_add_flow(struct joiner *joiner, struct join_link *link, const struct capture_flow *flow);

/*
 * Adds what a process wrote to a link by a call that had not returned when the window
 * closed. 0 or -ENOMEM.
 */
int joiner_add_unfinished(struct joiner *joiner, struct join_link *link, size_t node, uint64_t bytes);

/* Says that the other end of a link is outside this host, at `end`. 0 or -ENOMEM. */
int joiner_outside(struct joiner *joiner, struct join_link *link, const struct inet_end *end);

/* The links of channels that the inventory holds open and no flow touched. */
int joiner_link_idle(struct joiner *joiner);

/* Puts the lists of descriptors into the order in which joiner_hold() looks them up. */
void joiner_sort(struct joiner *joiner);

/* Does anybody hold the object open when the window closes? After joiner_sort(). */
bool joiner_is_open(const struct joiner *joiner, const struct object_key *object);

/* Fills in who holds the ends of every link open. */
int joiner_hold(struct joiner *joiner);

/* The first row of an object in a list after joiner_sort(), or NULL. */
const struct capture_descriptor *joiner_row(const struct descriptor_list *list, const struct object_key *object);

/* The next row of the same object in the same list, or NULL. */
const struct capture_descriptor *joiner_row_next(const struct descriptor_list *list,
						 const struct capture_descriptor *row);

/*
 * Fills in what waits in a link when the window opens and closes, and who was in the middle
 * of writing to it. from, to: the objects at its ends, zero when not known. 0 or -ENOMEM.
 */
int joiner_weigh(struct joiner *joiner, struct join_link *link, const struct object_key *from,
		 const struct object_key *to);

/* Tells the nodes that are in the map what they listen on. */
int joiner_listens(struct joiner *joiner);

/* Finds a link, or makes it. NULL when memory is short. */
struct join_link *joiner_link(struct joiner *joiner, struct link_key key);

/* Which link a flow belongs to; made when it is new. NULL when memory is short. */
struct join_link *joiner_link_of(struct joiner *joiner, const struct ipc_flow_key *flow);

struct link_key link_key(uint8_t mechanism, uint8_t part, uint64_t a, uint64_t b);

#endif
