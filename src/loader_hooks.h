/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to loader*.c. */
#ifndef IPCMAP_LOADER_HOOKS_H
#define IPCMAP_LOADER_HOOKS_H

#include <stdbool.h>

struct loader;
struct ipc_settings;

/*
 * Chooses one row of each event: loader->chosen, and why not the others. A forced flavour goes
 * first; what it does not have, another sees. Fills the settings that follow from it.
 */
void hooks_choose(struct loader *loader, struct ipc_settings *settings);

/* loader->flavour_refused, of ipcdump (stream) or ipcmap. */
void flavours_try(struct loader *loader, bool stream);

bool kernel_is_since(int major, int minor);

#endif
