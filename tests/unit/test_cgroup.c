// SPDX-License-Identifier: GPL-2.0-only
/* What cgroup paths say: units, containers, and paths that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/cgroup.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static const struct {
	const char *path, *unit, *container;
} rows[] = {
	{ "/", NULL, NULL },
	{ "", NULL, NULL },
	{ "/system.slice/nginx.service", "nginx.service", NULL },
	{ "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", NULL },
	{ "/user.slice/user-1000.slice/session-4.scope", "session-4.scope", NULL },
	{ "/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox.scope", "app-firefox.scope", NULL },
	{ "/user.slice/user-1000.slice", "user-1000.slice", NULL },
	{ "/init.scope", "init.scope", NULL },
	{ "/system.slice/foo.service/worker", "foo.service", NULL },
	{ "/system.slice/docker.socket", "docker.socket", NULL },
	/* containers */
	{ "/docker/" ID, NULL, "docker:0123456789ab" },
	{ "/system.slice/docker-" ID ".scope", "docker-" ID ".scope", "docker:0123456789ab" },
	{ "/machine.slice/libpod-" ID ".scope/container", "libpod-" ID ".scope", "podman:0123456789ab" },
	{ "/libpod_parent/libpod-" ID, NULL, "podman:0123456789ab" },
	{ "/machine.slice/libpod-conmon-" ID ".scope", "libpod-conmon-" ID ".scope", NULL },
	{ "/kubepods.slice/kubepods-besteffort.slice/cri-containerd-" ID ".scope",
	  "cri-containerd-" ID ".scope", "containerd:0123456789ab" },
	{ "/system.slice/containerd.service/kubepods-burstable-pod1.slice:cri-containerd:" ID,
	  "containerd.service", "containerd:0123456789ab" },
	{ "/kubepods.slice/crio-" ID ".scope", "crio-" ID ".scope", "cri-o:0123456789ab" },
	{ "/kubepods.slice/crio-conmon-" ID ".scope", "crio-conmon-" ID ".scope", NULL },
	{ "/kubepods/burstable/pod1234-abcd/" ID, NULL, "container:0123456789ab" },
	{ "/user.slice/nerdctl-" ID ".scope", "nerdctl-" ID ".scope", "containerd:0123456789ab" },
	{ "/lxc/web", NULL, "lxc:web" },
	{ "/lxc.payload.web", NULL, "lxc:web" },
	{ "/lxc.payload.web/init.scope", "init.scope", "lxc:web" },
	{ "/lxc.monitor.web", NULL, NULL },
	{ "/machine.slice/machine-web.scope", "machine-web.scope", "machine:web" },
	{ "/machine.slice/systemd-nspawn@web.service/payload/system.slice/cron.service", "cron.service",
	  "nspawn:web" },
	/* one in another: the innermost */
	{ "/docker/" ID "/docker/" OTHER, NULL, "docker:fedcba987654" },
	{ "/lxc.payload.web/system.slice/docker-" ID ".scope", "docker-" ID ".scope", "docker:0123456789ab" },
	/* what only looks like it */
	{ "/.service/.scope", NULL, NULL },
	{ "///", NULL, NULL },
	{ "//system.slice//a.service//", "a.service", NULL },
	{ "/docker-0123.scope", "docker-0123.scope", NULL },
	{ "/docker-" ID "f.scope", "docker-" ID "f.scope", NULL },
	{ "/docker-" ID "x", NULL, NULL },
	{ "/docker-", NULL, NULL },
	{ "/docker/0123", NULL, NULL },
	{ "/" ID "0", NULL, NULL },
	{ "/0123:docker:" ID, NULL, "docker:0123456789ab" },
	{ "/:docker:" ID, NULL, NULL },
	{ "/machine-.scope/secret", "machine-.scope", NULL },
	{ "/machine-a.slice/b", "machine-a.slice", NULL },
	{ "/machine-scope", NULL, NULL },
	{ "/lxc.payload.scope/next/component", "lxc.payload.scope", "lxc:scope" },
	{ "/lxc.payload.", NULL, NULL },
	{ "/lxc/", NULL, NULL },
	{ "/lxc", NULL, NULL },
	{ "/systemd-nspawn@.service", "systemd-nspawn@.service", NULL },
	{ "/lxc/%s%n\\x1b", NULL, "lxc:%s%n\\x1b" },
};

static void same(const char *path, char *is, const char *want)
{
	if (!is != !want || (is && strcmp(is, want)))
		fail_msg("%s: %s instead of %s", path, is ? is : "NULL", want ? want : "NULL");
	free(is);
}

/* Each path in memory of its own, so that the sanitizers see who reads beyond it. */
static void test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *path = strdup(rows[i].path);

		same(path, cgroup_unit(path), rows[i].unit);
		same(path, cgroup_container(path), rows[i].container);
		free(path);
	}
	assert_null(cgroup_unit(NULL));
	assert_null(cgroup_container(NULL));
}

/* Every beginning of every path: no crash, and nothing but a part of the path comes out. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t len = 0; len <= strlen(rows[i].path); len++) {
			char *path = strndup(rows[i].path, len), *unit = cgroup_unit(path);
			char *container = cgroup_container(path);

			if (unit)
				assert_non_null(strstr(path, unit));
			if (container) {
				assert_non_null(strstr(path, strchr(container, ':') + 1));
				assert_null(strchr(container, '/'));
			}
			free(container);
			free(unit);
			free(path);
		}
	}
}

static void test_long(void **state)
{
	size_t size = 1 << 20;
	char *path = malloc(size + 1), *name;

	(void)state;
	memset(path, 'a', size);
	path[size] = '\0';
	memcpy(path, "/lxc/", 5);
	assert_null(cgroup_unit(path));
	name = cgroup_container(path);
	assert_int_equal(strlen(name), size - 5 + 4);
	free(name);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
