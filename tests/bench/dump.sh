#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dump.sh: how many events ipcdump writes in a second, beside perf trace and bpftrace on
# the same work: one process that writes one byte into a pipe and reads it again, so many
# times. Exit status 1 when a bar is missed. ROUNDS=5 EVENTS=3000000
#
# The tracers take turns, and each figure is the best of its rounds: other guests and
# other tasks only ever take from it.
set -u
cd "$(dirname "$0")/../.." || exit 1

ROUNDS=${ROUNDS:-5}
EVENTS=${EVENTS:-3000000}
BENCH=$PWD/build/bench/bench
failed=0

[ "$(id -u)" = 0 ] || { echo "make bench-dump: needs root" >&2; exit 1; }

# The others look for the tracepoints here. Mounted for this script alone.
if [ ! -d /sys/kernel/tracing/events ] && [ -z "${BENCH_UNSHARED:-}" ]; then
	BENCH_UNSHARED=1 exec unshare --mount "$0" "$@"
elif [ ! -d /sys/kernel/tracing/events ]; then
	mount -t tracefs tracefs /sys/kernel/tracing || exit 1
fi

scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipcmap-bench.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# run TRACER: prints events a second, and how many were lost.
run()
{
	local lost=0

	case $1 in
	none) timeout 120 "$BENCH" events "$EVENTS" >"$scratch/rate" ;;
	text | json | csv)
		timeout 120 ./ipcdump -v -f "$1" -o /dev/null -- "$BENCH" events "$EVENTS" >"$scratch/rate" 2>"$scratch/said"
		lost=$(sed -n 's/.* events, \([0-9]*\) lost.*/\1/p' "$scratch/said") ;;
	json-x)
		timeout 120 ./ipcdump -v -x -f json -o /dev/null -- "$BENCH" events "$EVENTS" >"$scratch/rate" 2>"$scratch/said"
		lost=$(sed -n 's/.* events, \([0-9]*\) lost.*/\1/p' "$scratch/said") ;;
	# Writes and reads, each with its result: what comes nearest to an event.
	perf) timeout 120 perf trace -e read,write -o /dev/null "$BENCH" events $((EVENTS / 50)) >"$scratch/rate" 2>"$scratch/said" ;;
	bpftrace)
		timeout 120 bpftrace -B full -o /dev/null -c "$BENCH events $((EVENTS / 4))" \
			-e 'tracepoint:syscalls:sys_exit_read /pid == cpid && args->ret > 0/
			{ printf("%d %s(%d): %d bytes\n", nsecs, comm, pid, args->ret); }' >"$scratch/rate" 2>"$scratch/said"
		lost=$(sed -n 's/^Lost \([0-9]*\) events/\1/p' "$scratch/said" | awk '{ n += $1 } END { print n + 0 }') ;;
	esac
	grep -Ex '[0-9]+' "$scratch/rate" | tail -n 1 | sed "s/\$/ ${lost:-?}/"
}

declare -A best lost
tracers=(none text json csv json-x bpftrace perf)
for ((round = 1; round <= ROUNDS; round++)); do
	echo "# round $round of $ROUNDS" >&2
	for tracer in "${tracers[@]}"; do
		read -r rate gone < <(run "$tracer")
		: "${rate:=0}" "${gone:=?}"
		[ "$rate" -le "${best[$tracer]:-0}" ] || best[$tracer]=$rate
		# The most that any round lost.
		[ "$gone" = '?' ] || [ "$gone" -le "${lost[$tracer]:--1}" ] || lost[$tracer]=$gone
	done
done

# bar WHAT VALUE LIMIT: at least so much
bar()
{
	local verdict=ok

	[ "$2" -ge "$3" ] || { verdict=MISSED; failed=1; }
	echo "| $1 | ≥ $3 | $2 | $verdict |"
}

echo "| events a second | | lost |"
echo "| --- | ---: | ---: |"
for row in 'none:untraced' 'text:`ipcdump`' 'json:`ipcdump -f json`' 'csv:`ipcdump -f csv`' \
	'json-x:`ipcdump -x -f json`' 'bpftrace:`bpftrace`, printf of each read' 'perf:`perf trace -e read,write`'; do
	echo "| ${row#*:} | ${best[${row%%:*}]:-0} | ${lost[${row%%:*}]:-?} |"
done
echo
echo "| what | to reach | measured | |"
echo "| --- | ---: | ---: | --- |"
for format in text json csv; do
	bar "events a second, -f $format into /dev/null" "${best[$format]:-0}" 500000
done
bar "times \`perf trace\`, -f json" "$((${best[json]:-0} / (${best[perf]:-0} + 1)))" 20
for format in text json csv; do
	[ "${lost[$format]:-?}" = 0 ] || { failed=1; echo "| events lost, -f $format | 0 | ${lost[$format]:-?} | MISSED |"; }
done
exit $failed
