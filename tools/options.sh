#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# options.sh IPCMAP: all options of all commands, as the program itself tells
# them. One per line, tabs between: command ("-": none), letter, name, argument,
# about, words that the argument may be. A "-" is nothing.
#
# The completions are made of this, and the manuals held against it (check-docs.sh).
set -eu
export LC_ALL=C.UTF-8

ipcmap=$1
tab=$(printf '\t')

# Every word that main.c takes for a command; one that is not there yet is left out.
commands='render diff dump probe'

# help COMMAND
help()
{
	case $1 in
	-) "$ipcmap" --help ;;
	*) "$ipcmap" "$1" --help 2>/dev/null ;;
	esac
}

# Rows of --help: "  -d, --duration SECONDS    trace for so long".
rows()
{
	sed -nE "s/^  (-(.),|   ) --([a-z-]+)( ([^ ]+))?  +(.*)/\2$tab\3$tab\5$tab\6/p"
}

# words COMMAND NAME: asked with what can't be one, the program lists what can be.
# --help behind it: where anything is taken, nothing begins.
words()
{
	if [ "$1" = - ]; then set -- "$2"; else set -- "$1" "$2"; fi
	if [ $# = 2 ]; then
		"$ipcmap" "$1" "--$2" '?' --help 2>&1 >/dev/null
	else
		"$ipcmap" "--$1" '?' --help 2>&1 >/dev/null
	fi | sed -nE -e 's/, or give .*//' -e 's/; for several://' \
		-e "s/.*'\?'; (it takes|there are):? *//p" | tr -d ','
}

# print COMMAND: each row, with what nothing is as "-".
print()
{
	while IFS= read -r row; do
		name=$(echo "$row" | cut -f2)
		list=
		[ -z "$(echo "$row" | cut -f3)" ] || list=$(words "$1" "$name")
		printf '%s\t%s\t%s\n' "$1" "$row" "$list"
	done | awk -F'\t' -v OFS='\t' '{ for (i = 1; i <= 6; i++) if ($i == "") $i = "-"; print }'
}

help - | rows | print -
# `ipcmap` itself has the options of the view, which only `render` prints.
help render | sed '1,/^View:/d' | rows | print -
for command in $commands; do
	if help "$command" >/dev/null; then
		# Without an option of its own it is still a command.
		printf '%s\th\thelp\t-\tprint this\t-\n' "$command"
		help "$command" | rows | print "$command" | grep -v "^$command${tab}h${tab}" || true
	fi
done
