// SPDX-License-Identifier: GPL-2.0-only
#include "cgroup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_LEN 64
#define ID_SHOWN 12

static bool ends_with(const char *text, size_t len, const char *suffix)
{
	size_t suffix_len = strlen(suffix);

	return len > suffix_len && !memcmp(text + len - suffix_len, suffix, suffix_len);
}

static bool is_unit(const char *text, size_t len)
{
	static const char *const suffixes[] = { ".service", ".scope", ".socket", ".mount", ".swap" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (ends_with(text, len, suffixes[i]))
			return true;
	return false;
}

char *cgroup_unit(const char *path)
{
	const char *found = NULL, *slice = NULL;
	size_t found_len = 0, slice_len = 0;

	while (path && *path) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (is_unit(path, len)) {
			found = path;
			found_len = len;
		} else if (ends_with(path, len, ".slice")) {
			slice = path;
			slice_len = len;
		}
		path += len;
	}
	if (found)
		return strndup(found, found_len);
	return slice ? strndup(slice, slice_len) : NULL;
}

static size_t hex_len(const char *text)
{
	return strspn(text, "0123456789abcdef");
}

/* How runtimes name the cgroup of a container, before its id. */
static const struct {
	const char *prefix, *runtime;
} prefixes[] = {
	{ "docker-", "docker" },	 { "libpod-", "podman" },	{ "cri-containerd-", "containerd" },
	{ "crio-", "cri-o" },		 { "nerdctl-", "containerd" },	{ "lxc.payload.", "lxc" },
	{ "machine-", "machine" },
};

static char *container_name(const char *runtime, const char *id, size_t len)
{
	char *name = NULL;

	if (asprintf(&name, "%s:%.*s", runtime, (int)len, id) < 0)
		return NULL;
	return name;
}

/* One component of the path, and the one before it. */
static char *container_of_component(const char *text, size_t len, const char *before, size_t before_len)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t prefix_len = strlen(prefixes[i].prefix), id_len;
		const char *id = text + prefix_len;

		if (len <= prefix_len || memcmp(text, prefixes[i].prefix, prefix_len))
			continue;
		id_len = len - prefix_len;
		if (ends_with(text, len, ".scope"))
			id_len -= strlen(".scope");
		if (hex_len(id) >= ID_LEN)
			id_len = ID_SHOWN;
		else if (strcmp(prefixes[i].runtime, "lxc") && strcmp(prefixes[i].runtime, "machine"))
			continue;
		return container_name(prefixes[i].runtime, id, id_len);
	}
	if (len == ID_LEN && hex_len(text) == ID_LEN) {
		bool docker = before_len == 6 && !memcmp(before, "docker", 6);

		return container_name(docker ? "docker" : "container", text, ID_SHOWN);
	}
	if (before_len == 3 && !memcmp(before, "lxc", 3) && len)
		return container_name("lxc", text, len);
	return NULL;
}

char *cgroup_container(const char *path)
{
	const char *before = "";
	size_t before_len = 0;
	char *found = NULL;

	while (path && *path) {
		size_t len;
		char *name;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		name = container_of_component(path, len, before, before_len);
		if (name) {
			free(found);
			found = name;
		}
		before = path;
		before_len = len;
		path += len;
	}
	return found;
}
