// SPDX-License-Identifier: GPL-2.0-only
/* Windows as films: the frames of a view add up to it, and a node is the same in all. */
#include "cast.h"
#include "film.h"
#include "pattern.h"
#include "places.h"
#include "random_map.h"
#include "reel.h"
#include "view.h"

/* Cuts the window into frames, and each edge's figures into shares of some of them. */
static void frames_make(struct map *map, size_t count)
{
	for (size_t k = 0; k < count; k++) {
		struct frame *frame = map_add_frame(map);

		assert_non_null(frame);
		*frame = (struct frame){ map->duration * (double)k / (double)count,
					 map->duration * (double)(k + 1) / (double)count };
	}
	for (size_t i = 0; i < map->edge_count; i++) {
		struct edge *edge = &map->edges[i];
		struct edge_step left = { .ops = edge->ops, .bytes = edge->bytes,
					  .received_ops = edge->received_ops,
					  .received_bytes = edge->received_bytes };

		for (size_t k = 0; k < count; k++) {
			bool last = k + 1 == count;
			struct edge_step step = { .frame = k };

			step.ops = last ? left.ops : random_below(left.ops + 1);
			step.bytes = last ? left.bytes : random_below(left.bytes + 1);
			step.received_ops = last ? left.received_ops : random_below(left.received_ops + 1);
			step.received_bytes = last ? left.received_bytes : random_below(left.received_bytes + 1);
			left.ops -= step.ops;
			left.bytes -= step.bytes;
			left.received_ops -= step.received_ops;
			left.received_bytes -= step.received_bytes;
			if (step.ops || step.bytes || step.received_ops || step.received_bytes)
				assert_int_equal(edge_add_step(edge, &step), 0);
		}
	}
}

static struct map *random_film(uint64_t seed)
{
	struct map *map = random_map(seed, 2 + seed % 40, seed % 90);

	map->duration = 10;
	frames_make(map, 1 + seed % 9);
	return map;
}

static bool node_is_known(const struct map *map, const char *id)
{
	for (size_t i = 0; i < map->node_count; i++) {
		if (strcmp(map->nodes[i].id, id) == 0)
			return true;
	}
	return false;
}

/* With every option of the view: what is folded or left out is so in all frames. */
static void test_frames_add_up(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 400; seed++) {
		struct map *map = random_film(seed), *picture;
		struct view_totals sum = { 0 }, all;
		struct view_options options;
		struct view view;
		struct film film;

		view_options_init(&options);
		options.no_fold = seed % 2;
		options.top = seed % 3 ? 0 : 4;
		options.group = seed % 5 ? GROUP_PROCESS : GROUP_EXE;
		assert_int_equal(view_new(map, &options, VIEW_DRAWING, &view), 0);
		all = view_count(view.map);
		assert_int_equal(film_new(view.map, false, &film), 0);
		for (size_t k = 0; k < map->frame_count; k++) {
			struct view_totals part;

			assert_int_equal(film_picture(&film, k, k, &picture), 0);
			part = view_count(picture);
			sum.ops += part.ops;
			sum.bytes += part.bytes;
			sum.received_ops += part.received_ops;
			sum.received_bytes += part.received_bytes;
			assert_int_equal(picture->moment.number, k + 1);
			assert_int_equal(picture->frame_count, 0);
			for (size_t i = 0; i < picture->node_count; i++)
				assert_true(node_is_known(view.map, picture->nodes[i].id));
			map_free(picture);
		}
		assert_int_equal(sum.ops, all.ops);
		assert_int_equal(sum.bytes, all.bytes);
		assert_int_equal(sum.received_ops, all.received_ops);
		assert_int_equal(sum.received_bytes, all.received_bytes);
		film_done(&film);
		view_done(&view);
		map_free(map);
	}
}

/* The last cumulative frame is the whole window; each has what the one before had. */
static void test_cumulative(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 100; seed++) {
		struct map *map = random_film(seed), *picture;
		struct view_totals all = view_count(map), before = { 0 }, part;
		struct film film;

		assert_int_equal(film_new(map, true, &film), 0);
		for (size_t k = 0; k < map->frame_count; k++) {
			assert_int_equal(film_picture(&film, k, k, &picture), 0);
			part = view_count(picture);
			assert_true(part.bytes >= before.bytes && part.ops >= before.ops);
			before = part;
			map_free(picture);
		}
		assert_int_equal(part.ops, all.ops);
		assert_int_equal(part.bytes, all.bytes);
		assert_int_equal(part.received_bytes, all.received_bytes);
		film_done(&film);
		map_free(map);
	}
}

/* a writes to b in frames 0 and 2 of 4; c comes at 2.5 and writes to b in frame 3; a ends at 2.9. */
static struct map *small_film(void)
{
	struct map *map = sample_head();
	size_t a, b, c, pipe;

	map->duration = 4;
	map->completeness.events = 3;
	free(map->started);
	map->started = strdup("2026-11-23T23:59:58.500Z");
	a = sample_process(map, 1, -1, "a");
	b = sample_process(map, 2, -1, "b");
	c = sample_process(map, 3, 2.5, "c");
	map->nodes[a].exited = true;
	map->nodes[a].ended = 2.9;
	pipe = sample_channel(map, "pipe", "pipe:[1]", NULL);
	sample_edge(map, a, b, pipe, 2, 30);
	sample_edge(map, c, b, pipe, 1, 5);
	map->edges[0].received_bytes = 30;
	map->edges[1].received_bytes = 5;
	map->edges[0].last = 2.8;
	map->edges[1].first = 3.1;
	map->edges[1].last = 3.2;
	for (int k = 0; k < 4; k++) {
		struct frame *frame = map_add_frame(map);

		*frame = (struct frame){ k, k + 1 };
	}
	edge_add_step(&map->edges[0], &(struct edge_step){ 0, 1, 10, 1, 10 });
	edge_add_step(&map->edges[0], &(struct edge_step){ 2, 1, 20, 1, 20 });
	edge_add_step(&map->edges[1], &(struct edge_step){ 3, 1, 5, 1, 5 });
	assert_int_equal(map_sort(map), 0);
	return map;
}

static const struct node *node_of(const struct map *map, const char *comm)
{
	for (size_t i = 0; i < map->node_count; i++) {
		if (strcmp(map->nodes[i].comm, comm) == 0)
			return &map->nodes[i];
	}
	return NULL;
}

static void test_come_and_go(void **state)
{
	/* By frame, of a, b and c: '.' not there, '-' silent, '+' talking, 'x' talking for the last time */
	static const char *const expected[] = { "++.", "--.", "x+-", ".++" };
	static const char *const names[] = { "a", "b", "c" };
	struct map *map = small_film(), *picture;
	struct film film;

	(void)state;
	assert_int_equal(film_new(map, false, &film), 0);
	for (size_t k = 0; k < 4; k++) {
		assert_int_equal(film_picture(&film, k, k, &picture), 0);
		for (int i = 0; i < 3; i++) {
			const struct node *node = node_of(picture, names[i]);

			assert_int_equal(!node ? '.' : node->silent ? '-' : node->exited ? 'x' : '+',
					 expected[k][i]);
		}
		map_free(picture);
	}
	/* Two frames at once: what the film of a lower rate shows. */
	assert_int_equal(film_picture(&film, 2, 3, &picture), 0);
	assert_int_equal(picture->edge_count, 2);
	assert_true(picture->moment.start == 2 && picture->moment.end == 4);
	map_free(picture);
	film_done(&film);
	map_free(map);
}

/* A frame as JSON is a map of its own: its times count from its beginning, nothing silent is in it. */
static void test_record(void **state)
{
	struct map *map = small_film(), *record;
	struct film film;

	(void)state;
	assert_int_equal(film_new(map, false, &film), 0);
	assert_int_equal(film_record(&film, 3, 3, &record), 0);
	assert_string_equal(record->started, "2026-11-24T00:00:01.500Z");
	assert_true(record->duration == 1);
	assert_int_equal(record->node_count, 2);
	assert_true(node_of(record, "c")->start == -.5);
	assert_int_equal(record->edge_count, 1);
	assert_int_equal(record->edges[0].bytes, 5);
	assert_true(record->edges[0].first == .1 && record->edges[0].last == .2);
	map_free(record);
	film_done(&film);
	map_free(map);
}

static void test_patterns(void **state)
{
	static const struct {
		const char *pattern;
		int kind;
		const char *seventh;
	} cases[] = {
		{ "frame-%04d.svg", 1, "frame-0007.svg" },
		{ "%d", 1, "7" },
		{ "a/%3d.png", 1, "a/  7.png" },
		{ "100%%-%02d.svg", 1, "100%-07.svg" },
		{ "frame.svg", 0, NULL },
		{ "%d-%d.svg", -1, NULL },
		{ "%s.svg", -1, NULL },
		{ "%", -1, NULL },
		{ "50%.svg", -1, NULL },
		{ "50%%.svg", -1, NULL },
		{ "%12d.svg", -1, NULL },
		{ "%-3d.svg", -1, NULL },
		{ "%04ld.svg", -1, NULL },
		{ "%n%d.svg", -1, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *path;

		assert_int_equal(pattern_check(cases[i].pattern), cases[i].kind);
		if (cases[i].kind != 1)
			continue;
		path = pattern_path(cases[i].pattern, 7);
		assert_string_equal(path, cases[i].seventh);
		free(path);
	}
}

static void plan_is_whole(const struct map *map, const struct film_options *options)
{
	struct reel_picture *pictures;
	size_t count, next = 0;

	assert_int_equal(reel_plan(map, options, &pictures, &count), 0);
	assert_true(pictures[0].begin == 0);
	assert_true(pictures[count - 1].end == map->frames[map->frame_count - 1].end);
	for (size_t i = 0; i < count; i++) {
		assert_true(!i || pictures[i].begin == pictures[i - 1].end);
		/* Each frame is in a picture, and none is in two unless it lasts through both. */
		assert_true(pictures[i].first == next || (next && pictures[i].first == next - 1 &&
							  pictures[i].last == next - 1));
		next = pictures[i].last + 1;
	}
	assert_int_equal(next, map->frame_count);
	free(pictures);
}

static void test_plan(void **state)
{
	const struct film_options slow = { .fps = 1 }, fast = { .fps = 50 }, both = { .fps = 2, .speed = 3 };
	struct map *map = sample_head();
	struct reel_picture *pictures;
	size_t count;

	(void)state;
	map->duration = 4;
	frames_make(map, 8);
	plan_is_whole(map, &(struct film_options){ 0 });
	plan_is_whole(map, &slow);
	plan_is_whole(map, &fast);
	plan_is_whole(map, &both);
	plan_is_whole(map, &(struct film_options){ .fps = .1 });
	plan_is_whole(map, &(struct film_options){ .fps = 7, .speed = .3 });
	assert_int_equal(reel_plan(map, &slow, &pictures, &count), 0);
	assert_int_equal(count, 4);
	assert_int_equal(pictures[1].first, 2);
	assert_int_equal(pictures[1].last, 3);
	free(pictures);
	assert_int_equal(reel_plan(map, &both, &pictures, &count), 0);
	assert_int_equal(count, 3); /* 4 s in 1.33 s, at 2 a second */
	free(pictures);
	/* Faster than GIF and browsers can: not a picture per frame any more. */
	assert_int_equal(reel_plan(map, &(struct film_options){ .speed = 100 }, &pictures, &count), 0);
	assert_int_equal(count, 2);
	free(pictures);
	map_free(map);
}

/* Who comes between has an id of its own; who was there keeps theirs. */
static void test_cast(void **state)
{
	struct map *first = sample_head(), *second = sample_head();
	struct cast cast = { 0 };
	size_t a, b, c, pipe;

	(void)state;
	a = sample_process(first, 5, 1, "a");
	c = sample_process(first, 9, 3, "c");
	sample_edge(first, a, c, sample_channel(first, "pipe", "pipe:[1]", NULL), 1, 1);
	a = sample_process(second, 5, 1, "a");
	b = sample_process(second, 7, 2, "b");
	c = sample_process(second, 9, 3, "c, renamed");
	pipe = sample_channel(second, "pipe", "pipe:[1]", NULL);
	sample_edge(second, a, c, pipe, 1, 1);
	sample_edge(second, b, c, pipe, 1, 1);
	assert_int_equal(map_sort(first), 0);
	assert_int_equal(map_sort(second), 0);
	assert_string_equal(first->nodes[1].id, "p2");
	assert_string_equal(second->nodes[2].id, "p3");
	assert_int_equal(cast_name(&cast, first), 0);
	assert_int_equal(cast_name(&cast, second), 0);
	assert_string_equal(second->nodes[0].id, first->nodes[0].id);
	assert_string_equal(second->nodes[2].id, first->nodes[1].id);
	assert_string_not_equal(second->nodes[1].id, first->nodes[0].id);
	assert_string_not_equal(second->nodes[1].id, first->nodes[1].id);
	cast_done(&cast);
	map_free(first);
	map_free(second);
}

/* Two groups of one name are two, and each stays what it was. */
static void test_cast_groups(void **state)
{
	struct map *maps[] = { sample_head(), sample_head() };
	struct cast cast = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		for (int group = i; group < 3; group++) {
			size_t process = sample_process(maps[i], 5 + group, 1, "python3");
			struct node *node = &maps[i]->nodes[process];

			node->name = strdup("python3");
			node->exe = strdup(group ? "/opt/v/bin/python3" : "/usr/bin/python3");
		}
		assert_int_equal(map_sort(maps[i]), 0);
		assert_int_equal(cast_name(&cast, maps[i]), 0);
	}
	for (int i = 0; i < 3; i++)
		for (int j = i + 1; j < 3; j++)
			assert_string_not_equal(maps[0]->nodes[i].id, maps[0]->nodes[j].id);
	assert_string_equal(maps[1]->nodes[0].id, maps[0]->nodes[1].id);
	assert_string_equal(maps[1]->nodes[1].id, maps[0]->nodes[2].id);
	cast_done(&cast);
	map_free(maps[0]);
	map_free(maps[1]);
}

static void test_places(void **state)
{
	struct places places = { 0 }, copy = { 0 };
	char name[PLACE_NAME];
	size_t size;
	char *data;

	(void)state;
	assert_int_equal(places_set(&places, &(struct place_of){ .name = (char *)place_node(name, "p1"),
								 .pos = (char *)"1,2", .size = (char *)"3 4" }), 0);
	assert_int_equal(places_set(&places, &(struct place_of){ .name = (char *)place_line(name, "p1", "p2"),
								 .pos = (char *)"x", .label = (char *)"5,6" }), 0);
	assert_int_equal(places_set(&places, &(struct place_of){ .name = (char *)place_node(name, "p1"),
								 .pos = (char *)"7,8" }), 0);
	data = places_write(&places, &size);
	assert_int_equal(places_read(&copy, data, size), 0);
	assert_string_equal(places_find(&copy, place_node(name, "p1"))->pos, "7,8");
	assert_string_equal(places_find(&copy, place_line(name, "p1", "p2"))->label, "5,6");
	assert_null(places_find(&copy, place_line(name, "p2", "p1")));
	assert_null(places_find(&copy, place_node(name, "p2")));
	/* Cut short, it is none. */
	assert_int_equal(places_read(&copy, data, size - 1), -22);
	free(data);
	places_done(&places);
	places_done(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames_add_up), cmocka_unit_test(test_cumulative),
		cmocka_unit_test(test_come_and_go),   cmocka_unit_test(test_record),
		cmocka_unit_test(test_patterns),      cmocka_unit_test(test_plan),
		cmocka_unit_test(test_cast),	      cmocka_unit_test(test_cast_groups),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
