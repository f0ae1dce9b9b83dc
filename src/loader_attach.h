/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to loader*.c: the programs of the rows that were chosen. */
#ifndef IPCMAP_LOADER_ATTACH_H
#define IPCMAP_LOADER_ATTACH_H

#include <stdbool.h>

struct loader;

/* What sees to the calls whose kretprobe missed them: bpf/kprobe.bpf.h. */
#define CALL_LEFT "call_left"

/* Is any row of kprobes among those that were chosen? */
bool kprobes_chosen(const struct loader *loader);

/* Has them loaded, and nothing else. */
int programs_choose(struct loader *loader);

/* Each once, however many rows name it. A negative errno: loader->culprit did not. */
int programs_attach(struct loader *loader);

void programs_detach(struct loader *loader);

#endif
