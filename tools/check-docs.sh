#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check-docs.sh IPCMAP [FOLDER]: do --help, manuals and completions agree? One line on
# stdout for each thing that is in one and not in the other; 1 when there is any.
# FOLDER: the completions to look at; without it, those that are made now.
set -eu
export LC_ALL=C.UTF-8

ipcmap=$1
tools=$(cd "$(dirname "$0")" && pwd)
top=$tools/..
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipcmap-docs.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
tab=$(printf '\t')

"$ipcmap" --version >/dev/null || exit 1
"$tools/options.sh" "$ipcmap" >"$scratch/table"
folder=${2:-$scratch}
if [ $# -lt 2 ]; then
	for shell in bash zsh fish; do
		"$tools/completions.sh" $shell <"$scratch/table" >"$scratch/ipcmap.$shell"
	done
fi

problem()
{
	echo "$*"
	touch "$scratch/failed"
}

# Both sorted: options_compare WHERE FILE-OF-HELP FILE-OF-OTHER
options_compare()
{
	comm -23 "$2" "$3" | while read -r option; do problem "$1 does not have $option, but --help does"; done
	comm -13 "$2" "$3" | while read -r option; do problem "$1 has $option, but --help does not"; done
}

# options_of COMMAND...: "--long" and "-s" of the table
options_of()
{
	for command in "$@"; do
		awk -F'\t' -v command="$command" '$1 == command {
			print "--" $3
			if ($2 != "-")
				print "-" $2
		}' "$scratch/table"
	done | sort -u
}

# An option is explained by a paragraph that begins with it; several stand in one behind ";".
options_of_manual()
{
	grep -E '^\*-' "$1" | grep -oE '\*--?[A-Za-z][a-z-]*\*' | tr -d '*' | sort -u
}

manual_check()
{
	[ -e "$top/man/$1.scd" ] || { problem "there is no man/$1.scd"; return 0; }
	manual=$1
	shift
	options_of "$@" >"$scratch/help"
	options_of_manual "$top/man/$manual.scd" >"$scratch/manual"
	options_compare "$manual" "$scratch/help" "$scratch/manual"
}

# Of options that take a word: all those words. Whoever explains a list explains all of it.
words_check()
{
	awk -F'\t' '$6 != "-" && $1 != "dump" { n = split($6, words, " "); for (i = 1; i <= n; i++) print words[i] }' \
		"$scratch/table" | sort -u | while read -r word; do
		grep -qE "(^|[^a-z])\.?$word([^a-z]|\$)" "$top/man/ipcmap.1.scd" ||
			problem "ipcmap.1 does not have '$word', which an option takes"
	done
}

# What takes one of a list tells the list when asked, or no completion offers it.
lists_check()
{
	awk -F'\t' '$6 == "-" && $4 ~ /^(FORMAT|MECHANISM|TYPE|WHAT|WAY|ENGINE)$/ { print $1, "--" $3 }' \
		"$scratch/table" | while read -r command option; do
		problem "tools/options.sh learns no words for $option of $command: does its error list them?"
	done
}

# The completions tell, by what they are sourced into or read as, their options per command.
completions_check()
{
	for command in $(cut -f1 "$scratch/table" | sort -u); do
		name=$command
		[ "$command" != - ] || name=ipcmap
		options_of "$command" >"$scratch/help"
		bash -c '. "$1"; _ipcmap_options "$2"' - "$folder/ipcmap.bash" "$name" |
			tr ' ' '\n' | sort -u >"$scratch/other"
		options_compare "the completion for bash ($name)" "$scratch/help" "$scratch/other"
		sed -n "/^_ipcmap_$name=(/,/^)/p" "$folder/ipcmap.zsh" |
			sed -nE "s/^$tab'\*?(--?[A-Za-z][a-z-]*).*/\1/p" | sort -u >"$scratch/other"
		options_compare "the completion for zsh ($name)" "$scratch/help" "$scratch/other"
		case $command in
		-) grep -E "^complete -c ipcmap -n 'not __fish_seen_sub" "$folder/ipcmap.fish" ;;
		*) grep -F "'__fish_seen_subcommand_from $command'" "$folder/ipcmap.fish" ;;
		esac | sed -nE "s/.*' -l ([a-z-]+)( -s (.))?.*/--\1 -\3/p" | tr ' ' '\n' | grep -v '^-$' |
			sort -u >"$scratch/other"
		options_compare "the completion for fish ($name)" "$scratch/help" "$scratch/other"
	done
}

# A new command of main.c must be known to options.sh.
commands_check()
{
	grep -oE 'strcmp\(argv\[1\], "[a-z]+"\)' "$top/src/main.c" | grep -oE '"[a-z]+"' | tr -d '"' |
		while read -r command; do
			grep -q "^$command$tab" "$scratch/table" ||
				problem "tools/options.sh does not know the command '$command'"
			[ "$command" = dump ] || grep -qF "*ipcmap $command*" "$top/man/ipcmap.1.scd" ||
				problem "ipcmap.1 does not have the command '$command'"
		done
}

has_dump()
{
	grep -q "^dump$tab" "$scratch/table"
}

manual_check ipcmap.1 - render diff probe
if has_dump; then manual_check ipcdump.1 dump; fi
words_check
lists_check
completions_check
commands_check
[ ! -e "$scratch/failed" ]
