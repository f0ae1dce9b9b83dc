/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a trace did not see or could not count. It is told on the map; and of a mechanism that it
 * may be events of, who is party to what is certain only where the figures add up.
 */
#ifndef IPCMAP_MISSED_H
#define IPCMAP_MISSED_H

#include <stdint.h>

#include "capture.h"
#include "loader.h"
#include "map.h"

/*
 * At most how many events of these mechanisms (bits) no program ran for, so far. Of system calls it
 * is not known whether they would have been events.
 */
uint64_t missed_runs(const struct loader *loader, uint32_t mechanisms);

/* All that was lost so far, with `runs` of missed_runs(). */
uint64_t missed_total(const struct loader *loader, uint64_t runs);

/* Tells the capture, for the join: lost, records_lost, unresolved, incomplete. */
void missed_take(const struct loader *loader, uint64_t runs, struct capture *capture);

/* Fills the mechanisms of the map's completeness; traced: bits. 0 or -ENOMEM. */
int missed_tell(const struct loader *loader, uint32_t traced, const struct capture *capture, struct map *map);

#endif
