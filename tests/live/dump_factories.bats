#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Every factory of ipcgen under ipcdump: the map folded from its events is the truth.

load common

IPCDUMP=${IPCDUMP:-$TOP/ipcdump}

# fold OPTION...: all factories; what the end of a stream tells besides its events is what was sent, alone.
fold() {
	local name status failed=0
	for name in $("$IPCGEN" --list); do
		status=0
		timeout -k 5 60 "$IPCDUMP" -q -f json "$@" -o "$BATS_TEST_TMPDIR/stream" -- "$IPCGEN" --truth "$TRUTH" "$name" \
			2>"$BATS_TEST_TMPDIR/err" 3>&- </dev/null || status=$?
		[ $status != 77 ] || continue
		if [ $status = 0 ] && "$IPCMAP" render -q "$BATS_TEST_TMPDIR/stream" -o "$MAP" && check_map &&
			jq -e -s '(.[-1].own) as $own | [ .[] | select(.type == "flow" and .ops > 0 and .tgid != $own
				and (.direction == 1 or (.mechanism == "signal" and .key[2] != $own))) ] == []' \
				"$BATS_TEST_TMPDIR/stream" >/dev/null; then
			continue
		fi
		echo "$name: status $status: $(cat "$BATS_TEST_TMPDIR/err")"
		failed=1
	done
	return $failed
}

@test "every factory folds back to its truth" {
	need_root
	fold
}

@test "every factory folds back to its truth, with contents" {
	need_root
	fold -x
}
