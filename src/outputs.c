// SPDX-License-Identifier: GPL-2.0-only
#include "outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct option_row outputs_rows[] = {
	{ 'o', "output", "FILE", "write there, by suffix; - is stdout; repeatable" },
	{ 'T', "format", "FORMAT", "format where no suffix tells (stdout: dot)" },
	{ 0, NULL, NULL, NULL },
};

static void formats_print(FILE *file)
{
	for (const struct format *f = formats; f->name; f++)
		fprintf(file, "%s%s", f == formats ? "" : ", ", f->name);
}

void suffixes_print(FILE *file)
{
	for (const struct format *f = formats; f->name; f++)
		fprintf(file, "%s%s", f == formats ? "" : " ", f->suffixes);
}

static int format_take(struct outputs *outputs, const char *name)
{
	outputs->format = format_by_name(name);
	if (outputs->format)
		return 0;
	fprintf(stderr, "ipcmap: there is no format '%s'; there are ", name);
	formats_print(stderr);
	fputc('\n', stderr);
	return -EINVAL;
}

int outputs_take(void *context, int value, const char *argument)
{
	struct outputs *outputs = context;

	if (value == 'T')
		return format_take(outputs, argument);
	return array_add(&outputs->paths, &outputs->path_count, sizeof(argument), &argument);
}

static bool path_is_stdout(const char *path)
{
	return !strcmp(path, "-") || !strcmp(path, "/dev/stdout") || !strcmp(path, "/dev/fd/1");
}

/* One -o: the suffix decides; where it does not, -T; on stdout else dot. */
static int output_add(struct outputs *outputs, const char *path, bool *format_used)
{
	struct output output = { .path = path };

	if (!*path)
		return mistake("-o needs the name of a file, or - for stdout");
	for (size_t i = 0; i < outputs->count; i++) {
		const char *other = outputs->outputs[i].path;

		if (path_is_stdout(path) && path_is_stdout(other))
			return mistake("only one output can go to stdout");
		if (!strcmp(path, other))
			return mistake("the output '%s' is given twice", path);
	}
	output.format = strcmp(path, "-") ? format_by_path(path) : NULL;
	if (!output.format && outputs->format) {
		output.format = outputs->format;
		*format_used = true;
	}
	if (!output.format && !strcmp(path, "-"))
		output.format = format_by_name("dot");
	if (output.format) {
		*format_used |= output.format == outputs->format;
		return array_add(&outputs->outputs, &outputs->count, sizeof(output), &output);
	}
	fprintf(stderr, "ipcmap: the name '%s' does not tell its format: end it with one of ", path);
	suffixes_print(stderr);
	fputs(", or use -T\n", stderr);
	return -EINVAL;
}

/*
 * Where the map goes without -o: what is piped on shall be DOT or what -T
 * says; but a command has stdout for itself, so beside it a file is written.
 */
static const char *default_path(const struct outputs *outputs, bool stdout_taken)
{
	static char path[32];
	const struct format *format = outputs->format ? outputs->format : format_by_name("svg");

	if (!stdout_taken && !isatty(STDOUT_FILENO))
		return "-";
	snprintf(path, sizeof(path), "ipcmap%.*s", (int)strcspn(format->suffixes, " "),
		 format->suffixes);
	return path;
}

int outputs_decide(struct outputs *outputs, bool stdout_taken)
{
	bool format_used = false;
	int err = 0;

	if (!outputs->path_count)
		return output_add(outputs, default_path(outputs, stdout_taken), &format_used);
	for (size_t i = 0; !err && i < outputs->path_count; i++)
		err = output_add(outputs, outputs->paths[i], &format_used);
	if (!err && outputs->format && !format_used)
		err = mistake("-T %s and '%s' do not agree: leave -T away, or change the suffix",
			      outputs->format->name, outputs->paths[0]);
	return err;
}

void outputs_done(struct outputs *outputs)
{
	free(outputs->outputs);
	free(outputs->paths);
	*outputs = (struct outputs){ 0 };
}
