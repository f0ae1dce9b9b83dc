// SPDX-License-Identifier: GPL-2.0-only
#include "collect.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static void error_keep(struct collector *collector, int error)
{
	if (error && !collector->error)
		collector->error = error;
}

/* A child is what its parent was, until it says otherwise by exec or prctl. */
static void process_inherit(struct collector *collector, struct capture_process *process)
{
	struct process_key key = { .start = process->parent_start, .tgid = process->parent };
	struct capture_process *parent = capture_find_process(collector->capture, key);

	if (!parent)
		return;
	if (!process->exe && parent->exe)
		process->exe = strdup(parent->exe);
	if (!process->cgroup && parent->cgroup && parent->cgroup_id == process->cgroup_id)
		process->cgroup = strdup(parent->cgroup);
	if (!process->cmdline && parent->cmdline)
		process->cmdline = strdup(parent->cmdline);
}

static struct capture_process *process_take(struct collector *collector, const struct ipc_process *record)
{
	struct capture_process *process =
		capture_process(collector->capture, record->tgid, record->start);

	if (!process) {
		error_keep(collector, -ENOMEM);
		return NULL;
	}
	/* A reaped parent's place is taken by init: the one it was born to stays. */
	if (!process->parent_start) {
		process->parent = record->parent;
		process->parent_start = record->parent_start;
	}
	process->uid = record->uid;
	if (record->number)
		process->number = record->number;
	if (process->cgroup_id != record->cgroup) {
		free(process->cgroup);
		process->cgroup = NULL;
		process->cgroup_id = record->cgroup;
	}
	process->kthread = record->kthread;
	process->tracked |= record->tracked;
	memcpy(process->comm, record->comm, IPC_COMM_LEN);
	return process;
}

static void process_event(struct collector *collector, const struct ipc_process *record)
{
	struct capture_process *process = process_take(collector, record);

	if (!process)
		return;
	if (record->record.type == IPC_RECORD_EXIT) {
		collector->exits += !process->exited;
		process->exited = true;
		process->ended = record->record.time;
		return;
	}
	if (record->record.type == IPC_RECORD_EXEC && record->exe.len) {
		free(process->exe);
		process->exe = path_from_record(&record->exe);
		free(process->cmdline);
		process->cmdline = NULL;
	}
	if (record->record.type == IPC_RECORD_FORK)
		process_inherit(collector, process);
	if (record->record.type != IPC_RECORD_RENAME)
		collector_read_proc(collector, process);
}

/* The callback of libbpf. */
int collector_take(void *context, void *data, size_t size)
{
	struct collector *collector = context;
	const struct ipc_record *record = data;

	if (size < sizeof(*record) || record->size > size)
		return 0;
	switch (record->type) {
	case IPC_RECORD_EXEC:
		if (record->size == sizeof(struct ipc_process))
			process_event(collector, data);
		break;
	case IPC_RECORD_FORK:
	case IPC_RECORD_EXIT:
	case IPC_RECORD_RENAME:
		if (record->size == IPC_PROCESS_BRIEF)
			process_event(collector, data);
		break;
	case IPC_RECORD_OBJECT:
		if (record->size == sizeof(struct ipc_object))
			error_keep(collector, capture_add_object(collector->capture, data, false));
		break;
	case IPC_RECORD_PATH:
		if (record->size == sizeof(struct ipc_object_path)) {
			const struct ipc_object_path *path = data;

			error_keep(collector,
				   capture_add_path(collector->capture, path->object, path->remote,
						    path_from_record(&path->path)));
		}
		break;
	}
	return 0;
}

int collector_init(struct collector *collector, struct loader *loader, struct capture *capture, bool cmdline)
{
	memset(collector, 0, sizeof(*collector));
	collector->loader = loader;
	collector->capture = capture;
	collector->cmdline = cmdline;
	collector->ring = ring_buffer__new(loader->records, collector_take, collector, NULL);
	return collector->ring ? 0 : -errno;
}

int collector_poll(struct collector *collector)
{
	int taken = ring_buffer__consume(collector->ring);

	return taken < 0 ? taken : collector->error;
}

/* Reads whole records from an iterator; what a read cuts is kept for the next. */
static int iterate(struct collector *collector, const char *program, size_t size,
		   int (*take)(struct collector *, const void *, void *), void *argument)
{
	char *buffer = malloc(64 * size);
	size_t have = 0;
	int fd, error = 0;

	if (!buffer)
		return -ENOMEM;
	fd = loader_iterate(collector->loader, program);
	if (fd < 0) {
		free(buffer);
		return fd;
	}
	for (;;) {
		ssize_t got = read(fd, buffer + have, 64 * size - have);
		size_t used = 0;

		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0) {
			error = got < 0 ? -errno : 0;
			break;
		}
		have += got;
		for (; !error && have - used >= size; used += size)
			error = take(collector, buffer + used, argument);
		if (error)
			break;
		memmove(buffer, buffer + used, have - used);
		have -= used;
	}
	close(fd);
	free(buffer);
	return error;
}

struct inventory {
	struct descriptor_list *list;
	bool first;
};

/*
 * The kernel side walks a path to the root of the mount namespace, /proc to the
 * reader's root: the difference, on our own executable, is where a chroot lies.
 */
static void root_find(struct capture *capture, const char *kernel_path)
{
	char path[IPC_PATH_LEN];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	size_t full = kernel_path ? strlen(kernel_path) : 0;

	if (capture->root || len <= 0 || full <= (size_t)len)
		return;
	path[len] = '\0';
	if (!strcmp(kernel_path + full - len, path))
		capture->root = strndup(kernel_path, full - len);
}

static int inventory_process(struct collector *collector, const void *data, void *argument)
{
	const struct ipc_process *record = data;
	struct capture_process *process = process_take(collector, record);

	(void)argument;
	if (!process)
		return -ENOMEM;
	if (!process->exe && record->exe.len)
		process->exe = path_from_record(&record->exe);
	if (!process->kthread)
		collector_read_proc(collector, process);
	if (record->number == (uint32_t)getpid()) {
		collector->capture->own_tgid = record->tgid;
		root_find(collector->capture, process->exe);
	}
	return 0;
}

static int inventory_descriptor(struct collector *collector, const void *data, void *argument)
{
	const struct ipc_descriptor *descriptor = data;
	struct inventory *inventory = argument;
	int error = capture_add_object(collector->capture, &descriptor->object, inventory->first);

	return error ? error : capture_add_descriptor(inventory->list, descriptor);
}

int collector_processes(struct collector *collector)
{
	int error;

	/* The first of them tells in which pid namespace ipcmap is. */
	error = iterate(collector, "inventory_processes", sizeof(struct ipc_process), inventory_process, NULL);
	collector->capture->nested = collector->loader->counters->pidns_level > 0;
	return error;
}

int collector_inventory(struct collector *collector, struct descriptor_list *list, bool first)
{
	struct inventory inventory = { .list = list, .first = first };
	int error = collector_processes(collector);

	collector->jiffies[!first] = collector->loader->counters->clock_jiffies;
	collector->time[!first] = collector->loader->counters->clock_time;
	if (error)
		return error;
	return iterate(collector, "inventory_descriptors", sizeof(struct ipc_descriptor),
		       inventory_descriptor, &inventory);
}

static int nothing_take(struct collector *collector, const void *data, void *argument)
{
	(void)collector;
	(void)data;
	(void)argument;
	return 0;
}

/* What does not load on older kernels they do without. */
void collector_senders(struct collector *collector)
{
	iterate(collector, "inventory_senders", 1, nothing_take, NULL);
}

static int weigh_descriptor(struct collector *collector, const void *data, void *argument)
{
	const struct ipc_descriptor *descriptor = data;
	const struct ipc_object *object = &descriptor->object;

	(void)collector;
	if (!object->queued && !object->queued_ops && object->mechanism != IPC_TCP)
		return 0;
	return capture_add_descriptor(argument, descriptor);
}

static int writer_take(struct collector *collector, const void *data, void *argument)
{
	(void)collector;
	return capture_add_descriptor(argument, data);
}

int collector_weigh(struct collector *collector, bool first)
{
	struct capture *capture = collector->capture;
	struct descriptor_list *writing = first ? &capture->writing_first : &capture->writing_last;
	struct descriptor_list *weighed = first ? &capture->weighed_first : &capture->weighed_last;
	struct timespec now;
	int error;

	/* First: who is blocked by now still was when the window opened, and at its end is still. */
	error = iterate(collector, "inventory_writers", sizeof(struct ipc_descriptor), writer_take, writing);
	if (!error)
		error = iterate(collector, "inventory_descriptors", sizeof(struct ipc_descriptor),
				weigh_descriptor, weighed);
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (first)
		capture->weighed_time = now.tv_sec * 1000000000ULL + now.tv_nsec;
	capture->weighed = true;
	return error;
}

static int address_add(struct capture *capture, const struct sockaddr *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint8_t bytes[16], (*grown)[16];

	if (address->sa_family == AF_INET) {
		memcpy(bytes, mapped, 12);
		memcpy(bytes + 12, &((const struct sockaddr_in *)address)->sin_addr, 4);
	} else if (address->sa_family == AF_INET6) {
		memcpy(bytes, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
	} else {
		return 0;
	}
	grown = reallocarray(capture->local_addrs, capture->local_addr_count + 1, 16);
	if (!grown)
		return -ENOMEM;
	capture->local_addrs = grown;
	memcpy(grown[capture->local_addr_count++], bytes, 16);
	return 0;
}

int capture_local_addresses(struct capture *capture)
{
	struct ifaddrs *list, *one;
	int error = 0;

	if (getifaddrs(&list))
		return -errno;
	for (one = list; one && !error; one = one->ifa_next)
		if (one->ifa_addr)
			error = address_add(capture, one->ifa_addr);
	freeifaddrs(list);
	return error;
}
