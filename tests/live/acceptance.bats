#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What a map must get right beside the factories: filters, windows, and other programs' doings.

load common

@test "--idle draws channels that are open and silent" {
	held hold-idle --idle
}

@test "without --idle silence is not drawn" {
	need_root
	hold_start hold-idle
	trace_start -p "$HOLD_PID"
	hold_finish
	jq '.edges = [] | .sums = []' "$TRUTH" >"$TRUTH.none"
	"$MAPCHECK" -t pipe -t unix-stream -t tcp "$MAP" "$TRUTH.none"
}

# Not "held": it is traced by one actor alone.
@test "-p keeps what touches the process, with the other end whole" {
	need_root
	hold_start hold-filter
	trace_start -p "$(hold_pid gen-chosen)"
	hold_finish
	check_map -t pipe
	[ "$(jq '[.nodes[] | select(.kind == "process")] | length' "$MAP")" = 2 ]
}

@test "-P keeps what touches processes of that name" {
	need_root
	hold_start hold-filter
	trace_start -P gen-chosen
	hold_finish
	check_map -t pipe
}

@test "--cgroup keeps what touches processes of that cgroup" {
	need_root
	local root folder
	root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
	[ -n "$root" ] || skip "no cgroup2 hierarchy"
	folder=$root/ipcmap-test-$$
	mkdir "$folder" 2>/dev/null || skip "cannot make a cgroup"
	hold_start hold-filter
	for pid in $(pgrep -x gen-chosen -P "$HOLD_PID"); do
		echo "$pid" >"$folder/cgroup.procs"
	done
	trace_start --cgroup "${folder#"$root"}"
	hold_finish
	rmdir "$folder"
	check_map -t pipe
}

@test "-d ends the window while the processes live on" {
	need_root
	hold_start hold-older-pipe
	trace_start -p "$HOLD_PID" -d 3
	touch "$HOLD.go"
	wait_for 60 test -e "$HOLD.done"
	wait_for 60 gone "$TRACE_PID"
	touch "$HOLD.end"
	wait "$HOLD_PID"
	check_map
	jq -e '.duration >= 2.9 and .duration < 4' "$MAP"
}

@test "-t restricts to one mechanism" {
	need_root
	trace_command -t pipe -- "$IPCGEN" --truth "$TRUTH" splice-pipe-tcp
	check_map -t pipe
	[ "$(jq '[.edges[] | select(.mechanism != "pipe")] | length' "$MAP")" = 0 ]
}

@test "-t unix takes the group" {
	need_root
	trace_command -t unix -- "$IPCGEN" --truth "$TRUTH" process-compat
	check_map -t unix-stream
	[ "$(jq '[.edges[] | select(.mechanism != "unix-stream")] | length' "$MAP")" = 0 ]
}

@test "--self draws what a process says to itself" {
	need_root
	trace_command --self -t pipe -- "$IPCGEN" --truth "$TRUTH" pipe-self
	[ "$(map_value 'map([.s.comm, .d.comm, .ops, .bytes, .received_ops, .received_bytes]) | tojson')" = \
		'[["gen-self","gen-self",1,77,1,77]]' ]
	[ "$(map_value 'all(.src == .dst)')" = true ]
}

@test "a shell pipeline: three programs, two pipes" {
	need_root
	trace_command -t pipe -- sh -c 'head -c 1000000 /dev/zero | tr "\0" x | wc -c >/dev/null'
	[ "$(map_value 'map([.s.comm, .d.comm, .bytes, .received_bytes, .attribution]) | sort | tojson')" = \
		'[["head","tr",1000000,1000000,"exact"],["tr","wc",1000000,1000000,"exact"]]' ]
	[ "$(jq '[.nodes[] | select(.comm == "tr") | .exe | endswith("/tr")] | all' "$MAP")" = true ]
}

@test "the command's exit status is passed on" {
	need_root
	run trace_command -- sh -c 'exit 37'
	[ "$status" = 37 ]
}

netns_end() {
	ip netns del "$SPACE-a" 2>/dev/null || true
	ip netns del "$SPACE-b" 2>/dev/null || true
}

@test "TCP between two network namespaces is one edge each way, not two strangers" {
	need_root
	need ip
	SPACE=ipcmap-$$
	trap netns_end RETURN
	ip netns add "$SPACE-a" && ip netns add "$SPACE-b" || skip "no network namespaces"
	ip link add va netns "$SPACE-a" type veth peer name vb netns "$SPACE-b" || skip "no veth"
	ip -n "$SPACE-a" link show dev va >/dev/null 2>&1 || skip "ip cannot enter a network namespace (in a chroot?)"
	ip -n "$SPACE-a" addr add 192.0.2.1/24 dev va
	ip -n "$SPACE-b" addr add 192.0.2.9/24 dev vb
	ip -n "$SPACE-a" link set va up
	ip -n "$SPACE-b" link set vb up
	cat >"$BATS_TEST_TMPDIR/talk.py" <<-'PY'
	import socket, sys
	if sys.argv[1] == "serve":
	    listener = socket.create_server(("192.0.2.1", 5555))
	    print(flush=True)
	    peer = listener.accept()[0]
	else:
	    sys.stdin.readline()
	    peer = socket.create_connection(("192.0.2.1", 5555))
	send, take = (700, 5000) if sys.argv[1] == "serve" else (5000, 700)
	peer.sendall(b"x" * send)
	while take:
	    take -= len(peer.recv(take))
	PY
	local python
	python=$(python3 -c 'import sys; print(sys.executable)')
	trace_command -t tcp -- sh -c "ip netns exec $SPACE-a $python $BATS_TEST_TMPDIR/talk.py serve |
		ip netns exec $SPACE-b $python $BATS_TEST_TMPDIR/talk.py ask"
	map_value 'map([.s.pid, .d.pid, .n, .bytes, .received_bytes, .attribution]) | .[] | tojson'
	[ "$(map_value 'map([.bytes, .received_bytes, .attribution, .n]) | sort | tojson')" = \
		'[[700,700,"exact","192.0.2.1:5555"],[5000,5000,"exact","192.0.2.1:5555"]]' ]
	[ "$(jq '.completeness.external.bytes' "$MAP")" = 0 ]
}

@test "several factories at once, each by itself true" {
	need_root
	local names="pipe-bulk unix-stream-path tcp-small-writes udp-echo-server pty-cooked-echo signal-kill"
	local name script=""
	for name in $names; do
		script+="$IPCGEN --truth $BATS_TEST_TMPDIR/$name.json $name & "
	done
	trace_command -- sh -c "$script wait"
	for name in $names; do
		jq --argjson pids "$(jq '[.processes[].pid]' "$BATS_TEST_TMPDIR/$name.json")" '
			([.nodes[] | select(.kind == "process" and (.pid as $p | $pids | index($p))) | .id]) as $mine
			| .edges |= map(select((.src as $s | $mine | index($s)) and (.dst as $d | $mine | index($d))))' \
			"$MAP" >"$MAP.$name"
		"$MAPCHECK" "$MAP.$name" "$BATS_TEST_TMPDIR/$name.json"
	done
}

@test "frames: each is what moved in it, and they add up to the window" {
	"$IPCMAP" -q -i 0.2 -o "$BATS_TEST_TMPDIR/frames.json" -- sh -c '
		for i in 1 2 3 4 5; do head -c 1000 /dev/zero; sleep 0.3; done | cat >/dev/null'
	jq -e '(.frames | length) >= 5 and
		.frames[0].start == 0 and .frames[-1].end == .duration and
		([.frames[1:][].start] == [.frames[:-1][].end]) and
		([.frames[].edges[].bytes] | add) == 5000 and
		([.frames[].edges[].received_bytes] | add) == 5000 and
		([.frames[] | [.edges[].bytes] | add | select(. > 0)] | length) == 5 and
		([.frames[].edges[].ops] | add) == ([.edges[].ops] | add)' "$BATS_TEST_TMPDIR/frames.json"
	"$IPCMAP" render -q "$BATS_TEST_TMPDIR/frames.json" -o "$BATS_TEST_TMPDIR/copy.json"
	cmp "$BATS_TEST_TMPDIR/frames.json" "$BATS_TEST_TMPDIR/copy.json"
}

programs_gone() {
	local id
	for id in $PROGRAMS; do
		! bpftool prog show id "$id" >/dev/null 2>&1 || return 1
	done
}

@test "when it has ended its programs leave the kernel" {
	need_root
	need bpftool
	# Of this ipcmap alone, which is the parent of its command.
	PROGRAMS=$(within 120 "$IPCMAP" -q -o "$MAP" -- sh -c 'cat /proc/$PPID/fdinfo/*' 3>&- | awk '$1 == "prog_id:" { print $2 }' | sort -u)
	[ "$(wc -w <<<"$PROGRAMS")" -gt 3 ]
	wait_for 60 programs_gone
}
