/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of `ipcmap`, parsed. One table drives parsing and --help. */
#ifndef IPCMAP_OPTIONS_H
#define IPCMAP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hooks.h"
#include "outputs.h"
#include "view.h"

/* ipcdump: what the kernel sends of each event, and by what it is chosen. */
struct stream_options {
	bool contents;
	uint64_t contents_max; /* of each event; 0: all */
	uint32_t buffer;       /* bytes of the ring, a power of two */
	uint8_t loopback;      /* as in struct ipc_settings */
	uint8_t *pid_roles, *comm_roles; /* enum ipc_role, one for each of pids and comms; owned */
	size_t pid_role_count, comm_role_count;
};

struct options {
	double duration; /* seconds; 0: until a signal or the command's end */
	double interval; /* seconds of a frame; 0: no frames */
	struct output *outputs;
	size_t output_count;
	uint32_t mechanisms; /* bit 1 << enum ipc_mechanism */
	pid_t *pids;
	size_t pid_count;
	const char **comms;
	size_t comm_count;
	const char **cgroups;
	size_t cgroup_count;
	char **command; /* argv after --, NULL-terminated; NULL: none */
	bool idle, self, external, cmdline, quiet, verbose;
	uint32_t max_flows; /* 0: the default */
	enum flavour flavour; /* FLAVOUR_ANY: the best there is */
	struct view_options view;
	const struct stream_options *stream; /* NULL: a map is made */
};

/*
 * Parses argv. Returns 0; or -1 when the caller should exit at once with
 * *ret_status (--help, --version: 0; a mistake: EXIT_USAGE, told on stderr in
 * one line). The strings are argv's; options_done() frees the arrays.
 */
int options_parse(struct options *options, int argc, char **argv, int *ret_status);
void options_done(struct options *options);

#endif
