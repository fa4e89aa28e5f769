# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the scripts that make images share. Sourced; expects set -eu.

export LC_ALL=C
# The file system tools are not in every user's path.
export PATH=$PATH:/usr/sbin:/sbin
umask 022
# shellcheck disable=SC2034 # for the scripts that source this
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=

die() {
	echo "kbox images: $*" >&2
	exit 1
}

say() {
	echo "kbox images: $*" >&2
}

# A scratch folder, in $work, that goes away with the script.
make_work() {
	work=$(mktemp -d "${TMPDIR:-/tmp}/kbox-image.XXXXXX")
	trap 'rm -rf "$work"' EXIT
}

# make_ext4 TREE OUT MEBIBYTES LABEL: a sparse ext4 image with the contents of
# TREE, which appears under its name only when complete. To be run by fakeroot
# when the owners of TREE's files are fakeroot's.
make_ext4() {
	local tree=$1 out=$2 size=$3 label=$4

	mkdir -p "$(dirname "$out")"
	rm -f "$out.tmp"
	truncate -s "${size}M" "$out.tmp"
	mke2fs -q -F -t ext4 -b 4096 -I 256 -m 0 -L "$label" \
		-J size=8 -E root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0 \
		-d "$tree" "$out.tmp"
	mv "$out.tmp" "$out"
}

# One "deb" line for each suite of Debian $1 that this machine's own apt
# configuration names, so that its mirror is used; Debian's default otherwise.
debian_sources() {
	local release=$1 kind=${2:-deb} lines

	# shellcheck disable=SC2016 # apt's variables, not the shell's
	lines=$(apt-get indextargets --format \
		'$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' \
		'Created-By: Packages' 2>/dev/null |
		awk -F'|' -v release="$release" -v kind="$kind" '
			($1 == "Debian" || $1 == "") && $4 == "main" &&
			($3 == release || $3 == release "-updates" ||
			 $3 == release "-security") {
				print kind, $2, $3, $4
			}' | sort -u)
	if ! grep -q " $release main\$" <<<"$lines"; then
		lines="$kind http://deb.debian.org/debian $release main
$kind http://deb.debian.org/debian-security $release-security main"
	fi
	echo "$lines"
}
