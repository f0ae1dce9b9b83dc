#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# TCP between network namespaces of one host, as containers have it: two processes are one
# edge each way, whatever rewrites their addresses in between. Everything is in namespaces
# that the test makes, the router's, too.

load common

PORT=5555

setup() {
	need_root
	need ip python3
	SPACE=ipcmap-$BATS_TEST_NUMBER-$$
	local name
	for name in a b r; do
		ip netns add "$SPACE-$name" || skip "no network namespaces"
		ip -n "$SPACE-$name" link set lo up || skip "ip cannot enter a network namespace (in a chroot?)"
	done
	# The interpreter itself: on some systems python3 is a shell script, whose processes would show.
	PYTHON=$(python3 -c 'import sys; print(sys.executable)')
	cat >"$BATS_TEST_TMPDIR/talk.py" <<-'PY'
	import os, socket, sys, time
	def wait(name):
	    while name and not os.path.exists(name):
	        time.sleep(0.02)
	def tell(name):
	    if name:
	        open(name, "w").close()
	role, address, port, marks = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
	held = len(sys.argv) > 5
	# Its name alone tells, so that a filter by name matches one end.
	with open("/proc/self/comm", "w") as comm:
	    comm.write(role[:5] + sys.argv[4][-9:].replace("/", "-"))
	if role == "serve":
	    listener = socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
	    tell(marks + ".listens")
	    peer = listener.accept()[0]
	else:
	    wait(marks + ".listens")
	    peer = socket.create_connection((address, port))
	send, take = (700, 5000) if role == "serve" else (5000, 700)
	def talk():
	    left = take
	    if role != "serve":
	        peer.sendall(b"x" * send)
	    while left:
	        left -= len(peer.recv(left))
	    if role == "serve":
	        peer.sendall(b"x" * send)
	talk()
	if held:
	    tell(marks + "." + role)
	    wait(marks + ".go")
	    talk()
	    tell(marks + "." + role + ".done")
	    wait(marks + ".end")
	# Whoever closes first, sees the other's end.
	if role == "serve":
	    peer.recv(1)
	PY
	MARKS=$BATS_TEST_TMPDIR/$(printf '%09d' $$)
}

teardown() {
	local pid name
	touch "$MARKS.listens" "$MARKS.go" "$MARKS.end"
	for pid in "${STARTED[@]}"; do
		stop "$pid"
	done
	for name in a b r; do
		ip netns del "$SPACE-$name" 2>/dev/null || true
	done
}

inside() {
	local name=$1
	shift
	ip netns exec "$SPACE-$name" "$@"
}

# wire NAME ADDRESS/BITS INTERFACE: a cable from the namespace to the router's INTERFACE.
wire() {
	ip link add eth0 netns "$SPACE-$1" type veth peer name "$3" netns "$SPACE-r" || skip "no veth"
	case $2 in *:*) ip -n "$SPACE-$1" addr add "$2" dev eth0 nodad ;; *) ip -n "$SPACE-$1" addr add "$2" dev eth0 ;; esac
	ip -n "$SPACE-$1" link set eth0 up
	ip -n "$SPACE-r" link set "$3" up
}

bridge() {
	ip -n "$SPACE-r" link add bridge type bridge || skip "no bridge"
	ip -n "$SPACE-r" link set bridge up
	wire a "$1" left
	wire b "$2" right
	ip -n "$SPACE-r" link set left master bridge
	ip -n "$SPACE-r" link set right master bridge
}

# A router between 192.0.2.0/24 (a) and 198.51.100.0/24 (b), with these rules of nftables.
router() {
	need nft
	wire a 192.0.2.2/24 left
	wire b 198.51.100.2/24 right
	ip -n "$SPACE-r" addr add 192.0.2.1/24 dev left
	ip -n "$SPACE-r" addr add 198.51.100.1/24 dev right
	ip -n "$SPACE-a" route add default via 192.0.2.1
	ip -n "$SPACE-b" route add default via 198.51.100.1
	inside r sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	{
		echo 'table ip nat {'
		printf '%s\n' "$@"
		echo '}'
	} >"$BATS_TEST_TMPDIR/rules"
	inside r nft -f "$BATS_TEST_TMPDIR/rules" || skip "no NAT by nftables"
}

DNAT='chain prerouting { type nat hook prerouting priority -100; iifname "left" tcp dport 8080 dnat to 198.51.100.2:5555; }'
MASQUERADE='chain postrouting { type nat hook postrouting priority 100; oifname "right" masquerade; }'

# talks SERVED PORT ASKED PORT [OPTION...]: b serves and a asks, both from their first byte.
talks() {
	local served=$1 port=$2 asked=$3 asked_port=$4
	shift 4
	trace_command -t tcp "$@" -- sh -c "
		ip netns exec $SPACE-b $PYTHON $BATS_TEST_TMPDIR/talk.py serve $served $port $MARKS &
		ip netns exec $SPACE-a $PYTHON $BATS_TEST_TMPDIR/talk.py ask $asked $asked_port $MARKS
		wait"
}

# one_edge_each_way: a's bytes went to b and b's to a, and nothing to anybody outside.
one_edge_each_way() {
	map_value 'map([.s.pid, .d.pid, .n, .bytes, .received_bytes, .attribution]) | .[] | tojson'
	[ "$(map_value 'map([.bytes, .received_bytes, .attribution]) | sort | tojson')" = \
		'[[700,700,"exact"],[5000,5000,"exact"]]' ]
	[ "$(map_value '.[0].s.pid == .[1].d.pid and .[1].s.pid == .[0].d.pid and .[0].s.pid != .[0].d.pid')" = true ]
	[ "$(jq '.completeness.external.bytes' "$MAP")" = 0 ]
}

@test "TCP over a bridge" {
	bridge 192.0.2.1/24 192.0.2.2/24
	talks 192.0.2.2 $PORT 192.0.2.2 $PORT
	one_edge_each_way
}

@test "TCP over a bridge, IPv6" {
	bridge 2001:db8::1/64 2001:db8::2/64
	talks 2001:db8::2 $PORT 2001:db8::2 $PORT
	one_edge_each_way
}

@test "TCP over a router" {
	router
	talks 198.51.100.2 $PORT 198.51.100.2 $PORT
	one_edge_each_way
}

@test "TCP through a masquerade" {
	router "$MASQUERADE"
	talks 198.51.100.2 $PORT 198.51.100.2 $PORT
	one_edge_each_way
}

@test "TCP to a port that DNAT leads elsewhere" {
	router "$DNAT"
	talks 198.51.100.2 $PORT 192.0.2.1 8080
	one_edge_each_way
}

@test "TCP through DNAT and a masquerade: neither end knows an address of the other's" {
	router "$DNAT" "$MASQUERADE"
	talks 198.51.100.2 $PORT 192.0.2.1 8080
	one_edge_each_way
}

@test "TCP through DNAT and a masquerade, a connection older than the trace" {
	router "$DNAT" "$MASQUERADE"
	inside b "$PYTHON" "$BATS_TEST_TMPDIR/talk.py" serve 198.51.100.2 $PORT "$MARKS" held 3>&- &
	STARTED+=($!)
	inside a "$PYTHON" "$BATS_TEST_TMPDIR/talk.py" ask 192.0.2.1 8080 "$MARKS" held 3>&- &
	STARTED+=($!)
	wait_for 60 test -e "$MARKS.serve"
	wait_for 60 test -e "$MARKS.ask"
	trace_start -t tcp -p "${STARTED[0]},${STARTED[1]}"
	touch "$MARKS.go"
	wait_for 60 test -e "$MARKS.serve.done"
	wait_for 60 test -e "$MARKS.ask.done"
	trace_stop
	one_edge_each_way
}

@test "TCP through DNAT and a masquerade, with a filter that names one end" {
	router "$DNAT" "$MASQUERADE"
	inside b "$PYTHON" "$BATS_TEST_TMPDIR/talk.py" serve 198.51.100.2 $PORT "$MARKS" held 3>&- &
	STARTED+=($!)
	inside a "$PYTHON" "$BATS_TEST_TMPDIR/talk.py" ask 192.0.2.1 8080 "$MARKS" held 3>&- &
	STARTED+=($!)
	wait_for 60 test -e "$MARKS.serve"
	wait_for 60 test -e "$MARKS.ask"
	trace_start -t tcp -p "${STARTED[1]}"
	touch "$MARKS.go"
	wait_for 60 test -e "$MARKS.serve.done"
	wait_for 60 test -e "$MARKS.ask.done"
	trace_stop
	one_edge_each_way
}

# named ROLE: a filter by the name of one end, which makes the connection in the window.
named() {
	router "$DNAT" "$MASQUERADE"
	trace_start -t tcp -P "$1${MARKS: -9}"
	inside b "$PYTHON" "$BATS_TEST_TMPDIR/talk.py" serve 198.51.100.2 $PORT "$MARKS" 3>&- &
	STARTED+=($!)
	inside a "$PYTHON" "$BATS_TEST_TMPDIR/talk.py" ask 192.0.2.1 8080 "$MARKS" 3>&- &
	STARTED+=($!)
	wait_for 60 gone "${STARTED[1]}"
	wait_for 60 gone "${STARTED[2]}"
	trace_stop
	one_edge_each_way
}

@test "TCP through DNAT and a masquerade, with a filter by the name of the client" {
	named ask
}

@test "TCP through DNAT and a masquerade, with a filter by the name of the server" {
	named serve
}

# ask over UDP: a connected client, a server at "any" that is told who asks.
udp() {
	cat >"$BATS_TEST_TMPDIR/udp.py" <<-'PY'
	import os, socket, sys, time
	role, marks = sys.argv[1], sys.argv[2]
	peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	if role == "serve":
	    peer.bind(("0.0.0.0", 5353))
	    open(marks, "w").close()
	    for i in range(3):
	        data, address = peer.recvfrom(2000)
	        peer.sendto(b"y" * 70, address)
	else:
	    while not os.path.exists(marks):
	        time.sleep(0.02)
	    peer.connect((sys.argv[3], 5353))
	    for i in range(3):
	        peer.send(b"x" * 500)
	        peer.recv(2000)
	PY
	trace_command -t udp -- sh -c "
		ip netns exec $SPACE-b $PYTHON $BATS_TEST_TMPDIR/udp.py serve $MARKS &
		ip netns exec $SPACE-a $PYTHON $BATS_TEST_TMPDIR/udp.py ask $MARKS $1
		wait"
	map_value 'map([.s.pid, .d.pid, .n, .bytes, .received_bytes, .attribution]) | .[] | tojson'
	[ "$(map_value 'map([.bytes, .received_bytes, .attribution]) | sort | tojson')" = \
		'[[210,210,"exact"],[1500,1500,"exact"]]' ]
	[ "$(jq '.completeness.external.bytes' "$MAP")" = 0 ]
}

@test "UDP over a bridge" {
	bridge 192.0.2.1/24 192.0.2.2/24
	udp 192.0.2.2
}

@test "UDP over a router" {
	router
	udp 198.51.100.2
}

@test "TCP through a proxy is the proxy's, on both sides" {
	router
	cat >"$BATS_TEST_TMPDIR/proxy.py" <<-'PY'
	import select, socket, sys
	listener = socket.create_server(("192.0.2.1", 8080))
	open(sys.argv[1] + ".listens", "w").close()
	one = listener.accept()[0]
	other = socket.create_connection(("198.51.100.2", 5555))
	left = 5700
	while left:
	    for ready in select.select([one, other], [], [])[0]:
	        data = ready.recv(65536)
	        (other if ready is one else one).sendall(data)
	        left -= len(data)
	PY
	trace_command -t tcp -- sh -c "
		ip netns exec $SPACE-b $PYTHON $BATS_TEST_TMPDIR/talk.py serve 198.51.100.2 $PORT $MARKS.b &
		while ! test -e $MARKS.b.listens; do sleep 0.02; done
		ip netns exec $SPACE-r $PYTHON $BATS_TEST_TMPDIR/proxy.py $MARKS &
		ip netns exec $SPACE-a $PYTHON $BATS_TEST_TMPDIR/talk.py ask 192.0.2.1 8080 $MARKS
		wait"
	map_value 'map([.s.pid, .d.pid, .n, .bytes, .received_bytes, .attribution]) | .[] | tojson'
	[ "$(map_value 'map([.bytes, .received_bytes, .attribution]) | sort | tojson')" = \
		'[[700,700,"exact"],[700,700,"exact"],[5000,5000,"exact"],[5000,5000,"exact"]]' ]
	[ "$(map_value 'map(.s.pid, .d.pid) | group_by(.) | map(length) | sort | tojson')" = '[2,2,4]' ]
	[ "$(jq '.completeness.external.bytes' "$MAP")" = 0 ]
}
