// SPDX-License-Identifier: GPL-2.0-only
/* From a map to what is drawn of it: nothing is lost without being said. */
#include "mechanism.h"
#include "random_map.h"
#include "view.h"

static struct view view(const struct map *map, const struct view_options *options,
			enum view_purpose purpose)
{
	struct view view;

	assert_int_equal(view_new(map, options, purpose, &view), 0);
	return view;
}

static void options_random(struct view_options *options, uint64_t seed, const char **globs)
{
	view_options_init(options);
	random_state = seed * 31 + 5;
	options->group = random_below(3) ? GROUP_PROCESS : (enum group_by)random_below(GROUPS);
	options->cluster = (enum cluster_by)random_below(CLUSTERS);
	options->no_fold = random_below(3) == 0;
	options->all = random_below(3) == 0;
	options->by_ops = random_below(2);
	options->only = random_below(3) ? 0 : 1 + (uint32_t)random_below(1 << IPC_MECHANISMS);
	options->hops = (unsigned)random_below(4);
	options->top = random_below(2) ? 0 : random_below(30);
	options->min_bytes = random_below(3) ? 0 : random_below(100000);
	options->min_ops = random_below(3) ? 0 : random_below(100);
	if (random_below(4) == 0) {
		options->focus = globs;
		options->focus_count = 1 + random_below(2);
	}
	if (random_below(3) == 0) {
		options->hide = globs + 2;
		options->hide_count = 1 + random_below(2);
	}
}

/* What is shown and what was left out add up to the map's figures. */
static void assert_conserved(const struct map *map, const struct view *v)
{
	struct view_totals all = view_count(map), shown = view_count(v->map);

	assert_true(shown.bytes == v->shown.bytes && shown.processes == v->shown.processes);
	assert_true(all.ops == shown.ops + v->left_out.ops);
	assert_true(all.bytes == shown.bytes + v->left_out.bytes);
	assert_true(all.received_ops == shown.received_ops + v->left_out.received_ops);
	assert_true(all.received_bytes == shown.received_bytes + v->left_out.received_bytes);
	assert_int_equal(all.processes, shown.processes + v->left_out.processes);
	/* Folded edges are fewer; left out, never more than there were. */
	assert_true(shown.edges + v->left_out.edges <= all.edges);
	assert_int_equal(v->map->note != NULL, v->left_out.edges > 0 || v->left_out.processes > 0);
}

static void assert_sound(const struct map *map)
{
	for (size_t i = 0; i < map->node_count; i++) {
		assert_non_null(map->nodes[i].id);
		if (map->nodes[i].kind == NODE_HUB)
			assert_true(map->nodes[i].channel < map->channel_count);
		for (size_t j = 0; j < i && map->node_count < 40; j++)
			assert_string_not_equal(map->nodes[i].id, map->nodes[j].id);
	}
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct edge *edge = &map->edges[i];

		assert_true(edge->src < map->node_count && edge->dst < map->node_count);
		assert_true(edge->channel == MAP_NO_CHANNEL || edge->channel < map->channel_count);
		assert_true(edge->first <= edge->last || edge->first > 0);
	}
}

/* The record of a view reads back as the same view. */
static void assert_round_trip(const struct map *map)
{
	struct emitted first = sample_emit(map, "json"), second;
	struct map *read = NULL;
	char *error = NULL;

	if (map_from_json(first.data, first.size, &read, &error))
		fail_msg("%s", error);
	second = sample_emit(read, "json");
	assert_int_equal(first.size, second.size);
	assert_memory_equal(first.data, second.data, first.size);
	emitted_done(&first);
	emitted_done(&second);
	map_free(read);
}

static void test_conserved(void **state)
{
	const char *globs[] = { "nginx", "1*", "cat", "*:80" };
	size_t noted = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct map *map = random_map(seed, 2 + seed % 90, (seed * 7) % 200);
		enum view_purpose purpose = seed % 2 ? VIEW_DRAWING : VIEW_RECORD;
		struct view_options options;
		struct view first, second;
		struct emitted one, other;

		options_random(&options, seed, globs);
		first = view(map, &options, purpose);
		assert_conserved(map, &first);
		assert_sound(first.map);
		assert_round_trip(first.map);
		noted += first.map->note != NULL;

		second = view(map, &options, purpose);
		one = sample_emit(first.map, "dot");
		other = sample_emit(second.map, "dot");
		assert_int_equal(one.size, other.size);
		assert_memory_equal(one.data, other.data, one.size);
		emitted_done(&one);
		emitted_done(&other);
		view_done(&first);
		view_done(&second);
		map_free(map);
	}
	assert_true(noted > 200 && noted < 900);
}

/* Without options, a small map of different processes is drawn as it is. */
static void test_untouched(void **state)
{
	struct map *map = sample_map();
	struct view_options options;
	struct view v;
	struct emitted a, b;

	(void)state;
	view_options_init(&options);
	assert_false(view_options_select(&options));
	v = view(map, &options, VIEW_DRAWING);
	assert_null(v.map->note);
	a = sample_emit(map, "json");
	b = sample_emit(v.map, "json");
	assert_string_equal(a.data, b.data);
	emitted_done(&a);
	emitted_done(&b);
	view_done(&v);
	map_free(map);
}

/* A chain of so many processes, each a program of its own. */
static struct map *chain(size_t length)
{
	struct map *map = sample_head();
	char comm[32];

	for (size_t i = 0; i < length; i++) {
		snprintf(comm, sizeof(comm), "p%zu", i);
		sample_process(map, 10 + (int64_t)i, (double)i, comm);
	}
	for (size_t i = 1; i < length; i++)
		sample_edge(map, i - 1, i, sample_channel(map, "pipe", NULL, NULL), 1, i < 50 ? 1 : 1000);
	assert_int_equal(map_sort(map), 0);
	return map;
}

static const char *note(const struct map *map, const struct view_options *options,
			enum view_purpose purpose)
{
	static char text[256];
	struct view v = view(map, options, purpose);

	snprintf(text, sizeof(text), "%s", v.map->note ? v.map->note : "");
	view_done(&v);
	return text;
}

static void test_note(void **state)
{
	struct map *map = chain(100), *none = chain(2);
	struct view_options options;

	(void)state;
	view_options_init(&options);
	assert_string_equal(note(map, &options, VIEW_DRAWING),
			    "60 of 100 processes, > 99.9 % of bytes; --all draws everything");
	/* A record is not trimmed unless it was asked for. */
	assert_string_equal(note(map, &options, VIEW_RECORD), "");
	options.all = true;
	assert_string_equal(note(map, &options, VIEW_DRAWING), "");
	options.top = 1;
	assert_string_equal(note(map, &options, VIEW_RECORD),
			    "2 of 100 processes, 2.0 % of bytes (--top 1)");
	options.by_ops = true;
	assert_string_equal(note(map, &options, VIEW_RECORD),
			    "2 of 100 processes, 1.0 % of operations (--top 1 --by ops)");
	options = (struct view_options){ .focus = (const char *[]){ "p3", "no\033body" },
					 .focus_count = 2, .hops = 2, .only = 1 << IPC_PIPE };
	assert_string_equal(note(map, &options, VIEW_DRAWING),
			    "5 of 100 processes, < 0.1 % of bytes "
			    "(--focus p3 --focus no\\x1bbody --hops 2 --only pipe)");
	options = (struct view_options){ .min_bytes = 5000, .hide = (const char *[]){ "x" },
					 .hide_count = 1 };
	assert_string_equal(note(none, &options, VIEW_DRAWING),
			    "0 of 2 processes, 0.0 % of bytes (--hide x --min-bytes 5000)");
	map_free(none);
	map_free(map);
}

/* What a part of a record leaves out is said together with what that part left out. */
static void test_note_of_note(void **state)
{
	struct map *map = chain(20);
	struct view part = view(map, &(struct view_options){ .top = 4 }, VIEW_RECORD);

	(void)state;
	assert_string_equal(note(part.map, &(struct view_options){ .top = 1 }, VIEW_DRAWING),
			    "5 of 20 processes, 21.1 % of bytes (--top 4); "
			    "of these 2 of 5 processes, 25.0 % of bytes (--top 1)");
	view_done(&part);
	map_free(map);
}

/* Who is asked for by pid is not lost among its like; who is not found leaves nothing. */
static void test_focus(void **state)
{
	struct map *map = sample_head();
	size_t server = sample_process(map, 10, 1, "server");
	struct view_options options = { .focus_count = 1 };
	struct view v;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		size_t worker = sample_process(map, 20 + (int64_t)i, 2, "worker");

		sample_edge(map, worker, server, sample_channel(map, "pipe", NULL, NULL), 1, 10);
	}
	assert_int_equal(map_sort(map), 0);
	options.focus = (const char *[]){ "22" };
	options.hops = 2;
	v = view(map, &options, VIEW_DRAWING);
	assert_int_equal(v.map->node_count, 3);
	assert_null(v.map->note);
	view_done(&v);
	options.focus = (const char *[]){ "worker" };
	v = view(map, &options, VIEW_DRAWING);
	assert_int_equal(v.map->node_count, 2);
	view_done(&v);
	options.focus = (const char *[]){ "nobody" };
	v = view(map, &options, VIEW_DRAWING);
	assert_int_equal(v.map->node_count, 0);
	assert_non_null(v.map->note);
	view_done(&v);
	map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conserved),    cmocka_unit_test(test_untouched),
		cmocka_unit_test(test_note),	     cmocka_unit_test(test_note_of_note),
		cmocka_unit_test(test_focus),
	};

	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
