// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipcdump: JSON, an object a line. Every event has the same keys in the same order.
 * "key" is what `ipcmap render` folds by: the object's number, two halves of what
 * else tells it from others, and the side of a pty.
 */
#include <stdlib.h>

#include "names.h"
#include "stream_capture.h"
#include "stream_format.h"

/* {"pid":1,"start":2,"comm":"a"; the caller closes it. */
static void json_process(struct stream_writer *w, uint32_t tgid, uint64_t start, const char *comm)
{
	out_text(&w->out, "{\"pid\":");
	out_number(&w->out, stream_pid(w->names, tgid, start));
	if (w->names->capture->nested) {
		out_text(&w->out, ",\"tgid\":");
		out_number(&w->out, tgid);
	}
	out_text(&w->out, ",\"start\":");
	out_number(&w->out, start);
	out_text(&w->out, ",\"comm\":");
	if (tgid)
		out_json_name(&w->out, comm, IPC_COMM_LEN);
	else
		out_text(&w->out, "\"kernel\"");
}

static void json_ends(struct stream_writer *w, const struct ipc_event *event)
{
	out_text(&w->out, ",\"src\":");
	if (event->flags & IPC_EVENT_SENDER) {
		json_process(w, event->src_tgid, event->src_start, event->src_comm);
		out_text(&w->out, "}");
	} else {
		out_text(&w->out, "null");
	}
	out_text(&w->out, ",\"src_reason\":");
	out_json(&w->out, stream_source_reason(event));
	out_text(&w->out, ",\"dst\":");
	json_process(w, event->dst_tgid, event->dst_start, event->dst_comm);
	out_text(&w->out, ",\"tid\":");
	if (event->tid)
		out_number(&w->out, event->tid);
	else
		out_text(&w->out, "null");
	out_text(&w->out, "}");
}

static void json_channel(struct stream_writer *w, const struct ipc_event *event)
{
	const struct channel_name *channel = stream_channel(w->names, event);
	char *from;

	out_text(&w->out, ",\"channel\":");
	out_text(&w->out, channel ? channel->json : "null");
	if (channel && event->mechanism == IPC_UDP) {
		from = event->flags & IPC_EVENT_FROM ? stream_from(event) : NULL;
		out_text(&w->out, ",\"from\":");
		out_json(&w->out, from ? from : channel->from);
		out_text(&w->out, ",\"to\":");
		out_json(&w->out, channel->to);
		out_text(&w->out, "}");
		free(from);
	}
	out_text(&w->out, ",\"count\":");
	out_number(&w->out, event->bytes);
	out_text(&w->out, ",\"signal\":null,\"key\":[");
	out_number(&w->out, stream_object_number(event->mechanism, event->object));
	out_text(&w->out, ",");
	out_number(&w->out, event->remote >> 32);
	out_text(&w->out, ",");
	out_number(&w->out, (uint32_t)event->remote);
	out_text(&w->out, ",");
	out_number(&w->out, event->side);
	out_text(&w->out, "]");
}

static void json_signal(struct stream_writer *w, const struct ipc_event *event)
{
	char *name = name_signal(event->remote >> 32);

	out_text(&w->out, ",\"channel\":null,\"count\":0,\"signal\":{\"number\":");
	out_number(&w->out, event->remote >> 32);
	out_text(&w->out, ",\"name\":");
	out_json(&w->out, name);
	out_text(&w->out, ",\"code\":");
	out_signed(&w->out, event->code);
	out_text(&w->out, ",\"code_name\":");
	out_json(&w->out, signal_code_name((int)(event->remote >> 32), event->code));
	out_text(&w->out, event->flags & IPC_EVENT_QUEUED ? ",\"queued\":true}" : ",\"queued\":false}");
	out_text(&w->out, ",\"key\":null");
	free(name);
}

static void json_contents(struct stream_writer *w, const struct stream_event *event)
{
	out_text(&w->out, ",\"contents\":");
	if (stream_has_contents(event)) {
		out_text(&w->out, "\"");
		out_base64(&w->out, event->contents, event->len);
		out_text(&w->out, "\"");
	} else {
		out_text(&w->out, "null");
	}
	out_text(&w->out, event->truncated ? ",\"truncated\":true" : ",\"truncated\":false");
	out_text(&w->out, ",\"missing\":");
	out_json(&w->out, stream_reason(event));
}

void stream_json_event(struct stream_writer *w, const struct stream_event *event)
{
	out_text(&w->out, "{\"type\":\"event\",\"time\":\"");
	stream_time(w, event->event->record.time, false);
	out_text(&w->out, "\",\"mechanism\":\"");
	out_text(&w->out, mechanisms[event->event->mechanism].name);
	out_text(&w->out, "\"");
	json_ends(w, event->event);
	if (event->event->mechanism == IPC_SIGNAL)
		json_signal(w, event->event);
	else
		json_channel(w, event->event);
	if (w->contents)
		json_contents(w, event);
	out_text(&w->out, "}");
	out_line(&w->out);
}

void stream_json_lost(struct stream_writer *w, uint64_t time, int mechanism, uint64_t count)
{
	out_text(&w->out, "{\"type\":\"lost\",\"time\":\"");
	stream_time(w, time, false);
	out_text(&w->out, "\",\"mechanism\":\"");
	out_text(&w->out, mechanisms[mechanism].name);
	out_text(&w->out, "\",\"count\":");
	out_number(&w->out, count);
	out_text(&w->out, "}");
	out_line(&w->out);
}
