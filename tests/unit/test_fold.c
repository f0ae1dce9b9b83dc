// SPDX-License-Identifier: GPL-2.0-only
/* Folding: what becomes one node, and what must not. */
#include "fold_sample.h"

/* redis, and nginx with so many workers that talk to it. */
static struct map *shop(size_t workers)
{
	struct map *map = sample_head();
	size_t redis = process(map, 10, 1, "redis"), master = process(map, 20, 1, "nginx");

	for (size_t i = 0; i < workers; i++) {
		size_t worker = process(map, 21 + (int64_t)i, 20, "nginx");

		talk(map, master, worker, "unix-stream", NULL);
		talk(map, worker, redis, "tcp", "127.0.0.1:6379");
		talk(map, redis, worker, "tcp", "127.0.0.1:6379");
	}
	return map;
}

/* A server's own port is shown, whoever chose it; a client's, one of several, is not. */
static void test_listened(void **state)
{
	static const char *const listens[] = { "tcp 127.0.0.1:50051", "tcp 127.0.0.1:500511", NULL };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct map *map = sample_head();
		size_t server = process(map, 10, 1, "server");
		size_t clients[] = { process(map, 20, 1, "client"), process(map, 21, 1, "client") };
		struct map *folded;

		map->nodes[server].listens = listens[i] ? strdup(listens[i]) : NULL;
		for (size_t j = 0; j < 2; j++)
			talk(map, clients[j], server, "tcp", "127.0.0.1:50051");
		folded = fold(map, NULL);
		assert_int_equal(folded->node_count, 2);
		if (i == 0)
			assert_string_equal(folded->channels[0].name, "127.0.0.1:50051");
		else
			assert_null(folded->channels[0].name);
		map_free(folded);
	}
}

static void test_workers(void **state)
{
	struct map *map = fold(shop(8), NULL);
	const struct node *master = find(map, "nginx", 0), *workers = find(map, "nginx", 1);
	size_t channels = 0;

	(void)state;
	assert_int_equal(map->node_count, 3);
	assert_int_equal(node_members(master), 1);
	assert_string_equal(master->role, "master");
	assert_int_equal(workers->members, 8);
	assert_string_equal(workers->role, "worker");
	assert_string_equal(workers->pids, "21, 22, 23, 24, 25, 26, 27, 28");
	assert_string_equal(workers->exe, "/usr/bin/nginx");
	assert_int_equal(workers->pid, 21);
	assert_int_equal(workers->ppid, 20);
	/* The first one's id: stable when another worker joins. */
	assert_string_equal(workers->id, "p3");
	for (size_t i = 0; i < map->channel_count; i++)
		channels += !strcmp(map->channels[i].mechanism, "tcp");
	assert_int_equal(channels, 16);
	map_free(map);
}

static void test_other_place(void **state)
{
	struct map *map = shop(8);
	size_t odd = 5, other = process(map, 99, 1, "other");

	(void)state;
	/* Another name, direction, mechanism or neighbour is another place. */
	talk(map, odd, other, "pipe", NULL);
	map = fold(map, NULL);
	assert_int_equal(count_of(map, "nginx"), 3);
	map_free(map);

	map = shop(2);
	talk(map, 2, 0, "unix-stream", "/run/a");
	talk(map, 3, 0, "unix-stream", "/run/b");
	map = fold(map, NULL);
	assert_int_equal(count_of(map, "nginx"), 3);
	map_free(map);

	map = shop(2);
	talk(map, 2, 0, "unix-stream", "/run/a");
	talk(map, 0, 3, "unix-stream", "/run/a");
	map = fold(map, NULL);
	assert_int_equal(count_of(map, "nginx"), 3);
	map_free(map);

	/* But not a number that the system chose, nor how much moved. */
	map = shop(2);
	talk(map, 2, 0, "udp", "127.0.0.1:40001");
	talk(map, 3, 0, "udp", "127.0.0.1:40002");
	talk(map, 3, 0, "udp", "127.0.0.1:40003");
	map = fold(map, NULL);
	assert_int_equal(count_of(map, "nginx"), 2);
	for (size_t i = 0; i < map->channel_count; i++)
		assert_true(strcmp(map->channels[i].mechanism, "udp") || !map->channels[i].name);
	map_free(map);
}

static void test_look(void **state)
{
	static const char *const fields[] = { "comm", "exe", "unit", "container", "uid", "listens",
					      "ppid", "kthread" };

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct map *map = shop(2);
		struct node *node = &map->nodes[3];
		char **texts[] = { &node->comm, &node->exe, &node->unit, &node->container, NULL,
				   &node->listens };

		if (!strcmp(fields[i], "uid"))
			node->uid = 7;
		else if (!strcmp(fields[i], "ppid"))
			node->ppid = 10;
		else if (!strcmp(fields[i], "kthread"))
			node->kthread = true;
		else {
			free(*texts[i]);
			*texts[i] = strdup("another");
		}
		map = fold(map, NULL);
		if (map->node_count != 4)
			fail_msg("folded in spite of another %s", fields[i]);
		map_free(map);
	}
}

/* A parent that is not in the map tells nothing: its pid is that of a shell that is gone. */
static void test_parents_gone(void **state)
{
	struct map *map = sample_head();
	size_t server = process(map, 10, 1, "Xvfb");

	(void)state;
	talk(map, server, process(map, 21, 20, "xkbcomp"), "pipe", NULL);
	talk(map, server, process(map, 31, 30, "xkbcomp"), "pipe", NULL);
	/* One whose parent is known is another's child. */
	talk(map, server, process(map, 41, 10, "xkbcomp"), "pipe", NULL);
	map = fold(map, NULL);
	assert_int_equal(map->node_count, 3);
	assert_int_equal(find(map, "xkbcomp", 0)->members, 2);
	assert_string_equal(find(map, "xkbcomp", 0)->pids, "21, 31");
	map_free(map);
}

/* A bus forks for each service that it starts: the forks are alike, the services are not. */
static void test_activated(void **state)
{
	static const char *const services[] = { "dconf-service", "gvfsd", "gvfsd-metadata", "gvfsd" };
	struct map *map = sample_head();
	size_t bus = process(map, 10, 1, "dbus-daemon");

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		size_t fork = process(map, 20 + 2 * (int64_t)i, 10, "dbus-daemon");

		talk(map, fork, bus, "unix-stream", NULL);
		talk(map, process(map, 21 + 2 * (int64_t)i, 20 + 2 * (int64_t)i, services[i]), bus,
		     "unix-stream", "/run/bus");
	}
	map = fold(map, NULL);
	assert_int_equal(count_of(map, "dbus-daemon"), 2);
	assert_int_equal(find(map, "dbus-daemon", 1)->members, 4);
	assert_int_equal(find(map, "gvfsd", 0)->members, 2);
	assert_int_equal(map->node_count, 5);
	map_free(map);
}

static void test_other_kinds(void **state)
{
	struct map *map = sample_head();
	size_t a = process(map, 10, 1, "a"), b = process(map, 11, 1, "b");

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		size_t hub = (map_add_node(map)->kind = NODE_HUB, map->node_count - 1);
		size_t outside = (map_add_node(map)->kind = NODE_EXTERNAL, map->node_count - 1);
		size_t thread = process(map, 50 + (int64_t)i, 2, "kworker/0:1");
		size_t pipe = sample_channel(map, "pipe", "pipe:[1]", NULL);

		map->nodes[thread].comm[10] = (char)('0' + i);
		map->nodes[thread].kthread = true;
		free(map->nodes[thread].exe);
		map->nodes[thread].exe = NULL;
		map->nodes[hub].channel = pipe;
		map->nodes[outside].address = strdup(i ? "192.0.2.1" : "192.0.2.2");
		sample_edge(map, a, hub, pipe, 1, 10)->attribution = ATTRIBUTION_HUB;
		sample_edge(map, hub, b, pipe, 1, 10)->attribution = ATTRIBUTION_HUB;
		talk(map, a, outside, "tcp", "*:80");
		sample_edge(map, thread, a, MAP_NO_CHANNEL, 1, 0)->signal = strdup("SIGIO");
	}
	map = fold(map, NULL);
	assert_int_equal(map->node_count, 5);
	for (size_t i = 0; i < map->node_count; i++) {
		const struct node *node = &map->nodes[i];

		if (node->kind == NODE_HUB || node->kind == NODE_EXTERNAL || node->kthread)
			assert_int_equal(node->members, 3);
		if (node->kind == NODE_EXTERNAL)
			assert_string_equal(node->name, "3 hosts");
		if (node->kthread)
			assert_string_equal(node->name, "[kworker]");
	}
	map_free(map);
}

static void test_pinned(void **state)
{
	bool pinned[10] = { [4] = true };
	struct map *map = fold(shop(8), pinned);

	(void)state;
	assert_int_equal(count_of(map, "nginx"), 3);
	assert_int_equal(find(map, "nginx", 1)->members, 7);
	assert_int_equal(node_members(find(map, "nginx", 2)), 1);
	map_free(map);
}

/* One of eight workers had something to log. */
static void test_sink_does_not_count(void **state)
{
	struct map *map = shop(8);
	size_t journal = process(map, 5, 1, "journald");

	(void)state;
	talk(map, 4, journal, "unix-dgram", "/dev/log");
	map->nodes[journal].sink = true;
	map = fold(map, NULL);
	assert_int_equal(count_of(map, "nginx"), 2);
	map_free(map);
}

static void test_parents(void **state)
{
	struct map *map = sample_head();
	size_t *parents;

	(void)state;
	/* pid 10 was used twice. */
	sample_process(map, 10, 0, "old");
	sample_process(map, 10, 100, "new");
	sample_process(map, 20, 50, "child of old");
	sample_process(map, 21, 150, "child of new");
	sample_process(map, 22, -1, "orphan of who knows whom");
	sample_process(map, 1, -100, "itself");
	for (size_t i = 2; i < 5; i++)
		map->nodes[i].ppid = 10;
	parents = parents_find(map);
	assert_non_null(parents);
	assert_int_equal(parents[0], 5);
	assert_int_equal(parents[2], 0);
	assert_int_equal(parents[3], 1);
	assert_true(parents[4] == MAP_NO_PARENT);
	assert_true(parents[5] == MAP_NO_PARENT);
	free(parents);
	map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listened),
		cmocka_unit_test(test_workers),
		cmocka_unit_test(test_other_place),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_pinned),
		cmocka_unit_test(test_sink_does_not_count),
		cmocka_unit_test(test_parents),
		cmocka_unit_test(test_parents_gone),
		cmocka_unit_test(test_activated),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
