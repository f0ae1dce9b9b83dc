// SPDX-License-Identifier: GPL-2.0-only
/* The command line: one table of options, parsed and printed. */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroupfs.h"
#include "mechanism.h"
#include "version.h"

#define DURATION_MAX (366.0 * 24 * 3600)
#define FLOWS_MAX (1UL << 24)

/* Options without a letter. */
enum { OPT_CGROUP = 256, OPT_IDLE, OPT_SELF, OPT_EXTERNAL, OPT_CMDLINE, OPT_MAX_FLOWS };

struct option_row {
	int value; /* the letter, or OPT_... */
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *about;
};

static const struct option_row option_rows[] = {
	{ 'd', "duration", "SECONDS", "trace for so long (else until Ctrl-C)" },
	{ 'o', "output", "FILE", "write there, by suffix; - is stdout; repeatable" },
	{ 'T', "format", "FORMAT", "format where no suffix tells (stdout: dot)" },
	{ 't', "type", "MECHANISM", "only these: a list, repeatable (all)" },
	{ 'p', "pid", "PID", "only this process and its descendants; repeatable" },
	{ 'P', "comm", "NAME", "only processes of this name; repeatable" },
	{ OPT_CGROUP, "cgroup", "PATH", "only processes of this cgroup; repeatable" },
	{ OPT_IDLE, "idle", NULL, "also draw channels held open but silent" },
	{ OPT_SELF, "self", NULL, "also draw edges of a process to itself" },
	{ OPT_EXTERNAL, "external", NULL, "also draw peers outside this host" },
	{ OPT_CMDLINE, "cmdline", NULL, "store arguments (they may hold secrets)" },
	{ OPT_MAX_FLOWS, "max-flows", "N", "room in the kernel for so many flows" },
	{ 'q', "quiet", NULL, "no status, no closing line" },
	{ 'v', "verbose", NULL, "tell the phases and their times" },
	{ 'V', "version", NULL, "print the version" },
	{ 'h', "help", NULL, "print this" },
};

#define OPTION_ROWS (sizeof(option_rows) / sizeof(option_rows[0]))

/* What the table cannot hold until all options are known. */
struct parse {
	struct options *options;
	const char **paths; /* of -o */
	size_t path_count;
	const struct format *format; /* of -T */
};

/* One line on stderr. Always returns -EINVAL. */
static int mistake(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int mistake(const char *format, ...)
{
	va_list args;

	fputs("ipcmap: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return -EINVAL;
}

static void types_print(FILE *file)
{
	for (int i = 0; i < IPC_MECHANISMS; i++)
		fprintf(file, " %s", mechanisms[i].name);
}

static void formats_print(FILE *file)
{
	for (const struct format *f = formats; f->name; f++)
		fprintf(file, "%s%s", f == formats ? "" : ", ", f->name);
}

static void suffixes_print(FILE *file)
{
	for (const struct format *f = formats; f->name; f++)
		fprintf(file, "%s%s", f == formats ? "" : " ", f->suffixes);
}

static void help_print(void)
{
	puts("Usage: ipcmap [OPTION]... [-- COMMAND [ARG]...]   or: ipcmap probe\n"
	     "Traces the IPC of this host, or of COMMAND, and draws who talks to whom. The map\n"
	     "is ipcmap.svg without -o; without COMMAND, a pipe or file on stdout gets dot.");
	for (size_t i = 0; i < OPTION_ROWS; i++) {
		const struct option_row *row = &option_rows[i];
		char head[64];

		snprintf(head, sizeof(head), "--%s%s%s", row->name, row->argument ? " " : "",
			 row->argument ? row->argument : "");
		if (row->value < 256)
			printf("  -%c, %-20s  %s\n", row->value, head, row->about);
		else
			printf("      %-20s  %s\n", head, row->about);
	}
	puts("ipcmap probe tells what this kernel lets it trace, and why not the rest.");
	fputs("Suffixes: ", stdout);
	suffixes_print(stdout);
	fputs("\nMechanisms:", stdout);
	types_print(stdout);
	puts("\n  and, for several of them: unix, net, all");
}

/* 0 or -ENOMEM. */
static int array_add(void *array_pointer, size_t *count, size_t size, const void *element)
{
	void *array;

	memcpy(&array, array_pointer, sizeof(array));
	array = reallocarray(array, *count + 1, size);
	if (!array)
		return mistake("out of memory"), -ENOMEM;
	memcpy((char *)array + *count * size, element, size);
	memcpy(array_pointer, &array, sizeof(array));
	(*count)++;
	return 0;
}

/* The whole of text as a decimal number from min to max. */
static int number_parse(const char *text, unsigned long min, unsigned long max,
			unsigned long *ret_number)
{
	unsigned long number;
	char *end;

	/* strtoul() would take "-1", " 1" and "+1". */
	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || *end || number < min || number > max)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

static int duration_parse(const char *text, double *ret_duration)
{
	double duration;
	char *end = NULL;

	/* Digits and a point only: strtod() also takes "nan", "inf" and "0x1p3". */
	duration = text[strspn(text, "0123456789.")] ? 0 : strtod(text, &end);
	if (duration < 0.001 || duration > DURATION_MAX || *end)
		return mistake("'%s' is no duration: give seconds from 0.001 to %.0f, such as 30 or 0.5",
			       text, DURATION_MAX);
	*ret_duration = duration;
	return 0;
}

/* Calls take for each item of a comma-separated list. */
static int list_parse(struct options *options, const char *list,
		      int (*take)(struct options *options, const char *item))
{
	int err = 0;

	for (const char *item = list; !err && item; ) {
		size_t len = strcspn(item, ",");
		char *copy = strndup(item, len);

		if (!copy)
			return mistake("out of memory"), -ENOMEM;
		err = take(options, copy);
		free(copy);
		item = item[len] ? item + len + 1 : NULL;
	}
	return err;
}

static int type_take(struct options *options, const char *name)
{
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

static int pid_take(struct options *options, const char *text)
{
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

static int format_take(struct parse *parse, const char *name)
{
	parse->format = format_by_name(name);
	if (parse->format)
		return 0;
	fprintf(stderr, "ipcmap: there is no format '%s'; there are ", name);
	formats_print(stderr);
	fputc('\n', stderr);
	return -EINVAL;
}

static int max_flows_take(struct options *options, const char *text)
{
	unsigned long number;

	if (number_parse(text, 1, FLOWS_MAX, &number))
		return mistake("'%s' is no number of flows: give one from 1 to %lu", text, FLOWS_MAX);
	options->max_flows = number;
	return 0;
}

static int option_take(struct parse *parse, int value, const char *argument)
{
	struct options *options = parse->options;

	switch (value) {
	case 'd':
		return duration_parse(argument, &options->duration);
	case 'o':
		return array_add(&parse->paths, &parse->path_count, sizeof(argument), &argument);
	case 'T':
		return format_take(parse, argument);
	case 't':
		return list_parse(options, argument, type_take);
	case 'p':
		return list_parse(options, argument, pid_take);
	case 'P':
		return comm_take(options, argument);
	case OPT_CGROUP:
		return cgroup_take(options, argument);
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
	}
	return -EINVAL;
}

static bool path_is_stdout(const char *path)
{
	return !strcmp(path, "-") || !strcmp(path, "/dev/stdout") || !strcmp(path, "/dev/fd/1");
}

/* One -o: the suffix decides; where it does not, -T; on stdout else dot. */
static int output_add(struct parse *parse, const char *path, bool *format_used)
{
	struct options *options = parse->options;
	struct output output = { .path = path };

	if (!*path)
		return mistake("-o needs the name of a file, or - for stdout");
	for (size_t i = 0; i < options->output_count; i++) {
		const char *other = options->outputs[i].path;

		if (path_is_stdout(path) && path_is_stdout(other))
			return mistake("only one output can go to stdout");
		if (!strcmp(path, other))
			return mistake("the output '%s' is given twice", path);
	}
	output.format = strcmp(path, "-") ? format_by_path(path) : NULL;
	if (!output.format && parse->format) {
		output.format = parse->format;
		*format_used = true;
	}
	if (!output.format && !strcmp(path, "-"))
		output.format = format_by_name("dot");
	if (output.format) {
		*format_used |= output.format == parse->format;
		return array_add(&options->outputs, &options->output_count, sizeof(output), &output);
	}
	fprintf(stderr, "ipcmap: the name '%s' does not tell its format: end it with one of ", path);
	suffixes_print(stderr);
	fputs(", or use -T\n", stderr);
	return -EINVAL;
}

/*
 * Where the map goes without -o: what is piped on shall be DOT or what -T
 * says; but a command has stdout for itself, so beside it a file is written.
 */
static const char *default_path(const struct parse *parse)
{
	static char path[32];
	const struct format *format = parse->format ? parse->format : format_by_name("svg");

	if (!parse->options->command && !isatty(STDOUT_FILENO))
		return "-";
	snprintf(path, sizeof(path), "ipcmap%.*s", (int)strcspn(format->suffixes, " "),
		 format->suffixes);
	return path;
}

static int outputs_decide(struct parse *parse)
{
	bool format_used = false;
	int err = 0;

	if (!parse->path_count)
		return output_add(parse, default_path(parse), &format_used);
	for (size_t i = 0; !err && i < parse->path_count; i++)
		err = output_add(parse, parse->paths[i], &format_used);
	if (!err && parse->format && !format_used)
		err = mistake("-T %s and '%s' do not agree: leave -T away, or change the suffix",
			      parse->format->name, parse->paths[0]);
	return err;
}

/* The name of an option as the user may type it: "-d" or "--idle". */
static const char *option_name(int value, char *buf, size_t size)
{
	for (size_t i = 0; i < OPTION_ROWS; i++) {
		if (option_rows[i].value != value)
			continue;
		if (value < 256)
			snprintf(buf, size, "-%c", value);
		else
			snprintf(buf, size, "--%s", option_rows[i].name);
		return option_rows[i].argument ? option_rows[i].argument : "";
	}
	return NULL;
}

/* What getopt_long() found wrong: result is ':' or '?'. */
static int getopt_mistake(int result, char **argv)
{
	char name[64];
	const char *argument = option_name(optopt, name, sizeof(name));
	const char *word = argv[optind - 1];

	if (result == ':')
		return mistake("%s needs an argument: %s %s", name, name, argument ? argument : "");
	if (optopt && argument)
		return mistake("'%s': this option takes no argument", word);
	if (optopt)
		return mistake("there is no option -%c; see ipcmap --help", optopt);
	for (size_t i = 0; i < OPTION_ROWS; i++)
		if (!strncmp(option_rows[i].name, word + 2, strlen(word + 2)))
			return mistake("'%s' may mean several options; see ipcmap --help", word);
	return mistake("there is no option %s; see ipcmap --help", word);
}

/* The table as getopt_long() wants it. */
static void getopt_tables(char *letters, struct option *longs)
{
	*letters++ = '+'; /* COMMAND's options are its own */
	*letters++ = ':';
	for (size_t i = 0; i < OPTION_ROWS; i++) {
		const struct option_row *row = &option_rows[i];

		longs[i] = (struct option){ row->name, row->argument ? required_argument : no_argument,
					    NULL, row->value };
		if (row->value >= 256)
			continue;
		*letters++ = row->value;
		if (row->argument)
			*letters++ = ':';
	}
	*letters = '\0';
	longs[OPTION_ROWS] = (struct option){ 0 };
}

/* What is left after the options: COMMAND after "--", or nothing. */
static int command_take(struct options *options, int argc, char **argv, const char *last_argument)
{
	/* "-P --" is an argument that looks like the end of the options. */
	bool ended = optind > 1 && !strcmp(argv[optind - 1], "--") && argv[optind - 1] != last_argument;

	if (ended && optind == argc)
		return mistake("there is no command after --");
	if (ended)
		options->command = argv + optind;
	else if (optind < argc)
		return mistake("what is '%s'? To trace a command, write -- before it", argv[optind]);
	return 0;
}

static int arguments_parse(struct parse *parse, int argc, char **argv, int *ret_status)
{
	char letters[2 * OPTION_ROWS + 3];
	struct option longs[OPTION_ROWS + 1];
	const char *last_argument = NULL;
	int value, err;

	getopt_tables(letters, longs);
	optind = 0; /* glibc: start afresh */
	opterr = 0;
	while ((value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (value == 'h' || value == 'V') {
			if (value == 'h')
				help_print();
			else
				puts("ipcmap " IPCMAP_VERSION);
			*ret_status = fflush(stdout) ? EXIT_FAILED : 0;
			return -ECANCELED;
		}
		err = value == ':' || value == '?' ? getopt_mistake(value, argv) :
						     option_take(parse, value, optarg);
		if (err)
			return err;
		last_argument = optarg;
	}
	err = command_take(parse->options, argc, argv, last_argument);
	return err ? err : outputs_decide(parse);
}

int options_parse(struct options *options, int argc, char **argv, int *ret_status)
{
	struct options parsed = { 0 };
	struct parse parse = { .options = &parsed };
	int err;

	*ret_status = EXIT_USAGE;
	err = arguments_parse(&parse, argc, argv, ret_status);
	free(parse.paths);
	if (err) {
		options_done(&parsed);
		return -1;
	}
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
	*options = (struct options){ 0 };
}
