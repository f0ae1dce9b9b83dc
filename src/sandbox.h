/* SPDX-License-Identifier: GPL-2.0-only */
/* Where libraries work on what strangers wrote: they can compute, read files, and nothing else. */
#ifndef IPCMAP_SANDBOX_H
#define IPCMAP_SANDBOX_H

/*
 * For a child that was just forked: gives up all capabilities and all
 * descriptors above keep, and lets a seccomp filter refuse (ENOSYS) what drawing does not
 * need: to write files, to start programs, sockets, signals to others. Where the
 * kernel has no filters there is none. 0 or a negative errno.
 */
int sandbox_enter(int keep);

#endif
