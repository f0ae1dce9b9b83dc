// SPDX-License-Identifier: GPL-2.0-only
#include "host.h"

#include <stddef.h>
#include <unistd.h>

#include <linux/capability.h>

#include "privilege.h"

/* Since Linux 5.8; older headers lack the names. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif
#ifndef CAP_BPF
#define CAP_BPF 39
#endif

const char *host_lacks(void)
{
	if (!privilege_has(CAP_SYS_ADMIN) && !(privilege_has(CAP_BPF) && privilege_has(CAP_PERFMON)))
		return "tracing needs root: run it with sudo (or with CAP_BPF and CAP_PERFMON)";
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return "this kernel does not describe its types (no /sys/kernel/btf/vmlinux): "
		       "boot one built with CONFIG_DEBUG_INFO_BTF, as distributions' are";
	return NULL;
}
