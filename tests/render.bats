#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# `ipcmap render`: recorded maps drawn, without root. What the view does is
# tested in tests/unit; here is what a user types. IPCMAP names another ipcmap to
# test. Needs nothing newer than bats 1.2 (Ubuntu 22.04).

setup()
{
	ipcmap=${IPCMAP:-$BATS_TEST_DIRNAME/../ipcmap}
	ipcmap=$(realpath "$ipcmap")
	mapgen=$(realpath "$BATS_TEST_DIRNAME/../build/mapgen")
	data=$(realpath "$BATS_TEST_DIRNAME/unit/data")
	scratch=$(mktemp -d /tmp/ipcmap-render.XXXXXX)
	chmod 755 "$scratch"
	mkdir -m 1777 "$scratch/work"
	cd "$scratch/work"
	cp "$data/shop.json" .
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
	if [ "$status" != "$want" ]; then
		echo "status $status, not $want: $*"
		cat "$scratch/err"
	fi
	[ "$status" = "$want" ]
}

# not COMMAND...: it fails. ("! COMMAND" alone fails no test.)
not()
{
	! "$@"
}

# one_line WORD: stderr is one line of ipcmap's that holds it.
one_line()
{
	echo "stderr: $stderr"
	[[ "$stderr" == ipcmap:\ *"$1"* ]]
	[ "$(wc -l <"$scratch/err")" = 1 ]
}

files()
{
	[ "$(ls -A | tr '\n' ' ')" = "$1" ]
}

@test "--help: fits a screen" {
	try 0 "$ipcmap" render --help
	[ -z "$stderr" ]
	[ "$(wc -L <<<"$output")" -le 80 ]
	for word in --group-by --cluster --no-fold --focus --hops --only --hide --top --by \
		    --min-bytes --min-ops --all --summary --output; do
		[[ "$output" == *"$word"* ]]
	done
}

@test "every option of the view is ipcmap's, too" {
	count=0
	while read -r option; do
		status=0
		# What comes after it is its argument, or a mistake: then a mistake, too.
		timeout 300 "$ipcmap" "$option" --no-such-option --nor-this 2>err >out || status=$?
		[ "$status" = 2 ]
		not grep -q "no option $option\b" err
		count=$((count + 1))
	done < <("$ipcmap" render --help | grep -o -- " --[a-z][a-z-]*" | grep -v help)
	[ "$count" -ge 20 ]
}

@test "a map into every format; the file may stand anywhere" {
	try 0 "$ipcmap" render shop.json -o a.svg -o a.png -o a.pdf -o a.dot -o a.json
	[ -z "$stderr" ]
	files "a.dot a.json a.pdf a.png a.svg shop.json "
	try 0 "$ipcmap" render -o b.svg shop.json
	cmp a.svg b.svg
	try 0 "$ipcmap" render -o c.svg -- shop.json
	cmp a.svg c.svg
}

@test "stdin to stdout" {
	try 0 bash -c '"$1" render - -T svg <shop.json >a.svg' - "$ipcmap"
	try 0 "$ipcmap" render shop.json -o b.svg
	cmp a.svg b.svg
	# Without -o, a pipe gets dot.
	try 0 bash -c 'cat shop.json | "$1" render - | cat' - "$ipcmap"
	[[ "$output" == digraph* ]]
}

@test "an ordinary user needs no more" {
	[ "$(id -u)" = 0 ] || skip "is one already"
	cp "$ipcmap" ./copy
	chmod 755 copy
	mkdir -m 1777 mine
	try 0 setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
		./copy render shop.json -o mine/a.svg
	[ -s mine/a.svg ]
}

@test "the same map, the same file, however often" {
	"$mapgen" 300 900 >big.json
	for format in svg dot json; do
		"$ipcmap" render -q big.json -o "1.$format"
		for i in 2 3 4; do
			"$ipcmap" render -q big.json -o "$i.$format"
			cmp "1.$format" "$i.$format"
		done
	done
}

@test "a record is written as it was read" {
	"$mapgen" 300 900 >big.json
	try 0 "$ipcmap" render big.json -o copy.json
	cmp big.json copy.json
	# Folding and trimming are the drawing's; options are for both.
	[ -z "$stderr" ]
	try 0 "$ipcmap" render big.json --no-fold --all -o copy.json
	cmp big.json copy.json
	try 0 "$ipcmap" render big.json --top 3 -o part.json
	[ "$(wc -c <part.json)" -lt "$(($(wc -c <big.json) / 10))" ]
	grep -q '"note": ".* of 300 processes, .* % of bytes (--top 3)"' part.json
	# Drawing the part says so.
	try 0 "$ipcmap" render part.json -o part.dot
	[[ "$stderr" == *"of 300 processes"* ]]
}

@test "what was left out is said, on the drawing and on stderr" {
	"$mapgen" 1000 3000 >big.json
	try 0 "$ipcmap" render big.json -o big.dot
	one_line "of 1000 processes, "
	[[ "$stderr" == *"% of bytes; --all draws everything" ]]
	grep -q "of 1000 processes, .* of bytes; --all draws everything" big.dot
	try 0 "$ipcmap" render big.json --all -o all.dot
	[ -z "$stderr" ]
	not grep -q -- "--all" all.dot
	try 0 "$ipcmap" render -q big.json -o quiet.dot
	[ -z "$stderr" ]
	cmp big.dot quiet.dot
}

@test "views: fewer nodes, as asked" {
	nodes()
	{
		"$ipcmap" render -q shop.json "$@" -o - | grep -c '^	*[pxhk][0-9]*	\[' || true
	}

	all=$(nodes --no-fold)
	[ "$all" -gt 25 ]
	[ "$(nodes -g unit)" -lt "$all" ]
	[ "$(nodes -g user)" -lt "$(nodes -g unit)" ]
	[ "$(nodes --focus redis-server)" -lt 10 ]
	[ "$(nodes --focus 955)" = "$(nodes --focus redis-server)" ]
	[ "$(nodes --focus redis-server --hops 2)" -gt "$(nodes --focus redis-server)" ]
	[ "$(nodes --top 1)" = 2 ]
	[ "$(nodes --only tcp)" -lt "$all" ]
	[ "$(nodes --hide 'systemd*')" -lt "$all" ]
	[ "$(nodes --min-bytes 1M)" -lt "$(nodes --min-bytes 1k)" ]
	[ "$(nodes --min-ops 1000)" -lt "$all" ]
	[ "$(nodes --hide '*')" = 0 ]
}

@test "--summary: the table, when asked for" {
	try 0 "$ipcmap" render shop.json -o a.svg --summary 3
	[ "$(wc -l <"$scratch/err")" = 5 ]
	[[ "$stderr" == *"from"*"to"*"over"* ]]
	[[ "$stderr" == *"total of "*" not shown" ]]
	try 0 "$ipcmap" render shop.json -o a.svg --summary 3 -q
	[ -z "$stderr" ]
	try 0 "$ipcmap" render shop.json -o a.svg --summary 0
	[ -z "$stderr" ]
}

@test "usage mistakes: one line, status 2, no file" {
	while read -r word args; do
		try 2 "$ipcmap" render $args
		[ -z "$output" ]
		one_line "$word"
	done <<-'END'
		FILE.json
		FILE.json -o x.svg
		One shop.json shop.json
		--help shop.json --no-such-option
		render shop.json -d 3
		unit shop.json -g planet
		container shop.json --cluster planet
		ops shop.json --by weight
		unix-seqpacket shop.json --only telepathy
		steps shop.json --hops 0
		lines shop.json --top 0
		lines shop.json --top -1
		bytes shop.json --min-bytes many
		bytes shop.json --min-bytes 1e3
		bytes shop.json --min-bytes 1kk
		operations shop.json --min-ops 1.5
		seconds shop.json --layout-timeout 0
		.svg shop.json -o x.bmp
		frames shop.json -o x.gif
	END
	files "shop.json "
}

@test "what is no map: one line, status 2, no file, an old file as it was" {
	echo old >x.svg
	printf '' >empty
	printf '{"format": "ipc' >cut
	printf '[]' >array
	printf '\0\xff\033[31m' >noise
	sed 's/"version": 1/"version": 99/' shop.json >newer
	sed 's/"src": "p8"/"src": "p999"/' shop.json >stray
	head -c 5000 shop.json >half
	for file in empty cut array noise newer stray half /dev/null . missing; do
		echo "$file"
		try 2 "$ipcmap" render "$file" -o x.svg
		one_line "cannot read '$file'"
		not grep -q $'\033' "$scratch/err"
		[ "$(<x.svg)" = old ]
	done
	try 2 bash -c 'echo nonsense | "$1" render - -o x.svg' - "$ipcmap"
	one_line stdin
}

@test "what cannot be written: one line, status 1" {
	try 1 "$ipcmap" render shop.json -o /no/such/folder/x.svg
	one_line /no/such/folder
	try 1 bash -c '"$1" render shop.json -T dot -o - >/dev/full' - "$ipcmap"
	one_line stdout
}

@test "traced and drawn at once, or from the record: the same" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	timeout 300 "$ipcmap" -q -o now.json -o now.svg -o now.dot -g comm -- \
		bash -c 'for i in 1 2 3; do echo $i | cat | sort >/dev/null; done'
	try 0 "$ipcmap" render now.json -q -g comm -o later.svg -o later.dot
	cmp now.svg later.svg
	cmp now.dot later.dot
	# The record is whole, whatever was drawn of it.
	grep -q '"pid"' now.json
	not grep -q '"members"' now.json
}

@test "folding and trimming 10,000 processes and 50,000 edges" {
	"$mapgen" 10000 50000 >big.json
	begin=$(date +%s%N)
	try 0 "$ipcmap" render -q big.json -o big.dot
	took=$((($(date +%s%N) - begin) / 1000000))
	echo "$took ms"
	[ "$took" -lt 5000 ] # about 700; most of it is reading
	# A pipeline of thousands is what folding finds hardest.
	"$mapgen" --chain 10000 >chain.json
	begin=$(date +%s%N)
	try 0 "$ipcmap" render -q chain.json -o chain.dot
	[ "$((($(date +%s%N) - begin) / 1000000))" -lt 5000 ]
}

@test "every format, by suffix; what is no format is said before anything is written" {
	try 0 "$ipcmap" render -q shop.json -o a.mmd -o a.graphml -o a.csv -o a.html -o a.gv -o a.htm
	for file in a.mmd a.graphml a.csv a.html a.gv a.htm; do
		[ -s "$file" ]
	done
	cmp a.html a.htm
	xmllint --noout a.graphml
	[ "$(head -n 1 a.mmd)" = --- ]
	grep -q '^flowchart LR' a.mmd
	python3 -c 'import csv, sys; assert len(list(csv.DictReader(open("a.csv", newline="")))) > 30'
}

@test "layout: chosen by size, named, ended; the map is never lost" {
	"$mapgen" --loose 400 1000 >loose.json
	try 0 "$ipcmap" render -q loose.json --all -o auto.svg
	try 0 "$ipcmap" render loose.json --all -o auto.svg
	one_line "drawn with sfdp, without edge labels: 400 nodes"
	# dot would need a minute or more: it gets its part of the time, then sfdp draws.
	try 0 timeout 300 "$ipcmap" render loose.json --all --engine dot --layout-timeout 2 -o dot.svg
	one_line "the full layout took too long"
	xmllint --huge --noout dot.svg
	try 0 "$ipcmap" render -q shop.json --engine neato -o neato.svg
	not cmp neato.svg auto.svg
	for engine in dot sfdp fdp neato circo twopi osage; do
		try 0 "$ipcmap" render shop.json --engine $engine -o $engine.svg
		[ -z "$stderr" ]
	done
	try 2 "$ipcmap" render shop.json --engine nosuch -o no.svg
	one_line "--engine takes no 'nosuch'; it takes dot, sfdp"
	[ ! -e no.svg ]
}

@test "--dpi: larger, but never larger than can be made" {
	png_width()
	{
		od -An -tu1 -j16 -N4 "$1" | awk '{ print (($1 * 256 + $2) * 256 + $3) * 256 + $4 }'
	}

	try 0 "$ipcmap" render -q shop.json --dpi 48 -o half.png
	try 0 "$ipcmap" render -q shop.json -o whole.png
	[ "$(png_width whole.png)" -gt "$(($(png_width half.png) * 19 / 10))" ]
	try 0 "$ipcmap" render shop.json --dpi 2400 -o vast.png
	one_line "reduced to"
	[ "$(png_width vast.png)" -le 32767 ]
	[ "$(png_width vast.png)" -gt "$(png_width whole.png)" ]
}

@test "--style: by name, by file, where it is looked for, and what is wrong with it" {
	for style in default dark print colorblind diff minimal; do
		try 0 "$ipcmap" render -q shop.json --style "$style" -o "$style.dot" -o "$style.svg"
	done
	not cmp dark.dot default.dot
	export HOME=$scratch/home
	unset XDG_CONFIG_HOME
	mkdir -p "$HOME/.config/ipcmap"
	printf 'base default\nnode [fillcolor=#010203]\n' >"$HOME/.config/ipcmap/mine.style"
	try 0 "$ipcmap" render -q shop.json --style mine -o mine.dot
	grep -q '#010203' mine.dot
	# The working folder comes first.
	printf 'base default\nnode [fillcolor=#040506]\n' >mine.style
	try 0 "$ipcmap" render -q shop.json --style mine -o mine.dot
	grep -q '#040506' mine.dot
	try 0 "$ipcmap" render -q shop.json --style "$HOME/.config/ipcmap/mine.style" -o mine.dot
	grep -q '#010203' mine.dot
	# One that says nothing, or little: Graphviz's own look, and whole.
	: >empty.style
	echo 'hub [color=red]' >little.style
	for style in empty little; do
		try 0 "$ipcmap" render shop.json --style $style -o $style.svg
		[ -z "$stderr" ]
		[ "$(grep -c '<g id="[^"]*" class="edge' $style.svg)" = "$(grep -c '<g id="[^"]*" class="edge' default.svg)" ]
		[ "$(grep -c 'redis' $style.svg)" = "$(grep -c 'redis' default.svg)" ]
	done
	printf 'base default\n\nnode [fillcolour=red]\n' >bad.style
	try 2 "$ipcmap" render shop.json --style bad -o bad.dot
	one_line "bad.style:3: expected"
	[[ "$stderr" == *"fillcolour"* ]]
	try 2 "$ipcmap" render shop.json --style nosuch -o bad.dot
	one_line "there is no style 'nosuch'"
	[ ! -e bad.dot ]
}

@test "on a terminal, a layout that takes long is told of" {
	"$mapgen" --loose 120 285 >loose.json
	TERM=xterm timeout 300 script -qec "'$ipcmap' render loose.json --all --engine dot -o slow.svg" typescript >/dev/null
	grep -q "laying out 120 nodes" typescript
	# Not where no terminal is, and not when quiet.
	TERM=xterm timeout 300 script -qec "'$ipcmap' render -q loose.json --all -o quiet.svg" typescript >/dev/null
	not grep -q "laying out" typescript
	try 0 "$ipcmap" render loose.json --all -o slow.svg
	[[ "$stderr" != *"laying out"* ]]
}
