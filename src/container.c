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
#define FILE_LARGEST ((off_t)16 << 20)
#define NAME_LEN 64

/* One container, looked up once. */
struct container {
	char id[ID_LEN + 1];
	char *name; /* NULL: not known */
	UT_hash_handle hh;
};

/* The JSON of a regular file, or NULL: the file of a rootless container is anybody's. */
static json_t *file_parse(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	json_t *json = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_LARGEST)
		json = json_loadfd(fd, 0, NULL);
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
		json = file_parse(path);
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

/* A storage folder of Podman's has one list of all its containers. */
static char *podman_listed(const char *storage, const char *id)
{
	json_t *list = parse("%s/overlay-containers/containers.json", storage), *entry;
	char *name = NULL;
	size_t i;

	json_array_foreach(list, i, entry) {
		const char *its = json_string_value(json_object_get(entry, "id"));
		json_t *names = json_object_get(entry, "names");

		if (!name && its && strcmp(its, id) == 0)
			name = name_clean(json_string_value(json_array_get(names, 0)));
	}
	json_decref(list);
	return name;
}

/* Root's, or that of the user whose slice it is in. */
static char *podman_name(const char *root, const char *id, const char *cgroup)
{
	const char *user = strstr(cgroup, "/user-");
	char *storage = NULL, *name = NULL;
	const struct passwd *passwd;
	unsigned uid;

	if (asprintf(&storage, "%s/var/lib/containers/storage", root) < 0)
		return NULL;
	name = podman_listed(storage, id);
	free(storage);
	if (name || !user || sscanf(user, "/user-%u.slice", &uid) != 1)
		return name;
	passwd = user_find(uid);
	if (!passwd || asprintf(&storage, "%s%s/.local/share/containers/storage", root,
				passwd->pw_dir) < 0)
		return NULL;
	name = podman_listed(storage, id);
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
			json_t *config = file_parse(found.gl_pathv[0]);

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

static char *name_find(const char *root, const char *runtime, const char *id, const char *cgroup)
{
	char *name = NULL;

	if (strcmp(runtime, "docker") == 0)
		name = docker_name(root, id);
	else if (strcmp(runtime, "podman") == 0)
		name = podman_name(root, id, cgroup);
	return name ? name : oci_name(root, id);
}

/* Whose name it is, looked up where it was not yet; NULL when memory is short. */
static struct container *container_find(struct container **all, const char *root,
					const char *runtime, const char *id, const char *cgroup)
{
	struct container *container;

	HASH_FIND_STR(*all, id, container);
	if (container)
		return container;
	container = calloc(1, sizeof(*container));
	if (!container)
		return NULL;
	strcpy(container->id, id);
	container->name = name_find(root, runtime, id, cgroup);
	HASH_ADD_STR(*all, id, container);
	return container;
}

static void node_name_container(struct container **all, struct node *node, const char *root)
{
	const char *colon = node->container ? strchr(node->container, ':') : NULL;
	char id[ID_LEN + 1], runtime[32], *named;
	struct container *container;

	if (!colon || !node->cgroup || (size_t)(colon - node->container) >= sizeof(runtime) ||
	    !id_find(node->cgroup, colon + 1, id))
		return;
	memcpy(runtime, node->container, (size_t)(colon - node->container));
	runtime[colon - node->container] = '\0';
	container = container_find(all, root, runtime, id, node->cgroup);
	if (!container || !container->name ||
	    asprintf(&named, "%s:%s", runtime, container->name) < 0)
		return;
	free(node->container);
	node->container = named;
}

void containers_name(struct map *map, const char *root)
{
	struct container *all = NULL, *container, *next;

	for (size_t i = 0; i < map->node_count; i++)
		node_name_container(&all, &map->nodes[i], strcmp(root, "/") ? root : "");
	HASH_ITER(hh, all, container, next) {
		HASH_DEL(all, container);
		free(container->name);
		free(container);
	}
}
