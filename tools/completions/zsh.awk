# SPDX-License-Identifier: GPL-2.0-only
# The table of options.sh as a completion for zsh.

function quote(text)
{
	gsub(/'/, "'\\''", text)
	gsub(/\[/, "\\[", text)
	gsub(/\]/, "\\]", text)
	gsub(/:/, "\\:", text)
	return text
}

function action(argument, words)
{
	if (words != "-" && argument == "NAME|FILE")
		return "{_alternative \"styles:style:(" words ")\" \"files:file:_files -g \\*.style\"}"
	if (words != "-")
		return "_sequence compadd - " words
	if (argument == "PID")
		return "_pids"
	if (argument == "NAME" || argument == "WHO|WHAT")
		return "{compadd -- ${(f)\"$(ps -Ao comm=)\"}}"
	if (argument == "FILE" || argument == "NAME|FILE")
		return "_files"
	if (argument == "PATH")
		return "_files -W /sys/fs/cgroup -/"
	return " "
}

{
	command = $1 == "-" ? "ipcmap" : $1
	if (!(command in specs)) {
		order[++count] = command
		if ($1 != "-")
			commands = commands " " $1
	}
	tail = "[" quote($5) "]"
	if ($4 != "-")
		tail = tail ":" quote($4) ":" action($4, $6)
	many = $5 ~ /repeatable/ || $4 == "FILE" ? "*" : ""
	specs[command] = specs[command] "\t'" many "--" $3 ($4 != "-" ? "=" : "") tail "'\n"
	if ($2 != "-")
		specs[command] = specs[command] "\t'" many "-" $2 ($4 != "-" ? "+" : "") tail "'\n"
}

END {
	print "#compdef ipcmap ipcdump"
	print "# zsh completion for ipcmap; made by tools/completions.sh from its --help\n"
	for (i = 1; i <= count; i++)
		print "local -a _ipcmap_" order[i] "\n_ipcmap_" order[i] "=(\n" specs[order[i]] ")\n"
	print "local command=$words[2]"
	print "if [[ $service == ipcdump ]]; then"
	print "\t_arguments -S -s $_ipcmap_dump '*::command:_normal'"
	print "\treturn\nfi"
	print "case $command in"
	for (i = 2; i <= count; i++) {
		rest = order[i] == "dump" ? "*::command:_normal" : order[i] == "probe" ? "" : "*:map:_files -g \"*.json\""
		print order[i] ")\n\tshift words; (( CURRENT-- ))"
		print "\t_arguments -S -s $_ipcmap_" order[i] (rest == "" ? "" : " '" rest "'") "\n\t;;"
	}
	print "*)\n\t_arguments -S -s $_ipcmap_ipcmap '1::command:(" substr(commands, 2) ")' '*::command:_normal'\n\t;;\nesac"
}
