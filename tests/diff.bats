#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# `ipcmap diff`: two recorded maps compared, without root. Which processes are the
# same is tested one by one in unit/test_diff.c; here is what a user types.

setup()
{
	ipcmap=$(realpath "${IPCMAP:-$BATS_TEST_DIRNAME/../ipcmap}")
	mapgen=$(realpath "$BATS_TEST_DIRNAME/../build/mapgen")
	examples=$(realpath "$BATS_TEST_DIRNAME/../examples")
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipcmap-diff.XXXXXX")
	mkdir "$scratch/work"
	cd "$scratch/work"
	cp "$BATS_TEST_DIRNAME/unit/data/shop.json" .
	two_maps
}

teardown()
{
	cd /
	rm -rf "$scratch"
}

# before.json, after.json: one of each. The pipe between tar and zstd is gone, a signal
# to psql is new, the pipe between psql and less carries 4.7 times as much.
two_maps()
{
	local less

	pipe=$(jq '[.edges[] | select(.mechanism == "pipe")] | max_by(.bytes).channel' shop.json)
	less=$(jq '[.nodes[] | select(.comm == "less")][0].id' shop.json)
	jq "del(.edges[] | select(.signal == \"SIGCONT\"))
		| (.edges[] | select(.dst == $less) | .bytes, .received_bytes) = 2202010" shop.json >before.json
	jq "del(.edges[] | select(.channel == $pipe))
		| (.edges[] | select(.dst == $less) | .bytes, .received_bytes) = 10276045" shop.json >after.json
}

# try STATUS COMMAND...: runs it, for $output and $stderr.
try()
{
	local want=$1

	shift
	status=0
	timeout 300 "$@" >"$scratch/out" 2>"$scratch/err" 3>&- || status=$?
	output=$(tr -d '\0' <"$scratch/out") stderr=$(<"$scratch/err")
	[ "$status" = "$want" ] || { echo "status $status, not $want: $*"; cat "$scratch/err"; }
	[ "$status" = "$want" ]
}

# compare STATUS OPTION...: the two.
compare()
{
	local want=$1

	shift
	try "$want" "$ipcmap" diff before.json after.json "$@"
}

has()
{
	[[ "$output" == *"$1"* ]] || { echo "no '$1' in: $output"; return 1; }
}

lacks()
{
	[[ "$output" != *"$1"* ]] || { echo "'$1' in: $output"; return 1; }
}

# one_line WORD: stderr is one line of ipcmap's that holds it.
one_line()
{
	echo "stderr: $stderr"
	[[ "$stderr" == ipcmap:\ *"$1"* ]]
	[ "$(wc -l <"$scratch/err")" = 1 ]
}

# stretch FACTOR FILE: the same in a window so many times as long.
stretch()
{
	jq ".duration *= $1 | .edges |= map(.ops *= $1 | .bytes *= $1 | .received_ops *= $1 | .received_bytes *= $1)" "$2"
}

# Everything that differs from run to run, and says nothing: pids, times, inodes, ids.
restart()
{
	jq '(.nodes[] | select(.kind == "process")) |= (.pid += 20000 | .start += 0.5 | if .ppid > 1 then .ppid += 20000 else . end)
		| (.channels[] | .object, .peer) |= (if . then gsub("[0-9]{2,}"; "99\(.)" | gsub("[^0-9]"; "")) else . end)
		| .started = "2026-12-01T06:00:00.000Z"
		| (.nodes[].id, .channels[].id) |= "n" + .
		| .edges |= map(.src = "n" + .src | .dst = "n" + .dst | if .channel then .channel = "n" + .channel else . end)
		| (.nodes[] | select(.channel).channel) |= "n" + .
		| .nodes |= reverse | .edges |= reverse | .channels |= reverse' "$1"
}

@test "status 0: no difference; 1: some; 2: trouble" {
	try 0 "$ipcmap" diff shop.json shop.json
	[ -z "$stderr" ]
	has "processes: 0 added, 0 removed, 0 changed"
	has "edges:     0 added, 0 removed, 0 changed"
	compare 1
	[ -z "$stderr" ]
	compare 1 -q
	[ -z "$output$stderr" ]
	try 0 "$ipcmap" diff -q shop.json shop.json
	try 2 "$ipcmap" diff missing.json shop.json
	one_line "cannot read 'missing.json'"
	compare 2 -o no/such/folder.svg
	one_line "no/such/folder.svg"
	compare 2 -o /dev/full
	try 2 bash -c '"$0" diff before.json after.json >/dev/full' "$ipcmap"
	one_line "cannot write to stdout"
}

@test "usage: a mistake is one line, status 2" {
	for arguments in "" "before.json" "before.json after.json shop.json" "- -" \
			 "before.json after.json --threshold x" "before.json after.json --threshold -1" \
			 "before.json after.json --threshold nan" "before.json after.json --fail-on gone" \
			 "before.json after.json -o x.bmp" "before.json after.json --no-such" \
			 "before.json after.json --style no-such-style -o x.svg"; do
		try 2 "$ipcmap" diff $arguments
		one_line ""
		[ -z "$output" ]
	done
	try 0 "$ipcmap" diff --help
	for word in --threshold --only-changes --fail-on "Exit status: 0 no difference, 1 some, 2 trouble"; do
		has "$word"
	done
}

@test "the list: what was added, removed and changed, figures, windows, counts" {
	compare 1
	has "+ bash[4120] → psql[4188]  signal SIGCONT  ×1"
	[[ "$output" =~ −\ tar\[5003\]\ *→\ zstd ]]
	[[ "$output" =~ ~\ psql\[4188\]\ *→\ less.*"2.1 MiB → 9.8 MiB (×4.7)" ]]
	has "edges:     1 added, 1 removed, 1 changed"
	has "before: shop-01, 2026-11-23 18:00:00 UTC, 30.0 s"
	has "after:  shop-01, 2026-11-23 18:00:00 UTC, 30.0 s"
	has "changed: by more than 50 %"
	# The way back.
	try 1 "$ipcmap" diff after.json before.json
	has "(÷4.7)"
	has "edges:     1 added, 1 removed, 1 changed"
	[[ "$output" =~ \+\ tar ]]
}

@test "on a terminal it is coloured, unless NO_COLOR; elsewhere it is not" {
	export TERM=xterm
	try 1 script -qec "'$ipcmap' diff before.json after.json" /dev/null
	has $'\033[32m+ bash'
	has $'\033[31m− tar'
	has $'\033[33m~ psql'
	try 1 env NO_COLOR=1 script -qec "'$ipcmap' diff before.json after.json" /dev/null
	lacks $'\033'
	compare 1
	lacks $'\033'
	# With files the list is for those who look.
	try 1 script -qec "'$ipcmap' diff before.json after.json -o d.svg" /dev/null
	has "(×4.7)"
	compare 1 -o d.svg
	[ -z "$output$stderr" ]
	compare 1 --summary 2
	has "… 1 more"
}

@test "every format holds what became of what" {
	compare 1 -o d.svg -o d.png -o d.pdf -o d.html -o d.dot -o d.json -o d.mmd -o d.graphml -o d.csv
	xmllint --noout --nonet d.svg d.graphml
	file d.png | grep -q "PNG image"
	file d.pdf | grep -q "PDF document"
	for name in d.svg d.html d.dot d.json d.graphml d.csv; do
		for change in added removed changed same; do
			grep -q "$change" $name || { echo "$name: no $change"; return 1; }
		done
	done
	for name in d.svg d.html d.dot d.mmd; do
		grep -qE "2\.1.MiB.*9\.8.MiB.*\(×4\.7\)" <(sed 's/&#160;/ /g' $name) || { echo "$name: no figures"; return 1; }
		grep -q "figures are totals of windows of one length" $name
	done
	[ "$(head -1 d.csv | tr , '\n' | grep -c before)" = 4 ]
	grep -q ',changed,[0-9]*,2202010,' d.csv
	jq -e '.format == "ipcmap-diff" and .before.threshold == 50
		and ([.edges[] | select(.change == "changed") | .before.bytes] == [2202010])
		and ([.edges[] | select(.change == "added").signal] == ["SIGCONT"])
		and ([.nodes[].change] | unique == ["same"])' d.json
	for format in svg dot json mmd graphml csv html; do
		"$ipcmap" diff before.json after.json -T $format -o - >again && return 1
		cmp again d.$format
	done
}

@test "colours: added green, removed red and dashed, changed orange, the same grey" {
	compare 1 -o d.svg
	python3 - <<'PYTHON'
import re
svg = open("d.svg").read()
groups = re.findall(r'<g id="([^"]*)" class="edge ([^"]*)">(.*?)</g>\n(?=<!--|</g>|<g|<text|<defs|<style)', svg, re.S)
lines = {}
for name, kinds, body in groups:
    path = re.search(r'<path [^>]*stroke="([^"]*)"([^>]*)', body)
    for change in "added", "removed", "changed", "same":
        if path and change in kinds.split():
            lines.setdefault(change, set()).add((path[1], "stroke-dasharray" in path[2]))
print(lines)
assert lines["added"] == {("#2b8a3e", False)}, lines
assert lines["removed"] == {("#c92a2a", True)}, lines
assert lines["changed"] == {("#e8590c", False)}, lines
for colour, _ in lines["same"]:
    red, green, blue = (int(colour[i:i + 2], 16) for i in (1, 3, 5))
    assert 0x90 < red <= green <= blue < red + 20, colour
PYTHON
}

@test "a recorded difference is drawn like at once; it is no map to compare" {
	compare 1 -o d.json -o d.svg -o d.dot -o d.mmd -o d.graphml -o d.csv -o d.html
	try 0 "$ipcmap" render -q d.json -o r.json -o r.svg -o r.dot -o r.mmd -o r.graphml -o r.csv -o r.html
	for format in json svg dot mmd graphml csv html; do
		cmp d.$format r.$format
	done
	compare 1 -o c.json -o c.svg --only-changes
	try 0 "$ipcmap" render -q c.json -o r.svg
	cmp c.svg r.svg
	# Another style where one is asked for.
	compare 1 -o p.svg --style print
	try 0 "$ipcmap" render -q d.json -o r.svg --style print
	cmp p.svg r.svg
	try 2 "$ipcmap" diff d.json after.json
	one_line "'d.json' is a difference already"
}

@test "windows of different length: rates, and said so; of one length: totals" {
	stretch 3 before.json >long.json
	try 0 "$ipcmap" diff before.json long.json
	has "figures are per second, as the windows differ in length"
	try 1 "$ipcmap" diff long.json after.json -o d.svg -o d.mmd -o d.json --summary 9
	[[ "$stderr" == *"figures are per second"* ]]
	[[ "$stderr" =~ "71.7 KiB/s → 33"[45]" KiB/s (×4.7)" ]]
	for name in d.svg d.mmd; do
		grep -q "figures are per second, as the windows differ in length" $name
		grep -q "33[45].KiB/s" <(sed 's/&#160;/ /g' $name)
	done
	# A per cent is no other length: that is what stopping by hand makes.
	jq '.duration *= 1.005' after.json >a && mv a after.json
	compare 1
	has "figures are totals of windows of one length"
}

@test "--threshold: by how much a figure must differ" {
	# Less grew by 367 %.
	for threshold in 367 500 1e3; do
		status=0
		"$ipcmap" diff before.json after.json --threshold $threshold >list 2>err || status=$?
		[ $threshold = 1e3 ] && { [ $status = 2 ] || return 1; continue; }
		[ $status = 1 ]
		grep -q ", 0 changed, .*the same$" <(grep ^edges list)
	done
	for threshold in 0 50 366 366% 366.6; do
		compare 1 --threshold $threshold
		has "1 added, 1 removed, 1 changed"
		has "changed: by more than ${threshold%\%} %"
	done
	# One byte of a million.
	jq '(.edges | map(.bytes) | index(max)) as $i | .edges[$i].bytes += 1' shop.json >one.json
	try 0 "$ipcmap" diff shop.json one.json
	try 1 "$ipcmap" diff shop.json one.json --threshold 0
	has "edges:     0 added, 0 removed, 1 changed"
}

@test "--only-changes: what is the same is left out, and that is said" {
	compare 1 --only-changes -o d.json -o d.svg
	jq -e '[.edges[].change] | sort == ["added", "changed", "removed"]' d.json
	jq -e '[.nodes[].comm] | sort == ["bash", "less", "psql", "tar", "zstd"]' d.json
	grep -q "what is the same is left out" d.svg
	try 0 "$ipcmap" diff shop.json shop.json --only-changes -o d.json -o d.svg
	jq -e '.edges == [] and .nodes == []' d.json
	grep -q "no difference" d.svg
	# The list is of changes anyway.
	compare 1
	cp "$scratch/out" list
	compare 1 --only-changes
	cmp list "$scratch/out"
}

@test "--fail-on: which changes fail a job" {
	compare 1 --fail-on added
	compare 1 --fail-on removed
	compare 1 --fail-on changed
	try 0 "$ipcmap" diff shop.json shop.json --fail-on added,removed,changed
	# All that is in shop.json was there before, less is not: nothing is new.
	jq "del(.edges[] | select(.channel == $pipe))" shop.json >fewer.json
	try 0 "$ipcmap" diff shop.json fewer.json --fail-on added
	try 0 "$ipcmap" diff shop.json fewer.json --fail-on added --fail-on changed
	try 1 "$ipcmap" diff shop.json fewer.json --fail-on added --fail-on removed
	try 1 "$ipcmap" diff shop.json fewer.json --fail-on added,removed
	try 1 "$ipcmap" diff fewer.json shop.json --fail-on added
	try 0 "$ipcmap" diff fewer.json shop.json --fail-on removed,changed
	# The drawing is written all the same, and trouble stays trouble.
	try 0 "$ipcmap" diff shop.json fewer.json --fail-on added -o d.json
	jq -e '[.edges[].change] | index("removed")' d.json
	try 2 "$ipcmap" diff shop.json missing.json --fail-on added
	# New traffic in an old connection is no new connection; a new process is.
	jq "(.edges[] | .bytes, .received_bytes) *= 9" shop.json >more.json
	try 0 "$ipcmap" diff shop.json more.json --fail-on added
	try 1 "$ipcmap" diff shop.json more.json
	jq '.nodes += [{ "id": "new", "kind": "process", "pid": 77777, "start": 1, "ppid": 1, "comm": "miner", "exe": "/usr/bin/miner",
		"uid": 0, "cgroup": null, "unit": null, "container": null, "exited": false }]' shop.json >more.json
	try 1 "$ipcmap" diff shop.json more.json --fail-on added
	has "+ miner[77777]"
}

@test "the same stack started again is no difference" {
	restart shop.json >again.json
	try 0 "$ipcmap" diff shop.json again.json --threshold 0
	for example in shop tmux build desktop chromium; do
		restart "$examples/$example/map.json" >again.json
		try 0 "$ipcmap" diff "$examples/$example/map.json" again.json --threshold 0
	done
	for seed in 1 2 3; do
		"$mapgen" 120 400 $seed >map.json
		restart map.json >again.json
		try 0 "$ipcmap" diff map.json again.json
	done
}

@test "what was not traced in one of them is not compared, and that is said" {
	jq 'del(.edges[] | select(.mechanism == "signal"))
		| (.completeness.mechanisms[] | select(.mechanism == "signal")) |= (.state = "off" | .reason = "not asked for")' \
		shop.json >quiet.json
	try 0 "$ipcmap" diff quiet.json shop.json
	has "not compared: signal (not traced before)"
	try 0 "$ipcmap" diff shop.json quiet.json -o d.svg --summary 9
	[[ "$stderr" == *"not compared: signal (not traced after)"* ]]
	grep -q "not compared: signal (not traced after)" d.svg
	jq '.completeness.lost = 1234' shop.json >lossy.json
	try 0 "$ipcmap" diff lossy.json shop.json
	has "1.2k events lost before"
}

@test "a view of one of them is told: what it left out did not come or go" {
	"$ipcmap" render -q shop.json --only tcp -o part.json
	try 1 "$ipcmap" diff shop.json part.json
	[[ "$stderr" == "ipcmap: 'part.json' holds but a part of its trace: "*"(--only tcp)" ]]
	try 0 "$ipcmap" diff part.json part.json
	[ -z "$stderr" ]
}

@test "one of them from stdin, the difference to stdout, options anywhere" {
	try 1 "$ipcmap" diff - after.json <before.json
	has "1 added, 1 removed, 1 changed"
	try 1 "$ipcmap" diff before.json - <after.json
	has "1 added, 1 removed, 1 changed"
	try 1 "$ipcmap" diff -o - -T csv before.json --threshold 10 after.json
	has "src,src_name"
}

@test "options of the view hold for both maps" {
	compare 1 --only signal
	has "edges:     1 added, 0 removed, 0 changed"
	compare 0 --only tcp
	compare 1 --hide psql
	has "edges:     0 added, 1 removed, 0 changed"
	compare 1 --focus tar
	has "edges:     0 added, 1 removed, 0 changed"
	compare 1 -g unit
	has "cron.service"
}

@test "a difference has no frames; maps that have are compared as a whole" {
	for name in d.webp d.gif d-%02d.svg; do
		compare 2 -o other.svg -o $name
		one_line "a difference has no frames to make '$name' of"
		[ ! -e other.svg ]
	done
	jq '.frames = [{ "start": 0, "end": .duration, "edges": [] }]' shop.json >film.json
	try 0 "$ipcmap" diff film.json shop.json -o d.json
	jq -e '.frames == []' d.json
}

# Each file, as the first and as the second map, and to render: one clear line.
@test "what is no map: one clear line, status 2, and the old file stays" {
	: >empty
	echo "hello" >text
	echo "[1, 2]" >array
	echo "{}" >object
	printf '\x89PNG\r\n\x1a\n\0\0\0\rIHDR' >image
	head -c 5000 /dev/urandom >noise
	head -c 3000 /dev/zero | tr '\0' '[' >deep
	jq '.version = 2' shop.json >newer
	jq '.version = 99999999999999' shop.json >newest
	jq '.format = "other"' shop.json >other
	jq '.edges[3].dst = "p99999"' shop.json >stray
	jq '.edges[3].channel = "c99999"' shop.json >channel
	jq '.nodes[1].id = .nodes[0].id' shop.json >twice
	jq '.edges[3].bytes = -1' shop.json >negative
	echo old >old.svg
	while read -r file words; do
		for command in "diff $file shop.json" "diff shop.json $file" "render $file"; do
			try 2 "$ipcmap" $command -o old.svg
			one_line "cannot read '$file': $words"
			[ -z "$output" ]
			[ "$(<old.svg)" = old ]
		done
	done <<-END
		empty not JSON
		text not JSON
		array not an ipcmap map: not an object
		object not an ipcmap map: format: not "ipcmap"
		image not JSON
		noise not JSON
		deep not JSON
		newer not an ipcmap map: version: 2 is newer than this ipcmap reads (1)
		newest not an ipcmap map: version: 99999999999999 is newer than this ipcmap reads (1)
		other not an ipcmap map: format: not "ipcmap"
		stray not an ipcmap map: edges[3].dst
		channel not an ipcmap map: edges[3].channel
		twice not an ipcmap map: nodes[1].id
		negative not an ipcmap map: edges[3].bytes
		/dev/null not JSON
		. Is a directory
		missing No such file
	END
}

@test "cut short anywhere: one clear line, status 2" {
	jq -c . after.json >whole
	size=$(stat -c %s whole)
	for ((at = 1; at < size - 1; at += size / 60)); do
		head -c $at whole >cut
		try 2 "$ipcmap" diff before.json cut
		one_line "cannot read 'cut': not JSON: line "
	done
	try 2 "$ipcmap" diff before.json - < <(head -c 2000 after.json)
	one_line "cannot read 'stdin': not JSON: line "
}

@test "2 GiB large: one clear line at once, in a file and from a pipe" {
	truncate -s 2G large
	for command in "diff large shop.json" "diff shop.json large" "render large"; do
		try 2 timeout 5 "$ipcmap" $command -o x.svg
		one_line "cannot read 'large': larger than 1 GiB: not a map"
	done
	# What begins like a map is read until it is too large.
	try 2 bash -c 'ulimit -v 4000000; { printf "{"; head -c 2G /dev/zero | tr "\0" " "; } 2>/dev/null | "$0" diff - shop.json' "$ipcmap"
	one_line "cannot read 'stdin': larger than 1 GiB: not a map"
	try 2 timeout 5 bash -c '"$0" diff shop.json - </dev/zero' "$ipcmap"
	one_line "cannot read 'stdin': not JSON"
}
