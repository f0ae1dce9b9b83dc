// SPDX-License-Identifier: GPL-2.0-only
#include "loader.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "direct.skel.h"
#include "loader_attach.h"
#include "loader_hooks.h"
#include "privilege.h"
#include "probe.skel.h"

/* libbpf's last complaint, for the error line, and its first of a program; its own printing is off. */
static char last_message[256], culprit_message[256];

static int message_keep(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char line[256];

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(line, sizeof(line), format, arguments);
	line[strcspn(line, "\n")] = '\0';
	if (strstr(line, "failed") || strstr(line, "can't"))
		memcpy(last_message, line, sizeof(line));
	if (!*culprit_message && strstr(line, "prog '"))
		memcpy(culprit_message, line, sizeof(line));
	return 0;
}

/* Which program it was that did not load: "libbpf: prog 'NAME': failed to ..." */
static void culprit_find(struct loader *loader)
{
	static const char *const suffixes[] = { "_again", "_entered", "_returned" };
	const char *name = strstr(culprit_message, "prog '");
	char *suffix;

	if (!name)
		return;
	name += strlen("prog '");
	snprintf(loader->culprit, sizeof(loader->culprit), "%.*s", (int)strcspn(name, "'"), name);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		suffix = strstr(loader->culprit, suffixes[i]);
		if (suffix)
			*suffix = '\0';
	}
}

static int fail(char **ret_error, int error, const char *what)
{
	if (asprintf(ret_error, "%s: %s%s%s", what, strerror(-error), *last_message ? ": " : "",
		     last_message) < 0)
		*ret_error = NULL;
	return error;
}

#define MARKS_MIN 262144
#define MARKS_MAX 1048576 /* a connection takes three, and they stay when it is gone */
#define SENDERS_MAX 65536
#define RECEIVED_ROOM 65536

/*
 * Where loads are direct a look-up is the dearest part of an event. ipcdump has dearer ones,
 * and who allows few flows wants to have no more than these.
 */
static bool slots_wanted(const struct loader *loader, const struct ipc_settings *settings)
{
	return loader->direct && !settings->stream && loader->options.flows >= IPC_SLOTS;
}

/*
 * Both builds have the same variables and maps; only their types differ by name. A type that
 * this kernel's BTF has not, libbpf looks for in every module's, and is refused that without
 * CAP_SYS_ADMIN (bpf_core_find_cands(), btf_get_next_id()); not where it is given a BTF.
 */
#define OPEN(name)                                                                   \
	do {                                                                         \
		LIBBPF_OPTS(bpf_object_open_opts, opened);                           \
		if (!privilege_has(CAP_SYS_ADMIN))                                   \
			opened.btf_custom_path = "/sys/kernel/btf/vmlinux";          \
		struct name *skeleton = name##__open_opts(&opened);                  \
		if (!skeleton)                                                       \
			return -errno;                                               \
		loader->skeleton = skeleton;                                         \
		loader->object = skeleton->obj;                                      \
		skeleton->rodata->settings = *settings;                              \
		skeleton->rodata->settings.slots = slots_wanted(loader, settings);   \
	} while (0)

#define LOADED(name)                                                                 \
	do {                                                                         \
		struct name *skeleton = loader->skeleton;                            \
		loader->ready = &skeleton->bss->ready;                               \
		loader->counters = &skeleton->bss->counters;                         \
		loader->flows = bpf_map__fd(skeleton->maps.flows);                   \
		loader->slot_keys = bpf_map__fd(skeleton->maps.slot_keys);           \
		error = slots_map(loader, bpf_map__fd(skeleton->maps.slots),         \
				  bpf_map__max_entries(skeleton->maps.slots));       \
		loader->followed = bpf_map__fd(skeleton->maps.followed);             \
		loader->records = bpf_map__fd(skeleton->maps.records);               \
		loader->events = bpf_map__fd(skeleton->maps.events);                 \
		loader->ptys = bpf_map__fd(skeleton->maps.ptys);                     \
		loader->taken = bpf_map__fd(skeleton->maps.taken);                   \
		loader->taken_keys = bpf_map__fd(skeleton->maps.taken_keys);         \
		loader->taken_slots = bpf_map__fd(skeleton->maps.taken_slots);       \
		loader->shared_pipes = bpf_map__fd(skeleton->maps.shared_pipes);     \
		loader->running = bpf_map__fd(skeleton->maps.running);               \
	} while (0)

static int slots_map(struct loader *loader, int fd, uint32_t count)
{
	void *slots;

	if (count != IPC_SLOTS)
		return 0;
	slots = mmap(NULL, IPC_SLOTS * sizeof(struct ipc_slot), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (slots == MAP_FAILED)
		return -errno;
	loader->slots = slots;
	return 0;
}

/* Tracepoints are preemptible from 7.0 on; IPCMAP_TEST_TWICE tries the remedy elsewhere. */
static bool programs_can_be_preempted(void)
{
	return getenv("IPCMAP_TEST_TWICE") || kernel_is_since(7, 0);
}

static void map_resize(struct loader *loader, const char *name, uint32_t entries)
{
	bpf_map__set_max_entries(bpf_object__find_map_by_name(loader->object, name), entries);
}

/* Are entries made one by one? Where they can't be, in advance: 5.10 warns of BPF_F_NO_PREALLOC in tracing; 6.1 made it safe. */
static bool maps_grow(const struct loader *loader)
{
	return loader->direct || kernel_function_exists(loader->kernel, "bpf_mem_cache_alloc") ||
	       kernel_function_exists(loader->kernel, "bpf_mem_alloc_init");
}

/* What is not used costs 16 bytes each, where entries are made one by one. */
static uint32_t marks_room(const struct loader *loader)
{
	const char *test = getenv("IPCMAP_TEST_MARKS");
	uint32_t room = maps_grow(loader) ? MARKS_MAX : MARKS_MIN;

	if (test)
		return strtoul(test, NULL, 10);
	return room > loader->options.flows ? room : loader->options.flows;
}

/* Maps that nothing is made of have one entry. */
static void maps_resize(struct loader *loader, const struct ipc_settings *settings)
{
	const struct {
		const char *map;
		bool wanted;
		uint32_t entries; /* 0: as it is */
	} maps[] = {
		{ "flows", true, loader->options.flows },
		{ "marks", true, settings->filter_on ? marks_room(loader) : 0 },
		{ "slots", slots_wanted(loader, settings), 0 },
		{ "slot_keys", slots_wanted(loader, settings), 0 },
		{ "runs", loader->twice, 0 },
		{ "pipe_slots", settings->seen & IPC_SEEN_PIPE_ORDER, 0 },
		{ "slot_pipes", settings->seen & IPC_SEEN_PIPE_ORDER, 0 },
		{ "pipe_states", settings->seen & IPC_SEEN_PIPE_ORDER, 0 },
		{ "run_lists", settings->seen & IPC_SEEN_PIPE_ORDER, 0 },
		{ "list_pipes", settings->seen & IPC_SEEN_PIPE_ORDER, 0 },
		{ "shared_pipes", settings->seen & IPC_SEEN_PIPE_ORDER, 0 },
		{ "taken_slots", settings->seen & IPC_SEEN_PIPE_ORDER, 0 },
		{ "taken_keys", settings->seen & IPC_SEEN_PIPE_ORDER, 0 },
		{ "taken", settings->seen & IPC_SEEN_PIPE_ORDER, 0 },
		{ "running", loader_has_kprobes(loader), 0 },
		{ "carried", settings->seen & (IPC_SEEN_STREAM_ORDER | IPC_SEEN_MESSAGE_ORDER), 0 },
		{ "receiving", settings->seen & (IPC_SEEN_STREAM_ORDER | IPC_SEEN_MESSAGE_ORDER), 0 },
	}, streamed[] = {
		{ "events", true, loader->options.events },
		{ "senders", true, SENDERS_MAX },
		{ "arrivals", true, SENDERS_MAX },
		{ "received_room", true, RECEIVED_ROOM },
	};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		if (!maps[i].wanted || maps[i].entries)
			map_resize(loader, maps[i].map, maps[i].wanted ? maps[i].entries : 1);
	for (size_t i = 0; settings->stream && i < sizeof(streamed) / sizeof(streamed[0]); i++)
		map_resize(loader, streamed[i].map, streamed[i].entries);
}

static int object_open(struct loader *loader, const struct ipc_settings *settings)
{
	if (loader->direct)
		OPEN(ipcmap_direct);
	else
		OPEN(ipcmap_probe);
	maps_resize(loader, settings);
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
	if (loader->slots)
		munmap(loader->slots, IPC_SLOTS * sizeof(*loader->slots));
	loader->slots = NULL;
	if (loader->direct)
		ipcmap_direct__destroy(loader->skeleton);
	else
		ipcmap_probe__destroy(loader->skeleton);
	loader->skeleton = NULL;
	loader->object = NULL;
}

static void maps_choose(struct loader *loader)
{
	struct bpf_map *map;

	if (maps_grow(loader))
		return;
	bpf_object__for_each_map(map, loader->object)
		bpf_map__set_map_flags(map, bpf_map__map_flags(map) & ~BPF_F_NO_PREALLOC);
}

static void settings_complete(const struct loader *loader, struct ipc_settings *settings)
{
	settings->sockets_by_syscall =
		btf__find_by_name_kind(loader->kernel, "btf_trace_sock_send_length", BTF_KIND_TYPEDEF) <= 0;
	settings->splice_sends_message = !settings->sockets_by_syscall &&
					 kernel_function_exists(loader->kernel, "splice_to_socket");
	settings->mptcp_splices = kernel_function_exists(loader->kernel, "mptcp_splice_read");
	settings->sendfile_writes = !kernel_function_exists(loader->kernel, "splice_file_to_pipe");
	settings->uring_cqe = tracepoint_arguments(loader->kernel, "io_uring_complete") == 3;
	settings->twice = loader->twice;
	settings->kprobe_misses = kernel_is_since(6, 7);
	settings->wakeup_bytes = 1 << 20;
}

static int loader_try(struct loader *loader, struct ipc_settings *settings)
{
	int error;

	*last_message = *culprit_message = '\0';
	loader->culprit[0] = '\0';
	hooks_choose(loader, settings);
	error = object_open(loader, settings);
	if (!error)
		error = programs_choose(loader);
	if (error)
		return error;
	maps_choose(loader);
	error = object_load(loader);
	if (error)
		culprit_find(loader);
	else
		error = programs_attach(loader);
	return error;
}

/* Puts the row aside whose program the kernel refused, if another sees its events or the map can do without. */
static bool row_refuse(struct loader *loader, int error)
{
	bool any = false;

	if (!strcmp(loader->culprit, CALL_LEFT)) {
		snprintf(loader->flavour_refused[FLAVOUR_KPROBE], REFUSAL_SIZE, "refused: %s", strerror(-error));
		return true;
	}
	for (size_t i = 0; i < HOOKS_MAX && hooks[i].event; i++) {
		if (hooks[i].flavour == FLAVOUR_TRACEPOINT && !hooks[i].without)
			continue;
		for (size_t part = 0; part < HOOK_PARTS && hooks[i].parts[part].program; part++)
			if (loader->chosen[i] && !strcmp(hooks[i].parts[part].program, loader->culprit)) {
				snprintf(loader->refusals[i], sizeof(loader->refusals[i]), "refused: %s",
					 strerror(-error));
				any = true;
			}
	}
	return any;
}

/* With what this kernel takes of the functions' hooks; their number bounds the tries. */
static int loader_settle(struct loader *loader, struct ipc_settings *settings)
{
	int error = loader_try(loader, settings);

	while (error && *loader->culprit && row_refuse(loader, error)) {
		programs_detach(loader);
		object_close(loader);
		error = loader_try(loader, settings);
	}
	return error;
}

int loader_open(struct loader *loader, const struct ipc_settings *settings, const struct loader_options *options,
		char **ret_error)
{
	struct ipc_settings complete = *settings;
	int error;

	memset(loader, 0, sizeof(*loader));
	*last_message = '\0';
	libbpf_set_print(message_keep);
	loader->options = *options;
	loader->flavour = options->flavour;
	if (loader->flavour == FLAVOUR_ANY && !settings->stream && getenv("IPCMAP_TEST_FLAVOUR"))
		loader->flavour = flavour_by_name(getenv("IPCMAP_TEST_FLAVOUR"));
	loader->kernel = btf__load_vmlinux_btf();
	if (!loader->kernel)
		return fail(ret_error, -errno, "this kernel has no BTF (/sys/kernel/btf/vmlinux)");
	loader->twice = programs_can_be_preempted();
	flavours_try(loader, settings->stream);
	if (loader->flavour != FLAVOUR_ANY && *loader->flavour_refused[loader->flavour]) {
		if (asprintf(ret_error, "--flavour %s: %s; ipcmap probe tells what there is", flavour_names[loader->flavour],
			     loader->flavour_refused[loader->flavour]) < 0)
			*ret_error = NULL;
		loader_close(loader);
		return -ENOTSUP;
	}
	settings_complete(loader, &complete);
	/* bpf_rdonly_cast came with 6.2 */
	loader->direct = kernel_function_exists(loader->kernel, "bpf_rdonly_cast") &&
			 !getenv("IPCMAP_TEST_PROBE_LOADS");
	error = loader_settle(loader, &complete);
	if (error && loader->direct) {
		memcpy(loader->refused, last_message, sizeof(loader->refused));
		programs_detach(loader);
		object_close(loader);
		loader->direct = false;
		error = loader_settle(loader, &complete);
	}
	if (error) {
		fail(ret_error, error, "cannot load the BPF programs");
		loader_close(loader);
	}
	return error;
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

const char *loader_lacks(const struct loader *loader, const struct hook *hook)
{
	if (hook->flavour == FLAVOUR_KPROBE && loader->kprobes_skip)
		return "what the kernel skips kprobes for, as a task was preempted in bpf(2), is not told before Linux 6.7";
	return hook->lacks;
}

const struct hook *loader_row(const struct loader *loader, const char *event)
{
	for (size_t i = 0; i < HOOKS_MAX && hooks[i].event; i++)
		if (loader->chosen[i] && !strcmp(hooks[i].event, event))
			return &hooks[i];
	return NULL;
}

char *loader_flavours(const struct loader *loader, uint32_t mechanisms)
{
	char text[64] = "";

	for (enum flavour flavour = FLAVOUR_FENTRY; flavour < FLAVOURS; flavour++)
		for (size_t i = 0; i < HOOKS_MAX && hooks[i].event; i++) {
			if (!loader->chosen[i] || hooks[i].flavour != flavour ||
			    !(hooks[i].mechanisms & mechanisms) || hook_is_of_processes(&hooks[i]))
				continue;
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", *text ? ", " : "",
				 flavour_names[flavour]);
			break;
		}
	return strdup(text);
}

void loader_close(struct loader *loader)
{
	programs_detach(loader);
	object_close(loader);
	btf__free(loader->kernel);
	memset(loader, 0, sizeof(*loader));
}
