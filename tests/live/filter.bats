#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# A filter that names one of those who talk: of what touches that process the map tells as much
# as if it had named all of them. Each test is a trace for every process of a two-phase factory.

load common

# touching PID: leaves in the map and in the truth what has an end there.
touching() {
	jq --argjson pid "$1" '.edges |= map(select(.src == $pid or .dst == $pid)) | .sums = []' "$TRUTH" >"$TRUTH.one"
	jq --argjson pid "$1" '(.nodes | map({ key: .id, value: .pid }) | from_entries) as $pids |
		.edges |= map(select($pids[.src] == $pid or $pids[.dst] == $pid))' "$MAP" >"$MAP.one"
}

# each_alone NAME
each_alone() {
	local actor actors pid

	need_root
	hold_start "$1"
	actors=$(($(wc -l <"$HOLD")))
	hold_cancel
	for ((actor = 2; actor <= actors; actor++)); do
		hold_start "$1"
		pid=$(awk -v line=$actor 'NR == line { print $2 }' "$HOLD")
		awk -v line=$actor 'NR == line { print "# traced by " $0 }' "$HOLD"
		trace_start -p "$pid"
		hold_finish
		touching "$pid"
		[ "$(jq '.edges | length' "$TRUTH.one")" != 0 ]
		"$MAPCHECK" "$MAP.one" "$TRUTH.one"
	done
}

@test "pipe: either end alone" {
	each_alone hold-older-pipe
}

@test "FIFO: either end alone" {
	each_alone hold-older-fifo
}

@test "UNIX stream: either end alone" {
	each_alone hold-older-unix-stream
}

@test "UNIX seqpacket: either end alone" {
	each_alone hold-older-unix-seqpacket
}

@test "UNIX datagrams: either end alone" {
	each_alone hold-older-unix-dgram
}

@test "TCP: either end alone" {
	each_alone hold-older-tcp
}

@test "UDP: either end alone" {
	each_alone hold-older-udp
}

@test "terminal: either end alone" {
	each_alone hold-older-pty
}

@test "TCP that is read when both ends are closed: either end alone" {
	each_alone hold-read-when-closed
}

@test "a write to a pipe that is blocked at the end: either end alone" {
	each_alone hold-blocked-pipe
}

@test "a write to a UNIX stream that is blocked at the end: either end alone" {
	each_alone hold-blocked-unix-stream
}

@test "a write to a TCP connection that is blocked at the end: either end alone" {
	each_alone hold-blocked-tcp
}
