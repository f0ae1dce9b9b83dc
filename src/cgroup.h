/* SPDX-License-Identifier: GPL-2.0-only */
/* What a cgroup path says about who runs a process. */
#ifndef IPCMAP_CGROUP_H
#define IPCMAP_CGROUP_H

/*
 * The innermost systemd unit of a cgroup path ("nginx.service",
 * "session-4.scope"), or NULL. The caller frees it.
 */
char *cgroup_unit(const char *path);

/*
 * The container of a cgroup path as "runtime:id", id cut to 12 characters where
 * it is a hash ("docker:0123456789ab", "lxc:web"), or NULL. The caller frees it.
 */
char *cgroup_container(const char *path);

#endif
