// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: descriptors that go from process to process, and processes that change. */
#include "ipcgen.h"

const struct factory passing_factories[] = {
	{ 0 },
};
