#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# images/make-busybox.sh: print the name of a busybox that is linked dynamically
# with musl. Built from Debian's source package, which is fetched with apt
# without root, and kept in the cache folder; busybox's own tests and its
# configuration, which they read, lie beside it.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

release=bookworm

fetch() {
	local dir=$1
	local -a own

	debian_sources "$release" deb-src >"$dir/sources.list"
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	own=(-o "Dir::Etc::SourceList=$dir/sources.list"
		-o Dir::Etc::SourceParts=/nonexistent
		-o "Dir::State::Lists=$dir/lists" -o "Dir::Cache=$dir"
		-o "APT::Sandbox::User=$(id -un)")
	cd "$dir"
	apt-get -q "${own[@]}" update
	apt-get -q "${own[@]}" source --download-only busybox
	mkdir busybox
	tar -xf busybox_*.orig.tar.* -C busybox --strip-components=1
	tar -xf busybox_*.debian.tar.* -C busybox
	cd busybox
	sed 's/#.*//; /^ *$/d' debian/patches/series | while read -r name; do
		patch -s -p1 <"debian/patches/$name"
	done
}

# musl's headers come first; the kernel's own are the host's. tc needs headers
# that no longer exist.
compile() {
	local headers=$PWD/kernel-headers name

	mkdir "$headers"
	for name in linux asm-generic mtd scsi; do
		ln -s "/usr/include/$name" "$headers/$name"
	done
	ln -s "/usr/include/$(gcc -print-multiarch)/asm" "$headers/asm"
	make defconfig
	sed -i -E 's/^(CONFIG_(TC|FEATURE_TC_INGRESS))=y/# \1 is not set/' .config
	# The tests make it where the shell's echo has no options.
	gcc -Os -w -o testsuite/echo-ne scripts/echo.c
	KCONFIG_NOTIMESTAMP=1 make -j"${KBOX_JOBS:-$(nproc)}" CC=musl-gcc \
		HOSTCC=gcc EXTRA_CFLAGS="-idirafter $headers"
}

unset MAKEFLAGS MFLAGS MAKELEVEL
cache=$("$top/scripts/cache-dir")
id=$({
	cat "$0"
	sha256sum "$(realpath /lib/ld-musl-x86_64.so.1)"
} | sha256sum | cut -c1-16)
result=$cache/busybox/$id/busybox
if [ ! -f "$result" ]; then
	make_work
	say "building busybox with musl (log: $cache/busybox.log)"
	set +e
	(
		set -e
		fetch "$work"
		compile
	) >"$work/log" 2>&1
	status=$?
	set -e
	cp "$work/log" "$cache/busybox.log"
	[ "$status" -eq 0 ] || die "busybox cannot be built with musl"
	rm -rf "$cache/busybox"
	mkdir -p "$cache/busybox/$id"
	cp -r "$work/busybox/testsuite" "$work/busybox/.config" "$(dirname "$result")/"
	cp "$work/busybox/busybox" "$result.tmp"
	mv "$result.tmp" "$result"
fi
echo "$result"
