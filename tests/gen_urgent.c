// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: urgent data, a byte that is read out of its turn. */
#include "gen_net.h"
#include "ipcgen.h"

#define BEFORE 100
#define AFTER 50

enum { FIRST, SECOND };
enum { TX, TX2, RX, RX2 };
enum { URGENT_SENT, ALL_SENT };

static int ends[2];
static enum { ASKED_FOR, INLINE, SKIPPED } how;
static pid_t writers[2], reader;
static bool both; /* write through one end: else the first does all of it */

static void write_urgent(void *arg)
{
	(void)arg;
	write_all(ends[0], filled(BEFORE), BEFORE, TX);
	check(count(TX, send(ends[0], "!", 1, MSG_OOB)) == 1);
	mark(URGENT_SENT);
	if (both)
		return;
	write_all(ends[0], filled(AFTER), AFTER, TX);
	mark(ALL_SENT);
}

static void write_after(void *arg)
{
	(void)arg;
	await(URGENT_SENT);
	write_all(ends[0], filled(AFTER), AFTER, TX2);
	mark(ALL_SENT);
}

static void take(size_t size, unsigned int index, int flags)
{
	char data[256];

	check(count(index, recv(ends[1], data, sizeof(data), flags)) == (ssize_t)size);
}

/* A read does not go beyond the mark where the urgent byte was. */
static void read_urgent(void *arg)
{
	const int on = 1;

	(void)arg;
	check(how != INLINE || !setsockopt(ends[1], SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on)));
	await(ALL_SENT);
	if (how == ASKED_FOR)
		take(1, RX, MSG_OOB);
	take(BEFORE, RX, 0);
	take(how == INLINE ? 1 + AFTER : AFTER, both ? RX2 : RX, 0);
}

static void run(void)
{
	reader = actor("gen-reader", read_urgent, NULL);
	writers[FIRST] = actor("gen-first", write_urgent, NULL);
	if (both)
		writers[SECOND] = actor("gen-second", write_after, NULL);
	actors_finish();
}

static void run_tcp(int way)
{
	struct truth_edge *edge;
	char text[GEN_NAME_LEN];
	struct address address;

	how = way;
	tcp_pair(ends);
	address = address_of(ends[0]);
	run();
	edge = declare_exact(writers[FIRST], reader, "tcp", tally(TX), tally(RX));
	address_text(&address, text, sizeof(text));
	edge_name(edge, "%s", text);
}

static void tcp_urgent(void)
{
	run_tcp(ASKED_FOR);
}

static void tcp_inline(void)
{
	run_tcp(INLINE);
}

static void tcp_skipped(void)
{
	run_tcp(SKIPPED);
}

static void run_unix(void)
{
	need_linux(5, 15);
	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	run();
}

static void unix_urgent(void)
{
	run_unix();
	declare_exact(writers[FIRST], reader, "unix-stream", tally(TX), tally(RX));
}

/* The urgent byte is the first one's, and read before what he had sent earlier. */
static void unix_shared(void)
{
	both = true;
	run_unix();
	declare_exact(writers[FIRST], reader, "unix-stream", tally(TX), tally(RX));
	declare_exact(writers[SECOND], reader, "unix-stream", tally(TX2), tally(RX2));
}

const struct factory urgent_factories[] = {
	{ "tcp-urgent", tcp_urgent },
	{ "tcp-urgent-inline", tcp_inline },
	{ "tcp-urgent-skipped", tcp_skipped },
	{ "unix-urgent", unix_urgent },
	{ "shared-unix-urgent", unix_shared },
	{ 0 },
};
