// SPDX-License-Identifier: GPL-2.0-only
#include "release.h"

#include <stdio.h>
#include <sys/utsname.h>

#include <bpf/libbpf.h>

#include "graphviz.h"
#include "version.h"

void release_print(const char *program)
{
	char graphviz[32];
	struct utsname host;

	printf("%s %s\n", program, IPCMAP_VERSION);
	printf("libbpf %u.%u, ", libbpf_major_version(), libbpf_minor_version());
	if (graphviz_version(graphviz, sizeof(graphviz)))
		printf("no Graphviz");
	else
		printf("Graphviz %s", graphviz);
	if (!uname(&host))
		printf(", %s %s %s", host.sysname, host.release, host.machine);
	putchar('\n');
}
