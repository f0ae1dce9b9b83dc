// SPDX-License-Identifier: GPL-2.0-only
/* Which processes of two maps are the same, and what became of them. */
#include "sample.h"

#include "../../src/diff.h"
#include "../../src/diff_key.h"
#include "../../src/diff_text.h"
#include "../../src/style.h"
#include "../../src/view.h"

/* A map in the making: processes by name, edges between them. */
static struct map *map_make(double duration)
{
	struct map *map = sample_head();

	map->duration = duration;
	return map;
}

static size_t process(struct map *map, int64_t pid, const char *name, const char *unit)
{
	size_t i = sample_process(map, pid, (double)pid / 100 - 100, name);
	struct node *node = &map->nodes[i];

	if (asprintf(&node->exe, "/usr/bin/%s", name) < 0)
		fail();
	node->unit = unit ? strdup(unit) : NULL;
	return i;
}

static void talk(struct map *map, size_t from, size_t to, const char *mechanism, const char *name,
		 uint64_t bytes)
{
	char object[32];

	/* Other inodes in every map. */
	snprintf(object, sizeof(object), "socket:[%d]", rand());
	sample_edge(map, from, to, sample_channel(map, mechanism, object, name), 1 + bytes / 100, bytes);
}

static struct map *view_take(struct map *map)
{
	struct view_options options;
	struct view view;

	assert_int_equal(map_sort(map), 0);
	view_options_init(&options);
	assert_int_equal(view_new(map, &options, VIEW_RECORD, &view), 0);
	map_free(map);
	return view.map;
}

/* Frees both. */
static struct map *compare_at(struct map *before, struct map *after, double threshold)
{
	struct map *diff = NULL, *a = view_take(before), *b = view_take(after);

	assert_int_equal(diff_new(a, b, threshold, &diff), 0);
	map_free(a);
	map_free(b);
	return diff;
}

static struct map *compare(struct map *before, struct map *after)
{
	return compare_at(before, after, DIFF_THRESHOLD);
}

/* The node of that name and change; NULL: none. */
static const struct node *node_find(const struct map *diff, const char *name, enum change change)
{
	for (size_t i = 0; i < diff->node_count; i++) {
		if (diff->nodes[i].comm && !strcmp(diff->nodes[i].comm, name) &&
		    diff->nodes[i].change == change)
			return &diff->nodes[i];
	}
	return NULL;
}

static void assert_counts(const struct map *diff, size_t processes_added, size_t processes_removed,
			  size_t processes_changed, size_t added, size_t removed, size_t changed)
{
	struct diff_counts counts;
	struct graph graph;

	assert_int_equal(graph_new(diff, &graph), 0);
	counts = diff_count(&graph);
	graph_done(&graph);
	assert_int_equal(counts.processes[CHANGE_ADDED], processes_added);
	assert_int_equal(counts.processes[CHANGE_REMOVED], processes_removed);
	assert_int_equal(counts.processes[CHANGE_CHANGED], processes_changed);
	assert_int_equal(counts.edges[CHANGE_ADDED], added);
	assert_int_equal(counts.edges[CHANGE_REMOVED], removed);
	assert_int_equal(counts.edges[CHANGE_CHANGED], changed);
}

/* A database with a listener and clients: pids from so on, so many workers. */
static struct map *database(int64_t pid, size_t workers, double duration)
{
	struct map *map = map_make(duration);
	size_t client = process(map, pid, "client", "client.service");
	size_t master = process(map, pid + 1, "db", "db.service");

	map->nodes[master].listens = strdup("tcp *:5432");
	for (size_t i = 0; i < workers; i++) {
		size_t worker = process(map, pid + 2 + (int64_t)i, "db", "db.service");

		map->nodes[worker].ppid = pid + 1;
		talk(map, client, worker, "tcp", "127.0.0.1:5432", 1000);
		talk(map, worker, client, "tcp", "127.0.0.1:5432", 50000);
		talk(map, master, worker, "pipe", NULL, 10);
	}
	return map;
}

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

static void test_workers_are_a_class(void **state)
{
	struct map *diff = compare(database(100, 4, 30), database(200, 8, 30));
	const struct node *workers = node_find(diff, "db", CHANGE_CHANGED);
	char members[64];

	(void)state;
	assert_non_null(workers);
	assert_int_equal(workers->members_before, 4);
	assert_int_equal(workers->members, 8);
	assert_string_equal(diff_members(workers, members, sizeof(members)), "×4 → ×8");
	/* Twice the workers, twice the bytes over tcp and over the pipes. */
	assert_counts(diff, 0, 0, 1, 0, 0, 2);
	map_free(diff);
}

/* One more of four is less than the threshold: told, but no change. */
static void test_one_worker_more(void **state)
{
	struct map *diff = compare(database(100, 4, 30), database(200, 5, 30));

	(void)state;
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	map_free(diff);
	diff = compare_at(database(100, 4, 30), database(200, 5, 30), 10);
	assert_counts(diff, 0, 0, 1, 0, 0, 2);
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

static void test_upgrade(void **state)
{
	struct map *before = database(100, 2, 30), *after = database(200, 2, 30), *diff;

	(void)state;
	for (size_t i = 1; i < before->node_count; i++) {
		free(before->nodes[i].exe);
		free(after->nodes[i].exe);
		before->nodes[i].exe = strdup("/usr/lib/postgresql/15/bin/db (deleted)");
		after->nodes[i].exe = strdup("/usr/lib/postgresql/16.2/bin/db");
	}
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 2, 0, 0, 0);
	assert_string_equal(node_find(diff, "db", CHANGE_CHANGED)->was,
			    "was /usr/lib/postgresql/15/bin/db");
	map_free(diff);
	/* Replaced by the same path: the running one is still it. */
	before = database(100, 2, 30);
	free(before->nodes[0].exe);
	before->nodes[0].exe = strdup("/usr/bin/client (deleted)");
	diff = compare(before, database(100, 2, 30));
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	map_free(diff);
}

static void test_removed_listener(void **state)
{
	struct map *before = database(100, 2, 30), *diff;

	(void)state;
	free(before->nodes[1].listens);
	before->nodes[1].listens = strdup("tcp *:5432, tcp *:8080, tcp *:41234");
	diff = compare(before, database(200, 2, 30));
	assert_counts(diff, 0, 0, 1, 0, 0, 0);
	assert_string_equal(node_find(diff, "db", CHANGE_CHANGED)->was,
			    "no longer listens on tcp *:8080");
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

static void test_rates(void **state)
{
	struct map *diff = compare(database(100, 2, 30), database(200, 2, 60));
	struct graph graph;

	(void)state;
	assert_true(diff_is_rates(diff));
	/* The same bytes in twice the time: half the rate, which is more than 50 % less. */
	assert_counts(diff, 0, 0, 0, 0, 0, 2);
	assert_int_equal(graph_new(diff, &graph), 0);
	for (size_t i = 0; i < graph.line_count; i++) {
		const struct row *row = &graph.lines[i].rows[0];
		char amount[128];

		if (strcmp(row->mechanism, "tcp") == 0)
			assert_string_equal(diff_amount(diff, row, WAY_AGAINST, amount, sizeof(amount)),
					    "3.3 KiB/s → 1.6 KiB/s (÷2.0)");
	}
	graph_done(&graph);
	map_free(diff);
	diff = compare(database(100, 2, 30), database(200, 2, 30.2));
	assert_false(diff_is_rates(diff));
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	map_free(diff);
}

static struct map *pair(uint64_t bytes, uint64_t ops)
{
	struct map *map = map_make(30);
	size_t a = process(map, 1, "a", NULL), b = process(map, 2, "b", NULL);
	struct edge *edge = sample_edge(map, a, b, sample_channel(map, "pipe", "pipe:[1]", NULL), ops,
					bytes);

	(void)edge;
	return map;
}

static void assert_amount(struct map *diff, size_t changed, const char *expected)
{
	struct graph graph;
	char amount[128];

	assert_counts(diff, 0, 0, 0, 0, 0, changed);
	assert_int_equal(graph_new(diff, &graph), 0);
	assert_string_equal(diff_amount(diff, &graph.lines[0].rows[0], WAY_ALONG, amount,
					sizeof(amount)), expected);
	graph_done(&graph);
	map_free(diff);
}

static void test_thresholds(void **state)
{
	(void)state;
	assert_amount(compare(pair(1000, 1), pair(1500, 1)), 0, "×1 1.5 KiB");
	assert_amount(compare(pair(1000, 1), pair(1501, 1)), 1, "1.0 KiB → 1.5 KiB (×1.5)");
	assert_amount(compare(pair(1501, 1), pair(1000, 1)), 1, "1.5 KiB → 1.0 KiB (÷1.5)");
	assert_amount(compare_at(pair(1000, 1), pair(1001, 1), 0), 1, "1.0 KiB → 1.0 KiB (×1.00)");
	assert_amount(compare_at(pair(1000, 1), pair(1000, 1), 0), 0, "×1 1.0 KiB");
	assert_amount(compare_at(pair(100, 1), pair(10000, 1), 10000), 0, "×1 9.8 KiB");
	assert_amount(compare(pair(2202010, 1), pair(10276045, 1)), 1, "2.1 MiB → 9.8 MiB (×4.7)");
	/* Without bytes, operations. */
	assert_amount(compare(pair(0, 10), pair(0, 47)), 1, "×10 → ×47 (×4.7)");
	assert_amount(compare(pair(10, 10), pair(10, 47)), 0, "×47 10 B");
	assert_amount(compare(pair(0, 0), pair(5000, 47)), 1, "0 B → 4.9 KiB");
	assert_amount(compare(pair(5000, 47), pair(0, 0)), 1, "4.9 KiB → 0 B");
}

static void test_a_new_direction_is_no_connection(void **state)
{
	struct map *before = map_make(30), *after = map_make(30), *diff;
	size_t a = process(before, 1, "a", NULL), b = process(before, 2, "b", NULL);

	(void)state;
	talk(before, a, b, "unix-stream", "/run/x", 100);
	a = process(after, 1, "a", NULL);
	b = process(after, 2, "b", NULL);
	talk(after, a, b, "unix-stream", "/run/x", 100);
	talk(after, b, a, "unix-stream", "/run/x", 100);
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 0, 0, 0, 1);
	map_free(diff);
	/* A pipe the other way is another pipe. */
	before = pair(10, 1);
	after = pair(10, 1);
	talk(after, 1, 0, "pipe", NULL, 10);
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 0, 1, 0, 0);
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

/* What was not traced cannot be new. */
static void test_not_traced_before(void **state)
{
	struct map *before = pair(10, 1), *after = pair(10, 1), *diff;

	(void)state;
	free(after->completeness.mechanisms[1].state);
	after->completeness.mechanisms[1].state = strdup("traced");
	talk(after, 0, 1, "udp", "127.0.0.1:53", 10);
	diff = compare(before, after);
	assert_counts(diff, 0, 0, 0, 0, 0, 0);
	assert_string_equal(diff->comparison->caveat, "not compared: udp (not traced before)");
	map_free(diff);
	/* Nor can a process that did nothing else, whichever of the maps has it. */
	before = pair(10, 1);
	after = pair(10, 1);
	free(after->completeness.mechanisms[1].state);
	after->completeness.mechanisms[1].state = strdup("traced");
	process(before, 3, "c", NULL);
	talk(after, process(after, 3, "c", NULL), process(after, 4, "d", NULL), "udp", "127.0.0.1:53", 10);
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

static struct map *sample_diff(void)
{
	struct map *before = database(100, 2, 30), *after = database(200, 8, 30);

	talk(before, 0, process(before, 50, "old", NULL), "unix-stream", "/run/old", 10);
	talk(after, 0, process(after, 51, "new", NULL), "unix-stream", "/run/new", 10);
	return compare(before, after);
}

static void test_only_changes(void **state)
{
	struct map *diff = sample_diff(), *changes = NULL;

	(void)state;
	assert_int_equal(diff_changes(diff, &changes), 0);
	assert_true(changes->edge_count < diff->edge_count || changes->edge_count > 0);
	for (size_t i = 0; i < changes->edge_count; i++)
		assert_true(changes->edges[i].change > CHANGE_SAME);
	map_free(changes);
	map_free(diff);
	diff = compare(database(100, 2, 30), database(100, 2, 30));
	assert_int_equal(diff_changes(diff, &changes), 0);
	assert_int_equal(changes->edge_count, 0);
	assert_int_equal(changes->node_count, 0);
	map_free(changes);
	map_free(diff);
}

/* Written, read, written: the same; and a reader of maps would not take it for one. */
static void test_json(void **state)
{
	struct map *diff = sample_diff(), *again = NULL;
	struct emitted once = sample_emit(diff, "json"), twice;
	char *error = NULL;

	(void)state;
	assert_non_null(strstr(once.data, "\"format\": \"ipcmap-diff\""));
	/* Frames around nodes are a view's: no record has them. */
	for (size_t i = 0; i < diff->node_count; i++) {
		free(diff->nodes[i].cluster);
		diff->nodes[i].cluster = NULL;
	}
	assert_int_equal(map_from_json(once.data, once.size, &again, &error), 0);
	twice = sample_emit(again, "json");
	assert_string_equal(once.data, twice.data);
	emitted_done(&once);
	emitted_done(&twice);
	once = sample_emit(diff, "dot");
	twice = sample_emit(again, "dot");
	assert_string_equal(once.data, twice.data);
	assert_non_null(strstr(once.data, "class=\"process added\""));
	assert_non_null(strstr(once.data, "class=\"unix-stream removed\""));
	emitted_done(&once);
	emitted_done(&twice);
	map_free(again);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pids_do_not_count),
		cmocka_unit_test(test_workers_are_a_class),
		cmocka_unit_test(test_one_worker_more),
		cmocka_unit_test(test_first_workers),
		cmocka_unit_test(test_upgrade),
		cmocka_unit_test(test_removed_listener),
		cmocka_unit_test(test_ephemeral_ports),
		cmocka_unit_test(test_ports_count),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_thresholds),
		cmocka_unit_test(test_a_new_direction_is_no_connection),
		cmocka_unit_test(test_like_programs),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_scopes_are_apart),
		cmocka_unit_test(test_second_unit),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_container_made_anew),
		cmocka_unit_test(test_not_traced_before),
		cmocka_unit_test(test_hubs),
		cmocka_unit_test(test_only_changes),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_loose),
		cmocka_unit_test(test_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
