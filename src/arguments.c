// SPDX-License-Identifier: GPL-2.0-only
#include "arguments.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define ROWS_MAX 96

const char *program_name = "ipcmap";

void line_say(const char *format, va_list args)
{
	char *text = NULL, *clean = NULL;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	if (text)
		clean = text_clean(text, strlen(text));
	fprintf(stderr, "%s: %s\n", program_name, clean ? clean : "out of memory");
	free(clean);
	free(text);
}

int mistake(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line_say(format, args);
	va_end(args);
	return -EINVAL;
}

int stdout_flush(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	mistake("cannot write to stdout: %s", strerror(errno));
	return EXIT_FAILED;
}

int array_add(void *array_pointer, size_t *count, size_t size, const void *element)
{
	void *array;

	memcpy(&array, array_pointer, sizeof(array));
	array = reallocarray(array, *count + 1, size);
	if (!array)
		return mistake("out of memory"), -ENOMEM;
	memcpy((char *)array + *count * size, element, size);
	memcpy(array_pointer, &array, sizeof(array));
	(*count)++;
	return 0;
}

int number_parse(const char *text, unsigned long min, unsigned long max, unsigned long *ret_number)
{
	unsigned long number;
	char *end;

	/* strtoul() would take "-1", " 1" and "+1". */
	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || *end || number < min || number > max)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

int list_parse(void *context, const char *list, int (*take)(void *context, const char *item))
{
	int err = 0;

	for (const char *item = list; !err && item; ) {
		size_t len = strcspn(item, ",");
		char *copy = strndup(item, len);

		if (!copy)
			return mistake("out of memory"), -ENOMEM;
		err = take(context, copy);
		free(copy);
		item = item[len] ? item + len + 1 : NULL;
	}
	return err;
}

void rows_print(const struct option_row *rows)
{
	for (const struct option_row *row = rows; row->name; row++) {
		char head[64];

		snprintf(head, sizeof(head), "--%s%s%s", row->name, row->argument ? " " : "",
			 row->argument ? row->argument : "");
		if (row->value < 256)
			printf("  -%c, %-20s  %s\n", row->value, head, row->about);
		else
			printf("      %-20s  %s\n", head, row->about);
	}
}

/* The tables, as getopt_long() wants them. */
struct getopt_tables {
	const struct option_row *rows[ROWS_MAX];
	const struct option_table *tables[ROWS_MAX];
	size_t count;
	char letters[2 * ROWS_MAX + 3];
	struct option longs[ROWS_MAX + 1];
};

static void tables_fill(struct getopt_tables *t, const struct option_table *tables)
{
	char *letters = t->letters;

	*letters++ = '+'; /* what follows may be a command with options of its own */
	*letters++ = ':';
	for (; tables->rows; tables++) {
		for (const struct option_row *row = tables->rows; row->name; row++) {
			if (t->count == ROWS_MAX)
				abort(); /* a table grew: so must ROWS_MAX */
			t->rows[t->count] = row;
			t->tables[t->count] = tables;
			t->longs[t->count++] = (struct option){
				row->name, row->argument ? required_argument : no_argument, NULL,
				row->value
			};
			if (row->value >= 256)
				continue;
			*letters++ = row->value;
			if (row->argument)
				*letters++ = ':';
		}
	}
	*letters = '\0';
}

static size_t row_find(const struct getopt_tables *t, int value)
{
	size_t i = 0;

	while (i < t->count && t->rows[i]->value != value)
		i++;
	return i;
}

/* What getopt_long() found wrong: result is ':' or '?'. */
static int getopt_mistake(const struct getopt_tables *t, int result, const char *command,
			  const char *word)
{
	size_t i = row_find(t, optopt);
	const struct option_row *row = i < t->count ? t->rows[i] : NULL;
	char name[64] = "";

	if (row && row->value < 256)
		snprintf(name, sizeof(name), "-%c", row->value);
	else if (row)
		snprintf(name, sizeof(name), "--%s", row->name);
	if (result == ':')
		return mistake("%s needs an argument: %s %s", name, name,
			       row && row->argument ? row->argument : "");
	if (optopt && row)
		return mistake("'%s': this option takes no argument", word);
	if (optopt)
		return mistake("there is no option -%c; see %s --help", optopt, command);
	for (i = 0; i < t->count; i++)
		if (!strncmp(t->rows[i]->name, word + 2, strlen(word + 2)))
			return mistake("'%s' may mean several options; see %s --help", word, command);
	return mistake("there is no option %s; see %s --help", word, command);
}

int arguments_parse(const char *command, const struct option_table *tables, int argc, char **argv,
		    struct arguments *ret_arguments)
{
	struct getopt_tables t = { .count = 0 };
	const char *last_argument = NULL;
	int value, err;

	tables_fill(&t, tables);
	optind = 0; /* glibc: start afresh */
	opterr = 0;
	while ((value = getopt_long(argc, argv, t.letters, t.longs, NULL)) != -1) {
		if (value == ':' || value == '?') {
			err = getopt_mistake(&t, value, command, argv[optind - 1]);
		} else {
			const struct option_table *table = t.tables[row_find(&t, value)];

			err = table->take(table->context, value, optarg);
		}
		if (err)
			return err;
		last_argument = optarg;
	}
	/* "-P --" is an argument that looks like the end of the options. */
	ret_arguments->ended = optind > 1 && !strcmp(argv[optind - 1], "--") &&
			       argv[optind - 1] != last_argument;
	ret_arguments->first = optind;
	return 0;
}
