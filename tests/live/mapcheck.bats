#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# mapcheck itself: it must accept a right map, and refuse each kind of wrong one.

load common

setup() {
	cat >"$TRUTH" <<-'TRUTH_END'
	{ "edges": [
	  { "src": 10, "dst": 11, "mechanism": "pipe", "name": null, "ops": 5, "bytes": 50, "received_ops": 2, "received_bytes": 50, "attribution": "exact" },
	  { "src": 12, "dst": "hub", "mechanism": "pipe", "ops": 1, "bytes": 7, "attribution": "hub" },
	  { "src": "hub", "dst": 11, "mechanism": "pipe", "received_ops": 1, "received_bytes": 7, "attribution": "hub" },
	  { "src": "12:again", "dst": 10, "mechanism": "signal", "signal": "SIGTERM", "ops": 3, "received_ops": 1, "attribution": "exact" } ],
	  "sums": [ { "dst": 11, "mechanism": "pipe", "received_bytes": 57 } ],
	  "processes": [ { "pid": 10, "comm": "a", "ppid": 1, "exe": "/bin/a" }, { "pid": 11, "comm": "b", "ppid": 10 },
	                 { "pid": 12, "comm": "first" }, { "pid": 12, "comm": "again" } ] }
	TRUTH_END
	cat >"$MAP" <<-'MAP_END'
	{ "format": "ipcmap", "version": 1, "completeness": { "lost": 0, "mechanisms": [ { "mechanism": "pipe", "lost": 0 } ] },
	  "nodes": [ { "id": "p1", "kind": "process", "pid": 10, "comm": "a", "ppid": 1, "exe": "/bin/a" },
	    { "id": "p2", "kind": "process", "pid": 11, "comm": "b", "ppid": 10, "exe": null },
	    { "id": "p3", "kind": "process", "pid": 12, "comm": "first" }, { "id": "p4", "kind": "process", "pid": 12, "comm": "again" },
	    { "id": "h1", "kind": "hub", "channel": "c2" } ],
	  "channels": [ { "id": "c1", "mechanism": "pipe", "name": null }, { "id": "c2", "mechanism": "pipe", "name": null } ],
	  "edges": [
	    { "src": "p1", "dst": "p2", "channel": "c1", "mechanism": "pipe", "ops": 5, "bytes": 50, "received_ops": 2, "received_bytes": 50, "first": 0.1, "last": 0.2, "attribution": "exact" },
	    { "src": "p3", "dst": "h1", "channel": "c2", "mechanism": "pipe", "ops": 1, "bytes": 7, "received_ops": 0, "received_bytes": 0, "first": 0, "last": 0, "attribution": "hub" },
	    { "src": "h1", "dst": "p2", "channel": "c2", "mechanism": "pipe", "ops": 0, "bytes": 0, "received_ops": 1, "received_bytes": 7, "first": 0, "last": 0, "attribution": "hub" },
	    { "src": "p4", "dst": "p1", "channel": null, "mechanism": "signal", "signal": "SIGTERM", "ops": 3, "bytes": 0, "received_ops": 1, "received_bytes": 0, "first": 0, "last": 0, "attribution": "exact" } ] }
	MAP_END
}

# refused FILTER: the map changed by this jq filter must not pass.
refused() {
	jq "$1" "$MAP" >"$MAP.bad"
	! cmp -s <(jq . "$MAP") <(jq . "$MAP.bad") || { echo "this filter changes nothing: $1"; return 1; }
	run "$MAPCHECK" "$MAP.bad" "$TRUTH"
	echo "$1: $status $output"
	[ "$status" = 1 ]
	[ -n "$output" ]
}

@test "a right map passes" {
	run check_map
	echo "$output"
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "each figure of an edge counts" {
	for field in ops bytes received_ops received_bytes; do
		refused ".edges[0].$field += 1"
	done
	refused '.edges[0].attribution = "hub"'
	refused '.edges[0].attribution = "undelivered"'
	refused '.edges[3].signal = "SIGKILL"'
	refused '.channels[0].name = "/x"'
}

@test "an edge between others, the other way, or of another mechanism is refused" {
	refused '.edges[0].dst = "p1"'
	refused '.edges[0] |= (.src = "p2" | .dst = "p1")'
	refused '.edges[3].src = "p3"'
	refused '.edges[0].mechanism = "fifo"'
	refused '.edges[0].mechanism = "fifo" | .channels[0].mechanism = "fifo"'
}

@test "a missing edge and one too many are refused" {
	refused 'del(.edges[0])'
	refused 'del(.edges[3])'
	refused '.edges += [.edges[3]]'
	refused '.edges += [.edges[0]]'
}

@test "bytes that vanish or appear are refused" {
	refused '.edges[2].received_bytes = 6'
	refused '.edges[1].bytes = 8'
}

@test "dangling references are refused" {
	refused '.edges[0].src = "p9"'
	refused '.edges[0].channel = "c9"'
	refused '.edges[0].channel = null'
	refused '.nodes[4].channel = "c1"'
	refused 'del(.channels[1])'
	refused '.nodes[1].id = "p1"'
}

@test "lost events are refused" {
	refused '.completeness.lost = 1'
	refused '.completeness.mechanisms[0].lost = 1'
	refused 'del(.completeness)'
	refused '.version = 2'
}

@test "a process of another name, parent or executable is refused" {
	refused '.nodes[0].comm = "z"'
	refused '.nodes[0].ppid = 2'
	refused '.nodes[0].exe = "/bin/z"'
	refused '.nodes[0].exe = null'
	refused '.nodes += [.nodes[0] | .id = "p7"]'
	refused '.nodes[3].comm = "first"'
}

@test "the sum over edges counts" {
	jq '.sums[0].received_bytes = 58' "$TRUTH" >"$TRUTH.new"
	run "$MAPCHECK" "$MAP" "$TRUTH.new"
	[ "$status" = 1 ]
}

@test "--only-listed forgives edges between others only" {
	jq '.nodes += [{ id: "p8", kind: "process", pid: 80, comm: "x" }, { id: "p9", kind: "process", pid: 81, comm: "y" }]
		| .edges += [.edges[3] | .src = "p8" | .dst = "p9"]' "$MAP" >"$MAP.more"
	run "$MAPCHECK" "$MAP.more" "$TRUTH"
	[ "$status" = 1 ]
	run "$MAPCHECK" --only-listed "$MAP.more" "$TRUTH"
	echo "$output"
	[ "$status" = 0 ]
	refused '.edges += [.edges[3] | .dst = "p2"]'
}

@test "--type leaves the other mechanisms out" {
	jq 'del(.edges[3])' "$MAP" >"$MAP.pipe"
	run "$MAPCHECK" -t pipe "$MAP.pipe" "$TRUTH"
	echo "$output"
	[ "$status" = 0 ]
	run "$MAPCHECK" "$MAP.pipe" "$TRUTH"
	[ "$status" = 1 ]
}

@test "a file that is no map is refused" {
	echo '{' >"$MAP.bad"
	run "$MAPCHECK" "$MAP.bad" "$TRUTH"
	[ "$status" = 1 ]
	run "$MAPCHECK" "$MAP"
	[ "$status" = 2 ]
}
