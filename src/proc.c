// SPDX-License-Identifier: GPL-2.0-only
/* What /proc adds to what the kernel side tells: cgroup paths and command lines. */
#include "collect.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "cgroupfs.h"

/* The path of a cgroup by its number, so that /proc is read once for each. */
struct cgroup_name {
	uint64_t id;
	char *path;
	UT_hash_handle hh;
};

/* At most size - 1 bytes of a file of a process that may vanish while read; NUL-terminated. */
static ssize_t proc_read(uint32_t tgid, const char *name, char *buffer, size_t size)
{
	char path[64];
	size_t have = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/%s", tgid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	for (;;) {
		ssize_t got = read(fd, buffer + have, size - 1 - have);

		if (got <= 0)
			break;
		have += got;
	}
	close(fd);
	buffer[have] = '\0';
	return have;
}

/*
 * The cgroup2 line "0::/path"; where that hierarchy is not used (all are in
 * its root), the one that systemd keeps, "N:name=systemd:/path".
 */
static char *cgroup_from_text(char *text, bool *ret_by_id)
{
	char *unified = NULL, *systemd = NULL, *line, *rest = NULL;

	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!strncmp(line, "0::", 3))
			unified = line + 3;
		else if ((line = strstr(line, ":name=systemd:")))
			systemd = line + strlen(":name=systemd:");
	}
	*ret_by_id = !(systemd && unified && !strcmp(unified, "/"));
	if (systemd && (!unified || !*ret_by_id))
		return systemd;
	return unified;
}

static void process_read_cgroup(struct collector *collector, struct capture_process *process)
{
	struct cgroup_name *name;
	char text[4096], *path;
	uint64_t id;
	bool by_id;

	HASH_FIND(hh, collector->cgroups, &process->cgroup_id, sizeof(process->cgroup_id), name);
	if (name) {
		process->cgroup = strdup(name->path);
		return;
	}
	if (proc_read(process->number, "cgroup", text, sizeof(text)) <= 0)
		return;
	path = cgroup_from_text(text, &by_id);
	if (!path)
		return;
	process->cgroup = strdup(path);
	/* The process may have moved on since that id was its own. */
	if (!by_id || !process->cgroup || cgroup_find(path, &id) || id != process->cgroup_id)
		return;
	name = calloc(1, sizeof(*name));
	if (!name)
		return;
	name->id = process->cgroup_id;
	name->path = strdup(path);
	if (name->path)
		HASH_ADD(hh, collector->cgroups, id, sizeof(name->id), name);
	else
		free(name);
}

static void process_read_cmdline(struct capture_process *process)
{
	char text[4096];
	ssize_t len = proc_read(process->number, "cmdline", text, sizeof(text));

	if (len <= 0)
		return;
	if (!text[len - 1])
		len--;
	for (ssize_t i = 0; i < len; i++)
		if (!text[i])
			text[i] = ' ';
	process->cmdline = strndup(text, len);
}

void collector_read_proc(struct collector *collector, struct capture_process *process)
{
	if (!process->number)
		return; /* /proc is of our own pid namespace */
	if (!process->cgroup)
		process_read_cgroup(collector, process);
	if (collector->cmdline && !process->cmdline)
		process_read_cmdline(process);
}

/* starttime of /proc/PID/stat, in ticks of USER_HZ; the name before it may hold anything. 0: unknown. */
static uint64_t proc_start_ticks(uint32_t tgid, uint64_t *ret_parent)
{
	char text[1024], *end;
	unsigned long long parent, start;

	if (proc_read(tgid, "stat", text, sizeof(text)) <= 0)
		return 0;
	end = strrchr(text, ')');
	/* proc(5): state is field 3, ppid 4, starttime 22 */
	if (!end || sscanf(end + 1, " %*c %llu %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
				    "%*d %*d %llu", &parent, &start) != 2)
		return 0;
	*ret_parent = parent;
	return start;
}

static void process_read_names(struct capture_process *process)
{
	uint32_t tgid = process->number;
	char text[4096], path[64];
	ssize_t len = proc_read(tgid, "comm", text, sizeof(text));
	const char *uid;

	if (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	if (len > 0)
		memcpy(process->comm, text, len < IPC_COMM_LEN ? len : IPC_COMM_LEN - 1);
	if (proc_read(tgid, "status", text, sizeof(text)) > 0 && (uid = strstr(text, "\nUid:")))
		process->uid = strtoul(uid + 5, NULL, 10);
	snprintf(path, sizeof(path), "/proc/%u/exe", tgid);
	len = readlink(path, text, sizeof(text) - 1);
	if (len > 0 && !process->exe)
		process->exe = strndup(text, len);
}

/*
 * Processes that acted, and that the kernel's iterator did not show (it keeps
 * to our pid namespace, and some kernels hide more): from /proc, if the one
 * there started at the same time.
 */
void collector_name_rest(struct collector *collector)
{
	struct capture_process *process, *next;
	uint64_t parent, tick = 1000000000ULL / sysconf(_SC_CLK_TCK);

	HASH_ITER(hh, collector->capture->processes, process, next) {
		if (*process->comm || !process->number || proc_start_ticks(process->number, &parent) != process->key.start / tick)
			continue;
		process->parent = parent;
		process_read_names(process);
		collector_read_proc(collector, process);
	}
}

void collector_forget_cgroups(struct collector *collector, size_t most)
{
	struct cgroup_name *name, *next;

	if (HASH_COUNT(collector->cgroups) <= most)
		return;
	HASH_ITER(hh, collector->cgroups, name, next) {
		HASH_DEL(collector->cgroups, name);
		free(name->path);
		free(name);
	}
}

void collector_done(struct collector *collector)
{
	collector_forget_cgroups(collector, 0);
	ring_buffer__free(collector->ring);
	memset(collector, 0, sizeof(*collector));
}
