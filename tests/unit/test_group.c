// SPDX-License-Identifier: GPL-2.0-only
/* Groups of processes, and the frames around nodes. */
#include "group.h"
#include "random_map.h"
#include "view.h"

static size_t process(struct map *map, const char *comm, const char *exe, const char *unit,
		      const char *container, int64_t uid)
{
	size_t i = sample_process(map, 10 + (int64_t)map->node_count, 1, comm);

	map->nodes[i].exe = exe ? strdup(exe) : NULL;
	map->nodes[i].unit = unit ? strdup(unit) : NULL;
	map->nodes[i].container = container ? strdup(container) : NULL;
	map->nodes[i].uid = uid;
	return i;
}

/* Two nginx and a shell of one unit, a container, something of no unit, a kernel thread. */
static struct map *machine(void)
{
	struct map *map = sample_head();
	size_t a = process(map, "nginx", "/usr/sbin/nginx", "nginx.service", NULL, 0);
	size_t b = process(map, "nginx", "/opt/bin/nginx", "nginx.service", NULL, 33);
	size_t c = process(map, "sh", "/bin/dash", "nginx.service", NULL, 33);
	size_t d = process(map, "sh", "/bin/dash", "docker.service", "docker:0123456789ab", 0);
	size_t e = process(map, "stray", NULL, NULL, NULL, -1);
	size_t k = process(map, "kworker/0:1", NULL, NULL, NULL, 0);
	size_t pipe = sample_channel(map, "pipe", "pipe:[1]", NULL);
	size_t other = sample_channel(map, "pipe", "pipe:[2]", NULL);

	map->nodes[k].kthread = true;
	sample_edge(map, a, b, pipe, 1, 10);
	sample_edge(map, a, c, pipe, 2, 20);
	sample_edge(map, b, d, other, 3, 30);
	sample_edge(map, d, e, other, 4, 40);
	sample_edge(map, a, d, MAP_NO_CHANNEL, 5, 0)->signal = strdup("SIGHUP");
	sample_edge(map, b, d, MAP_NO_CHANNEL, 6, 0)->signal = strdup("SIGHUP");
	sample_edge(map, b, d, MAP_NO_CHANNEL, 7, 0)->signal = strdup("SIGTERM");
	sample_edge(map, k, a, MAP_NO_CHANNEL, 8, 0)->signal = strdup("SIGIO");
	assert_int_equal(map_sort(map), 0);
	return map;
}

static const struct node *named(const struct map *map, const char *name)
{
	for (size_t i = 0; i < map->node_count; i++) {
		if (map->nodes[i].name && !strcmp(map->nodes[i].name, name))
			return &map->nodes[i];
	}
	fail_msg("there is no group %s", name);
	return NULL;
}

static struct map *group(enum group_by by)
{
	struct map *map = machine(), *grouped;
	struct view_totals before = view_count(map), after;

	assert_int_equal(group_map(map, by, &grouped), 0);
	after = view_count(grouped);
	assert_true(before.bytes == after.bytes && before.ops == after.ops);
	assert_int_equal(before.processes, after.processes);
	map_free(map);
	return grouped;
}

static void test_groups(void **state)
{
	static const struct {
		enum group_by by;
		size_t nodes;
		const char *name;
		size_t members;
	} rows[] = {
		{ GROUP_COMM, 4, "nginx", 2 },
		{ GROUP_EXE, 5, "dash", 2 },
		{ GROUP_UNIT, 4, "nginx.service", 3 },
		{ GROUP_UNIT, 4, "no unit", 1 },
		{ GROUP_CONTAINER, 3, "docker:0123456789ab", 1 },
		{ GROUP_CONTAINER, 3, "no container", 4 },
		{ GROUP_CONTAINER, 3, "kernel threads", 1 },
		{ GROUP_USER, 4, "root", 2 },
		{ GROUP_USER, 4, "uid 33", 2 },
		{ GROUP_CGROUP, 2, "unknown cgroup", 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct map *map = group(rows[i].by);

		assert_int_equal(map->node_count, rows[i].nodes);
		assert_int_equal(node_members(named(map, rows[i].name)), rows[i].members);
		map_free(map);
	}
}

/* What the members share stays; the rest is not known of the group. */
static void test_common(void **state)
{
	struct map *map = group(GROUP_UNIT);
	const struct node *nginx = named(map, "nginx.service");

	(void)state;
	assert_string_equal(nginx->unit, "nginx.service");
	assert_null(nginx->comm);
	assert_null(nginx->exe);
	assert_int_equal(nginx->uid, -1);
	assert_int_equal(nginx->pid, 10);
	assert_string_equal(nginx->pids, "10, 11, 12");
	assert_string_equal(nginx->id, "p1");
	map_free(map);
}

static void test_edges_add_up(void **state)
{
	struct map *map = group(GROUP_UNIT);
	size_t hups = 0, loops = 0;

	(void)state;
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];

		if (edge->signal && !strcmp(edge->signal, "SIGHUP")) {
			assert_int_equal(edge->ops, 11);
			hups++;
		}
		if (edge->src == edge->dst) {
			assert_int_equal(edge->bytes, 30);
			assert_int_equal(edge->ops, 3);
			loops++;
		}
	}
	assert_int_equal(hups, 1);
	assert_int_equal(loops, 1);
	map_free(map);
}

static void test_grouped_again(void **state)
{
	struct map *map = group(GROUP_COMM), *again;

	(void)state;
	assert_int_equal(group_map(map, GROUP_COMM, &again), 0);
	assert_int_equal(again->node_count, map->node_count);
	assert_int_equal(node_members(named(again, "nginx")), 2);
	map_free(map);
	map_free(again);
}

static void assert_cluster(const struct map *map, size_t i, const char *cluster,
			   enum cluster_kind kind)
{
	if (!cluster)
		assert_null(map->nodes[i].cluster);
	else
		assert_string_equal(map->nodes[i].cluster, cluster);
	assert_int_equal(map->nodes[i].cluster_kind, kind);
}

static void test_clusters(void **state)
{
	struct map *map = machine();

	(void)state;
	assert_int_equal(cluster_map(map, CLUSTER_BY_AUTO), 0);
	assert_cluster(map, 0, "nginx.service", CLUSTER_UNIT);
	assert_cluster(map, 3, "docker:0123456789ab", CLUSTER_CONTAINER);
	assert_cluster(map, 4, NULL, CLUSTER_NONE);
	assert_int_equal(cluster_map(map, CLUSTER_BY_UNIT), 0);
	assert_cluster(map, 3, "docker.service", CLUSTER_UNIT);
	assert_int_equal(cluster_map(map, CLUSTER_BY_CONTAINER), 0);
	assert_cluster(map, 0, NULL, CLUSTER_NONE);
	assert_cluster(map, 3, "docker:0123456789ab", CLUSTER_CONTAINER);
	assert_int_equal(cluster_map(map, CLUSTER_BY_USER), 0);
	assert_cluster(map, 0, "root", CLUSTER_USER);
	assert_cluster(map, 1, "uid 33", CLUSTER_USER);
	assert_int_equal(cluster_map(map, CLUSTER_BY_NONE), 0);
	for (size_t i = 0; i < map->node_count; i++)
		assert_cluster(map, i, NULL, CLUSTER_NONE);
	map_free(map);

	/* nginx.service in a frame nginx.service says it twice. */
	map = group(GROUP_UNIT);
	assert_int_equal(cluster_map(map, CLUSTER_BY_AUTO), 0);
	assert_null(named(map, "nginx.service")->cluster);
	map_free(map);
}

/* A hub is where all of its users are, if they are in one place. */
static void test_hub_clusters(void **state)
{
	static const char *const units[][2] = {
		{ "a.service", "a.service" }, { "a.service", "b.service" },
		{ "a.service", NULL },	      { NULL, "a.service" },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct map *map = sample_head();
		size_t a = process(map, "a", NULL, units[i][0], NULL, 0);
		size_t b = process(map, "b", NULL, units[i][1], NULL, 0);
		size_t hub = (map_add_node(map)->kind = NODE_HUB, map->node_count - 1);
		size_t pipe = sample_channel(map, "pipe", "pipe:[1]", NULL);

		map->nodes[hub].channel = pipe;
		sample_edge(map, a, hub, pipe, 1, 10)->attribution = ATTRIBUTION_HUB;
		sample_edge(map, hub, b, pipe, 1, 10)->attribution = ATTRIBUTION_HUB;
		assert_int_equal(cluster_map(map, CLUSTER_BY_AUTO), 0);
		assert_cluster(map, hub, i ? NULL : "a.service", i ? CLUSTER_NONE : CLUSTER_UNIT);
		map_free(map);
	}
}

static void test_random(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct map *map = random_map(seed, 2 + seed % 30, seed % 70), *grouped;
		enum group_by by = (enum group_by)(seed % GROUPS);
		struct view_totals before = view_count(map), after;

		assert_int_equal(group_map(map, by, &grouped), 0);
		after = view_count(grouped);
		assert_true(before.bytes == after.bytes && before.ops == after.ops);
		assert_true(before.received_bytes == after.received_bytes);
		assert_int_equal(before.processes, after.processes);
		assert_int_equal(cluster_map(grouped, (enum cluster_by)(seed % CLUSTERS)), 0);
		if (by == GROUP_PROCESS)
			assert_int_equal(grouped->node_count, map->node_count);
		map_free(map);
		map_free(grouped);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups),	      cmocka_unit_test(test_common),
		cmocka_unit_test(test_edges_add_up),  cmocka_unit_test(test_grouped_again),
		cmocka_unit_test(test_clusters),      cmocka_unit_test(test_hub_clusters),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
