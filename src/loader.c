// SPDX-License-Identifier: GPL-2.0-only
#include "loader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "direct.skel.h"
#include "probe.skel.h"

/* libbpf's last complaint, for the error line; its own printing is turned off. */
static char last_message[256];

static int message_keep(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char line[256];

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(line, sizeof(line), format, arguments);
	line[strcspn(line, "\n")] = '\0';
	if (strstr(line, "failed") || strstr(line, "can't"))
		memcpy(last_message, line, sizeof(line));
	return 0;
}

static int fail(char **ret_error, int error, const char *what)
{
	if (asprintf(ret_error, "%s: %s%s%s", what, strerror(-error), *last_message ? ": " : "",
		     last_message) < 0)
		*ret_error = NULL;
	return error;
}

#define SENDERS_MAX 65536
#define RECEIVED_ROOM 65536

/* Both builds have the same variables and maps; only their types differ by name. */
#define OPEN(name)                                                                   \
	do {                                                                         \
		struct name *skeleton = name##__open();                              \
		if (!skeleton)                                                       \
			return -errno;                                               \
		loader->skeleton = skeleton;                                         \
		loader->object = skeleton->obj;                                      \
		skeleton->rodata->settings = *settings;                              \
		bpf_map__set_max_entries(skeleton->maps.flows, loader->sizes.flows); \
		if (!loader->twice)                                                  \
			bpf_map__set_max_entries(skeleton->maps.runs, 1);            \
		if (!settings->stream)                                               \
			break;                                                       \
		bpf_map__set_max_entries(skeleton->maps.events, loader->sizes.events); \
		bpf_map__set_max_entries(skeleton->maps.senders, SENDERS_MAX);       \
		bpf_map__set_max_entries(skeleton->maps.arrivals, SENDERS_MAX);      \
		bpf_map__set_max_entries(skeleton->maps.received_room, RECEIVED_ROOM); \
	} while (0)

#define LOADED(name)                                                                 \
	do {                                                                         \
		struct name *skeleton = loader->skeleton;                            \
		loader->ready = &skeleton->bss->ready;                               \
		loader->counters = &skeleton->bss->counters;                         \
		loader->flows = bpf_map__fd(skeleton->maps.flows);                   \
		loader->followed = bpf_map__fd(skeleton->maps.followed);             \
		loader->records = bpf_map__fd(skeleton->maps.records);               \
		loader->events = bpf_map__fd(skeleton->maps.events);                 \
		loader->ptys = bpf_map__fd(skeleton->maps.ptys);                     \
	} while (0)

/* Tracepoints are preemptible from 7.0 on; IPCMAP_TEST_TWICE tries the remedy elsewhere. */
static bool programs_can_be_preempted(void)
{
	struct utsname uts;

	return getenv("IPCMAP_TEST_TWICE") || (!uname(&uts) && atoi(uts.release) >= 7);
}

static int object_open(struct loader *loader, const struct ipc_settings *settings)
{
	if (loader->direct)
		OPEN(ipcmap_direct);
	else
		OPEN(ipcmap_probe);
	return 0;
}

static int object_load(struct loader *loader)
{
	int error;

	/* bpf_object__load_skeleton() also maps .bss, where ready and the counters are. */
	if (loader->direct) {
		error = ipcmap_direct__load(loader->skeleton);
		if (!error)
			LOADED(ipcmap_direct);
	} else {
		error = ipcmap_probe__load(loader->skeleton);
		if (!error)
			LOADED(ipcmap_probe);
	}
	return error;
}

static void object_close(struct loader *loader)
{
	if (!loader->skeleton)
		return;
	if (loader->direct)
		ipcmap_direct__destroy(loader->skeleton);
	else
		ipcmap_probe__destroy(loader->skeleton);
	loader->skeleton = NULL;
	loader->object = NULL;
}

static bool hook_wanted(const struct loader *loader, const struct hook *hook,
			const struct ipc_settings *settings)
{
	if (!(hook->mechanisms & settings->mechanism_mask))
		return false;
	if (hook->when == HOOK_FILTERED && !settings->filter_on)
		return false;
	if (hook->when == HOOK_STREAM && !settings->stream)
		return false;
	return hook_target_exists(loader->kernel, hook);
}

/* The second program of a row, bpf/run.bpf.h; NULL where it is not wanted. */
static struct bpf_program *program_again(const struct loader *loader, const struct hook *hook)
{
	char name[64];

	if (!loader->twice)
		return NULL;
	snprintf(name, sizeof(name), "%s_again", hook->program);
	return bpf_object__find_program_by_name(loader->object, name);
}

static void programs_choose(struct loader *loader, const struct ipc_settings *settings)
{
	for (const struct hook *hook = hooks; hook->event; hook++) {
		struct bpf_program *program =
			bpf_object__find_program_by_name(loader->object, hook->program);

		if (!program)
			continue;
		bpf_program__set_autoload(program, hook_wanted(loader, hook, settings));
		program = program_again(loader, hook);
		if (program)
			bpf_program__set_autoload(program, hook_wanted(loader, hook, settings));
	}
}

/* Preallocation: 5.10 warns of BPF_F_NO_PREALLOC in tracing; 6.1 made it safe. */
static void maps_choose(struct loader *loader)
{
	struct bpf_map *map;

	if (loader->direct || kernel_function_exists(loader->kernel, "bpf_mem_cache_alloc") ||
	    kernel_function_exists(loader->kernel, "bpf_mem_alloc_init"))
		return;
	bpf_object__for_each_map(map, loader->object)
		bpf_map__set_map_flags(map, bpf_map__map_flags(map) & ~BPF_F_NO_PREALLOC);
}

static int programs_attach(struct loader *loader)
{
	for (size_t i = 0; hooks[i].event && i < HOOKS_MAX; i++) {
		struct bpf_program *program =
			bpf_object__find_program_by_name(loader->object, hooks[i].program);

		if (!program || !bpf_program__autoload(program))
			continue;
		loader->links[i] = bpf_program__attach(program);
		if (!loader->links[i] && !hooks[i].without)
			return -errno;
		/* After the first: the kernel runs them in the order in which they came. */
		program = loader->links[i] ? program_again(loader, &hooks[i]) : NULL;
		if (program)
			loader->again[i] = bpf_program__attach(program);
	}
	return 0;
}

static void settings_complete(const struct loader *loader, struct ipc_settings *settings)
{
	static const struct hook sent = { .flavour = FLAVOUR_TRACEPOINT, .target = "sock_send_length" };

	calls_fill(settings);
	settings->sockets_by_syscall = !hook_target_exists(loader->kernel, &sent);
	settings->splice_sends_message = !settings->sockets_by_syscall &&
					 kernel_function_exists(loader->kernel, "splice_to_socket");
	settings->mptcp_splices = kernel_function_exists(loader->kernel, "mptcp_splice_read");
	settings->twice = loader->twice;
	settings->wakeup_bytes = 1 << 20;
}

static int loader_try(struct loader *loader, const struct ipc_settings *settings)
{
	int error = object_open(loader, settings);

	if (error)
		return error;
	programs_choose(loader, settings);
	maps_choose(loader);
	error = object_load(loader);
	if (!error)
		error = programs_attach(loader);
	return error;
}

int loader_open(struct loader *loader, const struct ipc_settings *settings, const struct loader_sizes *sizes,
		char **ret_error)
{
	struct ipc_settings complete = *settings;
	int error;

	memset(loader, 0, sizeof(*loader));
	*last_message = '\0';
	libbpf_set_print(message_keep);
	loader->sizes = *sizes;
	loader->kernel = btf__load_vmlinux_btf();
	if (!loader->kernel)
		return fail(ret_error, -errno, "this kernel has no BTF (/sys/kernel/btf/vmlinux)");
	loader->twice = programs_can_be_preempted();
	settings_complete(loader, &complete);
	/* bpf_rdonly_cast came with 6.2 */
	loader->direct = kernel_function_exists(loader->kernel, "bpf_rdonly_cast") &&
			 !getenv("IPCMAP_TEST_PROBE_LOADS");
	error = loader_try(loader, &complete);
	if (error && loader->direct) {
		loader_close(loader);
		memcpy(loader->refused, last_message, sizeof(loader->refused));
		loader->sizes = *sizes;
		loader->kernel = btf__load_vmlinux_btf();
		loader->twice = complete.twice;
		error = loader_try(loader, &complete);
	}
	if (error) {
		fail(ret_error, error, "cannot load the BPF programs");
		loader_close(loader);
	}
	return error;
}

static uint64_t program_skipped(const struct bpf_program *program)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
		return 0;
	return info.recursion_misses;
}

/* What both programs were skipped for, which can't be more than either was. */
static uint64_t runs_skipped(const struct loader *loader, size_t row)
{
	const struct bpf_program *program;
	uint64_t skipped, again;

	if (!loader->links[row])
		return 0;
	program = bpf_object__find_program_by_name(loader->object, hooks[row].program);
	skipped = program_skipped(program);
	if (!loader->again[row] || !skipped)
		return skipped;
	again = program_skipped(program_again(loader, &hooks[row]));
	return again < skipped ? again : skipped;
}

uint64_t loader_skipped(const struct loader *loader, size_t row)
{
	return runs_skipped(loader, row) - loader->skipped[row];
}

void loader_ready(struct loader *loader, bool ready)
{
	for (size_t i = 0; ready && hooks[i].event && i < HOOKS_MAX; i++)
		loader->skipped[i] = runs_skipped(loader, i);
	__atomic_store_n(loader->ready, ready, __ATOMIC_SEQ_CST);
}

int loader_iterate(struct loader *loader, const char *name)
{
	struct bpf_program *program = bpf_object__find_program_by_name(loader->object, name);
	struct bpf_link *link;
	int fd;

	if (!program)
		return -ENOENT;
	link = bpf_program__attach_iter(program, NULL);
	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	if (fd < 0)
		fd = -errno;
	bpf_link__destroy(link); /* the iterator keeps what it needs */
	return fd;
}

bool loader_has_event(const struct loader *loader, const char *event)
{
	for (size_t i = 0; hooks[i].event && i < HOOKS_MAX; i++)
		if (!strcmp(hooks[i].event, event) && loader->links[i])
			return true;
	return false;
}

void loader_close(struct loader *loader)
{
	for (size_t i = 0; i < HOOKS_MAX; i++) {
		bpf_link__destroy(loader->again[i]);
		bpf_link__destroy(loader->links[i]);
	}
	object_close(loader);
	btf__free(loader->kernel);
	memset(loader, 0, sizeof(*loader));
}
