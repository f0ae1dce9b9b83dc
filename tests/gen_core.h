/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory that all processes of one run share; for gen_core, gen_truth and main only. */
#ifndef GEN_CORE_H
#define GEN_CORE_H

#include "ipcgen.h"

#define GEN_ACTORS 1280
#define GEN_EDGES 8192
#define GEN_SUMS 32
#define GEN_PROCESSES 1300

struct actor_state {
	pid_t pid, parent; /* in the initial pid namespace */
	pid_t local;	   /* as its parent calls it */
	char comm[GEN_COMM_LEN];
	uint32_t ready, done, released;
	unsigned int sigchlds; /* besides the one of its end */
	bool reaped, src_comm;
};

struct truth_process {
	pid_t pid, ppid;
	char comm[GEN_COMM_LEN];
	char exe[GEN_NAME_LEN]; /* empty: ipcgen itself */
};

struct shared {
	uint32_t failed; /* the exit status of the first that failed */
	pid_t main_local;
	uint32_t steps[GEN_STEPS];
	int64_t values[GEN_VALUES];
	struct tally tallies[GEN_TALLIES];
	unsigned int actor_count, edge_count, sum_count, process_count;
	struct actor_state actors[GEN_ACTORS];
	struct truth_edge edges[GEN_EDGES];
	struct truth_sum sums[GEN_SUMS];
	struct truth_process processes[GEN_PROCESSES];
};

extern struct shared *shared;

void shared_init(void);
void scratch_init(void);
void scratch_remove(void);
/* Writes the truth as JSON; 0 or -1 with errno. */
int truth_write(const char *path);
/* Where the truth goes, or NULL. */
extern const char *truth_path;
/* Where hold_ready() says that it is ready; NULL: the run does not hold. */
extern const char *hold_path;

#endif
