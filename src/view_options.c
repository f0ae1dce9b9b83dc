// SPDX-License-Identifier: GPL-2.0-only
#include "view_options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mechanism.h"
#include "style.h"

#define HOPS_MAX 100
#define LINES_MAX 1000000000UL
#define TIMEOUT_MAX 86400
#define DPI_MIN 10
#define DPI_MAX 2400

/* Above those of every command (options.c, cmd_*.c). */
enum {
	OPT_CLUSTER = 1024,
	OPT_NO_FOLD,
	OPT_FOCUS,
	OPT_HOPS,
	OPT_ONLY,
	OPT_HIDE,
	OPT_TOP,
	OPT_BY,
	OPT_MIN_BYTES,
	OPT_MIN_OPS,
	OPT_ALL,
	OPT_SUMMARY,
	OPT_ENGINE,
	OPT_LAYOUT_TIMEOUT,
	OPT_STYLE,
	OPT_DPI
};

const struct option_row view_option_rows[] = {
	{ 'g', "group-by", "WHAT", "a node per comm, exe, unit, container, user, cgroup" },
	{ OPT_CLUSTER, "cluster", "WHAT", "frames by unit, container, user or none" },
	{ OPT_NO_FOLD, "no-fold", NULL, "draw like workers one by one, not as \"nginx ×8\"" },
	{ OPT_FOCUS, "focus", "WHO|WHAT", "only a pid's, name's or channel's lines; repeatable" },
	{ OPT_HOPS, "hops", "N", "so many steps around the focus (1)" },
	{ OPT_ONLY, "only", "MECHANISM", "only these: a list, repeatable" },
	{ OPT_HIDE, "hide", "GLOB", "without processes, units, channels of that name" },
	{ OPT_TOP, "top", "N", "the N heaviest lines" },
	{ OPT_BY, "by", "bytes|ops", "what --top weighs (bytes)" },
	{ OPT_MIN_BYTES, "min-bytes", "N", "lines of N bytes or more; 10k, 1M: of 1024" },
	{ OPT_MIN_OPS, "min-ops", "N", "lines of N operations or more" },
	{ OPT_ALL, "all", NULL, "draw everything, however many nodes there are" },
	{ OPT_SUMMARY, "summary", "N", "the N heaviest edges as a table (terminal: 10)" },
	{ OPT_STYLE, "style", "NAME|FILE", "how it looks: default, dark, print, colorblind ..." },
	{ OPT_DPI, "dpi", "N", "dots per inch of a PNG (96)" },
	{ OPT_ENGINE, "engine", "ENGINE", "Graphviz's layout: dot, sfdp ... (by size)" },
	{ OPT_LAYOUT_TIMEOUT, "layout-timeout", "N", "seconds for the layout (30)" },
	{ 0, NULL, NULL, NULL },
};

/* Which of the names it is. 0 and *ret_index, or -EINVAL after telling them. */
static int name_take(const char *text, const char *option, const char *const *names, int count,
		     int *ret_index)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret_index = i;
			return 0;
		}
	}
	fprintf(stderr, "ipcmap: %s takes no '%s'; it takes", option, text);
	for (int i = 0; i < count; i++)
		fprintf(stderr, "%s %s", i ? "," : "", names[i]);
	fputc('\n', stderr);
	return -EINVAL;
}

static int group_take(struct view_options *options, const char *text)
{
	int index;
	int err = name_take(text, "-g", group_names, GROUPS, &index);

	if (!err)
		options->group = (enum group_by)index;
	return err;
}

static int cluster_take(struct view_options *options, const char *text)
{
	int index;
	int err = name_take(text, "--cluster", cluster_names, CLUSTERS, &index);

	if (!err)
		options->cluster = (enum cluster_by)index;
	return err;
}

/* Those of Graphviz that draw lines. */
static int engine_take(struct view_options *options, const char *text)
{
	static const char *const names[] = { "dot", "sfdp", "fdp", "neato", "circo", "twopi", "osage" };
	int index;
	int err = name_take(text, "--engine", names, sizeof(names) / sizeof(names[0]), &index);

	if (!err)
		options->emit.engine = names[index];
	return err;
}

static int by_take(struct view_options *options, const char *text)
{
	static const char *const names[] = { "bytes", "ops" };
	int index;
	int err = name_take(text, "--by", names, 2, &index);

	if (!err)
		options->by_ops = index == 1;
	return err;
}

static int only_take(void *context, const char *name)
{
	struct view_options *options = context;
	uint32_t bits = mechanism_bits(name);

	if (!bits) {
		fprintf(stderr, "ipcmap: there is no mechanism '%s'; there are:", name);
		for (int i = 0; i < IPC_MECHANISMS; i++)
			fprintf(stderr, " %s", mechanisms[i].name);
		fputs("; for several: unix net all\n", stderr);
		return -EINVAL;
	}
	options->only |= bits;
	return 0;
}

/* "4096", "10k", "1.5M", "1GiB". */
static int size_parse(const char *text, uint64_t *ret_bytes)
{
	static const char units[] = "kMGT";
	const char *unit;
	char *end = NULL;
	double figure = isdigit((unsigned char)text[0]) ? strtod(text, &end) : -1;

	if (!end || text[strspn(text, "0123456789.")] != *end)
		return -EINVAL;
	unit = *end ? strchr(units, *end == 'K' ? 'k' : *end) : NULL;
	if (unit) {
		end++;
		for (const char *u = units; u <= unit; u++)
			figure *= 1024;
	}
	if (strcmp(end, "iB") == 0 && unit)
		end += 2;
	else if (strcmp(end, "B") == 0)
		end++;
	if (*end || figure > 1e18)
		return -EINVAL;
	*ret_bytes = (uint64_t)figure;
	return 0;
}

static int min_bytes_take(struct view_options *options, const char *text)
{
	if (size_parse(text, &options->min_bytes))
		return mistake("'%s' is no number of bytes: give one such as 4096, 10k or 1.5M", text);
	return 0;
}

/* For options whose argument is a number. what: "a number of lines". */
static int count_take(const char *text, const char *what, unsigned long min, unsigned long max,
		      unsigned long *ret_number)
{
	if (number_parse(text, min, max, ret_number))
		return mistake("'%s' is no %s: give one from %lu to %lu", text, what, min, max);
	return 0;
}

static int text_take(const char ***texts, size_t *count, const char *option, const char *text)
{
	if (!*text)
		return mistake("%s needs a name", option);
	return array_add(texts, count, sizeof(text), &text);
}

static int number_take(struct view_options *options, int value, const char *text)
{
	unsigned long number = 0;
	int err;

	switch (value) {
	case OPT_HOPS:
		err = count_take(text, "number of steps", 1, HOPS_MAX, &number);
		options->hops = (unsigned)number;
		return err;
	case OPT_TOP:
		err = count_take(text, "number of lines", 1, LINES_MAX, &number);
		options->top = number;
		return err;
	case OPT_MIN_OPS:
		err = count_take(text, "number of operations", 0, 1000000000000000000UL, &number);
		options->min_ops = number;
		return err;
	case OPT_SUMMARY:
		err = count_take(text, "number of lines", 0, LINES_MAX, &number);
		options->summary = (int)number;
		return err;
	case OPT_DPI:
		err = count_take(text, "number of dots per inch", DPI_MIN, DPI_MAX, &number);
		options->emit.dpi = (unsigned)number;
		return err;
	default:
		err = count_take(text, "number of seconds", 1, TIMEOUT_MAX, &number);
		options->emit.timeout = (unsigned)number;
		return err;
	}
}

static int style_take(struct view_options *options, const char *name)
{
	struct style *style;
	char *error = NULL;

	if (style_load(name, &style, &error) < 0) {
		mistake("%s", error ? error : "out of memory");
		free(error);
		return -EINVAL;
	}
	style_free(options->style);
	options->style = style;
	options->emit.style = style;
	return 0;
}

int view_style_default(struct view_options *options, const struct map *map)
{
	return options->emit.style || !map->comparison ? 0 : style_take(options, "diff");
}

int view_option_take(void *context, int value, const char *argument)
{
	struct view_options *options = context;

	switch (value) {
	case 'g':
		return group_take(options, argument);
	case OPT_CLUSTER:
		return cluster_take(options, argument);
	case OPT_NO_FOLD:
		options->no_fold = true;
		return 0;
	case OPT_FOCUS:
		return text_take(&options->focus, &options->focus_count, "--focus", argument);
	case OPT_ONLY:
		return list_parse(options, argument, only_take);
	case OPT_HIDE:
		return text_take(&options->hide, &options->hide_count, "--hide", argument);
	case OPT_BY:
		return by_take(options, argument);
	case OPT_MIN_BYTES:
		return min_bytes_take(options, argument);
	case OPT_ALL:
		options->all = true;
		return 0;
	case OPT_STYLE:
		return style_take(options, argument);
	case OPT_ENGINE:
		return engine_take(options, argument);
	default:
		return number_take(options, value, argument);
	}
}
