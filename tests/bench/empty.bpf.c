// SPDX-License-Identifier: GPL-2.0-only
/* What any program on this tracepoint costs every system call, at the least. */
#define SEC(name) __attribute__((section(name), used))

SEC("tp_btf/sys_exit")
int empty_sys_exit(void *ctx)
{
	(void)ctx;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
