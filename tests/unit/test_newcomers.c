// SPDX-License-Identifier: GPL-2.0-only
/* Newcomers in a picture, and pixels: what is there stays, and nothing lies over it. */
#include "sample.h"

#include <math.h>

#include "../../src/newcomers.h"
#include "../../src/quantize.h"

#define NODES 40

static uint32_t seed;

static double random_to(double most)
{
	seed = seed * 1664525 + 1013904223;
	return (double)(seed >> 8) / (1 << 24) * most;
}

static bool nodes_overlap(const struct fit_node *a, const struct fit_node *b)
{
	return 2 * fmax(a->at.x - b->at.x, b->at.x - a->at.x) < a->width + b->width &&
	       2 * fmax(a->at.y - b->at.y, b->at.y - a->at.y) < a->height + b->height;
}

/* A grid of nodes that are there, every fourth of them in one frame; the rest comes. */
static void fit_random(struct fit_node *nodes, struct fit_link *links, struct fit_frame *frames, struct fit *fit)
{
	for (size_t i = 0; i < NODES; i++) {
		bool placed = i < NODES / 2;

		nodes[i] = (struct fit_node){
			.at = { 100.0 + 180 * (double)(i % 5), -80 * (double)(i / 5) },
			.fresh = { random_to(900), -random_to(600) },
			.width = 40 + random_to(80), .height = 20 + random_to(20),
			.placed = placed, .frame = placed ? FIT_NO_FRAME : i % 4 ? FIT_NO_FRAME : i % 8 / 4,
		};
		links[i] = (struct fit_link){ i, (size_t)random_to(NODES) };
	}
	*frames = (struct fit_frame){ .title = 14 };
	frames[1] = (struct fit_frame){ .title = 14 };
	*fit = (struct fit){
		.nodes = nodes, .node_count = NODES, .frames = frames, .frame_count = 2,
		.links = links, .link_count = NODES, .page = { 0, -400, 1000, 60 },
	};
}

static void test_nothing_moves_nothing_overlaps(void **state)
{
	(void)state;
	for (seed = 1; seed < 200; seed += 3) {
		struct fit_node nodes[NODES], before[NODES];
		const struct place_box title = { 0, 20, 400, 60 };
		struct fit_frame frames[2];
		struct fit_link links[NODES];
		struct fit fit;

		fit_random(nodes, links, frames, &fit);
		fit.obstacles = &title;
		fit.obstacle_count = 1;
		memcpy(before, nodes, sizeof(nodes));
		fit_newcomers(&fit);
		for (size_t i = 0; i < NODES; i++) {
			assert_true(nodes[i].placed);
			if (before[i].placed)
				assert_memory_equal(&nodes[i].at, &before[i].at, sizeof(nodes[i].at));
			/* Where the picture begins is where it began. */
			assert_true(nodes[i].at.x - nodes[i].width / 2 >= 0);
			assert_true(nodes[i].at.y + nodes[i].height / 2 <= 60);
			for (size_t k = 0; k < i; k++)
				assert_false(nodes_overlap(&nodes[i], &nodes[k]));
		}
		assert_true(fit.page.left == 0 && fit.page.top == 60);
		/* A frame is around its own, and around nobody else. */
		for (size_t i = 0; i < NODES; i++) {
			for (size_t f = 0; f < 2; f++) {
				const struct place_box *box = &frames[f].box;
				bool within = nodes[i].at.x > box->left && nodes[i].at.x < box->right &&
					      nodes[i].at.y > box->bottom && nodes[i].at.y < box->top;

				assert_int_equal(within, nodes[i].frame == f);
			}
		}
	}
}

/* Beside whom it talks to. */
static void test_near(void **state)
{
	struct fit_node nodes[] = {
		{ .at = { 0, 0 }, .fresh = { 500, 500 }, .width = 60, .height = 30, .placed = true,
		  .frame = FIT_NO_FRAME },
		{ .at = { 900, 0 }, .fresh = { 0, 0 }, .width = 60, .height = 30, .placed = true,
		  .frame = FIT_NO_FRAME },
		{ .fresh = { 650, 450 }, .width = 60, .height = 30, .frame = FIT_NO_FRAME },
	};
	const struct fit_link links[] = { { 0, 2 } };
	struct fit fit = { .nodes = nodes, .node_count = 3, .links = links, .link_count = 1,
			   .page = { -100, -100, 1000, 100 } };

	(void)state;
	fit_newcomers(&fit);
	assert_true(nodes[2].at.x == 150 && nodes[2].at.y == -50);
}

/* Few colours stay what they are; the shades of many inks become near ones. */
static void test_quantize(void **state)
{
	uint8_t pixels[64 * 64 * 4], colours[QUANTIZE_COLOURS][3], indexes[64 * 64];
	const struct bitmap bitmap = { 64, 64, pixels };
	const struct rectangle all = { 0, 0, 64, 64 }, part = { 8, 8, 2, 1 };

	(void)state;
	for (int i = 0; i < 64 * 64; i++) {
		const uint8_t colour[4] = { (uint8_t)(i % 4 * 60), 10, (uint8_t)(i / 1024 * 70), 255 };

		memcpy(pixels + 4 * i, colour, 4);
	}
	assert_int_equal(quantize(&bitmap, &all, colours, indexes), 0);
	for (int i = 0; i < 64 * 64; i++)
		assert_memory_equal(colours[indexes[i]], pixels + 4 * i, 3);
	for (int i = 0; i < 64 * 64; i++) {
		int ink = i / 512, shade = i % 64 * 4;
		const uint8_t colour[4] = { (uint8_t)(255 - shade * (ink & 3) / 3),
					    (uint8_t)(255 - shade * (ink >> 2) / 3), (uint8_t)(255 - shade), 255 };

		memcpy(pixels + 4 * i, colour, 4);
	}
	assert_int_equal(quantize(&bitmap, &all, colours, indexes), 0);
	for (int i = 0; i < 64 * 64; i++) {
		for (int k = 0; k < 3; k++)
			assert_in_range(colours[indexes[i]][k] - pixels[4 * i + k] + 24, 0, 48);
	}
	/* What is not there is white. */
	memset(pixels, 0, sizeof(pixels));
	assert_int_equal(quantize(&bitmap, &part, colours, indexes), 0);
	assert_int_equal(colours[indexes[1]][0], 255);
}

static void test_fill(void **state)
{
	static const uint8_t red[4] = { 255, 0, 0, 255 };
	uint8_t pixels[4 * 4 * 4] = { 0 };
	struct bitmap bitmap = { 4, 4, pixels };
	int count = 0;

	(void)state;
	bitmap_fill(&bitmap, -3, 2, 1.4, 900, red);
	for (int i = 0; i < 16; i++)
		count += pixels[4 * i] == 255;
	assert_int_equal(count, 2);
	assert_int_equal(pixels[4 * 8], 255);
	assert_int_equal(pixels[4 * 12], 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_moves_nothing_overlaps),
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_quantize),
		cmocka_unit_test(test_fill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
