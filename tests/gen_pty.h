/* SPDX-License-Identifier: GPL-2.0-only */
/* The pseudo-terminal of a factory. */
#ifndef GEN_PTY_H
#define GEN_PTY_H

#include <sys/types.h>

enum pty_mode {
	PTY_RAW,
	PTY_COOKED, /* as a terminal starts: echo, line editing, signals */
	PTY_QUIET,  /* cooked, without echo */
};

extern int pty_master, pty_slave;
extern char pty_name[64];

void pty_open(enum pty_mode mode);
/* Makes the caller lead a session on the pty; and give it up before it exits. */
void pty_lead(void);
void pty_leave(void);
/* The signals that pty_leave() brought its caller. */
void pty_declare_leave(pid_t leader);

#endif
