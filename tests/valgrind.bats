#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# One whole trace, and what is made of it, under valgrind: no byte read that nobody
# wrote, no block lost. SVG, PNG and PDF are not among it: they are drawn in a child whose
# sandbox (src/sandbox.c) leaves no room for valgrind; ASan looks at these (build/asan).

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
	run timeout 200 valgrind -q --child-silent-after-fork=yes --leak-check=full --errors-for-leak-kinds=definite \
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

@test "valgrind: an event stream, written and read" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	traced_checked 0 "$ipcmap" dump -q -x -f json -o s.json --pcap s.pcapng -- sh -c 'echo hello | cat >/dev/null'
	checked 0 "$ipcmap" render s.json -q -o s.dot
}
