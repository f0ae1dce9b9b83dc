/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ipcdump --pcap: events as packets of a pcapng file. Interface 0 ("inet", link type RAW) has
 * what TCP and UDP brought, as the packets that it would have been without a network to cut
 * it; interface 1 ("ipc", link type USER0) has the rest, each behind this header, all numbers
 * big-endian:
 *
 *    0  u8   version: 1
 *    1  u8   mechanism: as in struct ipc_event (0 pipe, 1 fifo, 2 unix-stream, 3 unix-dgram,
 *            4 unix-seqpacket, 7 pty, 8 signal, 9 msg_ring)
 *    2  u8   flags: 1 the source is known
 *    3  u8   pty: the reader's side (1 master, 2 slave)
 *    4  u32  pid of the source (0: the kernel, or not known)
 *    8  u32  pid of the destination
 *   12  u32  the thread, 0: none
 *   16  u32  signal: its number
 *   20  i32  signal: si_code
 *   24  u64  inode number of the pipe or socket
 *   32  16 bytes each: names of source and destination, ended by NULs
 *   64  u16  length of the channel's name, which follows; and then the contents
 *
 * Each packet's comment says who sent it to whom. Without -x packets are cut after their
 * headers, and have their full length beside.
 */
#ifndef IPCMAP_STREAM_PCAP_H
#define IPCMAP_STREAM_PCAP_H

#include "out.h"
#include "stream.h"
#include "stream_names.h"

struct stream_pcap {
	struct out out;
	struct stream_names *names;
	uint64_t wall_offset; /* of CLOCK_REALTIME from what records carry, ns */
	struct tcp_way *ways; /* sequence numbers by direction of a connection, uthash */
};

void pcap_begin(struct stream_pcap *pcap);
void pcap_event(struct stream_pcap *pcap, const struct stream_event *event);

/* Flushes, closes and frees. 0 or a negative errno. */
int pcap_done(struct stream_pcap *pcap);

#endif
