# SPDX-License-Identifier: GPL-2.0-only
# A PostgreSQL server of a test's own, in $WORK.

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

as_postgres() {
	setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
}

postgres_start() {
	PG=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
	[ -x "$PG/pgbench" ] && id postgres >/dev/null 2>&1 || skip "needs postgresql"
	PORT=$(free_port)
	mkdir "$WORK/socket"
	chown postgres "$WORK" "$WORK/socket"
	cd "$WORK"
	as_postgres "$PG/initdb" -D "$WORK/data" -A trust -N >/dev/null
	# Not as_postgres: a function in the background is a shell, and $! its pid.
	setpriv --reuid=postgres --regid=postgres --clear-groups "$PG/postgres" -D "$WORK/data" \
		-k "$WORK/socket" -p "$PORT" -h 127.0.0.1 -c fsync=off -c autovacuum=off >"$WORK/log" 2>&1 3>&- </dev/null &
	POSTGRES_PID=$!
	STARTED+=($POSTGRES_PID)
	wait_for 60 as_postgres "$PG/psql" -h "$WORK/socket" -p "$PORT" -c 'select 1' postgres
	as_postgres "$PG/pgbench" -h "$WORK/socket" -p "$PORT" -i -s 1 -q postgres >/dev/null 2>&1
}
