#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# The command line, its faults, and its ways out. What is traced is always
# something that the test started. IPCMAP names another ipcmap to test.
# Needs nothing newer than bats 1.2 (Ubuntu 22.04).

setup()
{
	ipcmap=${IPCMAP:-$BATS_TEST_DIRNAME/../ipcmap}
	ipcmap=$(realpath "$ipcmap")
	scratch=$(mktemp -d /tmp/ipcmap-cli.XXXXXX)
	chmod 755 "$scratch"
	mkdir -m 1777 "$scratch/work"
	cd "$scratch/work"
}

teardown()
{
	cd /
	umount "$scratch/work/disk" 2>/dev/null || true
	rm -rf "$scratch"
}

# try STATUS COMMAND...: runs it, for $output and $stderr.
try()
{
	local want=$1

	shift
	status=0
	"$@" >"$scratch/out" 2>"$scratch/err" 3>&- || status=$?
	output=$(<"$scratch/out") stderr=$(<"$scratch/err")
	if [ "$status" != "$want" ]; then
		echo "status $status, not $want: $*"
		cat "$scratch/out" "$scratch/err"
	fi
	[ "$status" = "$want" ]
}

need_root()
{
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# as_user COMMAND...: as somebody who may not trace.
as_user()
{
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"
	else
		"$@"
	fi
}

# ipcmap_begin ARG...: starts ipcmap beside the test, in $pid, and waits for its window.
ipcmap_begin()
{
	rm -f err # an earlier one's would be taken for this one's
	"$ipcmap" -v "$@" >out 2>err 3>&- &
	pid=$!
	wait_for grep -q "window opened" err
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

# One line on stderr, that begins with "ipcmap: " and holds a word.
one_line()
{
	[ "$(wc -l <<<"$stderr")" = 1 ]
	[[ "$stderr" == "ipcmap: "*"$1"* ]]
}

nothing_but()
{
	[ "$(ls -A | sort | tr '\n' ' ')" = "${1:+$1 }" ]
}

@test "--help: fits a screen, goes to stdout" {
	try 0 "$ipcmap" --help
	[ -z "$stderr" ]
	[ "$(wc -l <<<"$output")" -le 24 ]
	[ "$(wc -L <<<"$output")" -le 80 ]
	for word in --duration --output --format --type --pid --comm --cgroup --idle --self \
		    --external --cmdline --max-flows --quiet --verbose --version --help probe; do
		[[ "$output" == *"$word"* ]]
	done
}

@test "--help and probe into a full disk, or nowhere: a failure, which is told" {
	for command in --help --version 'render --help' 'probe --help'; do
		try 1 bash -c '"$0" $1 >/dev/full' "$ipcmap" "$command"
		one_line "cannot write to stdout: No space left"
		try 1 bash -c '"$0" $1 >&-' "$ipcmap" "$command"
		one_line "cannot write to stdout"
	done
	try 1 bash -c '"$0" dump --help >/dev/full' "$ipcmap"
	[[ "$stderr" == "ipcdump: cannot write to stdout"* ]]
	try 2 bash -c '"$0" diff --help >/dev/full' "$ipcmap"
	need_root
	try 1 bash -c '"$0" probe >/dev/full' "$ipcmap"
	one_line "cannot write to stdout"
}

@test "--version" {
	try 0 "$ipcmap" --version
	[[ "$output" =~ ^ipcmap\ [0-9]+\.[0-9]+\.[0-9]+ ]]
	[ "$(wc -l <<<"$output")" = 2 ]
	[[ "$output" =~ $'\n'libbpf\ [0-9]+\.[0-9]+,\ (Graphviz\ ([0-9.]+)|no\ Graphviz),\ Linux\ (.*)$ ]]
	[ "${BASH_REMATCH[3]}" = "$(uname -r) $(uname -m)" ]
	if command -v dot >/dev/null && ldd "$ipcmap" | grep -q libgvc; then
		dot -V 2>&1 | grep -q "version ${BASH_REMATCH[2]} "
	fi
	try 0 "$ipcmap" dump --version
	[[ "$output" =~ ^ipcdump\ [0-9]+.*$'\n'libbpf\ .*\ Linux\  ]]
}

@test "usage mistakes: one line that says what to do, status 2, no file" {
	while read -r word args; do
		try 2 "$ipcmap" $args
		[ -z "$output" ]
		one_line "$word"
	done <<-'END'
		--help --no-such-option
		--help -x
		seconds -d -3
		seconds -d nan
		unix-seqpacket -t telepathy
		.svg -o x.tiff
		svg -T tiff
		stdout -o - -o -
		999999999 -p 999999999
		-- ls
	END
	nothing_but ""
}

@test "probe: prints mechanisms; takes no argument" {
	need_root
	try 0 "$ipcmap" probe
	[[ "$output" == *pipe* ]]
	# Of each event one row is used.
	[ "$(awk '/^pipe read / && $3 != "by" && $NF == "used"' <<<"$output" | wc -l)" = 1 ]
	[ "$(awk '/^pipe read by io_uring / && $NF == "used"' <<<"$output" | wc -l)" = 1 ]
	[ "$(awk '/^udp send / && $3 != "by" && $NF == "used"' <<<"$output" | wc -l)" = 1 ]
	try 2 "$ipcmap" probe everything
	one_line everything
}

@test "flavour: the one asked for, or why not" {
	need_root
	try 2 "$ipcmap" --flavour raw -- true
	one_line "there are: fentry tracepoint kprobe"
	try 0 "$ipcmap" -q --flavour tracepoint -T json -o map.json -- sh -c 'echo | cat'
	[ "$(jq -r '.completeness.mechanisms[] | select(.mechanism == "pipe").hooks' map.json)" = tracepoint ]
	if [ ! -e /sys/bus/event_source/devices/kprobe ]; then
		try 1 "$ipcmap" --flavour kprobe -- touch started
		one_line "this kernel has no kprobes"
		[ ! -e started ]
	else
		try 0 "$ipcmap" -q --flavour kprobe -T json -o map.json -- sh -c 'echo | cat'
		jq -r '.completeness.mechanisms[] | select(.mechanism == "pipe").hooks' map.json | grep -q kprobe
	fi
	if "$ipcmap" probe | grep -q 'refuses fentry'; then
		try 1 "$ipcmap" --flavour fentry -- touch started
		one_line "refuses fentry"
		[ ! -e started ]
	else
		try 0 "$ipcmap" -q --flavour fentry -T json -o map.json -- sh -c 'echo | cat'
		jq -r '.completeness.mechanisms[] | select(.mechanism == "pipe").hooks' map.json | grep -q ^fentry
	fi
}

@test "probe by an ordinary user: one line" {
	cp "$ipcmap" ./copy
	chmod 755 copy
	try 1 as_user ./copy probe
	[ -z "$output" ]
	one_line sudo
}

@test "stdout that is closed is found before the trace" {
	need_root
	try 1 bash -c '"$1" -o - -T json -- touch started >&-' - "$ipcmap"
	one_line stdout
	[ ! -e started ]
}

@test "an ordinary user: told to use sudo, nothing left" {
	mkdir -m 1777 mine
	cp "$ipcmap" ./copy
	chmod 755 copy
	cd mine
	try 1 as_user ../copy -d 1 -o x.svg
	one_line sudo
	nothing_but ""
}

@test "a bad output is found before tracing" {
	need_root
	mkdir folder.svg
	touch file
	while read -r path word; do
		SECONDS=0
		try 1 "$ipcmap" -d 20 -p $$ -o "$path"
		one_line "$word"
		[[ "$stderr" == *"$path"* ]]
		[ $SECONDS -lt 5 ]
	done <<-'END'
		missing/x.svg missing
		folder.svg folder
		file/x.svg directory
		/proc/x.svg /proc
	END
	nothing_but "file folder.svg"
}

@test "a bad output among good ones: none is written" {
	need_root
	try 1 "$ipcmap" -d 20 -p $$ -o good.svg -o missing/x.svg
	nothing_but ""
}

@test "every format by its suffix, and a closing line" {
	need_root
	try 0 "$ipcmap" -d 0.3 -p $$ -o a.svg -o a.png -o a.pdf -o a.dot -o a.gv -o a.json -o -
	one_line " lost: a.svg, a.png, a.pdf, a.dot, a.gv, a.json, stdout"
	[[ "$stderr" =~ ^ipcmap:\ 0\.[3-9]\ s,\ [0-9]+\ process(es)?,\ [0-9]+\ edges?,\ .*\ events,\ .*B,\ 0\ lost ]]
	xmllint --noout a.svg
	[ "$(head -c 4 a.png | tail -c 3)" = PNG ]
	[ "$(head -c 5 a.pdf)" = %PDF- ]
	jq -e '.format == "ipcmap" and .duration >= 0.3 and .duration < 2' a.json
	grep -q digraph a.dot
	grep -q digraph a.gv
	[[ "$output" == *digraph* ]]
	nothing_but "a.dot a.gv a.json a.pdf a.png a.svg"
}

@test "--quiet: silent" {
	need_root
	try 0 "$ipcmap" -q -d 0.2 -p $$ -o a.json
	[ -z "$output$stderr" ]
}

@test "without -o: dot on stdout; with a command: ipcmap.svg" {
	need_root
	try 0 "$ipcmap" -q -d 0.2 -p $$
	[[ "$output" == *digraph* ]]
	try 0 "$ipcmap" -q -- echo hello
	[ "$output" = hello ]
	nothing_but ipcmap.svg
}

@test "-T json on stdout, and what reads it leaves early: quiet" {
	need_root
	try 0 "$ipcmap" -q -T json -d 0.2 -p $$
	jq -e '.version == 1' <<<"$output"
	try 0 bash -c '"$1" -q -d 0.5 -p $$ -T json | true' - "$ipcmap"
	[ -z "$stderr" ]
}

@test "a command: its exit status, its output, its input" {
	need_root
	try 7 "$ipcmap" -o c.json -- sh -c 'cat; exit 7' <<<"from stdin"
	[ "$output" = "from stdin" ]
	one_line "lost: c.json"
	try 143 "$ipcmap" -q --self -o c.json -- sh -c 'kill -TERM $$'
	jq -e '[.nodes[].comm] | index("sh")' c.json
}

@test "a command that cannot run: 127 or 126, no map, the old file stays" {
	need_root
	echo old >c.svg
	try 127 "$ipcmap" -o c.svg -- no-such-command
	one_line "cannot run 'no-such-command': No such file"
	try 126 "$ipcmap" -o c.svg -- /etc/passwd
	one_line "cannot run '/etc/passwd'"
	[ "$(cat c.svg)" = old ]
	nothing_but c.svg
}

@test "a command finds signals and descriptors as if started without ipcmap" {
	need_root
	show='grep -E "^Sig(Blk|Ign)" /proc/self/status; ls /proc/self/fd'
	(trap '' USR1 INT; sh -c "$show" >plain; "$ipcmap" -q -o c.json -- sh -c "$show" >traced)
	diff plain traced
}

@test "a command outlives the window: it goes on, its status is passed on" {
	need_root
	try 5 "$ipcmap" -d 0.2 -q -o c.json -- sh -c 'sleep 1; touch survived; exit 5'
	[ -e survived ]
	jq -e '.duration < 0.9' c.json
}

@test "SIGINT, SIGTERM, SIGHUP end the trace and render; status 0" {
	need_root
	for signal in INT TERM HUP; do
		rm -f s.svg
		ipcmap_begin -p $$ -o s.svg
		kill -$signal $pid
		wait $pid
		xmllint --noout s.svg
	done
}

@test "nohup: SIGHUP goes on to mean nothing" {
	need_root
	(trap '' HUP; exec "$ipcmap" -v -d 1 -p $$ -o s.json 2>err 3>&-) &
	wait_for grep -q "window opened" err
	kill -HUP $!
	wait $!
	jq -e '.duration >= 1' s.json
}

@test "SIGTERM reaches the command, which Ctrl-C does by itself" {
	need_root
	ipcmap_begin -o s.json -- sleep 30
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	[ $status = 143 ]
	jq -e '.format' s.json
}

@test "a second signal leaves at once; the old file stays, nothing beside it" {
	need_root
	echo old >s.svg
	ipcmap_begin -o s.svg -o t.json -- sh -c 'trap "" TERM; sleep 3'
	kill -TERM $pid
	wait_for grep -q "lost:" err
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	[ $status = 143 ]
	rm -f out err
	nothing_but "s.svg t.json"
}

@test "timeout(1), which sends its signal twice, ends the trace in order" {
	local seconds=1 ended=0
	need_root
	while [ $ended -lt 6 ]; do
		try 124 timeout $seconds "$ipcmap" -v -p $$ -o t.json
		# On a busy machine the window may not have been open yet: then it leaves at once.
		if [[ "$stderr" != *"window opened"* ]]; then
			[ $seconds -lt 32 ]
			seconds=$((2 * seconds))
			continue
		fi
		jq -e '.completeness.lost == 0' t.json
		rm t.json
		ended=$((ended + 1))
	done
}

@test "SIGINT, SIGTERM and SIGKILL at any moment leave the old file or the new one" {
	need_root
	for ((i = 0; i < 24; i++)); do
		echo old >k.svg
		signals=(INT TERM KILL)
		"$ipcmap" -q -d 0.3 -p $$ -o k.svg 2>/dev/null 3>&- &
		pid=$!
		sleep "0.$(printf %03d $((i * 25)))"
		kill -${signals[i % 3]} $pid 2>/dev/null || true
		wait $pid || true
		[ "$(cat k.svg)" = old ] || xmllint --noout k.svg
		# A filesystem without nameless files cannot do better.
		[ ${signals[i % 3]} != KILL ] || rm -f .k.svg.*
		nothing_but k.svg
	done
}

@test "killed before its window opens: the command never runs" {
	need_root
	mkfifo held
	for signal in TERM KILL; do
		deadline=$((SECONDS + 60))
		# On a slow day the window may open before the signal comes: then once more.
		while
			"$ipcmap" -q -o k.svg -- touch ran 2>/dev/null 3>&- 5>held &
			pid=$!
			exec 6<held
			until [ -n "$(cat /proc/$pid/task/$pid/children)" ]; do [ $SECONDS -lt $deadline ] || return 1; done
			kill -$signal $pid
			wait $pid || true
			# It ends when the command's process, which holds the FIFO too, has ended.
			cat <&6
			exec 6<&-
			[ -e ran ]
		do
			rm -f ran k.svg
			[ $SECONDS -lt $deadline ]
		done
		nothing_but "held"
	done
}

@test "a full disk: one line, the old file stays" {
	need_root
	mkdir disk
	mount -t tmpfs -o size=8k ipcmap-test disk || skip "cannot mount"
	echo old >disk/x.svg
	cat /dev/zero >disk/fill 2>/dev/null || true
	status=0
	stderr=$("$ipcmap" -q -d 0.2 -p $$ -o disk/x.svg 2>&1) || status=$?
	left=$(ls -A disk) text=$(cat disk/x.svg)
	umount disk
	[ $status = 1 ]
	[[ "$stderr" == *"disk/x.svg"*"No space left"* ]]
	[ "$left" = $'fill\nx.svg' ]
	[ "$text" = old ]
}

@test "a terminal: a status line twice a second, cleared at the end; narrow: cut" {
	need_root
	TERM=xterm script -qefc "stty cols 44; exec '$ipcmap' -d 1.2 -p $$ -o x.json" typescript </dev/null >/dev/null
	draws=$(grep -ao $'\r\033\\[K[0-9.]* of 1.2 s' typescript | wc -l)
	[ "$draws" -ge 2 ]
	[ "$draws" -le 4 ]
	# What is drawn before the next return is shorter than the terminal is wide.
	try 0 bash -c "tr '\\r' '\\n' <typescript | sed -n 's/^\\x1b\\[K\\([0-9].*\\)/\\1/p' | wc -L"
	[ "$output" -le 43 ]
	grep -aq $'\r\033\\[Kipcmap: 1' typescript
}

@test "no terminal: silence until the closing line" {
	need_root
	try 0 "$ipcmap" -d 1.2 -p $$ -o x.json
	one_line "x.json"
}

@test "Ctrl-C on a terminal ends the trace, and the command gets it too" {
	need_root
	# The command says when it is ready; stdin stays open until the end.
	(wait_for grep -aq "ready.$" typescript; printf '\003'; wait_for grep -aq "x.json.$" typescript) |
		TERM=xterm script -qefc "exec '$ipcmap' -v -o x.json -- sh -c 'trap \"echo caught; exit 9\" INT; echo ready; sleep 60 & wait'" typescript >/dev/null || status=$?
	[ "$status" = 9 ]
	grep -aq "caught.$" typescript
	jq -e '.duration < 50' x.json
}

@test "stdout closed: other outputs are written, nothing lands in a wrong file" {
	need_root
	try 0 bash -c '"$1" -q -d 0.2 -p $$ -o x.json >&-' - "$ipcmap"
	jq -e '.format == "ipcmap"' x.json
	try 1 bash -c '"$1" -q -d 0.2 -p $$ -o x.json -o - >&-' - "$ipcmap"
}
