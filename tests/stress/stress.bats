#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# Many processes, many sockets, many ends, much time (make check-stress, SOAK=1800 seconds). What it
# took is told on descriptor 3: figures of ARCHITECTURE.md.

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
IPCMAP=$TOP/ipcmap
STRESS=$TOP/build/stress
BENCH=$TOP/build/bench/bench
STARTED=()

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	local pid
	for pid in "${STARTED[@]}"; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null || true
	done
}

wait_for() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || return 1
		sleep 0.05
	done
}

# memory PID FIELD: kB
memory() {
	awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/status"
}

# tracer OPTION...: in the background, until its window is open.
tracer() {
	"$IPCMAP" -v -o map.json "$@" 2>said 3>&- </dev/null &
	pid=$!
	STARTED+=("$pid")
	wait_for 300 grep -q 'window opened' said
}

tracer_end() {
	kill "$pid"
	wait "$pid"
	STARTED=("${STARTED[@]/$pid/}")
}

@test "100,000 processes: every byte, every signal" {
	/usr/bin/time -f '%e s, %M KiB' -o took timeout 500 \
		"$IPCMAP" -q -o map.json -- "$STRESS" forks 100000 2>said 3>&- </dev/null
	echo "# 100,000 processes traced and written: $(cat took)" >&3
	jq -e '(.nodes | map({ key: .id, value: . }) | from_entries) as $n | .completeness.lost == 0 and
		([ .edges[] | select(.mechanism == "pipe") ] |
			(length == 100000 and all(.bytes == 1 and .received_bytes == 1 and .attribution == "exact") and
			all($n[.src].comm == "st-writer" and $n[.dst].comm == "st-reader"))) and
		([ .edges[] | select(.signal == "SIGCHLD") | .ops ] | add >= 100000)' map.json
	[ ! -s said ]
}

@test "a million sockets: those that carried bytes are right" {
	[ "$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)" -gt 8000000 ] || skip "needs 8 GB"
	mkfifo input
	"$STRESS" sockets 1000000 <input >output 3>&- &
	STARTED+=("$!")
	exec 9>input
	wait_for 120 grep -q ready output
	# A filter marks each of them, and the room for marks is as for flows.
	tracer -p "$(awk '{ print $2 }' output)" --max-flows 4000000
	opened=$(sed -n 's/^ipcmap: at \([0-9]*\) ms: window opened$/\1/p' said)
	echo >&9
	wait_for 60 grep -q done output
	peak=$(memory "$pid" VmHWM)
	tracer_end
	echo "# a million sockets: window open after $opened ms, peak $peak KiB until it closed" >&3
	exec 9>&-
	jq -e '(.nodes | map({ key: .id, value: . }) | from_entries) as $n | .completeness.lost == 0 and
		([ .edges[] | select(.mechanism == "unix-stream") | [ $n[.src].comm, $n[.dst].comm, .bytes, .received_bytes, .attribution ] ] |
			group_by(.) | map([ length ] + .[0])) == [
				[ 10, "st-reader", "st-writer", 1, 1, "exact" ],
				[ 10, "st-writer", "st-reader", 10, 10, "exact" ] ]' map.json
}

# Programs of the kernel's that no process holds, and that were not there before.
programs_left() {
	bpftool -j prog show | jq -r --slurpfile before before 'map(select((.pids // []) == []).id) - $before[0] | .[]'
}

nothing_runs() {
	! pgrep -s "$1" && [ -z "$(programs_left)" ]
}

@test "kill -9, at 200 moments: nothing left behind, and no output that is half written" {
	local moment ms moments=${KILLS:-200} ended=0 files
	bpftool -j prog show | jq 'map(.id)' >before
	RANDOM=7
	"$IPCMAP" -q -d 0.3 -p $$ -o map.svg -o map.json 3>&-
	files=$(ls -A)
	for ((moment = 0; moment < moments; moment++)); do
		ms=$((RANDOM % 1000))
		setsid "$IPCMAP" -q -d 0.3 -p $$ -o map.svg -o map.json 3>&- &
		pid=$!
		sleep "$(printf '0.%03d' $ms)"
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null && ended=$((ended + 1))
		wait_for 20 nothing_runs "$pid" || { echo "after $ms ms:"; ps -s "$pid"; programs_left; return 1; }
		[ "$(tail -c 7 map.svg)" = "</svg>" ] || [ "$(tail -n 1 map.svg)" = "</svg>" ]
		jq -e '.completeness.lost == 0' map.json >/dev/null
		[ "$(ls -A)" = "$files" ]
	done
	echo "# killed $((moments - ended)) of $moments, $ended had ended" >&3
	[ $ended -lt $((moments / 2)) ]
}

@test "a soak at full load: memory is flat, nothing is lost, nothing is left behind" {
	local seconds=${SOAK:-1800} half now least=0 most=0 inside outside passed=0
	mkfifo go
	# It begins when the window is open, so that all that it does is in it.
	sh -c 'read -r _ <go; exec "$0" load '$((seconds + 2)) "$BENCH" >truth 2>&1 3>&- &
	load=$!
	STARTED+=("$load")
	# Beside it processes come and go that do nothing, among those that are traced (where a signal
	# would be something to tell) and among others.
	"$STRESS" passing $seconds >inside 3>&- &
	inside=$!
	"$STRESS" passing $seconds exec >outside 3>&- &
	outside=$!
	STARTED+=("$inside" "$outside")
	tracer --self -p "$load" -p "$inside"
	echo >go
	half=$((SECONDS + seconds / 4))
	end=$((SECONDS + seconds))
	while [ $SECONDS -lt $end ] && kill -0 "$pid"; do
		now=$(memory "$pid" RssAnon) # pages of files come and go as the kernel likes
		if [ $SECONDS -ge $half ]; then
			[ $least != 0 ] && [ "$now" -ge "$least" ] || least=$now
			[ "$now" -le "$most" ] || most=$now
		fi
		sleep 1
	done
	wait "$load" "$inside" "$outside"
	tracer_end
	passed=$(($(cat inside) + $(cat outside)))
	echo "# $seconds s at full load: RssAnon $least to $most KiB after the first quarter, $passed processes passing, $(jq .completeness.events map.json) events" >&3
	# The heap keeps what it had at most, where the tracer was kept waiting; 350 bytes of each that passed
	# would be fifty megabytes.
	[ "$most" -le $((least + 2048)) ]
	[ $passed -gt $((20 * seconds)) ]
	# Said on failure: of which mechanism, and how the machine was.
	jq -c .completeness map.json
	cat said /proc/meminfo
	jq -e '.completeness.lost == 0' map.json
	[ "$(ls -A | sort | tr '\n' ' ')" = "go inside map.json outside said truth " ]
	if pgrep -P "$pid"; then false; fi
	# They write to themselves: as many operations in as out, and as many as they say.
	for mechanism in pipe unix-stream; do
		jq -e --arg mechanism $mechanism --argjson all "$(awk -v m=$mechanism '$2 == m { all += $3 } END { print all }' truth)" \
			'[ .edges[] | select(.mechanism == $mechanism and .ops > 1000) ] |
			all(.attribution == "exact" and .ops == .received_ops) and (map(.ops) | add) == $all' map.json
	done
}
