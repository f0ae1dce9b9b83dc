// SPDX-License-Identifier: GPL-2.0-only
#include "stream_names.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "out.h"
#include "peers.h"

static void channel_clear(struct channel_name *channel)
{
	free(channel->object);
	free(channel->name);
	free(channel->from);
	free(channel->to);
	free(channel->json);
	channel->object = channel->name = channel->from = channel->to = channel->json = NULL;
}

void stream_names_done(struct stream_names *names)
{
	struct channel_name *channel, *next;

	HASH_ITER(hh, names->channels, channel, next) {
		HASH_DEL(names->channels, channel);
		channel_clear(channel);
		free(channel);
	}
}

static bool is_inet(const struct channel_name *channel)
{
	return channel->key.mechanism == IPC_TCP || channel->key.mechanism == IPC_UDP;
}

/* {"object":"pipe:[1]","name":null,"from":null,"to":null}; of udp the first two. */
static char *channel_json(const struct channel_name *channel)
{
	struct out out;
	char *text;

	if (out_open(&out, -1))
		return NULL;
	out_text(&out, "{\"object\":");
	out_json(&out, channel->object);
	out_text(&out, ",\"name\":");
	out_json(&out, channel->name);
	if (channel->key.mechanism != IPC_UDP) {
		out_text(&out, ",\"from\":");
		out_json(&out, channel->from);
		out_text(&out, ",\"to\":");
		out_json(&out, channel->to);
		out_text(&out, "}");
	}
	text = out.error ? NULL : strndup(out.data, out.len);
	free(out.data);
	return text;
}

static void channel_fill(struct channel_name *channel, const struct capture_object *object)
{
	struct inet_end local, remote;

	channel_clear(channel);
	memset(&channel->local, 0, sizeof(channel->local));
	memset(&channel->remote, 0, sizeof(channel->remote));
	channel->object = name_object(object, &channel->key);
	if (object && !is_inet(channel)) {
		channel->name = name_channel(NULL, object);
	} else if (object) {
		local = inet_local(&object->info);
		remote = inet_remote(&object->info);
		channel->local = local;
		channel->remote = remote;
		channel->to = local.port ? name_inet(&local) : NULL;
		channel->from = remote.port ? name_inet(&remote) : NULL;
	}
	channel->json = channel_json(channel);
}

const struct channel_name *stream_channel(struct stream_names *names, const struct ipc_event *event)
{
	struct object_key key = object_key(event->mechanism, event->object, event->remote);
	const struct capture_object *object = capture_find_object(names->capture, key);
	struct channel_name *channel;
	uint64_t described;

	/* A pipe is all in its number; the rest was described before its first event was written. */
	if (!object && key.mechanism != IPC_PIPE && names->refresh && !names->refresh(names->context))
		object = capture_find_object(names->capture, key);
	described = object ? object->info.record.time + !!object->path : 0;
	HASH_FIND(hh, names->channels, &key, sizeof(key), channel);
	if (channel && channel->described == described)
		return channel;
	if (!channel) {
		channel = calloc(1, sizeof(*channel));
		if (!channel)
			return NULL;
		channel->key = key;
		HASH_ADD(hh, names->channels, key, sizeof(channel->key), channel);
	}
	channel->described = described;
	channel_fill(channel, object);
	return channel->json ? channel : NULL;
}

char *stream_from(const struct ipc_event *event)
{
	struct inet_end end = { .port = event->from_port };

	memcpy(end.addr, event->from_addr, sizeof(end.addr));
	return name_inet(&end);
}

uint32_t stream_pid(struct stream_names *names, uint32_t tgid, uint64_t start)
{
	struct process_key key = { .start = start, .tgid = tgid };
	const struct capture_process *process;

	if (!tgid || !names->capture->nested)
		return tgid;
	process = capture_find_process(names->capture, key);
	if (!process && names->refresh && !names->refresh(names->context))
		process = capture_find_process(names->capture, key);
	return process ? process->number : 0;
}

/* Codes that mean something else with every signal: siginfo.h's, from 1 on. */
static const char *const codes_child[] = { "CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED",
					   "CLD_CONTINUED" };
static const char *const codes_segv[] = { "SEGV_MAPERR", "SEGV_ACCERR", "SEGV_BNDERR", "SEGV_PKUERR" };
static const char *const codes_bus[] = { "BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR", "BUS_MCEERR_AR",
					 "BUS_MCEERR_AO" };
static const char *const codes_fpe[] = { "FPE_INTDIV", "FPE_INTOVF", "FPE_FLTDIV", "FPE_FLTOVF",
					 "FPE_FLTUND", "FPE_FLTRES", "FPE_FLTINV", "FPE_FLTSUB" };
static const char *const codes_ill[] = { "ILL_ILLOPC", "ILL_ILLOPN", "ILL_ILLADR", "ILL_ILLTRP",
					 "ILL_PRVOPC", "ILL_PRVREG", "ILL_COPROC", "ILL_BADSTK" };
static const char *const codes_trap[] = { "TRAP_BRKPT", "TRAP_TRACE", "TRAP_BRANCH", "TRAP_HWBKPT" };
static const char *const codes_poll[] = { "POLL_IN", "POLL_OUT", "POLL_MSG", "POLL_ERR", "POLL_PRI", "POLL_HUP" };
static const char *const codes_sys[] = { "SYS_SECCOMP", "SYS_USER_DISPATCH" };

#define CODES(signal, names) \
	case signal: return code <= (int)(sizeof(names) / sizeof(*(names))) ? (names)[code - 1] : NULL

static const char *code_of(int number, int code)
{
	switch (number) {
	CODES(SIGCHLD, codes_child);
	CODES(SIGSEGV, codes_segv);
	CODES(SIGBUS, codes_bus);
	CODES(SIGFPE, codes_fpe);
	CODES(SIGILL, codes_ill);
	CODES(SIGTRAP, codes_trap);
	CODES(SIGIO, codes_poll);
	CODES(SIGSYS, codes_sys);
	default: return NULL;
	}
}

const char *signal_code_name(int number, int code)
{
	if (code > 0 && code != SI_KERNEL)
		return code_of(number, code);
	switch (code) {
	case SI_USER: return "SI_USER";
	case SI_KERNEL: return "SI_KERNEL";
	case SI_QUEUE: return "SI_QUEUE";
	case SI_TIMER: return "SI_TIMER";
	case SI_MESGQ: return "SI_MESGQ";
	case SI_ASYNCIO: return "SI_ASYNCIO";
	case SI_SIGIO: return "SI_SIGIO";
	case SI_TKILL: return "SI_TKILL";
	default: return NULL;
	}
}
