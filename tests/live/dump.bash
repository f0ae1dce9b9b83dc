# SPDX-License-Identifier: GPL-2.0-only
# What the tests of factories under ipcdump share; loaded after common.

IPCDUMP=${IPCDUMP:-$TOP/ipcdump}
STREAM=$BATS_TEST_TMPDIR/stream

# Nothing was read, or signalled, that no event told of.
all_told() {
	jq -e -s '(.[-1].own) as $own | [ .[] | select(.type == "flow" and .ops > 0 and .tgid != $own
		and (.direction == 1 or (.mechanism == "signal" and .key[2] != $own))) ] == []' "$STREAM" >/dev/null
}

# Of nobody more is said to have come than it sent. (On a pty "\n" becomes "\r\n"; a group gets copies.)
sources_hold() {
	jq -e -s '
		(reduce (.[] | select(.type == "flow" and .direction == 0)) as $f
			({}; .["\($f.mechanism) \($f.start)"] += $f.bytes)) as $sent
		| (reduce (.[] | select(.type == "event" and .src != null and .mechanism != "signal" and .mechanism != "pty")) as $e
			({}; .["\($e.mechanism) \($e.src.start)"] += $e.count)) as $told
		| $told | to_entries | map(select(.value > ($sent[.key] // 0))) == []' "$STREAM" >/dev/null
}

# fold OPTION...: all factories.
fold() {
	local name status failed=0
	for name in $("$IPCGEN" --list); do
		status=0
		within 60 "$IPCDUMP" -q -f json "$@" -o "$STREAM" -- "$IPCGEN" --truth "$TRUTH" "$name" \
			2>"$BATS_TEST_TMPDIR/err" 3>&- </dev/null || status=$?
		[ $status != 77 ] || continue
		if [ $status = 0 ] && "$IPCMAP" render -q "$STREAM" -o "$MAP" && check_map && all_told; then
			[[ $name == udp-multicast-* || $name == udp-broadcast ]] || sources_hold && continue
		fi
		echo "$name: status $status: $(cat "$BATS_TEST_TMPDIR/err")"
		failed=1
	done
	return $failed
}
