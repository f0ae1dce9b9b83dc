// SPDX-License-Identifier: GPL-2.0-only
/* `ipcmap render`: draws a recorded map. Knows no tracing and needs no root. */
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "draw.h"
#include "view_options.h"

#define FILE_MAX ((size_t)2 << 30)

struct render {
	const char *path; /* "-": stdin */
	struct outputs outputs;
	struct view_options view;
	bool quiet;
};

static const struct option_row rows[] = {
	{ 'q', "quiet", NULL, "nothing on stderr but errors" },
	{ 'h', "help", NULL, "print this" },
	{ 0, NULL, NULL, NULL },
};

static void help_print(void)
{
	puts("Usage: ipcmap render FILE.json|- [OPTION]...\n"
	     "Draws a map that `ipcmap -o FILE.json` recorded; - is stdin. `ipcmap` itself takes\n"
	     "the options of the view, too, and draws the same.");
	rows_print(outputs_rows);
	rows_print(rows);
	puts("View:");
	rows_print(view_option_rows);
	puts("Processes that do the same are folded into one node, and a drawing larger than\n"
	     "reads well is trimmed to its heaviest lines; what is left out is said on it. JSON\n"
	     "holds everything, or what the options from -g to --min-ops ask for.");
	fputs("Suffixes: ", stdout);
	suffixes_print(stdout);
	putchar('\n');
}

static int render_take(void *context, int value, const char *argument)
{
	struct render *render = context;

	(void)argument;
	if (value == 'q') {
		render->quiet = true;
		return 0;
	}
	help_print();
	return -ECANCELED;
}

/* FILE may stand before, between and after the options. */
static int render_parse(struct render *render, int argc, char **argv)
{
	const struct option_table tables[] = {
		{ outputs_rows, outputs_take, &render->outputs },
		{ rows, render_take, render },
		{ view_option_rows, view_option_take, &render->view },
		{ NULL, NULL, NULL },
	};

	view_options_init(&render->view);
	while (argc > 0) {
		struct arguments left;
		int err = arguments_parse("ipcmap render", tables, argc, argv, &left);

		if (err)
			return err;
		if (left.first < argc && render->path)
			return mistake("what is '%s'? One map is drawn at a time", argv[left.first]);
		if (left.first < argc)
			render->path = argv[left.first];
		else if (left.first >= argc)
			break;
		argc -= left.first;
		argv += left.first;
	}
	if (!render->path || !*render->path)
		return mistake("render needs a map: FILE.json, or - for stdin");
	return outputs_decide(&render->outputs, false);
}

/* All of fd. 0, or a negative errno. */
static int read_all(int fd, char **ret_data, size_t *ret_size)
{
	size_t size = 0, room = 1 << 16;
	char *data = malloc(room);
	ssize_t got = data ? 1 : -1;

	while (got > 0) {
		if (size == room) {
			char *grown = room < FILE_MAX ? realloc(data, 2 * room) : NULL;

			if (!grown) {
				free(data);
				return room < FILE_MAX ? -ENOMEM : -EFBIG;
			}
			data = grown;
			room *= 2;
		}
		got = read(fd, data + size, room - size);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			size += (size_t)got;
	}
	if (got < 0) {
		int err = data ? -errno : -ENOMEM;

		free(data);
		return err;
	}
	*ret_data = data;
	*ret_size = size;
	return 0;
}

/* Returns 0, or EXIT_USAGE after one line: what cannot be read is no map. */
static int map_read(const char *path, struct map **ret_map)
{
	bool stdin_used = !strcmp(path, "-");
	const char *name = stdin_used ? "stdin" : path;
	int fd = stdin_used ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	char *data = NULL, *error = NULL;
	size_t size = 0;
	int err = fd < 0 ? -errno : read_all(fd, &data, &size);

	if (fd >= 0 && !stdin_used)
		close(fd);
	if (err) {
		mistake("cannot read '%s': %s", name,
			err == -EFBIG ? "larger than 2 GiB: not a map" : strerror(-err));
		return EXIT_USAGE;
	}
	err = map_from_json(data, size, ret_map, &error);
	free(data);
	if (err)
		mistake("cannot read '%s': %s", name, error ? error : strerror(-err));
	free(error);
	return err == -ENOMEM ? EXIT_FAILED : err ? EXIT_USAGE : 0;
}

static int render_run(struct render *render)
{
	struct drawing drawing = {
		.outputs = render->outputs.outputs,
		.output_count = render->outputs.count,
		.options = &render->view,
		.quiet = render->quiet,
		.json_is_view = true,
	};
	struct map *map = NULL;
	int status = map_read(render->path, &map);

	/* Drawing is not tracing: the table is for those who ask. */
	if (render->view.summary == SUMMARY_AUTO)
		render->view.summary = 0;
	status = status ? status : drawing_open(&drawing);
	status = status ? status : drawing_write(&drawing, map);
	drawing_done(&drawing);
	map_free(map);
	return status;
}

int cmd_render(int argc, char **argv)
{
	struct render render = { 0 };
	int err = render_parse(&render, argc, argv), status;

	if (err == -ECANCELED)
		status = fflush(stdout) ? EXIT_FAILED : 0;
	else
		status = err ? EXIT_USAGE : render_run(&render);
	outputs_done(&render.outputs);
	view_options_done(&render.view);
	return status;
}
