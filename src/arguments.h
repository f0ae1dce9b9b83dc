/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines from tables: what parses is what --help prints. */
#ifndef IPCMAP_ARGUMENTS_H
#define IPCMAP_ARGUMENTS_H

#include <stdarg.h>
#include <stddef.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct option_row {
	int value; /* the letter, or a number of 256 and above that no other table uses */
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *about;
};

/* Some of a command's options, ended by a row whose name is NULL, and who takes them. */
struct option_table {
	const struct option_row *rows;
	/*
	 * Returns 0, a negative errno after mistake(), or -ECANCELED when all was
	 * done (--help). argument is argv's and lives as long.
	 */
	int (*take)(void *context, int value, const char *argument);
	void *context;
};

/* What is left of argv: first is the index of what is no option. */
struct arguments {
	int first;
	int ended; /* "--" stood before it */
};

/*
 * Parses with the tables up to one whose rows are NULL. command: "ipcmap
 * render", for mistakes. Options end at the first word that is none. Returns 0,
 * or what a take function returned, or -EINVAL with one line on stderr.
 */
int arguments_parse(const char *command, const struct option_table *tables, int argc, char **argv,
		    struct arguments *ret_arguments);

/* The rows as --help shows them. */
void rows_print(const struct option_row *rows);

/* What messages begin with: "ipcmap", or "ipcdump". */
extern const char *program_name;

/* "ipcmap: " and one line on stderr, in which names of files are seen and do nothing (text_clean()). */
void line_say(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* One line on stderr. Always returns -EINVAL. */
int mistake(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* After the last word on stdout: 0, or EXIT_FAILED after one line on stderr, where it was not written. */
int stdout_flush(void);

/* Appends one element to an array; 0, or -ENOMEM after mistake(). */
int array_add(void *array_pointer, size_t *count, size_t size, const void *element);

/* The whole of text as a decimal number from min to max; 0 or -EINVAL, without a word. */
int number_parse(const char *text, unsigned long min, unsigned long max,
		 unsigned long *ret_number);

/* Calls take for each item of a comma-separated list, until one returns an error. */
int list_parse(void *context, const char *list, int (*take)(void *context, const char *item));

#endif
