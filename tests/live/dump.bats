#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# ipcdump against what is known to have happened: events, bytes, ends and contents.

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

# told OPTION...: the events of a stream in $OUT as dumpgen writes down its own.
told() {
	jq -c 'select(.type == "event" and .mechanism != "signal")
		| { mechanism, src: .src.pid, dst: .dst.pid, count, contents }' "$OUT"
}

# scene NAME ARGUMENT: the stream of it must be what was done, byte for byte.
scene() {
	dump -x -f json -o "$OUT" -- "$DUMPGEN" "$TRUTH" "$@"
	cmp <(told) "$TRUTH"
}

@test "contents of 1 to 1,000,000 bytes, in iovecs of 1 to 64 segments: pipe" { scene contents pipe; }
@test "contents: fifo" { scene contents fifo; }
@test "contents: unix-stream" { scene contents unix-stream; }
@test "contents: unix-dgram" { scene contents unix-dgram; }
@test "contents: unix-seqpacket" { scene contents unix-seqpacket; }
@test "contents: tcp" { scene contents tcp; }
@test "contents: udp" { scene contents udp; }
@test "contents: pty" { scene contents pty; }

@test "messages of one recvmmsg are events each" {
	scene many unix-dgram
	scene many unix-seqpacket
	scene many udp
}

@test "several writers of one channel: known in turn, null where they overlap" {
	for mechanism in pipe fifo unix-stream unix-dgram unix-seqpacket tcp; do
		scene writers $mechanism
	done
}

@test "what is not known is null, and never somebody else" {
	for mechanism in udp pty; do
		dump -x -f json -o "$OUT" -- "$DUMPGEN" "$TRUTH" writers $mechanism
		jq -s -e --slurpfile truth "$TRUTH" \
			'[ .[] | select(.type == "event" and .mechanism != "signal") ] | length == ($truth | length) and
			([ to_entries[] | .key as $i | .value.src == null or .value.src.pid == $truth[$i].src
				or $truth[$i].src == null ] | all)' "$OUT"
	done
}

# stopped PID
stopped() {
	[ "$(awk '$1 == "State:" { print $2 }' "/proc/$1/status")" = T ]
}

@test "what waited in a pty or pipe before the stream is nobody's" {
	for mechanism in pty pipe; do
		"$DUMPGEN" "$TRUTH" waited $mechanism 3>&- </dev/null &
		scene=$!
		STARTED+=($scene)
		wait_for 60 stopped $scene
		rm -f "$BATS_TEST_TMPDIR/trace.out" # of the round before
		"$IPCDUMP" -v -x -f json -o "$OUT" -p $scene >"$BATS_TEST_TMPDIR/trace.out" 2>&1 3>&- </dev/null &
		tracer=$!
		STARTED+=($tracer)
		wait_for 60 grep -q 'window opened' "$BATS_TEST_TMPDIR/trace.out"
		kill -CONT $scene
		wait $scene
		kill -TERM $tracer
		wait $tracer
		cmp <(told) "$TRUTH"
	done
}

@test "-B cuts, and says so" {
	dump -x -B 64 -f json -o "$OUT" -- "$DUMPGEN" "$TRUTH" contents pipe
	jq -c 'select(.type == "event" and .mechanism == "pipe") | { count, contents: (.contents | @base64d | length > 64), truncated }' \
		"$OUT" | sort -u >"$OUT.short"
	cat "$OUT.short"
	lacks grep '"contents":true' "$OUT.short"
	grep -qx '{"count":1,"contents":false,"truncated":false}' "$OUT.short"
	grep -qx '{"count":1000000,"contents":false,"truncated":true}' "$OUT.short"
	# The first 64 bytes are the first 64 bytes.
	cmp <(jq -r 'select(.type == "event" and .mechanism == "pipe") | .contents[:64]' "$OUT") <(jq -r '.contents[:64]' "$TRUTH")
}

@test "without -x no content is told" {
	for format in text json csv; do
		dump -f $format -o "$OUT" --pcap "$OUT.pcap" -- sh -c 'printf verysecretword | cat >/dev/null'
		grep -q '14' "$OUT"
		lacks grep -a verysecret "$OUT" "$OUT.pcap"
		lacks grep dmVyeXNl "$OUT"
	done
	[ "$(jq -c 'select(.type == "event") | has("contents")' "$OUT" 2>/dev/null | grep -c true)" = 0 ]
}

@test "text is a line for each event, with contents as hexdump -C has them" {
	dump -x -t pipe -o "$OUT" -- sh -c 'printf "hello\nworld, how are you" | { cat >/dev/null; }'
	cat "$OUT"
	grep -Eq '^[0-9:]{8}\.[0-9]{9} pipe sh\([0-9]+\) > cat\([0-9]+\): 24 bytes, pipe:\[[0-9]+\]$' "$OUT"
	cmp <(tail -n +2 "$OUT") <(printf 'hello\nworld, how are you' | hexdump -C | head -n -1)
}

@test "signals: number, name, code, process and thread" {
	dump -t kill -f json -o "$OUT" -- "$IPCGEN" --truth "$TRUTH" signal-tgkill
	jq -e -s '[ .[] | select(.type == "event" and .signal.name == "SIGUSR1") ] | length == 3
		and all(.signal.number == 10 and .signal.code_name == "SI_TKILL" and .signal.queued
			and .src.comm == "gen-sender" and .dst.comm == "gen-target" and .dst.tid > 0)' "$OUT"
}

@test "times are wall-clock, with nanoseconds, and in order" {
	before=$(date +%s%N)
	dump -t pipe -f json -o "$OUT" -- "$DUMPGEN" "$TRUTH" flood 100
	after=$(date +%s%N)
	jq -r 'select(.type == "event") | .time' "$OUT" >"$OUT.times"
	[ "$(wc -l <"$OUT.times")" = 100 ]
	sort -c "$OUT.times"
	for time in $(sed -n '1p;$p' "$OUT.times"); do
		[[ $time =~ ^....-..-..T..:..:..\.[0-9]{9}Z$ ]]
		ns=$(date -d "$time" +%s%N)
		[ "$ns" -gt "$before" ] && [ "$ns" -lt "$after" ]
	done
}

@test "keys are the same in every event, and jq reads every line" {
	dump -x -f json -o "$OUT" -- sh -c 'kill -0 $$; echo x | cat >/dev/null; '"$IPCGEN tcp-v4; $IPCGEN pty-raw; $IPCGEN unix-stream-path"
	jq -c 'select(.type == "event") | keys_unsorted' "$OUT" | sort -u >"$OUT.keys"
	cat "$OUT.keys"
	[ "$(wc -l <"$OUT.keys")" = 1 ]
	[ "$(wc -l <"$OUT")" = "$(jq -c .type "$OUT" | wc -l)" ]
}

# filtered OPTION...: who sent to whom in a chain of cats, of what is let through.
filtered() {
	dump "$@" -t pipe -f json -o "$OUT" -- sh -c \
		'printf aa | tr a b | sed p | cat >/dev/null' || return
	jq -r 'select(.type == "event") | .src.comm + ">" + .dst.comm' "$OUT" | sort -u | tr '\n' ' '
}

@test "-P -S -D choose by name, of processes that start later, too" {
	run filtered
	[ "$output" = "sed>cat sh>tr tr>sed " ]
	run filtered -P tr
	[ "$output" = "sh>tr tr>sed " ]
	run filtered -S tr
	[ "$output" = "tr>sed " ]
	run filtered -D tr
	[ "$output" = "sh>tr " ]
	run filtered -D tr -D cat
	[ "$output" = "sed>cat sh>tr " ]
	run filtered -S tr -D sed
	[ "$output" = "tr>sed " ]
	run filtered -S sh -D sed
	[ "$output" = "" ]
}

@test "-p -s -d choose by pid, and not what it forks" {
	mkfifo "$BATS_TEST_TMPDIR/go"
	(read -r _ <"$BATS_TEST_TMPDIR/go"; for i in 1 2 3; do printf x | cat >/dev/null; done) 3>&- &
	pid=$!
	STARTED+=("$pid")
	local dumps=()
	for option in p s d; do
		timeout -k $((5 * PATIENCE)) $((100 * PATIENCE)) "$IPCDUMP" -q -v "-$option" "$pid" -t pipe,signal -f json -o "$OUT.$option" \
			2>"$OUT.$option.said" 3>&- </dev/null &
		dumps+=("$!")
		STARTED+=("$!")
	done
	for option in p s d; do
		wait_for 60 grep -q 'window opened' "$OUT.$option.said"
	done
	echo >"$BATS_TEST_TMPDIR/go"
	wait "$pid"
	kill "${dumps[@]}"
	wait
	either=$(jq -r 'select(.type == "event") | [.src.pid, .dst.pid] | map(. == '"$pid"') | any' "$OUT.p" | sort -u)
	[ "$either" = true ]
	[ "$(jq -r 'select(.type == "event") | .dst.pid == '"$pid" "$OUT.d" | sort -u)" = true ]
	[ "$(jq -s '[ .[] | select(.type == "event" and .mechanism == "signal") ] | length > 3' "$OUT.d")" = true ]
	[ "$(jq -s '[ .[] | select(.type == "event") ] | length' "$OUT.s")" = "$(jq -s '[ .[] | select(.type == "event" and .src.pid == '"$pid"') ] | length' "$OUT.p")" ]
}

@test "what is filtered out takes no room in the ring" {
	dump -D nobody --buffer 4k -f json -o "$OUT" -- "$DUMPGEN" "$TRUTH" flood 100000
	[ "$(jq -c 'select(.type == "event" or .type == "lost")' "$OUT" | wc -l)" = 0 ]
}

@test "-t takes IPCDump's names and letters, kill, and this project's" {
	expect() {
		dump -t "$1" -f json -o "$OUT" -- sh -c "for f in pipe-write-read fifo-write-read signal-kill unix-stream-path \
			unix-dgram-socketpair unix-seqpacket-socketpair tcp-v4 udp-connected-v4 pty-raw; do $IPCGEN \$f; done"
		found=$(jq -r 'select(.type == "event") | .mechanism' "$OUT" | sort -u | tr '\n' ' ')
		[ "$found" = "$2" ] || { echo "$1: $found"; false; }
	}
	all="fifo pipe pty signal tcp udp unix-dgram unix-seqpacket unix-stream "
	expect a "$all"
	expect all "$all"
	for name in k signal kill; do expect $name "signal "; done
	for name in u unix; do expect $name "unix-dgram unix-seqpacket unix-stream "; done
	for name in ud unix-dgram; do expect $name "unix-dgram "; done
	for name in us unix-stream; do expect $name "unix-stream "; done
	for name in t pty; do expect $name "pty "; done
	for name in lo loopback net; do expect $name "tcp udp "; done
	for name in lt loopback-tcp tcp; do expect $name "tcp "; done
	for name in lu loopback-udp udp; do expect $name "udp "; done
	for name in p pipe; do expect $name "fifo pipe "; done
	expect fifo "fifo "
	expect unix-seqpacket "unix-seqpacket "
	expect k,p "fifo pipe signal "
}

@test "-c ends after so many events, and the command goes on" {
	dump -c 5 -t pipe -o "$OUT" -- sh -c "$DUMPGEN $TRUTH flood 1000; echo over >$BATS_TEST_TMPDIR/over"
	[ "$(wc -l <"$OUT")" = 5 ]
	[ "$(cat "$BATS_TEST_TMPDIR/over")" = over ]
}

@test "--duration ends it" {
	SECONDS=0
	dump --duration 0.5 -p $$ -o "$OUT"
	[ $SECONDS -le $((30 * PATIENCE)) ]
}

@test "what a full ring loses is told where it fell out, and adds up" {
	within 60 "$IPCDUMP" --buffer 4k -f json -t pipe -o "$OUT" -- "$DUMPGEN" "$TRUTH" flood 200000 2>"$OUT.err" 3>&-
	cat "$OUT.err"
	told=$(jq -s '[ .[] | select(.type == "event") ] | length' "$OUT")
	lost=$(jq -s '[ .[] | select(.type == "lost" and .mechanism == "pipe") | .count ] | add' "$OUT")
	echo "told $told lost $lost"
	[ "$lost" -gt 0 ]
	[ $((told + lost)) = 200000 ]
	# Between events, not only after them.
	jq -c 'select(.type == "event" or .type == "lost") | .type' "$OUT" | uniq | head -n 20 | grep -c lost >"$OUT.places"
	[ "$(cat "$OUT.places")" -gt 1 ]
	grep -q "$told events, $lost lost" "$OUT.err"
	# The map counts what no event told of.
	"$IPCMAP" render -q "$OUT" -o "$MAP"
	[ "$(jq '.completeness.events' "$MAP")" -ge 400000 ]
}

@test "lost lines in text and csv; -L leaves them out" {
	dump --buffer 4k -t pipe -o "$OUT" -- "$DUMPGEN" "$TRUTH" flood 100000
	grep -Eq '^[0-9:.]+ lost [0-9]+ events \(pipe\)$' "$OUT"
	dump --buffer 4k -t pipe -f csv -o "$OUT" -- "$DUMPGEN" "$TRUTH" flood 100000
	grep -q '^lost,.*,pipe,' "$OUT"
	for format in text json csv; do
		dump --buffer 4k -L -t pipe -f $format -o "$OUT" -- "$DUMPGEN" "$TRUTH" flood 100000
		lacks grep -E '^lost|lost [0-9]|"type":"lost"' "$OUT"
	done
}

@test "a reader that has enough ends it quietly" {
	run bash -c "timeout $((60 * PATIENCE)) '$IPCDUMP' -t pipe -- '$DUMPGEN' '$TRUTH' flood 100000 2>'$OUT.err' 3>&- | head -n 3; echo \${PIPESTATUS[0]}"
	echo "$output"
	[ "${#lines[@]}" = 4 ]
	[ "${lines[3]}" = 0 ]
	[ ! -s "$OUT.err" ]
}

# Not by its wchan: Linux 5.10 finds that by frame pointers, which Debian's kernel is built without.
writes() {
	grep -q pipe_write "/proc/$1/stack"
}

@test "a second signal ends it, though its reader does not read" {
	local pid status=0
	mkfifo "$OUT.fifo"
	sleep 600 <"$OUT.fifo" 3>&- &
	STARTED+=($!)
	"$IPCDUMP" -x -o "$OUT.fifo" -- "$DUMPGEN" "$TRUTH" flood 100000 3>&- </dev/null &
	pid=$!
	STARTED+=($pid)
	wait_for 60 writes $pid
	kill -TERM $pid
	kill -INT $pid
	wait_for 60 gone $pid
	wait $pid || status=$?
	[ $status = 130 ] || [ $status = 143 ]
}

@test "a full disk is told, and fails" {
	[ -e /dev/full ] || skip "needs /dev/full"
	run bash -c "timeout $((60 * PATIENCE)) '$IPCDUMP' -o /dev/full -- '$DUMPGEN' '$TRUTH' flood 10 3>&-"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"No space left"* ]]
}

@test "colours on a terminal, unless NO_COLOR" {
	need script
	script -qec "$IPCDUMP -q -t pipe -- $DUMPGEN $TRUTH flood 2" "$OUT" >/dev/null </dev/null
	grep -q $'\033\[36mpipe' "$OUT"
	NO_COLOR=1 script -qec "$IPCDUMP -q -t pipe -- $DUMPGEN $TRUTH flood 2" "$OUT" >/dev/null </dev/null
	lacks grep -q $'\033' "$OUT"
}

@test "text has local times, JSON and CSV those of UTC" {
	declare -A hour
	for format in text json csv; do
		TZ=XXX-12 dump -t pipe -f $format -o "$OUT" -- "$DUMPGEN" "$TRUTH" flood 2
		hour[$format]=$(grep -oE -m 1 '[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}' "$OUT" | head -n 1)
	done
	now=$(date -u +%s)
	for format in json csv; do
		[ $(((now - $(date -u -d "1970-01-01T${hour[$format]}Z" +%s) + 86400) % 86400)) -lt 300 ]
	done
	[ $(((now + 43200 - $(date -u -d "1970-01-01T${hour[text]}Z" +%s) + 86400) % 86400)) -lt 300 ]
}

@test "its own output is no event" {
	# By a name that no other process has.
	own=own$$
	cp "$IPCMAP" "$BATS_TEST_TMPDIR/$own"
	for i in 1 2; do
		within 20 "$BATS_TEST_TMPDIR/$own" dump -q -f json -t pipe --duration 1 -P $own 3>&- </dev/null | cat >"$OUT"
	done
	[ "$(jq -c 'select(.type == "event")' "$OUT" | wc -l)" = 0 ]
}

@test "the command's status is ours; a command that is not there" {
	run dump -o "$OUT" -- sh -c 'exit 7'
	[ "$status" = 7 ]
	status=0 # not by `run`, which warns of 127
	dump -o "$OUT" -- /nonexistent/command || status=$?
	[ "$status" = 127 ]
}

@test "ipcmap dump is the same" {
	within 20 "$IPCMAP" dump -q -t pipe -o "$OUT" -- "$DUMPGEN" "$TRUTH" flood 3 3>&-
	[ "$(wc -l <"$OUT")" = 3 ]
}

@test "the older kernels' programs do it, too" {
	export IPCMAP_TEST_PROBE_LOADS=1
	for mechanism in pipe unix-stream unix-dgram tcp udp; do
		scene contents $mechanism
	done
	scene writers pipe
}

@test "mistakes are told in one line" {
	for options in "-p 0" "-p x" "-t nothing" "-f xml" "--buffer 1" "--buffer x" "-c x" "-B -1" "word" "--nope"; do
		run "$IPCDUMP" $options
		echo "$options: $output"
		[ "$status" = 2 ]
		[ "${#lines[@]}" = 1 ]
	done
	run "$IPCDUMP" --help
	[ "$status" = 0 ]
	[ "${#lines[@]}" -le 32 ]
	lacks grep -E '.{81}' <<<"$output"
}
