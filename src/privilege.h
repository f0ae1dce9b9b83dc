/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Least privilege: ipcmap becomes weaker as it goes on, and never stronger. All
 * of these are harmless where there is nothing to give up.
 */
#ifndef IPCMAP_PRIVILEGE_H
#define IPCMAP_PRIVILEGE_H

#include <stdbool.h>

/* Whether this process may use a capability now. */
bool privilege_has(int capability);

/*
 * Before outputs are opened and probes attached: root that sudo made becomes the
 * user who called, but for what tracing needs. has_command: one is running that
 * signals are passed on to. 0, or a negative errno after one line on stderr.
 */
int privilege_begin(bool has_command);

/* After the last attach: what is left can read the maps and /proc to their end. */
void privilege_attached(void);

/* The window is closed, and everything read: what is left can write the outputs. */
void privilege_closed(void);

/*
 * For what traces nothing: becomes the user who called sudo, with no capability.
 * 0, or a negative errno after one line on stderr.
 */
int privilege_leave(void);

/* No capability any more, whoever we are. 0 or a negative errno. */
int privilege_none(void);

#endif
