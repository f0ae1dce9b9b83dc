/* SPDX-License-Identifier: GPL-2.0-only */
/* ipcgen: what UNIX datagrams and UDP have in common. */
#ifndef GEN_DATAGRAM_H
#define GEN_DATAGRAM_H

#include "gen_net.h"
#include "ipcgen.h"

/* An edge by the name of an address. */
void declare_to(const char *mechanism, pid_t src, pid_t dst, struct tally sent, struct tally received,
		const struct address *name);

/* All methods from this one on through one socket to one bound to `wanted`: one edge, their sum. */
void datagram_methods(const char *mechanism, const struct address *wanted, unsigned int first);

/*
 * Several clients, one after the other, and a server that reads by this method. It may not be
 * told from whom: one receiver, so each sender's bytes went to it.
 */
void datagram_clients(const char *mechanism, const struct address *wanted, unsigned int method);

/* One call, two receivers. */
void datagram_destinations(const char *mechanism, const struct address *one, const struct address *two);

#endif
