#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Real software, started by the test on loopback and in temporary folders.

load common
load postgres

setup() {
	need_root
	WORK=$(mktemp -d /tmp/ipcmap-soft.XXXXXX)
	chmod 755 "$WORK"
}

teardown() {
	local pid
	for pid in "${STARTED[@]}"; do
		stop "$pid" INT
	done
	cd /
	rm -rf "$WORK"
}

# whole [FILTER]: each exact edge that the filter picks has what was sent received.
whole() {
	map_value "[.[] | select(${1:-true}) | select(.attribution == \"exact\" and .mechanism != \"pty\" and .mechanism != \"signal\")
		| select(.bytes != .received_bytes)] | length == 0"
}

sound() {
	echo '{ "edges": [], "processes": [] }' >"$TRUTH"
	# With no process in the truth --only-listed leaves the map's own soundness to check.
	"$MAPCHECK" --only-listed "$MAP" "$TRUTH"
}

# pgbench_over HOST MECHANISM NAME: 4 clients, each its own backend and never the listener.
pgbench_over() {
	trace_command -- setpriv --reuid=postgres --regid=postgres --clear-groups "$PG/pgbench" -h "$1" -p "$PORT" -n -S -c 4 -j 2 -t 250 postgres >"$WORK/bench"
	cat "$WORK/bench"
	grep -q 'actually processed: 1000/1000' "$WORK/bench"
	sound
	local edges="select(.mechanism == \"$2\" and .n == \"$3\")"
	[ "$(whole ".mechanism == \"$2\" and .d.comm == \"pgbench\"")" = true ]
	# The window closes when pgbench is gone: its last word, Terminate, may not be read yet.
	[ "$(map_value "[.[] | $edges | select(.s.comm == \"pgbench\") | .bytes - .received_bytes] | unique - [0, 5] | tojson")" = '[]' ]
	# Four clients plus pgbench's own first connection: five backends.
	[ "$(map_value "[.[] | $edges | select(.s.comm == \"pgbench\") | .d.pid] | unique | length")" = 5 ]
	[ "$(map_value "[.[] | $edges | select(.d.comm == \"pgbench\") | .s.pid] | unique | length")" = 5 ]
	[ "$(map_value "[.[] | $edges | .s.pid, .d.pid] | index($POSTGRES_PID)")" = null ]
	[ "$(map_value "[.[] | $edges | select(.s.comm == \"pgbench\") | .ops] | add >= 1000")" = true ]
	[ "$(map_value "[.[] | $edges | select(.s.comm == \"pgbench\") | .d.exe | endswith(\"/postgres\")] | all")" = true ]
}

@test "PostgreSQL and pgbench over the UNIX socket" {
	postgres_start
	pgbench_over "$WORK/socket" unix-stream "$WORK/socket/.s.PGSQL.$PORT"
}

@test "PostgreSQL and pgbench over TCP" {
	postgres_start
	pgbench_over 127.0.0.1 tcp "127.0.0.1:$PORT"
}

redis_start() {
	need redis-server redis-benchmark redis-cli
	PORT=$(free_port)
	redis-server --port "$PORT" --bind 127.0.0.1 --unixsocket "$WORK/redis.sock" --dir "$WORK" --save '' \
		--appendonly no --daemonize no >"$WORK/log" 2>&1 3>&- </dev/null &
	REDIS_PID=$!
	STARTED+=($REDIS_PID)
	wait_for 60 redis-cli -p "$PORT" ping
}

# redis_over MECHANISM OPTION...: redis-benchmark's own count is the truth. What one PING
# costs the protocol is known: "*1\r\n$4\r\nPING\r\n" is 14 bytes and "+PONG\r\n" 7.
redis_over() {
	local mechanism=$1 sent received
	shift
	trace_command -t "$mechanism" -- redis-benchmark "$@" -n 10000 -c 4 -P 1 -t ping_mbulk -q
	sound
	[ "$(whole)" = true ]
	sent=$(map_value "[.[] | select(.d.pid == $REDIS_PID and .s.comm == \"redis-benchmark\")] | map([.ops, .bytes]) | tojson")
	received=$(map_value "[.[] | select(.s.pid == $REDIS_PID and .d.comm == \"redis-benchmark\")] | map([.ops, .bytes]) | tojson")
	echo "sent $sent received $received"
	# The benchmark asks for two settings first (CONFIG GET) on a connection of its own.
	[ "$(jq 'map(select(.[0] > 1) | .[1]) | add' <<<"$sent")" = 140000 ]
	[ "$(jq 'map(select(.[0] > 1) | .[0]) | add' <<<"$sent")" = 10000 ]
	[ "$(jq 'map(select(.[0] > 1) | .[1]) | add' <<<"$received")" = 70000 ]
	[ "$(map_value "[.[] | select(.d.pid == $REDIS_PID) | .s.comm] | unique | tojson")" = '["redis-benchmark"]' ]
}

@test "Redis and redis-benchmark over TCP" {
	redis_start
	redis_over tcp -h 127.0.0.1 -p "$PORT"
}

@test "Redis and redis-benchmark over the UNIX socket" {
	redis_start
	redis_over unix-stream -s "$WORK/redis.sock"
}

@test "make -j and its jobserver" {
	need make
	# Each job starts a sub-make, which shares the tokens.
	printf '%s\n\t%s\n' 'all: a b c d' '@:' 'a b c d:' '+@$(MAKE) -s -f sub.mk' >"$WORK/Makefile"
	printf '%s\n\t%s\n' 'all: x y z' '@:' 'x y z:' '@sleep 0.05' >"$WORK/sub.mk"
	trace_command -- make -s -j 3 -C "$WORK"
	sound
	# One token per job beside the first: 2 bytes go in at the start, and all come back.
	local tokens='select((.mechanism == "pipe" or .mechanism == "fifo") and (.s.comm // "make" == "make") and (.d.comm // "make" == "make"))'
	map_value "map([.s.comm, .s.pid, .d.comm, .d.pid, .mechanism, .ops, .bytes, .received_bytes, .attribution, .n]) | .[] | tojson"
	[ "$(map_value "[.[] | $tokens] | length > 0")" = true ]
	[ "$(map_value "[.[] | $tokens | select(.ops > 0) | .bytes == .ops] | all")" = true ]
	# Several makes put tokens in and several take them out: whose, the pipe's order tells, or nobody.
	local whose=exact
	! jq -e '.completeness.mechanisms[] | select(.mechanism == "pipe") | .reason // "" |
		contains("who read whose bytes is not known")' "$MAP" || whose=hub
	[ "$(map_value "[.[] | $tokens | .attribution] | index(\"$whose\") != null")" = true ]
	[ $whose = hub ] || [ "$(map_value "[.[] | $tokens | .attribution] | index(\"hub\") == null")" = true ]
}

@test "tmux with a shell in it" {
	need tmux
	local socket="ipcmap-$$"
	export TMUX_TMPDIR=$WORK
	unset TMUX
	trace_command -- sh -c "tmux -f /dev/null -L $socket new-session -d -s t 'echo marker; exec sh' &&
		tmux -L $socket send-keys -t t 'echo answer-\$((20+3)); exit' Enter &&
		for i in \$(seq 200); do tmux -L $socket has-session -t t 2>/dev/null || exit 0; sleep 0.05; done; exit 9"
	tmux -L "$socket" kill-server 2>/dev/null || true
	sound
	map_value 'map([.s.comm, .d.comm, .mechanism, .signal, .ops, .bytes, .received_bytes, .attribution, .n]) | .[] | tojson'
	# Keys go from the server to the shell over the terminal, and its output comes back.
	[ "$(map_value '[.[] | select(.mechanism == "pty" and (.s.comm | startswith("tmux")) and .d.comm == "sh") | .received_bytes] | add >= 27')" = true ]
	[ "$(map_value '[.[] | select(.mechanism == "pty" and .s.comm == "sh" and (.d.comm | startswith("tmux"))) | .bytes] | add > 0')" = true ]
	# Clients talk to the server over its socket.
	[ "$(map_value "[.[] | select(.mechanism == \"unix-stream\" and (.n // \"\" | endswith(\"/$socket\")))] | length >= 2")" = true ]
}

@test "dbus-daemon with two clients" {
	need dbus-daemon dbus-send
	cat >"$WORK/bus.conf" <<-CONF
	<busconfig><type>session</type><listen>unix:path=$WORK/bus</listen>
	<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
	CONF
	dbus-daemon --config-file="$WORK/bus.conf" --nofork --nopidfile >"$WORK/log" 2>&1 3>&- </dev/null &
	local bus=$!
	STARTED+=($bus)
	wait_for 60 test -S "$WORK/bus"
	local call="dbus-send --bus=unix:path=$WORK/bus --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames"
	trace_command -- sh -c "$call & $call; wait"
	sound
	local edges="select(.mechanism == \"unix-stream\" and .n == \"$WORK/bus\")"
	map_value "map($edges) | map([.s.comm, .d.comm, .ops, .bytes, .received_bytes, .attribution]) | .[] | tojson"
	[ "$(whole '.mechanism == "unix-stream"')" = true ]
	[ "$(map_value "[.[] | $edges | select(.d.pid == $bus) | .s.pid] | unique | length")" = 2 ]
	[ "$(map_value "[.[] | $edges | select(.s.pid == $bus) | .d.pid] | unique | length")" = 2 ]
	[ "$(map_value "[.[] | $edges | [.s.comm, .d.comm] | sort | tojson] | unique | tojson")" = '["[\"dbus-daemon\",\"dbus-send\"]"]' ]
	stop $bus KILL # SIGTERM it takes its time with
}
