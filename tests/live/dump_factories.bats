#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Every factory of ipcgen under ipcdump: the map folded from its events is the truth.

load common

IPCDUMP=${IPCDUMP:-$TOP/ipcdump}
STREAM=$BATS_TEST_TMPDIR/stream

# Nothing was read, or signalled, that no event told of.
all_told() {
	jq -e -s '(.[-1].own) as $own | [ .[] | select(.type == "flow" and .ops > 0 and .tgid != $own
		and (.direction == 1 or (.mechanism == "signal" and .key[2] != $own))) ] == []' "$STREAM" >/dev/null
}

# Of nobody more is said to have come than it sent. (On a pty "\n" becomes "\r\n"; a group gets copies.)
sources_hold() {
	jq -e -s '
		(reduce (.[] | select(.type == "flow" and .direction == 0)) as $f
			({}; .["\($f.mechanism) \($f.start)"] += $f.bytes)) as $sent
		| (reduce (.[] | select(.type == "event" and .src != null and .mechanism != "signal" and .mechanism != "pty")) as $e
			({}; .["\($e.mechanism) \($e.src.start)"] += $e.count)) as $told
		| $told | to_entries | map(select(.value > ($sent[.key] // 0))) == []' "$STREAM" >/dev/null
}

# fold OPTION...: all factories.
fold() {
	local name status failed=0
	for name in $("$IPCGEN" --list); do
		status=0
		within 60 "$IPCDUMP" -q -f json "$@" -o "$STREAM" -- "$IPCGEN" --truth "$TRUTH" "$name" \
			2>"$BATS_TEST_TMPDIR/err" 3>&- </dev/null || status=$?
		[ $status != 77 ] || continue
		if [ $status = 0 ] && "$IPCMAP" render -q "$STREAM" -o "$MAP" && check_map && all_told; then
			[[ $name == udp-multicast-* ]] || sources_hold && continue
		fi
		echo "$name: status $status: $(cat "$BATS_TEST_TMPDIR/err")"
		failed=1
	done
	return $failed
}

@test "every factory folds back to its truth" {
	need_root
	fold
}

@test "every factory folds back to its truth, with contents" {
	need_root
	# Room for all 200 MiB of the largest: on a busy machine its reader may not keep up.
	fold -x --buffer 512m
}

# held NAME: a factory whose channels are older than the stream, which has their second phase.
# Its caller goes on after a failure, so bash does not end it at the first.
held() {
	local pids
	hold_start "$1" || return
	pids=$(awk '{ print $2 }' "$HOLD" | paste -sd,)
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
		rm -f "$BATS_TEST_TMPDIR"/hold*
		held "$name" || { echo "$name"; failed=1; }
	done
	return $failed
}
