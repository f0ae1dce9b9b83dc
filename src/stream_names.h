/* SPDX-License-Identifier: GPL-2.0-only */
/* ipcdump: what the channels of events are called, said once for each. */
#ifndef IPCMAP_STREAM_NAMES_H
#define IPCMAP_STREAM_NAMES_H

#include "capture.h"
#include "peers.h"

/* Of one channel as an event sees it. Clean text; from and to are as its reader has them. */
struct channel_name {
	struct object_key key;
	uint64_t described; /* the record that it was made from */
	char *object; /* "pipe:[12]" */
	char *name;   /* path, "@abstract", "/dev/pts/3"; or NULL */
	char *from, *to; /* tcp, udp: "127.0.0.1:80"; or NULL. Not of a udp event with IPC_EVENT_FROM */
	struct inet_end local, remote; /* tcp, udp: zeroes where not known */
	char *json;   /* all of it, but for from and to of udp */
	UT_hash_handle hh;
};

struct stream_names {
	const struct capture *capture;
	struct channel_name *channels; /* uthash */
	/* Asks the kernel side for what it has told since; may be NULL. */
	int (*refresh)(void *context);
	void *context;
};

void stream_names_done(struct stream_names *names);

/* NULL: short of memory. Stays as it is until the next call. */
const struct channel_name *stream_channel(struct stream_names *names, const struct ipc_event *event);

/* Where a datagram came from, "127.0.0.1:53"; the caller frees it. */
char *stream_from(const struct ipc_event *event);

/* A pid as ipcmap's own namespace knows it; 0: not there. */
uint32_t stream_pid(struct stream_names *names, uint32_t tgid, uint64_t start);

/* "SI_USER", "CLD_EXITED" (sigaction(2)), or NULL where the code has no name. Static. */
const char *signal_code_name(int number, int code);

#endif
