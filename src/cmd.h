/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of ipcmap. Each returns the exit status. */
#ifndef IPCMAP_CMD_H
#define IPCMAP_CMD_H

int cmd_trace(int argc, char **argv);
int cmd_render(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_dump(int argc, char **argv);

#endif
