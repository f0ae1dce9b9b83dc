/* SPDX-License-Identifier: GPL-2.0-only */
/* By what processes and channels of two maps are known again: keys, from strict to loose. */
#ifndef IPCMAP_DIFF_KEY_H
#define IPCMAP_DIFF_KEY_H

#include "map.h"

/*
 * KEY_EXACT: executable, name, unit or container, user, whether it is a worker
 *   of its own program, where it listens (ephemeral ports left out).
 * KEY_PLACE: executable, name, unit or container: it listens elsewhere now, or
 *   runs as another user.
 * KEY_LOOSE: the same without numbers and hashes: another version, another login
 *   session, a container made anew.
 * KEY_MOVED: name, and unit or kind of container: the program is another file.
 * KEY_NAME: name: it runs elsewhere. Only where one of a kind is left on each side.
 */
enum key_level { KEY_EXACT, KEY_PLACE, KEY_LOOSE, KEY_MOVED, KEY_NAME, KEY_LEVELS };

/* Of a process, or of a group of them (node.name). The caller frees it; NULL: no memory. */
char *key_process(const struct node *node, enum key_level level);

/* text with versions, numbers, hashes and random parts as '#'. Likewise. */
char *key_loose(const char *text);

/*
 * The places of node.listens: sorted, separated by ", ", without ports that the
 * system chose. Likewise; "" where there is none.
 */
char *key_listens(const char *listens);

/* Whether key_listens() holds a place; len bytes of it. */
bool key_listens_has(const char *listens, const char *place, size_t len);

/* The executable without " (deleted)", which an upgrade leaves behind. Length of it. */
size_t key_exe_length(const char *exe);

/* How much of a kernel thread's name tells its kind: "kworker" of "kworker/0:1". */
size_t key_kthread_length(const char *comm);

struct keyed {
	char *key;
	size_t index;
};

/* Sorts by key, then index. */
void keyed_sort(struct keyed *keyed, size_t count);

/*
 * Numbers equal keys alike, from first on, in their order: numbers[index]. Sorts
 * keyed and frees its keys. Returns the number after the last.
 */
size_t keyed_number(struct keyed *keyed, size_t count, size_t first, size_t *numbers);

#endif
