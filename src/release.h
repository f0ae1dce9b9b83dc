/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef IPCMAP_RELEASE_H
#define IPCMAP_RELEASE_H

/* --version: ours, and what a report of a fault should name: libbpf, Graphviz, the kernel. */
void release_print(const char *program);

#endif
