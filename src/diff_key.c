// SPDX-License-Identifier: GPL-2.0-only
#include "diff_key.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EPHEMERAL 32768 /* where Linux begins to choose ports by itself */
#define RANDOM_LEN 6	/* of mkstemp() and its like */
#define DELETED " (deleted)"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

size_t key_exe_length(const char *exe)
{
	size_t len = strlen(exe), tail = strlen(DELETED);

	return len > tail && strcmp(exe + len - tail, DELETED) == 0 ? len - tail : len;
}

size_t key_kthread_length(const char *comm)
{
	return strcspn(comm, "/");
}

/* Whether a word is a number, a hash, or made up by mkstemp(). */
static bool word_is_chance(const char *word, size_t len)
{
	size_t digits = 0, upper = 0, lower = 0;

	for (size_t i = 0; i < len; i++) {
		digits += isdigit((unsigned char)word[i]) != 0;
		upper += isupper((unsigned char)word[i]) != 0;
		lower += islower((unsigned char)word[i]) != 0;
	}
	if (digits == len)
		return true;
	/* "systemd1" is a name: one digit at its end is none of chance. */
	return len >= RANDOM_LEN && (digits > 1 || (digits == 1 && !isdigit((unsigned char)word[len - 1])) ||
				     (upper > 1 && lower > 1));
}

char *key_loose(const char *text)
{
	char *loose = malloc(strlen(text) + 1), *out = loose;

	while (loose && *text) {
		size_t len = 0;

		while (isalnum((unsigned char)text[len]))
			len++;
		if (len == 0) {
			*out++ = *text++;
			continue;
		}
		if (!word_is_chance(text, len)) {
			/* "python3", "php8", of any version. */
			size_t stem = len;

			while (stem > 0 && isdigit((unsigned char)text[stem - 1]))
				stem--;
			memcpy(out, text, stem);
			out += stem;
			if (stem < len)
				*out++ = '#';
		} else if (out - loose >= 2 && out[-1] == '.' && out[-2] == '#') {
			out--; /* "15" and "15.4" are both versions */
		} else {
			*out++ = '#';
		}
		text += len;
	}
	if (loose)
		*out = '\0';
	return loose;
}

/* "tcp 0.0.0.0:41234". */
static bool place_is_ephemeral(const char *place, size_t len)
{
	size_t at = len;

	while (at > 0 && isdigit((unsigned char)place[at - 1]))
		at--;
	return len > 4 && (!strncmp(place, "tcp ", 4) || !strncmp(place, "udp ", 4)) && at > 0 &&
	       at < len && place[at - 1] == ':' && strtoul(place + at, NULL, 10) >= EPHEMERAL;
}

static int text_compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

char *key_listens(const char *listens)
{
	char *copy = strdup(or_empty(listens)), *key = copy ? malloc(strlen(copy) + 1) : NULL;
	char **places = key ? calloc(strlen(copy) + 1, sizeof(*places)) : NULL;
	size_t count = 0;
	char *out = key;

	for (char *at = copy; places && *at;) {
		char *end = strstr(at, ", ");
		size_t len = end ? (size_t)(end - at) : strlen(at);

		if (!place_is_ephemeral(at, len))
			places[count++] = at;
		at += len;
		if (end) {
			*at = '\0';
			at += 2;
		}
	}
	if (!places) {
		free(copy);
		free(key);
		return NULL;
	}
	qsort(places, count, sizeof(*places), text_compare);
	*out = '\0';
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && strcmp(places[i], places[i - 1]) == 0)
			continue;
		out = stpcpy(out, out > key ? ", " : "");
		out = stpcpy(out, places[i]);
	}
	free(places);
	free(copy);
	return key;
}

bool key_listens_has(const char *listens, const char *place, size_t len)
{
	while (*listens) {
		const char *end = strstr(listens, ", ");
		size_t n = end ? (size_t)(end - listens) : strlen(listens);

		if (n == len && strncmp(listens, place, len) == 0)
			return true;
		listens += n + (end ? 2 : 0);
	}
	return false;
}

/* "docker" of "docker:0123456789ab": made anew, a container is another, and still the same. */
static char *scope_loose(const struct node *node)
{
	if (node->container)
		return strndup(node->container, strcspn(node->container, ":"));
	return key_loose(or_empty(node->unit));
}

static char *join(const char *a, const char *b, const char *c)
{
	char *key = NULL;

	return a && b && c && asprintf(&key, "%s\n%s\n%s", a, b, c) >= 0 ? key : NULL;
}

/* Frees its arguments. */
static char *join_owned(char *a, char *b, char *c)
{
	char *key = join(a, b, c);

	free(a);
	free(b);
	free(c);
	return key;
}

static char *comm_of(const struct node *node)
{
	const char *slash = node->exe ? strrchr(node->exe, '/') : NULL;
	const char *name = node->comm ? node->comm : slash ? slash + 1 : or_empty(node->exe);

	return strndup(name, node->kthread ? key_kthread_length(name) : strlen(name));
}

static char *loosen(char *text)
{
	char *loose = text ? key_loose(text) : NULL;

	free(text);
	return loose;
}

/* What a program is, and what runs it; strict or not. */
static char *key_program(const struct node *node, bool loose)
{
	const char *scope = node->container ? node->container : or_empty(node->unit);
	char *exe = node->exe ? strndup(node->exe, key_exe_length(node->exe)) : strdup("");

	if (!loose)
		return join_owned(exe, comm_of(node), strdup(scope));
	return join_owned(loosen(exe), loosen(comm_of(node)), scope_loose(node));
}

static char *key_exact(const struct node *node)
{
	bool worker = node->role && strcmp(node->role, "worker") == 0;
	char *program = key_program(node, false), *listens = key_listens(node->listens);
	char *key = NULL;

	if (program && listens &&
	    asprintf(&key, "%s\n%s\n%" PRId64 "%s%s", program, listens, node->uid,
		     worker ? " worker" : "", node->kthread ? " kernel" : "") < 0)
		key = NULL;
	free(program);
	free(listens);
	return key;
}

char *key_process(const struct node *node, enum key_level level)
{
	if (node->name)
		return level < KEY_LOOSE ? strdup(node->name) : key_loose(node->name);
	switch (level) {
	case KEY_EXACT:
		return key_exact(node);
	case KEY_PLACE:
	case KEY_LOOSE:
		return key_program(node, level == KEY_LOOSE);
	case KEY_MOVED:
		return join_owned(loosen(comm_of(node)), scope_loose(node),
				  strdup(node->kthread ? "kernel" : ""));
	default:
		return join_owned(loosen(comm_of(node)), strdup(node->kthread ? "kernel" : ""),
				  strdup(""));
	}
}

static int keyed_compare(const void *left, const void *right)
{
	const struct keyed *a = left, *b = right;
	int c = strcmp(a->key, b->key);

	return c ? c : (a->index > b->index) - (a->index < b->index);
}

void keyed_sort(struct keyed *keyed, size_t count)
{
	qsort(keyed, count, sizeof(*keyed), keyed_compare);
}

size_t keyed_number(struct keyed *keyed, size_t count, size_t first, size_t *numbers)
{
	keyed_sort(keyed, count);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && strcmp(keyed[i - 1].key, keyed[i].key) != 0)
			first++;
		numbers[keyed[i].index] = first;
	}
	for (size_t i = 0; i < count; i++)
		free(keyed[i].key);
	return count ? first + 1 : first;
}
