#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Every factory of ipcgen, traced from its first instruction: the map must be
# what the factory says it did, edge by edge, and nothing more.

load common

@test "every factory has a test here" {
	for name in $("$IPCGEN" --list); do
		grep -q "^@test \"factory $name\" " "$BATS_TEST_DIRNAME"/factories*.bats || { echo "$name has none"; false; }
	done
}

@test "factory pipe-write-read" {
	factory pipe-write-read
}

@test "factory pipe-bulk" {
	factory pipe-bulk
}

@test "factory pipe-writev-readv" {
	factory pipe-writev-readv
}

@test "factory pipe-pwritev2-preadv2" {
	factory pipe-pwritev2-preadv2
}

@test "factory pipe-nonblocking" {
	factory pipe-nonblocking
}

@test "factory pipe-epipe" {
	factory pipe-epipe
}

@test "factory pipe-efault" {
	factory pipe-efault
}

@test "factory pipe-two-writers" {
	factory pipe-two-writers
}

@test "factory pipe-two-readers" {
	factory pipe-two-readers
}

@test "factory pipe-sleepers" {
	factory pipe-sleepers
}

@test "factory pipe-hub" {
	factory pipe-hub
}

@test "factory pipe-high-descriptor" {
	factory pipe-high-descriptor
}

@test "factory pipe-reopened" {
	factory pipe-reopened
}

@test "factory pipe-self" {
	factory pipe-self
}

@test "factory splice-file-pipe" {
	factory splice-file-pipe
}

@test "factory splice-pipe-file" {
	factory splice-pipe-file
}

@test "factory splice-pipe-pipe" {
	factory splice-pipe-pipe
}

@test "factory splice-pipe-tcp" {
	factory splice-pipe-tcp
}

@test "factory splice-pipe-unix" {
	factory splice-pipe-unix
}

@test "factory splice-tcp-pipe" {
	factory splice-tcp-pipe
}

@test "factory splice-unix-pipe" {
	factory splice-unix-pipe
}

@test "factory tee" {
	factory tee
}

@test "factory vmsplice-in" {
	factory vmsplice-in
}

@test "factory vmsplice-out" {
	factory vmsplice-out
}

@test "factory sendfile-pipe" {
	factory sendfile-pipe
}

@test "factory sendfile-tcp" {
	factory sendfile-tcp
}

@test "factory sendfile-unix" {
	factory sendfile-unix
}

@test "factory fifo-write-read" {
	factory fifo-write-read
}

@test "factory fifo-same-inode" {
	factory fifo-same-inode
}

@test "factory fifo-inode-reuse" {
	factory fifo-inode-reuse
}

@test "factory unix-stream-path" {
	factory unix-stream-path
}

@test "factory unix-stream-abstract" {
	factory unix-stream-abstract
}

@test "factory unix-stream-socketpair" {
	factory unix-stream-socketpair
}

@test "factory unix-seqpacket-path" {
	factory unix-seqpacket-path
}

@test "factory unix-seqpacket-abstract" {
	factory unix-seqpacket-abstract
}

@test "factory unix-seqpacket-socketpair" {
	factory unix-seqpacket-socketpair
}

@test "factory unix-forked-acceptor" {
	factory unix-forked-acceptor
}

@test "factory unix-socketpair-fork" {
	factory unix-socketpair-fork
}

@test "factory unix-passed-socket" {
	factory unix-passed-socket
}

@test "factory unix-early-client" {
	factory unix-early-client
}

@test "factory unix-stream-peek" {
	factory unix-stream-peek
}

@test "factory unix-dgram-peek" {
	factory unix-dgram-peek
}

@test "factory unix-seqpacket-peek" {
	factory unix-seqpacket-peek
}

@test "factory unix-dgram-connected-path" {
	factory unix-dgram-connected-path
}

@test "factory unix-dgram-connected-abstract" {
	factory unix-dgram-connected-abstract
}

@test "factory unix-dgram-unconnected-path" {
	factory unix-dgram-unconnected-path
}

@test "factory unix-dgram-unconnected-abstract" {
	factory unix-dgram-unconnected-abstract
}

@test "factory unix-dgram-socketpair" {
	factory unix-dgram-socketpair
}

@test "factory unix-dgram-many-clients" {
	factory unix-dgram-many-clients
}

@test "factory unix-dgram-two-destinations" {
	factory unix-dgram-two-destinations
}

@test "factory unix-dgram-zero-length" {
	factory unix-dgram-zero-length
}

@test "factory unix-dgram-truncated" {
	factory unix-dgram-truncated
}

@test "factory unix-dgram-trunc-flag" {
	factory unix-dgram-trunc-flag
}

@test "factory unix-dgram-failing" {
	factory unix-dgram-failing
}

@test "factory unix-dgram-other-names" {
	factory unix-dgram-other-names
}

@test "factory tcp-v4" {
	factory tcp-v4
}

@test "factory tcp-v6" {
	factory tcp-v6
}

@test "factory tcp-v4-mapped" {
	factory tcp-v4-mapped
}

@test "factory tcp-v4-mapped-both" {
	factory tcp-v4-mapped-both
}

@test "factory tcp-own-address" {
	factory tcp-own-address
}

@test "factory tcp-bulk" {
	factory tcp-bulk
}

@test "factory tcp-small-writes" {
	factory tcp-small-writes
}

@test "factory tcp-half-close" {
	factory tcp-half-close
}

@test "factory tcp-prefork" {
	factory tcp-prefork
}

@test "factory tcp-short-connections" {
	factory tcp-short-connections
}

@test "factory tcp-server-first" {
	factory tcp-server-first
}

@test "factory tcp-early-client" {
	factory tcp-early-client
}

@test "factory tcp-read-when-closed" {
	factory tcp-read-when-closed
}

@test "factory tcp-nonblocking" {
	factory tcp-nonblocking
}

@test "factory udp-connected-v4" {
	factory udp-connected-v4
}

@test "factory udp-connected-v6" {
	factory udp-connected-v6
}

@test "factory udp-unconnected-v4" {
	factory udp-unconnected-v4
}

@test "factory udp-unconnected-v6" {
	factory udp-unconnected-v6
}

@test "factory udp-connected-both" {
	factory udp-connected-both
}

@test "factory udp-echo-server" {
	factory udp-echo-server
}

@test "factory udp-blind-server" {
	factory udp-blind-server
}

@test "factory udp-two-destinations" {
	factory udp-two-destinations
}

@test "factory udp-odd-datagrams" {
	factory udp-odd-datagrams
}

@test "factory pty-raw" {
	factory pty-raw
}

@test "factory pty-cooked-echo" {
	factory pty-cooked-echo
}

@test "factory pty-echo-only" {
	factory pty-echo-only
}

@test "factory pty-dev-tty" {
	factory pty-dev-tty
}

@test "factory pty-foreground-job" {
	factory pty-foreground-job
}

@test "factory pty-two-programs" {
	factory pty-two-programs
}

@test "factory signal-kill" {
	factory signal-kill
}

@test "factory signal-tgkill" {
	factory signal-tgkill
}

@test "factory signal-sigqueue" {
	factory signal-sigqueue
}

@test "factory signal-realtime" {
	factory signal-realtime
}

@test "factory signal-pidfd" {
	factory signal-pidfd
}

@test "factory signal-coalesced" {
	factory signal-coalesced
}

@test "factory signal-ignored" {
	factory signal-ignored
}

@test "factory signal-group" {
	factory signal-group
}

@test "factory signal-killed" {
	factory signal-killed
}

@test "factory signal-stop-continue" {
	factory signal-stop-continue
}

@test "factory signal-timer" {
	factory signal-timer
}

@test "factory signal-sigpipe" {
	factory signal-sigpipe
}

@test "factory signal-ctrl-c" {
	factory signal-ctrl-c
}

@test "factory signal-sigchld" {
	factory signal-sigchld
}

@test "factory process-threads" {
	factory process-threads
}

@test "factory process-chain" {
	factory process-chain
}

@test "factory process-exec" {
	factory process-exec
}

@test "factory process-pid-reuse" {
	factory process-pid-reuse
}

@test "factory process-pid-namespace" {
	factory process-pid-namespace
}

@test "factory process-compat" {
	factory process-compat
}

@test "factory uring-plain" {
	factory uring-plain
}

@test "factory uring-sqpoll" {
	factory uring-sqpoll
}

@test "factory uring-workers" {
	factory uring-workers
}

@test "factory uring-deferred" {
	factory uring-deferred
}

@test "factory uring-registered" {
	factory uring-registered
}

@test "factory uring-inherited" {
	factory uring-inherited
}

@test "factory uring-inherited-sqpoll" {
	factory uring-inherited-sqpoll
}

@test "factory uring-splice-unix" {
	factory uring-splice-unix
}

@test "factory uring-splice-tcp" {
	factory uring-splice-tcp
}

@test "factory uring-splice-pty" {
	factory uring-splice-pty
}

@test "factory uring-splice-pty-sqpoll" {
	factory uring-splice-pty-sqpoll
}

@test "factory uring-multishot" {
	factory uring-multishot
}

@test "factory msg-ring" {
	factory msg-ring
}

@test "factory msg-ring-deferred" {
	factory msg-ring-deferred
}

@test "factory msg-ring-sqpoll" {
	factory msg-ring-sqpoll
}

@test "factory msg-ring-register" {
	factory msg-ring-register
}

@test "factory msg-ring-descriptor" {
	factory msg-ring-descriptor
}

@test "factory msg-ring-shared" {
	factory msg-ring-shared
}

@test "factory netns-same-addresses" {
	factory netns-same-addresses
}

@test "factory splice-pipe-mptcp" {
	factory splice-pipe-mptcp
}

@test "factory tcp-sockmap" {
	factory tcp-sockmap
}

@test "factory splice-mptcp-pipe" {
	factory splice-mptcp-pipe
}

@test "factory udp-empty-reads" {
	factory udp-empty-reads
}

@test "factory signal-forged" {
	factory signal-forged
}

@test "factory uring-udp-task-work" {
	factory uring-udp-task-work
}

@test "factory netns-own-address" {
	factory netns-own-address
}

@test "factory udp-empty-vectors" {
	factory udp-empty-vectors
}

@test "factory udp-segments" {
	factory udp-segments
}

@test "factory udp-parts" {
	factory udp-parts
}

@test "factory pipe-upper-half" {
	factory pipe-upper-half
}

@test "factory unix-stream-error-queue" {
	factory unix-stream-error-queue
}

@test "factory unix-dgram-error-queue" {
	factory unix-dgram-error-queue
}

@test "factory udp-recvmmsg-many" {
	factory udp-recvmmsg-many
}

@test "factory unix-empty-then-stream" {
	factory unix-empty-then-stream
}
