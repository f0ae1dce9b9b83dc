/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VM_HOOKS_H
#define VM_HOOKS_H

/*
 * A hook is written like the section of its program: tp_btf/sys_exit, fexit/pipe_read,
 * kprobe/pipe_read, kretprobe/pipe_read.
 */

/* Prints those of every program that is attached now, one a line. 0 or a negative errno. */
int hooks_print(void);

/* Puts a program there that does nothing, for as long as this process lives. 0 or a negative errno. */
int hook_attach_empty(const char *hook);

#endif
