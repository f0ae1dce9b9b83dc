/* SPDX-License-Identifier: GPL-2.0-only */
/* Socket helpers that several factories of ipcgen use. */
#ifndef GEN_NET_H
#define GEN_NET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

/* A socket address of any family, and its length. */
struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un un;
	};
	socklen_t size;
};

/* "127.0.0.1", "::1", "::ffff:127.0.0.1" with a port; 0: any free one. */
struct address inet_address(const char *host, unsigned int port);
/* A path in scratch(), or, with a leading @, an abstract address of this run. */
struct address unix_address(const char *name);
/* How the map shows it: "127.0.0.1:5432", "[::1]:5432", "/path", "@name". */
void address_text(const struct address *address, char *text, size_t size);
struct address address_of(int socket);
unsigned int address_port(const struct address *address);

/* A socket of that type bound to the address, and listening if it is a stream. */
int bound_socket(const struct address *address, int type);
int connected_socket(const struct address *address, int type);
/* A connected pair over 127.0.0.1. */
void tcp_pair(int ends[2]);

/*
 * One way to move bytes through a socket. send() does `times` messages of `size`
 * bytes, to `to` or, if that is NULL, to the peer; receive() takes as many, and
 * sizes hold even where the socket knows no messages.
 */
struct method {
	const char *name;
	bool addressed; /* can send to an address */
	void (*send)(int fd, size_t size, unsigned int times, unsigned int index,
		     const struct address *to);
	void (*receive)(int fd, size_t size, unsigned int times, unsigned int index);
};

#define METHODS 5
extern const struct method methods[METHODS];

#endif
