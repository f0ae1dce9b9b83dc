/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that came and went and did nothing that a map could tell: a trace hears of
 * every process of the machine, and may last for days.
 */
#ifndef IPCMAP_FORGET_H
#define IPCMAP_FORGET_H

#include "capture.h"

/*
 * Marks who could be forgotten: those that are younger than the window, ended, and cannot be
 * signalled any more since they were waited for. To be asked before the fold map is read, so that all they did is in it.
 * now: ns, CLOCK_MONOTONIC.
 */
void forget_begin(struct capture *capture, uint64_t now);

/* Not those: they made the flow, or got the signal. */
void forget_keep(struct capture *capture, const struct ipc_flow_key *key);

/*
 * Frees those that are still marked, unless the capture itself has a flow or a descriptor of
 * theirs, or a child of theirs stays. Returns how many.
 */
size_t forget_end(struct capture *capture);

#endif
