/* SPDX-License-Identifier: GPL-2.0-only */
/* Which socket is the other end of which. */
#ifndef IPCMAP_PEERS_H
#define IPCMAP_PEERS_H

#include "capture.h"

/* An address and port, IPv4 as v4-mapped IPv6, in one network namespace. */
struct inet_end {
	uint8_t addr[16];
	uint16_t port;
	uint16_t zero;
	uint32_t netns;
};

struct inet_end inet_local(const struct ipc_object *info);
struct inet_end inet_remote(const struct ipc_object *info);

bool inet_is_any(const struct inet_end *end);
bool inet_is_loopback(const struct inet_end *end);

/*
 * Fills capture->bound: the addresses of sockets are addresses of their namespaces, which
 * for another namespace than ours nobody else tells. 0 or -ENOMEM.
 */
int addresses_learn(struct capture *capture);

/* Is the address this host's own: loopback, one of capture->local_addrs or ->bound, or "any"? */
bool inet_is_local(const struct capture *capture, const struct inet_end *end);

/* Sets peer of every stream socket whose other end is in the capture, both ways. */
int objects_pair(struct capture *capture);

/*
 * How well an address that a socket is bound to takes another: 0 not at all; as the kernel
 * does, the very address before "any", and that of IPv4 before that of IPv6, which takes both.
 */
unsigned int inet_takes(const struct inet_end *bound, const struct inet_end *to);

bool inet_same(const struct inet_end *a, const struct inet_end *b);
bool inet_is_v4(const struct inet_end *end);

#endif
