// SPDX-License-Identifier: GPL-2.0-only
#include "forget.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

/* A process outside our pid namespace has no number here to ask for: most are waited for by then. */
#define UNSEEN_NS (60 * 1000000000ULL)

/*
 * Who is older than the window may have left bytes that are read in it: they are kept. A zombie may still
 * be sent signals. Where its number is another's by now, it is kept until the next time.
 */
static bool process_is_gone(const struct capture *capture, const struct capture_process *process, uint64_t now)
{
	if (!process->exited || process->key.start < capture->started + capture->boottime_offset)
		return false;
	if (!process->number)
		return process->ended + UNSEEN_NS < now;
	return kill(process->number, 0) && errno == ESRCH;
}

void forget_begin(struct capture *capture, uint64_t now)
{
	struct capture_process *process, *next;

	HASH_ITER(hh, capture->processes, process, next)
		process->gone = process->gone || process_is_gone(capture, process, now);
	HASH_ITER(hh, capture->processes, process, next)
		process->forget = process->gone;
}

static void keep(struct capture *capture, struct process_key key)
{
	struct capture_process *process = capture_find_process(capture, key);

	if (process)
		process->forget = false;
}

void forget_keep(struct capture *capture, const struct ipc_flow_key *key)
{
	keep(capture, (struct process_key){ .start = key->start, .tgid = key->tgid });
	if (key->mechanism == IPC_SIGNAL)
		keep(capture, (struct process_key){ .start = key->object, .tgid = (uint32_t)key->remote });
}

static void keep_holders(struct capture *capture, const struct descriptor_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		keep(capture, list->rows[i].process);
}

/* What a process's parent is called is told with it. Of those that are kept for that alone nobody asks. */
static void keep_parents(struct capture *capture)
{
	struct capture_process *process, *next, *parent;

	HASH_ITER(hh, capture->processes, process, next)
		process->has_child = false;
	HASH_ITER(hh, capture->processes, process, next) {
		struct process_key key = { .start = process->parent_start, .tgid = process->parent };

		if (process->forget)
			continue;
		parent = capture_find_process(capture, key);
		if (parent)
			parent->has_child = true;
	}
}

size_t forget_end(struct capture *capture)
{
	struct capture_process *process, *next;
	size_t forgotten = 0;

	for (size_t i = 0; i < capture->flow_count; i++)
		forget_keep(capture, &capture->flows[i].key);
	keep_holders(capture, &capture->at_start);
	keep_holders(capture, &capture->at_end);
	keep_holders(capture, &capture->weighed_first);
	keep_holders(capture, &capture->weighed_last);
	keep_holders(capture, &capture->writing_first);
	keep_holders(capture, &capture->writing_last);
	keep_parents(capture);
	HASH_ITER(hh, capture->processes, process, next) {
		if (!process->forget || process->has_child)
			continue;
		HASH_DEL(capture->processes, process);
		process_free(process);
		forgotten++;
	}
	return forgotten;
}
