// SPDX-License-Identifier: GPL-2.0-only
#include "stream_fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mechanism.h"

#define NSEC 1000000000ULL
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

int stream_key(const json_t *line, struct ipc_flow_key *key)
{
	const json_t *numbers = json_object_get(line, "key");
	const char *name = json_string_value(json_object_get(line, "mechanism"));
	int mechanism = name ? mechanism_by_name(name) : -1;

	if (mechanism < 0)
		return -EINVAL;
	key->mechanism = mechanism;
	if (mechanism == IPC_SIGNAL && !json_is_array(numbers))
		return 0;
	if (json_array_size(numbers) != 4)
		return -EINVAL;
	key->object = stream_number(json_array_get(numbers, 0));
	key->remote = stream_number(json_array_get(numbers, 1)) << 32 |
		      (uint32_t)stream_number(json_array_get(numbers, 2));
	key->side = stream_number(json_array_get(numbers, 3));
	return key->side <= IPC_SIDE_SLAVE ? 0 : -EINVAL;
}

uint64_t stream_clock(const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));
	struct tm tm = { 0 };
	char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	uint64_t fraction = 0, unit = NSEC / 10;

	if (!rest)
		return 0;
	if (*rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
			fraction += unit * (*rest - '0');
	return strcmp(rest, "Z") ? 0 : (uint64_t)timegm(&tm) * NSEC + fraction;
}

void stream_process_key(const json_t *object, uint32_t *ret_tgid, uint64_t *ret_start)
{
	const json_t *tgid = json_object_get(object, "tgid");

	*ret_tgid = stream_number(tgid ? tgid : json_object_get(object, "pid"));
	*ret_start = stream_field(object, "start");
}
