#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# As factories.bats: the factories in which several share one end, take turns at it,
# or hand it on. That all of them are tested is asserted there.

load common

@test "factory udp-reuseport" {
	factory udp-reuseport
}

@test "factory udp-reconnect" {
	factory udp-reconnect
}

@test "factory udp-specific-then-any" {
	factory udp-specific-then-any
}

@test "factory udp-specific-then-any-told" {
	factory udp-specific-then-any-told
}

@test "factory udp-multicast-two" {
	factory udp-multicast-two
}

@test "factory udp-multicast-one" {
	factory udp-multicast-one
}

@test "factory unread-half-pipe" {
	factory unread-half-pipe
}

@test "factory unread-half-unix-stream" {
	factory unread-half-unix-stream
}

@test "factory unread-half-unix-dgram" {
	factory unread-half-unix-dgram
}

@test "factory unread-half-unix-seqpacket" {
	factory unread-half-unix-seqpacket
}

@test "factory unread-half-udp" {
	factory unread-half-udp
}

@test "factory unread-half-tcp" {
	factory unread-half-tcp
}

@test "factory unread-certain-pipe" {
	factory unread-certain-pipe
}

@test "factory unread-certain-unix-dgram" {
	factory unread-certain-unix-dgram
}

@test "factory unread-certain-udp" {
	factory unread-certain-udp
}

@test "factory unread-cut-unix-dgram" {
	factory unread-cut-unix-dgram
}

@test "factory unread-cut-unix-seqpacket" {
	factory unread-cut-unix-seqpacket
}

@test "factory unread-cut-udp" {
	factory unread-cut-udp
}

@test "factory passing-both-unix-stream" {
	factory passing-both-unix-stream
}

@test "factory passing-both-unix-dgram" {
	factory passing-both-unix-dgram
}

@test "factory passing-both-unix-seqpacket" {
	factory passing-both-unix-seqpacket
}

@test "factory passing-accepted-unix" {
	factory passing-accepted-unix
}

@test "factory passing-accepted-tcp" {
	factory passing-accepted-tcp
}

@test "factory passing-taken-descriptor" {
	factory passing-taken-descriptor
}

@test "factory passing-duplicates" {
	factory passing-duplicates
}

@test "factory passing-vfork" {
	factory passing-vfork
}

@test "factory passing-over-exec" {
	factory passing-over-exec
}

@test "factory passing-threads" {
	factory passing-threads
}

@test "factory shared-pipe" {
	factory shared-pipe
}

@test "factory shared-pipe-bulk" {
	factory shared-pipe-bulk
}

@test "factory shared-pipe-methods" {
	factory shared-pipe-methods
}

@test "factory shared-pipe-spliced" {
	factory shared-pipe-spliced
}

@test "factory shared-pipe-overflow" {
	factory shared-pipe-overflow
}

@test "factory shared-fifo" {
	factory shared-fifo
}

@test "factory shared-unix-stream" {
	factory shared-unix-stream
}

@test "factory shared-unix-stream-bulk" {
	factory shared-unix-stream-bulk
}

@test "factory shared-unix-stream-peeked" {
	factory shared-unix-stream-peeked
}

@test "factory shared-unix-stream-spliced" {
	factory shared-unix-stream-spliced
}

@test "factory shared-unix-stream-splices" {
	factory shared-unix-stream-splices
}

@test "factory shared-unix-stream-appended" {
	factory shared-unix-stream-appended
}

@test "factory shared-unix-dgram-peeked" {
	factory shared-unix-dgram-peeked
}

@test "factory shared-unix-dgram" {
	factory shared-unix-dgram
}

@test "factory shared-unix-seqpacket" {
	factory shared-unix-seqpacket
}

@test "factory tcp-urgent" {
	factory tcp-urgent
}

@test "factory tcp-urgent-inline" {
	factory tcp-urgent-inline
}

@test "factory tcp-urgent-skipped" {
	factory tcp-urgent-skipped
}

@test "factory unix-urgent" {
	factory unix-urgent
}

@test "factory shared-unix-urgent" {
	factory shared-unix-urgent
}

@test "factory unix-dgram-thousand" {
	factory unix-dgram-thousand
}

@test "factory udp-broadcast" {
	factory udp-broadcast
}

@test "factory udp-v6-to-v4" {
	factory udp-v6-to-v4
}

@test "factory signal-traced-thread" {
	factory signal-traced-thread
}
