#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run-tests.sh [--unit FOLDER | --bats FILE | --tap PROGRAM | --summed COMMAND]...
#
# Runs the cmocka programs of each folder, as an ordinary user, and the bats
# files, counts their TAP results, and ends with "N passed, M failed". A
# program that dies, or hangs for ten minutes, counts as one failure. A command
# that sums up ends with such a line itself, and may take longer.
set -u
# `sudo make check`: what root made for the tests, root writes to (src/privilege.c).
unset SUDO_UID SUDO_GID
cd "$(dirname "$0")/.." || exit 1

passed=0 failed=0 skipped=0
failures=()
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipcmap-check.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# tap_count NAME STATUS FILE: adds up one TAP report.
tap_count()
{
	local name=$1 status=$2 file=$3 ok not_ok skip plan

	# cmocka 1.1.5 says "not ok 3 # SKIP name" of what it skips.
	skip=$(grep -ciE '^(not )?ok [^#]*# *skip' "$file")
	ok=$(grep -E '^ok ' "$file" | grep -vciE '^ok [^#]*# *skip')
	not_ok=$(grep -E '^not ok ' "$file" | grep -vciE '^not ok [^#]*# *skip')
	plan=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$file" | tail -n 1)
	while IFS= read -r line; do
		failures+=("$name: ${line#not ok }")
	done < <(grep '^not ok ' "$file" | grep -viE '^not ok [^#]*# *skip')

	if [ "$not_ok" = 0 ] && [ "$status" != 0 ]; then
		not_ok=1
		failures+=("$name: exit status $status")
	elif [ $((ok + skip + not_ok)) -lt "${plan:-1}" ]; then
		not_ok=$((not_ok + ${plan:-1} - ok - skip - not_ok))
		failures+=("$name: only $((ok + skip)) of ${plan:-1} tests passed or were skipped")
	fi
	passed=$((passed + ok)) skipped=$((skipped + skip)) failed=$((failed + not_ok))
}

# run NAME COMMAND...
run()
{
	local name=$1 status began=$SECONDS

	shift
	echo "# $name"
	timeout --kill-after=10 "${IPCMAP_TEST_TIMEOUT:-600}" "$@" </dev/null 2>&1 | tee "$scratch/tap"
	status=${PIPESTATUS[0]}
	tap_count "$name" "$status" "$scratch/tap"
	echo "# $name: $((SECONDS - began)) s"
}

# Unit tests need no root, and must not lean on it. An ordinary user may not
# be able to read the clone (/root/ipcmap), so what they need is copied.
unit_stage()
{
	local stage=$scratch/stage

	[ -d "$stage" ] && return
	mkdir -p "$stage/tmp"
	cp -r tests styles examples tools "$stage/" 2>/dev/null
	chmod 755 "$scratch" "$stage"
	chmod -R a+rX "$stage"
	chmod 1777 "$stage/tmp"
}

# cmocka's TAP goes to stderr or a file, and names each test.
unit_run()
{
	local program=$1 copy as=()

	unit_stage
	copy=$scratch/stage/$program
	mkdir -p "$(dirname "$copy")"
	cp "$program" "$copy"
	chmod -R a+rX "$scratch/stage/build"
	if [ "$(id -u)" = 0 ]; then
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all)
	fi
	run "$program" env -C "$scratch/stage" TMPDIR="$scratch/stage/tmp" HOME="$scratch/stage/tmp" \
		CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS=detect_leaks=1 \
		LSAN_OPTIONS=suppressions="$scratch/stage/tools/lsan.supp":print_suppressions=0 \
		UBSAN_OPTIONS=print_stacktrace=1 "${as[@]}" "$copy"
}

# summed COMMAND: and what it came to.
summed()
{
	local ok=0 bad=1 sum status began=$SECONDS

	echo "# $1"
	$1 </dev/null 2>&1 | tee "$scratch/summed"
	status=${PIPESTATUS[0]}
	sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$scratch/summed" | tail -n 1)
	[ -z "$sum" ] || read -r ok _ bad _ <<<"$sum"
	[ "$status" = 0 ] || [ "$bad" != 0 ] || bad=1
	passed=$((passed + ok)) failed=$((failed + bad))
	skipped=$((skipped + $(awk '/^# .* failed +[0-9]+ skipped$/ { n += $(NF - 1) } END { print n + 0 }' "$scratch/summed")))
	[ "$bad" = 0 ] || failures+=("$1: $bad failed")
	echo "# $1: $((SECONDS - began)) s"
}

while [ $# -ge 2 ]; do
	case $1 in
	--unit)
		for program in "$2"/test_*; do
			case $program in *.d | *.o | *'*') continue ;; esac
			unit_run "$program"
		done
		;;
	--bats)
		# bats before 1.4 (Ubuntu 22.04) makes no folder per test.
		mkdir -p "$scratch/bats"
		run "$2" env BATS_TEST_TMPDIR="$scratch/bats" bats --tap "$2"
		;;
	--tap)
		run "$2" "$2"
		;;
	--summed)
		summed "$2"
		;;
	*)
		echo "run-tests.sh: what is $1?" >&2
		exit 2
		;;
	esac
	shift 2
done

[ "$skipped" = 0 ] || echo "# $skipped skipped"
for line in "${failures[@]}"; do
	echo "# FAILED $line"
done
# No test at all is no success either.
[ $((passed + failed)) -gt 0 ] || failed=1
echo "$passed passed, $failed failed" | tee build/summary
[ "$failed" = 0 ]
