// SPDX-License-Identifier: GPL-2.0-only
/*
 * mapcheck [--only-listed] [--lost] [--ignore COMM] [-t MECHANISM]... MAP TRUTH: is this JSON map
 * exactly what ipcgen says it did? With --lost the map may have lost events, which were others' then.
 *
 * Every edge of the truth must be in the map, equal in every field it gives;
 * no other edge may be there; the map must hold together (references, lost
 * events, conservation of bytes); processes must carry the name, parent and
 * executable given. Prints what differs; exit status 0, 1 (differs), 2 (usage).
 *
 * An edge of the truth with "ordered" is there only if the map tells, of that mechanism, who read
 * whose bytes of a channel with several writers and readers (true), or only if it says that it
 * does not (false).
 *
 * One with "maybe" need not be there.
 *
 * In the truth a process is its pid, or "PID:COMM" where a pid was reused;
 * "kernel", "hub" and "external" stand for nodes of that kind.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapcheck.h"

void problem(struct check *check, const char *format, ...)
{
	va_list args;

	check->problems++;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* Is an end of a map's edge of the name that is to be ignored? */
static bool edge_is_ignored(const struct check *check, const json_t *edge)
{
	const char *ends[] = { "src", "dst" };

	for (int i = 0; check->ignored && i < 2; i++) {
		const json_t *node = json_object_get(check->nodes, text(edge, ends[i]));

		if (node && !strcmp(text(node, "comm"), check->ignored))
			return true;
	}
	return false;
}

static bool type_wanted(const struct check *check, const json_t *edge)
{
	for (size_t i = 0; i < check->type_count; i++)
		if (!strcmp(check->types[i], text(edge, "mechanism")))
			return true;
	return !check->type_count;
}

/* Does the map's node answer to the truth's reference? */
static bool node_is(const json_t *node, const json_t *reference)
{
	char named[128];

	if (!node)
		return false;
	if (json_is_integer(reference))
		return !strcmp(text(node, "kind"), "process") &&
		       number(node, "pid") == json_integer_value(reference);
	if (!strcmp(text(node, "kind"), json_string_value(reference)))
		return true;
	snprintf(named, sizeof(named), "%lld:%s", (long long)number(node, "pid"),
		 text(node, "comm"));
	return !strcmp(named, json_string_value(reference));
}

json_t *edge_node(const struct check *check, const json_t *edge, const char *end)
{
	return json_object_get(check->nodes, text(edge, end));
}

static bool ends_are(const struct check *check, const json_t *edge, const json_t *src,
		     const json_t *dst)
{
	return node_is(edge_node(check, edge, "src"), src) &&
	       node_is(edge_node(check, edge, "dst"), dst);
}

/* An idle socket has no direction: "either_way" takes both. */
static bool same_ends(const struct check *check, const json_t *edge, const json_t *truth)
{
	const json_t *src = json_object_get(truth, "src"), *dst = json_object_get(truth, "dst");

	if (strcmp(text(edge, "mechanism"), text(truth, "mechanism")))
		return false;
	return ends_are(check, edge, src, dst) ||
	       (json_is_true(json_object_get(truth, "either_way")) &&
		ends_are(check, edge, dst, src));
}

/* The channel's name as the truth knows it: a string, or null. */
static json_t *edge_field(const struct check *check, const json_t *edge, const char *key)
{
	json_t *channel;

	if (strcmp(key, "name"))
		return json_object_get(edge, key);
	channel = json_object_get(check->channels, text(edge, "channel"));
	return channel ? json_object_get(channel, "name") : NULL;
}

static bool same_field(json_t *have, json_t *want)
{
	if (json_is_null(want))
		return !have || json_is_null(have);
	return have && json_equal(have, want);
}

static const char *const edge_fields[] = { "name", "signal", "ops", "bytes", "received_ops",
					   "received_bytes", "attribution", NULL };

static bool edge_matches(const struct check *check, const json_t *edge, const json_t *truth)
{
	if (!same_ends(check, edge, truth))
		return false;
	for (const char *const *key = edge_fields; *key; key++) {
		json_t *want = json_object_get(truth, *key);

		if (want && !same_field(edge_field(check, edge, *key), want))
			return false;
	}
	return true;
}

static void print_node(const json_t *node)
{
	if (!strcmp(text(node, "kind"), "process"))
		printf("%s(%lld)", text(node, "comm"), (long long)number(node, "pid"));
	else
		printf("%s", node ? text(node, "kind") : "?");
}

void print_edge(const struct check *check, const char *prefix, const json_t *edge)
{
	printf("%s", prefix);
	print_node(edge_node(check, edge, "src"));
	printf(" -> ");
	print_node(edge_node(check, edge, "dst"));
	printf(" %s", text(edge, "mechanism"));
	for (const char *const *key = edge_fields; *key; key++) {
		json_t *value = edge_field(check, edge, *key);
		char *shown = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;

		if (shown && !json_is_null(value))
			printf(" %s=%s", *key, shown);
		free(shown);
	}
	putchar('\n');
}

static void print_truth(const char *prefix, const json_t *truth)
{
	char *shown = json_dumps(truth, JSON_COMPACT);

	printf("%s%s\n", prefix, shown ? shown : "?");
	free(shown);
}

/* Kuhn's augmenting path: finds truth i a map edge, moving others if need be. */
static bool match_one(const struct check *check, size_t i, bool *seen, ssize_t *owner)
{
	json_t *truth = json_array_get(check->truth_edges, i);
	json_t *edge;
	size_t j;

	json_array_foreach(check->map_edges, j, edge) {
		if (seen[j] || !edge_matches(check, edge, truth))
			continue;
		seen[j] = true;
		if (owner[j] < 0 || match_one(check, (size_t)owner[j], seen, owner)) {
			owner[j] = (ssize_t)i;
			return true;
		}
	}
	return false;
}

/* A missing edge beside the unclaimed one that comes nearest to it. */
static void explain_missing(struct check *check, const json_t *truth, ssize_t *owner)
{
	json_t *edge;
	size_t j;

	if (json_is_true(json_object_get(truth, "maybe")))
		return;
	check->problems++;
	print_truth("missing edge:    ", truth);
	json_array_foreach(check->map_edges, j, edge) {
		if (owner[j] != -1 || !same_ends(check, edge, truth))
			continue;
		owner[j] = -2;
		print_edge(check, "  the map has:   ", edge);
		return;
	}
}

static bool edge_is_listed(const struct check *check, const json_t *edge)
{
	json_t *processes = json_object_get(check->truth, "processes");
	json_t *process;
	size_t i;

	json_array_foreach(processes, i, process) {
		json_t *pid = json_object_get(process, "pid");

		if (node_is(edge_node(check, edge, "src"), pid) ||
		    node_is(edge_node(check, edge, "dst"), pid))
			return true;
	}
	return false;
}

static void check_edges(struct check *check)
{
	size_t truths = json_array_size(check->truth_edges);
	size_t edges = json_array_size(check->map_edges);
	ssize_t *owner = malloc((edges + 1) * sizeof(*owner));
	bool *seen = malloc(edges + 1), *found = calloc(truths + 1, 1);
	json_t *edge;

	if (!owner || !seen || !found)
		abort();
	for (size_t j = 0; j < edges; j++)
		owner[j] = -1;
	for (size_t i = 0; i < truths; i++) {
		memset(seen, 0, edges + 1);
		found[i] = match_one(check, i, seen, owner);
	}
	for (size_t i = 0; i < truths; i++)
		if (!found[i])
			explain_missing(check, json_array_get(check->truth_edges, i), owner);
	for (size_t j = 0; j < edges; j++) {
		edge = json_array_get(check->map_edges, j);
		if (owner[j] != -1)
			continue;
		check->problems++;
		print_edge(check, "unexpected edge: ", edge);
	}
	free(owner);
	free(seen);
	free(found);
}

/* Totals over all edges that fit: what no single edge can say. */
static void check_sum(struct check *check, const json_t *sum)
{
	static const char *const keys[] = { "ops", "bytes", "received_ops", "received_bytes" };
	json_int_t totals[4] = { 0 }, count = 0;
	json_t *src = json_object_get(sum, "src"), *dst = json_object_get(sum, "dst");
	json_t *edge;
	size_t j;

	json_array_foreach(check->map_edges, j, edge) {
		if (strcmp(text(edge, "mechanism"), text(sum, "mechanism")) ||
		    (src && !node_is(edge_node(check, edge, "src"), src)) ||
		    (dst && !node_is(edge_node(check, edge, "dst"), dst)))
			continue;
		count++;
		for (size_t k = 0; k < 4; k++)
			totals[k] += number(edge, keys[k]);
	}
	for (size_t k = 0; k < 4; k++) {
		json_t *want = json_object_get(sum, keys[k]);

		if (!want || json_integer_value(want) == totals[k])
			continue;
		print_truth("sum differs:     ", sum);
		problem(check, "  the map has:   %s=%lld on %lld edges", keys[k],
			(long long)totals[k], (long long)count);
	}
}

/* A process that did nothing need not be in the map. */
static bool has_edge(const struct check *check, const json_t *pid)
{
	json_t *edge;
	size_t i;

	json_array_foreach(check->truth_edges, i, edge)
		if (!json_is_true(json_object_get(edge, "maybe")) &&
		    (json_equal(json_object_get(edge, "src"), pid) ||
		     json_equal(json_object_get(edge, "dst"), pid)))
			return true;
	return false;
}

static void check_processes(struct check *check)
{
	static const char *const fields[] = { "comm", "ppid", "exe", NULL };
	json_t *processes = json_object_get(check->truth, "processes");
	json_t *process, *node;
	const char *id;
	size_t i;

	json_array_foreach(processes, i, process) {
		json_t *pid = json_object_get(process, "pid");
		bool there = false, right = false;

		json_object_foreach(check->nodes, id, node) {
			bool same = true;

			if (!node_is(node, pid))
				continue;
			there = true;
			for (const char *const *key = fields; *key; key++) {
				json_t *want = json_object_get(process, *key);

				if (want && !same_field(json_object_get(node, *key), want))
					same = false;
			}
			right = right || same;
		}
		if (right || (!there && !has_edge(check, pid)))
			continue;
		print_truth("process differs: ", process);
		json_object_foreach(check->nodes, id, node)
			if (node_is(node, pid))
				print_truth("  the map has:   ", node);
		problem(check, "  %s", there ? "no such process with these" : "no such pid");
	}
}

/* Two processes that shared a pid must be two nodes, and one process one node. */
static void check_instances(struct check *check)
{
	json_t *processes = json_object_get(check->truth, "processes");
	json_t *process, *other, *node;
	const char *id;
	size_t i, k;

	json_array_foreach(processes, i, process) {
		json_t *pid = json_object_get(process, "pid");
		size_t want = 0, have = 0;

		json_array_foreach(processes, k, other)
			want += json_equal(json_object_get(other, "pid"), pid);
		json_object_foreach(check->nodes, id, node)
			have += node_is(node, pid);
		if (have > want || (have < want && !check->type_count && have))
			problem(check, "pid %lld is %zu processes in the map, %zu in truth",
				(long long)json_integer_value(pid), have, want);
	}
}

/* An array's objects by their "id"; two of one id are a problem. */
static json_t *by_id(struct check *check, const char *array)
{
	json_t *index = json_object(), *object;
	size_t i;

	json_array_foreach(json_object_get(check->map, array), i, object) {
		if (json_object_get(index, text(object, "id")))
			problem(check, "two %s of id %s", array, text(object, "id"));
		json_object_set(index, text(object, "id"), object);
	}
	return index;
}

static bool is_ordered(const struct check *check, const char *mechanism)
{
	json_t *rows = json_object_get(json_object_get(check->map, "completeness"), "mechanisms"), *row;
	size_t i;

	if (strcmp(mechanism, "pipe") && strcmp(mechanism, "fifo") && strncmp(mechanism, "unix-", 5))
		return false; /* never of the others */
	json_array_foreach(rows, i, row)
		if (!strcmp(text(row, "mechanism"), mechanism))
			return !strstr(text(row, "reason"), "who read whose bytes is not known");
	return false;
}

/* Edges of the map say nothing of it. */
static bool order_fits(const struct check *check, const json_t *edge)
{
	const json_t *ordered = json_object_get(edge, "ordered");

	return !ordered || json_is_true(ordered) == is_ordered(check, text(edge, "mechanism"));
}

static json_t *select_edges(struct check *check, json_t *from)
{
	json_t *selected = json_array(), *edge;
	size_t i;

	json_array_foreach(json_object_get(from, "edges"), i, edge)
		if (type_wanted(check, edge) && order_fits(check, edge))
			json_array_append(selected, edge);
	return selected;
}

/* Of the map's edges those that are asked for. */
static json_t *select_map_edges(struct check *check)
{
	json_t *wanted = select_edges(check, check->map), *selected = json_array(), *edge;
	size_t i;

	json_array_foreach(wanted, i, edge)
		if (!edge_is_ignored(check, edge) && (!check->only_listed || edge_is_listed(check, edge)))
			json_array_append(selected, edge);
	json_decref(wanted);
	return selected;
}

static json_t *load(const char *path)
{
	json_error_t error;
	json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);

	if (!json) {
		printf("%s:%d: %s\n", path, error.line, error.text);
		exit(1);
	}
	return json;
}

static int run(struct check *check)
{
	json_t *sum;
	size_t i;

	check->nodes = by_id(check, "nodes");
	check->channels = by_id(check, "channels");
	check->map_edges = select_map_edges(check);
	check->truth_edges = select_edges(check, check->truth);
	check_shape(check);
	check_edges(check);
	json_array_foreach(json_object_get(check->truth, "sums"), i, sum)
		if (type_wanted(check, sum))
			check_sum(check, sum);
	check_processes(check);
	check_instances(check);
	if (check->problems)
		printf("mapcheck: %u problems\n", check->problems);
	json_decref(check->truth_edges);
	json_decref(check->map_edges);
	json_decref(check->channels);
	json_decref(check->nodes);
	return check->problems ? 1 : 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "only-listed", no_argument, NULL, 'l' },
		{ "lost", no_argument, NULL, 'L' },
		{ "ignore", required_argument, NULL, 'i' },
		{ "type", required_argument, NULL, 't' },
		{ 0 },
	};
	struct check check = { 0 };
	int option, status;

	while ((option = getopt_long(argc, argv, "t:", options, NULL)) != -1) {
		if (option == 'l')
			check.only_listed = true;
		else if (option == 'L')
			check.lost = true;
		else if (option == 'i')
			check.ignored = optarg;
		else if (option == 't' && check.type_count < 16)
			check.types[check.type_count++] = optarg;
		else
			return 2;
	}
	if (argc - optind != 2) {
		fprintf(stderr, "usage: mapcheck [--only-listed] [--lost] [--ignore COMM] [-t MECHANISM]... MAP TRUTH\n");
		return 2;
	}
	check.map = load(argv[optind]);
	check.truth = load(argv[optind + 1]);
	status = run(&check);
	json_decref(check.map);
	json_decref(check.truth);
	return status;
}
