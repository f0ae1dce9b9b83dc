// SPDX-License-Identifier: GPL-2.0-only
/* How events look: text, JSON, CSV, pcapng; and what is read back of JSON. */
#include "stream_sample.h"

#include <signal.h>
#include <stdio.h>

#include "stream_names.h"
#include "stream_read.h"

struct sample {
	struct capture capture;
	struct stream_names names;
	struct stream_writer writer;
};

static void sample_begin(struct sample *s, bool contents)
{
	struct ipc_object socket = { .object = 42, .mechanism = IPC_TCP, .family = 2, .local_port = 80,
				     .remote_port = 4000, .local_addr = { 127, 0, 0, 1 },
				     .remote_addr = { 127, 0, 0, 2 }, .record.time = 1 };

	memset(s, 0, sizeof(*s));
	assert_int_equal(capture_add_object(&s->capture, &socket, false), 0);
	s->names.capture = &s->capture;
	s->writer.names = &s->names;
	s->writer.wall_offset = SAMPLE_WALL;
	s->writer.contents = contents;
	assert_int_equal(out_open(&s->writer.out, -1), 0);
}

static void sample_end(struct sample *s)
{
	stream_names_done(&s->names);
	capture_done(&s->capture);
	free(s->writer.out.data);
}

static void check_written(struct sample *s, const char *expected)
{
	out_bytes(&s->writer.out, "", 1);
	assert_string_equal(s->writer.out.data, expected);
	s->writer.out.len = 0;
}

static void write_event(struct sample *s, const char *format, const struct ipc_event *event, const char *contents,
			bool truncated)
{
	struct stream_event told = { .event = event, .contents = (const uint8_t *)contents,
				     .len = contents ? strlen(contents) : 0, .truncated = truncated };

	stream_format_find(format)->event(&s->writer, &told);
}

static void test_text(void **state)
{
	struct ipc_event event = event_sample(IPC_PIPE, 9), signal = signal_sample(10);
	struct sample s;

	(void)state;
	setenv("TZ", "UTC", 1);
	sample_begin(&s, true);
	event.flags |= IPC_EVENT_CONTENTS;
	write_event(&s, "text", &event, "hel\no", false);
	check_written(&s, "03:17:22.000000009 pipe writer(10) > reader(20): 5 bytes, pipe:[42]\n"
			  "00000000  68 65 6c 0a 6f                                    |hel.o|\n");
	event.flags = 0;
	event.reason = IPC_CONTENTS_SPLICED;
	memcpy(event.dst_comm, "a\033[1m", 6);
	write_event(&s, "text", &event, NULL, false);
	check_written(&s, "03:17:22.000000009 pipe ? > a\\x1b[1m(20): 5 bytes, pipe:[42], no contents: spliced\n");
	write_event(&s, "text", &signal, NULL, false);
	check_written(&s, "03:17:22.000000010 signal writer(10) > reader(20): SIGTERM (15), code SI_USER, thread 21\n");
	assert_string_equal(signal_code_name(SIGCHLD, CLD_CONTINUED), "CLD_CONTINUED");
	assert_string_equal(signal_code_name(SIGSEGV, SI_KERNEL), "SI_KERNEL");
	assert_null(signal_code_name(SIGCHLD, CLD_CONTINUED + 1));
	assert_null(signal_code_name(SIGTERM, CLD_EXITED));
	event = event_sample(IPC_TCP, 9);
	write_event(&s, "text", &event, NULL, false);
	check_written(&s, "03:17:22.000000009 tcp writer(10) > reader(20): 5 bytes, 127.0.0.2:4000 > 127.0.0.1:80, "
			  "socket:[42]\n");
	stream_format_find("text")->lost(&s.writer, 9, IPC_UDP, 1);
	check_written(&s, "03:17:22.000000009 lost 1 event (udp)\n");
	sample_end(&s);
}

static void test_json(void **state)
{
	struct ipc_event event = event_sample(IPC_PIPE, 9), signal = signal_sample(10);
	struct sample s;

	(void)state;
	sample_begin(&s, true);
	event.flags = IPC_EVENT_CONTENTS;
	memcpy(event.dst_comm, "q\"\\\xff", 5);
	write_event(&s, "json", &event, "hello", true);
	check_written(&s, "{\"type\":\"event\",\"time\":\"2026-11-24T03:17:22.000000009Z\",\"mechanism\":\"pipe\","
			  "\"src\":null,\"src_reason\":\"unseen\",\"dst\":{\"pid\":20,\"start\":200,\"comm\":\"q\\\"\\\\\\\\xff\",\"tid\":21},"
			  "\"channel\":{\"object\":\"pipe:[42]\",\"name\":null,\"from\":null,\"to\":null},\"count\":5,"
			  "\"signal\":null,\"key\":[42,0,0,0],\"contents\":\"aGVsbG8=\",\"truncated\":true,"
			  "\"missing\":null}\n");
	signal.src_tgid = signal.src_start = 0;
	write_event(&s, "json", &signal, NULL, false);
	check_written(&s, "{\"type\":\"event\",\"time\":\"2026-11-24T03:17:22.000000010Z\",\"mechanism\":\"signal\","
			  "\"src\":{\"pid\":0,\"start\":0,\"comm\":\"kernel\"},\"src_reason\":null,"
			  "\"dst\":{\"pid\":20,\"start\":200,\"comm\":\"reader\",\"tid\":21},\"channel\":null,\"count\":0,"
			  "\"signal\":{\"number\":15,\"name\":\"SIGTERM\",\"code\":0,\"code_name\":\"SI_USER\",\"queued\":true},"
			  "\"key\":null,\"contents\":null,\"truncated\":false,\"missing\":null}\n");
	stream_format_find("json")->lost(&s.writer, 9, IPC_UDP, 3);
	check_written(&s, "{\"type\":\"lost\",\"time\":\"2026-11-24T03:17:22.000000009Z\",\"mechanism\":\"udp\","
			  "\"count\":3}\n");
	sample_end(&s);
}

static void test_csv(void **state)
{
	struct ipc_event event = event_sample(IPC_TCP, 9), signal = signal_sample(10);
	struct sample s;

	(void)state;
	sample_begin(&s, false);
	memcpy(event.dst_comm, "a,\"b", 5);
	write_event(&s, "csv", &event, NULL, false);
	check_written(&s, "event,2026-11-24T03:17:22.000000009Z,tcp,10,writer,20,\"a,\"\"b\",21,socket:[42],,"
			  "127.0.0.2:4000,127.0.0.1:80,5,,,\r\n");
	memcpy(event.dst_comm, "=1+1", 5);
	write_event(&s, "csv", &event, NULL, false);
	check_written(&s, "event,2026-11-24T03:17:22.000000009Z,tcp,10,writer,20,\"'=1+1\",21,socket:[42],,"
			  "127.0.0.2:4000,127.0.0.1:80,5,,,\r\n");
	write_event(&s, "csv", &signal, NULL, false);
	check_written(&s, "event,2026-11-24T03:17:22.000000010Z,signal,10,writer,20,reader,21,,,,,0,15,SIGTERM,0\r\n");
	sample_end(&s);
}

static void test_base64_and_hexdump(void **state)
{
	static const char *const words[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
						{ "foobar", "Zm9vYmFy" } };
	char same[64];
	struct out out;

	(void)state;
	assert_int_equal(out_open(&out, -1), 0);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		out.len = 0;
		out_base64(&out, (const uint8_t *)words[i][0], strlen(words[i][0]));
		assert_int_equal(out.len, strlen(words[i][1]));
		assert_memory_equal(out.data, words[i][1], out.len);
	}
	out.len = 0;
	memset(same, 'x', sizeof(same));
	out_hexdump(&out, (const uint8_t *)same, sizeof(same));
	out_bytes(&out, "", 1);
	assert_string_equal(out.data, "00000000  78 78 78 78 78 78 78 78  78 78 78 78 78 78 78 78  |xxxxxxxxxxxxxxxx|\n*\n");
	free(out.data);
}

static uint32_t word_at(const struct out *out, size_t at)
{
	uint32_t word;

	assert_true(at + sizeof(word) <= out->len);
	memcpy(&word, out->data + at, sizeof(word));
	return word;
}

/* Blocks follow each other, each as long as it says at both of its ends. */
static void test_pcap_blocks(void **state)
{
	static const uint32_t types[] = { 0x0a0d0d0a, 1, 1, 6, 6, 6 };
	struct ipc_event tcp = event_sample(IPC_TCP, 9), pipe = event_sample(IPC_PIPE, 10);
	struct stream_event event = { .event = &tcp, .contents = (const uint8_t *)"hello", .len = 5 };
	struct stream_pcap pcap = { .wall_offset = SAMPLE_WALL };
	struct sample s;
	size_t at = 0;

	(void)state;
	sample_begin(&s, true);
	pcap.names = &s.names;
	assert_int_equal(out_open(&pcap.out, -1), 0);
	pcap_begin(&pcap);
	pcap_event(&pcap, &event);
	event.event = &pipe;
	pcap_event(&pcap, &event);
	event.contents = NULL;
	pcap_event(&pcap, &event);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		uint32_t size = word_at(&pcap.out, at + 4);

		assert_int_equal(word_at(&pcap.out, at), types[i]);
		assert_int_equal(size % 4, 0);
		assert_int_equal(word_at(&pcap.out, at + size - 4), size);
		if (i == 3) { /* 20 bytes of IP, 20 of TCP */
			assert_int_equal(word_at(&pcap.out, at + 20), 45);
			assert_memory_equal(pcap.out.data + at + 28 + 40, "hello", 5);
		}
		if (i == 5) { /* the pipe's header alone, of what was 66 + 5 bytes */
			assert_int_equal(word_at(&pcap.out, at + 20), 66);
			assert_int_equal(word_at(&pcap.out, at + 24), 71);
		}
		at += size;
	}
	assert_int_equal(at, pcap.out.len);
	pcap.out.len = 0;
	pcap_done(&pcap);
	sample_end(&s);
}

#define STREAM_START "{\"type\":\"start\",\"format\":\"ipcmap-stream\",\"version\":1,\"started\":\"2026-11-24T03:17:22.000000009Z\"}\n"
#define STREAM_EVENT "{\"type\":\"event\",\"time\":\"2026-11-24T03:17:23.5Z\",\"mechanism\":\"pipe\",\"src\":null," \
	"\"dst\":{\"pid\":20,\"start\":200,\"comm\":\"reader\"},\"count\":5,\"key\":[42,0,0,0]}\n"
#define STREAM_SENT "{\"type\":\"flow\",\"mechanism\":\"pipe\",\"key\":[42,0,0,0],\"direction\":0,\"tgid\":10,\"start\":100," \
	"\"ops\":1,\"bytes\":10,\"first\":1000000000,\"last\":1000000000}\n"
#define STREAM_END "{\"type\":\"end\",\"duration\":2000000000,\"boottime\":1.0e3,\"host\":\"here\",\"mechanisms\":[]}\n"

static void check_refused(const char *text, const char *reason)
{
	struct map *map = NULL;
	char *error = NULL;

	assert_true(map_from_stream(text, strlen(text), &map, &error) < 0);
	assert_non_null(strstr(error, reason));
	free(error);
}

static void test_read(void **state)
{
	static const char text[] = STREAM_START STREAM_EVENT STREAM_EVENT
		"{\"type\":\"lost\",\"mechanism\":\"pipe\",\"count\":3}\n\n" STREAM_SENT STREAM_END;
	struct map *map = NULL;
	char *error = NULL;

	(void)state;
	assert_true(stream_is(text, strlen(text)));
	assert_false(stream_is("{\"format\":\"ipcmap\"}\n", 20));
	assert_int_equal(map_from_stream(text, strlen(text), &map, &error), 0);
	assert_string_equal(map->started, "2026-11-24T03:17:22.000Z");
	assert_string_equal(map->host, "here");
	assert_int_equal(map->edge_count, 1);
	assert_int_equal(map->edges[0].ops, 1);
	assert_int_equal(map->edges[0].bytes, 10);
	assert_int_equal(map->edges[0].received_ops, 2);
	assert_int_equal(map->edges[0].received_bytes, 10);
	map_free(map);
}

#define STREAM_KNOWN "{\"type\":\"event\",\"time\":\"2026-11-24T03:17:24.5Z\",\"mechanism\":\"tcp\"," \
	"\"src\":{\"pid\":10,\"start\":100,\"comm\":\"wr\\u001biter\"},\"dst\":{\"pid\":20,\"start\":200,\"comm\":\"reader\"}," \
	"\"channel\":{\"object\":\"socket:[7]\",\"name\":null,\"from\":\"127.0.0.1:1\",\"to\":\"127.0.0.1:80\"}," \
	"\"count\":5,\"key\":[7,0,0,0]}\n"
#define STREAM_KILL "{\"type\":\"event\",\"time\":\"2026-11-24T03:17:23.5Z\",\"mechanism\":\"signal\"," \
	"\"src\":{\"pid\":0,\"start\":0,\"comm\":\"kernel\"},\"dst\":{\"pid\":20,\"start\":200,\"comm\":\"reader\"}," \
	"\"count\":0,\"signal\":{\"number\":15,\"queued\":true},\"key\":null}\n"

/* Cut before its end, between lines or within one: what the events tell, and that it was cut. */
static void test_read_cut(void **state)
{
	static const char text[] = STREAM_START STREAM_EVENT STREAM_EVENT STREAM_KNOWN STREAM_KNOWN STREAM_KILL
		"{\"type\":\"lost\",\"mechanism\":\"pipe\",\"count\":3}\n" STREAM_SENT "{\"type\":\"eve";
	struct map *map = NULL;
	char *say = NULL;

	(void)state;
	assert_int_equal(map_from_stream(text, strlen(text), &map, &say), 0);
	assert_non_null(strstr(say, "was cut after line 8:"));
	free(say);
	assert_int_equal(map->edge_count, 3);
	assert_int_equal(map->node_count, 4);
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];
		const struct node *src = &map->nodes[edge->src];

		assert_int_equal(map->nodes[edge->dst].pid, 20);
		assert_int_equal(edge->received_ops, edge->signal ? 1 : 2);
		assert_int_equal(edge->received_bytes, edge->signal ? 0 : 10);
		assert_int_equal(edge->attribution, src->kind == NODE_HUB ? ATTRIBUTION_HUB : ATTRIBUTION_EXACT);
		if (!strcmp(edge->mechanism, "tcp"))
			assert_string_equal(map->channels[edge->channel].name, "127.0.0.1:80");
	}
	assert_int_equal(map->completeness.lost, 3);
	assert_int_equal(map->completeness.events, 5);
	assert_non_null(strstr(map->completeness.mechanisms[IPC_TCP].reason, "cut"));
	assert_true(map->duration > 2 && map->duration < 3);
	map_free(map);
	assert_int_equal(map_from_stream(STREAM_START, strlen(STREAM_START), &map, &say), 0);
	assert_non_null(strstr(say, "line 1"));
	free(say);
	map_free(map);
}

static void test_read_refuses(void **state)
{
	(void)state;
	check_refused(STREAM_EVENT STREAM_END, "line 1");
	check_refused(STREAM_START STREAM_START STREAM_END, "line 2");
	check_refused(STREAM_START "{}\n" STREAM_END, "line 2");
	check_refused(STREAM_START "[1]\n" STREAM_END, "line 2");
	check_refused(STREAM_START STREAM_EVENT "{\"type\":\"event\"}\n" STREAM_END, "line 3");
	check_refused(STREAM_START STREAM_END STREAM_EVENT, "line 3");
	check_refused(STREAM_START "{\"type\":\"flow\",\"mechanism\":\"nope\",\"key\":[1,2,3,0]}\n" STREAM_END, "line 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_base64_and_hexdump),
		cmocka_unit_test(test_pcap_blocks),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_cut),
		cmocka_unit_test(test_read_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
