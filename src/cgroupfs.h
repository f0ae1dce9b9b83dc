/* SPDX-License-Identifier: GPL-2.0-only */
/* Cgroups of this machine, by path. */
#ifndef IPCMAP_CGROUPFS_H
#define IPCMAP_CGROUPFS_H

#include <stdint.h>

/*
 * The number by which the kernel knows a cgroup of the cgroup2 hierarchy: the
 * inode of its folder. path is that folder, or its path below the hierarchy's
 * root, as in /proc/PID/cgroup. Returns 0; -ENOTSUP when no cgroup2 is mounted;
 * -ENOENT or another errno when there is no such cgroup.
 */
int cgroup_find(const char *path, uint64_t *ret_id);

#endif
