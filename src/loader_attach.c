// SPDX-License-Identifier: GPL-2.0-only
/* The programs of the rows that were chosen: attached, and what the kernel skipped them for. */
#include "loader_attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader.h"

/*
 * A row names two programs by one name: the one and the same again (bpf/run.bpf.h), or where the
 * function begins and where it returns.
 */
static const char *const suffixes[FLAVOURS][LINK_PROGRAMS] = {
	[FLAVOUR_FENTRY] = { "", "_again" },
	[FLAVOUR_TRACEPOINT] = { "", "_again" },
	[FLAVOUR_KPROBE] = { "_entered", "_returned" },
};

enum { ENTERED, RETURNED };

/* NULL: the second is not wanted. */
static struct bpf_program *program_find(const struct loader *loader, enum flavour flavour, const char *program,
					size_t which)
{
	char name[64];

	if (which && flavour != FLAVOUR_KPROBE && !loader->twice)
		return NULL;
	snprintf(name, sizeof(name), "%s%s", program, suffixes[flavour][which]);
	return bpf_object__find_program_by_name(loader->object, name);
}

/* The name of a part of a row that is used, or NULL. */
static const char *part_program(const struct loader *loader, size_t row, size_t part)
{
	if (!loader->chosen[row] || part >= HOOK_PARTS || !hooks[row].parts[part].program)
		return NULL;
	return hook_target(loader->kernel, &hooks[row], part) ? hooks[row].parts[part].program : NULL;
}

bool loader_has_kprobes(const struct loader *loader)
{
	for (size_t i = 0; i < HOOKS_MAX && hooks[i].event; i++)
		if (loader->chosen[i] && hooks[i].flavour == FLAVOUR_KPROBE)
			return true;
	return false;
}

/* target: NULL where the program itself names it, or it is told when it is attached. */
static int program_choose(struct loader *loader, enum flavour flavour, const char *name, const char *target)
{
	int error = 0;

	for (size_t i = 0; !error && i < LINK_PROGRAMS; i++) {
		struct bpf_program *program = program_find(loader, flavour, name, i);

		if (!program)
			continue;
		bpf_program__set_autoload(program, true);
		if (target && flavour != FLAVOUR_KPROBE)
			error = bpf_program__set_attach_target(program, 0, target);
	}
	return error;
}

int programs_choose(struct loader *loader)
{
	const char *name;
	int error = 0;

	if (loader_has_kprobes(loader))
		error = program_choose(loader, FLAVOUR_TRACEPOINT, CALL_LEFT, NULL);
	for (size_t i = 0; i < HOOKS_MAX && hooks[i].event; i++)
		for (size_t part = 0; !error && (name = part_program(loader, i, part)); part++)
			error = program_choose(loader, hooks[i].flavour, name,
					       hook_target(loader->kernel, &hooks[i], part));
	return error;
}

static struct hook_link *link_of(struct loader *loader, enum flavour flavour, const char *program)
{
	for (size_t i = 0; i < loader->link_count; i++)
		if (loader->links[i].flavour == flavour && !strcmp(loader->links[i].program, program))
			return &loader->links[i];
	return NULL;
}

/*
 * Which of the two goes first. The kernel runs the programs of a tracepoint in the order in which
 * they came; of a function's the last one comes first (bpf_trampoline_link_prog(), hlist_add_head()).
 * Of a kprobe whose kretprobe is not there yet, the call is found when it is left.
 */
static size_t program_order(const struct loader *loader, enum flavour flavour, const char *name, size_t turn)
{
	enum bpf_attach_type type;

	if (flavour == FLAVOUR_KPROBE)
		return turn;
	type = bpf_program__expected_attach_type(program_find(loader, flavour, name, 0));
	return type == BPF_TRACE_FEXIT || type == BPF_TRACE_FENTRY ? !turn : turn;
}

static int program_attach(struct loader *loader, enum flavour flavour, const char *name, const char *target)
{
	struct hook_link *link = link_of(loader, flavour, name);

	if (link)
		return 0;
	link = &loader->links[loader->link_count++];
	link->program = name;
	link->flavour = flavour;
	for (size_t turn = 0; turn < LINK_PROGRAMS; turn++) {
		size_t which = program_order(loader, flavour, name, turn);
		struct bpf_program *program = program_find(loader, flavour, name, which);

		if (!program)
			continue;
		link->links[which] = flavour == FLAVOUR_KPROBE ?
					     bpf_program__attach_kprobe(program, which == RETURNED, target) :
					     bpf_program__attach(program);
		if (!link->links[which]) {
			int error = -errno;

			snprintf(loader->culprit, sizeof(loader->culprit), "%s", name);
			return error;
		}
	}
	return 0;
}

int programs_attach(struct loader *loader)
{
	const char *name;
	int error = 0;

	if (loader_has_kprobes(loader))
		error = program_attach(loader, FLAVOUR_TRACEPOINT, CALL_LEFT, NULL);
	for (size_t i = 0; i < HOOKS_MAX && hooks[i].event; i++)
		for (size_t part = 0; !error && (name = part_program(loader, i, part)); part++)
			error = program_attach(loader, hooks[i].flavour, name,
					       hook_target(loader->kernel, &hooks[i], part));
	return error;
}

void programs_detach(struct loader *loader)
{
	for (size_t i = 0; i < loader->link_count; i++)
		for (size_t turn = LINK_PROGRAMS; turn--;)
			bpf_link__destroy(loader->links[i].links[turn]);
	memset(loader->links, 0, sizeof(loader->links));
	loader->link_count = 0;
}

static uint64_t program_skipped(const struct loader *loader, const struct hook_link *link, size_t which)
{
	const struct bpf_program *program = program_find(loader, link->flavour, link->program, which);
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	if (!program || bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
		return 0;
	return info.recursion_misses;
}

/* bpf_link_info of a perf event's kprobe, from 6.6 on, its misses from 6.7: newer than Debian 12's headers. */
struct kprobe_info {
	__u32 type, id, prog_id, pad;
	__u32 event_type, pad2;
	__u64 name;
	__u32 name_len, offset;
	__u64 address, misses, cookie;
};

/* For want of a place to return to, or as another kprobe was running. */
static uint64_t kprobe_missed(const struct hook_link *link, size_t which)
{
	struct kprobe_info info = { 0 };
	__u32 size = sizeof(info);

	if (!link->links[which] || bpf_obj_get_info_by_fd(bpf_link__fd(link->links[which]), &info, &size))
		return 0;
	return info.misses;
}

/* Its place in the list, or count. */
static size_t name_find(const char *const *names, size_t count, const char *name)
{
	size_t i = 0;

	while (i < count && (!names[i] || strcmp(names[i], name)))
		i++;
	return i;
}

static enum ipc_program program_by_name(const char *name)
{
	static const char *const names[IPC_PROGRAMS] = {
#define PROGRAM_NAME(name, ...) [IPC_PROGRAM_##name] = #name,
		IPC_TRACEPOINT_LIST(PROGRAM_NAME)
		IPC_ENTRY_LIST(PROGRAM_NAME)
		IPC_FUNCTION_LIST(PROGRAM_NAME)
#undef PROGRAM_NAME
	};

	return name_find(names, IPC_PROGRAMS, name);
}

/*
 * What both programs were skipped for: the first, but for what the second one caught up with; and no
 * more than the second was. Of a kprobe, what was not seen to begin: what was not seen to return is
 * found when the system call ends.
 */
static uint64_t runs_skipped_so_far(const struct loader *loader, const struct hook_link *link)
{
	uint64_t skipped = program_skipped(loader, link, 0), again, caught_up = 0;
	enum ipc_program program;

	if (link->flavour == FLAVOUR_KPROBE)
		return skipped + kprobe_missed(link, ENTERED);
	if (!link->links[1] || !skipped)
		return skipped;
	again = program_skipped(loader, link, 1);
	program = program_by_name(link->program);
	if (program < IPC_PROGRAMS)
		caught_up = loader->counters->caught_up[program];
	skipped -= caught_up < skipped ? caught_up : skipped;
	return again < skipped ? again : skipped;
}

/* Until the window closed: what is skipped while the maps are read is of nothing that they have. */
static uint64_t runs_skipped(const struct loader *loader, const struct hook_link *link)
{
	return loader->closed ? link->skipped_at_end : runs_skipped_so_far(loader, link);
}

/* Since the window opened. One that the second program was just about to catch up with then is none. */
static uint64_t runs_skipped_since(const struct loader *loader, const struct hook_link *link)
{
	uint64_t skipped = runs_skipped(loader, link);

	return skipped > link->skipped ? skipped - link->skipped : 0;
}

static uint64_t returns_missed(const struct loader *loader, const struct hook_link *link)
{
	return program_skipped(loader, link, RETURNED) + kprobe_missed(link, RETURNED);
}

static bool row_uses(const struct loader *loader, size_t row, const struct hook_link *link)
{
	const char *name;

	if (!loader->chosen[row])
		return false;
	if (hooks[row].flavour == FLAVOUR_KPROBE && !strcmp(link->program, CALL_LEFT))
		return true;
	for (size_t part = 0; hooks[row].flavour == link->flavour && (name = part_program(loader, row, part)); part++)
		if (!strcmp(name, link->program))
			return true;
	return false;
}

static bool link_sees(const struct loader *loader, const struct hook_link *link, uint32_t mechanisms)
{
	for (size_t i = 0; i < HOOKS_MAX && hooks[i].event; i++)
		if (hooks[i].mechanisms & mechanisms && !(hooks[i].seen & IPC_SEEN_ORDER) && row_uses(loader, i, link))
			return true;
	return false;
}

static enum ipc_function function_by_name(const char *name)
{
	static const char *const names[] = {
#define FUNCTION_NAME(name, kind, calls) #name,
		IPC_FUNCTION_LIST(FUNCTION_NAME)
#undef FUNCTION_NAME
	};

	return name_find(names, IPC_FUNCTIONS, name);
}

uint64_t loader_skipped(const struct loader *loader, uint32_t mechanisms)
{
	uint64_t skipped = 0;

	for (size_t i = 0; i < loader->link_count; i++)
		if (loader->links[i].flavour != FLAVOUR_KPROBE && link_sees(loader, &loader->links[i], mechanisms))
			skipped += runs_skipped_since(loader, &loader->links[i]);
	return skipped;
}

/* Of a kprobe's function, what was not seen to return and no system call told of. */
static uint64_t calls_unseen(const struct loader *loader, const struct hook_link *link)
{
	enum ipc_function function = function_by_name(link->program);

	if (link->flavour != FLAVOUR_KPROBE || function >= IPC_FUNCTIONS)
		return 0;
	return loader->counters->calls_lost[function] + loader->calls_left[function];
}

uint64_t loader_missed(const struct loader *loader, const char *event)
{
	uint64_t missed = 0;

	for (size_t i = 0; i < HOOKS_MAX && hooks[i].event; i++)
		for (size_t n = 0; !strcmp(hooks[i].event, event) && n < loader->link_count; n++)
			if (row_uses(loader, i, &loader->links[n]))
				missed += runs_skipped(loader, &loader->links[n]) + calls_unseen(loader, &loader->links[n]);
	return missed;
}

uint64_t loader_unseen(const struct loader *loader, uint32_t mechanisms)
{
	uint64_t unseen = 0;

	for (size_t i = 0; i < loader->link_count; i++) {
		const struct hook_link *link = &loader->links[i];

		if (link->flavour == FLAVOUR_KPROBE && link_sees(loader, link, mechanisms))
			unseen += runs_skipped_since(loader, link) + calls_unseen(loader, link);
	}
	return unseen;
}

/* Does the kernel say that it showed every return of this function since the window opened? */
static bool returns_are_whole(struct loader *loader, enum ipc_function function)
{
	for (size_t i = 0; loader->kprobe_misses && i < loader->link_count; i++) {
		const struct hook_link *link = &loader->links[i];

		if (link->flavour == FLAVOUR_KPROBE && function_by_name(link->program) == function)
			return returns_missed(loader, link) == link->returns_missed;
	}
	return false;
}

/*
 * The window closes: of calls that no system call ends with, nobody knows whether they still run or
 * have returned unseen.
 */
static void calls_left_count(struct loader *loader)
{
	bool whole[IPC_FUNCTIONS];
	struct ipc_running calls;
	__u64 key, *before = NULL;

	if (!loader_has_kprobes(loader))
		return;
	for (size_t i = 0; i < IPC_FUNCTIONS; i++)
		whole[i] = returns_are_whole(loader, i);
	/* What is gone meanwhile begins anew: so not for ever. */
	for (size_t n = 0; n < 2 * IPC_RUNNING_MAX && !bpf_map_get_next_key(loader->running, before, &key); n++) {
		before = &key;
		if (bpf_map_lookup_elem(loader->running, &key, &calls))
			continue;
		for (size_t i = 0; i < calls.depth && i < IPC_RUNNING_DEPTH; i++)
			if (calls.frames[i].apart && calls.frames[i].function < IPC_FUNCTIONS &&
			    !whole[calls.frames[i].function])
				loader->calls_left[calls.frames[i].function]++;
	}
}

void loader_ready(struct loader *loader, bool ready)
{
	for (size_t i = 0; ready && i < loader->link_count; i++) {
		struct hook_link *link = &loader->links[i];

		link->skipped = runs_skipped(loader, link);
		if (link->flavour == FLAVOUR_KPROBE)
			link->returns_missed = returns_missed(loader, link);
	}
	__atomic_store_n(loader->ready, ready, __ATOMIC_SEQ_CST);
	if (ready)
		return;
	for (size_t i = 0; i < loader->link_count; i++)
		loader->links[i].skipped_at_end = runs_skipped(loader, &loader->links[i]);
	loader->closed = true;
	calls_left_count(loader);
}
