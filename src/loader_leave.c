// SPDX-License-Identifier: GPL-2.0-only
/* Programs on functions leave the kernel slowly: a child sees to it, while the map is drawn. */
#include "loader.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "compare.h"
#include "loader_attach.h"

/* Of the initial pid namespace: PROC_PID_INIT_INO, which is ABI. */
#define INITIAL_PIDNS 0xEFFFFFFCU

/*
 * Elsewhere the first process, when it ends, waits for all others of its namespace, and up to 6.8 synchronize_rcu_tasks()
 * waits for whoever ends: a child that is left there in it would never come back (fixed by commit
 * 1612160b9127, "rcu-tasks: Eliminate deadlocks involving do_exit() and RCU tasks").
 */
static bool child_may_stay(void)
{
	struct stat status;

	return !stat("/proc/self/ns/pid", &status) && status.st_ino == INITIAL_PIDNS;
}

/* Of the links that wait when they are given up, in ascending order. */
struct descriptors {
	int fds[HOOKS_MAX * LINK_PROGRAMS + 1];
	size_t count;
};

static int fd_compare(const void *a, const void *b)
{
	return number_compare(*(const int *)a, *(const int *)b);
}

static void links_list(const struct loader *loader, struct descriptors *list)
{
	list->count = 0;
	for (size_t i = 0; i < loader->link_count; i++)
		for (size_t which = 0; which < LINK_PROGRAMS; which++)
			if (loader->links[i].flavour != FLAVOUR_TRACEPOINT && loader->links[i].links[which])
				list->fds[list->count++] = bpf_link__fd(loader->links[i].links[which]);
}

/* All but these: whoever reads our output waits until nobody holds it. */
static void others_close(const struct descriptors *list)
{
	unsigned int from = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (from < (unsigned int)list->fds[i])
			syscall(SYS_close_range, from, list->fds[i] - 1, 0);
		from = list->fds[i] + 1;
	}
	syscall(SYS_close_range, from, ~0U, 0);
}

void loader_leave(struct loader *loader)
{
	struct descriptors list;
	int gate[2];
	pid_t pid;
	char c;

	links_list(loader, &list);
	if (!list.count || !child_may_stay() || pipe2(gate, O_CLOEXEC))
		return;
	list.fds[list.count++] = gate[0];
	qsort(list.fds, list.count, sizeof(list.fds[0]), fd_compare);
	pid = fork();
	if (!pid) {
		others_close(&list);
		/* The last one to close them waits: not before the parent has. */
		while (read(gate[0], &c, 1) > 0)
			;
		_exit(0);
	}
	close(gate[0]);
	if (pid > 0)
		programs_detach(loader);
	close(gate[1]);
}
