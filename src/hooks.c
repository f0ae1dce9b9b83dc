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
#define RING BIT(IPC_MSG_RING)
#define ALL (STREAMS | UNIX | NET | BIT(IPC_SIGNAL) | RING)

const char *const flavour_names[FLAVOURS] = { "any", "fentry", "tracepoint", "kprobe" };

#define NO_AIO "aio is not seen"
#define NO_ORDER "who read whose bytes is not known where several write and several read"
#define NO_RING "io_uring is not seen (io_uring_complete names no request before Linux 5.19)"
#define NO_LENGTH \
	"io_uring's multishot requests on sockets, and those without a completion, are not seen before Linux 6.3"

/* A program, and what it goes on. */
#define PART(part_program, ...) { .program = part_program, .targets = { __VA_ARGS__ } }
#define OPTIONAL(part_program, ...) { .program = part_program, .targets = { __VA_ARGS__ }, .optional = true }

/* The program of a tracepoint. */
#define POINT(point_event, point_program, point_target, point_mechanisms, point_when, ...) \
	{                                                                                  \
		.event = point_event, .flavour = FLAVOUR_TRACEPOINT,                       \
		.parts = { PART(point_program, point_target) },                          \
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

/* Likewise, where there are neither fentry programs nor tracepoints for it. */
#define KPROBE(kprobe_event, kprobe_mechanisms, kprobe_seen, ...)                        \
	{                                                                                \
		.event = kprobe_event, .flavour = FLAVOUR_KPROBE, .parts = __VA_ARGS__,  \
		.mechanisms = kprobe_mechanisms, .when = HOOK_MAP, .seen = kprobe_seen   \
	}

/*
 * What io_uring's own tracepoints show of it. Before there is struct io_cqe (5.19) they do not
 * tell of which request; io_uring_submit_req had another name before 6.4.
 */
#define RING_ROW(ring_event, ring_mechanisms, ring_when, ...)                                   \
	{                                                                                       \
		.event = ring_event, .flavour = FLAVOUR_TRACEPOINT,                             \
		.parts = { PART("uring_completed", "io_uring_complete"),                      \
			   OPTIONAL("uring_overflowed", "io_uring_cqe_overflow"),              \
			   PART("uring_submitted", "io_uring_submit_req", "io_uring_submit_sqe") }, \
		.mechanisms = ring_mechanisms, .when = ring_when, .needs = "io_cqe", __VA_ARGS__ \
	}

/* What the hook on a function sees anyway, whoever calls it; else io_uring's tracepoints. */
#define BY_RING(ring_event, ring_mechanisms, ...)                                         \
	FUNCTION(ring_event, ring_mechanisms, 0, __VA_ARGS__),                            \
	RING_ROW(ring_event, ring_mechanisms, HOOK_ALWAYS, .without = NO_RING),           \
	KPROBE(ring_event, ring_mechanisms, 0, __VA_ARGS__)

/* Either direction of a kind of socket: the tracepoint of all, its functions, its system calls. */
#define SOCKET(mechanism, direction, name, point, target, ...)                         \
	POINT(name, point, target, BIT(mechanism), HOOK_ALWAYS, ),                     \
	FUNCTION(name, BIT(mechanism), IPC_SEEN_SOCKET_BIT(mechanism, direction), __VA_ARGS__), \
	CALL(name, BIT(mechanism), ),                                                  \
	KPROBE(name, BIT(mechanism), IPC_SEEN_SOCKET_BIT(mechanism, direction), __VA_ARGS__), \
	SOCKET_BY_RING(mechanism, name " by io_uring", point, target, __VA_ARGS__)

#define SOCKET_BY_RING(mechanism, name, point, target, ...)                            \
	POINT(name, point, target, BIT(mechanism), HOOK_ALWAYS, ),                     \
	FUNCTION(name, BIT(mechanism), 0, __VA_ARGS__),                                \
	RING_ROW(name, BIT(mechanism), HOOK_ALWAYS, .lacks = NO_LENGTH, .without = NO_RING), \
	KPROBE(name, BIT(mechanism), 0, __VA_ARGS__)

#define SEND(mechanism, name, ...) \
	SOCKET(mechanism, IPC_TX, name, "sock_sent", "sock_send_length", __VA_ARGS__)
#define RECEIVE(mechanism, name, ...) \
	SOCKET(mechanism, IPC_RX, name, "sock_received", "sock_recv_length", __VA_ARGS__)

#define BRACED(...) { __VA_ARGS__ }
#define INET_SEND BRACED(PART("inet_send", "inet_sendmsg"), PART("inet6_send", "inet6_sendmsg"))
#define INET_RECEIVE BRACED(PART("inet_receive", "inet_recvmsg"), PART("inet6_receive", "inet6_recvmsg"))

#define UDP_BY_RING(name, point, target, ...)                                            \
	FUNCTION(name, BIT(IPC_UDP), 0, __VA_ARGS__),                                    \
	POINT(name, point, target, BIT(IPC_UDP), HOOK_ALWAYS, ),                         \
	RING_ROW(name, BIT(IPC_UDP), HOOK_ALWAYS, .lacks = NO_LENGTH, .without = NO_RING), \
	KPROBE(name, BIT(IPC_UDP), 0, __VA_ARGS__)
#define PIPE_READ BRACED(PART("pipe_read", "anon_pipe_read", "pipe_read"))
#define PIPE_WRITE BRACED(PART("pipe_write", "anon_pipe_write", "pipe_write"))
#define PIPE_ORDER \
	BRACED(PART("mutex_released", "mutex_unlock"), PART("pipe_made", "alloc_pipe_info"), \
	       PART("pipe_freed", "free_pipe_info"))
#define STREAM_ORDER                                                                           \
	BRACED(PART("unix_appended", "skb_splice_from_iter", "skb_append_pagefrags"),          \
	       PART("unix_filled", "skb_copy_datagram_from_iter"),                             \
	       PART("unix_stream_spliced", "unix_stream_splice_actor"),                        \
	       PART("unix_stream_taken", "unix_stream_read_actor"))
#define MESSAGE_ORDER                                                                          \
	BRACED(PART("unix_filled", "skb_copy_datagram_from_iter"),                             \
	       PART("unix_message_taken", "__skb_try_recv_datagram"))
#define ARRIVAL BRACED(PART("unix_arrived", "sock_def_readable"))
#define TTY_READ BRACED(PART("tty_read", "tty_read"))
#define TTY_WRITE BRACED(PART("tty_write", "tty_write"))
#define PTMX BRACED(PART("ptmx", "ptmx_open"))
#define SPLICE BRACED(PART("splice", "do_splice"))
#define TEE BRACED(PART("tee", "do_tee"))
#define SENDFILE BRACED(PART("sendfile", "do_sendfile"))
#define VMSPLICE                                                                    \
	BRACED(PART("vmsplice", "__x64_sys_vmsplice", "__arm64_sys_vmsplice"),      \
	       OPTIONAL("vmsplice_compat", "__ia32_sys_vmsplice"))
#define LISTEN BRACED(PART("listen", "__sys_listen"))
#define RING_SYNC BRACED(PART("ring_sync", "io_uring_sync_msg_ring"))

/*
 * From 6.15 on FIFOs have functions of their own, which call those of pipes; the names that
 * come first are the newer ones.
 */
const struct hook hooks[] = {
	FUNCTION("pipe read", PIPES, IPC_SEEN_PIPE_RX, PIPE_READ),
	CALL("pipe read", PIPES, .lacks = NO_AIO),
	KPROBE("pipe read", PIPES, IPC_SEEN_PIPE_RX, PIPE_READ),
	BY_RING("pipe read by io_uring", PIPES, PIPE_READ),
	FUNCTION("pipe write", PIPES, IPC_SEEN_PIPE_TX, PIPE_WRITE),
	CALL("pipe write", PIPES, .lacks = NO_AIO),
	KPROBE("pipe write", PIPES, IPC_SEEN_PIPE_TX, PIPE_WRITE),
	BY_RING("pipe write by io_uring", PIPES, PIPE_WRITE),
	/* Under the mutex of a pipe: in which order its bytes were written and read. */
	{ .event = "order of a pipe", .flavour = FLAVOUR_FENTRY, .parts = PIPE_ORDER, .mechanisms = PIPES,
	  .when = HOOK_MAP, .seen = IPC_SEEN_PIPE_ORDER, .without = NO_ORDER },
	{ .event = "order of a pipe", .flavour = FLAVOUR_KPROBE, .parts = PIPE_ORDER, .mechanisms = PIPES,
	  .when = HOOK_MAP, .seen = IPC_SEEN_PIPE_ORDER, .without = NO_ORDER },
	FUNCTION("terminal read", BIT(IPC_PTY), IPC_SEEN_PTY_RX, TTY_READ),
	CALL("terminal read", BIT(IPC_PTY), .lacks = NO_AIO),
	KPROBE("terminal read", BIT(IPC_PTY), IPC_SEEN_PTY_RX, TTY_READ),
	BY_RING("terminal read by io_uring", BIT(IPC_PTY), TTY_READ),
	FUNCTION("terminal write", BIT(IPC_PTY), IPC_SEEN_PTY_TX, TTY_WRITE),
	CALL("terminal write", BIT(IPC_PTY), .lacks = NO_AIO),
	KPROBE("terminal write", BIT(IPC_PTY), IPC_SEEN_PTY_TX, TTY_WRITE),
	BY_RING("terminal write by io_uring", BIT(IPC_PTY), TTY_WRITE),
	FUNCTION("terminal opened", BIT(IPC_PTY), IPC_SEEN_OPEN, PTMX),
	CALL("terminal opened", BIT(IPC_PTY), ),
	KPROBE("terminal opened", BIT(IPC_PTY), IPC_SEEN_OPEN, PTMX),
	BY_RING("terminal opened by io_uring", BIT(IPC_PTY), PTMX),
	FUNCTION("splice", STREAMS | UNIX | NET, IPC_SEEN_SPLICE, SPLICE),
	CALL("splice", STREAMS | UNIX | NET, ),
	KPROBE("splice", STREAMS | UNIX | NET, IPC_SEEN_SPLICE, SPLICE),
	BY_RING("splice by io_uring", STREAMS | UNIX | NET, SPLICE),
	FUNCTION("tee", PIPES, IPC_SEEN_TEE, TEE),
	CALL("tee", PIPES, ),
	KPROBE("tee", PIPES, IPC_SEEN_TEE, TEE),
	BY_RING("tee by io_uring", PIPES, TEE),
	FUNCTION("sendfile", STREAMS | UNIX | NET, IPC_SEEN_SENDFILE, SENDFILE),
	CALL("sendfile", STREAMS | UNIX | NET, ),
	KPROBE("sendfile", STREAMS | UNIX | NET, IPC_SEEN_SENDFILE, SENDFILE),
	FUNCTION("vmsplice", PIPES, IPC_SEEN_VMSPLICE, VMSPLICE),
	CALL("vmsplice", PIPES, ),
	KPROBE("vmsplice", PIPES, IPC_SEEN_VMSPLICE, VMSPLICE),
	SEND(IPC_UNIX_STREAM, "unix stream send", BRACED(PART("unix_stream_send", "unix_stream_sendmsg"))),
	RECEIVE(IPC_UNIX_STREAM, "unix stream receive", BRACED(PART("unix_stream_receive", "unix_stream_recvmsg"))),
	SEND(IPC_UNIX_DGRAM, "unix datagram send", BRACED(PART("unix_dgram_send", "unix_dgram_sendmsg"))),
	RECEIVE(IPC_UNIX_DGRAM, "unix datagram receive", BRACED(PART("unix_dgram_receive", "unix_dgram_recvmsg"))),
	SEND(IPC_UNIX_SEQPACKET, "seqpacket send", BRACED(PART("unix_seqpacket_send", "unix_seqpacket_sendmsg"))),
	RECEIVE(IPC_UNIX_SEQPACKET, "seqpacket receive",
		BRACED(PART("unix_seqpacket_receive", "unix_seqpacket_recvmsg"))),
	/*
	 * Whose bytes a message is: noted where it is filled, looked up where it is read. What is
	 * spliced into a socket comes by a function of its own, up to 6.4 into another's message, too.
	 */
	{ .event = "order of a unix stream", .flavour = FLAVOUR_FENTRY, .parts = STREAM_ORDER,
	  .mechanisms = BIT(IPC_UNIX_STREAM), .when = HOOK_MAP, .seen = IPC_SEEN_STREAM_ORDER, .without = NO_ORDER },
	{ .event = "order of a unix stream", .flavour = FLAVOUR_KPROBE, .parts = STREAM_ORDER,
	  .mechanisms = BIT(IPC_UNIX_STREAM), .when = HOOK_MAP, .seen = IPC_SEEN_STREAM_ORDER, .without = NO_ORDER },
	{ .event = "order of unix datagrams", .flavour = FLAVOUR_FENTRY, .parts = MESSAGE_ORDER,
	  .mechanisms = BIT(IPC_UNIX_DGRAM) | BIT(IPC_UNIX_SEQPACKET), .when = HOOK_MAP,
	  .seen = IPC_SEEN_MESSAGE_ORDER, .without = NO_ORDER },
	{ .event = "order of unix datagrams", .flavour = FLAVOUR_KPROBE, .parts = MESSAGE_ORDER,
	  .mechanisms = BIT(IPC_UNIX_DGRAM) | BIT(IPC_UNIX_SEQPACKET), .when = HOOK_MAP,
	  .seen = IPC_SEEN_MESSAGE_ORDER, .without = NO_ORDER },
	SEND(IPC_TCP, "tcp send", INET_SEND),
	RECEIVE(IPC_TCP, "tcp receive", INET_RECEIVE),
	/* The tracepoint does not tell addresses: it is for io_uring alone, where no function is hooked. */
	FUNCTION("udp send", BIT(IPC_UDP), IPC_SEEN_SOCKET_BIT(IPC_UDP, IPC_TX), INET_SEND),
	CALL("udp send", BIT(IPC_UDP), ),
	KPROBE("udp send", BIT(IPC_UDP), IPC_SEEN_SOCKET_BIT(IPC_UDP, IPC_TX), INET_SEND),
	FUNCTION("udp receive", BIT(IPC_UDP), IPC_SEEN_SOCKET_BIT(IPC_UDP, IPC_RX), INET_RECEIVE),
	CALL("udp receive", BIT(IPC_UDP), ),
	KPROBE("udp receive", BIT(IPC_UDP), IPC_SEEN_SOCKET_BIT(IPC_UDP, IPC_RX), INET_RECEIVE),
	UDP_BY_RING("udp send by io_uring", "sock_sent", "sock_send_length", INET_SEND),
	UDP_BY_RING("udp receive by io_uring", "sock_received", "sock_recv_length", INET_RECEIVE),
	RING_ROW("message to a ring", RING, HOOK_ALWAYS, .without = "not seen before Linux 5.19"),
	/* Without a ring of the sender's (6.13+). */
	FUNCTION("message without a ring", RING, IPC_SEEN_MSG_RING, RING_SYNC),
	CALL("message without a ring", RING, .needs = "io_uring_sync_msg_ring"),
	KPROBE("message without a ring", RING, IPC_SEEN_MSG_RING, RING_SYNC),
	POINT("datagram arrival", "data_ready", "sk_data_ready", UNIX, HOOK_ALWAYS,
	      .without = "receivers of unconnected datagrams are found by name (no sk_data_ready before Linux 6.3)"),
	{ .event = "datagram arrival", .flavour = FLAVOUR_FENTRY, .parts = ARRIVAL, .mechanisms = UNIX,
	  .when = HOOK_MAP, .unless = "sk_data_ready" },
	{ .event = "datagram arrival", .flavour = FLAVOUR_KPROBE, .parts = ARRIVAL, .mechanisms = UNIX,
	  .when = HOOK_MAP, .unless = "sk_data_ready" },
	FUNCTION("listen", UNIX | BIT(IPC_TCP), IPC_SEEN_LISTEN, LISTEN),
	CALL("listen", UNIX | BIT(IPC_TCP), ),
	KPROBE("listen", UNIX | BIT(IPC_TCP), IPC_SEEN_LISTEN, LISTEN),
	/* Which channels the processes of a filter made. */
	POINT("channel", "sys_exit", "sys_exit", STREAMS | UNIX | NET, HOOK_FILTERED, ),
	RING_ROW("channel by io_uring", STREAMS | UNIX | NET, HOOK_FILTERED, ),
	POINT("connection", "inet_state", "inet_sock_set_state", BIT(IPC_TCP), HOOK_FILTERED,
	      .without = "bytes sent before accept() and connect() returned may be missed under a filter"),
	/* ipcdump */
	POINT("contents", "sys_exit", "sys_exit", STREAMS | UNIX | NET, HOOK_STREAM, ),
	RING_ROW("sending by io_uring", STREAMS | UNIX | BIT(IPC_TCP), HOOK_STREAM, ),
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

/* FLAVOUR_ANY: a type or function of that name. */
static bool target_look_up(const struct btf *kernel, enum flavour flavour, const char *target)
{
	char name[96];

	if (flavour == FLAVOUR_ANY)
		return btf__find_by_name(kernel, target) > 0;
	if (flavour != FLAVOUR_TRACEPOINT)
		return kernel_function_exists(kernel, target);
	/* A tp_btf program attaches to the typedef of its tracepoint. */
	snprintf(name, sizeof(name), "btf_trace_%s", target);
	return btf__find_by_name_kind(kernel, name, BTF_KIND_TYPEDEF) > 0;
}

/*
 * Many rows ask for the same, again and again, and libbpf goes through all types of the kernel
 * each time: so what the running kernel has is asked once.
 */
static bool target_exists(const struct btf *kernel, enum flavour flavour, const char *target)
{
	static struct {
		enum flavour flavour;
		const char *target;
		bool exists;
	} known[HOOKS_MAX];
	static size_t count;
	bool exists;

	for (size_t i = 0; i < count; i++)
		if (known[i].flavour == flavour && !strcmp(known[i].target, target))
			return known[i].exists;
	exists = target_look_up(kernel, flavour, target);
	if (count < HOOKS_MAX) {
		known[count].flavour = flavour;
		known[count].target = target;
		known[count++].exists = exists;
	}
	return exists;
}

const char *hook_target(const struct btf *kernel, const struct hook *hook, size_t part)
{
	for (size_t i = 0; i < HOOK_TARGETS && hook->parts[part].targets[i]; i++)
		if (target_exists(kernel, hook->flavour, hook->parts[part].targets[i]))
			return hook->parts[part].targets[i];
	return NULL;
}

const char *hook_tracepoint(const struct btf *kernel, const struct hook *hook)
{
	return hook->unless && target_exists(kernel, FLAVOUR_TRACEPOINT, hook->unless) ? hook->unless : NULL;
}

const char *hook_missing(const struct btf *kernel, const struct hook *hook)
{
	if (hook->needs && !target_exists(kernel, FLAVOUR_ANY, hook->needs))
		return hook->needs;
	for (size_t i = 0; i < HOOK_PARTS && hook->parts[i].program; i++)
		if (!hook->parts[i].optional && !hook_target(kernel, hook, i))
			return hook->parts[i].targets[0];
	return NULL;
}

unsigned int tracepoint_arguments(const struct btf *kernel, const char *name)
{
	const struct btf_type *type;
	char symbol[96];
	int id;

	snprintf(symbol, sizeof(symbol), "btf_trace_%s", name);
	id = btf__find_by_name_kind(kernel, symbol, BTF_KIND_TYPEDEF);
	type = id > 0 ? btf__type_by_id(kernel, id) : NULL;
	/* a typedef of a pointer to a function, whose first argument is the tracepoint's own */
	for (int i = 0; type && i < 2; i++)
		type = btf__type_by_id(kernel, type->type);
	return type && btf_is_func_proto(type) ? btf_vlen(type) - 1U : 0;
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
