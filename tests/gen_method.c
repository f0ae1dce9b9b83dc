// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: every pair of system calls that sends through a socket and receives. */
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

#define MESSAGES_MAX 16

static void send_write(int fd, size_t size, unsigned int times, unsigned int index,
		       const struct address *to)
{
	char *data = filled(size);

	check(!to);
	while (times--)
		check(count(index, write(fd, data, size)) == (ssize_t)size);
	free(data);
}

static void receive_read(int fd, size_t size, unsigned int times, unsigned int index)
{
	while (times--)
		read_all(fd, size, index);
}

static void send_send(int fd, size_t size, unsigned int times, unsigned int index,
		      const struct address *to)
{
	char *data = filled(size);

	check(!to);
	while (times--)
		check(count(index, send(fd, data, size, 0)) == (ssize_t)size);
	free(data);
}

static void receive_recv(int fd, size_t size, unsigned int times, unsigned int index)
{
	char *data = filled(size);

	while (times--)
		check(count(index, recv(fd, data, size, MSG_WAITALL)) == (ssize_t)size);
	free(data);
}

static void send_sendto(int fd, size_t size, unsigned int times, unsigned int index,
			const struct address *to)
{
	char *data = filled(size);

	while (times--)
		check(count(index, sendto(fd, data, size, 0, to ? &to->any : NULL,
					  to ? to->size : 0)) == (ssize_t)size);
	free(data);
}

static void receive_recvfrom(int fd, size_t size, unsigned int times, unsigned int index)
{
	char *data = filled(size);

	while (times--) {
		struct address from = { .size = sizeof(struct sockaddr_un) };

		check(count(index, recvfrom(fd, data, size, MSG_WAITALL, &from.any, &from.size)) ==
		      (ssize_t)size);
	}
	free(data);
}

/* A message in two parts, so that more than the first iovec counts. */
static struct msghdr two_parts(struct iovec parts[2], char *data, size_t size,
			       const struct address *to)
{
	parts[0] = (struct iovec){ data, size / 3 };
	parts[1] = (struct iovec){ data + size / 3, size - size / 3 };
	return (struct msghdr){ .msg_name = to ? (void *)&to->any : NULL,
				.msg_namelen = to ? to->size : 0,
				.msg_iov = parts,
				.msg_iovlen = 2 };
}

static void send_sendmsg(int fd, size_t size, unsigned int times, unsigned int index,
			 const struct address *to)
{
	char *data = filled(size);
	struct iovec parts[2];
	struct msghdr message = two_parts(parts, data, size, to);

	while (times--)
		check(count(index, sendmsg(fd, &message, 0)) == (ssize_t)size);
	free(data);
}

static void receive_recvmsg(int fd, size_t size, unsigned int times, unsigned int index)
{
	char *data = filled(size);
	struct iovec parts[2];
	struct msghdr message = two_parts(parts, data, size, NULL);

	while (times--)
		check(count(index, recvmsg(fd, &message, MSG_WAITALL)) == (ssize_t)size);
	free(data);
}

static void send_sendmmsg(int fd, size_t size, unsigned int times, unsigned int index,
			  const struct address *to)
{
	char *data = filled(size);
	struct mmsghdr messages[MESSAGES_MAX] = { 0 };
	struct iovec parts[2];

	check(times <= MESSAGES_MAX);
	for (unsigned int i = 0; i < times; i++)
		messages[i].msg_hdr = two_parts(parts, data, size, to);
	check(sendmmsg(fd, messages, times, 0) == (int)times);
	for (unsigned int i = 0; i < times; i++)
		check(count(index, messages[i].msg_len) == (ssize_t)size);
	free(data);
}

static void receive_recvmmsg(int fd, size_t size, unsigned int times, unsigned int index)
{
	char *data = filled(size);
	struct mmsghdr messages[MESSAGES_MAX] = { 0 };
	struct iovec parts[2];

	check(times <= MESSAGES_MAX);
	for (unsigned int i = 0; i < times; i++)
		messages[i].msg_hdr = two_parts(parts, data, size, NULL);
	check(recvmmsg(fd, messages, times, MSG_WAITALL, NULL) == (int)times);
	for (unsigned int i = 0; i < times; i++)
		check(count(index, messages[i].msg_len) == (ssize_t)size);
	free(data);
}

const struct method methods[METHODS] = {
	{ "write-read", false, send_write, receive_read },
	{ "send-recv", false, send_send, receive_recv },
	{ "sendto-recvfrom", true, send_sendto, receive_recvfrom },
	{ "sendmsg-recvmsg", true, send_sendmsg, receive_recvmsg },
	{ "sendmmsg-recvmmsg", true, send_sendmmsg, receive_recvmmsg },
};
