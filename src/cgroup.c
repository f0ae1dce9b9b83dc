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

/*
 * How runtimes name the cgroup of a container, before its id. Where the id is a
 * name that people choose, the suffix tells a container from what else begins so.
 */
static const struct {
	const char *prefix, *runtime, *suffix;
} prefixes[] = {
	{ "docker-", "docker", NULL },		   { "libpod-", "podman", NULL },
	{ "cri-containerd-", "containerd", NULL }, { "crio-", "cri-o", NULL },
	{ "nerdctl-", "containerd", NULL },	   { "lxc.payload.", "lxc", "" },
	{ "machine-", "machine", ".scope" },	   { "systemd-nspawn@", "nspawn", ".service" },
};

/* runc on cgroupfs, told to use systemd: "kubepods-x.slice:cri-containerd:ID" */
static const struct {
	const char *infix, *runtime;
} infixes[] = {
	{ ":docker:", "docker" }, { ":cri-containerd:", "containerd" }, { ":crio:", "cri-o" },
	{ ":nerdctl:", "containerd" }, { ":libpod:", "podman" },
};

static char *container_name(const char *runtime, const char *id, size_t len)
{
	char *name = NULL;

	if (asprintf(&name, "%s:%.*s", runtime, (int)len, id) < 0)
		return NULL;
	return name;
}

static bool has_id(const char *text, size_t len)
{
	return len >= ID_LEN && hex_len(text) == ID_LEN && (len == ID_LEN || text[ID_LEN] == '.');
}

static char *container_by_prefix(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t prefix_len = strlen(prefixes[i].prefix), id_len = len - prefix_len;
		const char *id = text + prefix_len, *suffix = prefixes[i].suffix;

		if (len <= prefix_len || memcmp(text, prefixes[i].prefix, prefix_len))
			continue;
		if (!suffix) {
			if (has_id(id, id_len))
				return container_name(prefixes[i].runtime, id, ID_SHOWN);
			continue;
		}
		if (*suffix && !ends_with(id, id_len, suffix))
			continue;
		return container_name(prefixes[i].runtime, id, id_len - strlen(suffix));
	}
	return NULL;
}

static char *container_by_infix(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(infixes) / sizeof(infixes[0]); i++) {
		size_t infix_len = strlen(infixes[i].infix);
		const char *id;

		if (len <= ID_LEN + infix_len)
			continue;
		id = text + len - ID_LEN;
		if (has_id(id, ID_LEN) && !memcmp(id - infix_len, infixes[i].infix, infix_len))
			return container_name(infixes[i].runtime, id, ID_SHOWN);
	}
	return NULL;
}

/* One component of the path, and the one before it. */
static char *container_of_component(const char *text, size_t len, const char *before, size_t before_len)
{
	char *name = container_by_prefix(text, len);

	if (!name)
		name = container_by_infix(text, len);
	if (name)
		return name;
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
