// SPDX-License-Identifier: GPL-2.0-only
#include "json_fields.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define ID_LEN 32

int reader_fail(struct reader *r, const char *key, const char *format, ...)
{
	char what[256], where[96] = "";
	va_list args;

	if (r->error)
		return -EINVAL;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (r->array)
		snprintf(where, sizeof(where), "%s[%zu]%s", r->array, r->index, key ? "." : ": ");
	if (asprintf(&r->error, "not an ipcmap map: %s%s%s%s", where, key ? key : "",
		     key ? ": " : "", what) < 0)
		r->error = NULL;
	return -EINVAL;
}

int reader_fail_memory(struct reader *r)
{
	r->short_of_memory = true;
	return -ENOMEM;
}

int read_text(struct reader *r, json_t *object, const char *key, char **ret)
{
	json_t *value = json_object_get(object, key);
	char *text;

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_string(value))
		return reader_fail(r, key, "not a string");
	text = text_clean(json_string_value(value), json_string_length(value));
	if (!text)
		return reader_fail_memory(r);
	*ret = text;
	return 0;
}

int need_text(struct reader *r, json_t *object, const char *key, char **ret)
{
	int rc = read_text(r, object, key, ret);

	if (rc == 0 && (!*ret || !**ret))
		return reader_fail(r, key, "missing");
	return rc;
}

int read_count(struct reader *r, json_t *object, const char *key, uint64_t *ret)
{
	json_t *value = json_object_get(object, key);

	if (!value)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return reader_fail(r, key, "not a whole number of zero or more");
	*ret = (uint64_t)json_integer_value(value);
	return 0;
}

int read_number(struct reader *r, json_t *object, const char *key, int64_t *ret)
{
	json_t *value = json_object_get(object, key);
	uint64_t count = 0;
	int rc;

	if (!value || json_is_null(value)) {
		*ret = -1;
		return 0;
	}
	rc = read_count(r, object, key, &count);
	if (rc == 0)
		*ret = (int64_t)count;
	return rc;
}

int read_time(struct reader *r, json_t *object, const char *key, double least, double *ret)
{
	json_t *value = json_object_get(object, key);
	double seconds;

	if (!value)
		return 0;
	if (!json_is_number(value))
		return reader_fail(r, key, "not a number of seconds");
	seconds = json_number_value(value);
	if (!isfinite(seconds) || seconds < least || seconds > 1e11)
		return reader_fail(r, key, "a time out of range");
	*ret = seconds;
	return 0;
}

int read_flag(struct reader *r, json_t *object, const char *key, bool *ret)
{
	json_t *value = json_object_get(object, key);

	if (!value)
		return 0;
	if (!json_is_boolean(value))
		return reader_fail(r, key, "neither true nor false");
	*ret = json_is_true(value);
	return 0;
}

/* Ids become names and XML ids in the drawing: only what is safe in all of them. */
static bool id_is_safe(const char *id)
{
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return len > 0 && len <= ID_LEN && id[len] == '\0' &&
	       ((id[0] >= 'a' && id[0] <= 'z') || (id[0] >= 'A' && id[0] <= 'Z'));
}

int read_id(struct reader *r, json_t *object, json_t *ids, char **ret)
{
	int rc = need_text(r, object, "id", ret);

	if (rc < 0)
		return rc;
	if (!id_is_safe(*ret))
		return reader_fail(r, "id", "not letters and digits, at most %d", ID_LEN);
	if (json_object_get(ids, *ret))
		return reader_fail(r, "id", "%s is there twice", *ret);
	if (json_object_set_new(ids, *ret, json_integer((json_int_t)r->index)) < 0)
		return reader_fail_memory(r);
	return 0;
}

int read_reference(struct reader *r, json_t *object, const char *key, json_t *ids, size_t *ret)
{
	const char *id = json_string_value(json_object_get(object, key));
	json_t *index = id ? json_object_get(ids, id) : NULL;

	if (!id)
		return reader_fail(r, key, "missing");
	if (!index) {
		/* Only a safe id may be quoted on a terminal. */
		return reader_fail(r, key, "%s is not in the map", id_is_safe(id) ? id : "its id");
	}
	*ret = (size_t)json_integer_value(index);
	return 0;
}
