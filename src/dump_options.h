/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of `ipcdump`, parsed. */
#ifndef IPCMAP_DUMP_OPTIONS_H
#define IPCMAP_DUMP_OPTIONS_H

#include "options.h"
#include "stream_format.h"

struct dump_options {
	struct options trace; /* what is traced; trace.stream is &stream */
	struct stream_options stream;
	const struct stream_format *format;
	const char *path; /* -o; "-" is stdout */
	const char *pcap; /* NULL: none */
	uint64_t count;	  /* events; 0: no end */
	bool no_lost, quiet;
	/* Until all types are known: tcp and udp between addresses of this host alone, or all of it. */
	uint32_t loopback_types, whole_types;
};

/* As options_parse(). */
int dump_options_parse(struct dump_options *options, int argc, char **argv, int *ret_status);
void dump_options_done(struct dump_options *options);

#endif
