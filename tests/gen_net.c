// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: socket addresses and connected pairs. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gen_net.h"
#include "ipcgen.h"

struct address inet_address(const char *host, unsigned int port)
{
	struct address address = { 0 };

	if (strchr(host, ':')) {
		address.v6.sin6_family = AF_INET6;
		address.v6.sin6_port = htons((uint16_t)port);
		check(inet_pton(AF_INET6, host, &address.v6.sin6_addr) == 1);
		address.size = sizeof(address.v6);
	} else {
		address.v4.sin_family = AF_INET;
		address.v4.sin_port = htons((uint16_t)port);
		check(inet_pton(AF_INET, host, &address.v4.sin_addr) == 1);
		address.size = sizeof(address.v4);
	}
	return address;
}

struct address unix_address(const char *name)
{
	struct address address = { 0 };
	char *path = address.un.sun_path;

	address.un.sun_family = AF_UNIX;
	if (name[0] == '@') {
		int length = snprintf(path + 1, sizeof(address.un.sun_path) - 1, "%s.%s",
				      scratch() + 1, name + 1);

		address.size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
					   (size_t)length);
	} else {
		scratch_path(path, sizeof(address.un.sun_path), name);
		address.size = sizeof(address.un);
	}
	return address;
}

void address_text(const struct address *address, char *text, size_t size)
{
	char host[INET6_ADDRSTRLEN];

	if (address->any.sa_family == AF_UNIX) {
		const char *path = address->un.sun_path;

		snprintf(text, size, "%s%s", path[0] ? "" : "@", path[0] ? path : path + 1);
		return;
	}
	if (address->any.sa_family == AF_INET) {
		check(inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof(host)));
		snprintf(text, size, "%s:%u", host, address_port(address));
		return;
	}
	check(inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof(host)));
	snprintf(text, size, "[%s]:%u", host, address_port(address));
}

struct address address_of(int socket)
{
	struct address address = { .size = sizeof(struct sockaddr_un) };

	check(!getsockname(socket, &address.any, &address.size));
	return address;
}

unsigned int address_port(const struct address *address)
{
	return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port :
							 address->v6.sin6_port);
}

int bound_socket(const struct address *address, int type)
{
	int fd = socket(address->any.sa_family, type, 0), on = 1;

	check(fd >= 0);
	if (address->any.sa_family != AF_UNIX)
		check(!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	check(!bind(fd, &address->any, address->size));
	if ((type & 0xf) != SOCK_DGRAM)
		check(!listen(fd, 64));
	return fd;
}

int connected_socket(const struct address *address, int type)
{
	int fd = socket(address->any.sa_family, type, 0);

	check(fd >= 0);
	check(!connect(fd, &address->any, address->size));
	return fd;
}

void tcp_pair(int ends[2])
{
	struct address address = inet_address("127.0.0.1", 0);
	int listener = bound_socket(&address, SOCK_STREAM);

	address = address_of(listener);
	ends[1] = connected_socket(&address, SOCK_STREAM);
	ends[0] = accept(listener, NULL, NULL);
	check(ends[0] >= 0);
	close(listener);
}
