// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipcgen [--truth FILE] [--hold FILE] NAME: does a known number of IPC operations
 * of known sizes between known processes, and writes down what it did.
 * ipcgen --list prints the names, `ipcgen --list-hold` those that hold.
 *
 * A factory that holds does its first phase, makes FILE (which lists the pids to
 * trace), waits until FILE.go exists, does its second phase, writes the truth, makes
 * FILE.done, and ends when FILE.end exists.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "gen_core.h"
#include "ipcgen.h"

static const struct table {
	const struct factory *rows;
	bool holds;
} tables[] = {
	{ pipe_factories, false },    { splice_factories, false }, { fifo_factories, false },
	{ unix_factories, false },    { dgram_factories, false },  { odd_factories, false },
	{ tcp_factories, false },
	{ udp_factories, false },     { multi_factories, false },  { unread_factories, false },
	{ passing_factories, false }, { pty_factories, false },	   { signal_factories, false },
	{ process_factories, false }, { uring_factories, false },  { netns_factories, false },
	{ uring_splice_factories, false }, { msgring_factories, false },
	{ shared_factories, false },	   { urgent_factories, false },
	{ sockmap_factories, false },	   { closed_factories, false },
	{ hold_factories, true },     { queue_factories, true },
	{ blocked_factories, true },  { hold_closed_factories, true },
};

const char *hold_path, *truth_path;

static void list(bool holds)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct factory *row = tables[i].rows; row->name; row++)
			if (tables[i].holds == holds)
				puts(row->name);
}

static const struct factory *find(const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct factory *row = tables[i].rows; row->name; row++)
			if (!strcmp(row->name, name))
				return row;
	return NULL;
}

/* Makes the file hold_path + suffix, whole from the moment it is there. */
static void hold_tell(const char *suffix)
{
	char path[512], part[520];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", hold_path, suffix);
	snprintf(part, sizeof(part), "%s.part", path);
	file = fopen(part, "w");
	check(file);
	fprintf(file, "ipcgen %d\n", self_pid());
	for (unsigned int i = 0; i < shared->actor_count; i++)
		fprintf(file, "%s %d\n", shared->actors[i].comm, shared->actors[i].pid);
	check(!fclose(file));
	check(!rename(part, path));
}

/* Polls, bounded: a watch of the file would be a descriptor more, and no less wrong. */
static void hold_wait(const char *suffix)
{
	struct timespec slice = { .tv_nsec = 50000000 };
	char path[512];

	snprintf(path, sizeof(path), "%s%s", hold_path, suffix);
	for (int i = 0; access(path, F_OK); i++) {
		if (i > 20 * 600) /* to attach takes a guest minutes */
			fail("nobody made %s", path);
		nanosleep(&slice, NULL);
	}
}

void hold_ready(void)
{
	if (!hold_path)
		return;
	hold_tell("");
	hold_wait(".go");
}

/* What comes after, such as the end of the actors, is no longer traced. */
void hold_done(void)
{
	if (!hold_path)
		return;
	check(!truth_path || !truth_write(truth_path));
	truth_path = NULL;
	hold_tell(".done");
	hold_wait(".end");
}

/*
 * SIGCHLD stays blocked: a signal that is ignored by default is dropped at once
 * unless it is blocked, and truth says that each one is queued.
 */
static void prepare(void)
{
	struct rlimit files = { 4096, 4096 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_NOFILE, &files);
	shared_init();
	shared->main_local = getpid();
	scratch_init();
	declare_process(self_pid(), "ipcgen", getppid());
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "truth", required_argument, NULL, 't' },
		{ "hold", required_argument, NULL, 'w' },
		{ "list", no_argument, NULL, 'l' },
		{ "list-hold", no_argument, NULL, 'L' },
		{ 0 },
	};
	const struct factory *factory;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'l' || option == 'L') {
			list(option == 'L');
			return 0;
		}
		if (option == 't')
			truth_path = optarg;
		else if (option == 'w')
			hold_path = optarg;
		else
			return 2;
	}
	factory = optind + 1 == argc ? find(argv[optind]) : NULL;
	if (!factory) {
		fprintf(stderr, "usage: ipcgen [--truth FILE] [--hold FILE] NAME; names: --list\n");
		return 2;
	}
	prepare();
	factory->run();
	actors_finish();
	scratch_remove();
	if (truth_path && truth_write(truth_path)) {
		fprintf(stderr, "ipcgen: %s: %s\n", truth_path, strerror(errno));
		return 1;
	}
	return 0;
}
