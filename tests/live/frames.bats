#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Frames while the trace runs, and films of what was traced.

load common

setup() {
	need_root
	mkdir -p "$BATS_TEST_TMPDIR/films"
	cd "$BATS_TEST_TMPDIR/films" || return 1
	rm -rf ./*
	FILM_CHECK="$TOP/tests/film_check.py"
}

# Two that talk all the time, a reader that comes after a second, and leaves after another.
TALK='
	(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do head -c 1000 /dev/zero; sleep 0.2; done) | tee out >/dev/null &
	sleep 1
	(for i in 1 2 3 4 5; do echo visit; sleep 0.2; done) | cat >/dev/null
	wait'

trace() {
	within 60 "$IPCMAP" -q "$@" 3>&- </dev/null
}

# Bytes of the edges of a JSON map.
bytes() {
	jq '[.edges[].bytes] | add // 0' "$1"
}

@test "a picture per frame while the trace runs, each complete before the next" {
	trace -i 0.4 -o 'f-%02d.svg' -o 'f-%02d.json' -o run.json -- sh -c "$TALK" &
	pid=$!
	STARTED+=($pid)
	while kill -0 $pid 2>/dev/null; do
		# Whatever is there is whole.
		for file in f-*.svg; do
			[ ! -e "$file" ] || xmllint --noout "$file"
		done
		[ -e f-03.svg ] && [ -z "${early:-}" ] && ! [ -e run.json ] && early=yes
		sleep 0.05
	done
	wait $pid
	[ "$early" = yes ]
	frames=$(jq '.frames | length' run.json)
	[ "$frames" -ge 7 ]
	[ "$(ls f-*.svg | wc -l)" = "$frames" ]
	[ "$(ls -A | grep -c '^\.')" = 0 ]
	# The order in which they were put in place is that of their numbers.
	[ "$(ls -tr --time=ctime f-*.svg | head -n "$frames")" = "$(ls f-*.svg)" ]
}

@test "a picture while the trace runs says what was lost by then, and who is then not certain" {
	trace -t pipe -i 0.4 --max-flows 64 -o 'f-%02d.json' -o run.json -- "$TOP/tests/held_pairs.sh" 40 '
		set -- f-*.json
		made=$#
		tries=600
		until [ $# -ge $((made + 2)) ]; do
			[ $((tries -= 1)) -gt 0 ]
			sleep 0.05
			set -- f-*.json
		done'
	jq -e '.completeness.lost == 17 and
		([ .edges[] | select(.attribution == "exact") ] | length == 31) and
		([ .edges[] | select(.attribution == "hub") ] | length == 2)' run.json
	for file in f-*.json; do
		jq -e '.completeness.lost <= 17 and (.completeness.lost == 0 or
			([ .edges[].attribution ] - [ "exact", "hub" ] == []))' "$file"
	done
	# Not only the last one, which is made of the whole trace.
	jq -e '.completeness.lost == 17' "$(ls f-*.json | tail -n 2 | head -n 1)"
}

@test "places once given are kept; newcomers are fitted in, over nothing" {
	trace -i 0.3 --no-fold --all -o 'f-%02d.svg' -- sh -c "$TALK"
	python3 "$FILM_CHECK" kept f-*.svg
	# A slow guest's first frame is empty.
	first=$(grep -c 'class="node' "$(grep -l 'class="node' f-*.svg | head -n 1)")
	[ "$(cat f-*.svg | grep -o '<g id="n[0-9]*" class="node' | sort -u | wc -l)" -gt "$first" ]
	# All that was ever there, side by side.
	python3 - f-*.svg <<-'END'
	import re, sys
	boxes = {}
	for path in sys.argv[1:]:
	    for name, body in re.findall(r'<g id="(n\d+)" class="node.*?">(.*?)</a>', open(path).read(), re.S):
	        shape = re.search(r'<(?:path|polygon)[^>]*?(?: d|points)="([^"]*)"', body)
	        if shape:
	            numbers = [float(n) for n in re.findall(r"-?[\d.]+", shape.group(1))]
	            boxes[name] = (min(numbers[::2]), max(numbers[::2]), min(numbers[1::2]), max(numbers[1::2]))
	names = sorted(boxes)
	for i, a in enumerate(names):
	    for b in names[:i]:
	        p, q = boxes[a], boxes[b]
	        assert p[1] <= q[0] or q[1] <= p[0] or p[3] <= q[2] or q[3] <= p[2], f"{a} {p} over {b} {q}"
	print(len(names), "nodes")
	END
}

@test "a process comes and goes: it is in the frames of its life, and in no other" {
	trace -i 0.4 -o 'f-%02d.json' -o run.json -o 'f-%02d.svg' -- sh -c "$TALK"
	visitor=$(jq -r '. as $m | first(.edges[] | select(.mechanism == "pipe" and .bytes == 30)) | .dst' run.json)
	read -r start ended < <(jq -r --arg id "$visitor" '.nodes[] | select(.id == $id) | "\(.start) \(.ended)"' run.json)
	jq -ne --argjson s "$start" --argjson e "$ended" --argjson p "$PATIENCE" '$s > 0.8 and $e > $s + 0.8 and $e < 2.9 * $p'
	number=0 seen=0
	for frame in $(jq -c '.frames[] | [.start, .end]' run.json); do
		number=$((number + 1))
		file=$(printf 'f-%02d.svg' $number)
		there=$(jq -n --argjson s "$start" --argjson e "$ended" --argjson f "$frame" '$s < $f[1] and $e > $f[0]')
		drawn=$(grep -c ">cat<" "$file" || true)
		echo "$file $frame: there $there, drawn $drawn"
		[ "$there" = true ] && [ "$drawn" = 1 ] || { [ "$there" = false ] && [ "$drawn" = 0 ]; }
		seen=$((seen + drawn))
	done
	[ $seen -ge 2 ] && [ $seen -lt $number ]
}

@test "what the frames of a running trace tell adds up to the record" {
	# One writes all: of two whose bytes wait as a frame ends it would not say who was read.
	trace -i 0.3 -t pipe -o 'f-%02d.json' -o run.json -- sh -c '
		(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do printf %1000s; sleep 0.2; done) | cat >/dev/null &
		sleep 1
		(for i in 1 2 3 4 5; do echo visit; sleep 0.2; done) | cat >/dev/null
		wait'
	[ "$(bytes run.json)" = 15030 ]
	[ "$(jq -s '[.[].edges[].bytes] | add' f-*.json)" = 15030 ]
	[ "$(jq '[.frames[].edges[].bytes] | add' run.json)" = 15030 ]
	[ "$(jq -s '[.[].edges[].received_bytes] | add' f-*.json)" = 15030 ]
	# Frame by frame, too.
	jq -s 'map([.edges[].bytes] | add // 0)' f-*.json >live
	jq '[.frames[] | [.edges[].bytes] | add // 0]' run.json >recorded
	cmp live recorded
}

@test "traced and drawn at once, or from the record: the same bytes in every format" {
	options="--dpi 40 --fps 4 --speed 2 --style dark --cluster user"
	outputs() {
		for suffix in png pdf html dot mmd csv graphml webp gif; do
			echo "-o $1.$suffix"
		done
	}
	trace -i 0.5 -o run.json -o now.svg --animate $options $(outputs now) -- sh -c "$TALK"
	"$IPCMAP" render -q run.json -o later.svg --animate $options $(outputs later)
	for file in now.*; do
		cmp "$file" "later.${file#now.}"
	done
	[ "$(ls now.* | wc -l)" = 10 ]
	trace -o run2.json -o now2.svg -- sh -c "echo x | cat >/dev/null"
	"$IPCMAP" render -q run2.json -o later2.svg
	cmp now2.svg later2.svg
}

@test "without -i a frame is a second; the last one ends with the window" {
	trace -d 2.5 -o 'f-%d.svg' -o run.json -- sh -c "$TALK"
	[ "$(echo f-*.svg)" = "f-1.svg f-2.svg f-3.svg" ]
	jq -e --argjson p "$PATIENCE" '(.frames | map(.end - .start) | .[0] > 0.99 and .[0] < 1 + 0.2 * $p) and .frames[-1].end == .duration' run.json
}

@test "drawing holds nothing up: the window is as long as was asked for, frames end in time" {
	trace -d 2 -i 0.1 -o 'f-%02d.svg' -o 'f-%02d.png' -o run.json -- sh -c "$TALK; sleep 9"
	# A guest without KVM does not get as far in that time.
	jq -e --argjson p "$PATIENCE" '.duration > 1.99 and .duration < 2 + $p and (.frames | length) >= 15 / $p and
		(.frames[:-1] | map(.end - .start) | max) < 0.8 * $p' run.json
	[ "$(ls f-*.svg | wc -l)" = "$(jq '.frames | length' run.json)" ]
}

@test "Ctrl-C: the last frame is drawn, the record is written" {
	"$IPCMAP" -q -i 0.4 -o 'f-%02d.svg' -o run.json -- sh -c "$TALK; sleep 20" 3>&- </dev/null &
	pid=$!
	STARTED+=($pid)
	wait_for 60 test -e f-02.svg
	kill -INT $pid
	wait $pid || true
	[ "$(ls f-*.svg | wc -l)" = "$(jq '.frames | length' run.json)" ]
	xmllint --noout f-*.svg
}

@test "a picture that can't be written is told at once; the trace and the record go on" {
	mkdir f-2.svg
	status=0
	trace -i 0.5 -o 'f-%d.svg' -o run.json -- sh -c "$TALK" 2>err || status=$?
	[ $status = 1 ]
	[ "$(cat err)" = "ipcmap: cannot write 'f-2.svg': this is a folder; give the name of a file in it" ]
	[ "$(jq '[.edges[] | select(.mechanism == "pipe") | .bytes] | add' run.json)" = 15030 ]
}
