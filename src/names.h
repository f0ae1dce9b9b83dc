/* SPDX-License-Identifier: GPL-2.0-only */
/* What channels are called, in the map's clean text. */
#ifndef IPCMAP_NAMES_H
#define IPCMAP_NAMES_H

#include "capture.h"
#include "peers.h"

/* The ports that something listens on: what tells a connection's server from its client. */
struct listener;

struct listener *listeners_new(const struct capture *capture);
void listeners_free(struct listener *listeners);

/* "pipe:[12]", "socket:[12]", "fifo:[8:1:12]", "pts/3". The caller frees it; NULL: short of memory. */
char *name_object(const struct capture_object *object, const struct object_key *key);

/*
 * What a person calls the channel: a path, "@abstract", "127.0.0.1:5432",
 * "/dev/pts/3". NULL when it has no name (or memory is short). The caller frees it.
 */
char *name_channel(const struct listener *listeners, const struct capture_object *object);

/* "127.0.0.1:53", "[::1]:53", "*:53". */
char *name_inet(const struct inet_end *end);

/* The address alone. */
char *name_address(const struct inet_end *end);

/* "SIGTERM", "SIGRTMIN+3". The caller frees it. */
char *name_signal(int number);

#endif
