#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What `make install` puts where, and that --help, manuals and completions agree.
# Nothing is installed outside a temporary folder.

setup()
{
	top=$(realpath "$BATS_TEST_DIRNAME/..")
	ipcmap=$(realpath "${IPCMAP:-$top/ipcmap}")
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/ipcmap-install.XXXXXX")
}

teardown()
{
	rm -rf "$scratch"
}

# In a copy, so that the tree's own build stays what it is.
tree_copy()
{
	mkdir "$scratch/tree"
	(cd "$top" && tar -c --exclude=./build/vm --exclude=./build/fuzz --exclude=./build/asan \
		--exclude=./.git --exclude=./examples .) | tar -x -C "$scratch/tree"
	cd "$scratch/tree"
}

@test "--help, manuals and completions agree" {
	run timeout 100 "$top/tools/check-docs.sh" "$ipcmap"
	echo "$output"
	[ "$status" = 0 ]
}

@test "check-docs: what is missing anywhere is found" {
	tree_copy
	sed -i 's/^\*--hops\*.*/*--hopps* _N_/' man/ipcmap.1.scd
	sed -i '/"dump"/d; s/"probe")/"prove")/' src/main.c
	sed -i 's/|there are)/)/' tools/options.sh # of styles, formats, mechanisms
	run timeout 100 tools/check-docs.sh "$ipcmap"
	[ "$status" = 1 ]
	[[ "$output" == *"ipcmap.1 does not have --hops, but --help does"* ]]
	[[ "$output" == *"ipcmap.1 has --hopps, but --help does not"* ]]
	[[ "$output" == *"does not know the command 'prove'"* ]]
	[[ "$output" == *"learns no words for --format of render"* ]]
	cp "$top/tools/options.sh" tools
	mkdir folder
	tools/options.sh "$ipcmap" >options
	for shell in bash zsh fish; do
		grep -v "	style	" options | tools/completions.sh $shell >folder/ipcmap.$shell
	done
	run timeout 100 tools/check-docs.sh "$ipcmap" folder
	for shell in bash zsh fish; do
		[[ "$output" == *"for $shell (render) does not have --style, but"* ]]
	done
}

@test "make install, and uninstall, with PREFIX and DESTDIR" {
	tree_copy
	root=$scratch/root
	timeout 500 make install PREFIX=/opt/some DESTDIR="$root" >log 2>&1 || { cat log; false; }
	# The objects were there: one file knows where styles are.
	[ "$(grep -c ' -c -o ' log)" -le 3 ]
	if find "$root" -not -user "$(id -u)" | grep .; then false; fi
	for file in bin/ipcmap share/ipcmap/styles/dark.style share/man/man1/ipcmap.1 \
		    share/man/man5/ipcmap-style.5 share/man/man5/ipcmap-json.5 \
		    share/bash-completion/completions/ipcmap share/zsh/site-functions/_ipcmap \
		    share/fish/vendor_completions.d/ipcmap.fish \
		    share/doc/ipcmap/examples/ipcmap.service; do
		[ -s "$root/opt/some/$file" ]
	done
	grep -q '^ExecStart=/opt/some/bin/ipcmap ' "$root/opt/some/share/doc/ipcmap/examples/ipcmap.service"
	[ "$(ls "$root/opt/some/share/ipcmap/styles")" = "$(cd styles && ls -- *.style)" ]
	if [ -e src/cmd_dump.c ]; then
		[ "$(readlink "$root/opt/some/bin/ipcdump")" = ipcmap ]
		[ -s "$root/opt/some/share/man/man1/ipcdump.1" ]
		"$root/opt/some/bin/ipcdump" --help | grep -q 'Usage: ipcdump'
	fi
	"$root/opt/some/bin/ipcmap" --version
	# What others put there stays.
	touch "$root/opt/some/share/ipcmap/styles/mine.style"
	make uninstall PREFIX=/opt/some DESTDIR="$root"
	[ "$(find "$root" ! -type d)" = "$root/opt/some/share/ipcmap/styles/mine.style" ]
}

@test "styles are found where they were installed" {
	tree_copy
	timeout 500 make -s install PREFIX="$scratch/at" >log 2>&1 || { cat log; false; }
	cd "$scratch"
	printf 'base default\ngraph [bgcolor=#123456]\n' >at/share/ipcmap/styles/house.style
	HOME=$scratch XDG_CONFIG_HOME= at/bin/ipcmap render "$top/examples/tmux/map.json" --style house -o x.svg
	grep -qi '#123456' x.svg
}

@test "manuals: no warning, and man shows them" {
	command -v scdoc >/dev/null || skip "no scdoc"
	for source in "$top"/man/*.scd; do
		page=$scratch/$(basename "$source" .scd)
		scdoc <"$source" >"$page"
		run env LC_ALL=C.UTF-8 MANROFFSEQ= MANWIDTH=80 man --warnings -l "$page"
		[ "$status" = 0 ]
		[[ "$output" != *warning* ]]
		[[ "$output" == *NAME* ]]
	done
}

# complete WORD...: what bash offers for the last one.
complete_bash()
{
	bash -c '. "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _ipcmap "$1" 2>/dev/null
		printf "%s\n" "${COMPREPLY[@]}"' - "$scratch/c.bash" "$@"
}

@test "completions: bash offers commands, options, and what they take" {
	"$top/tools/options.sh" "$ipcmap" | "$top/tools/completions.sh" bash >"$scratch/c.bash"
	cd "$scratch"
	touch a.json b.txt
	while IFS='|' read -r words want unwanted; do
		run complete_bash $words
		echo "$words: $output"
		[[ $'\n'$output$'\n' == *$'\n'"$want"$'\n'* ]]
		[ -z "$unwanted" ] || [[ $'\n'$output$'\n' != *$'\n'"$unwanted"$'\n'* ]]
	done <<-'END'
		ipcmap re|render|probe
		ipcmap --dur|--duration|--idle
		ipcmap --sty|--style|--idle
		ipcmap -t un|unix-stream|pipe
		ipcmap -t pipe,unix-d|pipe,unix-dgram|pipe,tcp
		ipcmap --style = da|dark|print
		ipcmap render a|a.json|b.txt
		ipcmap render --group-by u|unit|comm
		ipcmap render --d|--dpi|--duration
		ipcmap diff --fail-on a|added|removed
	END
	run complete_bash ipcmap -p 1
	[[ "$output" == *1* ]]
}

@test "completions: zsh and fish read them, and fish offers what they say" {
	"$top/tools/options.sh" "$ipcmap" >"$scratch/options"
	if command -v zsh >/dev/null; then
		"$top/tools/completions.sh" zsh <"$scratch/options" >"$scratch/_ipcmap"
		zsh -n "$scratch/_ipcmap"
		# The specifications are good, or _arguments refuses them when it is called.
		HOME=$scratch zsh -f -c 'zmodload zsh/zutil zsh/computil; . '"$scratch/_ipcmap"' 2>/dev/null
			for set in ipcmap render diff; do
				list=_ipcmap_$set
				(( ${#${(P)list}} > 10 )) || exit 1
			done'
	fi
	command -v fish >/dev/null || skip "no fish"
	"$top/tools/completions.sh" fish <"$scratch/options" >"$scratch/c.fish"
	cd "$scratch"
	ask() { HOME=$scratch fish -c "source $scratch/c.fish; complete -C '$1'" 2>/dev/null; }
	ask 'ipcmap --dur' | grep -q '^--duration'
	ask 'ipcmap re' | grep -q '^render'
	ask 'ipcmap render --style d' | grep -q '^dark'
	ask 'ipcmap -t pi' | grep -q '^pipe'
	if ask 'ipcmap render --dur' | grep -q '^--duration'; then false; fi
}

@test "what is missing is named, with its package for Debian, Fedora and Arch" {
	run env PKG_CONFIG_LIBDIR=/nonexistent "$top/tools/deps.sh" check build unit
	[ "$status" = 1 ]
	while read -r line; do
		[[ "$output" == *"$line"* ]]
	done <<-'END'
		the library libbpf (0.7 or later) is missing: apt install libbpf-dev (Fedora: dnf install libbpf-devel; Arch: pacman -S libbpf)
		the library libelf is missing: apt install libelf-dev (Fedora: dnf install elfutils-libelf-devel; Arch: pacman -S libelf)
		the library libseccomp is missing: apt install libseccomp-dev (Fedora: dnf install libseccomp-devel; Arch: pacman -S libseccomp)
	END
	# One line each, of every library that is linked and every one of the unit tests.
	modules=$(sed -n 's/^\(DRAWING_\)\?MODULES := //p' "$top/Makefile")
	for module in $modules cmocka; do
		[ "$(grep -c "the library $module\( ([0-9.]* or later)\)\? is missing" <<<"$output")" = 1 ]
	done
	# A static build needs less.
	run env PKG_CONFIG_LIBDIR=/nonexistent "$top/tools/deps.sh" check core
	[[ "$output" != *libgvc* ]]
	[[ "$output" == *libbpf* ]]
	# Every package that is built with is one of the Debian package's.
	for package in $("$top/tools/deps.sh" packages build man); do
		case $package in
		gcc | libc6-dev) ;; # build-essential
		*) grep -q "[ ,]$package\b" "$top/dist/debian/control" ;;
		esac
	done
}

@test "make static: one file that needs no library, traces and writes what others draw" {
	tree_copy
	timeout 500 make static >log 2>&1 || { cat log; false; }
	static=build/static/ipcmap
	run file -L "$static"
	[[ "$output" == *"statically linked"* ]]
	"$static" --help >help
	grep -q 'in ipcmap.json without -o' help
	[ -z "$(sed -n '/^Suffixes:/p' help | grep svg)" ]
	"$static" render "$top/examples/tmux/map.json" -o x.json -o x.mmd -o x.csv
	# Through two programs or one: the same record.
	"$ipcmap" render "$top/examples/tmux/map.json" -o y.json
	cmp x.json y.json
	run "$static" render x.json -o x.svg
	[ "$status" = 2 ]
	[[ "$output" == *".json .mmd"* ]]
	if [ "$(id -u)" = 0 ]; then
		"$static" -q -o z.json -- sh -c 'echo hello | cat >/dev/null'
		"$ipcmap" render z.json -o z.svg
		grep -q '>cat<' z.svg
	fi
}
