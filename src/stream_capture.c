// SPDX-License-Identifier: GPL-2.0-only
#include "stream_capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>

#include "peers.h"

struct tally_row {
	struct ipc_flow_key key;
	uint64_t ops, bytes;
	UT_hash_handle hh;
};

/* The flow that the kernel counted an event in; of datagrams without what they came from. */
static void flow_key_of(struct ipc_flow_key *key, const struct ipc_event *event)
{
	memset(key, 0, sizeof(*key));
	key->mechanism = event->mechanism;
	key->object = event->object;
	key->remote = event->remote;
	key->side = event->side;
	if (event->mechanism == IPC_SIGNAL) {
		key->start = event->src_start;
		key->tgid = event->src_tgid;
	} else {
		key->direction = IPC_RX;
		key->start = event->dst_start;
		key->tgid = event->dst_tgid;
	}
}

int stream_tally_add(struct stream_tally *tally, const struct ipc_event *event)
{
	struct ipc_flow_key key;
	struct tally_row *row;

	flow_key_of(&key, event);
	HASH_FIND(hh, tally->rows, &key, sizeof(key), row);
	if (!row) {
		row = calloc(1, sizeof(*row));
		if (!row)
			return -ENOMEM;
		row->key = key;
		HASH_ADD(hh, tally->rows, key, sizeof(row->key), row);
	}
	row->ops++;
	row->bytes += event->mechanism == IPC_SIGNAL ? !!(event->flags & IPC_EVENT_QUEUED) : event->bytes;
	return 0;
}

void stream_tally_done(struct stream_tally *tally)
{
	struct tally_row *row, *next;

	HASH_ITER(hh, tally->rows, row, next) {
		HASH_DEL(tally->rows, row);
		free(row);
	}
}

/* 52 bits that stand for a kernel address in this stream, and tell nothing of it. */
static uint64_t address_number(uint64_t address)
{
	static uint64_t seed[2];

	if (!address)
		return 0;
	if (!seed[0] && getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		abort();
	for (int i = 0; i < 2; i++) {
		address = (address ^ seed[i]) * 0x9e3779b97f4a7c15ULL;
		address ^= address >> 29;
	}
	return (address >> 12) | 1;
}

uint64_t stream_object_number(uint8_t mechanism, uint64_t object)
{
	return mechanism == IPC_PTY ? address_number(object) : object;
}

struct descriptor_list *stream_list(struct capture *capture, unsigned int which)
{
	struct descriptor_list *const lists[STREAM_LISTS] = {
		&capture->at_start,	&capture->at_end,	 &capture->weighed_first,
		&capture->weighed_last, &capture->writing_first, &capture->writing_last,
	};

	return which < STREAM_LISTS ? lists[which] : NULL;
}

static void field(struct out *out, const char *key)
{
	out_text(out, ",\"");
	out_text(out, key);
	out_text(out, "\":");
}

static void field_number(struct out *out, const char *key, uint64_t number)
{
	field(out, key);
	out_number(out, number);
}

static void field_text(struct out *out, const char *key, const char *text)
{
	field(out, key);
	out_json(out, text);
}

static void type_begin(struct out *out, const char *type)
{
	out_text(out, "{\"type\":");
	out_json(out, type);
}

static void type_end(struct out *out)
{
	out_text(out, "}");
	out_line(out);
}

/* Bytes of any kind, as hexadecimal digits. */
static void field_hex(struct out *out, const char *key, const void *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *at = bytes;

	field(out, key);
	out_text(out, "\"");
	for (size_t i = 0; i < size; i++) {
		out_bytes(out, &digits[at[i] >> 4], 1);
		out_bytes(out, &digits[at[i] & 15], 1);
	}
	out_text(out, "\"");
}

/* What is a C string, and hostile: hexadecimal, too, so that nothing of it is changed. */
static void field_bytes(struct out *out, const char *key, const char *text)
{
	if (text)
		field_hex(out, key, text, strlen(text));
}

static void field_key(struct out *out, uint8_t mechanism, uint64_t object, uint64_t remote, uint8_t side)
{
	field(out, "mechanism");
	out_json(out, mechanisms[mechanism].name);
	field(out, "key");
	out_text(out, "[");
	out_number(out, stream_object_number(mechanism, object));
	out_text(out, ",");
	out_number(out, remote >> 32);
	out_text(out, ",");
	out_number(out, (uint32_t)remote);
	out_text(out, ",");
	out_number(out, side);
	out_text(out, "]");
}

void stream_capture_begin(struct out *out, const struct capture *capture, uint32_t traced, const char *started)
{
	struct utsname uts;

	type_begin(out, "start");
	field_text(out, "format", "ipcmap-stream");
	field_number(out, "version", 1);
	field_text(out, "started", started);
	if (!uname(&uts)) {
		field_text(out, "host", uts.nodename);
		field_text(out, "kernel", uts.release);
	}
	field_number(out, "boottime", capture->started + capture->boottime_offset);
	field_number(out, "own", capture->own_tgid);
	field_number(out, "mechanisms", traced);
	type_end(out);
}

/* Which objects and processes the reader needs: set marks, for what is written to say so. */
struct wanted {
	struct wanted_row {
		const void *what;
		UT_hash_handle hh;
	} *rows;
	bool failed;
};

static void want(struct wanted *wanted, const void *what)
{
	struct wanted_row *row;

	if (!what)
		return;
	HASH_FIND_PTR(wanted->rows, &what, row);
	if (row)
		return;
	row = calloc(1, sizeof(*row));
	if (!row) {
		wanted->failed = true;
		return;
	}
	row->what = what;
	HASH_ADD_PTR(wanted->rows, what, row);
}

static bool is_wanted(const struct wanted *wanted, const void *what)
{
	struct wanted_row *row;

	HASH_FIND_PTR(wanted->rows, &what, row);
	return row;
}

static void wanted_done(struct wanted *wanted)
{
	struct wanted_row *row, *next;

	HASH_ITER(hh, wanted->rows, row, next) {
		HASH_DEL(wanted->rows, row);
		free(row);
	}
}

/* What gives others their names, or may have received what nobody saw received. */
static bool object_is_known_by_address(const struct capture_object *object)
{
	return object->key.mechanism == IPC_UDP || object->info.state == 10 /* TCP_LISTEN */ ||
	       (object->key.mechanism == IPC_UNIX_DGRAM && object->info.name_len);
}

static void want_process(struct wanted *wanted, const struct capture *capture, uint32_t tgid, uint64_t start)
{
	struct process_key key = { .tgid = tgid, .start = start };

	want(wanted, capture_find_process(capture, key));
}

static void want_holders(struct wanted *wanted, const struct capture *capture, const struct descriptor_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct capture_descriptor *row = &list->rows[i];

		if (is_wanted(wanted, capture_find_object(capture, row->object)))
			want_process(wanted, capture, row->process.tgid, row->process.start);
	}
}

static void wanted_fill(struct wanted *wanted, struct capture *capture)
{
	struct capture_object *object, *next;

	for (size_t i = 0; i < capture->flow_count; i++) {
		const struct ipc_flow_key *key = &capture->flows[i].key;

		want_process(wanted, capture, key->tgid, key->start);
		if (key->mechanism == IPC_SIGNAL) {
			want_process(wanted, capture, (uint32_t)key->remote, key->object);
			continue;
		}
		object = capture_find_object(capture, object_key(key->mechanism, key->object, key->remote));
		want(wanted, object);
		if (object)
			want(wanted, object->peer);
		if (key->mechanism == IPC_UNIX_DGRAM)
			want(wanted, capture_find_object(capture, object_key(key->mechanism, key->remote, 0)));
	}
	HASH_ITER(hh, capture->objects, object, next)
		if (object_is_known_by_address(object))
			want(wanted, object);
	for (unsigned int which = 0; which < STREAM_LISTS; which++)
		want_holders(wanted, capture, stream_list(capture, which));
}

static uint64_t since(const struct capture *capture, uint64_t time)
{
	return time > capture->started ? time - capture->started : 0;
}

static void process_write(struct out *out, const struct capture *capture, const struct capture_process *process)
{
	type_begin(out, "process");
	field_number(out, "pid", process->number);
	field_number(out, "start", process->key.start);
	field_number(out, "parent", process->parent);
	field_number(out, "parent_start", process->parent_start);
	field_number(out, "uid", process->uid);
	field_number(out, "tgid", process->key.tgid);
	field_number(out, "ended", process->ended ? 1 + since(capture, process->ended) : 0);
	field_number(out, "flags", process->kthread | process->exited << 1 | process->tracked << 2 |
				   process->has_exec << 3);
	field_bytes(out, "comm", process->comm);
	field_bytes(out, "exe", process->exe);
	field_bytes(out, "cgroup", process->cgroup);
	field_bytes(out, "cmdline", process->cmdline);
	type_end(out);
}

static void info_write(struct out *out, const struct ipc_object *info)
{
	field_number(out, "family", info->family);
	field_number(out, "state", info->state);
	field_number(out, "netns", info->netns);
	field_number(out, "socket", address_number(info->sk));
	field_number(out, "peer_socket", address_number(info->peer_sk));
	field_number(out, "peer", info->peer_ino);
	field_number(out, "path_inode", info->path_ino);
	field_number(out, "path_device", info->path_dev);
	field_number(out, "device", info->dev);
	field_number(out, "index", info->index);
	field_number(out, "sent_from", info->tx_isn);
	field_number(out, "received_from", info->rx_isn);
	field_number(out, "local_port", info->local_port);
	field_number(out, "remote_port", info->remote_port);
	if (info->by_tgid) {
		field_number(out, "listener", info->by_tgid);
		field_number(out, "listener_start", info->by_start);
	}
	field_hex(out, "local", info->local_addr, 16);
	field_hex(out, "remote", info->remote_addr, 16);
	field_number(out, "name_is", info->name_is_peers | info->name_is_remote << 1);
	field_hex(out, "name", info->name, info->name_len < IPC_SUN_LEN ? info->name_len : IPC_SUN_LEN);
}

static void objects_write(struct out *out, const struct capture *capture, const struct wanted *wanted)
{
	struct capture_object *object, *next;
	struct capture_remote *remote, *next_remote;

	HASH_ITER(hh, capture->objects, object, next) {
		if (!is_wanted(wanted, object))
			continue;
		type_begin(out, "object");
		field_key(out, object->key.mechanism, object->key.object, object->key.remote, object->info.side);
		if (object->described) {
			field_number(out, "seen", object->first_seen ? 1 + since(capture, object->first_seen) : 0);
			info_write(out, &object->info);
		}
		field_bytes(out, "path", object->path);
		type_end(out);
	}
	HASH_ITER(hh, capture->remotes, remote, next_remote) {
		type_begin(out, "remote");
		field_key(out, remote->info.mechanism, remote->key.object, remote->key.remote, 0);
		info_write(out, &remote->info);
		type_end(out);
	}
}

static void holders_write(struct out *out, struct capture *capture, const struct wanted *wanted, unsigned int which)
{
	const struct descriptor_list *list = stream_list(capture, which);

	for (size_t i = 0; i < list->count; i++) {
		const struct capture_descriptor *row = &list->rows[i];

		if (!is_wanted(wanted, capture_find_object(capture, row->object)))
			continue;
		type_begin(out, "held");
		field_key(out, row->object.mechanism, row->object.object, row->object.remote, row->side);
		field_number(out, "list", which);
		field_number(out, "tgid", row->process.tgid);
		field_number(out, "start", row->process.start);
		field_number(out, "access", row->readable | row->writable << 1);
		field_number(out, "queued", row->queued);
		field_number(out, "queued_ops", row->queued_ops);
		field_number(out, "write_seq", row->write_seq);
		field_number(out, "read_seq", row->read_seq);
		type_end(out);
	}
}

/* Of a flow what no event told of. */
static void flow_write(struct out *out, const struct capture *capture, const struct capture_flow *flow,
		       const struct stream_tally *tally)
{
	const struct ipc_flow_key *key = &flow->key;
	struct tally_row *row;
	uint64_t ops = flow->ops, bytes = flow->bytes;

	HASH_FIND(hh, tally->rows, key, sizeof(*key), row);
	if (row) {
		ops -= row->ops < ops ? row->ops : ops;
		bytes -= row->bytes < bytes ? row->bytes : bytes;
	}
	type_begin(out, "flow");
	field_key(out, key->mechanism, key->object, key->remote, key->side);
	field_number(out, "direction", key->direction);
	field_number(out, "tgid", key->tgid);
	field_number(out, "start", key->start);
	field_number(out, "ops", ops);
	field_number(out, "bytes", bytes);
	field_number(out, "first", since(capture, flow->first));
	field_number(out, "last", since(capture, flow->last));
	type_end(out);
}

static void end_write(struct out *out, const struct capture *capture, const struct map *head)
{
	type_begin(out, "end");
	field_number(out, "duration", since(capture, capture->ended));
	field_number(out, "boottime", capture->started + capture->boottime_offset);
	field_text(out, "host", head->host);
	field_text(out, "kernel", head->kernel);
	field_number(out, "own", capture->own_tgid);
	field_number(out, "filtered", capture->filtered | capture->filtered_by_name << 1);
	field_number(out, "weighed", capture->weighed ? 1 + since(capture, capture->weighed_time) : 0);
	field_number(out, "nested", capture->nested);
	field_number(out, "records_lost", capture->records_lost);
	field_number(out, "unresolved", capture->unresolved);
	field_hex(out, "addresses", capture->local_addrs, 16 * capture->local_addr_count);
	field(out, "mechanisms");
	for (size_t i = 0; i < head->completeness.mechanism_count; i++) {
		const struct mechanism_state *state = &head->completeness.mechanisms[i];

		out_text(out, i ? ",{\"mechanism\":" : "[{\"mechanism\":");
		out_json(out, state->mechanism);
		field_text(out, "state", state->state);
		field_text(out, "hooks", state->hooks);
		field_text(out, "reason", state->reason);
		field_number(out, "lost", state->lost);
		field_number(out, "incomplete", capture->incomplete[i]);
		out_text(out, "}");
	}
	out_text(out, "]");
	type_end(out);
}

int stream_capture_end(struct out *out, struct capture *capture, const struct map *head,
		       const struct stream_tally *tally)
{
	struct capture_process *process, *next;
	struct wanted wanted = { 0 };
	int error = objects_pair(capture);

	if (error)
		return error;
	wanted_fill(&wanted, capture);
	HASH_ITER(hh, capture->processes, process, next)
		if (is_wanted(&wanted, process))
			process_write(out, capture, process);
	objects_write(out, capture, &wanted);
	for (unsigned int which = 0; which < STREAM_LISTS; which++)
		holders_write(out, capture, &wanted, which);
	for (size_t i = 0; i < capture->flow_count; i++)
		flow_write(out, capture, &capture->flows[i], tally);
	if (!wanted.failed)
		end_write(out, capture, head);
	error = wanted.failed ? -ENOMEM : 0;
	wanted_done(&wanted);
	return error;
}
