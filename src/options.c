// SPDX-License-Identifier: GPL-2.0-only
/* The command line of `ipcmap`: what it traces. How it draws is view_options.c. */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroupfs.h"
#include "hooks.h"
#include "mechanism.h"
#include "release.h"
#include "view_options.h"

#define DURATION_MAX (366.0 * 24 * 3600)
#define INTERVAL_DEFAULT 1 /* second, where frames are wanted */
#define FLOWS_MAX (1UL << 24)

/* Options without a letter. */
enum { OPT_CGROUP = 256, OPT_IDLE, OPT_SELF, OPT_EXTERNAL, OPT_CMDLINE, OPT_MAX_FLOWS, OPT_FLAVOUR };

static const struct option_row first_rows[] = {
	{ 'd', "duration", "SECONDS", "trace for so long (else until Ctrl-C)" },
	{ 'i', "interval", "SECONDS", "frames of so long: .json, f-%04d.svg, .webp, .gif" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_row option_rows[] = {
	{ 't', "type", "MECHANISM", "only these: a list, repeatable (all)" },
	{ 'p', "pid", "PID", "only this process and its descendants; repeatable" },
	{ 'P', "comm", "NAME", "only processes of this name; repeatable" },
	{ OPT_CGROUP, "cgroup", "PATH", "only processes of this cgroup; repeatable" },
	{ OPT_IDLE, "idle", NULL, "also draw channels held open but silent" },
	{ OPT_SELF, "self", NULL, "also draw edges of a process to itself" },
	{ OPT_EXTERNAL, "external", NULL, "also draw peers outside this host" },
	{ OPT_CMDLINE, "cmdline", NULL, "store arguments (they may hold secrets)" },
	{ OPT_MAX_FLOWS, "max-flows", "N", "room in the kernel for so many flows" },
	{ OPT_FLAVOUR, "flavour", "WAY", "fentry, tracepoint or kprobe (the best, per hook)" },
	{ 'q', "quiet", NULL, "no status, no table, no closing line" },
	{ 'v', "verbose", NULL, "tell the phases and their times" },
	{ 'V', "version", NULL, "print the version" },
	{ 'h', "help", NULL, "print this" },
	{ 0, NULL, NULL, NULL },
};

static void types_print(FILE *file)
{
	for (int i = 0; i < IPC_MECHANISMS; i++)
		fprintf(file, " %s", mechanisms[i].name);
}

/* On two lines. */
static void help_types_print(void)
{
	int column = printf("\nMechanisms:") - 1;

	for (int i = 0; i < IPC_MECHANISMS; i++) {
		if (column + (int)strlen(mechanisms[i].name) >= 80)
			column = printf("\n ") - 1;
		column += printf(" %s", mechanisms[i].name);
	}
	puts(", and for several: unix net all");
}

/* One screen: the options of the drawing are many, and `ipcmap render` prints them. */
static void help_print(void)
{
	puts("Usage: ipcmap [OPTION]... [-- COMMAND [ARG]...]   or: ipcmap probe\n"
	     "Draws who talks to whom on this host, or in COMMAND: in ipcmap." FORMAT_FILE " without -o.");
	rows_print(first_rows);
	rows_print(outputs_rows);
	rows_print(option_rows);
	puts("More: ipcmap render --help (the drawing), ipcmap diff --help, ipcdump --help.");
	fputs("Suffixes: ", stdout);
	suffixes_print(stdout, true);
	help_types_print();
}

static int duration_parse(const char *text, double *ret_duration)
{
	double duration;
	char *end = NULL;

	/* Digits and a point only: strtod() also takes "nan", "inf" and "0x1p3". */
	duration = text[strspn(text, "0123456789.")] ? 0 : strtod(text, &end);
	if (!end || *end || duration < 0.001 || duration > DURATION_MAX)
		return mistake("'%s' is no duration: give seconds from 0.001 to %.0f, such as 30 or 0.5",
			       text, DURATION_MAX);
	*ret_duration = duration;
	return 0;
}

static int type_take(void *context, const char *name)
{
	struct options *options = context;
	uint32_t bits = mechanism_bits(name);

	if (!bits) {
		fprintf(stderr, "ipcmap: there is no mechanism '%s'; there are:", name);
		types_print(stderr);
		fputs("; for several: unix net all\n", stderr);
		return -EINVAL;
	}
	options->mechanisms |= bits;
	return 0;
}

static int pid_take(void *context, const char *text)
{
	struct options *options = context;
	unsigned long number, tgid = 0;
	char path[64], line[256];
	FILE *file;
	pid_t pid;

	if (number_parse(text, 1, 1UL << 30, &number))
		return mistake("'%s' is no pid: give the number of a running process", text);
	snprintf(path, sizeof(path), "/proc/%lu/status", number);
	file = fopen(path, "re");
	if (!file)
		return mistake("there is no process %lu", number);
	while (fgets(line, sizeof(line), file) && sscanf(line, "Tgid: %lu", &tgid) != 1)
		;
	fclose(file);
	/* /proc/N of a thread opens too, though readdir() never shows it. */
	if (tgid && tgid != number)
		return mistake("%lu is a thread of process %lu: use -p %lu", number, tgid, tgid);
	pid = number;
	return array_add(&options->pids, &options->pid_count, sizeof(pid), &pid);
}

static int comm_take(struct options *options, const char *name)
{
	if (!*name)
		return mistake("-P needs the name of a program, as in /proc/PID/comm");
	if (options->comm_count == IPC_FILTER_COMMS)
		return mistake("too many names: -P can be given %d times", IPC_FILTER_COMMS);
	return array_add(&options->comms, &options->comm_count, sizeof(name), &name);
}

static int cgroup_take(struct options *options, const char *path)
{
	uint64_t id;
	int error;

	if (options->cgroup_count == IPC_FILTER_CGROUPS)
		return mistake("too many cgroups: --cgroup can be given %d times", IPC_FILTER_CGROUPS);
	error = *path ? cgroup_find(path, &id) : -ENOENT;
	if (error == -ENOTSUP)
		return mistake("--cgroup: no cgroup2 hierarchy is mounted here");
	if (error)
		return mistake("--cgroup: there is no cgroup '%s'; give its path as /proc/PID/cgroup has it", path);
	return array_add(&options->cgroups, &options->cgroup_count, sizeof(path), &path);
}

static int max_flows_take(struct options *options, const char *text)
{
	unsigned long number;

	if (number_parse(text, 1, FLOWS_MAX, &number))
		return mistake("'%s' is no number of flows: give one from 1 to %lu", text, FLOWS_MAX);
	options->max_flows = number;
	return 0;
}

static int option_take(void *context, int value, const char *argument)
{
	struct options *options = context;

	switch (value) {
	case 'd':
		return duration_parse(argument, &options->duration);
	case 'i':
		return duration_parse(argument, &options->interval);
	case 't':
		return list_parse(options, argument, type_take);
	case 'p':
		return list_parse(options, argument, pid_take);
	case 'P':
		return comm_take(options, argument);
	case OPT_CGROUP:
		return cgroup_take(options, argument);
	case OPT_FLAVOUR:
		options->flavour = flavour_by_name(argument);
		if (options->flavour == FLAVOUR_ANY)
			return mistake("there is no flavour '%s'; there are: fentry tracepoint kprobe", argument);
		return 0;
	case OPT_MAX_FLOWS:
		return max_flows_take(options, argument);
	case OPT_IDLE:
		options->idle = true;
		return 0;
	case OPT_SELF:
		options->self = true;
		return 0;
	case OPT_EXTERNAL:
		options->external = true;
		return 0;
	case OPT_CMDLINE:
		options->cmdline = true;
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	case 'V':
		release_print("ipcmap");
		return -ECANCELED;
	case 'h':
		help_print();
		return -ECANCELED;
	}
	return -EINVAL;
}

/* What is left after the options: COMMAND after "--", or nothing. */
static int command_take(struct options *options, const struct arguments *left, int argc, char **argv)
{
	if (left->ended && left->first == argc)
		return mistake("there is no command after --");
	if (left->ended)
		options->command = argv + left->first;
	else if (left->first < argc)
		return mistake("what is '%s'? To trace a command, write -- before it",
			       argv[left->first]);
	return 0;
}

int options_parse(struct options *options, int argc, char **argv, int *ret_status)
{
	struct options parsed = { 0 };
	struct outputs outputs = { 0 };
	const struct option_table tables[] = {
		{ first_rows, option_take, &parsed },
		{ outputs_rows, outputs_take, &outputs },
		{ option_rows, option_take, &parsed },
		{ film_rows, outputs_take, &outputs },
		{ view_option_rows, view_option_take, &parsed.view },
		{ NULL, NULL, NULL },
	};
	struct arguments left;
	int err;

	view_options_init(&parsed.view);
	err = arguments_parse("ipcmap", tables, argc, argv, &left);
	err = err ? err : command_take(&parsed, &left, argc, argv);
	err = err ? err : outputs_decide(&outputs, parsed.command != NULL);
	if (err) {
		*ret_status = err != -ECANCELED ? EXIT_USAGE : stdout_flush();
		outputs_done(&outputs);
		options_done(&parsed);
		return -1;
	}
	if (outputs_need_frames(&outputs) && !parsed.interval)
		parsed.interval = INTERVAL_DEFAULT;
	parsed.view.emit.film = outputs.film;
	parsed.outputs = outputs.outputs;
	parsed.output_count = outputs.count;
	outputs.outputs = NULL;
	outputs_done(&outputs);
	if (!parsed.mechanisms)
		parsed.mechanisms = mechanism_bits("all");
	*options = parsed;
	return 0;
}

void options_done(struct options *options)
{
	free(options->outputs);
	free(options->pids);
	free(options->comms);
	free(options->cgroups);
	view_options_done(&options->view);
	*options = (struct options){ 0 };
}
