/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to loader*.c: the programs of the rows that were chosen. */
#ifndef IPCMAP_LOADER_ATTACH_H
#define IPCMAP_LOADER_ATTACH_H

struct loader;

/* What sees to the calls whose kretprobe missed them: bpf/kprobe.bpf.h. */
#define CALL_LEFT "call_left"

/* Has them loaded, and nothing else. */
int programs_choose(struct loader *loader);

/* Each once, however many rows name it. A negative errno: loader->culprit did not. */
int programs_attach(struct loader *loader);

void programs_detach(struct loader *loader);

#endif
