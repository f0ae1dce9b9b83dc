#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# One whole trace, and what is made of it, under valgrind: no byte read that nobody
# wrote, no block lost. SVG, PNG and PDF are drawn in a child: there valgrind changes the
# status, and the drawing fails. It knows no seccomp(2), so the child goes without.

setup()
{
	command -v valgrind >/dev/null || skip "no valgrind"
	top=$(realpath "$BATS_TEST_DIRNAME/..")
	ipcmap=$(realpath "${IPCMAP:-$top/ipcmap}")
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipcmap-valgrind.XXXXXX")
	cd "$scratch"
}

teardown()
{
	rm -rf "$scratch"
}

# checked STATUS COMMAND...: this status, and nothing found. While it traces, valgrind does not
# know what bpf(2) wrote for us (its commands 24, 28 and 35 are news to 3.19) and would call
# all of it uninitialised: traced_checked looks for the other faults alone.
checked()
{
	local want=$1

	shift
	run timeout 200 valgrind -q --child-silent-after-fork=yes --leak-check=${leaks:-full} --errors-for-leak-kinds=definite \
		--error-exitcode=99 --undef-value-errors=${undefined:-yes} "$@"
	echo "$output" | grep -v 'unhandled eBPF command' | head -n 40
	[ "$status" = "$want" ]
}

traced_checked()
{
	undefined=no checked "$@"
}

@test "valgrind: a trace, its record, and formats made of it" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	traced_checked 0 "$ipcmap" -q -i 0.2 -o t.json -o t.csv -o t.dot -- sh -c 'echo hello | cat >/dev/null'
	grep -q '"bytes": 6' t.json
	checked 0 "$ipcmap" render t.json -q -o t.graphml -o t.mmd -o again.json -o t.dot
}

@test "valgrind: a record rendered in formats that need no layout, and compared" {
	checked 0 "$ipcmap" render "$top/examples/tmux/map.json" -q --no-fold -o r.dot -o r.csv -o r.mmd -o r.graphml -o r.json
	checked 1 "$ipcmap" diff "$top/tests/unit/data/shop.json" "$top/examples/tmux/map.json" -o d.json -o d.dot
}

# What Graphviz loses is Graphviz's.
drawn_checked()
{
	leaks=no checked "$@"
}

@test "valgrind: drawn, in the child, too" {
	drawn_checked 0 "$ipcmap" render "$top/examples/tmux/map.json" -q --layout-timeout 150 -o d.svg -o d.png -o d.pdf
	xmllint --noout d.svg
	[ "$(head -c 4 d.pdf)" = %PDF ]
	if [ "$(id -u)" = 0 ]; then
		leaks=no traced_checked 0 "$ipcmap" -q --layout-timeout 150 -o t.svg -- sh -c 'echo hello | cat >/dev/null'
		xmllint --noout t.svg
	fi
	# The same with a library that reads what it has freed: valgrind is there, and is heard.
	cat >bad.c <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <stdlib.h>
		int sink;
		int gvLayout(void *context, void *graph, const char *engine)
		{
			int (*real)(void *, void *, const char *) = dlsym(RTLD_NEXT, "gvLayout");
			volatile char *bytes = malloc(8);
			free((void *)bytes);
			sink += bytes[3];
			return real(context, graph, engine);
		}
	END
	cc -w -shared -fPIC -o bad.so bad.c -ldl
	LD_PRELOAD=$scratch/bad.so drawn_checked 1 "$ipcmap" render "$top/examples/tmux/map.json" --layout-timeout 150 -o e.svg
	[ ! -e e.svg ]
}

@test "valgrind: an event stream, written and read" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	traced_checked 0 "$ipcmap" dump -q -x -f json -o s.json --pcap s.pcapng -- sh -c 'echo hello | cat >/dev/null'
	checked 0 "$ipcmap" render s.json -q -o s.dot
}
