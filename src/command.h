/* SPDX-License-Identifier: GPL-2.0-only */
/* The command to trace: made, held back until the probes are there, let go. */
#ifndef IPCMAP_COMMAND_H
#define IPCMAP_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "interrupt.h"

struct command {
	pid_t pid;   /* 0: none */
	int gate;    /* the child waits until this is closed */
	_Atomic bool *released; /* shared with the child: that was no accident */
	int failure; /* tells why exec failed */
};

/* Forks the process that will run argv, and holds it back. 0 or a negative errno. */
int command_spawn(struct command *command, char **argv, const struct interrupt_saved *signals);

/* Lets it go. Returns when it runs: 0, or the negative errno of exec. */
int command_release(struct command *command);

/* Ends a command that was never let go. */
void command_cancel(struct command *command);

/* Whether it has ended. It stays a zombie until command_wait(), so its pid stays its own. */
bool command_ended(const struct command *command);

/* Waits for its end. Returns its exit status, 128 + N when signal N killed it. */
int command_wait(struct command *command);

#endif
