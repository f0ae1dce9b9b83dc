/* SPDX-License-Identifier: GPL-2.0-only */
/* ipcdump --pcap: events as packets of a pcapng file. */
#ifndef IPCMAP_STREAM_PCAP_H
#define IPCMAP_STREAM_PCAP_H

#include "out.h"
#include "stream.h"
#include "stream_names.h"

struct stream_pcap {
	struct out out;
	struct stream_names *names;
	uint64_t wall_offset;
	struct tcp_way *ways; /* sequence numbers by direction of a connection, uthash */
};

void pcap_begin(struct stream_pcap *pcap);
void pcap_event(struct stream_pcap *pcap, const struct stream_event *event);
void pcap_done(struct stream_pcap *pcap);

#endif
