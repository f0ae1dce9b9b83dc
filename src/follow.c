// SPDX-License-Identifier: GPL-2.0-only
#include "follow.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include <bpf/bpf.h>

static int follow_one(const struct follow *follow, uint32_t tgid, uint8_t role)
{
	uint8_t before = 0;

	if (!bpf_map_lookup_elem(follow->followed, &tgid, &before))
		role |= before;
	return bpf_map_update_elem(follow->followed, &tgid, &role, BPF_ANY);
}

/* A process that the user names by its pid in our own namespace. */
static int follow_number(const struct follow *follow, pid_t pid, uint8_t role)
{
	struct capture_process *process, *next;

	HASH_ITER(hh, follow->capture->processes, process, next)
		if (process->number == (uint32_t)pid)
			return follow_one(follow, process->key.tgid, role);
	return -ESRCH;
}

static int follow_named(const struct follow *follow, char **ret_error)
{
	const struct options *options = follow->options;
	const struct stream_options *stream = options->stream;
	int error = follow->command ? follow_number(follow, follow->command, IPC_ROLE_TREE) : 0;

	for (size_t i = 0; i < options->pid_count && !error; i++) {
		error = follow_number(follow, options->pids[i], stream ? stream->pid_roles[i] : IPC_ROLE_TREE);
		if (error && asprintf(ret_error, "process %d is %s", options->pids[i],
				      kill(options->pids[i], 0) && errno == ESRCH ?
					      "gone" : "none of those that this kernel lists (iter/task)") < 0)
			*ret_error = NULL;
	}
	return error;
}

/*
 * The descendants of the processes that are followed. They are followed as
 * they fork from now on; those that were there before are found by their
 * parents, in as many turns as the tree has levels.
 */
static int follow_descendants(const struct follow *follow)
{
	struct capture_process *process, *next;
	bool found = true;
	int error;

	while (found) {
		found = false;
		HASH_ITER(hh, follow->capture->processes, process, next) {
			__u32 parent = process->parent;
			__u8 value = 0;

			if (process->tracked || bpf_map_lookup_elem(follow->followed, &parent, &value) ||
			    !(value & IPC_ROLE_TREE))
				continue;
			error = follow_one(follow, process->key.tgid, IPC_ROLE_TREE);
			if (error)
				return error;
			process->tracked = found = true;
		}
	}
	return 0;
}

/* Who descends from whom must be known before channels can be marked as theirs. */
int follow_begin(const struct follow *follow, char **ret_error)
{
	int error = collector_processes(follow->collector);

	if (!error)
		error = follow_named(follow, ret_error);
	/* Twice: what was forked before its parent was followed, and after it was looked for. */
	for (int i = 0; i < 2 && !error; i++) {
		error = follow_descendants(follow);
		if (!error)
			error = collector_processes(follow->collector);
	}
	return error ? error : follow_descendants(follow);
}
