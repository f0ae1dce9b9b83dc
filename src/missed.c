// SPDX-License-Identifier: GPL-2.0-only
#include "missed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_LOST "who read whose bytes is not known where several write and several read: the kernel skipped what tells it, or its table was full"
#define RECORDS_LOST "names and pairs may be missing: the kernel had more to tell of processes and channels than its buffer holds"
#define MARKS_LOST "not all that others than the filter's processes did is counted: there was no room to mark its channel (--max-flows)"

uint64_t missed_runs(const struct loader *loader, uint32_t mechanisms)
{
	return loader_skipped(loader, mechanisms) + loader_unseen(loader, mechanisms);
}

static uint64_t events_lost(const volatile struct ipc_counters *counters, size_t mechanism)
{
	return counters->flows_refused[mechanism] + counters->events_missed[mechanism];
}

static uint64_t records_lost(const volatile struct ipc_counters *counters)
{
	uint64_t lost = 0;

	for (size_t i = 0; i <= IPC_RECORD_PATH; i++)
		lost += counters->records_lost[i];
	return lost;
}

uint64_t missed_total(const struct loader *loader, uint64_t runs)
{
	uint64_t lost = records_lost(loader->counters) + loader->counters->marks_refused + runs;

	for (size_t i = 0; i < IPC_MECHANISMS; i++)
		lost += events_lost(loader->counters, i);
	return lost;
}

void missed_take(const struct loader *loader, uint64_t runs, struct capture *capture)
{
	const volatile struct ipc_counters *counters = loader->counters;
	/* A socket whose other end was not told of is not one that nobody reads. */
	bool any = counters->marks_refused || counters->records_lost[IPC_RECORD_OBJECT];

	for (size_t i = 0; i < IPC_MECHANISMS; i++) {
		capture->lost[i] = events_lost(counters, i);
		capture->incomplete[i] = any || capture->lost[i] || missed_runs(loader, 1U << i);
	}
	capture->records_lost = records_lost(counters) + counters->marks_refused + runs;
	capture->unresolved = counters->calls_unresolved;
}

/* Another of them, after a semicolon, unless it is there already; a line that memory is short for is left out. */
static void gap_add(char **gaps, const char *gap)
{
	char *more;

	if (*gaps && strstr(*gaps, gap))
		return;
	if (asprintf(&more, "%s%s%s", *gaps ? *gaps : "", *gaps ? "; " : "", gap) < 0)
		return;
	free(*gaps);
	*gaps = more;
}

static void gap_add_lost(char **gaps, uint64_t lost, const char *why)
{
	char text[160];

	if (!lost)
		return;
	snprintf(text, sizeof(text), "at most %llu events lost: %s", (unsigned long long)lost, why);
	gap_add(gaps, text);
}

/* Of a hook that tells who read whose bytes. */
static bool order_lost(const struct capture *capture, const struct hook *hook)
{
	if (!(hook->seen & IPC_SEEN_ORDER))
		return false;
	return hook->seen & IPC_SEEN_PIPE_ORDER ? capture->order_lost : capture->carried_lost;
}

/* What of a mechanism this trace could not see, though it was traced. */
static char *mechanism_gaps(const struct loader *loader, const struct capture *capture, size_t mechanism)
{
	char *gaps = NULL;

	for (const struct hook *hook = hooks; hook->event; hook++) {
		const struct hook *row = loader_row(loader, hook->event);

		if (!(hook->mechanisms & 1U << mechanism))
			continue;
		if (row == hook && loader_lacks(loader, hook))
			gap_add(&gaps, loader_lacks(loader, hook));
		if (row == hook && order_lost(capture, hook))
			gap_add(&gaps, ORDER_LOST);
		if (!row && hook->without && !(hook->when == HOOK_FILTERED && !capture->filtered))
			gap_add(&gaps, hook->without);
	}
	gap_add_lost(&gaps, loader_skipped(loader, 1U << mechanism),
		     "this kernel can preempt a program, and then skips it");
	gap_add_lost(&gaps, loader_unseen(loader, 1U << mechanism),
		     "this kernel did not show a kprobe where these calls began, or returned");
	if (loader->counters->marks_refused)
		gap_add(&gaps, MARKS_LOST);
	if (records_lost(loader->counters))
		gap_add(&gaps, RECORDS_LOST);
	return gaps;
}

int missed_tell(const struct loader *loader, uint32_t traced, const struct capture *capture, struct map *map)
{
	int error = completeness_begin(&map->completeness, traced);

	for (size_t i = 0; !error && i < IPC_MECHANISMS; i++) {
		struct mechanism_state *state = &map->completeness.mechanisms[i];

		state->lost = capture->lost[i];
		if (!(traced & 1U << i))
			continue;
		state->hooks = loader_flavours(loader, 1U << i);
		state->reason = mechanism_gaps(loader, capture, i);
	}
	return error;
}
