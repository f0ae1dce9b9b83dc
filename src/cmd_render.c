// SPDX-License-Identifier: GPL-2.0-only
/* `ipcmap render`: draws a recorded map. Knows no tracing and needs no root. */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "map_file.h"
#include "privilege.h"
#include "view_options.h"

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
	     "Draws a map that `ipcmap -o FILE.json` recorded; - is stdin. `ipcmap` itself\n"
	     "takes the options of the view, too, and draws the same.");
	rows_print(outputs_rows);
	rows_print(rows);
	puts("View:");
	rows_print(view_option_rows);
	puts("Frames, of a map recorded with -i:  (-o 'frame-%04d.svg': a drawing each)");
	rows_print(film_rows);
	puts("Processes that do the same are folded into one node, and a drawing larger than\n"
	     "reads well is trimmed to its heaviest lines; what is left out is said on it.\n"
	     "JSON holds everything, or what the options from -g to --min-ops ask for.");
	fputs("Suffixes: ", stdout);
	suffixes_print(stdout, true);
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
		{ film_rows, outputs_take, &render->outputs },
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
	int status = map_file_read(render->path, &map);

	if (!status && !map->frame_count && outputs_need_frames(&render->outputs)) {
		mistake("'%s' has no frames: record it with -i SECONDS", render->path);
		status = EXIT_USAGE;
	}
	if (!status && view_style_default(&render->view, map))
		status = EXIT_FAILED;
	render->view.emit.film = render->outputs.film;

	/* Drawing is not tracing: the table is for those who ask. */
	if (render->view.summary == SUMMARY_AUTO)
		render->view.summary = 0;
	/* What root may read is read: the rest is the user's. */
	if (!status && privilege_leave())
		status = EXIT_FAILED;
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
		status = stdout_flush();
	else
		status = err ? EXIT_USAGE : render_run(&render);
	outputs_done(&render.outputs);
	view_options_done(&render.view);
	return status;
}
