#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Before and after a pooler is put before a real PostgreSQL: the difference is just that.

load common
load postgres

setup() {
	need_root
	need pgbouncer
	WORK=$(mktemp -d /tmp/ipcmap-diff.XXXXXX)
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

# ask PORT NAME: a client asks over the UNIX socket for two seconds; the map of all of it is NAME.
ask() {
	local client filters=() pid
	setpriv --reuid=postgres --regid=postgres --clear-groups "$PG/pgbench" -h "$WORK/socket" -p "$1" -n -S -c 2 -T 30 \
		postgres >"$WORK/bench" 2>&1 3>&- </dev/null &
	client=$!
	STARTED+=($client)
	wait_for 20 as_postgres "$PG/psql" -h "$WORK/socket" -p "$PORT" -tAc \
		"select 1 / count(*) from pg_stat_activity where query like '%pgbench_accounts%' and pid <> pg_backend_pid()" postgres
	for pid in "$client" "$POSTGRES_PID" "${@:3}"; do
		filters+=(-p "$pid")
	done
	timeout 60 "$IPCMAP" -q -d 2 -t unix "${filters[@]}" -o "$2" 3>&- </dev/null
	stop "$client" INT
}

@test "pgbouncer before PostgreSQL: the pooler and its two ways are added, the direct way removed" {
	local pool status=0
	postgres_start
	ask "$PORT" "$WORK/before.json"
	pool=$(free_port)
	cat >"$WORK/pgbouncer.ini" <<-INI
	[databases]
	postgres = host=$WORK/socket port=$PORT dbname=postgres user=postgres
	[pgbouncer]
	listen_addr =
	listen_port = $pool
	unix_socket_dir = $WORK/socket
	auth_type = any
	pool_mode = transaction
	INI
	setpriv --reuid=postgres --regid=postgres --clear-groups pgbouncer "$WORK/pgbouncer.ini" >"$WORK/pool.log" 2>&1 3>&- </dev/null &
	POOLER=$!
	STARTED+=($POOLER)
	wait_for 20 as_postgres "$PG/psql" -h "$WORK/socket" -p "$pool" -c 'select 1' postgres
	ask "$pool" "$WORK/after.json" "$POOLER"

	"$IPCMAP" diff -q "$WORK/before.json" "$WORK/after.json" --only unix-stream -o "$WORK/d.json" || status=$?
	[ $status = 1 ]
	jq -c '(.nodes | map({ key: .id, value: .comm }) | from_entries) as $n
		| .edges[] | [$n[.src], $n[.dst], .change]' "$WORK/d.json"
	[ "$(jq -c '(.nodes | map({ key: .id, value: .comm }) | from_entries) as $n
		| [.edges[] | select(.change == "added") | [$n[.src], $n[.dst]]] | unique' "$WORK/d.json")" = \
		'[["pgbench","pgbouncer"],["pgbouncer","pgbench"],["pgbouncer","postgres"],["postgres","pgbouncer"]]' ]
	[ "$(jq -c '(.nodes | map({ key: .id, value: .comm }) | from_entries) as $n
		| [.edges[] | select(.change == "removed") | [$n[.src], $n[.dst]]] | unique' "$WORK/d.json")" = \
		'[["pgbench","postgres"],["postgres","pgbench"]]' ]
	[ "$(jq -c '[.nodes[] | select(.change == "added" and .kind == "process") | .comm]' "$WORK/d.json")" = '["pgbouncer"]' ]
	# A job that guards an architecture.
	status=0
	"$IPCMAP" diff -q "$WORK/before.json" "$WORK/after.json" --fail-on added || status=$?
	[ $status = 1 ]
}
