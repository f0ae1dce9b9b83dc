// SPDX-License-Identifier: GPL-2.0-only
#include "cgroupfs.h"

#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Where cgroup2 is mounted (on hybrid systems not at /sys/fs/cgroup); the caller frees it. */
static char *cgroup_mount(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	char *found = NULL;

	if (!mounts)
		return NULL;
	while (!found && (entry = getmntent(mounts)))
		if (!strcmp(entry->mnt_type, "cgroup2"))
			found = strdup(entry->mnt_dir);
	endmntent(mounts);
	return found;
}

int cgroup_find(const char *path, uint64_t *ret_id)
{
	char *mount = cgroup_mount(), *full = NULL;
	size_t len;
	struct stat status;
	int error = -ENOMEM;

	if (!mount)
		return -ENOTSUP;
	len = strlen(mount);
	if (!strncmp(path, mount, len) && (!path[len] || path[len] == '/'))
		full = strdup(path);
	else if (asprintf(&full, "%s/%s", mount, path[0] == '/' ? path + 1 : path) < 0)
		full = NULL;
	if (full)
		error = stat(full, &status) ? -errno : S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
	if (!error)
		*ret_id = status.st_ino;
	free(mount);
	free(full);
	return error;
}
