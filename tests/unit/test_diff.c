// SPDX-License-Identifier: GPL-2.0-only
/* Which processes and channels of two maps are the same. */
#include "diff_sample.h"

#include "../../src/diff_key.h"

static void test_pids_do_not_count(void **state)
{
	struct map *diff = compare(database(100, 3, 30), database(31000, 3, 30));
	const struct node *node;

	(void)state;
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	assert_int_equal(diff->node_count, 3);
	node = node_find(diff, "client", CHANGE_SAME);
	assert_non_null(node);
	/* What is drawn is what is there now. */
	assert_int_equal(node->pid, 31000);
	map_free(diff);
}

/* Those that appear where there was none are new, whoever their master is. */
static void test_first_workers(void **state)
{
	struct map *before = map_make(30), *diff;
	size_t client = process(before, 1, "client", "client.service");
	size_t master = process(before, 2, "db", "db.service");

	(void)state;
	before->nodes[master].listens = strdup("tcp *:5432");
	talk(before, client, master, "tcp", "127.0.0.1:5432", 1000);
	diff = compare(before, database(100, 2, 30));
	assert_non_null(node_find(diff, "db", CHANGE_ADDED));
	assert_non_null(node_find(diff, "db", CHANGE_SAME));
	map_free(diff);
}

static void test_ephemeral_ports(void **state)
{
	struct map *before = map_make(30), *after = map_make(30), *diff;

	(void)state;
	for (int side = 0; side < 2; side++) {
		struct map *map = side ? after : before;
		size_t a = process(map, 1, "a", NULL), b = process(map, 2, "b", NULL);

		map->nodes[b].listens = strdup(side ? "tcp 127.0.0.1:40001" : "tcp 127.0.0.1:40002");
		talk(map, a, b, "tcp", side ? "127.0.0.1:40001" : "127.0.0.1:40002", 1000);
		talk(map, a, b, "udp", side ? "127.0.0.1:33333 - 127.0.0.1:44444" :
					      "127.0.0.1:33334 - 127.0.0.1:44445", 1000);
		talk(map, a, b, "unix-dgram", side ? "@0001a" : "@0f123", 10);
		talk(map, a, b, "pty", side ? "/dev/pts/3" : "/dev/pts/4", 10);
		talk(map, a, b, "unix-stream", side ? "/tmp/app.31337/sock" : "/tmp/app.4711/sock", 10);
		talk(map, b, a, "unix-stream", side ? "/tmp/app.31337/sock" : "/tmp/app.4711/sock", 10);
	}
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	map_free(diff);
}

/* A port that was chosen by people is another connection. */
static void test_ports_count(void **state)
{
	struct map *before = map_make(30), *after = map_make(30), *diff;

	(void)state;
	talk(before, process(before, 1, "a", NULL), process(before, 2, "b", NULL), "tcp",
	     "127.0.0.1:5432", 1000);
	talk(after, process(after, 1, "a", NULL), process(after, 2, "b", NULL), "tcp",
	     "127.0.0.1:5433", 1000);
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 0, 1, 1, 0);
	map_free(diff);
}

/* Two programs of one interpreter, told apart by what they talk to. */
static void test_like_programs(void **state)
{
	struct map *before = map_make(30), *after = map_make(30), *diff;

	(void)state;
	for (int side = 0; side < 2; side++) {
		struct map *map = side ? after : before;
		size_t web = process(map, side ? 71 : 10, "python3", "app.service");
		size_t job = process(map, side ? 70 : 11, "python3", "app.service");
		size_t db = process(map, 12, "db", NULL), queue = process(map, 13, "queue", NULL);

		talk(map, web, db, "unix-stream", "/run/db", 100);
		talk(map, job, queue, "unix-stream", "/run/queue", 100);
		if (side)
			talk(map, process(map, 72, "python3", "app.service"),
			     process(map, 73, "mail", NULL), "unix-stream", "/run/mail", 100);
	}
	diff = compare(before, after);
	assert_counts(diff, 2, 0, 0, 1, 0, 0);
	assert_non_null(node_find(diff, "python3", CHANGE_ADDED));
	map_free(diff);
}

/* By hand, then by systemd: it is the only one of its name. */
static void test_moved(void **state)
{
	struct map *before = map_make(30), *after = map_make(30), *diff;
	size_t a;

	(void)state;
	a = process(before, 1, "tool", "session-3.scope");
	talk(before, a, process(before, 2, "b", "session-3.scope"), "pipe", NULL, 10);
	a = process(after, 1, "tool", "tool.service");
	talk(after, a, process(after, 2, "b", "session-7.scope"), "pipe", NULL, 10);
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 1, 0, 0, 0);
	assert_string_equal(node_find(diff, "tool", CHANGE_CHANGED)->was, "was in session-3.scope");
	map_free(diff);
}

/* The same program in two units, or two containers: two, in whatever order they come. */
static void test_scopes_are_apart(void **state)
{
	(void)state;
	for (int containers = 0; containers < 2; containers++) {
		struct map *before = map_make(30), *after = map_make(30), *diff;

		for (int side = 0; side < 2; side++) {
			struct map *map = side ? after : before;
			size_t db = process(map, 5, "db", NULL), queue = process(map, 6, "queue", NULL);
			size_t web = process(map, side ? 20 : 10, "app", containers ? NULL : "web.service");
			size_t job = process(map, side ? 19 : 11, "app", containers ? NULL : "job.service");

			if (containers) {
				map->nodes[web].container = strdup(side ? "docker:222222222222" : "docker:000000000000");
				map->nodes[job].container = strdup(side ? "docker:111111111111" : "docker:333333333333");
			}
			talk(map, web, db, "tcp", "10.0.0.1:5432", 5000);
			talk(map, job, queue, "tcp", "10.0.0.2:6379", 70);
		}
		/* Not paired by what they talk to, each edge would be gone, and another new. */
		diff = compare(before, after);
		assert_counts(diff, 0, 0, 0, 0, 0, 0);
		assert_int_equal(diff->node_count, 4);
		map_free(diff);
	}
}

/* One that appears in another unit, beside the first, is new. */
static void test_second_unit(void **state)
{
	struct map *before = map_make(30), *after = map_make(30), *diff;

	(void)state;
	talk(before, process(before, 1, "app", "web.service"), process(before, 2, "db", NULL), "tcp",
	     "10.0.0.1:5432", 100);
	talk(after, process(after, 3, "app", "web.service"), process(after, 2, "db", NULL), "tcp",
	     "10.0.0.1:5432", 100);
	talk(after, process(after, 1, "app", "job.service"), 1, "tcp", "10.0.0.1:5432", 100);
	diff = compare(before, after);
	assert_counts(diff, 1, 0, 0, 1, 0, 0);
	assert_string_equal(node_find(diff, "app", CHANGE_ADDED)->unit, "job.service");
	map_free(diff);
}

/* One executable that goes by several names is several programs. */
static void test_names(void **state)
{
	struct map *before = map_make(30), *after = map_make(30), *diff;

	(void)state;
	for (int side = 0; side < 2; side++) {
		struct map *map = side ? after : before;
		size_t web = process(map, 8 - side, "web", "app.service"), db = process(map, 2, "db", NULL);
		size_t job;

		talk(map, web, db, "tcp", "10.0.0.1:5432", 100);
		job = side ? process(map, 3, "job", "app.service") : web;
		free(map->nodes[web].exe);
		map->nodes[web].exe = strdup("/usr/bin/python3.11");
		if (!side)
			continue;
		free(map->nodes[job].exe);
		map->nodes[job].exe = strdup("/usr/bin/python3.11");
		talk(map, job, db, "tcp", "10.0.0.1:5432", 100);
	}
	diff = compare(before, after);
	assert_counts(diff, 1, 0, 0, 1, 0, 0);
	assert_non_null(node_find(diff, "job", CHANGE_ADDED));
	map_free(diff);
}

/* Who runs it tells two apart; alone, it is the same one, changed. */
static void test_users(void **state)
{
	struct map *before = pair(10, 1), *after = pair(10, 1), *diff;

	(void)state;
	before->nodes[0].uid = 0;
	after->nodes[0].uid = 1000;
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 1, 0, 0, 0);
	assert_string_equal(node_find(diff, "a", CHANGE_CHANGED)->was, "was of user 0");
	map_free(diff);
}

/* A master and its workers are one program; what they do tells them apart. */
static void test_roles(void **state)
{
	struct map *before = database(100, 2, 30), *after = database(200, 2, 30), *diff;

	(void)state;
	/* The master of the one came after its workers. */
	for (size_t i = 0; i < after->node_count; i++) {
		if (after->nodes[i].pid == 201)
			after->nodes[i].pid = 900;
		if (after->nodes[i].ppid == 201)
			after->nodes[i].ppid = 900;
	}
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	assert_int_equal(diff->node_count, 3);
	assert_string_equal(node_find(diff, "db", CHANGE_SAME)->role, "master");
	map_free(diff);
}

static void test_container_made_anew(void **state)
{
	struct map *before = pair(10, 1), *after = pair(10, 1), *diff;

	(void)state;
	before->nodes[0].container = strdup("docker:0123456789ab");
	after->nodes[0].container = strdup("docker:ba9876543210");
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	map_free(diff);
}

static void test_hubs(void **state)
{
	struct map *before = map_make(30), *after = map_make(30), *diff;

	(void)state;
	for (int side = 0; side < 2; side++) {
		struct map *map = side ? after : before;
		size_t pipe = sample_channel(map, "pipe", side ? "pipe:[77]" : "pipe:[5]", NULL);
		size_t a = process(map, 10 + side, "a", NULL), b = process(map, 20 + side, "b", NULL);
		size_t hub = (map_add_node(map)->kind = NODE_HUB, map->node_count - 1);

		map->nodes[hub].channel = pipe;
		sample_edge(map, a, hub, pipe, 3, 30)->attribution = ATTRIBUTION_HUB;
		sample_edge(map, hub, b, pipe, 3, 30)->attribution = ATTRIBUTION_HUB;
	}
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	assert_int_equal(diff->node_count, 3);
	map_free(diff);
}

static void assert_loose(const char *text, const char *expected)
{
	char *loose = key_loose(text);

	assert_string_equal(loose, expected);
	free(loose);
}

static void test_loose(void **state)
{
	(void)state;
	assert_loose("/usr/lib/postgresql/15/bin/postgres", "/usr/lib/postgresql/#/bin/postgres");
	assert_loose("/usr/bin/python3.11", "/usr/bin/python#");
	assert_loose("/opt/app-1.2.3/bin/app", "/opt/app-#/bin/app");
	assert_loose("/tmp/tmux.Ab3dE9/default", "/tmp/tmux.#/default");
	assert_loose("session-12.scope", "session-#.scope");
	assert_loose("/run/systemd/private", "/run/systemd/private");
	assert_loose("", "");
}

static void test_listens(void **state)
{
	char *key = key_listens("udp *:53, tcp 127.0.0.1:40000, tcp *:80, tcp *:80, unix /run/a:65000");

	(void)state;
	assert_string_equal(key, "tcp *:80, udp *:53, unix /run/a:65000");
	free(key);
	key = key_listens(NULL);
	assert_string_equal(key, "");
	free(key);
}

/* Several connections of the same two are one edge, from the first of them to the last. */
static void test_times(void **state)
{
	static const double times[][2] = { { 3, 4 }, { 0.5, 1 }, { 8, 9.5 } };
	struct map *before = map_make(10), *after = map_make(10), *diff;

	(void)state;
	for (int side = 0; side < 2; side++) {
		struct map *map = side ? after : before;
		size_t a = process(map, 1, "a", NULL), b = process(map, 2, "b", NULL);

		for (size_t i = 0; i < 3; i++) {
			talk(map, a, b, "tcp", "127.0.0.1:80", 1000);
			map->edges[i].first = times[i][0] * (side ? 1 : 0.5);
			map->edges[i].last = times[i][1];
		}
	}
	diff = compare(before, after);
	assert_int_equal(diff->edge_count, 1);
	assert_int_equal(diff->edges[0].bytes, 3000);
	assert_float_equal(diff->edges[0].first, 0.5, 0);
	assert_float_equal(diff->edges[0].last, 9.5, 0);
	map_free(diff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pids_do_not_count),
		cmocka_unit_test(test_first_workers),
		cmocka_unit_test(test_ephemeral_ports),
		cmocka_unit_test(test_ports_count),
		cmocka_unit_test(test_like_programs),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_scopes_are_apart),
		cmocka_unit_test(test_second_unit),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_container_made_anew),
		cmocka_unit_test(test_hubs),
		cmocka_unit_test(test_loose),
		cmocka_unit_test(test_listens),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
