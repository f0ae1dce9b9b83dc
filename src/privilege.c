// SPDX-License-Identifier: GPL-2.0-only
#include "privilege.h"

#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <linux/capability.h>

#include "arguments.h"
#include "user.h"

/* Since Linux 5.8; older headers lack the names. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif
#ifndef CAP_BPF
#define CAP_BPF 39
#endif

#define CAP(name) (UINT64_C(1) << CAP_##name)

/* To load and attach. SYS_ADMIN and SYS_RESOURCE: older kernels, of which root has more. */
#define LOADING (CAP(BPF) | CAP(PERFMON) | CAP(SYS_ADMIN) | CAP(SYS_RESOURCE))
/* The maps before Linux 5.19; what others' processes run; what containers are called. */
#define READING (CAP(BPF) | CAP(SYS_PTRACE) | CAP(DAC_READ_SEARCH))
/* Root writes where it likes. */
#define WRITING (CAP(DAC_OVERRIDE) | CAP(FOWNER))

/* What stays to the end. */
static uint64_t to_the_end;

static int caps_get(uint64_t *ret_effective, uint64_t *ret_permitted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data))
		return -errno;
	*ret_effective = data[0].effective | (uint64_t)data[1].effective << 32;
	*ret_permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return 0;
}

/* Keeps of what there is only these; what a child of ours execs inherits none. */
static int caps_keep(uint64_t caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	uint64_t effective, permitted;
	int err = caps_get(&effective, &permitted);

	if (err)
		return err;
	caps &= permitted;
	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = (uint32_t)(caps >> 32 * i);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

bool privilege_has(int capability)
{
	uint64_t effective, permitted;

	return !caps_get(&effective, &permitted) && effective >> capability & 1;
}

/* The user who called sudo; false: nobody did, or we are not root. */
static bool caller_find(uid_t *ret_uid, gid_t *ret_gid)
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
	unsigned long numbers[2];

	if (geteuid() != 0 || !uid || !gid || number_parse(uid, 0, UINT32_MAX - 1, &numbers[0]) ||
	    number_parse(gid, 0, UINT32_MAX - 1, &numbers[1]))
		return false;
	*ret_uid = (uid_t)numbers[0];
	*ret_gid = (gid_t)numbers[1];
	return *ret_uid != 0;
}

/* A user that no file knows has no groups but its own. */
static int groups_take(uid_t uid, gid_t gid)
{
#ifndef IPCMAP_STATIC /* see user.c */
	const struct passwd *user = user_find(uid);

	if (user)
		return initgroups(user->pw_name, gid) ? -errno : 0;
#endif
	(void)uid;
	return setgroups(1, &gid) ? -errno : 0;
}

static int caller_become(uid_t uid, gid_t gid)
{
	int err = groups_take(uid, gid);

	if (err)
		return err;
	if (setresgid(gid, gid, gid) || prctl(PR_SET_KEEPCAPS, 1) || setresuid(uid, uid, uid))
		return -errno;
	return 0;
}

/* /proc/self is ours again, which output.c needs; who lacks our capabilities can't ptrace us still. */
static void self_own(void)
{
	prctl(PR_SET_DUMPABLE, 1);
}

/* Becomes the caller, if there is one, with these capabilities. */
static int become(uint64_t caps, bool *ret_became)
{
	uid_t uid;
	gid_t gid;
	int err;

	*ret_became = caller_find(&uid, &gid);
	if (!*ret_became)
		return 0;
	err = caller_become(uid, gid);
	if (!err)
		err = caps_keep(caps);
	if (err) {
		mistake("cannot become user %u, who called sudo: %s; without SUDO_UID root writes the output",
			(unsigned)uid, strerror(-err));
		return err;
	}
	self_own();
	return 0;
}

int privilege_begin(bool has_command)
{
	bool became;
	int err;

	/* The command runs as root, and we don't. */
	to_the_end = has_command ? CAP(KILL) : 0;
	err = become(LOADING | READING | to_the_end, &became);
	if (!became && geteuid() == 0)
		to_the_end |= WRITING;
	return err;
}

void privilege_attached(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	caps_keep(READING | to_the_end);
	/* Of a file with capabilities of its own /proc/self is root's. */
	self_own();
}

void privilege_closed(void)
{
	caps_keep(to_the_end);
}

int privilege_leave(void)
{
	bool became;
	int err = become(0, &became);

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (err || became)
		return err;
	/* Root itself writes where it likes. */
	return caps_keep(geteuid() == 0 ? WRITING : 0);
}

int privilege_none(void)
{
	int err = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return err ? err : caps_keep(0);
}
