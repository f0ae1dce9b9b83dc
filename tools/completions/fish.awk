# SPDX-License-Identifier: GPL-2.0-only
# The table of options.sh as a completion for fish.

function quote(text)
{
	gsub(/\\/, "\\\\", text)
	gsub(/'/, "\\'", text)
	return "'" text "'"
}

function arguments_of(argument, words)
{
	if (words != "-" && argument == "NAME|FILE")
		return " -r -a " quote(words)
	if (words != "-")
		return " -x -a " quote(words)
	if (argument == "PID")
		return " -x -a '(__fish_complete_pids)'"
	if (argument == "NAME" || argument == "WHO|WHAT")
		return " -x -a '(ps -Ao comm= | sort -u)'"
	if (argument == "FILE" || argument == "NAME|FILE")
		return " -r -F"
	if (argument == "PATH")
		return " -x -a '(__fish_complete_directories /sys/fs/cgroup/)'"
	return " -x"
}

{
	if ($1 != "-" && !seen[$1]++) {
		commands = commands " " $1
		print "complete -c ipcmap -n __fish_use_subcommand -f -a " $1
	}
	if (NR == 1) {
		print "# fish completion for ipcmap; made by tools/completions.sh from its --help\n"
		print "complete -c ipcmap -n 'not __fish_seen_argument -- --' -f"
	}
	end = "-l " $3 ($2 != "-" ? " -s " $2 : "") ($4 != "-" ? arguments_of($4, $6) : "") " -d " quote($5)
	if ($1 == "-")
		first[++firsts] = end
	else
		print "complete -c ipcmap -n '__fish_seen_subcommand_from " $1 "' " end
	if ($1 == "dump")
		print "complete -c ipcdump " end
}

END {
	for (i = 1; i <= firsts; i++)
		print "complete -c ipcmap -n 'not __fish_seen_subcommand_from" commands "' " first[i]
}
