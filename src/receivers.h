/* SPDX-License-Identifier: GPL-2.0-only */
/* Where datagrams arrive: the sockets of a capture by port, and by name. */
#ifndef IPCMAP_RECEIVERS_H
#define IPCMAP_RECEIVERS_H

#include "capture.h"
#include "peers.h"

/* Points into the capture, which must outlive it. */
struct receivers;

/* 0 or -ENOMEM. */
int receivers_new(const struct capture *capture, struct receivers **ret_receivers);
void receivers_free(struct receivers *receivers);

/*
 * Where what udp socket `from` sent to `to` arrives: a socket connected to `from` before one
 * that is bound only, one bound to the very address before one bound to any. Of several with
 * the same ends (SO_REUSEPORT, or one after the other) the one that stands for them all.
 * NULL: none here.
 */
struct capture_object *udp_receiver(const struct receivers *receivers, const struct capture_object *from,
				    const struct inet_end *to);

/* The udp socket that stands for all with the same ends as this one, itself among them. */
struct capture_object *udp_group(const struct receivers *receivers, struct capture_object *object);

/* All with the same ends as this one, whose count is in *ret_count. */
struct capture_object *const *udp_members(const struct receivers *receivers,
					  const struct capture_object *object, size_t *ret_count);

/* The unix datagram socket bound to the name of `remote`, when there is just one; else NULL. */
struct capture_object *unix_receiver(const struct receivers *receivers, const struct ipc_object *remote);

#endif
