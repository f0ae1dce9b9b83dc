#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# held_pairs.sh PAIRS COMMAND: a pipe that one writes a word to and nobody reads, then so many,
# one after the other, with a writer and a reader of a word each; nothing else by a pipe. COMMAND
# runs while all of them are alive, so that a tracer's fold map holds what they did, one flow and
# then two a pair. In the current directory it leaves pairs/.
set -e

# Until main closes the gate, which is open for writing when this begins.
stay() {
	exec 8<pairs/gate 9>&-
	"$@"
	read -r _ <&8 || :
}

alone() {
	echo x
	: >pairs/written
}

# await TEST: for a minute, or longer where it takes long to start a sleep.
await() {
	tries=6000
	until [ "$@" ]; do
		[ $((tries -= 1)) -gt 0 ]
		sleep 0.01 9>&-
	done
}

mkdir pairs
mkfifo pairs/gate
exec 9<>pairs/gate
stay alone | stay : &
await -e pairs/written
i=0
while [ $i -lt "$1" ]; do
	i=$((i + 1))
	stay echo x | cat >"pairs/$i" 9>&- &
	await -s "pairs/$i"
done
eval "$2"
exec 9>&-
wait
