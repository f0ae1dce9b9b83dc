// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: FIFOs, and how their inode numbers may repeat. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipcgen.h"

#define ROUNDS 10

enum { TX, RX, TX2, RX2 };
/* Steps: a lane's is this plus its tx tally. */
#define WRITTEN 0

/* A FIFO, how much goes through it per call, and the tallies to use. */
struct lane {
	char path[128];
	size_t size;
	unsigned int tx, rx;
};

static void write_lane(void *arg)
{
	struct lane *lane = arg;
	int fd = open(lane->path, O_WRONLY);
	char *data = filled(lane->size);

	check(fd >= 0);
	for (int i = 0; i < ROUNDS; i++)
		write_all(fd, data, lane->size, lane->tx);
	mark(WRITTEN + lane->tx);
}

static void read_lane(void *arg)
{
	struct lane *lane = arg;
	int fd = open(lane->path, O_RDONLY);

	check(fd >= 0);
	await(WRITTEN + lane->tx);
	read_all(fd, ROUNDS * lane->size, lane->rx);
}

/* Writer and reader on one lane, which may run at the same time as another's. */
struct lane_run {
	pid_t writer, reader;
};

static struct lane_run start_lane(struct lane *lane)
{
	return (struct lane_run){ actor("gen-writer", write_lane, lane),
				  actor("gen-reader", read_lane, lane) };
}

static void declare_lane(const struct lane *lane, struct lane_run run)
{
	struct truth_edge *edge = declare_exact(run.writer, run.reader, "fifo", tally(lane->tx),
						tally(lane->rx));

	edge_name(edge, "%s", lane->path);
}

static void fifo_write_read(void)
{
	struct lane lane = { .size = 321, .tx = TX, .rx = RX };
	struct lane_run run;

	scratch_path(lane.path, sizeof(lane.path), "a fifo");
	check(!mkfifo(lane.path, 0600));
	run = start_lane(&lane);
	actors_finish();
	declare_lane(&lane, run);
}

/* Each with a path of its own filesystem: fresh ones number their inodes alike. */
static void mount_pair(struct lane lanes[2])
{
	struct stat status[2];

	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		skip("no private mount namespace: %m");
	for (int i = 0; i < 2; i++) {
		char folder[64];

		snprintf(folder, sizeof(folder), "%s/fs%d", scratch(), i);
		check(!mkdir(folder, 0700));
		if (mount("ipcgen", folder, "tmpfs", 0, "size=64k"))
			skip("cannot mount a tmpfs: %m");
		check((size_t)snprintf(lanes[i].path, sizeof(lanes[i].path), "%s/f", folder) <
		      sizeof(lanes[i].path));
		check(!mkfifo(lanes[i].path, 0600));
		check(!stat(lanes[i].path, &status[i]));
	}
	check(status[0].st_ino == status[1].st_ino && status[0].st_dev != status[1].st_dev);
}

static void unmount_pair(const struct lane lanes[2])
{
	for (int i = 0; i < 2; i++) {
		char *folder = strdup(lanes[i].path);

		check(folder);
		*strrchr(folder, '/') = '\0';
		check(!umount2(folder, MNT_DETACH));
		free(folder);
	}
}

static void fifo_same_inode(void)
{
	struct lane lanes[2] = { { .size = 100, .tx = TX, .rx = RX },
				 { .size = 200, .tx = TX2, .rx = RX2 } };
	struct lane_run runs[2];

	mount_pair(lanes);
	for (int i = 0; i < 2; i++)
		runs[i] = start_lane(&lanes[i]);
	actors_finish();
	for (int i = 0; i < 2; i++)
		declare_lane(&lanes[i], runs[i]);
	unmount_pair(lanes);
}

/* ext4 gives the number of a file just removed to the next one made beside it. */
static void fifo_inode_reuse(void)
{
	struct lane lanes[2] = { { .size = 100, .tx = TX, .rx = RX },
				 { .size = 200, .tx = TX2, .rx = RX2 } };
	ino_t first = 0;
	struct stat status;

	for (int i = 0; i < 2; i++) {
		struct lane_run run;

		scratch_path(lanes[i].path, sizeof(lanes[i].path), i ? "second" : "first");
		check(!mkfifo(lanes[i].path, 0600));
		check(!stat(lanes[i].path, &status));
		if (i && status.st_ino != first)
			skip("this filesystem does not use an inode number again at once");
		first = status.st_ino;
		run = start_lane(&lanes[i]);
		actors_finish();
		declare_lane(&lanes[i], run);
		check(!unlink(lanes[i].path));
	}
}

const struct factory fifo_factories[] = {
	{ "fifo-write-read", fifo_write_read },
	{ "fifo-same-inode", fifo_same_inode },
	{ "fifo-inode-reuse", fifo_inode_reuse },
	{ 0 },
};
