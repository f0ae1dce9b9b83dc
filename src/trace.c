// SPDX-License-Identifier: GPL-2.0-only
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cgroupfs.h"
#include "collect.h"
#include "follow.h"
#include "join.h"
#include "loader.h"
#include "missed.h"

#define FLOWS_DEFAULT 262144
#define EVENTS_WAKEUP 65536 /* a power of two */

struct trace {
	const struct options *options;
	struct loader loader;
	struct collector collector;
	struct capture capture;
	struct timespec wall; /* when the window opened */
	uint64_t flows_seen;  /* flow_total when the fold map was last thinned */
	uint64_t skipped;     /* missed_runs() when the window closed */
	int stop_error;	      /* what went wrong in closing it */
	pid_t command;	      /* of `-- COMMAND`, or 0 */
	bool loaded, collecting;
};

static int fail(char **ret_error, int error, const char *format, const char *what)
{
	char *text = NULL;

	if (asprintf(&text, format, what) < 0)
		text = NULL;
	*ret_error = text;
	return error;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* ipcdump: the kernel chooses events by the roles of their ends. */
static void stream_settings(struct ipc_settings *settings, const struct options *options)
{
	const struct stream_options *stream = options->stream;

	settings->stream = 1;
	settings->contents = stream->contents;
	settings->contents_max = stream->contents_max;
	settings->loopback = stream->loopback;
	settings->events_wakeup = stream->buffer / 8 < EVENTS_WAKEUP ? stream->buffer / 8 : EVENTS_WAKEUP;
	if (options->command)
		settings->filter_roles = IPC_ROLE_TREE;
	for (size_t i = 0; i < options->pid_count; i++)
		settings->filter_roles |= stream->pid_roles[i];
	for (size_t i = 0; i < options->comm_count; i++) {
		settings->filter_roles |= stream->comm_roles[i];
		settings->filter_comm_role[i] = stream->comm_roles[i];
	}
}

static int settings_fill(struct ipc_settings *settings, const struct options *options, char **ret_error)
{
	settings->mechanism_mask = options->mechanisms;
	settings->filter_pids = options->pid_count || options->command;
	settings->filter_on = settings->filter_pids || options->comm_count || options->cgroup_count;
	if (options->comm_count > IPC_FILTER_COMMS)
		return fail(ret_error, -EINVAL, "-P %s: too many names (8 at most)",
			    options->comms[IPC_FILTER_COMMS]);
	if (options->cgroup_count > IPC_FILTER_CGROUPS)
		return fail(ret_error, -EINVAL, "--cgroup %s: too many cgroups (8 at most)",
			    options->cgroups[IPC_FILTER_CGROUPS]);
	if (options->stream)
		stream_settings(settings, options);
	settings->filter_comms = options->comm_count;
	for (size_t i = 0; i < options->comm_count; i++)
		strncpy(settings->filter_comm[i], options->comms[i], IPC_COMM_LEN - 1);
	settings->filter_cgroups = options->cgroup_count;
	for (size_t i = 0; i < options->cgroup_count; i++) {
		uint64_t id;
		int error = cgroup_find(options->cgroups[i], &id);

		if (error)
			return fail(ret_error, error, "--cgroup %s: the cgroup is gone", options->cgroups[i]);
		settings->filter_cgroup[i] = id;
	}
	/* Unpredictable, so that nobody can make two addresses one on purpose. */
	if (getrandom(&settings->hash_seed, sizeof(settings->hash_seed), 0) < 0)
		settings->hash_seed = clock_ns(CLOCK_MONOTONIC);
	return 0;
}

int trace_new(const struct options *options, struct trace **ret_trace, char **ret_error)
{
	struct loader_options loading = {
		.flavour = options->flavour, .flows = options->max_flows ? options->max_flows : FLOWS_DEFAULT,
	};
	struct ipc_settings settings = { 0 };
	struct trace *trace;
	int error;

	*ret_error = NULL;
	error = settings_fill(&settings, options, ret_error);
	if (error)
		return error;
	trace = calloc(1, sizeof(*trace));
	if (!trace)
		return -ENOMEM;
	trace->options = options;
	trace->capture.filtered = settings.filter_on;
	trace->capture.filtered_by_name = options->comm_count || options->cgroup_count;
	if (options->stream)
		loading.events = options->stream->buffer;
	error = loader_open(&trace->loader, &settings, &loading, ret_error);
	if (!error) {
		trace->loaded = true;
		error = collector_init(&trace->collector, &trace->loader, &trace->capture, options->cmdline);
		trace->collecting = !error;
	}
	if (error) {
		trace_free(trace);
		return error;
	}
	*ret_trace = trace;
	return 0;
}

const char *trace_loads(const struct trace *trace, const char **ret_reason)
{
	*ret_reason = trace->loader.refused;
	return trace->loader.direct ? "direct loads" : "probe reads";
}

void trace_follow(struct trace *trace, pid_t pid)
{
	trace->command = pid;
}

int trace_start(struct trace *trace, char **ret_error)
{
	const struct follow follow = {
		.options = trace->options, .command = trace->command, .followed = trace->loader.followed,
		.collector = &trace->collector, .capture = &trace->capture,
	};
	int error = 0;

	*ret_error = NULL;
	if (trace->options->pid_count || trace->command)
		error = follow_begin(&follow, ret_error);
	if (*ret_error)
		return error;
	if (!error)
		error = capture_local_addresses(&trace->capture);
	if (!error)
		error = collector_inventory(&trace->collector, &trace->capture.at_start, true);
	if (error)
		return fail(ret_error, error, "cannot read the inventory: %s", strerror(-error));
	trace->loader.counters->own_tgid = trace->capture.own_tgid;
	clock_gettime(CLOCK_REALTIME, &trace->wall);
	trace->capture.started = clock_ns(CLOCK_MONOTONIC);
	trace->capture.boottime_offset = clock_ns(CLOCK_BOOTTIME) - clock_ns(CLOCK_MONOTONIC);
	loader_ready(&trace->loader, true);
	if (trace->options->stream)
		collector_senders(&trace->collector);
	error = collector_weigh(&trace->collector, true);
	return error ? fail(ret_error, error, "cannot weigh the queues: %s", strerror(-error)) : 0;
}

int trace_fd(const struct trace *trace)
{
	return ring_buffer__epoll_fd(trace->collector.ring);
}

int trace_poll(struct trace *trace)
{
	uint64_t made = trace->loader.counters->flow_total;
	int error = collector_poll(&trace->collector);

	if (error)
		return error;
	/* Half of the fold map was filled since it was last looked through. */
	if (made - trace->flows_seen > trace->loader.options.flows / 2) {
		trace->flows_seen = made;
		error = collector_take_flows(&trace->collector, true);
	}
	return error ? error : collector_forget(&trace->collector);
}

int trace_cut(struct trace *trace)
{
	return collector_cut(&trace->collector, clock_ns(CLOCK_MONOTONIC), false);
}

void trace_totals(struct trace *trace, struct trace_totals *ret_totals)
{
	struct flow_totals totals = { 0 };

	collector_totals(&trace->collector, &totals);
	ret_totals->events = totals.ops;
	ret_totals->bytes = totals.bytes;
	ret_totals->lost = missed_total(&trace->loader, missed_runs(&trace->loader, trace->options->mechanisms));
	ret_totals->caught = trace->loader.counters->calls_caught;
	ret_totals->processes = HASH_COUNT(trace->capture.processes) + trace->collector.forgotten;
	ret_totals->edges = totals.flows;
}

static char *wall_clock(const struct timespec *when)
{
	struct tm utc;
	char date[32], *text = NULL;

	gmtime_r(&when->tv_sec, &utc);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	return asprintf(&text, "%s.%03ldZ", date, when->tv_nsec / 1000000) < 0 ? NULL : text;
}

static int map_describe(const struct trace *trace, uint64_t ended, struct map *map)
{
	struct utsname uts;

	if (uname(&uts))
		return -errno;
	map->host = strdup(uts.nodename);
	map->kernel = strdup(uts.release);
	map->started = wall_clock(&trace->wall);
	map->duration = (ended - trace->capture.started) / 1e9;
	return map->host && map->kernel && map->started ? 0 : -ENOMEM;
}

struct trace_stream trace_stream(struct trace *trace)
{
	return (struct trace_stream){
		.events = trace->loader.events,
		.counters = trace->loader.counters,
		.capture = &trace->capture,
		.wall_offset = trace->wall.tv_sec * 1000000000ULL + trace->wall.tv_nsec - trace->capture.started,
	};
}

void trace_stop(struct trace *trace)
{
	if (trace->capture.ended)
		return;
	trace->stop_error = collector_weigh(&trace->collector, false);
	trace->capture.ended = clock_ns(CLOCK_MONOTONIC);
	loader_ready(&trace->loader, false);
	trace->skipped = missed_runs(&trace->loader, trace->options->mechanisms);
}

static int trace_collect(struct trace *trace)
{
	struct capture *capture = &trace->capture;
	int error;

	trace_stop(trace);
	error = trace->stop_error;
	if (!error)
		error = collector_poll(&trace->collector);
	if (!error)
		error = collector_inventory(&trace->collector, &capture->at_end, false);
	if (!error)
		error = collector_take_flows(&trace->collector, false);
	if (!error)
		error = collector_take_order(&trace->collector);
	/* The fold map was thinned, perhaps, and the same flow began again. */
	capture_merge_flows(capture);
	if (!error && trace->options->interval > 0)
		error = collector_cut(&trace->collector, capture->ended, true);
	if (!error)
		collector_name_rest(&trace->collector);
	capture_strip_root(capture);
	missed_take(&trace->loader, trace->skipped, capture);
	return error;
}

int trace_end(struct trace *trace, struct map *head)
{
	int error = trace_collect(trace);

	if (!error)
		error = map_describe(trace, trace->capture.ended, head);
	return error ? error : missed_tell(&trace->loader, trace->options->mechanisms, &trace->capture, head);
}

static struct join_options join_options(const struct trace *trace)
{
	return (struct join_options){
		.idle = trace->options->idle, .self = trace->options->self,
		.external = trace->options->external, .cmdline = trace->options->cmdline,
	};
}

static int map_fill(struct trace *trace, struct capture *capture, struct map *map)
{
	const struct join_options options = join_options(trace);
	int error = map_describe(trace, capture->ended, map);

	if (!error)
		error = missed_tell(&trace->loader, trace->options->mechanisms, capture, map);
	return error ? error : join(capture, &options, map);
}

/* Pairs what is there so far; what comes to light later may pair it otherwise. */
static int snapshot_fill(struct trace *trace, const struct capture *taken,
			 const struct descriptor_list *at_end, struct map *map)
{
	struct capture snapshot = trace->capture;
	struct capture_object *object, *next;
	int error;

	snapshot.flows = taken->flows;
	snapshot.flow_count = taken->flow_count;
	snapshot.at_end = *at_end;
	snapshot.ended = snapshot.cuts[snapshot.cut_count - 1];
	snapshot.bound = NULL;
	snapshot.bound_count = 0;
	missed_take(&trace->loader, missed_runs(&trace->loader, trace->options->mechanisms), &snapshot);
	error = map_fill(trace, &snapshot, map);
	free(snapshot.bound);
	HASH_ITER(hh, trace->capture.objects, object, next)
		object->peer = NULL;
	return error;
}

int trace_snapshot(struct trace *trace, struct map **ret_map)
{
	struct capture taken = { 0 };
	struct descriptor_list at_end = { 0 };
	struct map *map = map_new();
	int error = map ? collector_inventory(&trace->collector, &at_end, false) : -ENOMEM;

	if (!error)
		error = collector_flows_at_cut(&trace->collector, &taken);
	/* Who made these flows is told in records that may still wait. */
	if (!error)
		error = collector_poll(&trace->collector);
	if (!error) {
		collector_name_rest(&trace->collector);
		capture_strip_root(&trace->capture);
		error = snapshot_fill(trace, &taken, &at_end, map);
	}
	free(taken.flows);
	free(at_end.rows);
	if (error) {
		map_free(map);
		return error;
	}
	*ret_map = map;
	return 0;
}

int trace_finish(struct trace *trace, struct map **ret_map, char **ret_error)
{
	struct map *map = map_new();
	int error = map ? trace_collect(trace) : -ENOMEM;

	*ret_error = NULL;
	if (!error)
		error = map_fill(trace, &trace->capture, map);
	if (error) {
		map_free(map);
		return fail(ret_error, error, "cannot make the map: %s", strerror(-error));
	}
	loader_leave(&trace->loader);
	*ret_map = map;
	return 0;
}

void trace_free(struct trace *trace)
{
	if (!trace)
		return;
	if (trace->collecting)
		collector_done(&trace->collector);
	if (trace->loaded)
		loader_close(&trace->loader);
	capture_done(&trace->capture);
	free(trace);
}
