#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# analyze.sh: cppcheck, clang-tidy and `gcc -fanalyzer` over the project's own C, and
# what they find that tools/analyze.known does not explain. Prints TAP: one test for each
# program. Wants a build (the skeletons).
set -u
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C

found=$(mktemp -d "${TMPDIR:-/tmp}/ipcmap-analyze.XXXXXX") || exit 1
trap 'rm -rf "$found"' EXIT
jobs=$(nproc)
modules='libbpf libelf zlib jansson libseccomp libgvc libcgraph libpng libwebp'
flags="-std=c11 -D_GNU_SOURCE -Isrc -Ibuild -Itests $(pkg-config --cflags $modules)"
number=0 failed=0

# Style is the readers' business; what is left are mistakes.
tidy='-*,clang-analyzer-*,bugprone-*,performance-*,misc-redundant-expression,misc-misplaced-const'
# memcpy() and strcpy() where the size was just taken; C11's Annex K is nowhere to be had.
tidy+=,-clang-analyzer-security.insecureAPI.strcpy
tidy+=,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling
# Of style, or of C++; sizeof of a pointer is what an array of pointers is sorted by.
tidy+=,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,-bugprone-reserved-identifier
tidy+=,-bugprone-implicit-widening-of-multiplication-result,-bugprone-suspicious-string-compare
tidy+=,-bugprone-sizeof-expression,-bugprone-branch-clone,-clang-analyzer-optin.performance.Padding

# gcc 12 loses sight of what is stored behind two pointers, and calls it leaked:
# LeakSanitizer and valgrind look for leaks. It multiplies the paths through uthash's macros
# without end: a file that takes longer than this is left to the other two.
analyzer='-fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-file-leak -Wno-analyzer-too-complex'
seconds=20

# within SECONDS COMMAND...: what was not looked at is a finding, too.
within()
{
	timeout "$@"
	[ $? != 124 ] || echo "tools/analyze.sh:0: warning: $1 s were not enough [timeout]"
}

# Without the skeletons: megabytes of one string, which it takes minutes to read.
run_cppcheck()
{
	within 300 cppcheck -q -j"$jobs" --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --suppress=unknownMacro --template='{file}:{line}: {message} [{id}]' \
		--suppress=missingInclude -D_GNU_SOURCE -Isrc -Itests src tests 2>&1
}

run_tidy()
{
	ls src/*.c | within 400 xargs -P"$jobs" -n6 sh -c \
		'checks=$1 flags=$2; shift 2; clang-tidy --quiet --checks="$checks" "$@" -- $flags 2>/dev/null' \
		- "$tidy" "$flags" | grep ' warning: \| error: ' | sed "s|^$PWD/||; s/:[0-9]*: \(warning\|error\):/:/"
}

run_gcc()
{
	ls src/*.c | within 400 xargs -P"$jobs" -n1 sh -c \
		'timeout '$seconds' gcc '"$analyzer"' -O0 -c -o /dev/null $1 $2 2>&1; exit 0' - "$flags" |
		grep 'warning: \|error: ' | sed 's/:[0-9]*: \(warning\|error\):/:/'
}

# PROGRAM FUNCTION: what it says, less what is known, with the reason, in tools/analyze.known.
analyze()
{
	number=$((number + 1))
	command -v "$1" >/dev/null || { echo "ok $number - $1 # SKIP not here: apt install $1"; return; }
	"$2" | sort -u | awk -v program="$1" -v uthash="$(grep -lE '\<HASH_[A-Z]' src/*.c | tr '\n' ' ')" '
		FNR == NR {
			if ($1 == program)
				known[$2, $3] = 1
			next
		}
		{
			split($0, part, ":")
			check = $NF
			gsub(/^\[(-W)?|\]$/, "", check)
			sub(/,.*/, "", check)
			if (index(uthash, part[1] " ") && ("uthash", check) in known)
				next
			if (!((part[1], check) in known))
				print
		}' tools/analyze.known - >"$found/$1"
	if [ -s "$found/$1" ]; then
		sed 's/^/# /' "$found/$1"
		echo "not ok $number - $1"
		failed=1
	else
		echo "ok $number - $1"
	fi
}

# analyze.sh cppcheck ...: these alone
[ $# -gt 0 ] || set -- cppcheck clang-tidy gcc
echo "1..$#"
for program; do
	case $program in
	cppcheck) analyze cppcheck run_cppcheck ;;
	clang-tidy) analyze clang-tidy run_tidy ;;
	gcc) analyze gcc run_gcc ;;
	esac
done
exit $failed
