#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# Frames of recorded maps: pictures of each, and films of all of them. Without root.
# The pictures are read by others: film_check.py, Pillow, webpinfo, giftext.

setup()
{
	ipcmap=$(realpath "${IPCMAP:-$BATS_TEST_DIRNAME/../ipcmap}")
	tests=$(realpath "$BATS_TEST_DIRNAME")
	mapgen=$(realpath "$BATS_TEST_DIRNAME/../build/mapgen")
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipcmap-frames.XXXXXX")
	mkdir "$scratch/work"
	cd "$scratch/work"
	python3 "$tests/frames.py" 12 <"$tests/unit/data/shop.json" >film.json
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

render()
{
	try 0 "$ipcmap" render -q "$@"
}

film_check()
{
	python3 "$tests/film_check.py" "$@"
}

# mistake WORD COMMAND...: exit 2, one line that holds the word, and no file is made.
mistake()
{
	local word=$1

	shift
	rm -rf new && mkdir new
	try 2 "$@"
	echo "stderr: $stderr"
	[[ "$stderr" == ipcmap:\ *"$word"* ]]
	[ "$(wc -l <"$scratch/err")" = 1 ]
	[ -z "$(ls -A new)" ]
}

@test "a picture per frame: numbered from 1, everything in its place in all of them" {
	render film.json --all --no-fold -o 'f-%02d.svg'
	[ "$(echo f-*.svg)" = "$(printf 'f-%02d.svg ' 1 2 3 4 5 6 7 8 9 10 11 12 | sed 's/ $//')" ]
	film_check places f-*.svg
}

@test "places: folded, too" {
	render film.json -o 'f-%d.svg'
	grep -q 'class="node process folded' f-1.svg
	film_check places f-*.svg
}

@test "places: trimmed, grouped and focused, too" {
	"$mapgen" --loose 300 900 | python3 "$tests/frames.py" 5 >big.json
	for options in "" "-g exe" "--top 20" "--only tcp" "--focus p* --hops 2" "--all" "--all --engine sfdp"; do
		rm -f f-*.svg
		render big.json $options -o 'f-%d.svg'
		film_check places f-*.svg
	done
}

@test "every format; the frames of PNGs are all one size" {
	render film.json -o 'f-%d.png' -o 'f-%d.pdf' -o 'f-%d.html' -o 'f-%d.dot' -o 'f-%d.csv' \
		-o 'f-%d.mmd' -o 'f-%d.graphml' -o 'f-%d.json'
	for suffix in png pdf html dot csv mmd graphml json; do
		[ "$(ls f-*.$suffix | wc -l)" = 12 ]
	done
	[ "$(file f-*.png | sed 's/.*data, \([0-9]* x [0-9]*\),.*/\1/' | sort -u | wc -l)" = 1 ]
}

@test "the figures of the frames add up to the record's, edge by edge" {
	render film.json -o 'f-%02d.json'
	sums='[.[].edges[] | {k: [.src, .dst, .channel, .mechanism, .signal, .attribution], ops, bytes, received_ops, received_bytes}]
		| group_by(.k) | map({k: .[0].k, ops: map(.ops) | add, bytes: map(.bytes) | add,
			received_ops: map(.received_ops) | add, received_bytes: map(.received_bytes) | add})'
	jq -s "$sums" f-*.json >of-frames
	jq -s "[.[0] | .edges |= map(select(.attribution != \"idle\"))] | $sums" film.json >of-record
	cmp of-frames of-record
	[ "$(jq length of-record)" -gt 60 ]
	# Each is a map of its own: as long as its frame, and begun when it did.
	jq -e '.duration == 2.5 and .started == "2026-11-23T18:00:02.500Z" and .frames == []' f-02.json
	render f-02.json -o again.svg
}

@test "--cumulative: the last frame is the whole window" {
	render film.json --cumulative -o 'f-%02d.json' -o 'f-%02d.svg'
	film_check places f-*.svg
	moved='[.edges[] | select(.attribution != "idle") | {src, dst, mechanism, signal, ops, bytes, received_ops, received_bytes}]'
	jq "$moved" film.json >whole
	jq "$moved" f-12.json >last
	cmp whole last
	[ "$(jq '[.edges[].bytes] | add' f-05.json)" -lt "$(jq '[.edges[].bytes] | add' f-06.json)" ]
	grep -q "all since the start" f-12.svg
}

@test "widths are on one scale, and nothing is drawn that did not move" {
	render film.json --all --no-fold -o 'f-%02d.svg'
	film_check widths film.json f-*.svg
}

@test "colours are those of the whole window's drawing" {
	render film.json --all --no-fold -o 'f-%02d.svg' -o whole.svg
	for file in f-*.svg; do
		grep -o '<path fill="none" stroke="#[0-9a-f]*"' "$file" | sort -u >colours
		[ -s colours ]
		[ -z "$(grep -o '<path fill="none" stroke="#[0-9a-f]*"' whole.svg | sort -u | comm -13 - colours)" ]
	done
}

@test "the arrowhead is where data went, in frames where it went one way only" {
	render film.json --all --no-fold -o 'f-%02d.svg'
	film_check arrows film.json f-*.svg
}

@test "each picture says which it is" {
	render film.json -o 'f-%02d.svg'
	grep -q '>5.0 s to 7.5 s<' f-03.svg
	grep -q 'frame 3 of 12' f-03.svg
}

@test "one file that can't be written: those before it are complete, those after are not begun" {
	mkdir f-03.svg
	try 1 "$ipcmap" render film.json -o 'f-%02d.svg'
	[[ "$stderr" == "ipcmap: cannot write 'f-03.svg': this is a folder"* ]]
	[ "$(wc -l <"$scratch/err")" = 1 ]
	xmllint --noout f-01.svg f-02.svg
	[ "$(ls -A)" = "$(printf 'f-01.svg\nf-02.svg\nf-03.svg\nfilm.json')" ]
}

@test "the same record, the same bytes: frames, animation, WebP, GIF" {
	for run in a b; do
		mkdir $run
		render film.json -o "$run/f-%d.svg" -o $run/x.webp -o $run/x.gif --fps 2 --dpi 40
		render film.json --animate -o $run/x.svg
	done
	diff -r a b
}

@test "names of files: one %d" {
	mistake "where one %d is" "$ipcmap" render film.json -o 'new/%d-%d.svg'
	mistake "where one %d is" "$ipcmap" render film.json -o 'new/frame-%.svg'
	mistake "where one %d is" "$ipcmap" render film.json -o 'new/frame-%s.svg'
	mistake "where one %d is" "$ipcmap" render film.json -o 'new/50%%.svg'
	mistake "where one %d is" "$ipcmap" -d 1 -o 'new/%d%d.svg'
	mistake "--cumulative is for frames" "$ipcmap" render film.json --cumulative -o new/frame.svg
	mistake "one file holds all frames" "$ipcmap" render film.json -o 'new/f-%d.webp'
	mistake "does not tell its format" "$ipcmap" render film.json -o 'new/f-%d.tiff'
}

@test "bad values of --fps, --speed and --interval: one line, exit 2" {
	for value in 0 -1 1e3 nan inf "" x 51 0x10 1. .; do
		[ "$value" != 1. ] || continue
		mistake "is no rate of pictures: give a number from 0.1 to 50" "$ipcmap" render film.json -o new/x.gif --fps "$value"
	done
	for value in 0 -1 nan "" x 10001 1,5; do
		mistake "is no speed: give a number from 0.001 to 10000" "$ipcmap" render film.json -o new/x.gif --speed "$value"
	done
	for value in 0 -1 nan "" x 1e3 0.0001; do
		mistake "is no duration" "$ipcmap" -d 1 -i "$value" -o new/x.json
	done
	mistake "--fps is for .webp and .gif" "$ipcmap" render film.json --fps 5 -o new/x.svg
	mistake "--fps is for .webp and .gif" "$ipcmap" render film.json --fps 5 --animate -o new/x.svg
	mistake "--speed is for what plays" "$ipcmap" render film.json --speed 5 -o new/x.svg
	mistake "--animate needs a drawing that can move" "$ipcmap" render film.json --animate -o new/x.png
	mistake "needs an argument" "$ipcmap" render film.json -o new/x.gif --fps
}

@test "a record without frames, and a difference, have none to show" {
	for target in 'new/f-%d.svg' new/x.webp new/x.gif; do
		mistake "has no frames: record it with -i" "$ipcmap" render "$tests/unit/data/shop.json" -o "$target"
		mistake "a difference has no frames" "$ipcmap" diff film.json film.json -o "$target"
	done
	mistake "has no frames: record it with -i" "$ipcmap" render "$tests/unit/data/shop.json" --animate -o new/x.svg
}

# film FILE: "pictures width height milliseconds loops", by Pillow.
film()
{
	/usr/bin/python3 - "$1" <<-'END'
	import sys
	from PIL import Image
	image, total = Image.open(sys.argv[1]), 0
	for i in range(image.n_frames):
	    image.seek(i)
	    image.load()
	    total += image.info["duration"]
	print(image.n_frames, *image.size, total, image.info.get("loop"))
	END
}

@test "WebP: a picture per frame, as long as the window, for ever" {
	render film.json -o x.webp --dpi 48
	read -r pictures width height length loops < <(film x.webp)
	[ "$pictures $length $loops" = "12 30002 0" ] # the shop's window is that long
	webpinfo x.webp >info
	grep -q "No error detected" info
	[ "$(grep -c '^Chunk ANMF' info)" = 12 ]
	grep -q "Canvas size $width x $height" info
	render film.json -o 'p-%02d.png' --dpi 48
	[ "$(file p-01.png | grep -o "$width x [0-9]*")" = "$width x $((height - 19))" ]
}

@test "GIF: a picture per frame, as long as the window, for ever" {
	render film.json -o x.gif --dpi 48
	read -r pictures width height length loops < <(film x.gif)
	[ "$pictures $length $loops" = "12 30000 0" ]
	giftext x.gif >info
	grep -q "Screen Size - Width = $width, Height = $height" info
	[ "$(grep -c '^Image #' info)" = 12 ]
}

@test "--fps and --speed: so many pictures, so long" {
	while read -r fps speed pictures length; do
		render film.json --dpi 48 ${fps:+--fps $fps} --speed $speed -o x.webp -o x.gif
		for file in x.webp x.gif; do
			read -r got _ _ took _ < <(film $file)
			echo "$file at $fps, $speed: $got pictures, $took ms"
			# GIF counts hundredths of a second.
			[ "$got" = "$pictures" ]
			[ $((took / 10)) = $((length / 10)) ]
		done
	done <<-END
	2 10 6 3000
	10 10 30 3000
	0.5 1 15 30002
	4 3 40 10001
	END
	# Without --fps a frame is a picture, however fast.
	render film.json --dpi 48 --speed 20 -o x.gif
	read -r got _ _ took _ < <(film x.gif)
	[ "$got $took" = "12 1500" ]
}

@test "WebP and GIF show the same, and it is what the pictures of frames show" {
	render film.json --dpi 48 -o x.webp -o x.gif -o 'p-%02d.png'
	/usr/bin/python3 - <<-'END'
	from PIL import Image, ImageChops
	webp, gif = Image.open("x.webp"), Image.open("x.gif")
	for i in range(12):
	    webp.seek(i)
	    gif.seek(i)
	    still = Image.open(f"p-{i + 1:02}.png").convert("RGB")
	    part = (0, 0, *still.size)
	    exact = webp.convert("RGB").crop(part)
	    assert ImageChops.difference(exact, still).getbbox() is None, f"frame {i + 1} of the WebP"
	    near = ImageChops.difference(gif.convert("RGB").crop(part), still)
	    worst = max(high for low, high in near.getextrema())
	    assert worst < 48, f"frame {i + 1} of the GIF is off by {worst}"
	END
}

@test "--animate: one SVG of its own, that lights up what moved" {
	render film.json --all --no-fold --animate -o x.svg
	xmllint --noout x.svg
	film_check motion film.json x.svg
	# Nothing is fetched from anywhere.
	if grep -oE '(href|src)="[^#"][^"]*"|url\([^#][^)]*\)|@import' x.svg; then false; fi
	if grep -q '<image' x.svg; then false; fi
	grep -q 'dur="30.002s" repeatCount="indefinite"' x.svg
	render film.json --all --no-fold --animate --speed 4 -o fast.svg
	grep -q 'dur="7.500s" repeatCount="indefinite"' fast.svg
}

@test "--animate: folded, trimmed and cumulative" {
	render film.json --animate -o x.svg
	xmllint --noout x.svg
	render film.json --animate --cumulative -o x.svg
	grep -q "a line stays once data has moved" x.svg
	"$mapgen" 300 900 | python3 "$tests/frames.py" 50 >big.json
	render big.json --animate -o x.svg
	xmllint --noout x.svg
}

@test "hostile names move, too" {
	node=$(command -v node) || skip "needs node"
	"$node" "$tests/browser/hostile.mjs" make hostile.json <"$tests/unit/data/shop.json"
	python3 "$tests/frames.py" 3 <hostile.json >film.json
	render film.json --all --no-fold --animate -o x.svg -o 'f-%d.svg' -o x.webp --dpi 30
	xmllint --noout x.svg f-*.svg
	film_check places f-*.svg
}
