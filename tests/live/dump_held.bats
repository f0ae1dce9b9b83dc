#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# As dump_factories.bats, of channels that are older than the stream.

load common
load dump

# held NAME: a factory whose channels are older than the stream, which has their second phase.
# Its caller goes on after a failure, so bash does not end it at the first.
held() {
	local pids
	hold_start "$1" || return
	pids=$(awk '{ print $2 }' "$HOLD" | paste -sd,)
	rm -f "$BATS_TEST_TMPDIR/trace.out" # that of the one before has a window opened, too
	"$IPCDUMP" -v -f json -o "$STREAM" -p "$HOLD_PID,$pids" >"$BATS_TEST_TMPDIR/trace.out" 2>&1 3>&- </dev/null &
	TRACE_PID=$!
	STARTED+=($TRACE_PID)
	wait_for 60 grep -q 'window opened' "$BATS_TEST_TMPDIR/trace.out" || return
	hold_finish || return
	"$IPCMAP" render -q "$STREAM" -o "$MAP" || return
	check_map || return
	# A call that has not returned is not counted as sent, though some of it has come.
	[[ $1 == hold-blocked-* ]] || sources_hold
}

@test "channels that are older than the stream, and what waited in them" {
	local name failed=0

	need_root
	for name in $("$IPCGEN" --list-hold); do
		# Needs what ipcmap's -p follows besides; or channels that are silent.
		case $name in hold-idle | hold-filter) continue ;; esac
		held "$name" || { echo "$name"; failed=1; }
	done
	return $failed
}
