// SPDX-License-Identifier: GPL-2.0-only
#include "diff_was.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff_key.h"

static void separate(FILE *file)
{
	if (ftell(file) > 0)
		fputs("; ", file);
}

/* The places of one list that the other lacks: "listens on tcp *:80, tcp *:443". */
static void put_places(FILE *file, const char *list, const char *other, const char *what)
{
	bool begun = false;

	while (*list) {
		const char *end = strstr(list, ", ");
		size_t len = end ? (size_t)(end - list) : strlen(list);

		if (!key_listens_has(other, list, len)) {
			if (!begun)
				separate(file);
			fprintf(file, "%s %.*s", begun ? "," : what, (int)len, list);
			begun = true;
		}
		list += len + (end ? 2 : 0);
	}
}

static bool put_listens(FILE *file, const struct node *before, const struct node *after)
{
	char *old = key_listens(before->listens), *new = key_listens(after->listens);
	bool done = old && new;

	if (done) {
		put_places(file, new, old, "now listens on");
		put_places(file, old, new, "no longer listens on");
	}
	free(old);
	free(new);
	return done;
}

/* Sessions and the like are numbered: what they are is in the rest of the name. */
static bool unit_differs(const char *a, const char *b, bool *ret_differs)
{
	char *loose, *other;

	*ret_differs = false;
	if (!a || !b)
		return true;
	loose = key_loose(a);
	other = key_loose(b);
	if (loose && other)
		*ret_differs = strcmp(loose, other) != 0;
	free(loose);
	free(other);
	return loose && other;
}

static bool exe_differs(const char *a, const char *b)
{
	if (!a || !b)
		return false;
	return key_exe_length(a) != key_exe_length(b) || strncmp(a, b, key_exe_length(a)) != 0;
}

bool was_text(const struct node *before, const struct node *after, char **ret_text)
{
	bool differs = false, done;
	char *data = NULL;
	size_t size;
	FILE *file;

	*ret_text = NULL;
	if (before->kind != NODE_PROCESS || before->name || after->name)
		return true;
	file = open_memstream(&data, &size);
	if (!file)
		return false;
	done = put_listens(file, before, after) && unit_differs(before->unit, after->unit, &differs);
	if (exe_differs(before->exe, after->exe)) {
		separate(file);
		fprintf(file, "was %.*s", (int)key_exe_length(before->exe), before->exe);
	}
	if (differs) {
		separate(file);
		fprintf(file, "was in %s", before->unit);
	}
	if (before->uid >= 0 && after->uid >= 0 && before->uid != after->uid) {
		separate(file);
		fprintf(file, "was of user %" PRId64, before->uid);
	}
	done &= !ferror(file);
	done &= fclose(file) == 0;
	if (!done || size == 0) {
		free(data);
		return done;
	}
	*ret_text = data;
	return true;
}
