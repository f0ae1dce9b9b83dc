// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stream's lines become a capture, which is joined as ever. The file may come from
 * anywhere: what is not as it should be is refused with the number of its line.
 */
#include "stream_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "capture.h"
#include "join.h"
#include "names.h"
#include "stream_capture.h"
#include "stream_cut.h"
#include "stream_fields.h"
#include "text.h"

#define FORMAT "ipcmap-stream"
#define NSEC 1000000000ULL

struct stream_reader {
	struct capture capture;
	struct map *map;
	uint64_t wall; /* when the window opened, ns since 1970 */
	size_t line;
	bool started, ended;
	bool broken; /* the last line is a part of one */
};

/* A process that the end tells nothing more of: lost, or the stream was cut. */
static int process_seen(struct stream_reader *r, json_t *object)
{
	const char *comm = json_string_value(json_object_get(object, "comm"));
	struct capture_process *process;
	uint64_t start;
	uint32_t tgid;

	stream_process_key(object, &tgid, &start);
	if (!tgid)
		return 0;
	process = capture_process(&r->capture, tgid, start);
	if (!process)
		return -ENOMEM;
	if (comm)
		strncpy(process->comm, comm, IPC_COMM_LEN - 1);
	process->number = stream_field(object, "pid");
	return 0;
}

static int read_event(struct stream_reader *r, json_t *line)
{
	json_t *src = json_object_get(line, "src"), *dst = json_object_get(line, "dst");
	json_t *signal = json_object_get(line, "signal");
	uint64_t wall = stream_clock(line, "time"), start;
	struct capture_flow flow = { .ops = 1, .bytes = stream_field(line, "count") };
	int error = stream_key(line, &flow.key);
	uint32_t tgid;

	if (error || !wall || !json_is_object(dst))
		return -EINVAL;
	flow.first = flow.last = r->capture.started + (wall > r->wall ? wall - r->wall : 0);
	stream_process_key(dst, &tgid, &start);
	if (flow.key.mechanism == IPC_SIGNAL) {
		if (!json_is_object(src) || !json_is_object(signal))
			return -EINVAL;
		flow.key.object = start;
		flow.key.remote = stream_field(signal, "number") << 32 | tgid;
		flow.bytes = json_is_true(json_object_get(signal, "queued"));
		stream_process_key(src, &tgid, &start);
		flow.key.tgid = tgid;
		flow.key.start = start;
	} else {
		flow.key.direction = IPC_RX;
		flow.key.tgid = tgid;
		flow.key.start = start;
	}
	error = process_seen(r, dst);
	if (!error && json_is_object(src))
		error = process_seen(r, src);
	return error ? error : capture_add_flow(&r->capture, &flow);
}

static int read_process(struct stream_reader *r, json_t *line)
{
	uint32_t tgid = stream_field(line, "tgid"), flags = stream_field(line, "flags");
	struct capture_process *process = capture_process(&r->capture, tgid, stream_field(line, "start"));
	uint64_t ended = stream_field(line, "ended");
	char comm[IPC_COMM_LEN + 1] = "";

	if (!process)
		return -ENOMEM;
	process->number = stream_field(line, "pid");
	process->parent = stream_field(line, "parent");
	process->parent_start = stream_field(line, "parent_start");
	process->uid = stream_field(line, "uid");
	process->ended = ended ? r->capture.started + ended - 1 : 0;
	process->kthread = flags & 1;
	process->exited = flags & 2;
	process->tracked = flags & 4;
	process->has_exec = flags & 8;
	stream_hex(line, "comm", comm, IPC_COMM_LEN);
	memcpy(process->comm, comm, sizeof(comm));
	free(process->exe);
	free(process->cgroup);
	free(process->cmdline);
	process->exe = stream_hex_string(line, "exe");
	process->cgroup = stream_hex_string(line, "cgroup");
	process->cmdline = stream_hex_string(line, "cmdline");
	return 0;
}

static void read_info(json_t *line, const struct ipc_flow_key *key, struct ipc_object *info)
{
	uint32_t name_is = stream_field(line, "name_is");

	info->mechanism = key->mechanism;
	info->object = key->object;
	info->remote = key->remote;
	info->side = key->side;
	info->family = stream_field(line, "family");
	info->state = stream_field(line, "state");
	info->netns = stream_field(line, "netns");
	info->sk = stream_field(line, "socket");
	info->peer_sk = stream_field(line, "peer_socket");
	info->peer_ino = stream_field(line, "peer");
	info->path_ino = stream_field(line, "path_inode");
	info->path_dev = stream_field(line, "path_device");
	info->dev = stream_field(line, "device");
	info->index = stream_field(line, "index");
	info->tx_isn = stream_field(line, "sent_from");
	info->rx_isn = stream_field(line, "received_from");
	info->local_port = stream_field(line, "local_port");
	info->remote_port = stream_field(line, "remote_port");
	info->by_tgid = stream_field(line, "listener");
	info->by_start = stream_field(line, "listener_start");
	stream_hex(line, "local", info->local_addr, 16);
	stream_hex(line, "remote", info->remote_addr, 16);
	info->name_len = stream_hex(line, "name", info->name, IPC_SUN_LEN);
	info->name_is_peers = name_is & 1;
	info->name_is_remote = name_is >> 1 & 1;
}

static int read_object(struct stream_reader *r, json_t *line)
{
	struct ipc_flow_key key = { 0 };
	uint64_t seen = stream_field(line, "seen");
	struct ipc_object info = { 0 };
	int error = stream_key(line, &key);
	char *path;

	if (error)
		return error;
	if (json_object_get(line, "seen")) {
		read_info(line, &key, &info);
		info.name_is_remote = 0;
		info.record.time = r->capture.started + seen;
		error = capture_add_object(&r->capture, &info, !seen);
	}
	path = stream_hex_string(line, "path");
	if (path && !error && key.mechanism == IPC_FIFO)
		return capture_add_path(&r->capture, key.object, key.remote, path);
	free(path);
	return error;
}

/* Of the socket itself an object line tells: this adds what its remote number stands for. */
static int read_remote(struct stream_reader *r, json_t *line)
{
	struct ipc_flow_key key = { 0 };
	struct capture_remote *remote;
	int error = stream_key(line, &key);

	if (error || capture_find_remote(&r->capture, key.object, key.remote))
		return error;
	remote = calloc(1, sizeof(*remote));
	if (!remote)
		return -ENOMEM;
	remote->key.object = key.object;
	remote->key.remote = key.remote;
	read_info(line, &key, &remote->info);
	HASH_ADD(hh, r->capture.remotes, key, sizeof(remote->key), remote);
	return 0;
}

static int read_held(struct stream_reader *r, json_t *line)
{
	struct ipc_descriptor descriptor = { 0 };
	struct ipc_object *object = &descriptor.object;
	struct descriptor_list *list;
	struct ipc_flow_key key = { 0 };
	uint32_t access = stream_field(line, "access");
	int error = stream_key(line, &key);

	if (error)
		return error;
	object->mechanism = key.mechanism;
	object->object = key.object;
	object->remote = key.remote;
	object->side = key.side;
	object->queued = stream_field(line, "queued");
	object->queued_ops = stream_field(line, "queued_ops");
	object->write_seq = stream_field(line, "write_seq");
	object->read_seq = stream_field(line, "read_seq");
	descriptor.tgid = stream_field(line, "tgid");
	descriptor.start = stream_field(line, "start");
	descriptor.readable = access & 1;
	descriptor.writable = access >> 1 & 1;
	list = stream_list(&r->capture, stream_field(line, "list"));
	return list ? capture_add_descriptor(list, &descriptor) : -EINVAL;
}

static int read_flow(struct stream_reader *r, json_t *line)
{
	struct capture_flow flow = { 0 };
	int error = stream_key(line, &flow.key);

	if (error)
		return error;
	flow.key.direction = stream_field(line, "direction") & 1;
	flow.key.tgid = stream_field(line, "tgid");
	flow.key.start = stream_field(line, "start");
	flow.ops = stream_field(line, "ops");
	flow.bytes = stream_field(line, "bytes");
	flow.first = r->capture.started + stream_field(line, "first");
	flow.last = r->capture.started + stream_field(line, "last");
	return capture_add_flow(&r->capture, &flow);
}

/* Where the window opened is 0 until the end says when that was. */
#define STARTED (1ULL << 62)

static int read_start(struct stream_reader *r, json_t *line)
{
	const char *format = json_string_value(json_object_get(line, "format"));
	const char *clock = json_string_value(json_object_get(line, "started"));

	r->wall = stream_clock(line, "started");
	if (!format || strcmp(format, FORMAT) || stream_field(line, "version") != 1 || !r->wall || r->started)
		return -EINVAL;
	r->started = true;
	r->capture.started = STARTED;
	/* A map has milliseconds. */
	return asprintf(&r->map->started, "%.19s.%03uZ", clock, (unsigned int)(r->wall % NSEC / 1000000)) < 0 ?
		       -ENOMEM :
		       0;
}

static char *read_clean(json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	return text ? text_clean(text, strlen(text)) : NULL;
}

static int read_mechanisms(struct stream_reader *r, json_t *rows)
{
	struct completeness *completeness = &r->map->completeness;
	json_t *row;
	size_t i;

	completeness->mechanisms = calloc(json_array_size(rows) + 1, sizeof(*completeness->mechanisms));
	if (!completeness->mechanisms)
		return -ENOMEM;
	json_array_foreach(rows, i, row) {
		struct mechanism_state *state = &completeness->mechanisms[i];
		const char *name = json_string_value(json_object_get(row, "mechanism"));
		int mechanism = name ? mechanism_by_name(name) : -1;

		state->mechanism = read_clean(row, "mechanism");
		state->state = read_clean(row, "state");
		state->hooks = read_clean(row, "hooks");
		state->reason = read_clean(row, "reason");
		state->lost = stream_field(row, "lost");
		completeness->mechanism_count++;
		if (mechanism < 0 || !state->state || !*state->state)
			return -EINVAL;
		r->capture.lost[mechanism] = state->lost;
		r->capture.incomplete[mechanism] = state->lost || stream_field(row, "incomplete");
	}
	return 0;
}

static int read_addresses(struct stream_reader *r, json_t *line)
{
	const char *text = json_string_value(json_object_get(line, "addresses"));
	size_t count = text ? strlen(text) / 32 : 0;

	if (r->capture.local_addrs)
		return -EINVAL;
	r->capture.local_addrs = calloc(count + 1, 16);
	if (!r->capture.local_addrs)
		return -ENOMEM;
	r->capture.local_addr_count = stream_hex(line, "addresses", r->capture.local_addrs, 16 * count) / 16;
	return 0;
}

static int read_end(struct stream_reader *r, json_t *line)
{
	struct capture *capture = &r->capture;
	uint64_t duration = stream_field(line, "duration"), weighed;
	uint32_t filtered;
	int error = read_addresses(r, line);

	if (error)
		return error;
	r->ended = true;
	capture->ended = capture->started + duration;
	/* The join asks for process starts in CLOCK_BOOTTIME. */
	capture->boottime_offset = stream_field(line, "boottime") - capture->started;
	capture->own_tgid = stream_field(line, "own");
	filtered = stream_field(line, "filtered");
	capture->filtered = filtered & 1;
	capture->filtered_by_name = filtered >> 1 & 1;
	weighed = stream_field(line, "weighed");
	capture->weighed = weighed;
	capture->weighed_time = capture->started + (weighed ? weighed - 1 : 0);
	capture->nested = stream_field(line, "nested");
	capture->records_lost = stream_field(line, "records_lost");
	capture->unresolved = stream_field(line, "unresolved");
	r->map->duration = duration / 1e9;
	r->map->host = read_clean(line, "host");
	r->map->kernel = read_clean(line, "kernel");
	return read_mechanisms(r, json_object_get(line, "mechanisms"));
}

static int line_take(struct stream_reader *r, json_t *line)
{
	static const struct {
		const char *type;
		int (*read)(struct stream_reader *, json_t *);
	} types[] = {
		{ "event", read_event },   { "start", read_start }, { "process", read_process },
		{ "object", read_object }, { "remote", read_remote }, { "held", read_held },
		{ "flow", read_flow },	   { "end", read_end },
	};
	const char *type = json_string_value(json_object_get(line, "type"));

	if (!type || r->started == !strcmp(type, "start") || r->ended)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(type, types[i].type))
			return types[i].read(r, line);
	return strcmp(type, "lost") ? -EINVAL : 0; /* the flows count what no event told of */
}

static int lines_take(struct stream_reader *r, const char *data, size_t size)
{
	int error = 0;

	for (const char *at = data, *end = data + size; !error && at < end;) {
		const char *newline = memchr(at, '\n', end - at);
		size_t len = newline ? (size_t)(newline - at) : (size_t)(end - at);
		json_t *line;

		r->line++;
		if (len) {
			line = json_loadb(at, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
			/* What a kill or `head -c` has cut in two is the end of what there is. */
			r->broken = !line && !newline && r->started && !r->ended;
			error = line ? line_take(r, line) : r->broken ? 0 : -EINVAL;
			json_decref(line);
		}
		at += len + 1;
		/* Many events make one flow. */
		if (r->capture.flow_count > (1 << 20) && r->capture.flow_count == r->capture.flow_capacity)
			capture_merge_flows(&r->capture);
	}
	return error;
}

bool stream_is(const char *data, size_t size)
{
	const char *newline = memchr(data, '\n', size);

	return newline && memmem(data, newline - data, "\"" FORMAT "\"", sizeof(FORMAT) + 1);
}

static char *refusal(const struct stream_reader *r)
{
	char *text = NULL;

	return asprintf(&text, "line %zu is none of a stream's", r->line) < 0 ? NULL : text;
}

/* What is there of a stream whose writer was killed, or whose reader had enough. */
static int map_from_cut(struct stream_reader *r, const char *data, size_t size, char **ret_say)
{
	if (asprintf(ret_say,
		     "the stream was cut after line %zu: the map has what its events tell, and not what was sent and not read",
		     r->line - r->broken) < 0)
		*ret_say = NULL;
	return stream_cut_fold(data, size, r->map);
}

int map_from_stream(const char *data, size_t size, struct map **ret_map, char **ret_say)
{
	const struct join_options options = { 0 };
	struct stream_reader r = { .map = map_new() };
	int error = r.map ? lines_take(&r, data, size) : -ENOMEM;

	*ret_say = NULL;
	if (error == -EINVAL) {
		*ret_say = refusal(&r);
	} else if (!error && !r.ended) {
		error = map_from_cut(&r, data, size, ret_say);
	} else if (!error) {
		capture_merge_flows(&r.capture);
		error = join(&r.capture, &options, r.map);
	}
	capture_done(&r.capture);
	if (error) {
		map_free(r.map);
		return error;
	}
	map_round_times(r.map);
	*ret_map = r.map;
	return 0;
}
