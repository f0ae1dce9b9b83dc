// SPDX-License-Identifier: GPL-2.0-only
/* System calls that move bytes between processes, or make what they move through. */
#include <sys/syscall.h>

#include "hooks.h"

struct call_row {
	int number;
	enum ipc_call call;
};

static const struct call_row native[] = {
	{ SYS_read, IPC_CALL_READ },
	{ SYS_readv, IPC_CALL_READ },
	{ SYS_preadv2, IPC_CALL_READ },
	{ SYS_write, IPC_CALL_WRITE },
	{ SYS_writev, IPC_CALL_WRITE },
	{ SYS_pwritev2, IPC_CALL_WRITE },
	{ SYS_sendto, IPC_CALL_SENDTO },
	{ SYS_recvfrom, IPC_CALL_RECVFROM },
	{ SYS_sendmsg, IPC_CALL_SENDMSG },
	{ SYS_recvmsg, IPC_CALL_RECVMSG },
	{ SYS_sendmmsg, IPC_CALL_SENDMMSG },
	{ SYS_recvmmsg, IPC_CALL_RECVMMSG },
	{ SYS_sendfile, IPC_CALL_SENDFILE },
	{ SYS_splice, IPC_CALL_SPLICE },
	{ SYS_tee, IPC_CALL_TEE },
	{ SYS_vmsplice, IPC_CALL_VMSPLICE },
#ifdef SYS_open
	{ SYS_open, IPC_CALL_OPEN },
#endif
	{ SYS_openat, IPC_CALL_OPEN },
	{ SYS_openat2, IPC_CALL_OPEN },
#ifdef SYS_pipe
	{ SYS_pipe, IPC_CALL_PIPE },
#endif
	{ SYS_pipe2, IPC_CALL_PIPE },
	{ SYS_socketpair, IPC_CALL_SOCKETPAIR },
	{ SYS_connect, IPC_CALL_CONNECT },
	{ SYS_accept, IPC_CALL_ACCEPT },
	{ SYS_accept4, IPC_CALL_ACCEPT },
	{ SYS_listen, IPC_CALL_LISTEN },
	{ SYS_bind, IPC_CALL_BIND },
	{ SYS_io_uring_enter, IPC_CALL_IO_URING },
	{ SYS_io_uring_register, IPC_CALL_URING_REGISTER },
	{ SYS_rt_sigqueueinfo, IPC_CALL_SIGQUEUE },
	{ SYS_rt_tgsigqueueinfo, IPC_CALL_SIGQUEUE },
	{ SYS_pidfd_send_signal, IPC_CALL_SIGQUEUE },
};

/* 32-bit programs: arch/x86/entry/syscalls/syscall_32.tbl, arch/arm/tools/syscall.tbl */
static const struct call_row compat[] = {
#if defined(__x86_64__)
	{ 3, IPC_CALL_READ },	    { 4, IPC_CALL_WRITE },	{ 145, IPC_CALL_READ },
	{ 146, IPC_CALL_WRITE },    { 378, IPC_CALL_READ },	{ 379, IPC_CALL_WRITE },
	{ 187, IPC_CALL_SENDFILE }, { 239, IPC_CALL_SENDFILE }, { 313, IPC_CALL_SPLICE },
	{ 315, IPC_CALL_TEE },	    { 316, IPC_CALL_VMSPLICE }, { 5, IPC_CALL_OPEN },
	{ 295, IPC_CALL_OPEN },	    { 437, IPC_CALL_OPEN },	{ 42, IPC_CALL_PIPE },
	{ 331, IPC_CALL_PIPE },	    { 360, IPC_CALL_SOCKETPAIR }, { 362, IPC_CALL_CONNECT },
	{ 364, IPC_CALL_ACCEPT },   { 363, IPC_CALL_LISTEN },	{ 361, IPC_CALL_BIND },
	{ 369, IPC_CALL_SENDTO },   { 371, IPC_CALL_RECVFROM }, { 370, IPC_CALL_SENDMSG },
	{ 372, IPC_CALL_RECVMSG },  { 345, IPC_CALL_SENDMMSG }, { 337, IPC_CALL_RECVMMSG },
	{ 102, IPC_CALL_SOCKETCALL }, { 417, IPC_CALL_RECVMMSG },
#elif defined(__aarch64__)
	{ 3, IPC_CALL_READ },	    { 4, IPC_CALL_WRITE },	{ 145, IPC_CALL_READ },
	{ 146, IPC_CALL_WRITE },    { 392, IPC_CALL_READ },	{ 393, IPC_CALL_WRITE },
	{ 187, IPC_CALL_SENDFILE }, { 239, IPC_CALL_SENDFILE }, { 340, IPC_CALL_SPLICE },
	{ 342, IPC_CALL_TEE },	    { 343, IPC_CALL_VMSPLICE }, { 5, IPC_CALL_OPEN },
	{ 322, IPC_CALL_OPEN },	    { 437, IPC_CALL_OPEN },	{ 42, IPC_CALL_PIPE },
	{ 359, IPC_CALL_PIPE },	    { 288, IPC_CALL_SOCKETPAIR }, { 283, IPC_CALL_CONNECT },
	{ 285, IPC_CALL_ACCEPT },   { 366, IPC_CALL_ACCEPT },	{ 284, IPC_CALL_LISTEN },
	{ 282, IPC_CALL_BIND },	    { 290, IPC_CALL_SENDTO },	{ 292, IPC_CALL_RECVFROM },
	{ 296, IPC_CALL_SENDMSG },  { 297, IPC_CALL_RECVMSG },	{ 374, IPC_CALL_SENDMMSG },
	{ 365, IPC_CALL_RECVMMSG }, { 417, IPC_CALL_RECVMMSG },
	{ 289, IPC_CALL_WRITE }, /* send: no address, and flags that don't matter */
	{ 291, IPC_CALL_RECV },
#else
	{ -1, IPC_CALL_NONE },
#endif
};

static bool call_sends(enum ipc_call call)
{
	switch (call) {
	case IPC_CALL_WRITE:
	case IPC_CALL_SENDTO:
	case IPC_CALL_SENDMSG:
	case IPC_CALL_SENDMMSG:
	case IPC_CALL_SENDFILE:
	case IPC_CALL_SPLICE:
	case IPC_CALL_TEE:
	case IPC_CALL_VMSPLICE:
	case IPC_CALL_SOCKETCALL:
		return true;
	default:
		return false;
	}
}

static void sending_fill(struct ipc_settings *settings)
{
	for (size_t i = 0; i < IPC_CALL_TABLE; i++)
		settings->calls_sending[i] = call_sends(settings->calls[i]) || call_sends(settings->calls_compat[i]);
}

/* Those whose buffer is an array of struct iovec, among the above. */
static const int vectors[] = { SYS_readv, SYS_writev, SYS_preadv2, SYS_pwritev2 };
#if defined(__x86_64__)
static const int compat_vectors[] = { 145, 146, 378, 379 };
#elif defined(__aarch64__)
static const int compat_vectors[] = { 145, 146, 392, 393 };
#else
static const int compat_vectors[] = { 0 };
#endif

void calls_fill(struct ipc_settings *settings)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		settings->calls_vector[vectors[i]] = 1;
	for (size_t i = 0; i < sizeof(compat_vectors) / sizeof(compat_vectors[0]); i++)
		settings->calls_vector_compat[compat_vectors[i]] = 1;
	for (size_t i = 0; i < sizeof(native) / sizeof(native[0]); i++) {
		settings->calls[native[i].number] = native[i].call;
		settings->calls_any[native[i].number] = native[i].call;
	}
	for (size_t i = 0; i < sizeof(compat) / sizeof(compat[0]); i++) {
		if (compat[i].number < 0)
			continue;
		settings->calls_compat[compat[i].number] = compat[i].call;
		if (!settings->calls_any[compat[i].number])
			settings->calls_any[compat[i].number] = compat[i].call;
	}
	sending_fill(settings);
}

/* Has sys_exit anything to do for calls of this kind? */
static bool call_is_wanted(const struct ipc_settings *settings, uint8_t kind)
{
	const uint32_t streams = IPC_SEEN_PIPE_RX | IPC_SEEN_PIPE_TX | IPC_SEEN_PTY_RX | IPC_SEEN_PTY_TX;
	const uint32_t udp = IPC_SEEN_SOCKET_BIT(IPC_UDP, IPC_RX) | IPC_SEEN_SOCKET_BIT(IPC_UDP, IPC_TX);
	uint32_t sockets = udp;
	uint32_t without;

	if (settings->sockets_by_syscall)
		for (int i = IPC_UNIX_STREAM; i < IPC_UDP; i++)
			sockets |= IPC_SEEN_SOCKET_BIT(i, IPC_RX) | IPC_SEEN_SOCKET_BIT(i, IPC_TX);
	switch (kind) {
	case IPC_CALL_READ:
	case IPC_CALL_WRITE: without = streams | sockets; break;
	case IPC_CALL_SENDFILE: without = IPC_SEEN_SENDFILE; break;
	case IPC_CALL_SPLICE: without = IPC_SEEN_SPLICE; break;
	case IPC_CALL_TEE: without = IPC_SEEN_TEE; break;
	case IPC_CALL_VMSPLICE: without = IPC_SEEN_VMSPLICE; break;
	case IPC_CALL_OPEN: without = settings->filter_on ? 0 : IPC_SEEN_OPEN; break;
	case IPC_CALL_LISTEN: without = settings->filter_on ? 0 : IPC_SEEN_LISTEN; break;
	case IPC_CALL_SOCKETCALL: without = settings->filter_on ? 0 : sockets | IPC_SEEN_LISTEN; break;
	case IPC_CALL_URING_REGISTER: without = IPC_SEEN_MSG_RING; break;
	case IPC_CALL_NONE:
	case IPC_CALL_IO_URING:
	case IPC_CALL_SIGQUEUE: return false;
	case IPC_CALL_PIPE:
	case IPC_CALL_SOCKETPAIR:
	case IPC_CALL_CONNECT:
	case IPC_CALL_ACCEPT:
	case IPC_CALL_BIND: return settings->filter_on;
	default: without = sockets;
	}
	return !without || (settings->seen & without) != without;
}

void calls_thin(struct ipc_settings *settings)
{
	for (size_t i = 0; i < IPC_CALL_TABLE && !settings->stream; i++)
		settings->calls_any[i] = call_is_wanted(settings, settings->calls[i]) ||
					 call_is_wanted(settings, settings->calls_compat[i]);
}
