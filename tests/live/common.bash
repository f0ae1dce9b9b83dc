# SPDX-License-Identifier: GPL-2.0-only
# What the live tests share. They need root, and trace only what they start.

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
IPCMAP=${IPCMAP:-$TOP/ipcmap}
IPCGEN=${IPCGEN:-$TOP/build/ipcgen}
MAPCHECK=${MAPCHECK:-$TOP/build/mapcheck}
export IPCMAP IPCGEN MAPCHECK

MAP=$BATS_TEST_TMPDIR/map.json
TRUTH=$BATS_TEST_TMPDIR/truth.json
STARTED=() # pids to end in teardown
export TMPDIR=$BATS_TEST_TMPDIR # what a killed ipcgen leaves goes with it
# Deadlines are so many times as long: a guest without KVM is slow, and attaching in it slower.
PATIENCE=${IPCMAP_TEST_PATIENCE:-1}

need_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || skip "needs $tool"
	done
}

# wait_for SECONDS COMMAND...: until the command succeeds; fails at the deadline.
wait_for() {
	local deadline=$((SECONDS + $1 * PATIENCE))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -ge $deadline ]; then
			echo "waited too long for: $*"
			return 1
		fi
		sleep 0.05
	done
}

# within SECONDS COMMAND...: ended if it takes longer.
within() {
	local seconds=$(($1 * PATIENCE))
	shift
	timeout -k 5 "$seconds" "$@"
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

# stop PID [SIGNAL]: ends a process of this test, and its wait status is lost.
stop() {
	kill -"${2:-TERM}" "$1" 2>/dev/null || return 0
	wait_for 60 gone "$1" || kill -KILL "$1" 2>/dev/null
	wait "$1" 2>/dev/null || true
}

teardown() {
	local pid
	for pid in "${STARTED[@]}"; do
		stop "$pid"
	done
	STARTED=()
}

# trace_command OPTION... -- COMMAND...: into $MAP; bats' own descriptor stays out.
trace_command() {
	within 120 "$IPCMAP" -q -o "$MAP" "$@" 3>&- </dev/null
}

# check_map [OPTION...]: the map against the truth.
check_map() {
	"$MAPCHECK" "$@" "$MAP" "$TRUTH"
}

# factory NAME [IPCMAP OPTION...]: runs one factory under the tracer and checks the map.
factory() {
	local name=$1 status=0
	shift
	need_root
	trace_command "$@" -- "$IPCGEN" --truth "$TRUTH" "$name" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	cat "$BATS_TEST_TMPDIR/err"
	[ $status != 77 ] || skip "$(sed -n 's/^ipcgen: //p' "$BATS_TEST_TMPDIR/err")"
	[ $status = 0 ]
	check_map
}

# hold_start NAME: a factory in its first phase; sets HOLD, HOLD_PID.
hold_start() {
	HOLD=$BATS_TEST_TMPDIR/hold
	rm -f "$HOLD"*
	"$IPCGEN" --truth "$TRUTH" --hold "$HOLD" "$1" >"$BATS_TEST_TMPDIR/gen.out" 2>&1 3>&- </dev/null &
	HOLD_PID=$!
	STARTED+=($HOLD_PID)
	wait_for 60 test -e "$HOLD"
}

# hold_cancel: ends a factory that is held, without its second phase.
hold_cancel() {
	stop "$HOLD_PID" KILL
}

# hold_pid COMM: the pid of one of its actors.
hold_pid() {
	awk -v comm="$1" '$1 == comm { print $2; exit }' "$HOLD"
}

# trace_start OPTION...: ipcmap in the background, tracing when this returns; sets TRACE_PID.
trace_start() {
	rm -f "$BATS_TEST_TMPDIR/trace.out" # an earlier one has a window opened, too
	"$IPCMAP" -v -o "$MAP" "$@" >"$BATS_TEST_TMPDIR/trace.out" 2>&1 3>&- </dev/null &
	TRACE_PID=$!
	STARTED+=($TRACE_PID)
	wait_for 60 grep -q 'window opened' "$BATS_TEST_TMPDIR/trace.out"
}

# trace_stop: ends the window; fails if the tracer failed.
trace_stop() {
	local status=0
	kill -TERM "$TRACE_PID"
	wait_for 60 gone "$TRACE_PID"
	wait "$TRACE_PID" || status=$?
	cat "$BATS_TEST_TMPDIR/trace.out"
	return $status
}

# hold_finish: the second phase, the end of the trace, the end of the factory.
hold_finish() {
	touch "$HOLD.go"
	wait_for 60 test -e "$HOLD.done" || return
	trace_stop || return
	touch "$HOLD.end"
	wait "$HOLD_PID"
}

# held NAME [OPTION...]: a two-phase factory, traced from in between.
held() {
	local name=$1
	shift
	need_root
	hold_start "$name"
	trace_start -p "$HOLD_PID" "$@"
	hold_finish
	check_map
}

# map_value FILTER: of the edges; each carries .s and .d, its end nodes, and .n, the channel's name.
map_value() {
	jq -r '(.nodes | map({ key: .id, value: . }) | from_entries) as $nodes
		| (.channels | map({ key: .id, value: . }) | from_entries) as $channels
		| [ .edges[] | . + { s: $nodes[.src], d: $nodes[.dst], n: ($channels[.channel // ""].name) } ]
		| '"$1" "$MAP"
}
