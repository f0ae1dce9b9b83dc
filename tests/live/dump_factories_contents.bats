#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# As dump_factories.bats, with contents: a file of its own, since each takes minutes.

load common
load dump

@test "every factory folds back to its truth, with contents" {
	need_root
	# Room for all 200 MiB of the largest: on a busy machine its reader may not keep up.
	fold -x --buffer 512m
}
