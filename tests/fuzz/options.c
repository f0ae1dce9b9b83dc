// SPDX-License-Identifier: GPL-2.0-only
/*
 * A command line, its words ended by NULs and the first one the command's name: parsed, and
 * then within the limits; or refused with status 2 and words on stderr. Nothing is traced,
 * drawn, or written: render and diff get no file that is there.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/arguments.h"
#include "../../src/cmd.h"
#include "../../src/dump_options.h"

#define WORDS 40

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct said {
	FILE *real, *file;
	char *data;
	size_t size;
};

static struct said out, err;

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(err.real, "fuzz: %s: %.*s\n", what, (int)err.size, err.data);
	abort();
}

/* `ipcmap render -` reads stdin: there is nothing to be read. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return freopen("/dev/null", "r", stdin) ? 0 : 1;
}

static void listen(struct said *said, FILE **stream)
{
	*said = (struct said){ .real = *stream };
	said->file = open_memstream(&said->data, &said->size);
	if (!said->file)
		abort();
	*stream = said->file;
}

static void listen_no_more(struct said *said, FILE **stream)
{
	fclose(said->file);
	*stream = said->real;
}

static void options_check(const struct options *options)
{
	require(!options->duration || (options->duration >= 0.001 && options->duration < 4e7), "duration");
	require(!options->interval || (options->interval >= 0.001 && options->interval < 4e7), "interval");
	require(options->mechanisms && options->mechanisms < 1U << IPC_MECHANISMS, "mechanisms");
	require(options->comm_count <= IPC_FILTER_COMMS && options->cgroup_count <= IPC_FILTER_CGROUPS, "filters");
	for (size_t i = 0; i < options->pid_count; i++)
		require(options->pids[i] > 0, "pid");
	require(!options->command || *options->command, "command");
}

/* Returns the status, or -1 when it was parsed. */
static int trace_parse(int argc, char **argv)
{
	struct options options;
	int status = 0;

	if (options_parse(&options, argc, argv, &status))
		return status;
	options_check(&options);
	require(options.output_count > 0, "outputs");
	for (size_t i = 0; i < options.output_count; i++)
		require(options.outputs[i].format && *options.outputs[i].path, "output");
	options_done(&options);
	return -1;
}

static int dump_parse(int argc, char **argv)
{
	struct dump_options options;
	int status = 0;

	if (dump_options_parse(&options, argc, argv, &status))
		return status;
	options_check(&options.trace);
	require(options.stream.buffer >= 4096 && !(options.stream.buffer & (options.stream.buffer - 1)), "buffer");
	require(options.stream.pid_role_count == options.trace.pid_count &&
		options.stream.comm_role_count == options.trace.comm_count, "roles");
	require(options.format && *options.path, "format");
	dump_options_done(&options);
	return -1;
}

static bool any_is_file(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!access(argv[i], F_OK))
			return true;
	return false;
}

static int command_run(int argc, char **argv)
{
	if (!strcmp(argv[0], "ipcdump"))
		return dump_parse(argc, argv);
	if (strcmp(argv[0], "render") && strcmp(argv[0], "diff"))
		return trace_parse(argc, argv);
	if (any_is_file(argc, argv))
		return -1;
	return strcmp(argv[0], "diff") ? cmd_render(argc, argv) : cmd_diff(argc, argv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *words = malloc(size + 1), *argv[WORDS + 1];
	int argc = 0, status;

	if (!words)
		return 0;
	memcpy(words, data, size);
	words[size] = '\0';
	for (size_t at = 0; argc < WORDS && at <= size; at += strlen(words + at) + 1)
		argv[argc++] = words + at;
	argv[argc] = NULL;
	listen(&out, &stdout);
	listen(&err, &stderr);
	status = command_run(argc, argv);
	listen_no_more(&out, &stdout);
	listen_no_more(&err, &stderr);
	require(status >= -1 && status <= 2, "status");
	/* Of what is refused is said why; --help is no mistake. */
	require(status <= 0 || (err.size > 0 && err.data[err.size - 1] == '\n'), "no word");
	require(status != 0 || (out.size > 0 && err.size == 0), "neither help nor version");
	free(out.data);
	free(err.data);
	free(words);
	return 0;
}
