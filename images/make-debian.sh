#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# images/make-debian.sh OUT: an ext4 image with a small Debian 12.
#
# Needs neither root nor user namespaces: mmdebstrap works in a fakechroot then.
# The userland is kept in the cache folder as a tar archive.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

release=bookworm
packages=bash,coreutils,python3-minimal,libpython3-stdlib,perl-base
size_mib=600

bootstrap() {
	local tar=$1 mode=fakechroot proxy
	local -a options=()

	[ "$(id -u)" -ne 0 ] || mode=root
	while read -r proxy; do
		options+=(--aptopt="${proxy%;}")
	done < <(apt-config dump | grep -iE '^Acquire::https?::Proxy ' || true)
	for proxy in doc info man locale lintian; do
		options+=(--dpkgopt="path-exclude=/usr/share/$proxy/*")
	done
	options+=(--dpkgopt='path-include=/usr/share/doc/*/copyright')
	make_work
	mkdir -p "$(dirname "$tar")"
	if ! debian_sources "$release" |
		TMPDIR=$work mmdebstrap --mode="$mode" --variant=minbase \
			--include="$packages" --format=tar "${options[@]}" \
			"$release" "$work/debian.tar" - >"$work/log" 2>&1; then
		tail -n 15 "$work/log" >&2
		die "mmdebstrap failed"
	fi
	mv "$work/debian.tar" "$tar.tmp.$$"
	mv "$tar.tmp.$$" "$tar"
}

# Runs in fakeroot: owners and device files are what the archive says.
image() {
	local tar=$1 out=$2 root

	make_work
	root=$work/root
	mkdir "$root"
	tar -xf "$tar" -C "$root" --exclude='./dev/*'
	echo debian-guest >"$root/etc/hostname"
	printf '127.0.0.1\tlocalhost debian-guest\n' >"$root/etc/hosts"
	: >"$root/etc/resolv.conf"
	chmod 644 "$root/etc/hostname" "$root/etc/hosts" "$root/etc/resolv.conf"
	make_ext4 "$root" "$out" "$size_mib" debian
}

case ${1:-} in
--image)
	image "$2" "$3"
	;;
'' | -*)
	die "usage: images/make-debian.sh OUT"
	;;
*)
	out=$(realpath -m "$1")
	cache=$("$top/scripts/cache-dir")
	id=$(cat "$0" "$top/images/lib.sh" | sha256sum | cut -c1-16)
	tar=$cache/debian/$id.tar
	if [ ! -f "$tar" ]; then
		say "installing a Debian userland (about a minute)"
		rm -f "$cache"/debian/*
		bootstrap "$tar"
	fi
	say "making $1"
	fakeroot -- "$0" --image "$tar" "$out"
	;;
esac
