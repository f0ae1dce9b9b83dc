#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Every factory of ipcgen under ipcdump: the map folded from its events is the truth.

load common
load dump

@test "every factory folds back to its truth" {
	need_root
	fold
}
