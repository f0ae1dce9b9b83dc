// SPDX-License-Identifier: GPL-2.0-only
#include "container.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <uthash.h>

#include "text.h"
#include "user.h"

#define ID_LEN 64
#define FILE_LARGEST ((size_t)16 << 20)
#define USERS_LARGEST ((size_t)1 << 20) /* of a file that is a user's own: each takes time to parse */
#define NAME_LEN 64

/* One container, looked up once. */
struct container {
	char id[ID_LEN + 1];
	char *name; /* NULL: not known */
	UT_hash_handle hh;
};

/* The containers of a storage folder of Podman's, read once. */
struct storage {
	char *path;
	json_t *list; /* or NULL */
	UT_hash_handle hh;
};

struct names {
	const char *root;
	struct container *containers; /* uthash */
	struct storage *storages;     /* uthash */
};

/* As many bytes as it had when it was opened: it may grow without end. */
static json_t *json_read(int fd, size_t size)
{
	char *text = malloc(size + 1);
	json_t *json = NULL;
	size_t len = 0;
	ssize_t got;

	while (text && len < size && (got = read(fd, text + len, size - len)) > 0)
		len += got;
	if (text)
		json = json_loadb(text, len, 0, NULL);
	free(text);
	return json;
}

/* The JSON of a regular file of root's, or of this user's own; or NULL. */
static json_t *file_parse(const char *path, uid_t owner)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	json_t *json = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (!owner || st.st_uid == owner) &&
	    (size_t)st.st_size <= (owner ? USERS_LARGEST : FILE_LARGEST))
		json = json_read(fd, st.st_size);
	close(fd);
	return json;
}

__attribute__((format(printf, 1, 2)))
static json_t *parse(const char *format, ...)
{
	json_t *json = NULL;
	va_list args;
	char *path;

	va_start(args, format);
	if (vasprintf(&path, format, args) >= 0) {
		json = file_parse(path, 0);
		free(path);
	}
	va_end(args);
	return json;
}

static char *name_clean(const char *name)
{
	char *clean = name && *name ? text_clean(name, strlen(name)) : NULL;
	char *cut = clean ? text_cut(clean, NAME_LEN) : NULL;

	free(clean);
	return cut;
}

static char *docker_name(const char *root, const char *id)
{
	json_t *json = parse("%s/var/lib/docker/containers/%s/config.v2.json", root, id);
	const char *name = json_string_value(json_object_get(json, "Name"));
	char *clean = name_clean(name && name[0] == '/' ? name + 1 : name);

	json_decref(json);
	return clean;
}

/* owner: 0 for root's. NULL: memory is short. */
static struct storage *storage_find(struct names *names, const char *path, uid_t owner)
{
	struct storage *storage;
	char *file;

	HASH_FIND_STR(names->storages, path, storage);
	if (storage)
		return storage;
	storage = calloc(1, sizeof(*storage));
	if (!storage || !(storage->path = strdup(path)) ||
	    asprintf(&file, "%s/overlay-containers/containers.json", path) < 0) {
		free(storage ? storage->path : NULL);
		free(storage);
		return NULL;
	}
	storage->list = file_parse(file, owner);
	free(file);
	HASH_ADD_KEYPTR(hh, names->storages, storage->path, strlen(storage->path), storage);
	return storage;
}

/* A storage folder of Podman's has one list of all its containers. */
static char *podman_listed(struct names *names, const char *path, uid_t owner, const char *id)
{
	struct storage *storage = storage_find(names, path, owner);
	char *name = NULL;
	json_t *entry;
	size_t i;

	json_array_foreach(storage ? storage->list : NULL, i, entry) {
		const char *its = json_string_value(json_object_get(entry, "id"));
		json_t *called = json_object_get(entry, "names");

		if (!name && its && strcmp(its, id) == 0)
			name = name_clean(json_string_value(json_array_get(called, 0)));
	}
	return name;
}

/* Root's, or that of the user whose slice it is in. */
static char *podman_name(struct names *names, const char *id, const char *cgroup)
{
	const char *user = strstr(cgroup, "/user-");
	char *storage = NULL, *name = NULL;
	const struct passwd *passwd;
	unsigned uid;

	if (asprintf(&storage, "%s/var/lib/containers/storage", names->root) < 0)
		return NULL;
	name = podman_listed(names, storage, 0, id);
	free(storage);
	if (name || !user || sscanf(user, "/user-%u.slice", &uid) != 1)
		return name;
	passwd = user_find(uid);
	if (!passwd || asprintf(&storage, "%s%s/.local/share/containers/storage", names->root,
				passwd->pw_dir) < 0)
		return NULL;
	name = podman_listed(names, storage, uid, id);
	free(storage);
	return name;
}

static const char *annotation(json_t *config, const char *key)
{
	return json_string_value(json_object_get(json_object_get(config, "annotations"), key));
}

/* What whoever asked for the container wrote into its OCI configuration. */
static char *annotated_name(json_t *config)
{
	static const char *const keys[][2] = {
		{ "io.kubernetes.cri.sandbox-name", "io.kubernetes.cri.container-name" },
		{ "io.kubernetes.pod.name", "io.kubernetes.container.name" },
		{ "nerdctl/name", NULL },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *name = annotation(config, keys[i][0]);
		const char *part = keys[i][1] ? annotation(config, keys[i][1]) : NULL;
		char *both, *clean;

		if (!name)
			continue;
		/* The sandbox itself has no container's name. */
		if (asprintf(&both, "%s%s%s", name, part ? "/" : "", part ? part : "") < 0)
			return NULL;
		clean = name_clean(both);
		free(both);
		return clean;
	}
	return NULL;
}

static char *oci_name(const char *root, const char *id)
{
	static const char *const places[] = {
		"run/containerd/io.containerd.runtime.v2.task/*",
		"run/containers/storage/overlay-containers",
	};
	static const char *const files[] = { "config.json", "userdata/config.json" };
	char *name = NULL;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !name; i++) {
		glob_t found = { 0 };
		char *pattern;

		if (asprintf(&pattern, "%s/%s/%s/%s", root, places[i], id, files[i]) < 0)
			return NULL;
		if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
			json_t *config = file_parse(found.gl_pathv[0], 0);

			name = annotated_name(config);
			json_decref(config);
		}
		globfree(&found);
		free(pattern);
	}
	return name;
}

/* The id of a cgroup path whose first characters are cut: 64 hexadecimal digits. */
static bool id_find(const char *cgroup, const char *cut, char id[ID_LEN + 1])
{
	const char *at = strstr(cgroup, cut);

	for (; at; at = strstr(at + 1, cut)) {
		if (strspn(at, "0123456789abcdef") != ID_LEN)
			continue;
		memcpy(id, at, ID_LEN);
		id[ID_LEN] = '\0';
		return true;
	}
	return false;
}

static char *name_find(struct names *names, const char *runtime, const char *id, const char *cgroup)
{
	char *name = NULL;

	if (strcmp(runtime, "docker") == 0)
		name = docker_name(names->root, id);
	else if (strcmp(runtime, "podman") == 0)
		name = podman_name(names, id, cgroup);
	return name ? name : oci_name(names->root, id);
}

/* Whose name it is, looked up where it was not yet; NULL when memory is short. */
static struct container *container_find(struct names *names, const char *runtime, const char *id,
					const char *cgroup)
{
	struct container *container;

	HASH_FIND_STR(names->containers, id, container);
	if (container)
		return container;
	container = calloc(1, sizeof(*container));
	if (!container)
		return NULL;
	strcpy(container->id, id);
	container->name = name_find(names, runtime, id, cgroup);
	HASH_ADD_STR(names->containers, id, container);
	return container;
}

static void node_name_container(struct names *names, struct node *node)
{
	const char *colon = node->container ? strchr(node->container, ':') : NULL;
	char id[ID_LEN + 1], runtime[32], *named;
	struct container *container;

	if (!colon || !node->cgroup || (size_t)(colon - node->container) >= sizeof(runtime) ||
	    !id_find(node->cgroup, colon + 1, id))
		return;
	memcpy(runtime, node->container, (size_t)(colon - node->container));
	runtime[colon - node->container] = '\0';
	container = container_find(names, runtime, id, node->cgroup);
	if (!container || !container->name ||
	    asprintf(&named, "%s:%s", runtime, container->name) < 0)
		return;
	free(node->container);
	node->container = named;
}

void containers_name(struct map *map, const char *root)
{
	struct names names = { .root = strcmp(root, "/") ? root : "" };
	struct container *container, *next;
	struct storage *storage, *other;

	for (size_t i = 0; i < map->node_count; i++)
		node_name_container(&names, &map->nodes[i]);
	HASH_ITER(hh, names.containers, container, next) {
		HASH_DEL(names.containers, container);
		free(container->name);
		free(container);
	}
	HASH_ITER(hh, names.storages, storage, other) {
		HASH_DEL(names.storages, storage);
		json_decref(storage->list);
		free(storage->path);
		free(storage);
	}
}
