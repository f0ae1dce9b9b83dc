#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# With what ipcmap can do its work, what it keeps of that, and as whom it writes.
# What is traced is always something that the test started.

setup()
{
	[ "$(id -u)" = 0 ] || skip "needs root"
	top=$(realpath "$BATS_TEST_DIRNAME/..")
	ipcmap=$(realpath "${IPCMAP:-$top/ipcmap}")
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipcmap-privilege.XXXXXX")
	chmod 755 "$scratch"
	# The tree may lie where only root can look.
	cp "$ipcmap" "$scratch/ipcmap"
	chmod 755 "$scratch/ipcmap"
	ipcmap=$scratch/ipcmap
	mkdir -m 1777 "$scratch/work"
	mkdir -m 755 "$scratch/root"
	install -d -o 65534 -g 65534 "$scratch/mine"
	cd "$scratch/work"
	unset SUDO_UID SUDO_GID
}

teardown()
{
	cd /
	rm -rf "$scratch"
}

wait_for()
{
	for ((i = 0; i < 200; i++)); do
		! "$@" 2>/dev/null || return 0
		sleep 0.05
	done
	echo "waited in vain for: $*" >&2
	return 1
}

# caps FIELD PID: as names
caps()
{
	local mask

	mask=$(sed -n "s/^$1:\t//p" "/proc/$2/status")
	capsh --decode="$mask" | sed 's/.*=//'
}

# with CAPABILITIES COMMAND...: as nobody, with these alone
with()
{
	local list=-all

	for cap in $1; do
		# By number: setpriv of Ubuntu 22.04 does not know the names of the newer ones.
		case $cap in
		bpf) cap=cap_39 ;;
		perfmon) cap=cap_38 ;;
		esac
		list+=,+$cap
	done
	shift
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps="$list" --ambient-caps="$list" \
		--bounding-set="$list" --no-new-privs "$@"
}

# begin COMMAND...: in $pid; returns when its window is open.
begin()
{
	rm -f err # an earlier one's would be taken for this one's
	"$@" 2>err 3>&- &
	pid=$!
	wait_for grep -q 'window opened' err
}

# The one process between the test and ipcmap is exec'ed away: $pid is ipcmap.
finish()
{
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[ "$status" = "${1:-0}" ]
}

@test "CAP_BPF and CAP_PERFMON suffice: the same map as root's" {
	with 'bpf perfmon' timeout 300 "$ipcmap" -q -o a.json -- sh -c 'echo hello | cat >/dev/null'
	timeout 300 "$ipcmap" -q -o b.json -- sh -c 'echo hello | cat >/dev/null'
	edges='[.nodes as $n | .edges[] | [.src, .dst] as [$s, $d] | [($n[] | select(.id == $s).comm),
		($n[] | select(.id == $d).comm), .mechanism, .ops, .bytes, .attribution]] | sort'
	jq -e "$edges | length > 0" a.json
	[ "$(jq -c "$edges" a.json)" = "$(jq -c "$edges" b.json)" ]
	[ "$(stat -c %u a.json)" = 65534 ]
}

@test "each of the two is needed, and its lack told in one line" {
	for some in 'bpf sys_ptrace' 'perfmon sys_ptrace' ''; do
		if with "$some" timeout 300 "$ipcmap" -d 1 -o x.json 2>err; then false; fi
		[ "$(wc -l <err)" = 1 ]
		grep -q 'CAP_BPF and CAP_PERFMON' err
	done
	[ ! -e x.json ]
}

@test "with CAP_SYS_PTRACE: what other users' processes run" {
	# Of a user that is not nobody, there before the trace and after it.
	mkfifo fifo
	setpriv --reuid=1 --regid=1 --clear-groups sh -c 'while sleep 0.1; do echo x; done' >fifo 3>&- &
	writer=$!
	setpriv --reuid=1 --regid=1 --clear-groups cat <fifo >/dev/null 3>&- &
	reader=$!
	with 'bpf perfmon sys_ptrace' timeout 300 "$ipcmap" -q -d 0.6 -p $reader -o a.json
	with 'bpf perfmon' timeout 300 "$ipcmap" -q -d 0.6 -p $reader -o b.json
	kill $writer $reader
	jq -e --argjson pid $reader '.nodes[] | select(.pid == $pid).exe | endswith("cat")' a.json
	jq -e --argjson pid $reader '.nodes[] | select(.pid == $pid).comm == "cat"' b.json
	for map in a b; do
		jq -e '[.edges[] | select(.mechanism == "fifo" and .bytes > 4)] | length == 1' $map.json
	done
}

@test "setcap: an ordinary user traces, and the file is that user's" {
	cp "$ipcmap" capable
	chmod 755 capable
	setcap cap_bpf,cap_perfmon,cap_sys_ptrace+ep capable || skip "no file capabilities here"
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all timeout 300 \
		./capable -q -o "$scratch/mine/a.svg" -o "$scratch/mine/a.json" -- sh -c 'echo hello | cat >/dev/null'
	xmllint --noout "$scratch/mine/a.svg"
	[ "$(stat -c %u:%g "$scratch/mine/a.json")" = 65534:65534 ]
	# The command has nothing of it.
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all timeout 300 \
		./capable -q -o "$scratch/mine/a.json" -- grep '^Cap[IPEA]' /proc/self/status >caps
	[ "$(grep -vc '0000000000000000' caps)" = 0 ]
}

@test "root keeps, after the last attach, what reading and writing need" {
	begin "$ipcmap" -v -p $$ -o a.json
	[ "$(caps CapPrm $pid)" = cap_dac_override,cap_dac_read_search,cap_fowner,cap_sys_ptrace,cap_bpf ]
	[ "$(caps CapEff $pid)" = cap_dac_override,cap_dac_read_search,cap_fowner,cap_sys_ptrace,cap_bpf ]
	[ -z "$(caps CapInh $pid)" ]
	grep -q '^NoNewPrivs:	1' /proc/$pid/status
	finish
	jq -e '.format' a.json
}

@test "by sudo: its caller's, with nothing but what reading needs; then nothing" {
	cd "$scratch/mine"
	SUDO_UID=65534 SUDO_GID=65534 begin "$ipcmap" -v -p $$ -o a.json -o a.svg
	[ "$(sed -n 's/^Uid:\t//p' /proc/$pid/status)" = $'65534\t65534\t65534\t65534' ]
	[ "$(sed -n 's/^Gid:\t//p' /proc/$pid/status)" = $'65534\t65534\t65534\t65534' ]
	if grep -qE '^Groups:.*\b0\b' /proc/$pid/status; then false; fi
	[ "$(caps CapPrm $pid)" = cap_dac_read_search,cap_sys_ptrace,cap_bpf ]
	finish
	jq -e '.format' a.json
	xmllint --noout a.svg
	[ "$(stat -c %u:%g a.json)" = 65534:65534 ]
	[ "$(stat -c %u:%g a.svg)" = 65534:65534 ]
}

@test "by sudo: the command is root's, signals are passed on to it, and ipcmap has nothing else left" {
	cd "$scratch/mine"
	SUDO_UID=65534 SUDO_GID=65534 begin "$ipcmap" -v -d 0.3 -o a.json -- \
		sh -c 'id -u >uid; trap "exit 9" TERM; while :; do sleep 0.1; done'
	wait_for grep -q 'waiting for the command' err
	[ "$(caps CapPrm $pid)" = cap_kill ]
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 9 ]
	[ "$(cat uid)" = 0 ]
	[ "$(stat -c %u uid)" = 0 ]
	[ "$(stat -c %u a.json)" = 65534 ]
}

@test "by sudo: what its caller may not write is not written, and not lost half-way" {
	if SUDO_UID=65534 SUDO_GID=65534 timeout 300 "$ipcmap" -d 20 -p $$ -o "$scratch/root/x.svg" 2>err; then false; fi
	[ "$(wc -l <err)" = 1 ]
	grep -q 'Permission denied' err
	[ -z "$(ls -A "$scratch/root")" ]
	echo secret >"$scratch/root/old.svg"
	chmod 644 "$scratch/root/old.svg"
	ln -s "$scratch/root/old.svg" "$scratch/mine/link.svg"
	if SUDO_UID=65534 SUDO_GID=65534 timeout 300 "$ipcmap" -d 0.2 -p $$ -o "$scratch/mine/link.svg" 2>err; then false; fi
	[ "$(cat "$scratch/root/old.svg")" = secret ]
}

@test "by sudo: render and diff write as the caller, too" {
	map=$top/examples/tmux/map.json
	cd "$scratch/mine"
	SUDO_UID=65534 SUDO_GID=65534 "$ipcmap" render - -o a.svg -o a.json <"$map"
	cp "$map" map.json
	SUDO_UID=65534 SUDO_GID=65534 "$ipcmap" diff map.json map.json -o d.svg
	for file in a.svg a.json d.svg; do
		[ "$(stat -c %u:%g $file)" = 65534:65534 ]
	done
	if SUDO_UID=65534 SUDO_GID=65534 "$ipcmap" render map.json -o "$scratch/root/x.svg" 2>err; then false; fi
}

@test "ipcdump gives up the same, and by sudo its files are the caller's" {
	begin "$ipcmap" dump -v -p $$ -o a.txt
	[ "$(caps CapPrm $pid)" = cap_dac_override,cap_dac_read_search,cap_fowner,cap_sys_ptrace,cap_bpf ]
	[ "$(caps CapEff $pid)" = cap_dac_override,cap_dac_read_search,cap_fowner,cap_sys_ptrace,cap_bpf ]
	grep -q '^NoNewPrivs:	1' /proc/$pid/status
	finish
	cd "$scratch/mine"
	SUDO_UID=65534 SUDO_GID=65534 begin "$ipcmap" dump -v -x -p $$ -f json -o a.json --pcap a.pcapng
	[ "$(sed -n 's/^Uid:\t//p' /proc/$pid/status)" = $'65534\t65534\t65534\t65534' ]
	[ "$(caps CapPrm $pid)" = cap_dac_read_search,cap_sys_ptrace,cap_bpf ]
	echo hello | cat >/dev/null
	finish
	[ "$(stat -c %u:%g:%a a.json)" = 65534:65534:600 ]
	[ "$(stat -c %u:%g:%a a.pcapng)" = 65534:65534:600 ]
	"$ipcmap" render -q a.json -o b.json
	SUDO_UID=65534 SUDO_GID=65534 "$ipcmap" dump -o c.txt -- sh -c 'id -u >uid; echo hello | cat >/dev/null'
	[ "$(cat uid)" = 0 ]
	grep -q ': 6 bytes' c.txt
	[ "$(stat -c %u c.txt)" = 65534 ]
	if SUDO_UID=65534 SUDO_GID=65534 "$ipcmap" dump -p $$ -o "$scratch/root/x" 2>err; then false; fi
	grep -q 'Permission denied' err
	[ -z "$(ls -A "$scratch/root")" ]
}

@test "what SUDO_UID says counts for root alone, and nonsense not at all" {
	cd "$scratch/mine"
	for uid in '' 0 -1 nobody 4294967295 99999999999 '1 2'; do
		SUDO_UID=$uid SUDO_GID=65534 "$ipcmap" render "$top/examples/tmux/map.json" -o a.svg
		[ "$(stat -c %u a.svg)" = 0 ]
		rm a.svg
	done
	cat "$top/examples/tmux/map.json" | SUDO_UID=1 SUDO_GID=1 setpriv --reuid=65534 --regid=65534 \
		--clear-groups "$ipcmap" render - -o a.svg
	[ "$(stat -c %u a.svg)" = 65534 ]
}

@test "root writes into others' folders, over others' files" {
	install -o 65534 -m 600 /dev/null work.svg
	"$ipcmap" -q -d 0.2 -p $$ -o work.svg -o "$scratch/mine/x.svg"
	xmllint --noout work.svg "$scratch/mine/x.svg"
}

@test "the unit of systemd: its settings are known to systemd, its capabilities suffice" {
	unit=$top/dist/ipcmap.service
	caps=$(sed -n 's/^AmbientCapabilities=//p' "$unit" | tr '[:upper:]' '[:lower:]' | sed 's/cap_//g')
	[ "$caps" = "bpf perfmon sys_ptrace" ]
	with "$caps" timeout 300 "$ipcmap" --quiet --duration 0.3 --output map.json
	jq -e '.completeness.lost == 0' map.json
	if command -v systemd-analyze >/dev/null; then
		mkdir -p image/usr/bin image/etc/systemd/system
		sed "s|/usr/bin/ipcmap|/bin/true|" "$unit" >ipcmap.service
		run systemd-analyze verify --man=no ./ipcmap.service
		[[ "$output" != *"ipcmap.service:"* ]]
	fi
}
