// SPDX-License-Identifier: GPL-2.0-only
/* `ipcmap`: trace, and write what was seen. */
#include "arguments.h"
#include "cmd.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "container.h"
#include "draw.h"
#include "host.h"
#include "interrupt.h"
#include "options.h"
#include "privilege.h"
#include "status.h"
#include "trace.h"

#define POLL_SECONDS 0.1
#define STATUS_SECONDS 0.5

struct session {
	struct options options;
	struct interrupt_saved signals;
	struct command command;
	struct drawing drawing;
	struct trace *trace;
	struct map *map;
	struct status status;
	double cut_due;	  /* the end of the frame that goes on; infinity: there are none */
	double deadline;
	int cut_error;
	bool pictures;	  /* of frames are drawn while the trace runs */
	bool undrawn;	  /* a frame is complete that no picture was tried of */
	double began;	  /* ipcmap itself */
	double window;	  /* its opening */
};

static double time_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* One line on stderr. */
static void say(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct session *s, const char *format, ...)
{
	va_list args;

	status_clear(&s->status);
	va_start(args, format);
	line_say(format, args);
	va_end(args);
}

static void phase(struct session *s, const char *what)
{
	if (s->options.verbose)
		say(s, "at %.0f ms: %s", (time_now() - s->began) * 1e3, what);
}

/* Says error (and frees it), or what err means. Returns EXIT_FAILED. */
static int fail(struct session *s, const char *what, int err, char *error)
{
	if (error)
		say(s, "%s", error);
	else
		say(s, "%s: %s", what, strerror(-err));
	free(error);
	return EXIT_FAILED;
}

static void phase_told(void *context, const char *what)
{
	phase(context, what);
}

static void drawing_tick(void *context, const char *what, double seconds);

static int outputs_open(struct session *s)
{
	for (size_t i = 0; i < s->options.output_count; i++)
		s->pictures |= s->options.outputs[i].numbered;
	s->drawing = (struct drawing){
		.outputs = s->options.outputs,
		.output_count = s->options.output_count,
		.options = &s->options.view,
		.quiet = s->options.quiet,
		.phase = phase_told,
		.context = s,
		.tick = s->pictures ? drawing_tick : NULL,
	};
	return drawing_open(&s->drawing);
}

/*
 * Makes the command, which waits. First, so that a child is there to be followed,
 * which holds no descriptor of BPF and has all the privileges that ipcmap was started with.
 */
static int command_prepare(struct session *s)
{
	char **argv = s->options.command;
	int err = argv ? command_spawn(&s->command, argv, &s->signals) : 0;

	if (err)
		return fail(s, "cannot start a process", err, NULL);
	return privilege_begin(argv) ? EXIT_FAILED : 0;
}

/* Attaches the probes, opens the window and lets it go. */
static int session_start(struct session *s)
{
	char **argv = s->options.command;
	char *error = NULL;
	int err;

	err = trace_new(&s->options, &s->trace, &error);
	if (err)
		return fail(s, "cannot attach the probes", err, error);
	privilege_attached();
	phase(s, "probes attached");
	if (s->options.verbose) {
		const char *reason, *loads = trace_loads(s->trace, &reason);

		say(s, "programs with %s%s%s", loads, *reason ? ": " : "", reason);
	}
	if (argv)
		trace_follow(s->trace, s->command.pid);
	err = trace_start(s->trace, &error);
	if (err)
		return fail(s, "cannot start tracing", err, error);
	s->window = time_now();
	return 0;
}

static int command_start(struct session *s)
{
	const char *name = s->options.command[0];
	int err = command_release(&s->command);

	if (!err) {
		phase(s, "command started");
		return 0;
	}
	say(s, "cannot run '%s': %s", name, strerror(-err));
	return command_wait(&s->command);
}

/* Draws the status line when it is time to. Returns when it will be again. */
static double status_tick(struct session *s, double now, double due)
{
	struct trace_totals totals = { 0 };

	if (!s->status.enabled)
		return INFINITY;
	if (now < due)
		return due;
	trace_totals(s->trace, &totals);
	status_draw(&s->status, now - s->window, s->options.duration, &totals);
	return now + STATUS_SECONDS;
}

/* Ends a frame when it is time to, however busy we are. Returns whether there is one to draw. */
static bool cut_tick(struct session *s, double now)
{
	double interval = s->options.interval;

	if (now < s->cut_due || s->cut_error)
		return s->undrawn;
	s->cut_error = trace_cut(s->trace);
	s->cut_due += interval * ceil((now - s->cut_due + 1e-9) / interval);
	return s->undrawn = true;
}

/* A signal waits until the picture is drawn; what it ends doesn't. */
static bool session_over(struct session *s, double now)
{
	sigset_t pending;

	return now >= s->deadline || (s->command.pid && command_ended(&s->command)) ||
	       (!sigpending(&pending) && (sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
					  sigismember(&pending, SIGHUP)));
}

/* While a picture is drawn, the kernel's records are taken in and frames end in time. */
static void drawing_tick(void *context, const char *what, double seconds)
{
	struct session *s = context;
	int err = s->pictures ? trace_poll(s->trace) : 0;

	(void)what;
	(void)seconds;
	s->cut_error = s->cut_error ? s->cut_error : err;
	if (!s->pictures)
		return;
	if (!session_over(s, time_now())) {
		cut_tick(s, time_now());
		return;
	}
	trace_stop(s->trace);
	s->pictures = false;
}

/* Draws the frames that are complete. Where this takes longer than they do, several at a time. */
static int pictures_draw(struct session *s)
{
	struct map *map = NULL;
	int err = trace_snapshot(s->trace, &map);

	s->undrawn = false;
	if (err)
		return err;
	containers_name(map, "/");
	map_round_times(map);
	status_clear(&s->status);
	drawing_grow(&s->drawing, map);
	map_free(map);
	return s->cut_error;
}

/* Until the time is over, the command ends, or a signal comes. 0 or a negative errno. */
static int session_loop(struct session *s, const sigset_t *mask)
{
	double poll_due = 0, status_due = 0;
	bool pictures = s->pictures;
	int err = 0;

	s->deadline = s->options.duration > 0 ? s->window + s->options.duration : INFINITY;
	s->cut_due = s->options.interval > 0 ? s->window + s->options.interval : INFINITY;
	/* What ended while a picture was drawn has ended. */
	while (!err && s->pictures == pictures && !interrupt_seen() && !(s->command.pid && command_ended(&s->command))) {
		struct pollfd fd = { .fd = trace_fd(s->trace), .events = POLLIN };
		struct timespec timeout;
		double now = time_now(), wake;

		if (now >= s->deadline)
			break;
		if (now >= poll_due) {
			err = trace_poll(s->trace);
			err = err < 0 ? err : 0;
			poll_due = now + POLL_SECONDS;
		}
		if (!err && cut_tick(s, now))
			err = s->pictures && !s->cut_error ? pictures_draw(s) : s->cut_error;
		status_due = status_tick(s, now, status_due);
		wake = fmax(fmin(fmin(fmin(poll_due, status_due), s->cut_due), s->deadline) - time_now(), 0);
		timeout = (struct timespec){ .tv_sec = wake, .tv_nsec = fmod(wake, 1) * 1e9 };
		if (ppoll(&fd, 1, &timeout, mask) > 0)
			poll_due = 0;
	}
	s->pictures = false;
	return err;
}

static void caught_tell(struct session *s)
{
	struct trace_totals totals = { 0 };

	trace_totals(s->trace, &totals);
	if (s->options.verbose && totals.caught)
		say(s, "%llu calls that kretprobes missed were counted as their system calls ended",
		    (unsigned long long)totals.caught);
}

/* Closes the window and writes the map of it. 0 or EXIT_FAILED. */
static int session_finish(struct session *s)
{
	char *error = NULL, summary[256];
	int err, status;

	phase(s, "window closed");
	caught_tell(s);
	err = trace_finish(s->trace, &s->map, &error);
	if (err)
		return fail(s, "cannot make the map", err, error);
	containers_name(s->map, "/");
	privilege_closed();
	phase(s, "map made");
	/* A signal for the command waited for this, or it would be in the map. */
	interrupt_forward(s->command.pid);
	/* Drawn now or from the record later: the same file. */
	map_round_times(s->map);
	status = drawing_write(&s->drawing, s->map);
	status_summary(summary, sizeof(summary), s->map);
	if (!s->options.quiet)
		say(s, "%s%s%s", summary, s->drawing.written ? ": " : "",
		    s->drawing.written ? s->drawing.written : "");
	return status;
}

/*
 * The command's status. When the window closed before it ended, it goes on
 * undisturbed, and we wait: ipcmap in front of a command changes nothing of it.
 */
static int command_finish(struct session *s)
{
	sigset_t mask;

	interrupt_forward(s->command.pid);
	interrupt_block(&mask);
	if (!command_ended(&s->command))
		phase(s, "waiting for the command");
	while (!command_ended(&s->command))
		ppoll(NULL, 0, NULL, &mask);
	/* Its pid stays its own until here. */
	interrupt_forward(0);
	return command_wait(&s->command);
}

static int session_run(struct session *s)
{
	const char *lacks = host_lacks();
	sigset_t mask;
	int status, err, command_status = 0;

	if (lacks) {
		say(s, "%s", lacks);
		return EXIT_FAILED;
	}
	status = command_prepare(s);
	status = status ? status : outputs_open(s);
	status = status ? status : session_start(s);
	if (status)
		return status;

	interrupt_block(&mask);
	phase(s, "window opened"); /* from here on a signal ends it in order */
	status = s->command.pid ? command_start(s) : 0;
	if (status) {
		interrupt_unblock();
		return status;
	}
	err = session_loop(s, &mask);
	interrupt_unblock();
	status_clear(&s->status);
	if (err)
		fail(s, "the trace ended early", err, NULL);
	status = session_finish(s);
	if (s->command.pid)
		command_status = command_finish(s);
	return err ? EXIT_FAILED : status ? status : command_status;
}

int cmd_trace(int argc, char **argv)
{
	struct session s = { .began = time_now() };
	int status;

	if (options_parse(&s.options, argc, argv, &status))
		return status;
	interrupt_begin(&s.signals);
	/* A command that writes to this terminal would be written over. */
	s.status.enabled = !s.options.quiet && status_possible() &&
			   !(s.options.command && isatty(STDOUT_FILENO));
	status = session_run(&s);

	trace_free(s.trace);
	command_cancel(&s.command);
	map_free(s.map);
	drawing_done(&s.drawing);
	options_done(&s.options);
	return status;
}
