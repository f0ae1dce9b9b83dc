#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# deps.sh check GROUP...     one line on stderr per missing thing; 1 when there is any
# deps.sh install GROUP...   installs with apt what is missing, and nothing when nothing is
# deps.sh try GROUP...       the same with what apt has, and no error where something stays missing
# deps.sh packages GROUP...  prints Debian's packages of these groups
# deps.sh bpftool            prints the path of a bpftool that works here
#
# Groups: build (to compile), core (of that, what a static build needs), man (for
# the manuals), map (to draw), unit (for the unit tests), check (for the rest of the
# tests), fuzz (for make check-fuzz), analysis (for make check-analysis), browser (for those in a browser), bench (for the benchmark), vm (for make
# check-vm), arm64 (for make check-vm-arm64), deb (for make deb), bare (for make check-deb).
set -eu

# GROUP KIND WHAT PACKAGE, and of what users build Fedora's and Arch's PACKAGE. KIND is
# cmd (a command), pc (a pkg-config module, of a version at least), file (a path, with wildcards), bpftool or runtime.
table='
core cmd pkg-config pkg-config pkgconf-pkg-config pkgconf
core cmd cc gcc gcc gcc
core file /usr/include/stdio.h libc6-dev glibc-devel glibc
core cmd clang clang clang clang
core cmd llvm-strip llvm llvm llvm
core bpftool - - bpftool bpf
core pc libbpf:0.7 libbpf-dev libbpf-devel libbpf
core pc libelf libelf-dev elfutils-libelf-devel libelf
core pc zlib zlib1g-dev zlib-devel zlib
core pc jansson libjansson-dev jansson-devel jansson
build pc libgvc libgraphviz-dev graphviz-devel graphviz
build pc libcgraph libgraphviz-dev graphviz-devel graphviz
core pc libseccomp libseccomp-dev libseccomp-devel libseccomp
build pc libpng libpng-dev libpng-devel libpng
build pc libwebp libwebp-dev libwebp-devel libwebp
build pc libwebpmux libwebp-dev libwebp-devel libwebp
build file /usr/include/gif_lib.h libgif-dev giflib-devel giflib
core file /usr/include/uthash.h uthash-dev uthash-devel uthash
man cmd scdoc scdoc scdoc scdoc
map file /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf fonts-dejavu-core dejavu-sans-fonts ttf-dejavu
map file /usr/lib/*/graphviz/config[0-9]* graphviz graphviz graphviz
unit pc cmocka libcmocka-dev libcmocka-devel cmocka
check cmd bats bats
check cmd valgrind valgrind
check cmd zsh zsh
check cmd fish fish
check cmd man man-db
check cmd setcap libcap2-bin
check cmd capsh libcap2-bin
check cmd jq jq
check cmd python3 python3
check cmd xmllint libxml2-utils
check cmd file file
check cmd webpinfo webp
check cmd giftext giflib-tools
check file /usr/lib/python3/dist-packages/PIL python3-pil
check cmd script bsdutils
check cmd setpriv util-linux
check cmd unshare util-linux
check cmd pgrep procps
check cmd ip iproute2
check cmd nft nftables
check cmd timeout coreutils
check cmd tshark tshark
check cmd capinfos wireshark-common
check cmd xxd xxd
check cmd tmux tmux
check cmd dbus-daemon dbus
check cmd dbus-send dbus
check cmd redis-server redis-server
check cmd redis-benchmark redis-tools
check file /usr/lib/postgresql/*/bin/postgres postgresql
check file /usr/lib/postgresql/*/bin/pgbench postgresql-contrib
check cmd pgbouncer pgbouncer
fuzz runtime - - compiler-rt compiler-rt
analysis cmd cppcheck cppcheck
analysis cmd clang-tidy clang-tidy
vm cmd qemu-system-x86_64 qemu-system-x86
vm cmd busybox busybox-static
vm cmd depmod kmod
vm cmd mke2fs e2fsprogs
arm64 cmd qemu-system-aarch64 qemu-system-arm
arm64 cmd aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
arm64 file /usr/aarch64-linux-gnu/include/stdio.h libc6-dev-arm64-cross
browser file /usr/bin/chromium chromium
browser cmd node nodejs
browser cmd npm npm
browser file /usr/lib/python3/dist-packages/networkx python3-networkx
bench cmd bpftrace bpftrace
bench cmd strace strace
bench cmd jq jq
bench cmd unshare util-linux
bench cmd taskset util-linux
benchrender file /usr/bin/time time
benchdump cmd bpftrace bpftrace
benchdump cmd perf linux-perf
deb cmd dpkg-buildpackage dpkg-dev
deb cmd dh debhelper
deb cmd lintian lintian
bare cmd debootstrap debootstrap
'

# The bpftool in the path may be Ubuntu's wrapper, which wants the tools of
# the very kernel that runs; any version can write a skeleton.
bpftool_find()
{
	for tool in "$(command -v bpftool || true)" /usr/sbin/bpftool \
		    /usr/lib/linux-tools/*/bpftool /usr/lib/linux-tools-*/bpftool; do
		if [ -x "$tool" ] && "$tool" version >/dev/null 2>&1; then
			echo "$tool"
			return 0
		fi
	done
	return 1
}

# Debian has a package of that name; Ubuntu (up to 24.04) only the kernel's tools.
bpftool_packages()
{
	if apt-cache policy bpftool 2>/dev/null | grep -q 'Candidate: [0-9]'; then
		echo bpftool
	elif apt-cache policy linux-tools-generic 2>/dev/null | grep -q 'Candidate: [0-9]'; then
		echo linux-tools-common linux-tools-generic
	else
		echo bpftool
	fi
}

# What clang links for -fsanitize, in packages of its version: its own package only recommends them.
runtime_find()
{
	ls "$(clang -print-file-name=lib/linux 2>/dev/null)"/libclang_rt.fuzzer-*.a >/dev/null 2>&1
}

# Ubuntu 22.04 has it in the second of these.
runtime_package()
{
	version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p')
	for package in libclang-rt-$version-dev libclang-common-$version-dev; do
		! apt-cache policy "$package" 2>/dev/null | grep -q 'Candidate: [0-9]' || break
	done
	echo "$package"
}

thing_present()
{
	case $1 in
	cmd) PATH=$PATH:/usr/sbin:/sbin command -v "$2" >/dev/null ;;
	pc) case $2 in
	    *:*) pkg-config --atleast-version="${2#*:}" "${2%:*}" 2>/dev/null ;;
	    *) pkg-config --exists "$2" 2>/dev/null ;;
	    esac ;;
	file) ls -d $2 >/dev/null 2>&1 ;;
	bpftool) bpftool_find >/dev/null ;;
	runtime) runtime_find ;;
	esac
}

# Prints "KIND WHAT FEDORA ARCH PACKAGE..." for each missing thing of the groups given.
missing_list()
{
	case " $* " in *' build '*) set -- core "$@" ;; esac
	echo "$table" | while read -r group kind what package fedora arch; do
		[ -n "$group" ] || continue
		case " $* " in *" $group "*) ;; *) continue ;; esac
		if ! thing_present "$kind" "$what"; then
			case $kind in
			bpftool) what=bpftool package=$(bpftool_packages) ;;
			runtime) package=$(runtime_package) ;;
			esac
			printf '%s %s %s %s %s\n' "$kind" "$what" "${fedora:--}" "${arch:--}" "$package"
		fi
	done
}

missing_print()
{
	while read -r kind what fedora arch package; do
		case $kind in
		pc)
			what="the library $(echo "$what" | sed 's/:\(.*\)/ (\1 or later)/')"
			;;
		runtime) what="clang's runtime, with its fuzzer," ;;
		esac
		[ "$fedora" = - ] || package="$package (Fedora: dnf install $fedora; Arch: pacman -S $arch)"
		echo "ipcmap: $what is missing: apt install $package" >&2
	done
}

# Packages of servers start them. The tests start their own, on loopback and
# in temporary folders; nothing else shall run because of them.
apt_install()
{
	policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
		trap 'exit 130' INT
		trap 'exit 143' TERM
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod 755 $policy
	fi
	export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
	apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confold "$@" </dev/null
}

install_missing()
{
	missing=$(missing_list "$@")
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "$missing" | missing_print
		echo "ipcmap: run this as root (sudo make ...) on Debian or Ubuntu to have it installed" >&2
		return 1
	fi
	apt-get update -q </dev/null ||
		echo "ipcmap: apt-get update failed; trying with the package lists that are there" >&2
	# Only now, with fresh lists, is it known which package brings bpftool.
	missing=$(missing_list "$@")
	apt_install $(echo "$missing" | cut -d' ' -f5- | tr ' ' '\n' | sort -u)
	missing=$(missing_list "$@")
	[ -z "$missing" ] || { echo "$missing" | missing_print; return 1; }
}

# A package of Ubuntu's that only fetches a snap is none.
install_possible()
{
	missing=$(missing_list "$@")
	[ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
	apt-get update -q </dev/null || true
	for package in $(echo "$missing" | cut -d' ' -f5- | tr ' ' '\n' | sort -u); do
		case $(apt-cache policy "$package" 2>/dev/null | sed -n 's/ *Candidate: //p') in
		'' | '(none)' | *snap*) echo "ipcmap: no package $package here" >&2 ;;
		*) apt_install "$package" || echo "ipcmap: $package can't be installed" >&2 ;;
		esac
	done
}

command=${1:-}
[ $# = 0 ] || shift
case $command in
check)
	missing=$(missing_list "$@")
	[ -z "$missing" ] || { echo "$missing" | missing_print; exit 1; }
	;;
install)
	install_missing "$@"
	;;
try)
	install_possible "$@"
	;;
packages)
	case " $* " in *' build '*) set -- core "$@" ;; esac
	for group in "$@"; do
		echo "$table" | awk -v group="$group" '$1 == group && $2 != "runtime" { print $4 == "-" ? $2 : $4 }'
		[ "$group" != fuzz ] || runtime_package
	done | sort -u
	;;
bpftool)
	bpftool_find || echo bpftool
	;;
*)
	echo "usage: deps.sh check|install|try|packages GROUP... | bpftool" >&2
	exit 2
	;;
esac
