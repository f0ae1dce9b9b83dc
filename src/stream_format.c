// SPDX-License-Identifier: GPL-2.0-only
/* ipcdump: text and CSV, and what all formats share. */
#include "stream_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "names.h"
#include "text.h"

#define NSEC 1000000000ULL

bool stream_has_contents(const struct stream_event *event)
{
	return event->event->flags & IPC_EVENT_CONTENTS;
}

const char *stream_reason(const struct stream_event *event)
{
	switch (event->event->reason) {
	case IPC_CONTENTS_SPLICED: return "spliced";
	case IPC_CONTENTS_IO_URING: return "io_uring";
	case IPC_CONTENTS_NOT_HERE: return "not on this kernel";
	default: return NULL;
	}
}

const char *stream_source_reason(const struct ipc_event *event)
{
	if (event->flags & IPC_EVENT_SENDER)
		return NULL;
	if (event->flags & IPC_EVENT_SHARED)
		return "shared";
	return event->flags & IPC_EVENT_PRIOR ? "earlier" : "unseen";
}

void stream_time(struct stream_writer *w, uint64_t time, bool local)
{
	uint64_t wall = time + w->wall_offset, second = wall / NSEC;
	char digits[] = ".000000000";
	uint64_t fraction = wall % NSEC;

	if (second != w->second || !*w->clock) {
		time_t seconds = second;
		struct tm tm;

		if (local)
			localtime_r(&seconds, &tm);
		else
			gmtime_r(&seconds, &tm);
		strftime(w->clock, sizeof(w->clock), local ? "%H:%M:%S" : "%Y-%m-%dT%H:%M:%S", &tm);
		w->second = second;
	}
	out_text(&w->out, w->clock);
	for (size_t i = sizeof(digits) - 2; i > 0; i--, fraction /= 10)
		digits[i] = '0' + fraction % 10;
	out_bytes(&w->out, digits, sizeof(digits) - 1);
	if (!local)
		out_bytes(&w->out, "Z", 1);
}

static void colour(struct stream_writer *w, const char *code)
{
	if (!w->colours)
		return;
	out_text(&w->out, "\033[");
	out_text(&w->out, code);
	out_text(&w->out, "m");
}

static void text_process(struct stream_writer *w, uint32_t tgid, uint64_t start, const char *comm)
{
	if (!tgid) {
		out_text(&w->out, "kernel");
		return;
	}
	colour(w, "1");
	out_name(&w->out, comm, IPC_COMM_LEN);
	colour(w, "0");
	out_text(&w->out, "(");
	out_number(&w->out, stream_pid(w->names, tgid, start));
	out_text(&w->out, ")");
}

static void text_ends(struct stream_writer *w, const struct ipc_event *event)
{
	colour(w, "36");
	out_text(&w->out, mechanisms[event->mechanism].name);
	colour(w, "0");
	out_text(&w->out, " ");
	if (event->flags & IPC_EVENT_SENDER)
		text_process(w, event->src_tgid, event->src_start, event->src_comm);
	else
		out_text(&w->out, "?");
	out_text(&w->out, " > ");
	text_process(w, event->dst_tgid, event->dst_start, event->dst_comm);
}

static void text_signal(struct stream_writer *w, const struct ipc_event *event)
{
	int number = event->remote >> 32;
	char *name = name_signal(number);
	const char *code = signal_code_name(number, event->code);

	out_text(&w->out, ": ");
	out_text(&w->out, name ? name : "?");
	out_text(&w->out, " (");
	out_number(&w->out, number);
	out_text(&w->out, "), code ");
	if (code)
		out_text(&w->out, code);
	else
		out_signed(&w->out, event->code);
	if (event->tid) {
		out_text(&w->out, ", thread ");
		out_number(&w->out, event->tid);
	}
	if (!(event->flags & IPC_EVENT_QUEUED))
		out_text(&w->out, ", not queued");
	free(name);
}

static void text_channel(struct stream_writer *w, const struct ipc_event *event)
{
	const struct channel_name *channel = stream_channel(w->names, event);
	char *from = event->flags & IPC_EVENT_FROM ? stream_from(event) : NULL;

	out_text(&w->out, ": ");
	out_number(&w->out, event->bytes);
	out_text(&w->out, event->bytes == 1 ? " byte" : " bytes");
	if (channel && (channel->from || channel->to || from)) {
		out_text(&w->out, ", ");
		out_text(&w->out, from ? from : channel->from ? channel->from : "?");
		out_text(&w->out, " > ");
		out_text(&w->out, channel->to ? channel->to : "?");
	} else if (channel && channel->name) {
		out_text(&w->out, ", ");
		out_text(&w->out, channel->name);
	}
	if (channel && channel->object) {
		out_text(&w->out, ", ");
		out_text(&w->out, channel->object);
	}
	free(from);
}

static void text_event(struct stream_writer *w, const struct stream_event *event)
{
	const char *reason = w->contents ? stream_reason(event) : NULL;

	stream_time(w, event->event->record.time, true);
	out_text(&w->out, " ");
	text_ends(w, event->event);
	if (event->event->mechanism == IPC_SIGNAL)
		text_signal(w, event->event);
	else
		text_channel(w, event->event);
	if (reason) {
		out_text(&w->out, ", no contents: ");
		out_text(&w->out, reason);
	} else if (event->truncated && stream_has_contents(event)) {
		out_text(&w->out, ", the first ");
		out_number(&w->out, event->len);
	}
	out_bytes(&w->out, "\n", 1);
	if (stream_has_contents(event))
		out_hexdump(&w->out, event->contents, event->len);
	if (w->out.lines)
		out_flush(&w->out);
}

static void text_lost(struct stream_writer *w, uint64_t time, int mechanism, uint64_t count)
{
	stream_time(w, time, true);
	colour(w, "31");
	out_text(&w->out, " lost ");
	out_number(&w->out, count);
	out_text(&w->out, count == 1 ? " event (" : " events (");
	out_text(&w->out, mechanisms[mechanism].name);
	out_text(&w->out, ")");
	colour(w, "0");
	out_line(&w->out);
}

static void csv_begin(struct stream_writer *w)
{
	out_text(&w->out, "type,time,mechanism,src_pid,src_comm,dst_pid,dst_comm,dst_tid,object,name,from,to,count,"
			  "signal,signal_name,code");
	if (w->contents)
		out_text(&w->out, ",contents,truncated");
	out_text(&w->out, "\r\n");
}

static void csv_name(struct stream_writer *w, const char *comm)
{
	char text[IPC_COMM_LEN + 1];
	size_t len = strnlen(comm, IPC_COMM_LEN);
	char *clean;

	memcpy(text, comm, len);
	text[len] = '\0';
	clean = text_clean(text, len);
	out_csv(&w->out, clean);
	free(clean);
}

static void csv_process(struct stream_writer *w, bool known, uint32_t tgid, uint64_t start, const char *comm)
{
	out_text(&w->out, ",");
	if (known)
		out_number(&w->out, stream_pid(w->names, tgid, start));
	out_text(&w->out, ",");
	if (known && !tgid)
		out_text(&w->out, "kernel");
	else if (known)
		csv_name(w, comm);
}

static void csv_channel(struct stream_writer *w, const struct ipc_event *event)
{
	const struct channel_name *channel = stream_channel(w->names, event);
	char *from = event->flags & IPC_EVENT_FROM ? stream_from(event) : NULL;

	out_text(&w->out, ",");
	out_csv(&w->out, channel ? channel->object : NULL);
	out_text(&w->out, ",");
	out_csv(&w->out, channel ? channel->name : NULL);
	out_text(&w->out, ",");
	out_csv(&w->out, from ? from : channel ? channel->from : NULL);
	out_text(&w->out, ",");
	out_csv(&w->out, channel ? channel->to : NULL);
	out_text(&w->out, ",");
	out_number(&w->out, event->bytes);
	out_text(&w->out, ",,,");
	free(from);
}

static void csv_signal(struct stream_writer *w, const struct ipc_event *event)
{
	char *name = name_signal(event->remote >> 32);

	out_text(&w->out, ",,,,,0,");
	out_number(&w->out, event->remote >> 32);
	out_text(&w->out, ",");
	out_text(&w->out, name ? name : "");
	out_text(&w->out, ",");
	out_signed(&w->out, event->code);
	free(name);
}

static void csv_event(struct stream_writer *w, const struct stream_event *stream_event)
{
	const struct ipc_event *event = stream_event->event;

	out_text(&w->out, "event,");
	stream_time(w, event->record.time, false);
	out_text(&w->out, ",");
	out_text(&w->out, mechanisms[event->mechanism].name);
	csv_process(w, event->flags & IPC_EVENT_SENDER, event->src_tgid, event->src_start, event->src_comm);
	csv_process(w, true, event->dst_tgid, event->dst_start, event->dst_comm);
	out_text(&w->out, ",");
	if (event->tid)
		out_number(&w->out, event->tid);
	if (event->mechanism == IPC_SIGNAL)
		csv_signal(w, event);
	else
		csv_channel(w, event);
	if (w->contents) {
		out_text(&w->out, ",");
		if (stream_has_contents(stream_event))
			out_base64(&w->out, stream_event->contents, stream_event->len);
		out_text(&w->out, stream_event->truncated ? ",true" : ",false");
	}
	out_text(&w->out, "\r");
	out_line(&w->out);
}

static void csv_lost(struct stream_writer *w, uint64_t time, int mechanism, uint64_t count)
{
	out_text(&w->out, "lost,");
	stream_time(w, time, false);
	out_text(&w->out, ",");
	out_text(&w->out, mechanisms[mechanism].name);
	out_text(&w->out, ",,,,,,,,,,");
	out_number(&w->out, count);
	out_text(&w->out, w->contents ? ",,,,," : ",,,");
	out_text(&w->out, "\r");
	out_line(&w->out);
}

const struct stream_format stream_formats[] = {
	{ "text", "a line for each event; contents as `hexdump -C`", NULL, text_event, text_lost },
	{ "json", "an object a line; contents as base64", NULL, stream_json_event, stream_json_lost },
	{ "csv", "a row for each event; contents as base64", csv_begin, csv_event, csv_lost },
	{ 0 },
};

const struct stream_format *stream_format_find(const char *name)
{
	for (const struct stream_format *format = stream_formats; format->name; format++)
		if (!strcmp(format->name, name))
			return format;
	return NULL;
}
