// SPDX-License-Identifier: GPL-2.0-only
#include "hooks.h"

#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>

#define BIT(mechanism) (1U << (mechanism))
#define STREAMS (BIT(IPC_PIPE) | BIT(IPC_FIFO) | BIT(IPC_PTY))
#define UNIX (BIT(IPC_UNIX_STREAM) | BIT(IPC_UNIX_DGRAM) | BIT(IPC_UNIX_SEQPACKET))
#define NET (BIT(IPC_TCP) | BIT(IPC_UDP))
#define ALL (STREAMS | UNIX | NET | BIT(IPC_SIGNAL))

const char *const flavour_names[FLAVOURS] = { "fentry", "tracepoint", "kprobe" };

/* Other flavours of an event are further rows of the same event. */
const struct hook hooks[] = {
	{ "system call", FLAVOUR_TRACEPOINT, "sys_exit", "sys_exit", STREAMS | UNIX | NET, HOOK_ALWAYS,
	  NULL },
	{ "socket send", FLAVOUR_TRACEPOINT, "sock_sent", "sock_send_length", UNIX | NET, HOOK_ALWAYS,
	  "io_uring on sockets is not seen (no sock_send_length before Linux 6.3)" },
	{ "socket receive", FLAVOUR_TRACEPOINT, "sock_received", "sock_recv_length", UNIX | NET, HOOK_ALWAYS,
	  "io_uring on sockets is not seen (no sock_recv_length before Linux 6.3)" },
	{ "datagram arrival", FLAVOUR_TRACEPOINT, "data_ready", "sk_data_ready", UNIX, HOOK_ALWAYS,
	  "receivers of unconnected datagrams are found by name (no sk_data_ready before Linux 6.3)" },
	{ "connection", FLAVOUR_TRACEPOINT, "inet_state", "inet_sock_set_state", BIT(IPC_TCP), HOOK_FILTERED,
	  "bytes sent before accept() and connect() returned may be missed under a filter" },
	/* ipcdump */
	{ "sending", FLAVOUR_TRACEPOINT, "sys_enter", "sys_enter", STREAMS | UNIX | BIT(IPC_TCP), HOOK_STREAM, NULL },
	{ "datagram taken", FLAVOUR_TRACEPOINT, "datagram_taken", "consume_skb",
	  BIT(IPC_UNIX_DGRAM), HOOK_STREAM, NULL },
	{ "packet", FLAVOUR_TRACEPOINT, "packet_sent", "net_dev_queue", BIT(IPC_UDP), HOOK_STREAM, NULL },
	{ "signal", FLAVOUR_TRACEPOINT, "signal_sent", "signal_generate", BIT(IPC_SIGNAL), HOOK_ALWAYS, NULL },
	{ "fork", FLAVOUR_TRACEPOINT, "process_forked", "sched_process_fork", ALL, HOOK_ALWAYS, NULL },
	{ "exec", FLAVOUR_TRACEPOINT, "process_executed", "sched_process_exec", ALL, HOOK_ALWAYS, NULL },
	{ "exit", FLAVOUR_TRACEPOINT, "process_exited", "sched_process_exit", ALL, HOOK_ALWAYS, NULL },
	{ "rename", FLAVOUR_TRACEPOINT, "process_renamed", "task_rename", ALL, HOOK_ALWAYS,
	  "names that processes give themselves are not seen" },
	{ 0 },
};

/* A tp_btf program attaches to the typedef of its tracepoint, btf_trace_NAME. */
bool hook_target_exists(const struct btf *kernel, const struct hook *hook)
{
	char name[96];

	if (hook->flavour != FLAVOUR_TRACEPOINT)
		return kernel_function_exists(kernel, hook->target);
	snprintf(name, sizeof(name), "btf_trace_%s", hook->target);
	return btf__find_by_name_kind(kernel, name, BTF_KIND_TYPEDEF) > 0;
}

bool kernel_function_exists(const struct btf *kernel, const char *name)
{
	return btf__find_by_name_kind(kernel, name, BTF_KIND_FUNC) > 0;
}
