/* SPDX-License-Identifier: GPL-2.0-only */
/* What can be known to be missing for tracing without trying it. */
#ifndef IPCMAP_HOST_H
#define IPCMAP_HOST_H

/* NULL, or one line that says what this process or kernel lacks and what to do; not to be freed. */
const char *host_lacks(void);

#endif
