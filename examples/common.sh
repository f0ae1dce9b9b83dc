# SPDX-License-Identifier: GPL-2.0-only
# What every example's script does: examples/NAME/stack [OPTION OF ipcmap]...
# It starts its stack in a folder of its own, as root, traces it alone, writes
# map.json and map.svg (or what $map names) beside itself, and ends what it started.
# IPCMAP names another ipcmap.
set -eu

# A map names its host: an example's is called "example". It has a network of its own,
# too, with nothing but loopback: nothing of it can ask anybody else for anything. And
# its own /srv: in every run a path is the same.
if [ -z "${IPCMAP_EXAMPLE:-}" ]; then
	[ "$(id -u)" = 0 ] || { echo "$0: tracing needs root" >&2; exit 1; }
	IPCMAP_EXAMPLE=yes exec unshare --uts --net --mount \
		bash -c 'hostname example && ip link set lo up && mount -t tmpfs -o mode=755 example /srv && exec "$@"' - bash "$0" "$@"
fi

here=$(cd "$(dirname "$0")" && pwd)
name=$(basename "$here")
ipcmap=$(realpath "${IPCMAP:-$here/../../ipcmap}")
children=() ending=()

# need COMMAND PACKAGE: says what Debian calls what is missing.
need()
{
	PATH=$PATH:/usr/sbin:/usr/libexec command -v "$1" >/dev/null && return
	echo "$0: $1 is missing: apt install $2" >&2
	exit 1
}

# need_python MODULE PACKAGE
need_python()
{
	/usr/bin/python3 -c "import $1" 2>/dev/null && return
	echo "$0: Python's $1 is missing: apt install $2" >&2
	exit 1
}

# In the reverse of the order they were started in; each a few seconds to end well.
# PostgreSQL takes SIGTERM for: when all have left.
finish()
{
	local i pid deadline

	trap - EXIT
	for ((i = ${#children[@]} - 1; i >= 0; i--)); do
		pid=${children[i]}
		kill "-${ending[i]}" "$pid" 2>/dev/null || continue
		deadline=$((SECONDS + 5))
		while kill -0 "$pid" 2>/dev/null && [ $SECONDS -lt $deadline ]; do
			read -rt 0.05 <> <(:) || true
		done
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	cd /
	rm -rf "$folder"
}

folder=/srv/$name
mkdir "$folder"
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
chmod 755 "$folder"
cd "$folder"
export HOME=$folder LANG=C.UTF-8 LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
unset "${!XDG_@}" "${!DBUS_@}" DISPLAY WAYLAND_DISPLAY TMUX MAKEFLAGS MAKELEVEL

# [end=SIGNAL] start COMMAND...: in the background, its output in the log; its pid
# is in $started.
start()
{
	"$@" >>"$folder/log" 2>&1 </dev/null &
	started=$!
	children+=("$started") ending+=("${end:-TERM}")
}

# until_true SECONDS COMMAND...: tries until it succeeds.
until_true()
{
	local deadline=$((SECONDS + $1))

	shift
	until "$@" >>"$folder/log" 2>&1; do
		if [ $SECONDS -ge $deadline ]; then
			echo "$0: waited in vain for: $*" >&2
			tail -n 20 "$folder/log" >&2
			exit 1
		fi
		read -rt 0.05 <> <(:) || true
	done
}

# trace OPTION...: maps it; what is started meanwhile goes on.
trace()
{
	"$ipcmap" -q -o "$here/${map:-map}.json" -o "$here/${map:-map}.svg" "$@"
}

# trace_begin OPTION...: the same in the background, once the window is open.
trace_begin()
{
	"$ipcmap" -v -o "$here/${map:-map}.json" -o "$here/${map:-map}.svg" "$@" 2>"$folder/trace" &
	tracer=$!
	children+=("$tracer") ending+=(INT)
	until_true 20 grep -q "window opened" "$folder/trace"
}

trace_end()
{
	kill -INT "$tracer" 2>/dev/null || true
	wait "$tracer" || { cat "$folder/trace" >&2; exit 1; }
}
