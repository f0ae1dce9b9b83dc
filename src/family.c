// SPDX-License-Identifier: GPL-2.0-only
/* Who is whose parent, and what that makes of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"

struct seat {
	int64_t pid;
	double start;
	size_t node;
};

static int seat_compare(const void *left, const void *right)
{
	const struct seat *a = left, *b = right;
	int c = (a->pid > b->pid) - (a->pid < b->pid);

	c = c ? c : (a->start > b->start) - (a->start < b->start);
	return c ? c : (a->node > b->node) - (a->node < b->node);
}

/* The last seat that is not after key; NULL: none of that pid. */
static const struct seat *seat_find(const struct seat *seats, size_t count, int64_t pid,
				    double start)
{
	const struct seat key = { pid, start, SIZE_MAX };
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (seat_compare(&seats[middle], &key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && seats[low - 1].pid == pid ? &seats[low - 1] : NULL;
}

size_t *parents_find(const struct map *map)
{
	size_t *parents = calloc(map->node_count + 1, sizeof(*parents));
	struct seat *seats = calloc(map->node_count + 1, sizeof(*seats));
	size_t count = 0;

	if (!parents || !seats) {
		free(parents);
		free(seats);
		return NULL;
	}
	for (size_t i = 0; i < map->node_count; i++) {
		const struct node *node = &map->nodes[i];

		if (node->kind == NODE_PROCESS)
			seats[count++] = (struct seat){ node->pid, node->start, i };
	}
	qsort(seats, count, sizeof(*seats), seat_compare);
	for (size_t i = 0; i < map->node_count; i++) {
		const struct node *node = &map->nodes[i];
		const struct seat *seat = NULL;

		if (node->kind == NODE_PROCESS && node->ppid > 0)
			seat = seat_find(seats, count, node->ppid, node->start);
		parents[i] = seat && seat->node != i ? seat->node : MAP_NO_PARENT;
	}
	free(seats);
	return parents;
}

bool node_same_program(const struct node *a, const struct node *b)
{
	if (a->exe || b->exe)
		return a->exe && b->exe && strcmp(a->exe, b->exe) == 0;
	return a->comm && b->comm && strcmp(a->comm, b->comm) == 0;
}

int roles_fill(struct map *map)
{
	static const char master[] = "master", worker[] = "worker", listener[] = "listener";
	size_t *parents = parents_find(map);

	if (!parents)
		return -ENOMEM;
	for (size_t i = 0; i < map->node_count; i++)
		map->nodes[i].role = map->nodes[i].listens ? listener : NULL;
	for (size_t i = 0; i < map->node_count; i++) {
		struct node *node = &map->nodes[i];
		struct node *parent = parents[i] == MAP_NO_PARENT ? NULL : &map->nodes[parents[i]];

		if (!parent || node->kthread || !node_same_program(node, parent))
			continue;
		parent->role = master;
		if (node->role != master)
			node->role = worker;
	}
	free(parents);
	return 0;
}
