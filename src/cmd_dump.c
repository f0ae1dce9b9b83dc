// SPDX-License-Identifier: GPL-2.0-only
/* `ipcdump`: trace, and write each event as it comes. */
#include "arguments.h"
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "dump_options.h"
#include "host.h"
#include "interrupt.h"
#include "map.h"
#include "privilege.h"
#include "status.h"
#include "stream_capture.h"
#include "stream_pcap.h"
#include "trace.h"

#define POLL_SECONDS 0.05
#define SETTLE_SECONDS 0.2 /* of silence: what is to come of an event has come */
#define BATCH 4096	   /* records, and then a look at what the kernel says besides */
#define BATCHES 16	   /* and then one at the clock and at signals */
#define STOP (-ECANCELED)  /* from within the stream: -c is reached */

struct dump {
	struct dump_options options;
	struct interrupt_saved signals;
	struct command command;
	struct trace *trace;
	struct trace_stream source;
	struct stream *stream;
	struct stream_names names;
	struct stream_writer writer;
	struct stream_pcap pcap;
	struct stream_tally tally;
	struct map *head;
	uint64_t events, lost;
	double began, window;
	bool json, pcap_open;
};

static double time_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* One line on stderr. */
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line_say(format, args);
	va_end(args);
}

static void phase(struct dump *d, const char *what)
{
	if (d->options.trace.verbose)
		say("at %.0f ms: %s", (time_now() - d->began) * 1e3, what);
}

/* Says error (and frees it), or what err means. Returns EXIT_FAILED. */
static int fail(const char *what, int err, char *error)
{
	if (error)
		say("%s", error);
	else
		say("%s: %s", what, strerror(-err));
	free(error);
	return EXIT_FAILED;
}

/* The writers never stop for an error: it is asked for after each batch. */
static int dump_event(void *context, const struct stream_event *event)
{
	struct dump *d = context;
	int err = 0;

	d->options.format->event(&d->writer, event);
	if (d->pcap_open)
		pcap_event(&d->pcap, event);
	if (d->json)
		err = stream_tally_add(&d->tally, event->event);
	d->events++;
	if (d->options.count && d->events >= d->options.count)
		return STOP;
	return err;
}

static int dump_lost(void *context, uint64_t time, int mechanism, uint64_t count)
{
	struct dump *d = context;

	d->lost += count;
	if (!d->options.no_lost)
		d->options.format->lost(&d->writer, time, mechanism, count);
	return 0;
}

static int names_refresh(void *context)
{
	return trace_poll(context);
}

static int file_open(const char *path, int *ret_fd)
{
	int fd = STDOUT_FILENO;

	if (strcmp(path, "-"))
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return mistake("cannot write '%s': %s", path, strerror(errno));
	*ret_fd = fd;
	return 0;
}

static int outputs_open(struct dump *d)
{
	int fd = -1, err = file_open(d->options.path, &fd);

	if (!err)
		err = out_open(&d->writer.out, fd);
	if (!err && d->options.pcap) {
		err = file_open(d->options.pcap, &fd);
		err = err ? err : out_open(&d->pcap.out, fd);
		d->pcap_open = !err;
	}
	d->writer.colours = d->writer.out.lines && !getenv("NO_COLOR") && !terminal_is_dumb();
	d->json = !strcmp(d->options.format->name, "json");
	return err ? EXIT_FAILED : 0;
}

static void head_write(struct dump *d)
{
	struct stream_writer clock = { .wall_offset = d->source.wall_offset };

	d->writer.names = d->pcap.names = &d->names;
	d->writer.wall_offset = d->pcap.wall_offset = d->source.wall_offset;
	d->writer.contents = d->options.stream.contents;
	if (d->options.format->begin)
		d->options.format->begin(&d->writer);
	if (d->pcap_open)
		pcap_begin(&d->pcap);
	if (!d->json || out_open(&clock.out, -1))
		return;
	stream_time(&clock, d->source.capture->started, false);
	clock.out.data[clock.out.len] = '\0';
	stream_capture_begin(&d->writer.out, d->source.capture, d->options.trace.mechanisms, clock.out.data);
	free(clock.out.data);
}

/*
 * Makes the command, which waits, and becomes who writes the outputs. First, so that the
 * command holds no descriptor of ours and has all the privileges that ipcdump was started with.
 */
static int command_prepare(struct dump *d)
{
	char **argv = d->options.trace.command;
	int err = argv ? command_spawn(&d->command, argv, &d->signals) : 0;

	if (err)
		return fail("cannot start a process", err, NULL);
	return privilege_begin(argv) ? EXIT_FAILED : 0;
}

/* Attaches the probes and opens the window. */
static int dump_start(struct dump *d)
{
	const struct stream_sink sink = { .event = dump_event, .lost = dump_lost, .context = d };
	const char *reason, *loads;
	char *error = NULL;
	int err;

	err = trace_new(&d->options.trace, &d->trace, &error);
	if (err)
		return fail("cannot attach the probes", err, error);
	privilege_attached();
	phase(d, "probes attached");
	loads = trace_loads(d->trace, &reason);
	if (d->options.trace.verbose)
		say("programs with %s%s%s", loads, *reason ? ": " : "", reason);
	if (d->command.pid)
		trace_follow(d->trace, d->command.pid);
	err = trace_start(d->trace, &error);
	if (err)
		return fail("cannot start tracing", err, error);
	d->source = trace_stream(d->trace);
	d->names = (struct stream_names){ .capture = d->source.capture, .refresh = names_refresh,
					  .context = d->trace };
	d->window = time_now();
	head_write(d);
	err = stream_new(d->source.events, &sink, &d->stream);
	return err ? fail("cannot read the stream", err, NULL) : 0;
}

static int command_start(struct dump *d)
{
	const char *name = d->options.trace.command[0];
	int err = command_release(&d->command);

	if (!err) {
		phase(d, "command started");
		return 0;
	}
	say("cannot run '%s': %s", name, strerror(-err));
	return command_wait(&d->command);
}

static int outputs_error(const struct dump *d)
{
	return d->writer.out.error ? d->writer.out.error : d->pcap.out.error;
}

/* Takes all that waits. Returns how many records there were, or a negative errno. */
static int dump_drain(struct dump *d)
{
	int err = trace_poll(d->trace), taken = 0;

	for (int i = 0; err >= 0 && i < BATCHES; i++) {
		err = stream_poll(d->stream, BATCH);
		taken += err > 0 ? err : 0;
		if (err < BATCH)
			break;
		err = outputs_error(d);
		if (!err)
			err = trace_poll(d->trace);
	}
	if (err >= 0)
		err = outputs_error(d);
	return err < 0 ? err : taken;
}

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Nothing came for a while: whoever reads what we write shall have it. */
static int dump_idle(struct dump *d)
{
	int err = stream_settle(d->stream, clock_ns(), NULL);

	out_flush(&d->writer.out);
	out_flush(&d->pcap.out);
	return err ? err : outputs_error(d);
}

/* Until the time is over, the command ends, a signal comes, or -c. 0 or a negative errno. */
static int dump_loop(struct dump *d, const sigset_t *mask)
{
	double duration = d->options.trace.duration;
	double deadline = duration > 0 ? d->window + duration : INFINITY, last = time_now();
	int err = 0;

	while (err >= 0 && !interrupt_seen()) {
		struct pollfd fd = { .fd = stream_fd(d->stream), .events = POLLIN };
		bool ended = d->command.pid && command_ended(&d->command);
		struct timespec timeout = { 0 };
		double now = time_now(), wake;

		err = dump_drain(d);
		if (err < 0 || ended || now >= deadline)
			break;
		if (err > 0)
			last = now;
		else if (now - last > SETTLE_SECONDS)
			err = dump_idle(d);
		wake = err > 0 ? 0 : fmax(fmin(POLL_SECONDS, deadline - now), 0);
		timeout.tv_nsec = wake * 1e9;
		/* Signals are let in only where nothing is readable. */
		ppoll(&fd, err > 0 ? 0 : 1, &timeout, mask);
	}
	return err < 0 && err != STOP ? err : 0;
}

/* Closes the window, and writes what came until then. 0 or a negative errno. */
static int dump_end(struct dump *d, bool stopped)
{
	struct ipc_lost lost = { 0 };
	int err = 0, taken;

	phase(d, "window closed");
	d->head = map_new();
	err = d->head ? trace_end(d->trace, d->head) : -ENOMEM;
	privilege_closed();
	while (!err && !stopped) {
		taken = stream_poll(d->stream, BATCH);
		if (taken >= 0 && taken < BATCH)
			break;
		err = taken < 0 ? taken : outputs_error(d);
	}
	for (int i = 0; i < IPC_MECHANISMS; i++)
		lost.events[i] = d->source.counters->events_lost[i];
	if (!err && !stopped)
		err = stream_settle(d->stream, d->source.capture->ended, &lost);
	if (err == STOP)
		err = 0;
	if (!err && d->json)
		err = stream_capture_end(&d->writer.out, d->source.capture, d->head, &d->tally);
	out_flush(&d->writer.out);
	out_flush(&d->pcap.out);
	return err ? err : outputs_error(d);
}

static int output_fail(const char *path, int err)
{
	if (strcmp(path, "-"))
		say("cannot write '%s': %s", path, strerror(-err));
	else
		say("cannot write to stdout: %s", strerror(-err));
	return EXIT_FAILED;
}

static int dump_finish(struct dump *d, int err)
{
	bool stopped = d->options.count && d->events >= d->options.count;

	if (!err)
		err = dump_end(d, stopped);
	/* Whoever read it has enough, as `head` has. */
	if (err && err != -EPIPE)
		return d->writer.out.error ? output_fail(d->options.path, err) :
		       d->pcap.out.error   ? output_fail(d->options.pcap, err) :
					     fail("the stream ended early", err, NULL);
	if (!d->options.quiet && (d->lost || d->options.trace.verbose))
		say("%llu event%s, %llu lost%s", (unsigned long long)d->events, d->events == 1 ? "" : "s",
		    (unsigned long long)d->lost,
		    d->lost ? ": --buffer makes room for more at once" : "");
	return 0;
}

/* As `ipcmap` does: a command goes on undisturbed, and its status is ours. */
static int command_finish(struct dump *d)
{
	sigset_t mask;

	interrupt_forward(d->command.pid);
	interrupt_block(&mask);
	while (!command_ended(&d->command))
		ppoll(NULL, 0, NULL, &mask);
	interrupt_forward(0);
	return command_wait(&d->command);
}

static int dump_run(struct dump *d)
{
	const char *lacks = host_lacks();
	int status, err, command_status = 0;
	sigset_t mask;

	if (lacks) {
		say("%s", lacks);
		return EXIT_FAILED;
	}
	status = command_prepare(d);
	status = status ? status : outputs_open(d);
	status = status ? status : dump_start(d);
	if (status)
		return status;
	interrupt_block(&mask);
	phase(d, "window opened"); /* from here on a signal ends it in order */
	status = d->command.pid ? command_start(d) : 0;
	if (status) {
		interrupt_unblock();
		return status;
	}
	err = dump_loop(d, &mask);
	interrupt_unblock();
	status = dump_finish(d, err);
	/* Nothing of it stays in the kernel while a command goes on. */
	stream_free(d->stream);
	trace_free(d->trace);
	d->stream = NULL;
	d->trace = NULL;
	if (d->command.pid)
		command_status = command_finish(d);
	return status ? status : command_status;
}

int cmd_dump(int argc, char **argv)
{
	struct dump d = { .began = time_now() };
	int status, err;

	program_name = "ipcdump";
	if (dump_options_parse(&d.options, argc, argv, &status))
		return status;
	d.options.trace.stream = &d.options.stream;
	interrupt_begin(&d.signals);
	status = dump_run(&d);
	stream_free(d.stream);
	stream_names_done(&d.names);
	stream_tally_done(&d.tally);
	trace_free(d.trace);
	command_cancel(&d.command);
	map_free(d.head);
	err = out_close(&d.writer.out);
	if (err && err != -EPIPE && !status)
		status = output_fail(d.options.path, err);
	err = pcap_done(&d.pcap);
	if (err && err != -EPIPE && !status)
		status = output_fail(d.options.pcap, err);
	dump_options_done(&d.options);
	return status;
}
