#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What was there before the trace began, and what is left when it ends: a test for each
# factory in two phases. A guest traces them together (tests/vm/factories).

load common

@test "every two-phase factory has a test here" {
	for name in $("$IPCGEN" --list-hold); do
		grep -qE "^	(held|hold_start) $name" "$BATS_TEST_DIRNAME"/{held,acceptance}.bats || { echo "$name has none"; false; }
	done
}

@test "processes and a pipe older than the trace" {
	held hold-older-pipe
}

@test "a FIFO older than the trace keeps its path" {
	held hold-older-fifo
}

@test "a UNIX connection older than the trace keeps its path" {
	held hold-older-unix-stream
}

@test "a seqpacket connection older than the trace keeps its abstract name" {
	held hold-older-unix-seqpacket
}

@test "a connected datagram socket older than the trace" {
	held hold-older-unix-dgram
}

@test "a TCP connection older than the trace" {
	held hold-older-tcp
}

@test "a TCP connection over IPv6 older than the trace" {
	held hold-older-tcp6
}

@test "a connected UDP socket older than the trace" {
	held hold-older-udp
}

@test "a terminal older than the trace" {
	held hold-older-pty
}

@test "bytes written before the start and read after" {
	held hold-earlier
}

@test "bytes written before the start and after it, read together" {
	held hold-earlier-and-now
}

@test "bytes not read when the window closes" {
	held hold-undelivered
}

@test "bytes not read, and two who may read them" {
	held hold-undelivered-hub
}

@test "bytes read in part when the window closes" {
	held hold-partial
}

@test "what waited in a pipe is older than what came" {
	held hold-queued-pipe
}

@test "what waited in a pipe is older than what came; the reader closes it before the end" {
	held hold-queued-pipe-closed
}

@test "what waited in a fifo is older than what came" {
	held hold-queued-fifo
}

@test "what waited in a fifo is older than what came; the reader closes it before the end" {
	held hold-queued-fifo-closed
}

@test "what waited in a unix-stream is older than what came" {
	held hold-queued-unix-stream
}

@test "what waited in a unix-stream is older than what came; the reader closes it before the end" {
	held hold-queued-unix-stream-closed
}

@test "what waited in a unix-seqpacket is older than what came" {
	held hold-queued-unix-seqpacket
}

@test "what waited in a unix-seqpacket is older than what came; the reader closes it before the end" {
	held hold-queued-unix-seqpacket-closed
}

@test "what waited in a unix-dgram is older than what came" {
	held hold-queued-unix-dgram
}

@test "what waited in a unix-dgram is older than what came; the reader closes it before the end" {
	held hold-queued-unix-dgram-closed
}

@test "what waited in a udp is older than what came" {
	held hold-queued-udp
}

@test "what waited in a udp is older than what came; the reader closes it before the end" {
	held hold-queued-udp-closed
}

@test "what waited in a tcp is older than what came" {
	held hold-queued-tcp
}

@test "what waited in a tcp is older than what came; the reader closes it before the end" {
	held hold-queued-tcp-closed
}

@test "a write to a pipe that is blocked when the window closes" {
	held hold-blocked-pipe
}

@test "a write to a UNIX stream that is blocked when the window closes" {
	held hold-blocked-unix-stream
}

@test "a write to a TCP connection that is blocked when the window closes" {
	held hold-blocked-tcp
}

@test "a TCP connection that the kernel has closed when what came by it is read" {
	held hold-read-when-closed
}

@test "two blocked writes on one pipe: which of them was read is not known" {
	held hold-blocked-two
}
