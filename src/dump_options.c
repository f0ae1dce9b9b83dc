// SPDX-License-Identifier: GPL-2.0-only
/* The command line of `ipcdump`: IPCDump's, and what `ipcmap` has besides. */
#include "dump_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "mechanism.h"
#include "release.h"

#define BIT(mechanism) (1U << (mechanism))
#define DURATION_MAX (366.0 * 24 * 3600)
#define BUFFER_DEFAULT (32U << 20)
#define BUFFER_MIN 4096UL
#define BUFFER_MAX (1UL << 30)

/* Options without a letter. */
enum { OPT_DURATION = 256, OPT_BUFFER, OPT_PCAP };

static const struct option_row rows[] = {
	{ 'x', "contents", NULL, "show what arrived, and not only how much" },
	{ 'B', "bytes", "N", "at most N bytes of each event (0, the default: all)" },
	{ 'p', "pid", "PID", "only from or to this process" },
	{ 's', "src-pid", "PID", "only from it" },
	{ 'd', "dst-pid", "PID", "only to it" },
	{ 'P', "comm", "NAME", "only from or to processes of this name" },
	{ 'S', "src-comm", "NAME", "only from them" },
	{ 'D', "dst-comm", "NAME", "only to them" },
	{ 't', "type", "TYPE", "only events of these types: a list" },
	{ 'f', "format", "FORMAT", "text, json or csv" },
	{ 'c', "count", "N", "exit after N events (0, the default: never)" },
	{ 'L', "no-lost", NULL, "no lines about lost events" },
	{ 'o', "output", "FILE", "instead of stdout" },
	{ OPT_PCAP, "pcap", "FILE", "also as pcapng, for Wireshark" },
	{ OPT_DURATION, "duration", "SECONDS", "trace for so long (else until Ctrl-C)" },
	{ OPT_BUFFER, "buffer", "SIZE", "of the kernel's ring: 4k to 1g (32m)" },
	{ 'q', "quiet", NULL, "no closing line" },
	{ 'v', "verbose", NULL, "tell the phases and their times" },
	{ 'V', "version", NULL, "print the version" },
	{ 'h', "help", NULL, "print this" },
	{ 0, NULL, NULL, NULL },
};

/* IPCDump's names. pipe: with fifo, as there. loopback: addresses of this host alone. */
static const struct dump_type {
	const char *letter, *name;
	uint32_t mechanisms;
	bool loopback;
} types[] = {
	{ "a", "all", BIT(IPC_MECHANISMS) - 1, false },
	{ "k", "signal", BIT(IPC_SIGNAL), false },
	{ "kill", "kill", BIT(IPC_SIGNAL), false },
	{ "u", "unix", BIT(IPC_UNIX_STREAM) | BIT(IPC_UNIX_DGRAM) | BIT(IPC_UNIX_SEQPACKET), false },
	{ "ud", "unix-dgram", BIT(IPC_UNIX_DGRAM), false },
	{ "us", "unix-stream", BIT(IPC_UNIX_STREAM), false },
	{ "t", "pty", BIT(IPC_PTY), false },
	{ "lo", "loopback", BIT(IPC_TCP) | BIT(IPC_UDP), true },
	{ "lt", "loopback-tcp", BIT(IPC_TCP), true },
	{ "lu", "loopback-udp", BIT(IPC_UDP), true },
	{ "p", "pipe", BIT(IPC_PIPE) | BIT(IPC_FIFO), false },
};

static void help_print(void)
{
	puts("Usage: ipcdump [OPTION]... [-- COMMAND [ARG]...]   (also: ipcmap dump)\n"
	     "Prints a line for each time that bytes of one process arrive at another, and for\n"
	     "each signal. Filters may be repeated; those of one letter are alternatives, and\n"
	     "an event must pass all letters. What they turn away never leaves the kernel.");
	rows_print(rows);
	puts("Types: a|all k|signal|kill p|pipe (and fifo) t|pty u|unix ud|unix-dgram\n"
	     "  us|unix-stream lo|loopback lt|loopback-tcp lu|loopback-udp, and fifo\n"
	     "  unix-seqpacket tcp udp net msg_ring");
}

static int type_take(void *context, const char *name)
{
	struct dump_options *options = context;
	uint32_t bits;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(name, types[i].letter) && strcmp(name, types[i].name))
			continue;
		if (types[i].loopback)
			options->loopback_types |= types[i].mechanisms;
		else
			options->whole_types |= types[i].mechanisms;
		return 0;
	}
	bits = mechanism_bits(name);
	if (!bits)
		return mistake("there is no type '%s'; there are: all signal kill pipe fifo pty unix unix-stream unix-dgram "
			       "unix-seqpacket loopback loopback-tcp loopback-udp net tcp udp msg_ring", name);
	options->whole_types |= bits;
	return 0;
}

static int pid_add(struct dump_options *options, const char *text, uint8_t role)
{
	struct stream_options *stream = &options->stream;
	unsigned long number;
	char path[64];
	pid_t pid;
	int err;

	if (number_parse(text, 1, 1UL << 30, &number))
		return mistake("'%s' is no pid: give the number of a running process", text);
	snprintf(path, sizeof(path), "/proc/%lu/task/%lu", number, number);
	if (access(path, F_OK))
		return mistake("there is no process %lu", number);
	pid = number;
	err = array_add(&options->trace.pids, &options->trace.pid_count, sizeof(pid), &pid);
	return err ? err : array_add(&stream->pid_roles, &stream->pid_role_count, 1, &role);
}

struct pid_list {
	struct dump_options *options;
	uint8_t role;
};

static int pid_take(void *context, const char *text)
{
	struct pid_list *list = context;

	return pid_add(list->options, text, list->role);
}

static int pids_take(struct dump_options *options, const char *text, uint8_t role)
{
	struct pid_list list = { .options = options, .role = role };

	return list_parse(&list, text, pid_take);
}

static int comm_take(struct dump_options *options, const char *name, uint8_t role)
{
	struct stream_options *stream = &options->stream;
	int err;

	if (!*name)
		return mistake("a filter by name needs the name of a program, as in /proc/PID/comm");
	if (options->trace.comm_count == IPC_FILTER_COMMS)
		return mistake("too many names: %d in all can be given", IPC_FILTER_COMMS);
	err = array_add(&options->trace.comms, &options->trace.comm_count, sizeof(name), &name);
	return err ? err : array_add(&stream->comm_roles, &stream->comm_role_count, 1, &role);
}

/* "64k": the next power of two, since a ring can have no other size. */
static int buffer_take(struct stream_options *stream, const char *text)
{
	size_t len = strlen(text);
	unsigned int shift = 0;
	unsigned long number;
	uint32_t size = BUFFER_MIN;
	char *digits;
	int err;

	if (len && strchr("kKmMgG", text[len - 1])) {
		shift = strchr("kK", text[len - 1]) ? 10 : strchr("mM", text[len - 1]) ? 20 : 30;
		len--;
	}
	digits = strndup(text, len);
	if (!digits)
		return mistake("out of memory"), -ENOMEM;
	err = number_parse(digits, 1, BUFFER_MAX >> shift, &number);
	free(digits);
	if (err || number << shift < BUFFER_MIN)
		return mistake("'%s' is no size of a buffer: give 4k to 1g", text);
	while (size < number << shift)
		size *= 2;
	stream->buffer = size;
	return 0;
}

static int duration_take(struct options *options, const char *text)
{
	char *end = NULL;
	double duration = text[strspn(text, "0123456789.")] ? 0 : strtod(text, &end);

	if (!end || *end || duration < 0.001 || duration > DURATION_MAX)
		return mistake("'%s' is no duration: give seconds, such as 30 or 0.5", text);
	options->duration = duration;
	return 0;
}

static int count_take(const char *text, const char *what, uint64_t *ret)
{
	unsigned long number;

	if (number_parse(text, 0, UINT64_MAX >> 1, &number))
		return mistake("'%s' is no number of %s", text, what);
	*ret = number;
	return 0;
}

static int format_take(struct dump_options *options, const char *name)
{
	options->format = stream_format_find(name);
	return options->format ? 0 : mistake("there is no format '%s'; there are: text json csv", name);
}

/* Without -f, what the name of the file asks for: else text. */
static int format_decide(struct dump_options *options)
{
	const char *suffix = strrchr(options->path, '.');

	if (options->format)
		return 0;
	suffix = suffix ? suffix + 1 : "";
	if (!strcmp(suffix, "pcap") || !strcmp(suffix, "pcapng"))
		return mistake("-o writes events as text, json or csv: --pcap %s writes pcapng", options->path);
	options->format = stream_format_find(strcmp(suffix, "jsonl") ? suffix : "json");
	if (!options->format)
		options->format = stream_formats;
	return 0;
}

static int filter_take(struct dump_options *options, int value, const char *argument)
{
	switch (value) {
	case 'p': return pids_take(options, argument, IPC_ROLE_PID);
	case 's': return pids_take(options, argument, IPC_ROLE_PID_SRC);
	case 'd': return pids_take(options, argument, IPC_ROLE_PID_DST);
	case 'P': return comm_take(options, argument, IPC_ROLE_COMM);
	case 'S': return comm_take(options, argument, IPC_ROLE_COMM_SRC);
	case 'D': return comm_take(options, argument, IPC_ROLE_COMM_DST);
	case 't': return list_parse(options, argument, type_take);
	default: return -EINVAL;
	}
}

static int option_take(void *context, int value, const char *argument)
{
	struct dump_options *options = context;

	switch (value) {
	case 'x':
		options->stream.contents = true;
		return 0;
	case 'B':
		return count_take(argument, "bytes", &options->stream.contents_max);
	case 'f':
		return format_take(options, argument);
	case 'c':
		return count_take(argument, "events", &options->count);
	case 'L':
		options->no_lost = true;
		return 0;
	case 'o':
		options->path = argument;
		return *argument ? 0 : mistake("-o needs the name of a file");
	case OPT_PCAP:
		options->pcap = argument;
		return *argument ? 0 : mistake("--pcap needs the name of a file");
	case OPT_DURATION:
		return duration_take(&options->trace, argument);
	case OPT_BUFFER:
		return buffer_take(&options->stream, argument);
	case 'q':
		options->quiet = true;
		return 0;
	case 'v':
		options->trace.verbose = true;
		return 0;
	case 'V':
		release_print("ipcdump");
		return -ECANCELED;
	case 'h':
		help_print();
		return -ECANCELED;
	default:
		return filter_take(options, value, argument);
	}
}

static int command_take(struct options *options, const struct arguments *left, int argc, char **argv)
{
	if (left->ended && left->first == argc)
		return mistake("there is no command after --");
	if (left->ended)
		options->command = argv + left->first;
	else if (left->first < argc)
		return mistake("what is '%s'? To trace a command, write -- before it", argv[left->first]);
	return 0;
}

int dump_options_parse(struct dump_options *options, int argc, char **argv, int *ret_status)
{
	const struct option_table tables[] = {
		{ rows, option_take, options },
		{ NULL, NULL, NULL },
	};
	struct arguments left;
	int err;

	*options = (struct dump_options){ .path = "-", .stream.buffer = BUFFER_DEFAULT };
	err = arguments_parse("ipcdump", tables, argc, argv, &left);
	err = err ? err : command_take(&options->trace, &left, argc, argv);
	err = err ? err : format_decide(options);
	if (!err && options->pcap && !strcmp(options->pcap, options->path))
		err = mistake("-o and --pcap would both write to %s; give the events a file of their own with -o",
			      strcmp(options->path, "-") ? options->path : "stdout");
	if (err) {
		*ret_status = err != -ECANCELED ? EXIT_USAGE : stdout_flush();
		dump_options_done(options);
		return -1;
	}
	options->trace.mechanisms = options->whole_types | options->loopback_types;
	if (!options->trace.mechanisms)
		options->trace.mechanisms = BIT(IPC_MECHANISMS) - 1;
	options->loopback_types &= ~options->whole_types;
	options->stream.loopback = (options->loopback_types & BIT(IPC_TCP) ? 1 : 0) |
				   (options->loopback_types & BIT(IPC_UDP) ? 2 : 0);
	options->trace.stream = &options->stream;
	return 0;
}

void dump_options_done(struct dump_options *options)
{
	free(options->trace.pids);
	free(options->trace.comms);
	free(options->stream.pid_roles);
	free(options->stream.comm_roles);
	*options = (struct dump_options){ 0 };
}
