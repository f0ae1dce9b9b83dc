// SPDX-License-Identifier: GPL-2.0-only
#include "host.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

/* Since Linux 5.8; older headers lack the names. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif
#ifndef CAP_BPF
#define CAP_BPF 39
#endif

static bool capability_has(const struct __user_cap_data_struct *data, int capability)
{
	return data[capability / 32].effective & (1U << capability % 32);
}

const char *host_lacks(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data))
		return "cannot read the capabilities of this process";
	if (!capability_has(data, CAP_SYS_ADMIN) &&
	    !(capability_has(data, CAP_BPF) && capability_has(data, CAP_PERFMON)))
		return "tracing needs root: run it with sudo (or with CAP_BPF and CAP_PERFMON)";
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return "this kernel does not describe its types (no /sys/kernel/btf/vmlinux): "
		       "boot one built with CONFIG_DEBUG_INFO_BTF, as distributions' are";
	return NULL;
}
