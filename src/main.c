// SPDX-License-Identifier: GPL-2.0-only
/* ipcmap: which command it is. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "cmd.h"
#include "options.h"
#include "trace.h"

/*
 * Whoever started us may have closed stdin, stdout or stderr; the next file to
 * be opened would take its place. Opened the wrong way round, so that using it
 * fails as it would have.
 */
static void stdio_ensure(void)
{
	static const int flags[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) != fd)
			_exit(EXIT_FAILED);
}

static int cmd_probe(int argc, char **argv)
{
	int status;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		puts("Usage: ipcmap probe\n"
		     "Prints, per mechanism, how this kernel lets it be traced, and why not.");
		return stdout_flush();
	}
	if (argc > 1) {
		fprintf(stderr, "ipcmap: probe takes no argument '%s'\n", argv[1]);
		return EXIT_USAGE;
	}
	status = probe_print();
	return stdout_flush() ? EXIT_FAILED : status;
}

/* The one binary has a second name. */
static bool called_ipcdump(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return path && !strcmp(slash ? slash + 1 : path, "ipcdump");
}

int main(int argc, char **argv)
{
	stdio_ensure();
	if (called_ipcdump(argv[0]))
		return cmd_dump(argc, argv);
	if (argc > 1 && !strcmp(argv[1], "dump"))
		return cmd_dump(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "probe"))
		return cmd_probe(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "render"))
		return cmd_render(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "diff"))
		return cmd_diff(argc - 1, argv + 1);
	return cmd_trace(argc, argv);
}
