// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: bytes that move without passing through a buffer of the process. */
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

#define BLOCK 4096
#define BLOCKS 8
#define TOTAL (BLOCK * BLOCKS)

enum { TX, RX, MIDDLE_RX, MIDDLE_TX };
enum { WRITTEN, DONE };

static int ends[2], more[2], file;
static pid_t writer, middle, reader;

static int open_file(size_t size)
{
	char path[128];
	int fd;

	scratch_path(path, sizeof(path), "file");
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	check(fd >= 0);
	check(write(fd, filled(size), size) == (ssize_t)size);
	check(!lseek(fd, 0, SEEK_SET));
	return fd;
}

static void take(void *fd)
{
	read_all(*(int *)fd, TOTAL, RX);
}

static void give(void *fd)
{
	char *data = filled(BLOCK);

	for (int i = 0; i < BLOCKS; i++)
		write_all(*(int *)fd, data, BLOCK, TX);
	mark(WRITTEN);
}

/* Splices until TOTAL went through; what it took it also gave. */
static void splice_through(int from, int to, unsigned int taken, unsigned int given)
{
	for (size_t left = TOTAL; left;) {
		ssize_t moved = splice(from, NULL, to, NULL, left < BLOCK ? left : BLOCK, 0);

		check(moved > 0);
		count(taken, moved);
		count(given, moved);
		left -= (size_t)moved;
	}
}

static void splice_from_file(void *arg)
{
	(void)arg;
	splice_through(file, ends[1], MIDDLE_RX, TX);
}

static void splice_file_pipe(void)
{
	check(!pipe(ends));
	file = open_file(TOTAL);
	writer = actor("gen-splicer", splice_from_file, NULL);
	reader = actor("gen-reader", take, &ends[0]);
	actors_finish();
	declare_exact(writer, reader, "pipe", tally(TX), tally(RX));
}

static void splice_to_file(void *arg)
{
	(void)arg;
	splice_through(ends[0], file, RX, MIDDLE_TX);
}

static void splice_pipe_file(void)
{
	check(!pipe(ends));
	file = open_file(1);
	writer = actor("gen-writer", give, &ends[1]);
	reader = actor("gen-splicer", splice_to_file, NULL);
	actors_finish();
	declare_exact(writer, reader, "pipe", tally(TX), tally(RX));
}

static void splice_between(void *arg)
{
	(void)arg;
	splice_through(ends[0], more[1], MIDDLE_RX, MIDDLE_TX);
}

static void splice_pipe_pipe(void)
{
	check(!pipe(ends) && !pipe(more));
	writer = actor("gen-writer", give, &ends[1]);
	middle = actor("gen-splicer", splice_between, NULL);
	reader = actor("gen-reader", take, &more[0]);
	actors_finish();
	declare_exact(writer, middle, "pipe", tally(TX), tally(MIDDLE_RX));
	declare_exact(middle, reader, "pipe", tally(MIDDLE_TX), tally(RX));
}

/* tee() copies: its input pipe still holds the bytes, which a read then takes. */
static void tee_and_read(void *arg)
{
	(void)arg;
	await(WRITTEN);
	check(count(MIDDLE_TX, tee(ends[0], more[1], TOTAL, 0)) == TOTAL);
	read_all(ends[0], TOTAL, MIDDLE_RX);
}

static void tee_pipe_pipe(void)
{
	check(!pipe(ends) && !pipe(more));
	writer = actor("gen-writer", give, &ends[1]);
	middle = actor("gen-tee", tee_and_read, NULL);
	reader = actor("gen-reader", take, &more[0]);
	actors_finish();
	declare_exact(writer, middle, "pipe", tally(TX), tally(MIDDLE_RX));
	declare_exact(middle, reader, "pipe", tally(MIDDLE_TX), tally(RX));
}

static void vmsplice_give(void *arg)
{
	char *data = aligned_alloc(BLOCK, BLOCK);

	(void)arg;
	check(data);
	for (int i = 0; i < BLOCKS; i++) {
		struct iovec part = { data, BLOCK };

		check(count(TX, vmsplice(ends[1], &part, 1, 0)) == BLOCK);
	}
}

static void vmsplice_in(void)
{
	check(!pipe(ends));
	writer = actor("gen-vmsplice", vmsplice_give, NULL);
	reader = actor("gen-reader", take, &ends[0]);
	actors_finish();
	declare_exact(writer, reader, "pipe", tally(TX), tally(RX));
}

static void vmsplice_take(void *arg)
{
	char *data = filled(TOTAL);
	struct iovec parts[2] = { { data, TOTAL / 2 }, { data + TOTAL / 2, TOTAL / 2 } };

	(void)arg;
	await(WRITTEN);
	check(count(RX, vmsplice(ends[0], parts, 2, 0)) == TOTAL);
}

static void vmsplice_out(void)
{
	check(!pipe(ends));
	writer = actor("gen-writer", give, &ends[1]);
	reader = actor("gen-vmsplice", vmsplice_take, NULL);
	actors_finish();
	declare_exact(writer, reader, "pipe", tally(TX), tally(RX));
}

static void sendfile_all(void *fd)
{
	for (size_t left = TOTAL; left;) {
		ssize_t moved = count(TX, sendfile(*(int *)fd, file, NULL, BLOCK));

		check(moved > 0);
		left -= (size_t)moved;
	}
}

static void sendfile_pipe(void)
{
	check(!pipe(ends));
	file = open_file(TOTAL);
	writer = actor("gen-sendfile", sendfile_all, &ends[1]);
	reader = actor("gen-reader", take, &ends[0]);
	actors_finish();
	declare_exact(writer, reader, "pipe", tally(TX), tally(RX));
}

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static bool multipath;

/* To the map it is tcp, by the addresses of its first subflow. */
static void mptcp_ends(void)
{
	struct address address = inet_address("127.0.0.1", 0);
	int listener = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);

	if (listener < 0)
		skip("no MPTCP: %m");
	check(!bind(listener, &address.any, address.size) && !listen(listener, 1));
	address = address_of(listener);
	ends[1] = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	check(ends[1] >= 0 && !connect(ends[1], &address.any, address.size));
	ends[0] = accept(listener, NULL, NULL);
	check(ends[0] >= 0);
	close(listener);
}

/* A connected pair of sockets: ends[0] is read, ends[1] written. */
static void connect_ends(const char *mechanism)
{
	if (multipath)
		mptcp_ends();
	else if (mechanism[0] == 't')
		tcp_pair(ends);
	else
		check(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}

static void sendfile_socket(const char *mechanism)
{
	connect_ends(mechanism);
	file = open_file(TOTAL);
	writer = actor("gen-sendfile", sendfile_all, &ends[1]);
	reader = actor("gen-reader", take, &ends[0]);
	actors_finish();
	declare_exact(writer, reader, mechanism, tally(TX), tally(RX));
}

static void sendfile_tcp(void)
{
	sendfile_socket("tcp");
}

static void sendfile_unix(void)
{
	sendfile_socket("unix-stream");
}

/* The splicer waits until the pipe holds all: each of its calls then moves a whole block. */
static void splice_pipe_to_ends(void *arg)
{
	(void)arg;
	await(WRITTEN);
	splice_through(more[0], ends[1], MIDDLE_RX, MIDDLE_TX);
}

static void splice_pipe_socket(const char *mechanism)
{
	connect_ends(mechanism);
	check(!pipe(more));
	writer = actor("gen-writer", give, &more[1]);
	middle = actor("gen-splicer", splice_pipe_to_ends, NULL);
	reader = actor("gen-reader", take, &ends[0]);
	actors_finish();
	declare_exact(writer, middle, "pipe", tally(TX), tally(MIDDLE_RX));
	declare_exact(middle, reader, mechanism, tally(MIDDLE_TX), tally(RX));
}

static void splice_pipe_tcp(void)
{
	splice_pipe_socket("tcp");
}

static void splice_pipe_unix(void)
{
	splice_pipe_socket("unix-stream");
}

static void splice_ends_to_pipe(void *arg)
{
	(void)arg;
	await(WRITTEN);
	splice_through(ends[0], more[1], MIDDLE_RX, MIDDLE_TX);
}

static void splice_socket_pipe(const char *mechanism)
{
	connect_ends(mechanism);
	check(!pipe(more));
	writer = actor("gen-writer", give, &ends[1]);
	middle = actor("gen-splicer", splice_ends_to_pipe, NULL);
	reader = actor("gen-reader", take, &more[0]);
	actors_finish();
	declare_exact(writer, middle, mechanism, tally(TX), tally(MIDDLE_RX));
	declare_exact(middle, reader, "pipe", tally(MIDDLE_TX), tally(RX));
}

static void splice_tcp_pipe(void)
{
	splice_socket_pipe("tcp");
}

static void splice_unix_pipe(void)
{
	splice_socket_pipe("unix-stream");
}

static void splice_pipe_mptcp(void)
{
	multipath = true;
	splice_pipe_socket("tcp");
}

static void splice_mptcp_pipe(void)
{
	multipath = true;
	splice_socket_pipe("tcp");
}

const struct factory splice_factories[] = {
	{ "splice-file-pipe", splice_file_pipe },
	{ "splice-pipe-file", splice_pipe_file },
	{ "splice-pipe-pipe", splice_pipe_pipe },
	{ "splice-pipe-tcp", splice_pipe_tcp },
	{ "splice-pipe-unix", splice_pipe_unix },
	{ "splice-tcp-pipe", splice_tcp_pipe },
	{ "splice-unix-pipe", splice_unix_pipe },
	{ "splice-pipe-mptcp", splice_pipe_mptcp },
	{ "splice-mptcp-pipe", splice_mptcp_pipe },
	{ "tee", tee_pipe_pipe },
	{ "vmsplice-in", vmsplice_in },
	{ "vmsplice-out", vmsplice_out },
	{ "sendfile-pipe", sendfile_pipe },
	{ "sendfile-tcp", sendfile_tcp },
	{ "sendfile-unix", sendfile_unix },
	{ 0 },
};
