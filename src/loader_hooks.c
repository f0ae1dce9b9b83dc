// SPDX-License-Identifier: GPL-2.0-only
/* Which row of the table of hooks sees an event on this kernel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"
#include "loader_hooks.h"

/* Is the row of any use to this trace? */
static bool hook_wanted(const struct hook *hook, const struct ipc_settings *settings)
{
	if (!(hook->mechanisms & settings->mechanism_mask))
		return false;
	/* for `make bench-vm`: what the order alone costs */
	if (hook->seen & IPC_SEEN_ORDER && getenv("IPCMAP_TEST_NO_ORDER"))
		return false;
	if (hook->when == HOOK_FILTERED)
		return settings->filter_on;
	if (hook->when == HOOK_STREAM)
		return settings->stream;
	return hook->when != HOOK_MAP || !settings->stream;
}

/* Can it be had, as far as is known before it is loaded? Else the reason is kept. */
static bool hook_possible(struct loader *loader, size_t row)
{
	const struct hook *hook = &hooks[row];
	const char *tracepoint, *missing;

	if (loader->refusals[row][0])
		return false;
	if (*loader->flavour_refused[hook->flavour]) {
		memcpy(loader->refusals[row], loader->flavour_refused[hook->flavour], REFUSAL_SIZE);
		return false;
	}
	/* Dear: every mutex that is released pays, and every packet. And nothing of it may go unseen. */
	if (hook->flavour == FLAVOUR_KPROBE && hook->seen & IPC_SEEN_ORDER &&
	    (loader->flavour != FLAVOUR_KPROBE || loader->kprobes_skip)) {
		snprintf(loader->refusals[row], sizeof(loader->refusals[row]), "%s",
			 loader->kprobes_skip ? "this kernel may skip kprobes and not tell" : "with --flavour kprobe alone");
		return false;
	}
	tracepoint = hook_tracepoint(loader->kernel, hook);
	if (tracepoint) {
		snprintf(loader->refusals[row], sizeof(loader->refusals[row]), "the tracepoint %s is there", tracepoint);
		return false;
	}
	missing = hook_missing(loader->kernel, hook);
	if (missing)
		snprintf(loader->refusals[row], sizeof(loader->refusals[row]), "this kernel has no %s", missing);
	return !missing;
}

/* The best row of the event of hooks[first], or HOOKS_MAX. */
static size_t event_choose(struct loader *loader, const struct ipc_settings *settings, size_t first, bool forced)
{
	for (size_t i = first; hooks[i].event; i++)
		if (!strcmp(hooks[i].event, hooks[first].event) && hook_wanted(&hooks[i], settings) &&
		    (!forced || hooks[i].flavour == loader->flavour) && hook_possible(loader, i))
			return i;
	return HOOKS_MAX;
}

static bool event_is_first(size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (!strcmp(hooks[i].event, hooks[row].event))
			return false;
	return true;
}

/* Is the program of a row of kprobes there for another event? */
static bool kprobe_is_there(const struct loader *loader, size_t row)
{
	for (size_t i = 0; i < HOOKS_MAX && hooks[i].event; i++)
		if (loader->chosen[i] && hooks[i].flavour == FLAVOUR_KPROBE &&
		    !strcmp(hooks[i].parts[0].program, hooks[row].parts[0].program))
			return true;
	return false;
}

/*
 * A function's hook sees whoever calls it. Where one is there for what no tracepoint shows (io_uring
 * before 5.19), it is also the one for what a tracepoint would: it sees that anyway.
 */
static void kprobes_share(struct loader *loader, const struct ipc_settings *settings)
{
	for (size_t i = 0; i < HOOKS_MAX && hooks[i].event; i++) {
		if (hooks[i].flavour != FLAVOUR_KPROBE || loader->chosen[i] || !kprobe_is_there(loader, i) ||
		    !hook_wanted(&hooks[i], settings) || !hook_possible(loader, i))
			continue;
		for (size_t other = 0; other < HOOKS_MAX && hooks[other].event; other++)
			if (!strcmp(hooks[other].event, hooks[i].event))
				loader->chosen[other] = other == i;
	}
}

void hooks_choose(struct loader *loader, struct ipc_settings *settings)
{
	memset(loader->chosen, 0, sizeof(loader->chosen));
	settings->seen = 0;
	for (size_t i = 0; i < HOOKS_MAX && hooks[i].event; i++) {
		size_t row = HOOKS_MAX;

		if (!event_is_first(i))
			continue;
		if (loader->flavour != FLAVOUR_ANY)
			row = event_choose(loader, settings, i, true);
		if (row == HOOKS_MAX)
			row = event_choose(loader, settings, i, false);
		if (row == HOOKS_MAX)
			continue;
		loader->chosen[row] = true;
	}
	kprobes_share(loader, settings);
	for (size_t i = 0; i < HOOKS_MAX && hooks[i].event; i++)
		if (loader->chosen[i])
			settings->seen |= hooks[i].seen;
	calls_fill(settings);
	calls_thin(settings);
}
