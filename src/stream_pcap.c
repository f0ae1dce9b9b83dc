// SPDX-License-Identifier: GPL-2.0-only
#include "stream_pcap.h"
void pcap_begin(struct stream_pcap *pcap) { (void)pcap; }
void pcap_event(struct stream_pcap *pcap, const struct stream_event *event) { (void)pcap; (void)event; }
void pcap_done(struct stream_pcap *pcap) { out_close(&pcap->out); }
