// SPDX-License-Identifier: GPL-2.0-only
/* view FILE.json [TIMES]: folds and trims a map as by default; prints the median in milliseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../src/emit.h"
#include "../../src/view.h"

#define TIMES_MAX 101

static double clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct map *map_read(const char *path)
{
	FILE *file = fopen(path, "r");
	struct map *map = NULL;
	char *data = NULL, *error = NULL;
	long size;

	if (file && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) > 0) {
		rewind(file);
		data = malloc((size_t)size);
		if (data && fread(data, 1, (size_t)size, file) == (size_t)size)
			map_from_json(data, (size_t)size, &map, &error);
	}
	if (file)
		fclose(file);
	free(data);
	free(error);
	return map;
}

static int time_compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
	int times = argc > 2 ? atoi(argv[2]) : 5;
	struct map *map = argc > 1 ? map_read(argv[1]) : NULL;
	struct view_options options;
	double took[TIMES_MAX];

	if (!map || times < 1 || times > TIMES_MAX) {
		fputs("Usage: view FILE.json [TIMES]\n", stderr);
		return 2;
	}
	view_options_init(&options);
	for (int i = 0; i < times; i++) {
		double begin = clock_ms();
		struct view view;

		if (view_new(map, &options, VIEW_DRAWING, &view) < 0)
			return 1;
		took[i] = clock_ms() - begin;
		view_done(&view);
	}
	qsort(took, (size_t)times, sizeof(took[0]), time_compare);
	printf("%.0f\n", took[times / 2]);
	map_free(map);
	return 0;
}
