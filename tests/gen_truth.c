// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: the truth that a run declares, and how it is written down. */
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gen_core.h"
#include "ipcgen.h"

/* Short enough for a socket's path in it. */
static char scratch_dir[72];

void scratch_init(void)
{
	const char *parent = getenv("TMPDIR");

	if (!parent || strlen(parent) > 50)
		parent = "/tmp";
	snprintf(scratch_dir, sizeof(scratch_dir), "%s/ipcgen.XXXXXX", parent);
	check(mkdtemp(scratch_dir));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path) && errno != ENOENT;
}

void scratch_remove(void)
{
	if (scratch_dir[0])
		nftw(scratch_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

const char *scratch(void)
{
	return scratch_dir;
}

void scratch_path(char *path, size_t size, const char *name)
{
	check((size_t)snprintf(path, size, "%s/%s", scratch_dir, name) < size);
}

struct truth_edge *declare(int64_t src, int64_t dst, const char *mechanism)
{
	unsigned int index = __atomic_fetch_add(&shared->edge_count, 1, __ATOMIC_ACQ_REL);
	struct truth_edge *edge;

	check(index < GEN_EDGES);
	edge = &shared->edges[index];
	*edge = (struct truth_edge){ .src = src, .dst = dst, .mechanism = mechanism,
				     .attribution = "exact", .ops = ANY, .bytes = ANY,
				     .received_ops = ANY, .received_bytes = ANY };
	return edge;
}

void edge_name(struct truth_edge *edge, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	check((size_t)vsnprintf(edge->name, sizeof(edge->name), format, args) < sizeof(edge->name));
	va_end(args);
	edge->name_given = true;
}

struct truth_edge *declare_exact(int64_t src, int64_t dst, const char *mechanism,
				 struct tally sent, struct tally received)
{
	struct truth_edge *edge = declare(src, dst, mechanism);

	edge->ops = sent.ops;
	edge->bytes = sent.bytes;
	edge->received_ops = received.ops;
	edge->received_bytes = received.bytes;
	return edge;
}

struct truth_edge *declare_signal(int64_t src, int64_t dst, const char *signal, int64_t times,
				  int64_t queued)
{
	struct truth_edge *edge = declare(src, dst, "signal");

	edge->signal = signal;
	edge->ops = times;
	edge->bytes = 0;
	edge->received_ops = queued;
	edge->received_bytes = 0;
	return edge;
}

void declare_sum(int64_t src, int64_t dst, const char *mechanism, struct tally sent,
		 struct tally received)
{
	unsigned int index = __atomic_fetch_add(&shared->sum_count, 1, __ATOMIC_ACQ_REL);

	check(index < GEN_SUMS);
	shared->sums[index] = (struct truth_sum){ src, dst, mechanism, sent.ops, sent.bytes,
						  received.ops, received.bytes };
}

void declare_process(pid_t pid, const char *comm, pid_t parent)
{
	unsigned int index = __atomic_fetch_add(&shared->process_count, 1, __ATOMIC_ACQ_REL);

	check(index < GEN_PROCESSES);
	shared->processes[index].pid = pid;
	shared->processes[index].ppid = parent;
	snprintf(shared->processes[index].comm, GEN_COMM_LEN, "%s", comm);
}

void redeclare_process(pid_t pid, const char *comm, const char *exe)
{
	for (unsigned int i = 0; i < shared->process_count; i++) {
		struct truth_process *process = &shared->processes[i];

		if (process->pid != pid)
			continue;
		snprintf(process->comm, sizeof(process->comm), "%s", comm);
		snprintf(process->exe, sizeof(process->exe), "%s", exe);
	}
}

static void write_string(FILE *file, const char *string)
{
	fputc('"', file);
	for (; *string; string++) {
		if (*string == '"' || *string == '\\')
			fprintf(file, "\\%c", *string);
		else if ((unsigned char)*string < 0x20)
			fprintf(file, "\\u%04x", *string);
		else
			fputc(*string, file);
	}
	fputc('"', file);
}

static void write_node(FILE *file, const char *key, int64_t node, const char *comm)
{
	fprintf(file, "\"%s\": ", key);
	if (node == NODE_KERNEL)
		fputs("\"kernel\"", file);
	else if (node == NODE_HUB)
		fputs("\"hub\"", file);
	else if (comm)
		fprintf(file, "\"%" PRId64 ":%s\"", node, comm);
	else
		fprintf(file, "%" PRId64, node);
}

static void write_figure(FILE *file, const char *key, int64_t figure)
{
	if (figure != ANY)
		fprintf(file, ", \"%s\": %" PRId64, key, figure);
}

static void write_edge(FILE *file, const struct truth_edge *edge)
{
	fputs("  { ", file);
	write_node(file, "src", edge->src, edge->src_comm);
	fputs(", ", file);
	write_node(file, "dst", edge->dst, edge->dst_comm);
	fprintf(file, ", \"mechanism\": \"%s\", \"attribution\": \"%s\"", edge->mechanism,
		edge->attribution);
	if (edge->name_given) {
		fputs(", \"name\": ", file);
		if (edge->name[0])
			write_string(file, edge->name);
		else
			fputs("null", file);
	}
	if (edge->either_way)
		fputs(", \"either_way\": true", file);
	if (edge->when)
		fprintf(file, ", \"ordered\": %s", edge->when == ORDERED ? "true" : "false");
	if (edge->maybe)
		fputs(", \"maybe\": true", file);
	if (edge->uncounted)
		fputs(", \"uncounted\": true", file);
	if (edge->signal)
		fprintf(file, ", \"signal\": \"%s\"", edge->signal);
	write_figure(file, "ops", edge->ops);
	write_figure(file, "bytes", edge->bytes);
	write_figure(file, "received_ops", edge->received_ops);
	write_figure(file, "received_bytes", edge->received_bytes);
	fputs(" }", file);
}

static void write_sum(FILE *file, const struct truth_sum *sum)
{
	fprintf(file, "  { \"mechanism\": \"%s\"", sum->mechanism);
	if (sum->src != ANY)
		fprintf(file, ", \"src\": %" PRId64, sum->src);
	if (sum->dst != ANY)
		fprintf(file, ", \"dst\": %" PRId64, sum->dst);
	write_figure(file, "ops", sum->ops);
	write_figure(file, "bytes", sum->bytes);
	write_figure(file, "received_ops", sum->received_ops);
	write_figure(file, "received_bytes", sum->received_bytes);
	fputs(" }", file);
}

int truth_write(const char *path)
{
	FILE *file = fopen(path, "w");
	char exe[512] = "";

	if (!file || readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0)
		return -1;
	fputs("{ \"edges\": [", file);
	for (unsigned int i = 0; i < shared->edge_count; i++) {
		fputs(i ? ",\n" : "\n", file);
		write_edge(file, &shared->edges[i]);
	}
	fputs(" ],\n\"sums\": [", file);
	for (unsigned int i = 0; i < shared->sum_count; i++) {
		fputs(i ? ",\n" : "\n", file);
		write_sum(file, &shared->sums[i]);
	}
	fputs(" ],\n\"processes\": [", file);
	for (unsigned int i = 0; i < shared->process_count; i++) {
		const struct truth_process *process = &shared->processes[i];

		fprintf(file, "%s\n  { \"pid\": %d, \"ppid\": %d, \"comm\": ", i ? "," : "",
			process->pid, process->ppid);
		write_string(file, process->comm);
		fputs(", \"exe\": ", file);
		write_string(file, process->exe[0] ? process->exe : exe);
		fputs(" }", file);
	}
	fputs(" ] }\n", file);
	return fclose(file) ? -1 : 0;
}
