// SPDX-License-Identifier: GPL-2.0-only
/* `ipcmap diff`: what became of one map in another. Its exit status is diff(1)'s. */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diff.h"
#include "diff_text.h"
#include "draw.h"
#include "map_file.h"
#include "privilege.h"
#include "style.h"
#include "view_options.h"

#define STATUS_SAME 0
#define STATUS_DIFFERS 1
#define STATUS_TROUBLE 2

#define TERMINAL_LINES 40
#define THRESHOLD_MAX 1000000UL

/* Above those of every command and of the view. */
enum { OPT_THRESHOLD = 2048, OPT_ONLY_CHANGES, OPT_FAIL_ON };

struct diff {
	const char *paths[2]; /* before, after; "-": stdin */
	struct outputs outputs;
	struct view_options view;
	double threshold;
	bool only_changes, quiet;
	bool fails[CHANGES]; /* of --fail-on */
	bool fail_on;
};

static const struct option_row rows[] = {
	{ OPT_THRESHOLD, "threshold", "PERCENT", "what differs by more has changed (50)" },
	{ OPT_ONLY_CHANGES, "only-changes", NULL, "leave out what is the same" },
	{ OPT_FAIL_ON, "fail-on", "WHAT", "status 1 only for: added, removed, changed" },
	{ 'q', "quiet", NULL, "nothing but errors, files and the exit status" },
	{ 'h', "help", NULL, "print this" },
	{ 0, NULL, NULL, NULL },
};

static void help_print(void)
{
	puts("Usage: ipcmap diff BEFORE.json AFTER.json [OPTION]...\n"
	     "Compares two maps that `ipcmap -o FILE.json` recorded; - is stdin. Without -o\n"
	     "it lists the changes. Exit status: 0 no difference, 1 some, 2 trouble.");
	rows_print(outputs_rows);
	rows_print(rows);
	puts("View:");
	rows_print(view_option_rows);
	puts("Processes are the same by what they are, not by pid: executable, name, unit or\n"
	     "container, user, where they listen, whether a worker; those alike are one, as\n"
	     "\"postgres ×4\". What is left is paired by less: another version, another unit,\n"
	     "the name alone. Edges are the same by their ends, mechanism and path or port;\n"
	     "inodes and ephemeral ports do not count. Where the windows differ in length,\n"
	     "what is compared and shown are rates.");
	fputs("Suffixes: ", stdout);
	suffixes_print(stdout, false);
	putchar('\n');
}

static int threshold_take(struct diff *diff, const char *text)
{
	const char *unit = text + strspn(text, "0123456789.");
	char *end;
	/* Digits and a point only: strtod() also takes "nan" and "0x1p3". */
	double percent = strtod(text, &end);

	if (end == text || end != unit || percent > (double)THRESHOLD_MAX || (*unit && strcmp(unit, "%") != 0))
		return mistake("'%s' is no percentage: give one from 0 to %lu", text, THRESHOLD_MAX);
	diff->threshold = percent;
	return 0;
}

static int fail_on_take(void *context, const char *name)
{
	struct diff *diff = context;

	for (enum change change = CHANGE_CHANGED; change < CHANGES; change++) {
		if (strcmp(name, change_name(change)) == 0) {
			diff->fails[change] = diff->fail_on = true;
			return 0;
		}
	}
	return mistake("--fail-on takes no '%s'; it takes added, removed, changed", name);
}

static int diff_take(void *context, int value, const char *argument)
{
	struct diff *diff = context;

	switch (value) {
	case OPT_THRESHOLD:
		return threshold_take(diff, argument);
	case OPT_ONLY_CHANGES:
		diff->only_changes = true;
		return 0;
	case OPT_FAIL_ON:
		return list_parse(diff, argument, fail_on_take);
	case 'q':
		diff->quiet = true;
		return 0;
	default:
		help_print();
		return -ECANCELED;
	}
}

static int path_take(struct diff *diff, const char *path)
{
	if (!diff->paths[0])
		diff->paths[0] = path;
	else if (!diff->paths[1])
		diff->paths[1] = path;
	else
		return mistake("what is '%s'? Two maps are compared", path);
	return 0;
}

/* Films and numbered files show the frames of one map. */
static int frames_refuse(const struct diff *diff)
{
	for (size_t i = 0; i < diff->outputs.count; i++) {
		const struct output *output = &diff->outputs.outputs[i];

		if (output->numbered || output->format->animated)
			return mistake("a difference has no frames to make '%s' of", output->path);
	}
	return 0;
}

/* Files may stand before, between and after the options. */
static int diff_parse(struct diff *diff, int argc, char **argv)
{
	const struct option_table tables[] = {
		{ outputs_rows, outputs_take, &diff->outputs },
		{ rows, diff_take, diff },
		{ view_option_rows, view_option_take, &diff->view },
		{ NULL, NULL, NULL },
	};

	view_options_init(&diff->view);
	while (argc > 0) {
		struct arguments left;
		int err = arguments_parse("ipcmap diff", tables, argc, argv, &left);

		if (err)
			return err;
		if (left.first >= argc)
			break;
		err = path_take(diff, argv[left.first]);
		if (err)
			return err;
		argc -= left.first;
		argv += left.first;
	}
	if (!diff->paths[1] || !*diff->paths[0] || !*diff->paths[1])
		return mistake("diff needs two maps: BEFORE.json AFTER.json");
	if (!strcmp(diff->paths[0], "-") && !strcmp(diff->paths[1], "-"))
		return mistake("only one of the two maps can be stdin");
	/* The list of changes is what stdout is for, unless something else is asked for. */
	if (!diff->outputs.path_count && !diff->outputs.format)
		return 0;
	if (outputs_decide(&diff->outputs, false))
		return -EINVAL;
	return frames_refuse(diff);
}

/* What each map is before it is compared: without what was not asked for, grouped. */
static int side_new(const struct diff *diff, const struct map *map, struct view *ret_view)
{
	struct view_options options = { 0 };

	options.group = diff->view.group;
	options.only = diff->view.only;
	options.hide = diff->view.hide;
	options.hide_count = diff->view.hide_count;
	options.cluster = CLUSTER_BY_NONE;
	return view_new(map, &options, VIEW_RECORD, ret_view);
}

/* What only the difference can be asked: how far it is from the focus, how much it moved. */
static int part_new(const struct diff *diff, const struct map *map, struct view *ret_view)
{
	struct view_options options = { 0 };

	options.focus = diff->view.focus;
	options.focus_count = diff->view.focus_count;
	options.hops = diff->view.hops;
	options.min_bytes = diff->view.min_bytes;
	options.min_ops = diff->view.min_ops;
	options.cluster = CLUSTER_BY_NONE;
	return view_new(map, &options, VIEW_RECORD, ret_view);
}

static int compare(const struct diff *diff, struct map *const maps[2], struct map **ret_map)
{
	struct view before = { 0 }, after = { 0 }, part = { 0 };
	struct map *whole = NULL;
	int rc = side_new(diff, maps[0], &before);

	rc = rc ? rc : side_new(diff, maps[1], &after);
	rc = rc ? rc : diff_new(before.map, after.map, diff->threshold, &whole);
	rc = rc ? rc : part_new(diff, whole, &part);
	if (rc == 0) {
		*ret_map = part.map;
		part.map = NULL;
	}
	view_done(&before);
	view_done(&after);
	view_done(&part);
	map_free(whole);
	return rc;
}

static int maps_read(const struct diff *diff, struct map *maps[2])
{
	for (int i = 0; i < 2; i++) {
		if (map_file_read(diff->paths[i], &maps[i]))
			return -EINVAL;
		if (!maps[i]->comparison)
			continue;
		mistake("'%s' is a difference already: two maps are compared", diff->paths[i]);
		return -EINVAL;
	}
	/* What a view left out of one of them would look as if it had come or gone. */
	for (int i = 0; i < 2; i++)
		if (!diff->quiet && maps[i]->note && !maps[!i]->note)
			fprintf(stderr, "ipcmap: '%s' holds but a part of its trace: %s\n", diff->paths[i],
				maps[i]->note);
	return 0;
}

/* The list of changes, where it is wanted. 0 or a negative errno. */
static int summary_print(const struct diff *diff, const struct graph *graph)
{
	bool alone = !diff->outputs.count;
	FILE *file = alone ? stdout : stderr;
	bool terminal = isatty(fileno(file)) == 1;
	int lines = diff->view.summary;
	char *text = NULL;

	if (lines == SUMMARY_AUTO)
		lines = alone ? INT32_MAX : terminal ? TERMINAL_LINES : 0;
	if (diff->quiet || (lines == 0 && !alone))
		return 0;
	if (diff_summary(graph, (size_t)lines, terminal && !getenv("NO_COLOR"), &text))
		return -ENOMEM;
	fputs(text, file);
	free(text);
	return fflush(file) ? -errno : 0;
}

static int status_of(const struct diff *diff, const struct graph *graph)
{
	const struct diff_counts counts = diff_count(graph);

	for (enum change change = CHANGE_CHANGED; change < CHANGES; change++) {
		if ((counts.processes[change] || counts.edges[change]) &&
		    (diff->fails[change] || !diff->fail_on))
			return STATUS_DIFFERS;
	}
	return STATUS_SAME;
}

/* Draws what was compared already: only how, and how much of it, is left of the options. */
static int files_write(struct diff *diff, struct drawing *drawing, const struct map *map)
{
	struct view_options options;
	struct map *changes = NULL;
	int status;

	if (view_style_default(&diff->view, map))
		return EXIT_FAILED;
	options = diff->view;
	options.group = GROUP_PROCESS;
	options.only = 0;
	options.hide_count = options.focus_count = 0;
	options.min_bytes = options.min_ops = 0;
	options.summary = 0;
	if (diff->only_changes && diff_changes(map, &changes)) {
		mistake("out of memory while comparing");
		return EXIT_FAILED;
	}
	drawing->options = &options;
	status = drawing_write(drawing, changes ? changes : map);
	map_free(changes);
	return status;
}

static int diff_write(struct diff *diff, struct drawing *drawing, const struct map *map)
{
	struct graph graph;
	int status, err;

	if (graph_new(map, &graph)) {
		mistake("out of memory while comparing");
		return STATUS_TROUBLE;
	}
	status = status_of(diff, &graph);
	if (diff->outputs.count && files_write(diff, drawing, map))
		status = STATUS_TROUBLE;
	err = summary_print(diff, &graph);
	if (err && err != -EPIPE)
		mistake("cannot write to stdout: %s", strerror(-err));
	graph_done(&graph);
	return err ? STATUS_TROUBLE : status;
}

static int diff_run(struct diff *diff)
{
	struct drawing drawing = {
		.outputs = diff->outputs.outputs,
		.output_count = diff->outputs.count,
		.options = &diff->view,
		.quiet = diff->quiet,
	};
	struct map *maps[2] = { 0 }, *map = NULL;
	int status = STATUS_TROUBLE, err = maps_read(diff, maps);

	err = err ? err : privilege_leave();
	if (!err && !drawing_open(&drawing)) {
		err = compare(diff, maps, &map);
		if (err)
			mistake("out of memory while comparing");
		else
			status = diff_write(diff, &drawing, map);
	}
	drawing_done(&drawing);
	map_free(map);
	map_free(maps[0]);
	map_free(maps[1]);
	return status;
}

int cmd_diff(int argc, char **argv)
{
	struct diff diff = { .threshold = DIFF_THRESHOLD };
	int err = diff_parse(&diff, argc, argv), status;

	if (err == -ECANCELED)
		status = stdout_flush() ? STATUS_TROUBLE : 0;
	else
		status = err ? STATUS_TROUBLE : diff_run(&diff);
	outputs_done(&diff.outputs);
	view_options_done(&diff.view);
	return status;
}
