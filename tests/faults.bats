#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# Hostile neighbours and a faulty Graphviz. What is traced is always something
# that the test started.

setup()
{
	top=$(realpath "$BATS_TEST_DIRNAME/..")
	ipcmap=$(realpath "${IPCMAP:-$top/ipcmap}")
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipcmap-faults.XXXXXX")
	cd "$scratch"
	map=$top/examples/tmux/map.json
}

teardown()
{
	cd /
	rm -rf "$scratch"
}

need_root()
{
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# await FILE: until it is there, for two minutes at most.
await()
{
	local deadline=$((SECONDS + 120))

	until [ -e "$1" ]; do
		[ $SECONDS -lt $deadline ] || return 1
		sleep 0.02
	done
}

# A gvLayout() that goes wrong with the engines in $CRASH, $LOOP, $EAT.
shim()
{
	cat >shim.c <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <stdlib.h>
		#include <string.h>
		static int named(const char *variable, const char *engine)
		{
			const char *list = getenv(variable);
			return list && strstr(list, engine) != NULL;
		}
		int gvLayout(void *context, void *graph, const char *engine)
		{
			int (*real)(void *, void *, const char *) = dlsym(RTLD_NEXT, "gvLayout");
			if (named("CRASH", engine))
				*(volatile int *)8 = 1;
			while (named("LOOP", engine))
				;
			while (named("EAT", engine))
				memset(malloc(1 << 26), 1, 1 << 26);
			return real(context, graph, engine);
		}
	END
	cc -shared -fPIC -o shim.so shim.c -ldl
}

# draw VARIABLE=ENGINES ARG...
draw()
{
	local fault=$1

	shift
	run env "$fault" LD_PRELOAD="$scratch/shim.so" timeout 300 "$ipcmap" render "$map" "$@"
	echo "$output"
}

@test "a layout that crashes is tried again with a simpler engine, and the user told" {
	shim
	draw CRASH=dot -o x.svg
	[ "$status" = 0 ]
	xmllint --noout x.svg
	[[ "$output" == *"drawn with sfdp"*"the full layout crashed (Segmentation fault)"* ]]
	[ ! -e x.svg.dot ]
}

@test "one that loops is ended, one that eats memory, too" {
	shim
	SECONDS=0
	draw LOOP=dot --layout-timeout 4 -o x.svg
	[ "$status" = 0 ]
	[ $SECONDS -lt 10 ]
	[[ "$output" == *"the full layout took too long"* ]]
	xmllint --noout x.svg
	draw EAT=dot --layout-timeout 20 -o y.svg
	[ "$status" = 0 ]
	[[ "$output" == *"drawn with sfdp"* ]]
	xmllint --noout y.svg
}

@test "where every layout crashes: the old file stays, the DOT is written, the user told, status 1" {
	shim
	echo old >x.svg
	draw CRASH=dot,sfdp -o x.svg
	[ "$status" = 1 ]
	[ "$(cat x.svg)" = old ]
	grep -q digraph x.svg.dot
	[[ "$output" == *"Graphviz could not draw this map"*"the map is in 'x.svg.dot' instead"* ]]
	[ "$(ls | grep -c '^x\.')" = 2 ]
}

@test "a trace whose layout crashes: the map is not lost" {
	need_root
	shim
	# The command starts with what ipcmap was started with, but for this.
	run env CRASH=dot,sfdp LD_PRELOAD="$scratch/shim.so" timeout 300 "$ipcmap" -o x.svg -- \
		env -u LD_PRELOAD sh -c 'echo a | cat >/dev/null'
	[ "$status" = 1 ]
	grep -q '"\?cat' x.svg.dot
}

# neighbour: a process whose every name is hostile; talks until its stdin ends.
neighbour()
{
	cat >neighbour.py <<-'END'
		import os, socket, sys, threading
		evil = b"\x1b]0;pwned\x07\x1b[31mEVIL\x9b2J\xff\r\n<b>&\"'\\N"
		path = b"./" + evil.replace(b"/", b"") + b".sock"
		server = socket.socket(socket.AF_UNIX)
		server.bind(path)
		server.listen(8)
		with open("/proc/self/comm", "wb") as comm:
		    comm.write(b"\x1b[31m) R 1 1 (\r")
		def client():
		    with open("/proc/thread-self/comm", "wb") as comm:
		        comm.write(b"x\x1b[2J")
		    end = socket.socket(socket.AF_UNIX)
		    end.connect(path)
		    for i in range(20):
		        end.send(b"\x1b[31mEVIL content")
		    end.close()
		pid = os.fork()
		if pid == 0:
		    client()
		    os._exit(0)
		end, _ = server.accept()
		while end.recv(100):
		    pass
		os.waitpid(pid, 0)
	END
}

@test "hostile names never reach the terminal raw, nor any format" {
	need_root
	neighbour
	TERM=xterm timeout 300 script -qefc "'$ipcmap' -v --summary 20 --cmdline \
		-o x.json -o x.svg -o x.html -o x.dot -o x.mmd -o x.graphml -o x.csv -- python3 neighbour.py" typescript </dev/null >/dev/null
	# What ipcmap itself sends: to the line's begin, and to clear the line.
	sed 's/\r\x1b\[K//g; s/\r$//' typescript | sed '1d;$d' >shown
	if LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f\x80-\x9f](?<![\xc2-\xf4][\x80-\xbf])(?<![\xe0-\xf4][\x80-\xbf][\x80-\xbf])' shown; then false; fi
	grep -q 'EVIL' shown
	for file in x.json x.svg x.html x.dot x.mmd x.graphml x.csv; do
		iconv -f UTF-8 -t UTF-8 $file >/dev/null
		if LC_ALL=C grep -nP '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]' $file; then false; fi
		if LC_ALL=C grep -nP '\xc2[\x80-\x9f]' $file; then false; fi
		grep -q 'x1b\|x1B' $file
	done
	xmllint --noout x.svg
	xmllint --noout x.graphml
	jq -e '[.nodes[] | select(.kind == "process") | .comm] | any(startswith("\\x1b[31m) R 1 1"))' x.json
	# The name imitates /proc/PID/stat, and the parent is right all the same.
	jq -e '(.nodes[] | select(.comm == "x\\x1b[2J")) as $child
		| .nodes[] | select(.pid == $child.ppid).comm | startswith("\\x1b[31m)")' x.json
	# No contents, ever.
	if grep -l 'EVIL content' x.*; then false; fi
}

@test "names of files in messages: one line, and nothing that a terminal obeys" {
	name=$'evil\e]0;x\a\n\e[31m.json'
	for command in "render '$name' -o x.svg" "diff '$map' '$name'" "render '$map' -q -o 'none/$name'" \
		"-d 0.1 -o 'none/$name'" "dump --duration 0.1 -o 'none/$name'"; do
		run bash -c "'$ipcmap' $command"
		[ "$status" != 0 ]
		[ "${#lines[@]}" = 1 ]
		[[ "$output" != *[$'\e\a']* ]]
		[[ "$output" == *'evil\x1b]0;x\x07\x0a\x1b[31m.json'* ]]
	done
	cp "$map" "$name"
	run bash -c "'$ipcmap' render '$name' -q -o '$name'"
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "processes that come, change their names and vanish while /proc is read" {
	need_root
	cat >storm.py <<-'END'
		import os, threading, time
		end = time.time() + 3
		def rename():
		    i = 0
		    while time.time() < end:
		        i += 1
		        for path in ("/proc/self/comm",):
		            with open(path, "wb") as comm:
		                comm.write((b"a) Z 1 (", b"\x1b[2Jb", b"((((", b"\n", b"\xff" * 15)[i % 5])
		threading.Thread(target=rename).start()
		count = 0
		while time.time() < end:
		    r, w = os.pipe()
		    pid = os.fork()
		    if pid == 0:
		        os.write(w, b"x")
		        os._exit(0)
		    os.close(w)
		    os.read(r, 1)
		    os.close(r)
		    os.waitpid(pid, 0)
		    count += 1
		print(count)
	END
	timeout 120 "$ipcmap" -q -i 0.5 -o x.json -- python3 storm.py >count
	count=$(cat count)
	[ "$count" -gt 100 ]
	jq -e '.completeness.lost == 0' x.json
	# Every one of them is in the map, and every byte.
	[ "$(jq '[.edges[] | select(.mechanism == "pipe" and .bytes == 1)] | length' x.json)" = "$count" ]
	if LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]' x.json; then false; fi
}

@test "/proc that shows others' processes to nobody" {
	need_root
	unshare -m true || skip "no mount namespaces"
	# In a mount namespace of its own, where /proc has hidepid=2 and nobody the two capabilities.
	cat >inner <<-'END'
		mount -t proc -o hidepid=2 proc /proc || exit 77
		exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all,+cap_39,+cap_38 \
			--ambient-caps=-all,+cap_39,+cap_38 "$@"
	END
	cp "$ipcmap" ./copy
	chmod 755 . copy
	mkdir -m 777 out
	status=0
	timeout 300 unshare -m sh inner "$scratch/copy" -q -o "$scratch/out/x.json" -- \
		sh -c 'echo a | cat >/dev/null' || status=$?
	[ "$status" != 77 ] || skip "cannot mount proc here"
	[ "$status" = 0 ]
	jq -e '[.edges[] | select(.mechanism == "pipe" and .bytes == 2)] | length == 1' out/x.json
}

@test "the fold map is full: counted, told on the map, and right for what it kept" {
	need_root
	"$ipcmap" -q -t pipe --max-flows 64 -o map.json -o map.svg -- "$top/tests/held_pairs.sh" 40 : 2>said
	# Each word was written by one process and read by at most one other; who is missing is nobody
	# else, and no channel of these is shared: one flow and then two a pair, of 81 there is room for 64.
	grep -q ' · reader not known' map.svg
	if grep -q ' · shared' map.svg; then false; fi
	jq -e '.completeness.events == 64 and .completeness.lost == 17 and
		(.completeness.lost == ([ .completeness.mechanisms[].lost ] | add)) and
		([ .edges[] | select(.attribution == "exact") ] | length == 31 and
			all(.ops == 1 and .bytes == 2 and .received_ops == 1 and .received_bytes == 2)) and
		([ .edges[] | select(.attribution != "exact") ] | length == 2 and
			all(.attribution == "hub" and .ops == 1 and .bytes == 2 and .received_ops == 0))' map.json
	sed 's/<[^>]*>/\n/g' map.svg | grep -q "17 lost"
}

# marked COMMAND...: it traces a shell that writes to forty FIFOs, which others read, and has room for eight marks.
marked()
{
	local name pid reader readers=()

	mkdir fifos got
	for name in $(seq 40); do
		mkfifo "fifos/$name"
		cat "fifos/$name" >"got/$name" 2>/dev/null 3>&- &
		readers+=($!)
	done
	mkfifo over
	IPCMAP_TEST_MARKS=8 "$@" -- sh -c 'for name in "$@"; do echo x >"fifos/$name"; done; read -r _ <over' \
		sh $(seq 40) </dev/null >/dev/null 3>&- &
	pid=$!
	for reader in "${readers[@]}"; do
		wait "$reader"
	done
	echo >over
	wait "$pid"
	[ "$(cat got/* | wc -c)" = 80 ]
	rm -r fifos got over
}

@test "no room to mark a channel of the filter: told, and nobody is said to have read nothing" {
	need_root
	marked "$ipcmap" -q -o map.json
	marked "$ipcmap" dump -q -f json -o stream.json 2>/dev/null
	"$ipcmap" render -q stream.json -o folded.json
	for file in map.json folded.json; do
		jq -c '[ .edges[] | select(.mechanism == "fifo") | [ .src, .dst, .attribution, .bytes, .received_bytes ] ]' $file
		jq -e '.completeness.lost > 0 and
			([ .completeness.mechanisms[] | select(.mechanism == "fifo") | .reason ] | .[0] | test("--max-flows")) and
			([ .edges[] | select(.mechanism == "fifo" and .bytes == 2) | .attribution ] | length == 40 and
				(unique == [ "exact", "hub" ]) and (map(select(. == "exact")) | length <= 8))' $file
	done
}

@test "more new sockets than there is room to tell of: those not paired are nobody's, and none is said to be unread" {
	need_root
	cat >sockets.py <<-'END'
	import os, socket, time
	open("ready", "w").close()
	while not os.path.exists("go"):
	    time.sleep(0.01)
	for _ in range(20000):
	    a, b = socket.socketpair()
	    a.send(b"xy")
	    assert b.recv(2) == b"xy"
	    a.close(), b.close()
	open("done", "w").close()
	END
	"$ipcmap" -q --self -o map.json -- timeout 120 python3 sockets.py </dev/null >/dev/null 2>said 3>&- &
	tracer=$!
	await ready
	kill -STOP $tracer
	touch go
	await done || true
	kill -CONT $tracer
	wait $tracer
	[ -e done ]
	jq -c '[ .edges[] | [ .mechanism, .attribution ] ] | group_by(.) | map([ length, .[0] ])' map.json
	jq -e '.completeness.lost > 0 and
		([ .completeness.mechanisms[] | select(.mechanism == "unix-stream") | .reason ] | .[0] | test("names and pairs")) and
		([ .edges[] | select(.mechanism == "unix-stream") ] | (map(.bytes) | add == 40000) and
			(map(.received_bytes) | add == 40000) and (map(.attribution) | unique == [ "exact", "hub" ]) and
			all(.attribution == "hub" or (.bytes == 2 and .received_bytes == 2 and .src == .dst)))' map.json
}

@test "a container that hides the kernel's types: one line, status 1, no file" {
	need_root
	unshare -m true || skip "no mount namespaces"
	for command in "$ipcmap -o map.svg -d 1" "$ipcmap probe" "$ipcmap dump --duration 1"; do
		run unshare -m sh -c "mount -t tmpfs none /sys/kernel/btf || exit 77; exec $command"
		[ "$status" != 77 ] || skip "no mount namespaces"
		[ "$status" = 1 ]
		[ "${#lines[@]}" = 1 ]
		[[ "$output" == *"/sys/kernel/btf/vmlinux"* ]]
	done
	[ ! -e map.svg ]
}

@test "time zones and decimal commas change nothing" {
	[ -e /usr/share/i18n/locales/de_DE ] && command -v localedef >/dev/null || skip "no locales to make"
	localedef -i de_DE -f UTF-8 "$scratch/de_DE.UTF-8"
	for format in svg json dot csv mmd graphml; do
		"$ipcmap" render -q "$map" -o plain.$format
		LOCPATH=$scratch LC_ALL=de_DE.UTF-8 TZ=Asia/Tokyo "$ipcmap" render -q "$map" -o there.$format
		cmp plain.$format there.$format
	done
	need_root
	LOCPATH=$scratch LC_ALL=de_DE.UTF-8 TZ=Asia/Tokyo "$ipcmap" -q -o now.json -- true
	# In UTC, of the last minute.
	jq -e '(.started | sub("\\.[0-9]+Z$"; "Z") | fromdate) as $at | now - $at | . >= 0 and . < 60' now.json
}
