// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipcgen: what came by a connection is read when the kernel has closed it at both ends; by then the
 * reader's socket has no port of its own any more (inet_put_port()).
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

#define AMOUNT 30000 /* less than fits the window of a reader that does not read */
#define READ 6000

enum { GO };
enum { WRITER, READER };

static int ends[2];

/* Of the kernel: TCP_CLOSE. */
static bool is_closed(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	check(!getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size));
	return info.tcpi_state == TCP_CLOSE;
}

static void write_and_close(void *arg)
{
	char byte;

	(void)arg;
	keep_only(ends[1]);
	await(GO);
	check(!read(ends[1], &byte, 1)); /* it says nothing, and will not */
	write_all(ends[1], filled(AMOUNT), AMOUNT, WRITER);
	close(ends[1]);
}

static void read_when_closed(void *arg)
{
	const struct timespec slice = { .tv_nsec = 1000000 };
	time_t deadline = time(NULL) + 120;

	(void)arg;
	keep_only(ends[0]);
	await(GO);
	check(!shutdown(ends[0], SHUT_WR));
	while (!is_closed(ends[0])) {
		check(time(NULL) < deadline);
		nanosleep(&slice, NULL);
	}
	check(drain(ends[0], READ, READER) == AMOUNT);
}

static void read_closed(void)
{
	pid_t writer, reader;

	tcp_pair(ends);
	writer = actor("gen-writer", write_and_close, NULL);
	reader = actor("gen-reader", read_when_closed, NULL);
	keep_only(-1);
	hold_ready();
	mark(GO);
	actors_finish();
	declare_exact(writer, reader, "tcp", tally(WRITER), tally(READER));
	hold_done();
}

const struct factory closed_factories[] = {
	{ "tcp-read-when-closed", read_closed },
	{ 0 },
};

const struct factory hold_closed_factories[] = {
	{ "hold-read-when-closed", read_closed },
	{ 0 },
};
