/* SPDX-License-Identifier: GPL-2.0-only */
/* Captures built by hand, for the tests of what makes a map of them. */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "../../src/capture.h"

#define MAYBE_UNUSED __attribute__((unused))
#define SECOND 1000000000ULL
#define STARTED (1000 * SECOND)
#define NETNS 4026531840U

/* The start of a process of the tests, from its pid: before the window. */
#define BORN(pid) ((pid) * 1000ULL)

MAYBE_UNUSED static struct capture world(void)
{
	return (struct capture){ .started = STARTED, .ended = STARTED + 30 * SECOND };
}

MAYBE_UNUSED static struct capture_process *world_process_at(struct capture *capture, uint32_t pid,
							     uint64_t start, const char *comm)
{
	struct capture_process *process = capture_process(capture, pid, start);

	assert_non_null(process);
	process->parent = 1;
	strncpy(process->comm, comm, IPC_COMM_LEN);
	return process;
}

MAYBE_UNUSED static struct capture_process *world_process(struct capture *capture, uint32_t pid,
							  const char *comm)
{
	return world_process_at(capture, pid, BORN(pid), comm);
}

MAYBE_UNUSED static struct capture_object *world_object(struct capture *capture, const struct ipc_object *info)
{
	struct object_key key = object_key(info->mechanism, info->object, info->remote);

	assert_int_equal(capture_add_object(capture, info, info->record.time == 0), 0);
	return capture_find_object(capture, key);
}

MAYBE_UNUSED static struct capture_object *world_find(struct capture *capture, uint8_t mechanism,
						      uint64_t object)
{
	return capture_find_object(capture, object_key(mechanism, object, 0));
}

MAYBE_UNUSED static void address_set(uint8_t addr[16], uint8_t family, const char *text)
{
	memset(addr, 0, 16);
	assert_int_equal(inet_pton(family, text, addr), 1);
}

/* Both addresses are of one family, which the first one shows. */
MAYBE_UNUSED static struct ipc_object inet_info(uint8_t mechanism, uint64_t inode, const char *local,
						uint16_t local_port, const char *remote, uint16_t remote_port)
{
	struct ipc_object info = {
		.mechanism = mechanism, .object = inode, .sk = inode * 4096, .netns = NETNS,
		.family = strchr(local, ':') ? AF_INET6 : AF_INET,
		.local_port = local_port, .remote_port = remote_port,
		.state = remote_port ? TCP_ESTABLISHED : mechanism == IPC_TCP ? TCP_LISTEN : TCP_CLOSE,
	};

	address_set(info.local_addr, info.family, local);
	if (remote)
		address_set(info.remote_addr, info.family, remote);
	return info;
}

MAYBE_UNUSED static void info_name(struct ipc_object *info, const char *name)
{
	info->name_len = strlen(name);
	memcpy(info->name, name, info->name_len);
	if (name[0] == '@')
		info->name[0] = '\0';
}

MAYBE_UNUSED static struct ipc_object unix_info(uint8_t mechanism, uint64_t inode, const char *name)
{
	struct ipc_object info = { .mechanism = mechanism, .object = inode, .sk = inode * 4096, .family = AF_UNIX };

	info.state = TCP_ESTABLISHED;
	if (name)
		info_name(&info, name);
	return info;
}

/* The record of the first datagram to or from an address: its hash is `remote`. */
MAYBE_UNUSED static void world_remote_inet(struct capture *capture, struct ipc_object info, uint64_t remote,
					   const char *address, uint16_t port)
{
	info.remote = remote;
	info.name_is_remote = 1;
	info.remote_port = port;
	address_set(info.remote_addr, info.family, address);
	world_object(capture, &info);
}

MAYBE_UNUSED static void world_remote_unix(struct capture *capture, struct ipc_object info, uint64_t remote,
					   const char *name)
{
	info.remote = remote;
	info.name_is_remote = 1;
	info_name(&info, name);
	world_object(capture, &info);
}

MAYBE_UNUSED static void world_flow_full(struct capture *capture, uint32_t pid, uint64_t start,
					 struct ipc_flow_key key, uint64_t ops, uint64_t bytes)
{
	struct capture_flow flow = {
		.key = key, .ops = ops, .bytes = bytes,
		.first = STARTED + SECOND, .last = STARTED + 2 * SECOND,
	};

	flow.key.tgid = pid;
	flow.key.start = start;
	assert_int_equal(capture_add_flow(capture, &flow), 0);
}

MAYBE_UNUSED static void world_flow(struct capture *capture, uint32_t pid, uint8_t mechanism,
				    uint8_t direction, uint64_t object, uint64_t remote, uint64_t ops,
				    uint64_t bytes)
{
	struct ipc_flow_key key = {
		.mechanism = mechanism, .direction = direction, .object = object, .remote = remote,
	};

	world_flow_full(capture, pid, pid ? BORN(pid) : 0, key, ops, bytes);
}

MAYBE_UNUSED static void world_tx(struct capture *capture, uint32_t pid, uint8_t mechanism, uint64_t object,
				  uint64_t ops, uint64_t bytes)
{
	world_flow(capture, pid, mechanism, IPC_TX, object, 0, ops, bytes);
}

MAYBE_UNUSED static void world_rx(struct capture *capture, uint32_t pid, uint8_t mechanism, uint64_t object,
				  uint64_t ops, uint64_t bytes)
{
	world_flow(capture, pid, mechanism, IPC_RX, object, 0, ops, bytes);
}

/* how: "r", "w", "rw" */
MAYBE_UNUSED static void world_open(struct descriptor_list *list, uint32_t pid, const struct ipc_object *info,
				    const char *how)
{
	struct ipc_descriptor descriptor = {
		.start = BORN(pid), .tgid = pid, .object = *info,
		.readable = strchr(how, 'r') != NULL, .writable = strchr(how, 'w') != NULL,
	};

	assert_int_equal(capture_add_descriptor(list, &descriptor), 0);
}

/* Open from the start to the end. */
MAYBE_UNUSED static void world_hold(struct capture *capture, uint32_t pid, const struct ipc_object *info,
				    const char *how)
{
	world_open(&capture->at_start, pid, info, how);
	world_open(&capture->at_end, pid, info, how);
}

#endif
