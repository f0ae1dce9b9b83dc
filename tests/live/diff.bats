#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The difference between two traces of real software, started by the test on UNIX
# sockets in a temporary folder.

load common

setup() {
	need_root
	PG=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
	[ -x "$PG/pgbench" ] && id postgres >/dev/null 2>&1 || skip "needs postgresql"
	PGBOUNCER=$(PATH=$PATH:/usr/sbin command -v pgbouncer) || skip "needs pgbouncer"
	WORK=$(mktemp -d /tmp/ipcmap-diff.XXXXXX)
	cd "$WORK"
	mkdir server pool
	chown postgres . server pool
	AS=(setpriv --reuid=postgres --regid=postgres --clear-groups)
}

teardown() {
	local i
	# The last first: PostgreSQL waits for its clients.
	for ((i = ${#STARTED[@]} - 1; i >= 0; i--)); do
		stop "${STARTED[i]}"
	done
	cd /
	rm -rf "$WORK"
}

# as_postgres_start COMMAND...: in the background; its pid is in $PID.
as_postgres_start() {
	"${AS[@]}" "$@" >>log 2>&1 3>&- </dev/null &
	PID=$!
	STARTED+=("$PID")
}

postgres_start() {
	"${AS[@]}" "$PG/initdb" -D "$WORK/data" -A trust -N >/dev/null
	as_postgres_start "$PG/postgres" -D "$WORK/data" -k "$WORK/server" -c listen_addresses= -c fsync=off -c autovacuum=off
	SERVER=$PID
	wait_for 60 "${AS[@]}" "$PG/pg_isready" -q -h "$WORK/server"
	"${AS[@]}" "$PG/pgbench" -h "$WORK/server" -i -s 1 -q postgres >/dev/null 2>&1
}

pooler_start() {
	cat >pool.ini <<-INI
		[databases]
		postgres = host=$WORK/server user=postgres
		[pgbouncer]
		listen_addr =
		listen_port = 6432
		unix_socket_dir = $WORK/pool
		auth_type = any
		pool_mode = transaction
		default_pool_size = 2
	INI
	as_postgres_start "$PGBOUNCER" pool.ini
	POOLER=$PID
	wait_for 60 "${AS[@]}" "$PG/pg_isready" -q -h "$WORK/pool" -p 6432
}

connected() {
	[ "$(find "/proc/$BENCH/fd" -lname 'socket:*' | wc -l)" -ge 4 ]
}

# bench FOLDER PORT: four clients that never rest, at a pace that a slow guest keeps up with, too. Each transaction
# takes its time, so that all of them are under way at once, and both connections of the pooler are in use.
bench() {
	echo "begin; select pg_sleep($([ "$PATIENCE" -gt 1 ] && echo 0.4 || echo 0.04)); end;" >bench.sql
	as_postgres_start "$PG/pgbench" -h "$1" -p "$2" -c 4 -f bench.sql -T $((60 * PATIENCE)) -n postgres
	BENCH=$PID
	wait_for 60 connected
}

window() {
	within 60 "$IPCMAP" -q -d $((2 + PATIENCE / 4)) -t unix,net,pipe --pid "$SERVER" "${@:2}" -o "$1" 3>&-
}

compare() {
	status=0
	"$IPCMAP" diff "$@" >list || status=$?
	cat list
}

@test "PostgreSQL before and after adding pgbouncer: just that" {
	postgres_start
	# A client that has nothing to do with the change.
	echo "select count(*) from pgbench_branches \\watch 0.$((PATIENCE > 1 ? 5 : 1))" >report.sql
	as_postgres_start "$PG/psql" -h "$WORK/server" -q -f report.sql postgres
	REPORT=$PID
	bench "$WORK/server" 5432
	window one.json --pid "$REPORT" --pid "$BENCH"
	window two.json --pid "$REPORT" --pid "$BENCH"
	stop "$BENCH"
	pooler_start
	bench "$WORK/pool" 6432
	window after.json --pid "$REPORT" --pid "$BENCH" --pid "$POOLER"

	# Nothing was changed between the first two windows, but for how fast a guest was.
	compare one.json two.json --threshold $((PATIENCE > 1 ? 400 : 50))
	[ "$status" = 0 ]

	compare two.json after.json -o diff.json -o diff.svg --fail-on added
	[ "$status" = 1 ]
	jq -e '
		(.nodes | map({ (.id): .comm }) | add) as $name
		| def edges($change): [.edges[] | select(.change == $change)
			| "\($name[.src]) \($name[.dst]) \(.channel as $c | [$ARGS.named.map.channels[] | select(.id == $c).name][0] | split("/")[-2:] | join("/"))"]
			| unique;
		([.nodes[] | select(.change == "added").comm] == ["pgbouncer"])
		and ([.nodes[] | select(.change == "removed")] == [])
		and (edges("added") == ["pgbench pgbouncer pool/.s.PGSQL.6432", "pgbouncer pgbench pool/.s.PGSQL.6432",
			"pgbouncer postgres server/.s.PGSQL.5432", "postgres pgbouncer server/.s.PGSQL.5432"])
		and (edges("removed") == ["pgbench postgres server/.s.PGSQL.5432", "postgres pgbench server/.s.PGSQL.5432"])
		and (edges("changed") == [])
		and (edges("same") == ["postgres psql server/.s.PGSQL.5432", "psql postgres server/.s.PGSQL.5432"])
	' --argjson map "$(cat diff.json)" diff.json
	# The report's backend and four others became it and the pooler's two.
	jq -e '[.nodes[] | select(.change == "changed") | [.comm, .members_before, .members]] == [["postgres", 5, 3]]' diff.json
	grep -q "added" diff.svg
	# And back: what came is gone.
	compare after.json two.json --fail-on added
	[ "$status" = 1 ]
	grep -q '^− pgbouncer' list
	compare after.json two.json --fail-on changed --only tcp
	[ "$status" = 0 ]
}
