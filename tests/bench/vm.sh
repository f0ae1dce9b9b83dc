#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vm.sh: what tracing adds to an event, in instructions of a guest whose clock counts these,
# as a Markdown table; held against tests/bench/vm-record and the bars below. Exit status 1
# where a figure is more than 2 % above its record, or above its bar.
#
#   KERNEL=6.12               which kernel
#   MODES="fentry kprobe"     of those below
#   RECORD=1                  write the record instead of reading it
set -u
cd "$(dirname "$0")/../.." || exit 1

KERNEL=${KERNEL:-6.12}
RECORD_FILE=tests/bench/vm-record
SLACK=2 # percent
OPERATIONS="pipe shared-pipe unix-stream tcp signal getppid epoll_ctl"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipcmap-bench-vm.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
failed=0

# What is measured: NAME OPTIONS-OF-IPCMAP; fold is fentry without who read whose bytes (vm-guest)
modes='
fentry --flavour fentry
tracepoint --flavour tracepoint
kprobe --flavour kprobe
fold --flavour fentry
'
# What is to be reached on 6.12, instructions added to an event: MODE OPERATION AT-MOST.
bars='
fold pipe 450
fentry pipe 900
fentry shared-pipe 900
fentry getppid 0
tracepoint pipe 800
'
MODES=${MODES:-$(awk 'NF { print $1 }' <<<"$modes")}

die() { echo "make bench-vm: $*" >&2; exit 1; }

options_of() { awk -v mode="$1" '$1 == mode { sub($1 " *", ""); print; exit }' <<<"$modes"; }

# Without -icount the rest would be noise: each instruction is a nanosecond, and sleep takes no time.
guest_run()
{
	local mode arguments=()

	for mode in $MODES; do
		[ -n "$(options_of "$mode")" ] || die "what mode is $mode?"
		arguments+=("$mode=$(options_of "$mode")")
	done
	VM_FLAGS="-icount shift=0,sleep=off -rtc base=2026-01-01T00:00:00,clock=vm -seed 1" \
		VM_FILES="build/bench/vm tests/bench/vm-guest" VM_TIMEOUT="${VM_TIMEOUT:-1800}" \
		tests/vm/run "$KERNEL" /tests/bench/vm-guest "${arguments[@]}" >"$scratch/output" ||
		{ cat "$scratch/output" >&2; die "the guest failed"; }
	grep '^figure ' "$scratch/output" | cut -d' ' -f2- >"$scratch/figures"
	[ -s "$scratch/figures" ] || { cat "$scratch/output" >&2; die "the guest measured nothing"; }
}

# of WHO OPERATION: instructions, or nothing
of() { awk -v who="$1" -v what="$2" '$1 == who && $2 == what { print $3; exit }' "$scratch/figures"; }

# added WHO OPERATION: to each event; a pair of write and read is two. Or nothing.
added()
{
	local with without events=2

	with=$(of "$1" "$2") without=$(of none "$2")
	case $2 in signal | getppid | epoll_ctl) events=1 ;; esac
	[ -z "$with" ] || awk "BEGIN { printf \"%.1f\", ($with - $without) / $events }"
}

reason_of() { sed -n "s|^refused $1 ||p" "$scratch/output" | head -n 1; }

# Was all of it counted? Else the figures are of something else.
maps_check()
{
	local mode events lost made

	while read -r _ mode events lost made; do
		[ "$events" -ge "$made" ] && [ "$lost" = 0 ] && continue
		echo "# $mode: the map has $events events of $made, $lost lost" >&2
		failed=1
	done < <(grep '^map ' "$scratch/output")
	# An empty program that stayed would be sixty; TCP's timers, and where its memory lies, make a few.
	for operation in $OPERATIONS; do
		awk -v a="$(of none "$operation")" -v b="$(of again "$operation")" \
			'BEGIN { exit !(a - b < 20 && b - a < 20) }' && continue
		echo "# $operation with nothing attached: $(of none "$operation") at first," \
			"$(of again "$operation") at the end" >&2
		failed=1
	done
}

# row NAME WHO: of the table; a cell without a figure has a dash
row()
{
	local operation figure line="| $1 |"

	for operation in $OPERATIONS; do
		figure=$(added "$2" "$operation")
		line+=" ${figure:-–} |"
	done
	echo "$line"
}

table_print()
{
	local mode operation line="| (the operation itself) |"

	echo "| added to each | $(sed 's/ / | /g' <<<"$OPERATIONS") |"
	echo "| --- |$(sed 's/[^ ]* */ ---: |/g' <<<"$OPERATIONS")"
	for operation in $OPERATIONS; do
		line+=" $(of none "$operation" | sed 's/\..*//') |"
	done
	echo "$line"
	for mode in $MODES; do
		row "$mode: empty programs" "empty/$mode"
		row "$mode: \`ipcmap\`" "ipcmap/$mode"
	done
	for mode in $MODES; do
		[ -z "$(reason_of "$mode")" ] || echo "# $mode: $(reason_of "$mode")"
		[ -z "$(reason_of "empty/$mode")" ] || echo "# $mode, empty: $(reason_of "empty/$mode")"
		sed -n "s/^hooks $mode /# $mode: /p" "$scratch/output"
	done
}

bars_judge()
{
	local mode operation limit figure

	[ "$KERNEL" = 6.12 ] || return
	while read -r mode operation limit; do
		figure=$(added "ipcmap/$mode" "$operation")
		[ -n "$figure" ] || continue
		if awk "BEGIN { exit !($figure <= $limit) }"; then
			echo "# ok: $mode, $operation: $figure, at most $limit"
		else
			echo "# MISSED: $mode, $operation: $figure, at most $limit"
			failed=1
		fi
	done < <(grep . <<<"$bars")
}

# The figures of this run in the form of the record: MODE OPERATION ADDED
record_make()
{
	local mode operation figure

	for mode in $MODES; do
		for operation in $OPERATIONS; do
			figure=$(added "ipcmap/$mode" "$operation")
			[ -z "$figure" ] || echo "$KERNEL $mode $operation $figure"
		done
	done
}

# Other modes and kernels keep their lines.
record_write()
{
	local mode

	{
		echo "# Instructions that ipcmap adds to an event: KERNEL MODE OPERATION ADDED"
		echo "# Made by \`make bench-vm RECORD=1\`, with $(sed -n 's/^# \(Linux .*\)/\1/p' "$scratch/output" | head -n 1)," \
			"$(qemu-system-x86_64 --version | sed -n '1s/ (.*//p'), $(clang --version | head -n 1)"
		{
			grep -v '^#' "$RECORD_FILE" 2>/dev/null | while read -r kernel mode rest; do
				[ "$kernel" = "$KERNEL" ] && [[ " $(echo $MODES) " == *" $mode "* ]] ||
					echo "$kernel $mode $rest"
			done
			record_make
		} | sort -V
	} >"$scratch/record"
	cp "$scratch/record" "$RECORD_FILE"
	echo "# recorded in $RECORD_FILE"
}

# Half an instruction more than nothing is a rounding, and no part of anything.
record_judge()
{
	local mode operation figure was

	while read -r _ mode operation figure; do
		was=$(awk -v k="$KERNEL" -v m="$mode" -v o="$operation" \
			'$1 == k && $2 == m && $3 == o { print $4; exit }' "$RECORD_FILE" 2>/dev/null)
		if [ -z "$was" ]; then
			echo "# $mode, $operation: not recorded yet (RECORD=1)"
		elif awk "BEGIN { exit !($figure > $was * (1 + $SLACK / 100) + 0.5) }"; then
			echo "# MORE: $mode, $operation: $figure, recorded $was; $(sed -n 2p "$RECORD_FILE")"
			failed=1
		elif awk "BEGIN { exit !($figure < $was * (1 - $SLACK / 100) - 0.5) }"; then
			echo "# less: $mode, $operation: $figure, recorded $was; RECORD=1 keeps it"
		fi
	done < <(record_make)
}

guest_run
echo "Instructions on $(sed -n 's/^# \(Linux .*\)/\1/p' "$scratch/output" | head -n 1), $("./ipcmap" --version | head -n 1)"
echo
table_print
maps_check
bars_judge
if [ -n "${RECORD:-}" ]; then
	record_write
else
	record_judge
fi
echo "# took $SECONDS s"
exit $failed
