// SPDX-License-Identifier: GPL-2.0-only
/* The command line: what is taken, and what is turned away with one line. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mechanism.h"
#include "options.h"

#define WORDS 24

struct result {
	int code, status;
	struct options options;
	char out[8192], err[8192];
};

/* What a stream got while capturing. */
static int capture_begin(int fd, FILE *file)
{
	int saved = dup(fd);

	assert_non_null(file);
	assert_int_equal(dup2(fileno(file), fd), fd);
	return saved;
}

static void capture_end(int fd, int saved, FILE *file, char *text, size_t size)
{
	size_t len;

	dup2(saved, fd);
	close(saved);
	rewind(file);
	len = fread(text, 1, size - 1, file);
	text[len] = '\0';
	fclose(file);
}

/* Parses "ipcmap WORDS", split at blanks. The words live until the next call. */
static void parse(struct result *result, const char *words)
{
	static char line[4096];
	char *argv[WORDS + 2] = { "ipcmap" };
	FILE *out = tmpfile(), *err = tmpfile();
	int argc = 1, saved_out, saved_err;

	memset(result, 0, sizeof(*result));
	snprintf(line, sizeof(line), "%s", words);
	for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
		assert_true(argc <= WORDS);
		argv[argc++] = strcmp(word, "EMPTY") ? word : "";
	}
	fflush(stdout);
	fflush(stderr);
	saved_out = capture_begin(STDOUT_FILENO, out);
	saved_err = capture_begin(STDERR_FILENO, err);
	result->code = options_parse(&result->options, argc, argv, &result->status);
	fflush(stdout);
	fflush(stderr);
	capture_end(STDOUT_FILENO, saved_out, out, result->out, sizeof(result->out));
	capture_end(STDERR_FILENO, saved_err, err, result->err, sizeof(result->err));
}

static void assert_output(const struct result *result, size_t index, const char *path, const char *format)
{
	assert_true(index < result->options.output_count);
	assert_string_equal(result->options.outputs[index].path, path);
	assert_string_equal(result->options.outputs[index].format->name, format);
}

static void test_values(void **state)
{
	struct result r;
	char words[256];

	(void)state;
	snprintf(words, sizeof(words), "-d 0.5 --output=a.svg -o b.json -p %d --comm psql -P cat "
		 "--idle --self --external --cmdline --max-flows 4096 -qv", (int)getpid());
	parse(&r, words);
	assert_int_equal(r.code, 0);
	assert_string_equal(r.err, "");
	assert_true(r.options.duration == 0.5);
	assert_int_equal(r.options.output_count, 2);
	assert_output(&r, 0, "a.svg", "svg");
	assert_output(&r, 1, "b.json", "json");
	assert_int_equal(r.options.pid_count, 1);
	assert_int_equal(r.options.pids[0], getpid());
	assert_int_equal(r.options.comm_count, 2);
	assert_string_equal(r.options.comms[0], "psql");
	assert_string_equal(r.options.comms[1], "cat");
	assert_int_equal(r.options.max_flows, 4096);
	assert_true(r.options.idle && r.options.self && r.options.external && r.options.cmdline);
	assert_true(r.options.quiet && r.options.verbose);
	assert_null(r.options.command);
	assert_int_equal(r.options.mechanisms, mechanism_bits("all"));
	options_done(&r.options);
}

static void test_defaults(void **state)
{
	struct result r;

	(void)state;
	/* The capture is a file, no terminal. */
	parse(&r, "");
	assert_int_equal(r.code, 0);
	assert_true(r.options.duration == 0);
	assert_int_equal(r.options.max_flows, 0);
	assert_output(&r, 0, "-", "dot");
	options_done(&r.options);

	parse(&r, "-T json");
	assert_output(&r, 0, "-", "json");
	options_done(&r.options);

	/* A command has stdout for itself. */
	parse(&r, "-- true");
	assert_output(&r, 0, "ipcmap.svg", "svg");
	options_done(&r.options);
	parse(&r, "-T dot -- true");
	assert_output(&r, 0, "ipcmap.dot", "dot");
	options_done(&r.options);
}

static void test_command(void **state)
{
	struct result r;

	(void)state;
	parse(&r, "-d 3 -- ls -l -d -- x");
	assert_int_equal(r.code, 0);
	assert_true(r.options.duration == 3);
	assert_non_null(r.options.command);
	assert_string_equal(r.options.command[0], "ls");
	assert_string_equal(r.options.command[1], "-l");
	assert_string_equal(r.options.command[3], "--");
	assert_string_equal(r.options.command[4], "x");
	assert_null(r.options.command[5]);
	options_done(&r.options);
}

static void test_types(void **state)
{
	struct result r;

	(void)state;
	parse(&r, "-t pipe -t net,signal");
	assert_int_equal(r.code, 0);
	assert_int_equal(r.options.mechanisms,
			 1 << IPC_PIPE | 1 << IPC_TCP | 1 << IPC_UDP | 1 << IPC_SIGNAL);
	options_done(&r.options);
	parse(&r, "--type=unix");
	assert_int_equal(r.options.mechanisms,
			 1 << IPC_UNIX_STREAM | 1 << IPC_UNIX_DGRAM | 1 << IPC_UNIX_SEQPACKET);
	options_done(&r.options);
}

static void test_formats(void **state)
{
	struct result r;

	(void)state;
	/* -T is for the one whose name does not tell. */
	parse(&r, "-T json -o a.svg -o - -o /dev/null");
	assert_int_equal(r.code, 0);
	assert_output(&r, 0, "a.svg", "svg");
	assert_output(&r, 1, "-", "json");
	assert_output(&r, 2, "/dev/null", "json");
	options_done(&r.options);
	parse(&r, "-T svg -o x.svg");
	assert_int_equal(r.code, 0);
	options_done(&r.options);
	parse(&r, "-o x.gv -o -");
	assert_output(&r, 0, "x.gv", "dot");
	assert_output(&r, 1, "-", "dot");
	options_done(&r.options);
}

/* Each is turned away: status 2, nothing on stdout, one line that holds a word. */
static const char *const mistakes[][2] = {
	{ "-x", "-x" },
	{ "--no-such-option", "--no-such-option" },
	{ "--c 1", "several" },
	{ "--idle=1", "no argument" },
	{ "-d", "SECONDS" },
	{ "--output", "FILE" },
	{ "-d 0", "duration" },
	{ "-d -1", "duration" },
	{ "-d nan", "duration" },
	{ "-d inf", "duration" },
	{ "-d 1e3", "duration" },
	{ "-d 0x1p3", "duration" },
	{ "-d 1.5.2", "duration" },
	{ "-d .", "duration" },
	{ "-d EMPTY", "duration" },
	{ "-d 31622401", "duration" },
	{ "-d 99999999999999999999999", "duration" },
	{ "-t telepathy", "unix-seqpacket" },
	{ "-t pipe,,tcp", "unix-seqpacket" },
	{ "-t EMPTY", "all" },
	{ "-T bmp", "svg" },
	{ "-o x.bmp", ".svg" },
	{ "-o noformat", ".json" },
	{ "-o EMPTY", "-o" },
	{ "-o - -o -", "stdout" },
	{ "-T dot -o - -o /dev/stdout", "stdout" },
	{ "-o a.svg -o a.svg", "twice" },
	{ "-o a.svg -T json", "agree" },
	{ "-p 0", "pid" },
	{ "-p -1", "pid" },
	{ "-p 1x", "pid" },
	{ "-p 999999999", "999999999" },
	{ "-p 99999999999999999999", "pid" },
	{ "-P EMPTY", "-P" },
	{ "-P a -P a -P a -P a -P a -P a -P a -P a -P a", "too many" },
	{ "--cgroup /no/such/cgroup", "--cgroup" },
	{ "--cgroup EMPTY", "--cgroup" },
	{ "--max-flows 0", "flows" },
	{ "--max-flows 1000000000", "flows" },
	{ "ls -l", "--" },
	{ "--", "command" },
	{ "-P -- ls", "ls" },
};

static void test_mistakes(void **state)
{
	struct result r;

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		parse(&r, mistakes[i][0]);
		if (r.code != -1 || r.status != EXIT_USAGE || !strstr(r.err, mistakes[i][1]))
			fail_msg("%s: code %d, status %d: %s", mistakes[i][0], r.code, r.status, r.err);
		assert_string_equal(r.out, "");
		assert_int_equal(strncmp(r.err, "ipcmap: ", 8), 0);
		assert_ptr_equal(strchr(r.err, '\n'), r.err + strlen(r.err) - 1);
		/* Untouched on failure: the zeroes of parse(). */
		assert_null(r.options.outputs);
		assert_int_equal(r.options.output_count, 0);
	}
}

static int gate[2];

static void *thread_wait(void *unused)
{
	pid_t tid = gettid();

	(void)unused;
	if (write(gate[1], &tid, sizeof(tid)) != sizeof(tid))
		abort();
	pause();
	return NULL;
}

static void test_pids(void **state)
{
	struct result r;
	char words[64];
	pthread_t thread;
	pid_t tid;

	(void)state;
	snprintf(words, sizeof(words), "-p %d,1", (int)getpid());
	parse(&r, words);
	assert_int_equal(r.code, 0);
	assert_int_equal(r.options.pid_count, 2);
	assert_int_equal(r.options.pids[1], 1);
	options_done(&r.options);

	/* A thread's number is told from a process's, and whose it is. */
	assert_int_equal(pipe(gate), 0);
	assert_int_equal(pthread_create(&thread, NULL, thread_wait, NULL), 0);
	assert_int_equal(read(gate[0], &tid, sizeof(tid)), sizeof(tid));
	snprintf(words, sizeof(words), "-p %d", (int)tid);
	parse(&r, words);
	assert_int_equal(r.status, EXIT_USAGE);
	snprintf(words, sizeof(words), "use -p %d\n", (int)getpid());
	assert_non_null(strstr(r.err, words));
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	close(gate[0]);
	close(gate[1]);
}

static void test_help(void **state)
{
	struct result r;
	size_t lines = 0, width = 0;
	char suffix[16];

	(void)state;
	parse(&r, "--help --no-such-option");
	assert_int_equal(r.code, -1);
	assert_int_equal(r.status, 0);
	assert_string_equal(r.err, "");
	for (const char *line = r.out; *line; lines++) {
		width = strcspn(line, "\n");
		if (width > 80)
			fail_msg("%zu columns: %.*s", width, (int)width, line);
		line += width + 1;
	}
	assert_true(lines > 10 && lines <= 24);
	for (int i = 0; i < IPC_MECHANISMS; i++)
		assert_non_null(strstr(r.out, mechanisms[i].name));
	/* The first of each: there is no room for all. */
	for (const struct format *f = formats; f->name; f++) {
		snprintf(suffix, sizeof(suffix), " %.*s", (int)strcspn(f->suffixes, " "), f->suffixes);
		assert_non_null(strstr(r.out, suffix));
	}
}

static void test_version(void **state)
{
	struct result r;

	(void)state;
	parse(&r, "-V");
	assert_int_equal(r.code, -1);
	assert_int_equal(r.status, 0);
	assert_int_equal(strncmp(r.out, "ipcmap ", 7), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_pids),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
