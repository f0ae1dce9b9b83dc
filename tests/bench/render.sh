#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What drawing costs: medians of RUNS (5) runs, as the table of tests/bench/README.md. Two kinds
# of maps: "machine" has services of workers that repeat themselves, in "loose" no two
# processes are alike, which is the worst case. Fails where a figure is above its limit.
set -eu
cd "$(dirname "$0")/../.."
runs=${RUNS:-5}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipcmap-bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
failed=0

# median: of the numbers on stdin
median()
{
	sort -n | sed -n "$(((runs + 1) / 2))p"
}

# line WHAT SECONDS MIB MAP OPTION...: draws MAP to SVG, and prints a row.
line()
{
	local what=$1 limit=$2 most=$3 map=$4 note

	shift 4
	: >"$scratch/times"
	for _ in $(seq "$runs"); do
		/usr/bin/time -a -o "$scratch/times" -f "%e %M" \
			timeout 120 ./ipcmap render -q "$scratch/$map.json" "$@" -o "$scratch/out.svg"
	done
	seconds=$(cut -d' ' -f1 "$scratch/times" | median)
	mib=$(cut -d' ' -f2 "$scratch/times" | median | awk '{ printf "%.0f", $1 / 1024 }')
	note=$(awk -v s="$seconds" -v l="$limit" -v m="$mib" -v k="$most" \
		'BEGIN { if (s > l || m > k) print " missed" }')
	[ -z "$note" ] || failed=1
	printf '| %s | %s | %.2f s | %s s | %s MiB |%s\n' "$what" "${map%-*}" "$seconds" "$limit" "$mib" "$note"
}

for size in "60 150" "1000 3000" "10000 50000"; do
	set -- $size
	build/mapgen "$1" "$2" >"$scratch/machine-$1.json"
	build/mapgen --loose "$1" "$2" >"$scratch/loose-$1.json"
done

echo "| map, to SVG | kind | median | limit | memory |"
echo "| --- | --- | ---: | ---: | ---: |"
for kind in machine loose; do
	line "60 processes, 150 edges, all labelled" 0.5 600 $kind-60 --all --no-fold
	line "1,000 and 3,000" 2 600 $kind-1000
	line "1,000 and 3,000, \`--all\`" 5 600 $kind-1000 --all
	line "10,000 and 50,000" 2 600 $kind-10000
	line "10,000 and 50,000, \`--all\`" 15 600 $kind-10000 --all
	ms=$(build/bench/view "$scratch/$kind-10000.json" "$runs")
	printf '| its folding and trimming alone | %s | %s ms | 500 ms | |\n' "$kind" "$ms"
	[ "$ms" -le 500 ] || failed=1
done

# Frames: at most three times the layout, and for each what drawing one costs.
build/mapgen --loose 100 250 | python3 tests/frames.py 60 >"$scratch/film.json"
python3 tests/frames.py 1 <"$scratch/film.json" >"$scratch/one.json"
python3 tests/frames.py 2 <"$scratch/film.json" >"$scratch/two.json"
# milliseconds MAP: of drawing its frames
milliseconds()
{
	for _ in $(seq "$runs"); do
		begin=$(date +%s%N)
		timeout 120 ./ipcmap render -q --all "$scratch/$1.json" -o "$scratch/frame-%02d.svg"
		echo $((($(date +%s%N) - begin) / 1000000))
	done | median
}
whole=$(milliseconds film) one=$(milliseconds one) two=$(milliseconds two)
drawing=$((two > one ? two - one : 1)) layout=$((one - drawing))
# The second frame draws less than the whole does: what one frame of one costs is the upper end.
[ "$drawing" -ge 20 ] || drawing=20
limit=$((3 * layout + 60 * drawing))
echo "| 60 frames of 100 processes, 250 edges | loose | $whole ms | $limit ms | |"
[ "$whole" -le "$limit" ] || failed=1
exit $failed
