#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# `ipcmap diff`: two recorded maps compared, without root. How processes and edges are
# paired is tested in tests/unit/test_diff.c; here is what a user types and reads.

setup()
{
	ipcmap=$(realpath "${IPCMAP:-$BATS_TEST_DIRNAME/../ipcmap}")
	scratch=$(mktemp -d /tmp/ipcmap-diff.XXXXXX)
	mkdir "$scratch/work"
	cd "$scratch/work"
	cp "$BATS_TEST_DIRNAME/unit/data/shop.json" .
	# What Prometheus and Redis say to each other is gone; another edge is five times as heavy.
	jq '.edges |= map(select(([.src, .dst] | sort) != ["p13", "p22"]))' shop.json >fewer.json
	jq '.edges[0] |= (.bytes *= 5 | .ops *= 5 | .received_bytes *= 5 | .received_ops *= 5)' shop.json >heavier.json
}

teardown()
{
	cd /
	rm -rf "$scratch"
}

# try STATUS COMMAND...: runs it, for $output and $stderr.
try()
{
	local want=$1

	shift
	status=0
	"$@" >"$scratch/out" 2>"$scratch/err" 3>&- || status=$?
	output=$(tr -d '\0' <"$scratch/out") stderr=$(<"$scratch/err")
	[ "$status" = "$want" ] || { echo "status $status, not $want: $*"; cat "$scratch/err"; }
	[ "$status" = "$want" ]
}

one_line()
{
	echo "stderr: $stderr"
	[[ "$stderr" == ipcmap:\ *"$1"* ]]
	[ "$(wc -l <"$scratch/err")" = 1 ]
}

# counted CHANGE: how many edges of the difference in d.json have become so.
counted()
{
	jq --arg change "$1" '[.edges[] | select(.change == $change)] | length' d.json
}

@test "a map and itself: no difference, status 0" {
	try 0 "$ipcmap" diff shop.json shop.json
	[[ "$output" == *"edges:     0 added, 0 removed, 0 changed, "* ]]
	try 0 "$ipcmap" diff shop.json - <shop.json
}

@test "less, more, heavier: status 1, and which" {
	local all
	all=$(jq '.edges | length' shop.json)
	[ "$(jq '.edges | length' fewer.json)" -lt "$all" ]
	try 1 "$ipcmap" diff -q shop.json fewer.json -o d.json --no-fold
	[ "$(counted added) $(counted removed) $(counted changed)" = "0 2 0" ]
	try 1 "$ipcmap" diff -q fewer.json shop.json -o d.json --no-fold
	[ "$(counted added) $(counted removed) $(counted changed)" = "2 0 0" ]
	try 1 "$ipcmap" diff -q shop.json heavier.json -o d.json --no-fold
	[ "$(counted added) $(counted removed) $(counted changed)" = "0 0 1" ]
}

@test "--threshold: what counts as changed" {
	try 1 "$ipcmap" diff shop.json heavier.json --no-fold --threshold 399
	try 0 "$ipcmap" diff shop.json heavier.json --no-fold --threshold 401
	[[ "$output" == *"by more than 401 %"* ]]
	try 2 "$ipcmap" diff shop.json heavier.json --threshold much
	one_line much
}

@test "--fail-on: which changes make the status 1" {
	try 0 "$ipcmap" diff shop.json fewer.json --fail-on added
	try 1 "$ipcmap" diff fewer.json shop.json --fail-on added
	try 1 "$ipcmap" diff shop.json fewer.json --fail-on removed
	try 0 "$ipcmap" diff shop.json heavier.json --fail-on added --fail-on removed
	try 1 "$ipcmap" diff shop.json heavier.json --no-fold --fail-on changed
	try 2 "$ipcmap" diff shop.json fewer.json --fail-on everything
	one_line everything
}

@test "--only-changes leaves out the rest" {
	try 1 "$ipcmap" diff -q shop.json heavier.json --no-fold -o d.json --only-changes
	[ "$(jq '.edges | length' d.json)" = "$(counted changed)" ]
	[ "$(jq '[.nodes[].id] - [.edges[] | .src, .dst] | length' d.json)" = 0 ]
}

@test "windows of different length: figures by the second, and it says so" {
	jq '.duration *= 2 | .edges |= map(.bytes *= 2 | .ops *= 2 | .received_bytes *= 2 | .received_ops *= 2)' \
		shop.json >longer.json
	try 0 "$ipcmap" diff shop.json longer.json
	[[ "$output" == *"per second"* ]]
	try 0 "$ipcmap" diff shop.json shop.json
	[[ "$output" == *"totals of windows of one length"* ]]
}

@test "colours and figures of what was added, removed, changed" {
	try 1 "$ipcmap" diff -q shop.json heavier.json --no-fold --only-changes -o d.svg
	grep -q '×5.0)' d.svg
	grep -q 'class="edge [a-z-]* changed' d.svg
	try 1 "$ipcmap" diff -q shop.json fewer.json --no-fold --only-changes -o d.svg
	grep -A9 'class="edge [a-z-]* removed' d.svg | grep -q 'stroke-dasharray'
	try 1 "$ipcmap" diff -q fewer.json shop.json --no-fold --only-changes -o d.svg
	grep -q 'class="edge [a-z-]* added' d.svg
	[ -z "$(grep -A9 'class="edge [a-z-]* added' d.svg | grep 'stroke-dasharray')" ]
}

@test "every format, the same bytes again" {
	for suffix in svg png html dot json mmd graphml csv; do
		try 1 "$ipcmap" diff -q shop.json fewer.json -o "one.$suffix"
		try 1 "$ipcmap" diff -q shop.json fewer.json -o "two.$suffix"
		[ -s "one.$suffix" ]
		cmp "one.$suffix" "two.$suffix"
	done
	try 1 "$ipcmap" diff -q shop.json fewer.json -o d.pdf
	[ "$(head -c 4 d.pdf)" = %PDF ]
	for suffix in gif webp; do
		try 2 "$ipcmap" diff shop.json fewer.json -o "d.$suffix"
		one_line frames
	done
}

@test "what is no map, on either side: one line, status 2, an old file as it was" {
	local file
	echo old >d.svg
	: >empty
	printf '{"format": "ipc' >cut
	head -c 5000 shop.json >half
	printf '[]' >array
	sed 's/"version": 1/"version": 99/' shop.json >newer
	sed 's/"src": "p8"/"src": "p999"/' shop.json >stray
	truncate -s 2G large
	for file in empty cut half array newer stray large /dev/null . missing; do
		try 2 timeout 20 "$ipcmap" diff "$file" shop.json -o d.svg
		one_line "cannot read '$file'"
		try 2 timeout 20 "$ipcmap" diff shop.json "$file" -o d.svg
		one_line "cannot read '$file'"
	done
	[ "$(<d.svg)" = old ]
}

@test "usage mistakes: one line, status 2" {
	try 2 "$ipcmap" diff
	one_line BEFORE.json
	try 2 "$ipcmap" diff shop.json
	one_line ''
	try 2 "$ipcmap" diff shop.json shop.json shop.json
	one_line ''
	try 2 "$ipcmap" diff shop.json shop.json --no-such-option
	one_line no-such-option
	try 2 "$ipcmap" diff shop.json fewer.json -o d.unknown
	one_line .svg
	try 2 "$ipcmap" diff - - </dev/null
	one_line ''
}

@test "what cannot be written: one line, status 2" {
	try 2 "$ipcmap" diff shop.json fewer.json -o /no/such/folder/d.svg
	one_line /no/such/folder
}
