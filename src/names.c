// SPDX-License-Identifier: GPL-2.0-only
#include "names.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* One listening end; the address is not compared, as "any" takes all of them. */
struct listener {
	struct port {
		uint32_t netns, port;
	} port;
	UT_hash_handle hh;
};

struct listener *listeners_new(const struct capture *capture)
{
	struct listener *listeners = NULL, *found;
	struct capture_object *object, *next;

	HASH_ITER(hh, capture->objects, object, next) {
		struct port port = { object->info.netns, object->info.local_port };

		if (object->key.mechanism != IPC_TCP || object->info.state != TCP_LISTEN)
			continue;
		HASH_FIND(hh, listeners, &port, sizeof(port), found);
		if (found)
			continue;
		found = calloc(1, sizeof(*found));
		if (!found)
			break; /* a connection goes by both its ends then */
		found->port = port;
		HASH_ADD(hh, listeners, port, sizeof(found->port), found);
	}
	return listeners;
}

void listeners_free(struct listener *listeners)
{
	struct listener *listener, *next;

	HASH_ITER(hh, listeners, listener, next) {
		HASH_DEL(listeners, listener);
		free(listener);
	}
}

static bool listens(const struct listener *listeners, const struct inet_end *end)
{
	struct port port = { end->netns, end->port };
	struct listener *found;

	HASH_FIND(hh, listeners, &port, sizeof(port), found);
	return found;
}


char *name_object(const struct capture_object *object, const struct object_key *key)
{
	char text[96];

	switch (key->mechanism) {
	case IPC_PIPE:
		snprintf(text, sizeof(text), "pipe:[%llu]", (unsigned long long)key->object);
		break;
	case IPC_FIFO:
		/* the kernel's dev_t: major << 20 | minor */
		snprintf(text, sizeof(text), "fifo:[%llu:%llu:%llu]",
			 (unsigned long long)(key->remote >> 52),
			 (unsigned long long)(key->remote >> 32 & 0xfffff), (unsigned long long)key->object);
		break;
	case IPC_PTY:
		if (!object)
			return NULL;
		snprintf(text, sizeof(text), "pts/%u", object->info.index);
		break;
	case IPC_MSG_RING:
		snprintf(text, sizeof(text), "io_uring:[%llu]", (unsigned long long)key->object);
		break;
	default:
		snprintf(text, sizeof(text), "socket:[%llu]", (unsigned long long)key->object);
		break;
	}
	return strdup(text);
}

char *name_address(const struct inet_end *end)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };
	char text[INET6_ADDRSTRLEN];

	if (!memcmp(end->addr, prefix, 12))
		inet_ntop(AF_INET, end->addr + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, end->addr, text, sizeof(text));
	return strdup(text);
}

char *name_inet(const struct inet_end *end)
{
	char *address = name_address(end), *name = NULL;
	bool brackets;
	int made;

	if (!address)
		return NULL;
	brackets = strchr(address, ':');
	if (inet_is_any(end))
		made = asprintf(&name, "*:%u", end->port);
	else
		made = asprintf(&name, "%s%s%s:%u", brackets ? "[" : "", address, brackets ? "]" : "",
				end->port);
	free(address);
	return made < 0 ? NULL : name;
}

/* A connection goes by its server's end; where neither or both listen, by both ends. */
static char *name_tcp(const struct listener *listeners, const struct capture_object *object)
{
	struct inet_end local = inet_local(&object->info), remote = inet_remote(&object->info);
	bool here, there;
	char *first, *second, *name = NULL;

	/* The other end may be in another network namespace, and its listener with it. */
	if (object->peer)
		remote.netns = object->peer->info.netns;
	here = listens(listeners, &local);
	there = listens(listeners, &remote);
	if (!remote.port || (here && !there))
		return name_inet(&local);
	if (there && !here)
		return name_inet(&remote);
	first = name_inet(&local);
	second = name_inet(&remote);
	if (first && second && strcmp(first, second) > 0) {
		char *swap = first;

		first = second;
		second = swap;
	}
	if (!first || !second || asprintf(&name, "%s - %s", first, second) < 0)
		name = NULL;
	free(first);
	free(second);
	return name;
}

static char *name_unix(const struct capture_object *object)
{
	const struct ipc_object *info = &object->info;
	size_t len = info->name_len;

	if (!len && object->peer) {
		info = &object->peer->info;
		len = info->name_len;
	}
	if (!len)
		return NULL;
	if (len > IPC_SUN_LEN)
		len = IPC_SUN_LEN;
	/* A path ends at its NUL, if it has one; an abstract name is all its bytes. */
	if (info->name[0])
		len = strnlen(info->name, len);
	return text_clean_unix(info->name, len);
}

char *name_channel(const struct listener *listeners, const struct capture_object *object)
{
	struct inet_end end;
	char text[32];

	if (!object)
		return NULL;
	switch (object->key.mechanism) {
	case IPC_FIFO:
		return object->path ? text_clean(object->path, strlen(object->path)) : NULL;
	case IPC_UNIX_STREAM:
	case IPC_UNIX_DGRAM:
	case IPC_UNIX_SEQPACKET:
		return name_unix(object);
	case IPC_TCP:
		return name_tcp(listeners, object);
	case IPC_UDP:
		end = inet_local(&object->info);
		return end.port ? name_inet(&end) : NULL;
	case IPC_PTY:
		snprintf(text, sizeof(text), "/dev/pts/%u", object->info.index);
		return strdup(text);
	default:
		return NULL;
	}
}

char *name_signal(int number)
{
	const char *abbreviation = sigabbrev_np(number);
	char *name = NULL;
	int made;

	/* The kernel's first real-time signal; the C library keeps two for itself. */
	if (abbreviation)
		made = asprintf(&name, "SIG%s", abbreviation);
	else if (number >= SIGRTMIN && number <= SIGRTMAX)
		made = asprintf(&name, number == SIGRTMIN ? "SIGRTMIN" : "SIGRTMIN+%d", number - SIGRTMIN);
	else
		made = asprintf(&name, "SIG%d", number);
	return made < 0 ? NULL : name;
}
