#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# ipcdump's formats, read by others' readers; and its stream folded back to a map.

load common

IPCDUMP=${IPCDUMP:-$TOP/ipcdump}
DUMPGEN=${DUMPGEN:-$TOP/build/dumpgen}
OUT=$BATS_TEST_TMPDIR/out

setup() {
	need_root
}

# lacks COMMAND...: it must fail; "!" before a command is not looked at by bats.
lacks() {
	! "$@"
}

dump() {
	within 60 "$IPCDUMP" -q "$@" 3>&- </dev/null
}

@test "csv: a reader finds what JSON has" {
	need python3
	dump -x -f csv -o "$OUT" -- "$DUMPGEN" "$TRUTH" contents unix-stream
	python3 - "$OUT" "$TRUTH" <<-'END'
	import csv, json, sys
	csv.field_size_limit(1 << 30)
	rows = [r for r in csv.DictReader(open(sys.argv[1], newline="")) if r["mechanism"] == "unix-stream"]
	truth = [json.loads(line) for line in open(sys.argv[2])]
	assert len(rows) == len(truth), (len(rows), len(truth))
	for row, want in zip(rows, truth):
	    assert None not in row and None not in row.values(), row
	    assert row["type"] == "event" and row["src_comm"] == "dumpgen" and row["object"].startswith("socket:["), row
	    assert int(row["src_pid"]) == want["src"] and int(row["dst_pid"]) == want["dst"]
	    assert int(row["count"]) == want["count"] and row["contents"] == want["contents"]
	END
}

@test "without -f the suffix of the file says the format; pcapng is --pcap's" {
	local name want
	for name in a.json:'{"type":"start"' b.jsonl:'{"type":"start"' c.csv:'type,time,' d.txt:; do
		dump -t signal -o "$BATS_TEST_TMPDIR/${name%%:*}" -- sh -c 'kill -CHLD $$'
		want=${name#*:}
		[[ $(head -n 1 "$BATS_TEST_TMPDIR/${name%%:*}") == "$want"* ]]
	done
	[[ $(head -n 1 "$BATS_TEST_TMPDIR/d.txt") =~ ^[0-9][0-9]:[0-9][0-9]: ]]
	dump -f csv -t signal -o "$BATS_TEST_TMPDIR/e.json" -- sh -c 'kill -CHLD $$'
	[[ $(head -n 1 "$BATS_TEST_TMPDIR/e.json") == type,time,* ]]
	run dump -o x.pcapng -- true
	[ "$status" = 2 ]
	[ "$output" = "ipcdump: -o writes events as text, json or csv: --pcap x.pcapng writes pcapng" ]
}

@test "csv: hostile names are one field" {
	need python3
	cp "$(command -v cat)" "$BATS_TEST_TMPDIR/a,\"b"
	dump -f csv -t pipe -o "$OUT" -- sh -c "printf x | '$BATS_TEST_TMPDIR/a,\"b' >/dev/null"
	python3 - "$OUT" <<-'END'
	import csv, sys
	rows = list(csv.DictReader(open(sys.argv[1], newline="")))
	assert [r["dst_comm"] for r in rows] == ['a,"b'], rows
	END
}

@test "json: hostile names are clean" {
	name=$BATS_TEST_TMPDIR/$'a"\\\n\033\xff'
	cp "$(command -v cat)" "$name"
	printf 'printf x | "$1" >/dev/null\n' >"$BATS_TEST_TMPDIR/script"
	dump -f json -t pipe -o "$OUT" -- sh "$BATS_TEST_TMPDIR/script" "$name"
	jq -e -s '[ .[] | select(.type == "event") ] | length == 1 and (.[0].dst.comm | startswith("a\"\\"))' "$OUT"
	"$IPCMAP" render -q "$OUT" -o "$MAP"
	jq -e '.edges | length == 1' "$MAP"
}

@test "pcapng: tshark reads tcp and udp with addresses and checksums, and counts agree" {
	need tshark capinfos
	for factory in tcp-v4 tcp-v6 udp-connected-both udp-unconnected-v6; do
		dump -x -f json -o "$OUT.json" --pcap "$OUT.pcap" -- "$IPCGEN" "$factory"
		events=$(jq -c 'select(.type == "event")' "$OUT.json" | wc -l)
		[ "$(capinfos -c -M -T -r "$OUT.pcap" | cut -f 2)" = "$events" ]
		mechanism=${factory%%-*}
		length=tcp.len
		[ $mechanism = tcp ] || length=udp.length
		tshark -r "$OUT.pcap" -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE -o ip.check_checksum:TRUE \
			-Y "$mechanism" -T fields -e _ws.expert.message -e $mechanism.srcport -e $mechanism.dstport -e $length \
			2>/dev/null >"$OUT.fields"
		lacks grep -i checksum "$OUT.fields"
		jq -r 'select(.type == "event" and .mechanism == "'$mechanism'")
			| [ (.channel.from // ":0" | split(":")[-1]), (.channel.to | split(":")[-1]), .count ] | @tsv' "$OUT.json" >"$OUT.want"
		awk -F '\t' -v OFS='\t' -v header=$([ $mechanism = tcp ] || echo 8) '{ print $2, $3, $4 - header }' \
			"$OUT.fields" >"$OUT.got"
		diff "$OUT.want" "$OUT.got"
	done
}

@test "pcapng: a stream of tcp is followed to the same bytes" {
	need tshark
	dump -x -f json -o "$OUT.json" --pcap "$OUT.pcap" -- "$DUMPGEN" "$TRUTH" contents tcp
	jq -r .contents "$TRUTH" | while read -r contents; do base64 -d <<<"$contents"; done >"$OUT.want"
	tshark -r "$OUT.pcap" -Y tcp -T fields -e tcp.payload 2>/dev/null | tr -d ':\n' | xxd -r -p >"$OUT.got"
	cmp "$OUT.want" "$OUT.got"
	[ -z "$(tshark -r "$OUT.pcap" -Y 'tcp.analysis.flags' 2>/dev/null)" ]
}

@test "pcapng: the rest is USER0 behind its header, with a comment that says who" {
	need tshark
	dump -x -f json -o "$OUT.json" --pcap "$OUT.pcap" -- sh -c 'printf hello | cat >/dev/null; kill -USR1 $$ || :; :' || :
	tshark -r "$OUT.pcap" -V 2>/dev/null >"$OUT.text"
	grep -q 'pipe sh([0-9]*) > cat([0-9]*)' "$OUT.text"
	[ "$(tshark -r "$OUT.pcap" 2>/dev/null | wc -l)" = "$(jq -c 'select(.type == "event")' "$OUT.json" | wc -l)" ]
	# The last bytes of a packet are the contents: version 1, mechanism 0, source known.
	tshark -r "$OUT.pcap" -T fields -e data 2>/dev/null | grep -q '^010001.*68656c6c6f$' ||
		tshark -r "$OUT.pcap" -x 2>/dev/null | grep -q hello
}

@test "pcapng without -x has headers, and full lengths" {
	need tshark
	dump -o "$OUT" --pcap "$OUT.pcap" -t tcp -- "$DUMPGEN" "$TRUTH" contents tcp
	sum=$(tshark -r "$OUT.pcap" -T fields -e tcp.len 2>/dev/null | awk '{ n += $1 } END { print n }')
	[ "$sum" = "$(jq -s 'map(.count) | add' "$TRUTH")" ]
	tshark -r "$OUT.pcap" -T fields -e frame.cap_len 2>/dev/null >"$OUT.lengths"
	lacks grep -v '^40$' "$OUT.lengths"
}

@test "one-liners of IPCDump's README" {
	# dump all ipc on the system; here: of one command
	dump -o "$OUT" -- "$IPCGEN" pipe-write-read
	grep -q ' pipe gen-writer(' "$OUT"
	# dump signals sent between any two processes
	dump -t kill -o "$OUT" -- "$IPCGEN" signal-kill
	grep -q ' signal gen-[a-z]*([0-9]*) > gen-[a-z]*([0-9]*): SIG' "$OUT"
	lacks grep -v ' signal ' "$OUT"
	# dump loopback TCP connection metadata to or from pid 1337
	dump -t loopback-tcp -o "$OUT" -- "$IPCGEN" tcp-v4
	grep -q ' tcp gen-client([0-9]*) > gen-server([0-9]*): [0-9]* bytes, 127.0.0.1:[0-9]* > 127.0.0.1:[0-9]*, socket' "$OUT"
	lacks grep -v ' tcp ' "$OUT"
	# dump unix socket IPC metadata and contents from Xorg; here: from gen-client
	dump -t unix -x -S gen-client -o "$OUT" -- "$IPCGEN" unix-stream-path
	grep -q '^00000000  ' "$OUT"
	grep -E 'bytes?, ' "$OUT" >"$OUT.events"
	lacks grep -v ' unix-stream gen-client(' "$OUT.events"
	# dump json-formatted pipe i/o metadata and first 64 bytes of contents
	dump -t pipe -x -B 64 -f json -o "$OUT" -- "$IPCGEN" pipe-write-read
	jq -e -s '[ .[] | select(.type == "event") ] | length > 0 and all(.mechanism == "pipe"
		and (.contents | @base64d | length) <= 64)' "$OUT"
}

# Edges without what differs between two looks at one thing: ids and times.
edges() {
	jq -S -c '(.nodes | map({ key: .id, value: . }) | from_entries) as $nodes
		| (.channels | map({ key: .id, value: . }) | from_entries) as $channels
		| .edges[] | . + { s: $nodes[.src], d: $nodes[.dst], c: $channels[.channel // ""] }
		| select((.s.comm // "") != "ipcdump" and (.d.comm // "") != "ipcdump")
		| { s: (.s | del(.id, .channel)), d: (.d | del(.id, .channel)), c: (.c | del(.id)?),
		    mechanism, signal, ops, bytes, received_ops, received_bytes, attribution }
		| del(.s.start, .d.start, .s.ended, .d.ended)' "$1" | sort
}

@test "the map folded from the stream is the map traced directly" {
	for factory in pipe-hub fifo-write-read unix-forked-acceptor unix-dgram-many-clients tcp-prefork udp-echo-server \
		pty-cooked-echo signal-kill unread-half-pipe unread-half-udp process-exec; do
		# Both look at one and the same run, with the same hooks.
		within 60 "$IPCMAP" --flavour tracepoint -q -o "$BATS_TEST_TMPDIR/direct.json" -- "$IPCDUMP" -q -f json -o "$OUT" -- "$IPCGEN" $factory 3>&-
		"$IPCMAP" render -q "$OUT" -o "$MAP"
		diff <(edges "$BATS_TEST_TMPDIR/direct.json") <(edges "$MAP") || { echo "$factory"; false; }
	done
}

@test "a stream through a pipe and jq is drawn" {
	within 60 "$IPCDUMP" -q -f json -- "$IPCGEN" unix-stream-path 3>&- | jq -c . |
		"$IPCMAP" render -q - -o "$BATS_TEST_TMPDIR/map.svg" -o "$MAP"
	grep -q '</svg>' "$BATS_TEST_TMPDIR/map.svg"
	jq -e '.edges | length > 1' "$MAP"
}

@test "what is no stream is refused with its line" {
	dump -f json -o "$OUT" -- "$IPCGEN" pipe-write-read
	sed '3s/"event"/"evant"/' "$OUT" >"$OUT.bad"
	run "$IPCMAP" render -q "$OUT.bad" -o "$MAP"
	echo "$output"
	[ "$status" = 2 ]
	[[ $output == *"line 3"* ]]
}

@test "a stream that was cut is a map of what is there, and says so" {
	dump -f json -o "$OUT" -- "$IPCGEN" pipe-write-read
	grep -v '^{"type":"[^es]' "$OUT" | head -n -1 >"$OUT.cut"
	head -c $(($(wc -c <"$OUT.cut") + 20)) "$OUT" >"$OUT.part"
	for cut in "$OUT.cut" "$OUT.part"; do
		run "$IPCMAP" render -q "$cut" -o "$MAP" -o "$MAP.svg"
		echo "$output"
		[ "$status" = 0 ]
		[ "${#lines[@]}" = 1 ]
		[[ $output == *"the stream was cut after line $(wc -l <"$cut")"* ]]
		jq -e '.completeness.mechanisms | all(.reason | test("was cut"))' "$MAP"
		[ "$(map_value 'map(select(.mechanism == "pipe") | "\(.s.comm)>\(.d.comm) \(.received_bytes) \(.attribution)") | .[]')" = \
			"gen-writer>gen-reader $(jq -s 'map(select(.type == "event" and .mechanism == "pipe") | .count) | add' "$OUT") exact" ]
	done
	# Who sent is not known: then nobody is seen to send.
	jq -c 'if .type == "event" and .mechanism == "pipe" then .src = null else . end' "$OUT.cut" >"$OUT.nobody"
	"$IPCMAP" render -q "$OUT.nobody" -o "$MAP" 2>/dev/null
	jq -e --argjson told "$(jq -s 'map(select(.type == "event" and .mechanism == "pipe")) | length' "$OUT.nobody")" '
		.completeness.unattributed == $told and ([.edges[] | select(.mechanism == "pipe")
			| .ops, .bytes, .received_ops == $told, .attribution] == [0, 0, true, "hub"])' "$MAP"
	# A tracer that is killed, and a reader that has enough.
	rm "$OUT"
	"$IPCDUMP" -q -f json -o "$OUT" -- sh -c 'printf x | cat >/dev/null; exec sleep 600' 3>&- </dev/null &
	local tracer=$!
	STARTED+=($tracer)
	wait_for 60 grep -q '"type":"event".*"mechanism":"pipe"' "$OUT"
	STARTED+=($(pgrep -P $tracer))
	kill -KILL $tracer
	wait $tracer || true
	"$IPCMAP" render "$OUT" -o "$MAP" 2>"$OUT.said"
	grep -q 'was cut after line' "$OUT.said"
	[ "$(map_value 'map(select(.mechanism == "pipe")) | length')" = 1 ]
	dump -f json -- "$IPCGEN" tcp-v4 | head -n 5 | "$IPCMAP" render - -o "$MAP" 2>"$OUT.said"
	grep -q 'was cut after line 5' "$OUT.said"
}
