// SPDX-License-Identifier: GPL-2.0-only
#include "places.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names are clean text (map.h): a control character in them is ours. */
const char *place_node(char *buf, const char *id)
{
	snprintf(buf, PLACE_NAME, "n\1%s", id);
	return buf;
}

const char *place_line(char *buf, const char *tail, const char *head)
{
	snprintf(buf, PLACE_NAME, "e\1%.200s\1%.200s", tail, head);
	return buf;
}

const char *place_frame(char *buf, const char *name)
{
	snprintf(buf, PLACE_NAME, "f\1%s", name);
	return buf;
}

const struct place_of *places_find(const struct places *places, const char *name)
{
	struct place_of *place;

	HASH_FIND_STR(places->table, name, place);
	return place;
}

static void place_free(struct place_of *place)
{
	if (!place)
		return;
	free(place->name);
	free(place->pos);
	free(place->label);
	free(place->size);
	free(place);
}

static struct place_of *place_copy(const struct place_of *from)
{
	struct place_of *place = calloc(1, sizeof(*place));

	if (!place)
		return NULL;
	place->name = strdup(from->name);
	place->pos = strdup(from->pos ? from->pos : "");
	place->label = strdup(from->label ? from->label : "");
	place->size = strdup(from->size ? from->size : "");
	if (place->name && place->pos && place->label && place->size)
		return place;
	place_free(place);
	return NULL;
}

int places_set(struct places *places, const struct place_of *place)
{
	struct place_of *copy = place_copy(place), *old;

	if (!copy)
		return -ENOMEM;
	HASH_FIND_STR(places->table, copy->name, old);
	if (old) {
		HASH_DEL(places->table, old);
		place_free(old);
	}
	HASH_ADD_KEYPTR(hh, places->table, copy->name, strlen(copy->name), copy);
	return 0;
}

void places_orient(const struct places *places, struct graph *graph)
{
	const struct node *nodes = graph->map->nodes;
	char name[PLACE_NAME];

	for (size_t i = 0; places && i < graph->line_count; i++) {
		struct line *line = &graph->lines[i];
		const char *tail = nodes[line->tail].id, *head = nodes[line->head].id;

		if (!places_find(places, place_line(name, tail, head)) &&
		    places_find(places, place_line(name, head, tail)))
			line_turn(line);
	}
}

char *places_write(const struct places *places, size_t *ret_size)
{
	const struct place_of *place;
	char *data = NULL;
	FILE *file = open_memstream(&data, ret_size);
	bool failed;

	if (!file)
		return NULL;
	for (place = places->table; place; place = place->hh.next) {
		const char *const texts[] = { place->name, place->pos, place->label, place->size };

		for (size_t i = 0; i < 4; i++)
			fwrite(texts[i], 1, strlen(texts[i]) + 1, file);
	}
	failed = ferror(file) != 0;
	failed |= fclose(file) != 0;
	if (!failed)
		return data;
	free(data);
	return NULL;
}

int places_read(struct places *places, const char *data, size_t size)
{
	const char *end = data + size;

	while (data < end) {
		char *texts[4];
		int rc;

		for (size_t i = 0; i < 4; i++) {
			const char *stop = memchr(data, '\0', (size_t)(end - data));

			if (!stop)
				return -EINVAL;
			texts[i] = (char *)data;
			data = stop + 1;
		}
		rc = places_set(places, &(struct place_of){ .name = texts[0], .pos = texts[1],
							    .label = texts[2], .size = texts[3] });
		if (rc)
			return rc;
	}
	return 0;
}

void places_done(struct places *places)
{
	struct place_of *place, *next;

	HASH_ITER(hh, places->table, place, next) {
		HASH_DEL(places->table, place);
		place_free(place);
	}
	*places = (struct places){ 0 };
}
