/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ctrl-C, SIGTERM and SIGHUP. Before the window opens, one of them leaves at
 * once. Later the first ends the trace, and the second leaves at once. Leaving
 * removes temporary files; the kernel detaches the probes.
 */
#ifndef IPCMAP_INTERRUPT_H
#define IPCMAP_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

enum { INTERRUPT_SIGNALS = 5 };

/* How the signals were when ipcmap started; COMMAND shall find them so. */
struct interrupt_saved {
	sigset_t mask;
	struct sigaction actions[INTERRUPT_SIGNALS];
};

/* Takes over the signals. */
void interrupt_begin(struct interrupt_saved *ret_saved);

/* Puts them back: in the child that becomes COMMAND. */
void interrupt_restore(const struct interrupt_saved *saved);

/*
 * From now on signals come only within ppoll() with *ret_mask, and the first
 * one does not leave. interrupt_unblock() ends the former.
 */
void interrupt_block(sigset_t *ret_mask);
void interrupt_unblock(void);

/*
 * Around what may wait for somebody else: signals come here, too, though the first of them does not end it.
 * interrupt_readmit() makes it as it was.
 */
void interrupt_admit(sigset_t *ret_old);
void interrupt_readmit(const sigset_t *old);

/* The first signal, or 0. */
int interrupt_seen(void);

/*
 * From now on a signal that was sent to ipcmap alone is sent on to command;
 * one from the terminal has reached it already. 0: no more.
 */
void interrupt_forward(pid_t command);

#endif
