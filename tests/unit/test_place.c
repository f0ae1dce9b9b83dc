// SPDX-License-Identifier: GPL-2.0-only
/* Labels of lines get off what they cover. */
#include <math.h>

#include "place.h"
#include "sample.h"

#define POINTS 40

static const struct place_box page = { 0, 0, 1000, 500 };

/* A label in the middle of a straight line. */
static struct place_label label_on(struct place_point *points, struct place_point from,
				   struct place_point to)
{
	for (int i = 0; i < POINTS; i++)
		points[i] = (struct place_point){ from.x + (to.x - from.x) * i / (POINTS - 1),
						  from.y + (to.y - from.y) * i / (POINTS - 1) };
	return (struct place_label){
		.middle = { (from.x + to.x) / 2, (from.y + to.y) / 2 + 20 },
		.width = 80,
		.height = 30,
		.path = points,
		.path_count = POINTS,
	};
}

static bool overlap(const struct place_label *a, const struct place_label *b)
{
	return fabs(a->middle.x - b->middle.x) < (a->width + b->width) / 2 &&
	       fabs(a->middle.y - b->middle.y) < (a->height + b->height) / 2;
}

/* What lies well stays where Graphviz put it. */
static void test_stays(void **state)
{
	struct place_point points[POINTS];
	struct place_label label = label_on(points, (struct place_point){ 100, 200 },
					    (struct place_point){ 600, 200 });
	const struct place_box node = { 40, 180, 100, 220 };

	(void)state;
	place_labels(&label, 1, &node, 1, &page, true);
	assert_true(label.shown);
	assert_true(label.middle.x == 350 && label.middle.y == 220);
}

/* Two labels at one place: the first stays, the second goes along its line. */
static void test_parts(void **state)
{
	struct place_point points[2][POINTS];
	struct place_label labels[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		labels[i] = label_on(points[i], (struct place_point){ 100, 200 - 4 * i },
				     (struct place_point){ 600, 200 - 4 * i });
	labels[0].middle.y = labels[1].middle.y = 220;
	place_labels(labels, 2, NULL, 0, &page, false);
	assert_true(labels[0].middle.x == 350 && labels[0].middle.y == 220);
	assert_true(labels[0].shown && labels[1].shown);
	assert_false(overlap(&labels[0], &labels[1]));
}

static void test_off_node(void **state)
{
	struct place_point points[POINTS];
	struct place_label label = label_on(points, (struct place_point){ 100, 200 },
					    (struct place_point){ 600, 200 });
	const struct place_box node = { 330, 180, 400, 240 };

	(void)state;
	place_labels(&label, 1, &node, 1, &page, true);
	assert_true(label.shown);
	assert_true(label.middle.x + 40 <= 330 || label.middle.x - 40 >= 400 ||
		    label.middle.y - 15 >= 240 || label.middle.y + 15 <= 180);
}

/* Without a place of its own a label is hidden, or, where it must be shown, stays on the page. */
static void test_no_room(void **state)
{
	const struct place_box everything = { -1000, -1000, 2000, 2000 };
	struct place_point points[POINTS];

	(void)state;
	for (int may_hide = 0; may_hide < 2; may_hide++) {
		struct place_label label = label_on(points, (struct place_point){ 100, 200 },
						    (struct place_point){ 600, 200 });

		place_labels(&label, 1, &everything, 1, &page, may_hide);
		assert_int_equal(label.shown, !may_hide);
		assert_true(label.middle.x >= 0 && label.middle.x <= 1000);
	}
}

static void test_none(void **state)
{
	struct place_label label = { .middle = { 2000, 10 }, .width = 10, .height = 10 };

	(void)state;
	place_labels(NULL, 0, NULL, 0, &page, true);
	/* A line without a path, its label off the page: nowhere to go. */
	place_labels(&label, 1, NULL, 0, &page, false);
	assert_true(label.shown);
}

/* The same labels, the same places; every label on the page that began there. */
static void test_random(void **state)
{
	static struct place_point points[60][POINTS];
	struct place_label labels[2][60];

	(void)state;
	for (unsigned seed = 1; seed <= 20; seed++) {
		srand(seed);
		for (int i = 0; i < 60; i++) {
			struct place_point from = { 100 + rand() % 800, 60 + rand() % 380 };
			struct place_point to = { 100 + rand() % 800, 60 + rand() % 380 };

			labels[0][i] = labels[1][i] = label_on(points[i], from, to);
		}
		for (int i = 0; i < 2; i++)
			place_labels(labels[i], 60, NULL, 0, &page, i == 0);
		for (int i = 0; i < 60; i++) {
			assert_true(labels[0][i].middle.x >= 40 && labels[0][i].middle.x <= 960);
			for (int j = 0; j < i; j++)
				assert_false(labels[0][i].shown && labels[0][j].shown &&
					     overlap(&labels[0][i], &labels[0][j]));
			assert_true(labels[1][i].shown);
		}
	}
}

/* A line runs free of its own label, which stays nearer to it than to any other. */
static void test_own_line(void **state)
{
	struct place_point points[3][POINTS];
	struct place_label labels[3];
	double slope = .2;

	(void)state;
	for (int i = 0; i < 2; i++)
		labels[i] = label_on(points[i], (struct place_point){ 100, 100 + 200 * i },
				     (struct place_point){ 600, 200 + 200 * i });
	/* Right on its line. */
	labels[0].middle.y -= 20;
	/* Far from it. */
	labels[1].middle.y += 60;
	/* A line without a label, just above the first one. */
	labels[2] = label_on(points[2], (struct place_point){ 100, 130 },
			     (struct place_point){ 600, 230 });
	labels[2].width = labels[2].height = 0;
	place_labels(labels, 3, NULL, 0, &page, false);
	assert_false(labels[2].shown);
	for (int i = 0; i < 2; i++) {
		double above = labels[i].middle.y -
			       (points[i][0].y + slope * (labels[i].middle.x - 100));

		assert_true(labels[i].shown);
		assert_true(fabs(above) >= labels[i].height / 2 + slope * labels[i].width / 2);
		assert_true(fabs(above) <= labels[i].height + slope * labels[i].width);
	}
	/* Not over the pale one. */
	assert_true(labels[0].middle.y < points[0][0].y + slope * (labels[0].middle.x - 100));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stays),	cmocka_unit_test(test_parts),
		cmocka_unit_test(test_off_node), cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_own_line), cmocka_unit_test(test_none),	cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
