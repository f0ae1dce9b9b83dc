// SPDX-License-Identifier: GPL-2.0-only
/* Events are told in order and with all of their contents, whatever comes between. */
#include "stream_sample.h"

#include <errno.h>
#include <stdio.h>

/* What was told, as text: "e1:abc " an event with its contents, "l2x3 " three lost of mechanism 2. */
static char told[512];
static int answer;

static int event_told(void *context, const struct stream_event *event)
{
	size_t len = strlen(told);

	(void)context;
	snprintf(told + len, sizeof(told) - len, "e%d%s%.*s%s ", (int)event->event->record.time,
		 event->contents ? ":" : "", (int)event->len, event->contents ? (const char *)event->contents : "",
		 event->truncated ? "!" : "");
	return answer;
}

static int lost_told(void *context, uint64_t time, int mechanism, uint64_t count)
{
	size_t len = strlen(told);

	(void)context, (void)time;
	snprintf(told + len, sizeof(told) - len, "l%dx%d ", mechanism, (int)count);
	return 0;
}

static struct stream *stream_begin(void)
{
	const struct stream_sink sink = { .event = event_told, .lost = lost_told };
	struct stream *stream;

	*told = '\0';
	answer = 0;
	assert_int_equal(stream_new(-1, &sink, &stream), 0);
	return stream;
}

static void take_event(struct stream *stream, uint64_t time, uint32_t tid, uint8_t flags)
{
	struct ipc_event event = event_sample(IPC_PIPE, time);

	event.tid = tid;
	event.flags |= flags;
	assert_int_equal(stream_take(stream, &event, sizeof(event)), answer);
}

static void take_contents(struct stream *stream, uint64_t time, uint32_t tid, const char *text, uint8_t flags)
{
	struct ipc_event event = event_sample(IPC_PIPE, time);
	struct ipc_contents *chunk;

	event.tid = tid;
	chunk = contents_sample(&event, 0, text, flags);
	assert_int_equal(stream_take(stream, chunk, chunk->record.size), 0);
	free(chunk);
}

static void take_lost(struct stream *stream, uint64_t pipes, uint64_t signals)
{
	struct ipc_lost lost = { .record = { .type = IPC_RECORD_LOST, .size = sizeof(lost) } };

	lost.events[IPC_PIPE] = pipes;
	lost.events[IPC_SIGNAL] = signals;
	assert_int_equal(stream_take(stream, &lost, sizeof(lost)), 0);
}

static void test_plain(void **state)
{
	struct stream *stream = stream_begin();

	(void)state;
	take_event(stream, 1, 7, 0);
	take_event(stream, 2, 7, 0);
	assert_string_equal(told, "e1 e2 ");
	stream_free(stream);
}

static void test_contents_are_put_together(void **state)
{
	struct stream *stream = stream_begin();

	(void)state;
	take_event(stream, 1, 7, IPC_EVENT_CONTENTS);
	take_event(stream, 2, 8, IPC_EVENT_CONTENTS);
	take_contents(stream, 1, 7, "ab", 0);
	take_contents(stream, 2, 8, "vwxyz", IPC_CONTENTS_LAST);
	take_event(stream, 3, 9, 0);
	assert_string_equal(told, "");
	take_contents(stream, 1, 7, "cde", IPC_CONTENTS_LAST);
	assert_string_equal(told, "e1:abcde e2:vwxyz e3 ");
	stream_free(stream);
}

static void test_contents_that_are_cut(void **state)
{
	struct stream *stream = stream_begin();

	(void)state;
	take_event(stream, 1, 7, IPC_EVENT_CONTENTS);
	take_contents(stream, 1, 7, "abc", IPC_CONTENTS_LAST);
	assert_string_equal(told, "e1:abc! ");
	/* The same thread goes on: there was no more. */
	take_event(stream, 2, 7, IPC_EVENT_CONTENTS);
	take_contents(stream, 2, 7, "ab", 0);
	take_event(stream, 3, 7, 0);
	assert_string_equal(told, "e1:abc! e2:ab! e3 ");
	/* Contents of an event that was given up are nobody's. */
	take_contents(stream, 2, 7, "cde", IPC_CONTENTS_LAST);
	take_event(stream, 4, 7, IPC_EVENT_CONTENTS);
	stream_settle(stream, 0, NULL);
	assert_string_equal(told, "e1:abc! e2:ab! e3 e4! ");
	stream_free(stream);
}

/* Its last contents found no room, and its thread does nothing more: others do not wait for it. */
static void test_contents_that_never_come(void **state)
{
	struct stream *stream = stream_begin();

	(void)state;
	take_event(stream, 1, 7, IPC_EVENT_CONTENTS);
	take_event(stream, 200000001, 8, 0);
	assert_string_equal(told, "");
	take_event(stream, 200000002, 8, 0);
	assert_string_equal(told, "e1! e200000001 e200000002 ");
	stream_free(stream);
	/* Nor are they too many. */
	stream = stream_begin();
	take_event(stream, 1, 7, IPC_EVENT_CONTENTS);
	for (int i = 2; i <= 4096; i++)
		take_event(stream, 2, 8, 0);
	assert_string_equal(told, "");
	take_event(stream, 3, 8, 0);
	assert_memory_equal(told, "e1! e2 e2 ", 10);
	stream_free(stream);
}

static void test_losses_keep_their_place(void **state)
{
	struct stream *stream = stream_begin();
	struct ipc_lost end = { .events = { [IPC_PIPE] = 9, [IPC_SIGNAL] = 1 } };

	(void)state;
	take_event(stream, 1, 7, 0);
	take_lost(stream, 3, 0);
	take_event(stream, 2, 7, 0);
	take_lost(stream, 3, 0); /* said twice: two processors had room again at once */
	take_event(stream, 3, 7, IPC_EVENT_CONTENTS);
	take_lost(stream, 5, 1);
	take_contents(stream, 3, 7, "abcde", IPC_CONTENTS_LAST);
	stream_settle(stream, 0, &end);
	assert_string_equal(told, "e1 l0x3 e2 e3:abcde l0x2 l8x1 l0x4 ");
	stream_free(stream);
}

static void test_sink_ends_it(void **state)
{
	struct stream *stream = stream_begin();

	(void)state;
	answer = -ECANCELED;
	take_event(stream, 1, 7, 0);
	stream_free(stream);
}

static void test_short_records(void **state)
{
	struct stream *stream = stream_begin();
	struct ipc_event event = event_sample(IPC_PIPE, 1);
	struct ipc_contents *chunk = contents_sample(&event, 0, "abcde", 0);

	(void)state;
	assert_int_equal(stream_take(stream, &event, 8), 0);
	assert_int_equal(stream_take(stream, &event, sizeof(event) - 1), 0);
	chunk->len = 65;
	assert_int_equal(stream_take(stream, chunk, chunk->record.size), 0);
	free(chunk);
	assert_string_equal(told, "");
	stream_free(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_contents_are_put_together),
		cmocka_unit_test(test_contents_that_are_cut),
		cmocka_unit_test(test_contents_that_never_come),
		cmocka_unit_test(test_losses_keep_their_place),
		cmocka_unit_test(test_sink_ends_it),
		cmocka_unit_test(test_short_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
