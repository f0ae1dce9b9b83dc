# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced: Debian packages of any suite and architecture, by apt with lists and a cache of its
# own, on the mirror that this machine's configuration names, so the machine itself is left as
# it is. The caller has set: suite, arch, store (a folder), and give_up().

private_apt()
{
	local tool=$1
	shift
	"$tool" -o Dir::Etc::SourceList="$store/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$store/lists" -o Dir::Cache="$store/cache" \
		-o Dir::State::status=/dev/null -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
		-o Acquire::Languages=none -o APT::Sandbox::User= -o APT::Get::List-Cleanup=false "$@"
}

# The first Debian archive that is not the one of security updates.
mirror_find()
{
	apt-get indextargets --format '$(ORIGIN) $(SITE) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
		awk '$1 == "Debian" && $3 !~ /security/ { print $2; exit }'
}

# The lists of the suite.
packages_list()
{
	local mirror

	command -v apt-get >/dev/null || give_up "there is no apt-get here"
	mirror=$(mirror_find)
	[ -n "$mirror" ] || give_up "this machine's apt names no Debian mirror"
	mkdir -p "$store/lists/partial" "$store/cache/archives/partial"
	echo "deb $mirror $suite main" >"$store/sources.list"
	private_apt apt-get update -q >&2 || give_up "apt-get update failed for $suite"
}

# packages_unpack FOLDER PACKAGE...: downloads them, and what is in them lies there.
packages_unpack()
{
	local folder=$1 file

	shift
	mkdir -p "$folder"
	(cd "$store" && rm -f -- *.deb && private_apt apt-get download -q "$@") >&2 ||
		give_up "apt-get download $* failed"
	for file in "$store"/*.deb; do
		dpkg -x "$file" "$folder" || give_up "cannot unpack $file"
	done
}
