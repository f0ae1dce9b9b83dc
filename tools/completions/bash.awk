# SPDX-License-Identifier: GPL-2.0-only
# The table of options.sh as a completion for bash.

# What stands in the argument's place: words, or what compgen knows.
function source_of(argument, words)
{
	if (words != "-")
		return "W:" words
	if (argument == "PID")
		return "P:"
	if (argument == "NAME" || argument == "WHO|WHAT")
		return "N:"
	if (argument == "FILE" || argument == "NAME|FILE")
		return "F:"
	if (argument == "PATH")
		return "D:"
	return "-:"
}

{
	command = $1 == "-" ? "ipcmap" : $1
	if (!(command in options)) {
		order[++count] = command
		if ($1 != "-")
			commands = commands " " $1
	}
	options[command] = options[command] " --" $3
	if ($2 != "-")
		options[command] = options[command] " -" $2
	if ($4 == "-")
		next
	pattern = command ":--" $3
	if ($2 != "-")
		pattern = pattern "|" command ":-" $2
	from = source_of($4, $6)
	if ($3 == "style")
		from = "S" substr(from, 2)
	cases = cases "\t" pattern ") echo '" from "' ;;\n"
}

END {
	print "# bash completion for ipcmap; made by tools/completions.sh from its --help"
	print ""
	print "_ipcmap_options()\n{\n\tcase $1 in"
	for (i = 1; i <= count; i++)
		print "\t" order[i] ") echo '" substr(options[order[i]], 2) "' ;;"
	print "\tesac\n}\n"
	print "# What the argument of COMMAND:OPTION may be; nothing: it takes none."
	print "_ipcmap_argument()\n{\n\tcase $1 in"
	printf "%s", cases
	print "\tesac\n}\n"
	print "_ipcmap_commands='" substr(commands, 2) "'"
	while ((getline line < ENVIRON["IPCMAP_BASH_BODY"]) > 0)
		print line
}
