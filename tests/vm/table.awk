# SPDX-License-Identifier: GPL-2.0-only
# Of lines "KERNEL FLAVOUR ok|skip|FAIL NAME WHAT..." the table kernel x flavour x mechanism, and what
# was skipped, by reason. Read twice: what a factory shows says where it passed (its own truth's mechanisms).

BEGIN {
	width = split("pipe fifo unix-stream unix-dgram unix-seqpacket tcp udp pty signal msg_ring netns live", columns, " ")
}

# The columns of a line: what its factory shows anywhere, else, if it passed nowhere, what its name says.
function columns_of(name,    i) {
	if (name ~ /^live\//)
		return name == "live/netns" ? "netns" : "live"
	if (name in shows)
		return shows[name]
	if (name ~ /^msg-ring/)
		return "msg_ring"
	for (i = 1; i <= width; i++)
		if (index(name, columns[i]))
			return columns[i]
	return "pipe"
}

function rest(from,    i, text) {
	for (i = from; i <= NF; i++)
		text = text (i > from ? " " : "") $i
	return text
}

NR == FNR {
	if ($3 == "ok" && $4 !~ /^live\//)
		shows[$4] = rest(5)
	next
}

{
	row = $1 " | " $2
	if (!(row in rows)) {
		rows[row] = 1
		order[++count] = row
	}
	n = split(columns_of($4), at, " ")
	for (i = 1; i <= n; i++)
		seen[row, at[i], $3]++
	if ($3 != "skip")
		next
	why = rest(5)
	if ($4 ~ /^live\//)
		sub(/^.*: /, "", why)
	for (i = 1; i <= n; i++)
		reason[row, at[i]] = why
	if (!(why in whose))
		reasons[++different] = why
	if (!((why, $1, $2) in counted)) {
		counted[why, $1, $2] = 1
		whose[why] = whose[why] (whose[why] ? ", " : "") $1 " " $2
	}
	if (!((why, $4) in named)) {
		named[why, $4] = 1
		names[why] = names[why] (names[why] ? ", " : "") "`" $4 "`"
	}
}

function cell(row, column,    ok, skip, bad) {
	ok = seen[row, column, "ok"]
	skip = seen[row, column, "skip"]
	bad = seen[row, column, "FAIL"]
	if (!ok && !bad)
		return skip ? reason[row, column] : "not run"
	return (ok + 0) (skip ? ", " skip " skipped" : "") (bad ? ", " bad " FAILED" : "")
}

END {
	printf "| kernel | flavour |"
	for (i = 1; i <= width; i++)
		printf " %s |", columns[i]
	printf "\n| --- | --- |"
	for (i = 1; i <= width; i++)
		printf " --- |"
	print ""
	for (n = 1; n <= count; n++) {
		printf "| %s |", order[n]
		for (i = 1; i <= width; i++)
			printf " %s |", cell(order[n], columns[i])
		print ""
	}
	if (different)
		print "\nSkipped:\n"
	for (i = 1; i <= different; i++)
		print "- " reasons[i] ": " names[reasons[i]] " (" whose[reasons[i]] ")"
}
