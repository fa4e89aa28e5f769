#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# images/make-debian.sh OUT/NAME.ext4: an ext4 image of a Debian 12 with the
# packages that images/NAME.conf lists, and beside it NAME.tar, the archive of its
# userland.
# images/make-debian.sh --tree NAME FOLDER: the same files, unpacked in FOLDER;
# their owners are right for root only.
#
# Needs neither root nor user namespaces: mmdebstrap works in a fakechroot then.
# The userland is kept in the cache folder as a tar archive.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

release=bookworm

read_conf() {
	conf=$top/images/$1.conf
	[ -f "$conf" ] || die "there is no $conf"
	# shellcheck source=images/debian.conf
	. "$conf"
}

bootstrap() {
	local tar=$1 mode=fakechroot line
	local -a options=()

	[ "$(id -u)" -ne 0 ] || mode=root
	while read -r line; do
		options+=(--aptopt="${line%;}")
	done < <(apt-config dump | grep -iE '^Acquire::https?::Proxy ' || true)
	for line in "${left_out[@]}"; do
		options+=(--dpkgopt="path-exclude=$line")
	done
	options+=(--dpkgopt='path-include=/usr/share/doc/*/copyright')
	make_work
	mkdir -p "$(dirname "$tar")"
	if ! debian_sources "$release" |
		TMPDIR=$work mmdebstrap --mode="$mode" --variant=minbase \
			--include="${packages[*]}" --format=tar "${options[@]}" \
			"$release" "$work/debian.tar" - >"$work/log" 2>&1; then
		tail -n 15 "$work/log" >&2
		die "mmdebstrap failed"
	fi
	mv "$work/debian.tar" "$tar.tmp.$$"
	mv "$tar.tmp.$$" "$tar"
}

# Print the name of the archive of $1, and make it if the cache has none.
archive() {
	local name=$1 cache id tar

	read_conf "$name"
	cache=$("$top/scripts/cache-dir")
	id=$(cat "$0" "$top/images/lib.sh" "$conf" | sha256sum | cut -c1-16)
	tar=$cache/debian/$name-$id.tar
	if [ ! -f "$tar" ]; then
		say "installing a Debian userland: $name (a minute or two)"
		rm -f "$cache/debian/$name"-*
		bootstrap "$tar"
	fi
	echo "$tar"
}

# keep TAR FILE: also as FILE, whatever becomes of the cache, and as new as what is
# made beside it.
keep() {
	ln -f "$1" "$2" 2>/dev/null || cp --remove-destination --reflink=auto "$1" "$2"
	touch "$2"
}

# unpack NAME TAR FOLDER
unpack() {
	local name=$1 tar=$2 root=$3

	mkdir "$root"
	tar -xf "$tar" -C "$root" --exclude='./dev/*'
	echo "$name-guest" >"$root/etc/hostname"
	printf '127.0.0.1\tlocalhost %s-guest\n' "$name" >"$root/etc/hosts"
	: >"$root/etc/resolv.conf"
	chmod 644 "$root/etc/hostname" "$root/etc/hosts" "$root/etc/resolv.conf"
}

# Runs in fakeroot: owners and device files are what the archive says.
image() {
	local name=$1 tar=$2 out=$3

	read_conf "$name"
	make_work
	unpack "$name" "$tar" "$work/root"
	make_ext4 "$work/root" "$out" "$size_mib" "$name"
}

case ${1:-} in
--image)
	image "$2" "$3" "$4"
	;;
--tree)
	tar=$(archive "$2")
	unpack "$2" "$tar" "$3"
	;;
'' | -*)
	die "usage: images/make-debian.sh OUT/NAME.ext4 | --tree NAME FOLDER"
	;;
*)
	out=$(realpath -m "$1")
	name=$(basename "$out" .ext4)
	tar=$(archive "$name")
	say "making $1"
	keep "$tar" "${out%.ext4}.tar"
	fakeroot -- "$0" --image "$name" "$tar" "$out"
	;;
esac
