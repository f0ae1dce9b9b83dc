// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipcgen: several senders, one receiver, which does not get all of it. Whose
 * bytes were left is not known: what is certain is the receiver's, the rest
 * goes by way of the hub.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

#define SIZE 10
#define LONG 100

enum { SENT = 0 };
enum { LITTLE, MUCH, READER, PARTIES };

/* The messages of the two senders, and how many the receiver takes: of no more than this. */
static unsigned int sends[2], takes;
static size_t send_size, take_size;
static int ends[2];
static pid_t pids[PARTIES];

static void send_some(void *arg)
{
	unsigned int party = *(unsigned int *)arg;

	if (party)
		await(SENT + party - 1);
	for (unsigned int i = 0; i < sends[party]; i++)
		check(count(party, write(ends[1], filled(send_size), send_size)) ==
		      (ssize_t)send_size);
	mark(SENT + party);
}

static void take_some(void *arg)
{
	(void)arg;
	await(SENT + LITTLE);
	await(SENT + MUCH);
	for (unsigned int i = 0; i < takes; i++)
		check(count(READER, read(ends[0], filled(take_size), take_size)) ==
		      (ssize_t)take_size);
}

static void run(void)
{
	static const char *const names[] = { "gen-little", "gen-much", "gen-reader" };

	for (unsigned int party = 0; party < PARTIES; party++)
		pids[party] = actor(names[party], party == READER ? take_some : send_some, &party);
	actors_finish();
}

static struct truth_edge *declare_hub(int64_t src, int64_t dst, const char *mechanism,
				      int64_t bytes, int64_t received)
{
	struct truth_edge *edge = declare(src, dst, mechanism);

	edge->attribution = "hub";
	edge->bytes = bytes;
	edge->received_bytes = received;
	edge->when = UNORDERED;
	return edge;
}

/* Where the order is known: what the sender gave, and what of it was read. */
static void declare_ordered(unsigned int party, const char *mechanism, int64_t received)
{
	struct truth_edge *edge = declare(pids[party], pids[READER], mechanism);

	if (!received)
		edge->attribution = "undelivered";
	edge->ops = tally(party).ops;
	edge->bytes = tally(party).bytes;
	edge->received_bytes = received;
	edge->when = ORDERED;
}

/* Nothing is known of whose half was read; the little one's came first. */
static void declare_unknown(const char *mechanism)
{
	for (unsigned int party = LITTLE; party <= MUCH; party++)
		declare_hub(pids[party], NODE_HUB, mechanism, tally(party).bytes, 0)->ops =
			tally(party).ops;
	declare_hub(NODE_HUB, pids[READER], mechanism, 0, tally(READER).bytes)->received_ops =
		tally(READER).ops;
	declare_ordered(LITTLE, mechanism, tally(READER).bytes < tally(LITTLE).bytes ? tally(READER).bytes / 2 :
										      tally(READER).bytes);
	declare_ordered(MUCH, mechanism, tally(READER).bytes < tally(LITTLE).bytes ? tally(READER).bytes / 2 : 0);
}

/*
 * One of 10, one of 50, and 30 of them read: 20 are of the second for certain.
 * Its operations can't be divided between its two edges, but add up.
 */
static void declare_certain(const char *mechanism)
{
	struct truth_edge *edge = declare(pids[MUCH], pids[READER], mechanism);

	edge->bytes = edge->received_bytes = 20;
	edge->when = UNORDERED;
	declare_hub(pids[MUCH], NODE_HUB, mechanism, 30, 0);
	declare_hub(pids[LITTLE], NODE_HUB, mechanism, 10, 0)->ops = 1;
	declare_hub(NODE_HUB, pids[READER], mechanism, 0, 10);
	for (unsigned int party = LITTLE; party <= MUCH; party++)
		declare_sum(pids[party], ANY, mechanism, tally(party), (struct tally){ ANY, ANY });
	declare_sum(ANY, pids[READER], mechanism, (struct tally){ ANY, ANY },
		    (struct tally){ ANY, tally(READER).bytes });
	declare_ordered(LITTLE, mechanism, 10);
	declare_ordered(MUCH, mechanism, 20);
}

static void make_pipe(void)
{
	check(!pipe(ends));
}

static void make_unix(int type)
{
	check(!socketpair(AF_UNIX, type, 0, ends));
}

static void make_udp(void)
{
	struct address address = inet_address("127.0.0.1", 0);

	ends[0] = bound_socket(&address, SOCK_DGRAM);
	address = address_of(ends[0]);
	ends[1] = connected_socket(&address, SOCK_DGRAM);
}

static void run_half(const char *mechanism)
{
	sends[LITTLE] = sends[MUCH] = 2;
	takes = 2;
	send_size = take_size = SIZE;
	run();
	declare_unknown(mechanism);
}

static void run_certain(const char *mechanism)
{
	sends[LITTLE] = 1;
	sends[MUCH] = 5;
	takes = 3;
	send_size = take_size = SIZE;
	run();
	declare_certain(mechanism);
}

/* All were taken, but cut short. */
static void run_cut(const char *mechanism)
{
	sends[LITTLE] = sends[MUCH] = 1;
	takes = 2;
	send_size = LONG;
	take_size = SIZE;
	run();
	declare_unknown(mechanism);
}

static void half_pipe(void)
{
	make_pipe();
	run_half("pipe");
}

static void half_stream(void)
{
	make_unix(SOCK_STREAM);
	run_half("unix-stream");
}

static void half_dgram(void)
{
	make_unix(SOCK_DGRAM);
	run_half("unix-dgram");
}

static void half_seqpacket(void)
{
	make_unix(SOCK_SEQPACKET);
	run_half("unix-seqpacket");
}

static void half_udp(void)
{
	make_udp();
	run_half("udp");
}

static void half_tcp(void)
{
	tcp_pair(ends);
	run_half("tcp");
}

static void certain_pipe(void)
{
	make_pipe();
	run_certain("pipe");
}

static void certain_dgram(void)
{
	make_unix(SOCK_DGRAM);
	run_certain("unix-dgram");
}

static void certain_udp(void)
{
	make_udp();
	run_certain("udp");
}

static void cut_dgram(void)
{
	make_unix(SOCK_DGRAM);
	run_cut("unix-dgram");
}

static void cut_seqpacket(void)
{
	make_unix(SOCK_SEQPACKET);
	run_cut("unix-seqpacket");
}

static void cut_udp(void)
{
	make_udp();
	run_cut("udp");
}

const struct factory unread_factories[] = {
	{ "unread-half-pipe", half_pipe },
	{ "unread-half-unix-stream", half_stream },
	{ "unread-half-unix-dgram", half_dgram },
	{ "unread-half-unix-seqpacket", half_seqpacket },
	{ "unread-half-udp", half_udp },
	{ "unread-half-tcp", half_tcp },
	{ "unread-certain-pipe", certain_pipe },
	{ "unread-certain-unix-dgram", certain_dgram },
	{ "unread-certain-udp", certain_udp },
	{ "unread-cut-unix-dgram", cut_dgram },
	{ "unread-cut-unix-seqpacket", cut_seqpacket },
	{ "unread-cut-udp", cut_udp },
	{ 0 },
};
