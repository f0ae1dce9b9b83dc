// SPDX-License-Identifier: GPL-2.0-only
#include "diff_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define SMALL 9.95 /* a rate below has a decimal */

const char *diff_sign(enum change change)
{
	static const char *const signs[CHANGES] = {
		[CHANGE_NONE] = "", [CHANGE_SAME] = "", [CHANGE_CHANGED] = "~",
		[CHANGE_ADDED] = "+", [CHANGE_REMOVED] = "−",
	};

	return signs[change];
}

/* seconds: 0 for a total. */
static char *put_bytes(char *buf, size_t size, uint64_t bytes, double seconds)
{
	double rate = seconds > 0 ? (double)bytes / seconds : 0;
	char figure[32];

	if (seconds <= 0)
		return text_bytes(buf, size, bytes);
	if (bytes == 0 || rate >= SMALL)
		snprintf(buf, size, "%s/s", text_bytes(figure, sizeof(figure),
						       (uint64_t)fmin(round(rate), 1e19)));
	else
		snprintf(buf, size, "%.*f B/s", rate < .095 ? 3 : 1, rate);
	return buf;
}

static char *put_ops(char *buf, size_t size, uint64_t ops, double seconds)
{
	double rate = seconds > 0 ? (double)ops / seconds : 0;
	char figure[32];

	if (seconds <= 0 || ops == 0)
		snprintf(buf, size, "×%s", text_count(figure, sizeof(figure), ops));
	else if (rate >= SMALL)
		snprintf(buf, size, "×%s/s", text_count(figure, sizeof(figure),
							(uint64_t)fmin(round(rate), 1e19)));
	else
		snprintf(buf, size, "×%.*f/s", rate < .095 ? 3 : 1, rate);
	return buf;
}

/* "×4.7", "÷12": of what is, against what was; "" where one of them is nothing. */
static char *put_factor(char *buf, size_t size, double before, double after)
{
	double factor = fmax(before, after) / fmin(before, after);
	const char *sign = after < before ? "÷" : "×";
	char figure[32];

	if (fmin(before, after) <= 0)
		buf[0] = '\0';
	else if (factor < SMALL)
		snprintf(buf, size, " (%s%.*f)", sign, factor < 1.095 ? 2 : 1, factor);
	else
		snprintf(buf, size, " (%s%s)", sign,
			 text_count(figure, sizeof(figure), (uint64_t)fmin(round(factor), 1e19)));
	return buf;
}

static double per(uint64_t figure, double seconds)
{
	return seconds > 0 ? (double)figure / seconds : (double)figure;
}

static char *put_change(const struct map *diff, const struct figures *before,
			const struct figures *after, char *buf, size_t size)
{
	bool rates = diff_is_rates(diff), bytes = figures_bytes(before) || figures_bytes(after);
	double old_seconds = rates ? diff->comparison->duration : 0;
	double new_seconds = rates ? diff->duration : 0;
	uint64_t old = bytes ? figures_bytes(before) : figures_ops(before);
	uint64_t new = bytes ? figures_bytes(after) : figures_ops(after);
	char a[40], b[40], factor[40];

	if (bytes) {
		put_bytes(a, sizeof(a), old, old_seconds);
		put_bytes(b, sizeof(b), new, new_seconds);
	} else {
		put_ops(a, sizeof(a), old, old_seconds);
		put_ops(b, sizeof(b), new, new_seconds);
	}
	put_factor(factor, sizeof(factor), per(old, old_seconds), per(new, new_seconds));
	snprintf(buf, size, "%s → %s%s", a, b, factor);
	return buf;
}

char *diff_amount(const struct map *diff, const struct row *row, enum way way, char *buf,
		  size_t size)
{
	const struct figures before = row->before[way], after = row->ways[way];
	bool gone = row->change == CHANGE_REMOVED;
	double seconds = 0;
	char ops[40], bytes[40];

	if (row->change == CHANGE_CHANGED && diff_is_changed(diff, &before, &after))
		return put_change(diff, &before, &after, buf, size);
	if (diff_is_rates(diff))
		seconds = gone ? diff->comparison->duration : diff->duration;
	put_ops(ops, sizeof(ops), figures_ops(&after), seconds);
	if (row_is_signal(row))
		snprintf(buf, size, "%s", ops);
	else
		snprintf(buf, size, "%s %s", ops,
			 put_bytes(bytes, sizeof(bytes), figures_bytes(&after), seconds));
	return buf;
}

char *diff_members(const struct node *node, char *buf, size_t size)
{
	size_t now = node_members(node), before = node->members_before;

	if (before && node->change != CHANGE_REMOVED && before != now)
		snprintf(buf, size, "×%zu → ×%zu", before, now);
	else if (now > 1)
		snprintf(buf, size, "×%zu", now);
	else
		buf[0] = '\0';
	return buf;
}

char *diff_window(const char *host, const char *started, double duration)
{
	bool date = started && strlen(started) == 24 && started[10] == 'T' && started[23] == 'Z';
	char *text = NULL;
	int rc;

	host = host ? host : "unknown host";
	if (date)
		rc = asprintf(&text, "%s, %.10s %.8s UTC, %.1f s", host, started, started + 11, duration);
	else
		rc = asprintf(&text, "%s, %.1f s", host, duration);
	return rc < 0 ? NULL : text;
}

const char *diff_measure(const struct map *diff)
{
	return diff_is_rates(diff) ? "figures are per second, as the windows differ in length" :
				     "figures are totals of windows of one length";
}

char *diff_counted(size_t count, const char *name, const char *many, const char *what)
{
	char *text = NULL;

	return asprintf(&text, "%zu %s %s", count, count == 1 ? name : many, what) < 0 ? NULL : text;
}

struct diff_counts diff_count(const struct graph *graph)
{
	struct diff_counts counts = { 0 };

	for (size_t i = 0; i < graph->map->node_count; i++) {
		if (graph->map->nodes[i].kind == NODE_PROCESS)
			counts.processes[graph->map->nodes[i].change]++;
	}
	for (size_t i = 0; i < graph->line_count; i++) {
		for (size_t j = 0; j < graph->lines[i].row_count; j++)
			counts.edges[graph->lines[i].rows[j].change]++;
	}
	return counts;
}
