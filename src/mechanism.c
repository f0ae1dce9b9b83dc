// SPDX-License-Identifier: GPL-2.0-only
#include "mechanism.h"

#include <string.h>

const struct mechanism mechanisms[IPC_MECHANISMS] = {
	[IPC_PIPE] = { "pipe", NULL, "anonymous pipe" },
	[IPC_FIFO] = { "fifo", NULL, "named pipe" },
	[IPC_UNIX_STREAM] = { "unix-stream", "unix", "UNIX stream socket" },
	[IPC_UNIX_DGRAM] = { "unix-dgram", "unix", "UNIX datagram socket" },
	[IPC_UNIX_SEQPACKET] = { "unix-seqpacket", "unix", "UNIX packet socket" },
	[IPC_TCP] = { "tcp", "net", "TCP connection" },
	[IPC_UDP] = { "udp", "net", "UDP datagrams" },
	[IPC_PTY] = { "pty", NULL, "pseudo-terminal" },
	[IPC_SIGNAL] = { "signal", NULL, "signal" },
	[IPC_MSG_RING] = { "msg_ring", NULL, "message to an io_uring" },
};

uint32_t mechanism_bits(const char *name)
{
	bool all = strcmp(name, "all") == 0;
	uint32_t bits = 0;

	for (int i = 0; i < IPC_MECHANISMS; i++) {
		const struct mechanism *m = &mechanisms[i];

		if (all || strcmp(name, m->name) == 0 || (m->group && strcmp(name, m->group) == 0))
			bits |= UINT32_C(1) << i;
	}
	return bits;
}

int mechanism_by_name(const char *name)
{
	for (int i = 0; i < IPC_MECHANISMS; i++) {
		if (strcmp(name, mechanisms[i].name) == 0)
			return i;
	}
	return -1;
}
