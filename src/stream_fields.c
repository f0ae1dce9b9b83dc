// SPDX-License-Identifier: GPL-2.0-only
#include "stream_fields.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 9.2e18

uint64_t stream_number(const json_t *number)
{
	double real;

	if (json_is_integer(number))
		return json_integer_value(number) > 0 ? (uint64_t)json_integer_value(number) : 0;
	real = json_number_value(number);
	return real > 0 && real < NUMBER_MAX ? (uint64_t)real : 0;
}

uint64_t stream_field(const json_t *object, const char *key)
{
	return stream_number(json_object_get(object, key));
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t stream_hex(const json_t *object, const char *key, void *to, size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));
	uint8_t *bytes = to;
	size_t count = 0;

	for (; text && count < size && digit(text[0]) >= 0 && digit(text[1]) >= 0; text += 2)
		bytes[count++] = digit(text[0]) << 4 | digit(text[1]);
	return count;
}

char *stream_hex_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	size_t room = text ? strlen(text) / 2 : 0, count;
	char *string = room ? malloc(room + 1) : NULL;

	if (!string)
		return NULL;
	count = stream_hex(object, key, string, room);
	string[count] = '\0';
	if (*string)
		return string;
	free(string);
	return NULL;
}
