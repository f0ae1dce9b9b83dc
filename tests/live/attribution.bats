#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Where a map might claim more than is known, or miss whom it follows: what no
# factory of ipcgen can show, since it takes another program, namespace or filter.

load common

python() {
	python3 -c 'import sys; print(sys.executable)'
}

@test "direct loads from kernel memory wherever the kernel has them" {
	need_root
	local want="direct loads"
	[ -z "$IPCMAP_TEST_PROBE_LOADS" ] && grep -q ' bpf_rdonly_cast$' /proc/kallsyms || want="probe reads"
	"$IPCMAP" -v -o "$MAP" -- true 2>"$BATS_TEST_TMPDIR/err" 3>&-
	cat "$BATS_TEST_TMPDIR/err"
	grep -q "programs with $want" "$BATS_TEST_TMPDIR/err"
	# A filter makes them other programs.
	"$IPCMAP" -v -o "$MAP" -P nobody -p $$ --cgroup / -- true 2>"$BATS_TEST_TMPDIR/err" 3>&-
	grep -q "programs with $want" "$BATS_TEST_TMPDIR/err"
}

# Where programs can be preempted (Linux 7.0) each is there twice: no event may count twice.
@test "every program twice: nothing counts twice" {
	local name
	export IPCMAP_TEST_TWICE=1
	for name in pipe-bulk unix-forked-acceptor unix-dgram-many-clients tcp-short-connections udp-echo-server \
		signal-kill process-chain pty-foreground-job splice-pipe-pipe; do
		factory "$name"
	done
}

# Each server answers one client and is gone before the window closes: both live on in neither inventory.
@test "what a server that has ended listened on" {
	need_root
	need python3
	cat >"$BATS_TEST_TMPDIR/serve.py" <<-'PY'
	import os, socket, sys
	folder = sys.argv[1]
	def pair(serve, ask):
	    r, w = os.pipe()
	    pids = []
	    for name, act in ("server", lambda: serve(w)), ("client", lambda: ask(os.read(r, 1))):
	        pids.append(os.fork())
	        if not pids[-1]:
	            open("/proc/self/comm", "w").write(name)
	            act()
	            os._exit(0)
	    return [os.waitpid(pid, 0)[1] for pid in pids]
	def stream(family, address):
	    def serve(w):
	        listener = socket.socket(family)
	        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
	        listener.bind(address)
	        listener.listen()
	        os.write(w, b"x")
	        peer = listener.accept()[0]
	        peer.send(peer.recv(10))
	    def ask(_):
	        peer = socket.socket(family)
	        peer.connect(address)
	        peer.send(b"question")
	        peer.recv(10)
	    return pair(serve, ask)
	def datagram(family, address, own):
	    def serve(w):
	        server = socket.socket(family, socket.SOCK_DGRAM)
	        server.bind(address)
	        os.write(w, b"x")
	        server.sendto(*server.recvfrom(10))
	    def ask(_):
	        client = socket.socket(family, socket.SOCK_DGRAM)
	        client.bind(own)
	        client.sendto(b"question", address)
	        client.recv(10)
	    return pair(serve, ask)
	results = stream(socket.AF_INET, ("127.0.0.1", 47011)) + stream(socket.AF_UNIX, folder + "/stream")
	results += datagram(socket.AF_INET, ("127.0.0.1", 47012), ("127.0.0.1", 0))
	results += datagram(socket.AF_UNIX, folder + "/dgram", folder + "/own")
	sys.exit(any(results))
	PY
	local folder=$BATS_TEST_TMPDIR want
	want=$(jq -nc --arg f "$folder" '["tcp 127.0.0.1:47011", "udp 127.0.0.1:47012",
		"unix-dgram \($f)/dgram", "unix-stream \($f)/stream"]')
	trace_command -t net,unix -- "$(python)" "$folder/serve.py" "$folder"
	[ "$(jq -c '[.nodes[] | select(.comm == "server") | .listens] | sort' "$MAP")" = "$want" ]
	[ "$(jq '[.nodes[] | select(.comm == "client") | .listens] | unique == [null]' "$MAP")" = true ]
	# A line begins at who asks.
	"$IPCMAP" render -q "$MAP" -o "$folder/map.mmd"
	[ "$(awk 'match($1, /^p[0-9]+\(/) { name[substr($1, 1, RLENGTH - 1)] = $1 }
		/<-->/ { lines += name[$1] ~ /client/ && name[$NF] ~ /server/ } END { print lines }' "$folder/map.mmd")" = 4 ]
	rm "$folder/stream" "$folder/dgram" "$folder/own"
	within 60 "$(dirname "$IPCMAP")/ipcdump" -q -f json -t net,unix -o "$folder/stream.jsonl" -- "$(python)" "$folder/serve.py" "$folder"
	"$IPCMAP" render -q "$folder/stream.jsonl" -o "$MAP"
	[ "$(jq -c '[.nodes[] | select(.comm == "server") | .listens] | sort' "$MAP")" = "$want" ]
}

# Five times a thread is blocked in read() while another closes that descriptor,
# and only then the child writes: what was read from is not there to be asked.
@test "a read whose descriptor was closed meanwhile counts as unattributed" {
	need_root
	need python3
	cat >"$BATS_TEST_TMPDIR/close.py" <<-'PY'
	import mmap, os, threading, time
	ready, done = mmap.mmap(-1, 4096), [0]
	r, w = os.pipe()
	def until(condition):
	    deadline = time.monotonic() + 30
	    while not condition():
	        if time.monotonic() > deadline:
	            os._exit(1)
	        time.sleep(0.001)
	if os.fork() == 0:
	    os.close(r)
	    for i in range(5):
	        until(lambda: ready[0] > i)
	        os.write(w, b"0123456789")
	    os._exit(0)
	def read(fd):
	    done[0] += len(os.read(fd, 100))
	def in_read(thread, fd):
	    with open(f"/proc/self/task/{thread.native_id}/syscall") as call:
	        words = call.read().split()
	    return len(words) > 1 and words[1] == hex(fd)
	for i in range(5):
	    fd = os.dup(r)
	    thread = threading.Thread(target=read, args=(fd,))
	    thread.start()
	    until(lambda: in_read(thread, fd))
	    os.close(fd)
	    ready[0] = i + 1
	    thread.join()
	os.wait()
	os._exit(done[0] != 50)
	PY
	[ -r /proc/self/syscall ] || skip "no /proc/PID/syscall"
	trace_command -t pipe -- "$(python)" "$BATS_TEST_TMPDIR/close.py"
	jq -c '.completeness, .edges' "$MAP"
	if jq -e '.completeness.mechanisms[] | select(.mechanism == "pipe") | .hooks | test("fentry|kprobe")' "$MAP"; then
		# The function has the pipe itself. At the call's end the descriptor is still nobody's.
		[ "$(map_value 'map([.bytes, .received_bytes, .attribution]) | tojson')" = '[[50,50,"exact"]]' ]
		[ "$(jq '.completeness.unattributed <= 5' "$MAP")" = true ]
		return
	fi
	[ "$(map_value 'map([.bytes, .received_bytes, .attribution]) | tojson')" = '[[50,0,"undelivered"]]' ]
	# Besides the reads the five writes, whose reader is not known so.
	[ "$(jq '[.completeness.events, .completeness.unattributed] | tojson' "$MAP")" = '"[10,10]"' ]
}

# in_pid_namespace COMMAND...: with a /proc that numbers processes as the namespace does.
in_pid_namespace() {
	need_root
	unshare -pf --mount-proc true 2>/dev/null || skip "no pid namespaces"
	within 120 unshare -pf --mount-proc --kill-child "$@" 3>&- </dev/null
}

traced_in_namespace() {
	in_pid_namespace "$IPCMAP" -q -o "$MAP" -- "$IPCGEN" --truth "$TRUTH" "$1"
	# A namespace's numbers begin anew: ipcmap has the first, its command the second.
	[ "$(jq '[.nodes[] | select(.kind == "process") | .pid] | min < 10' "$MAP")" = true ]
	check_map
}

@test "in a pid namespace: pipes, by its own numbers" {
	traced_in_namespace pipe-write-read
}

@test "in a pid namespace: sockets" {
	traced_in_namespace unix-forked-acceptor
}

@test "in a pid namespace: datagrams" {
	traced_in_namespace udp-echo-server
}

@test "in a pid namespace: signals" {
	traced_in_namespace signal-tgkill
}

@test "in a pid namespace: parents and children" {
	traced_in_namespace process-chain
}

@test "in a pid namespace: one within it" {
	traced_in_namespace process-pid-namespace
}

@test "in a pid namespace: -p takes its numbers, and what is older keeps its holders" {
	cat >"$BATS_TEST_TMPDIR/inside" <<-'SH'
	wait_for() {
		local tries=400
		until "$@"; do
			tries=$((tries - 1))
			[ $tries -gt 0 ] || { echo "waited too long for: $*"; exit 1; }
			sleep 0.05
		done
	}
	cd "$BATS_TEST_TMPDIR"
	"$IPCGEN" --truth "$TRUTH" --hold hold hold-earlier &
	generator=$!
	wait_for test -e hold
	"$IPCMAP" -v -o "$MAP" -p $generator >trace.out 2>&1 &
	tracer=$!
	wait_for grep -q 'window opened' trace.out
	touch hold.go
	wait_for test -e hold.done
	kill -TERM $tracer
	wait $tracer
	touch hold.end
	wait $generator
	SH
	export MAP TRUTH BATS_TEST_TMPDIR
	in_pid_namespace bash -e "$BATS_TEST_TMPDIR/inside"
	check_map
}

# late.py NAME: once its standard input is full, becomes the program of that name.
late_program() {
	need python3
	ln -s "$(command -v cat)" "$BATS_TEST_TMPDIR/gen-late"
	cat >"$BATS_TEST_TMPDIR/late.py" <<-'PY'
	import fcntl, os, struct, sys, termios, time
	deadline = time.monotonic() + 30
	while struct.unpack("i", fcntl.ioctl(0, termios.FIONREAD, b"\0" * 4))[0] < int(sys.argv[2]):
	    if time.monotonic() > deadline:
	        sys.exit(1)
	    time.sleep(0.01)
	os.execv(sys.argv[1], ["gen-late"])
	PY
}

# The pipe is made in the window and full before anybody is called so.
@test "-P follows what a process inherits when it becomes one of that name" {
	need_root
	late_program
	trace_start -P gen-late -t pipe
	head -c 100000 /dev/zero | "$(python)" "$BATS_TEST_TMPDIR/late.py" "$BATS_TEST_TMPDIR/gen-late" 65536 >/dev/null
	trace_stop
	map_value '.[] | [.s.kind, .s.comm, .d.comm, .bytes, .received_bytes, .attribution] | tojson'
	[ "$(map_value 'map([.s.comm, .d.comm, .bytes, .received_bytes, .attribution]) | sort | tojson')" = \
		'[[null,"gen-late",0,65536,"earlier"],["head","gen-late",34464,34464,"exact"]]' ]
	[ "$(map_value 'all(.s.comm == "head" or .s.kind == "hub")')" = true ]
}

# The pipe is at a high descriptor when the process becomes one of that name; the writer writes after.
# In Python, since a shell keeps such descriptors to itself. NAME: by exec, or by prctl.
become_late() {
	need_root
	need python3
	ln -s "$(python)" "$BATS_TEST_TMPDIR/gen-late"
	cat >"$BATS_TEST_TMPDIR/become.py" <<-'PY'
	import mmap, os, sys, time
	how, program, page = sys.argv[1], sys.argv[2], sys.argv[3]
	with open(page, "r+b") as f:
	    steps = mmap.mmap(f.fileno(), 4096)
	def until(step):
	    deadline = time.monotonic() + 30
	    while not steps[step]:
	        if time.monotonic() > deadline:
	            os._exit(1)
	        time.sleep(0.001)
	if how == "read":
	    steps[1] = 1
	    os.read(int(sys.argv[4]), 1000)
	    os._exit(0)
	r, w = os.pipe()
	fd = int(sys.argv[4])
	os.dup2(r, fd, inheritable=True)
	if os.fork() == 0:
	    until(1)
	    os.write(w, bytes(500))
	    os._exit(0)
	os.close(w)
	if how == "exec":
	    os.execv(program, ["gen-late", __file__, "read", program, page, str(fd)])
	with open("/proc/self/comm", "w") as comm:
	    comm.write("gen-late")
	steps[1] = 1
	os.read(fd, 1000)
	PY
	truncate -s 4096 "$BATS_TEST_TMPDIR/page"
	trace_start -P gen-late -t pipe
	"$(python)" "$BATS_TEST_TMPDIR/become.py" "$1" "$BATS_TEST_TMPDIR/gen-late" "$BATS_TEST_TMPDIR/page" "$2" 3>&- </dev/null
	trace_stop
	map_value 'map([.d.comm, .bytes, .received_bytes, .attribution]) | tojson'
	[ "$(map_value 'map([.d.comm, .bytes, .received_bytes, .attribution]) | tojson')" = \
		'[["gen-late",500,500,"exact"]]' ]
}

@test "-P: a high descriptor that exec leaves open" {
	grep -q ' bpf_rdonly_cast$' /proc/kallsyms && [ -z "$IPCMAP_TEST_PROBE_LOADS" ] ||
		skip "the first 64 only"
	become_late exec 700
}

@test "-P: what a process has open when it renames itself" {
	become_late rename 30
}

# All of it was written before: nothing says by whom, but that it is older than the name.
@test "-P: what the process finds in the pipe is earlier" {
	need_root
	late_program
	trace_start -P gen-late -t pipe
	head -c 5000 /dev/zero | "$(python)" "$BATS_TEST_TMPDIR/late.py" "$BATS_TEST_TMPDIR/gen-late" 5000 >/dev/null
	trace_stop
	[ "$(map_value 'map([.s.kind, .d.comm, .bytes, .received_bytes, .attribution]) | tojson')" = \
		'[["hub","gen-late",0,5000,"earlier"]]' ]
}
