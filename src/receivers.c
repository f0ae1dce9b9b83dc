// SPDX-License-Identifier: GPL-2.0-only
#include "receivers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Sockets with the same ends. A socket that is not connected has a remote of zeroes. */
struct group {
	struct ends {
		struct inet_end local, remote;
	} ends;
	struct capture_object **members;
	size_t count, capacity;
	struct group *more; /* others of its ports */
	UT_hash_handle hh;
};

struct port {
	struct ports {
		uint32_t netns;
		uint16_t local, remote;
	} ports;
	struct group *groups;
	UT_hash_handle hh;
};

struct name {
	char bytes[IPC_SUN_LEN];
	struct capture_object *object; /* NULL: more than one has the name */
	UT_hash_handle hh;
};

struct receivers {
	struct group *groups; /* uthash, all three */
	struct port *ports;
	struct name *names;
};

static bool is_udp(const struct capture_object *object)
{
	return object->key.mechanism == IPC_UDP && object->info.local_port;
}

static struct ends ends_of(const struct capture_object *object)
{
	struct ends ends;

	memset(&ends, 0, sizeof(ends));
	ends.local = inet_local(&object->info);
	if (object->info.remote_port)
		ends.remote = inet_remote(&object->info);
	return ends;
}

static struct group *group_find(const struct receivers *receivers, const struct capture_object *object)
{
	struct ends ends = ends_of(object);
	struct group *group;

	HASH_FIND(hh, receivers->groups, &ends, sizeof(ends), group);
	return group;
}

static int port_add(struct receivers *receivers, struct group *group)
{
	struct ports ports = { group->ends.local.netns, group->ends.local.port, group->ends.remote.port };
	struct port *port;

	HASH_FIND(hh, receivers->ports, &ports, sizeof(ports), port);
	if (!port) {
		port = calloc(1, sizeof(*port));
		if (!port)
			return -ENOMEM;
		port->ports = ports;
		HASH_ADD(hh, receivers->ports, ports, sizeof(port->ports), port);
	}
	group->more = port->groups;
	port->groups = group;
	return 0;
}

static int udp_add(struct receivers *receivers, struct capture_object *object)
{
	struct group *group = group_find(receivers, object);

	if (!group) {
		group = calloc(1, sizeof(*group));
		if (!group)
			return -ENOMEM;
		group->ends = ends_of(object);
		HASH_ADD(hh, receivers->groups, ends, sizeof(group->ends), group);
		if (port_add(receivers, group))
			return -ENOMEM;
	}
	if (group->count == group->capacity) {
		size_t capacity = group->capacity ? 2 * group->capacity : 1;
		struct capture_object **grown = reallocarray(group->members, capacity, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		group->members = grown;
		group->capacity = capacity;
	}
	group->members[group->count++] = object;
	/* The lowest number stands for all, in whatever order they came. */
	if (object->key.object < group->members[0]->key.object) {
		group->members[group->count - 1] = group->members[0];
		group->members[0] = object;
	}
	return 0;
}

/* An abstract name is all of its bytes; a path may come with or without its NUL. */
static size_t name_length(const struct ipc_object *info)
{
	size_t len = info->name_len < IPC_SUN_LEN ? info->name_len : IPC_SUN_LEN;

	return len && info->name[0] ? strnlen(info->name, len) : len;
}

static int name_add(struct receivers *receivers, struct capture_object *object)
{
	size_t len = name_length(&object->info);
	struct name *name;

	/* Seen from another working folder it is another's. */
	if (object->info.name[0] && object->info.name[0] != '/')
		return 0;
	HASH_FIND(hh, receivers->names, object->info.name, len, name);
	if (name) {
		name->object = NULL;
		return 0;
	}
	name = calloc(1, sizeof(*name));
	if (!name)
		return -ENOMEM;
	memcpy(name->bytes, object->info.name, len);
	name->object = object;
	HASH_ADD_KEYPTR(hh, receivers->names, name->bytes, len, name);
	return 0;
}

int receivers_new(const struct capture *capture, struct receivers **ret_receivers)
{
	struct receivers *receivers = calloc(1, sizeof(*receivers));
	struct capture_object *object, *next;
	int error = receivers ? 0 : -ENOMEM;

	HASH_ITER(hh, capture->objects, object, next) {
		if (!error && is_udp(object))
			error = udp_add(receivers, object);
		if (!error && object->key.mechanism == IPC_UNIX_DGRAM && object->info.name_len &&
		    !object->info.name_is_peers)
			error = name_add(receivers, object);
	}
	if (error) {
		receivers_free(receivers);
		return error;
	}
	*ret_receivers = receivers;
	return 0;
}

void receivers_free(struct receivers *receivers)
{
	struct group *group, *next_group;
	struct port *port, *next_port;
	struct name *name, *next_name;

	if (!receivers)
		return;
	HASH_ITER(hh, receivers->groups, group, next_group) {
		HASH_DEL(receivers->groups, group);
		free(group->members);
		free(group);
	}
	HASH_ITER(hh, receivers->ports, port, next_port) {
		HASH_DEL(receivers->ports, port);
		free(port);
	}
	HASH_ITER(hh, receivers->names, name, next_name) {
		HASH_DEL(receivers->names, name);
		free(name);
	}
	free(receivers);
}

/* The same of the other end: a sender bound to "any" has the address that it sends to. */
static unsigned int remote_score(const struct inet_end *remote, const struct inet_end *sender,
				 const struct inet_end *to)
{
	if (!remote->port)
		return 1;
	if (!inet_is_any(sender))
		return inet_same(remote, sender) ? 1 : 0;
	return memcmp(remote->addr, to->addr, 16) ? 1 : 2;
}

static struct capture_object *port_receiver(const struct receivers *receivers, const struct inet_end *sender,
					    const struct inet_end *to, uint16_t remote_port)
{
	struct ports ports = { to->netns, to->port, remote_port };
	struct capture_object *best = NULL;
	unsigned int best_score = 0;
	struct port *port;

	HASH_FIND(hh, receivers->ports, &ports, sizeof(ports), port);
	for (struct group *group = port ? port->groups : NULL; group; group = group->more) {
		unsigned int local = inet_takes(&group->ends.local, to);
		unsigned int remote = remote_score(&group->ends.remote, sender, to);
		unsigned int score = local && remote ? 8 * local + remote : 0;

		if (score > best_score || (score && score == best_score &&
					   group->members[0]->key.object < best->key.object)) {
			best = group->members[0];
			best_score = score;
		}
	}
	return best;
}

struct capture_object *udp_receiver(const struct receivers *receivers, const struct capture_object *from,
				    const struct inet_end *to)
{
	struct inet_end sender = inet_local(&from->info);
	struct capture_object *found = NULL;

	if (sender.port)
		found = port_receiver(receivers, &sender, to, sender.port);
	return found ? found : port_receiver(receivers, &sender, to, 0);
}

struct capture_object *udp_group(const struct receivers *receivers, struct capture_object *object)
{
	struct group *group = group_find(receivers, object);

	return group ? group->members[0] : object;
}

struct capture_object *const *udp_members(const struct receivers *receivers,
					  const struct capture_object *object, size_t *ret_count)
{
	struct group *group = group_find(receivers, object);

	*ret_count = group ? group->count : 0;
	return group ? group->members : NULL;
}

struct capture_object *unix_receiver(const struct receivers *receivers, const struct ipc_object *remote)
{
	size_t len = name_length(remote);
	struct name *name = NULL;

	if (len)
		HASH_FIND(hh, receivers->names, remote->name, len, name);
	return name ? name->object : NULL;
}
