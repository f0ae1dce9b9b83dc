// SPDX-License-Identifier: GPL-2.0-only
/* Names of containers from what their runtimes wrote down. */
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container.h"
#include "sample.h"

#define A "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define B "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

#define C "001122334455667788990011223344556677889900112233445566778899aabb"

static char root[] = "/tmp/ipcmap-container.XXXXXX";

/* Makes a file below root, and the folders to it. */
static void put(const char *path, const char *text)
{
	char full[512];
	FILE *file;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *s = full + strlen(root) + 1; (s = strchr(s, '/')) != NULL; s++) {
		*s = '\0';
		mkdir(full, 0755);
		*s = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	return system(command);
}

/* What becomes of a container's node. */
static void check(const char *container, const char *cgroup, const char *want)
{
	struct map *map = sample_head();
	size_t i = sample_process(map, 1, 1, "init");

	map->nodes[i].container = strdup(container);
	map->nodes[i].cgroup = strdup(cgroup);
	containers_name(map, root);
	assert_string_equal(map->nodes[i].container, want);
	map_free(map);
}

static void test_runtimes(void **state)
{
	(void)state;
	put("var/lib/docker/containers/" A "/config.v2.json", "{\"ID\": \"" A "\", \"Name\": \"/web\"}");
	put("var/lib/containers/storage/overlay-containers/containers.json",
	    "[{\"id\": \"" A "\", \"names\": [\"other\"]}, {\"id\": \"" B "\", \"names\": [\"db\", \"x\"]}]");
	put("run/containerd/io.containerd.runtime.v2.task/k8s.io/" A "/config.json",
	    "{\"annotations\": {\"io.kubernetes.cri.sandbox-name\": \"shop-1\","
	    " \"io.kubernetes.cri.container-name\": \"app\"}}");
	put("run/containerd/io.containerd.runtime.v2.task/default/" B "/config.json",
	    "{\"annotations\": {\"nerdctl/name\": \"cache\"}}");
	put("run/containers/storage/overlay-containers/" B "/userdata/config.json",
	    "{\"annotations\": {\"io.kubernetes.pod.name\": \"p\", \"io.kubernetes.container.name\": \"c\"}}");
	check("docker:0123456789ab", "/system.slice/docker-" A ".scope", "docker:web");
	check("podman:fedcba987654", "/machine.slice/libpod-" B ".scope/container", "podman:db");
	check("containerd:0123456789ab", "/kubepods.slice/cri-containerd-" A ".scope",
	      "containerd:shop-1/app");
	check("containerd:fedcba987654", "/system.slice/nerdctl-" B ".scope", "containerd:cache");
	check("cri-o:fedcba987654", "/kubepods.slice/crio-" B ".scope", "cri-o:cache");
}

/* A user's own containers, in a file that is the user's. */
static void test_rootless(void **state)
{
	const struct passwd *me = getpwuid(getuid());
	char path[512], cgroup[256];

	(void)state;
	assert_non_null(me);
	snprintf(path, sizeof(path), "%s/.local/share/containers/storage/overlay-containers/containers.json", me->pw_dir + 1);
	snprintf(cgroup, sizeof(cgroup), "/user.slice/user-%u.slice/libpod-" C ".scope", me->pw_uid);
	put(path, "[{\"id\": \"" C "\", \"names\": [\"mine\"]}]");
	check("podman:00112233445", cgroup, "podman:mine");
}

/* What is not there, or not what it should be, leaves the id. */
static void test_unknown(void **state)
{
	static const char *const texts[] = { "", "[]", "{\"Name\": 7}", "{\"Name\": \"\"}", "{\"Name\"" };

	(void)state;
	check("lxc:web", "/lxc.payload.web", "lxc:web");
	check("docker:999999999999", "/system.slice/docker-" A ".scope", "docker:999999999999");
	check("podman:0123456789ab", "/user.slice/user-4294967294.slice/libpod-" B ".scope",
	      "podman:0123456789ab");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put("var/lib/docker/containers/" B "/config.v2.json", texts[i]);
		put("run/containerd/io.containerd.runtime.v2.task/default/" B "/config.json", texts[i]);
		put("run/containers/storage/overlay-containers/" B "/userdata/config.json", texts[i]);
		check("docker:fedcba987654", "/docker/" B, "docker:fedcba987654");
	}
	/* Names are what people type: nothing in them reaches a terminal as it is. */
	put("var/lib/docker/containers/" B "/config.v2.json", "{\"Name\": \"/\\u001b[31mred\"}");
	check("docker:fedcba987654", "/docker/" B, "docker:\\x1b[31mred");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runtimes), cmocka_unit_test(test_rootless),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
