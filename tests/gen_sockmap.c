// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: a BPF program of somebody else's moves bytes from one connection into another. */
#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

#define SIZE 100
#define TIMES 3

enum { TX, RX };
enum { SENT, READ };

static int from[2], to[2];

static int bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

static int map_new(void)
{
	union bpf_attr attributes = { .map_type = BPF_MAP_TYPE_SOCKMAP, .key_size = 4, .value_size = 4, .max_entries = 1 };
	int map = bpf(BPF_MAP_CREATE, &attributes);

	if (map < 0)
		skip("no sockmap: %m");
	return map;
}

static void map_put(int map, int socket)
{
	uint32_t key = 0, value = (uint32_t)socket;
	union bpf_attr attributes = { .map_fd = (uint32_t)map, .key = (uintptr_t)&key, .value = (uintptr_t)&value };

	check(!bpf(BPF_MAP_UPDATE_ELEM, &attributes));
}

/* return bpf_msg_redirect_map(message, map, 0, BPF_F_INGRESS) */
static int program_new(int map)
{
	const struct bpf_insn instructions[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 2, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4, .imm = BPF_F_INGRESS },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_msg_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attributes = {
		.prog_type = BPF_PROG_TYPE_SK_MSG,
		.insns = (uintptr_t)instructions,
		.insn_cnt = sizeof(instructions) / sizeof(instructions[0]),
		.license = (uintptr_t)"GPL",
	};
	int program = bpf(BPF_PROG_LOAD, &attributes);

	if (program < 0)
		skip("no programs of sockmaps: %m");
	return program;
}

static void redirect(void)
{
	int target = map_new(), source = map_new();
	union bpf_attr attributes = {
		.target_fd = (uint32_t)source,
		.attach_bpf_fd = (uint32_t)program_new(target),
		.attach_type = BPF_SK_MSG_VERDICT,
	};

	check(!bpf(BPF_PROG_ATTACH, &attributes));
	map_put(target, to[1]);
	map_put(source, from[0]);
}

static void send_away(void *arg)
{
	(void)arg;
	for (int i = 0; i < TIMES; i++)
		check(count(TX, send(from[0], filled(SIZE), SIZE, 0)) == SIZE);
	mark(SENT);
}

static void read_there(void *arg)
{
	char data[SIZE];

	(void)arg;
	await(SENT);
	for (int i = 0; i < TIMES; i++)
		check(count(RX, recv(to[1], data, SIZE, MSG_WAITALL)) == SIZE);
	mark(READ);
}

static void wait_till_read(void *arg)
{
	(void)arg;
	await(READ);
}

/*
 * Neither end of either connection has a peer that did it: what was sent is not read there, and nobody
 * there sent what was read.
 */
static void sockmap(void)
{
	const struct rlimit any = { RLIM_INFINITY, RLIM_INFINITY };
	struct truth_edge *edge;
	pid_t sender, reader;

	setrlimit(RLIMIT_MEMLOCK, &any); /* before 5.11 maps are locked memory */
	tcp_pair(from);
	tcp_pair(to);
	redirect();
	sender = actor("gen-sender", send_away, NULL);
	reader = actor("gen-reader", read_there, NULL);
	actor("gen-bystander", wait_till_read, NULL);
	actors_finish();
	declare_exact(sender, NODE_HUB, "tcp", tally(TX), (struct tally){ 0, 0 })->attribution = "undelivered";
	edge = declare_exact(NODE_HUB, reader, "tcp", (struct tally){ 0, 0 }, tally(RX));
	edge->attribution = "hub";
	edge->uncounted = true;
}

const struct factory sockmap_factories[] = {
	{ "tcp-sockmap", sockmap },
	{ NULL, NULL },
};
