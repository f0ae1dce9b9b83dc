// SPDX-License-Identifier: GPL-2.0-only
#include "hooks.h"

#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>

#define BIT(mechanism) (1U << (mechanism))
#define PIPES (BIT(IPC_PIPE) | BIT(IPC_FIFO))
#define STREAMS (PIPES | BIT(IPC_PTY))
#define UNIX (BIT(IPC_UNIX_STREAM) | BIT(IPC_UNIX_DGRAM) | BIT(IPC_UNIX_SEQPACKET))
#define NET (BIT(IPC_TCP) | BIT(IPC_UDP))
#define ALL (STREAMS | UNIX | NET | BIT(IPC_SIGNAL))

const char *const flavour_names[FLAVOURS] = { "any", "fentry", "tracepoint" };

#define NO_RING "io_uring and aio are not seen"
#define NO_SPLICE "splice by io_uring is not seen"
#define NO_LENGTH "io_uring on sockets is not seen (no sock_send_length before Linux 6.3)"

/* The program of a tracepoint. */
#define POINT(point_event, point_program, point_target, point_mechanisms, point_when, ...) \
	{                                                                                  \
		.event = point_event, .flavour = FLAVOUR_TRACEPOINT,                       \
		.parts = { { point_program, { point_target } } },                          \
		.mechanisms = point_mechanisms, .when = point_when, __VA_ARGS__            \
	}

/* What system calls show of it, when they return. */
#define CALL(call_event, call_mechanisms, ...) \
	POINT(call_event, "sys_exit", "sys_exit", call_mechanisms, HOOK_ALWAYS, __VA_ARGS__)

#define FUNCTION(function_event, function_mechanisms, function_seen, ...)                \
	{                                                                                \
		.event = function_event, .flavour = FLAVOUR_FENTRY, .parts = __VA_ARGS__, \
		.mechanisms = function_mechanisms, .when = HOOK_MAP, .seen = function_seen \
	}

/* Either direction of a kind of socket: the tracepoint of all, its functions, its system calls. */
#define SOCKET(mechanism, direction, name, point, target, ...)                         \
	POINT(name, point, target, BIT(mechanism), HOOK_ALWAYS, ),                     \
	FUNCTION(name, BIT(mechanism), IPC_SEEN_SOCKET_BIT(mechanism, direction), __VA_ARGS__), \
	CALL(name, BIT(mechanism), .lacks = NO_LENGTH)

#define SEND(mechanism, name, ...) \
	SOCKET(mechanism, IPC_TX, name, "sock_sent", "sock_send_length", __VA_ARGS__)
#define RECEIVE(mechanism, name, ...) \
	SOCKET(mechanism, IPC_RX, name, "sock_received", "sock_recv_length", __VA_ARGS__)

#define BRACED(...) { __VA_ARGS__ }
#define INET_SEND BRACED({ "inet_send", { "inet_sendmsg" } }, { "inet6_send", { "inet6_sendmsg" } })
#define INET_RECEIVE BRACED({ "inet_receive", { "inet_recvmsg" } }, { "inet6_receive", { "inet6_recvmsg" } })

/*
 * From 6.15 on FIFOs have functions of their own, which call those of pipes; the names that
 * come first are the newer ones.
 */
const struct hook hooks[] = {
	FUNCTION("pipe read", PIPES, IPC_SEEN_PIPE_RX, { { "pipe_read", { "anon_pipe_read", "pipe_read" } } }),
	CALL("pipe read", PIPES, .lacks = NO_RING),
	FUNCTION("pipe write", PIPES, IPC_SEEN_PIPE_TX, { { "pipe_write", { "anon_pipe_write", "pipe_write" } } }),
	CALL("pipe write", PIPES, .lacks = NO_RING),
	FUNCTION("terminal read", BIT(IPC_PTY), IPC_SEEN_PTY_RX, { { "tty_read", { "tty_read" } } }),
	CALL("terminal read", BIT(IPC_PTY), .lacks = NO_RING),
	FUNCTION("terminal write", BIT(IPC_PTY), IPC_SEEN_PTY_TX, { { "tty_write", { "tty_write" } } }),
	CALL("terminal write", BIT(IPC_PTY), .lacks = NO_RING),
	FUNCTION("terminal opened", BIT(IPC_PTY), IPC_SEEN_OPEN, { { "ptmx", { "ptmx_open" } } }),
	CALL("terminal opened", BIT(IPC_PTY), ),
	FUNCTION("splice", STREAMS | UNIX | NET, IPC_SEEN_SPLICE, { { "splice", { "do_splice" } } }),
	CALL("splice", STREAMS | UNIX | NET, .lacks = NO_SPLICE),
	FUNCTION("tee", PIPES, IPC_SEEN_TEE, { { "tee", { "do_tee" } } }),
	CALL("tee", PIPES, .lacks = NO_SPLICE),
	FUNCTION("sendfile", STREAMS | UNIX | NET, IPC_SEEN_SENDFILE, { { "sendfile", { "do_sendfile" } } }),
	CALL("sendfile", STREAMS | UNIX | NET, ),
	FUNCTION("vmsplice", PIPES, IPC_SEEN_VMSPLICE, { { "vmsplice", { "__x64_sys_vmsplice", "__arm64_sys_vmsplice" } },
		 { "vmsplice_compat", { "__ia32_sys_vmsplice" }, true } }),
	CALL("vmsplice", PIPES, ),
	SEND(IPC_UNIX_STREAM, "unix stream send", BRACED({ "unix_stream_send", { "unix_stream_sendmsg" } })),
	RECEIVE(IPC_UNIX_STREAM, "unix stream receive", BRACED({ "unix_stream_receive", { "unix_stream_recvmsg" } })),
	SEND(IPC_UNIX_DGRAM, "unix datagram send", BRACED({ "unix_dgram_send", { "unix_dgram_sendmsg" } })),
	RECEIVE(IPC_UNIX_DGRAM, "unix datagram receive", BRACED({ "unix_dgram_receive", { "unix_dgram_recvmsg" } })),
	SEND(IPC_UNIX_SEQPACKET, "seqpacket send", BRACED({ "unix_seqpacket_send", { "unix_seqpacket_sendmsg" } })),
	RECEIVE(IPC_UNIX_SEQPACKET, "seqpacket receive",
		BRACED({ "unix_seqpacket_receive", { "unix_seqpacket_recvmsg" } })),
	SEND(IPC_TCP, "tcp send", INET_SEND),
	RECEIVE(IPC_TCP, "tcp receive", INET_RECEIVE),
	/* The tracepoint does not tell addresses: it is for io_uring alone. */
	FUNCTION("udp send", BIT(IPC_UDP), IPC_SEEN_SOCKET_BIT(IPC_UDP, IPC_TX), INET_SEND),
	CALL("udp send", BIT(IPC_UDP), ),
	FUNCTION("udp receive", BIT(IPC_UDP), IPC_SEEN_SOCKET_BIT(IPC_UDP, IPC_RX), INET_RECEIVE),
	CALL("udp receive", BIT(IPC_UDP), ),
	{ .event = "udp send by io_uring", .flavour = FLAVOUR_FENTRY, .parts = INET_SEND,
	  .mechanisms = BIT(IPC_UDP), .when = HOOK_MAP },
	POINT("udp send by io_uring", "sock_sent", "sock_send_length", BIT(IPC_UDP), HOOK_ALWAYS,
	      .without = NO_LENGTH),
	{ .event = "udp receive by io_uring", .flavour = FLAVOUR_FENTRY, .parts = INET_RECEIVE,
	  .mechanisms = BIT(IPC_UDP), .when = HOOK_MAP },
	POINT("udp receive by io_uring", "sock_received", "sock_recv_length", BIT(IPC_UDP), HOOK_ALWAYS,
	      .without = NO_LENGTH),
	POINT("datagram arrival", "data_ready", "sk_data_ready", UNIX, HOOK_ALWAYS,
	      .without = "receivers of unconnected datagrams are found by name (no sk_data_ready before Linux 6.3)"),
	FUNCTION("listen", UNIX | BIT(IPC_TCP), IPC_SEEN_LISTEN, { { "listen", { "__sys_listen" } } }),
	CALL("listen", UNIX | BIT(IPC_TCP), ),
	/* Which channels the processes of a filter made. */
	POINT("channel", "sys_exit", "sys_exit", STREAMS | UNIX | NET, HOOK_FILTERED, ),
	POINT("connection", "inet_state", "inet_sock_set_state", BIT(IPC_TCP), HOOK_FILTERED,
	      .without = "bytes sent before accept() and connect() returned may be missed under a filter"),
	/* ipcdump */
	POINT("contents", "sys_exit", "sys_exit", STREAMS | UNIX | NET, HOOK_STREAM, ),
	POINT("sending", "sys_enter", "sys_enter", STREAMS | UNIX | BIT(IPC_TCP), HOOK_STREAM, ),
	POINT("datagram taken", "datagram_taken", "consume_skb", BIT(IPC_UNIX_DGRAM), HOOK_STREAM, ),
	POINT("packet", "packet_sent", "net_dev_queue", BIT(IPC_UDP), HOOK_STREAM, ),
	POINT("signal", "signal_sent", "signal_generate", BIT(IPC_SIGNAL), HOOK_ALWAYS, ),
	POINT("fork", "process_forked", "sched_process_fork", ALL, HOOK_ALWAYS, ),
	POINT("exec", "process_executed", "sched_process_exec", ALL, HOOK_ALWAYS, ),
	POINT("exit", "process_exited", "sched_process_exit", ALL, HOOK_ALWAYS, ),
	POINT("rename", "process_renamed", "task_rename", ALL, HOOK_ALWAYS,
	      .without = "names that processes give themselves are not seen"),
	{ 0 },
};

bool hook_is_of_processes(const struct hook *hook)
{
	return hook->mechanisms == ALL;
}

static bool target_exists(const struct btf *kernel, enum flavour flavour, const char *target)
{
	char name[96];

	if (flavour != FLAVOUR_TRACEPOINT)
		return kernel_function_exists(kernel, target);
	/* A tp_btf program attaches to the typedef of its tracepoint. */
	snprintf(name, sizeof(name), "btf_trace_%s", target);
	return btf__find_by_name_kind(kernel, name, BTF_KIND_TYPEDEF) > 0;
}

const char *hook_target(const struct btf *kernel, const struct hook *hook, size_t part)
{
	for (size_t i = 0; i < HOOK_TARGETS && hook->parts[part].targets[i]; i++)
		if (target_exists(kernel, hook->flavour, hook->parts[part].targets[i]))
			return hook->parts[part].targets[i];
	return NULL;
}

const char *hook_missing(const struct btf *kernel, const struct hook *hook)
{
	for (size_t i = 0; i < HOOK_PARTS && hook->parts[i].program; i++)
		if (!hook->parts[i].optional && !hook_target(kernel, hook, i))
			return hook->parts[i].targets[0];
	return NULL;
}

bool kernel_function_exists(const struct btf *kernel, const char *name)
{
	return btf__find_by_name_kind(kernel, name, BTF_KIND_FUNC) > 0;
}

enum flavour flavour_by_name(const char *name)
{
	for (enum flavour flavour = FLAVOUR_FENTRY; flavour < FLAVOURS; flavour++)
		if (!strcmp(flavour_names[flavour], name))
			return flavour;
	return FLAVOUR_ANY;
}
