#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# images/make-musl.sh OUT [FOLDER]: an ext4 image with musl and busybox, and the
# programs of FOLDER in /opt/kbox. Where busybox cannot be built with musl, for
# example without a network, Debian's static one takes its place.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

size_mib=64
loader=/lib/ld-musl-x86_64.so.1

populate() {
	local root=$1 busybox=$2 programs=$3 name dir

	for dir in bin sbin usr/bin usr/sbin usr/lib lib etc dev proc sys run mnt \
		opt/kbox root home tmp var/log var/tmp; do
		mkdir -p "$root/$dir"
	done
	chmod 700 "$root/root"
	chmod 1777 "$root/tmp" "$root/var/tmp"

	install -m 755 "$(realpath "$loader")" "$root/lib/libc.so"
	ln -s libc.so "$root$loader"
	install -m 755 "$busybox" "$root/bin/busybox"
	while read -r name; do
		[ "$name" = bin/busybox ] || ln -sf /bin/busybox "$root/$name"
	done < <(env -u LD_PRELOAD "$busybox" --list-full | sed 's,^linuxrc$,sbin/init,')

	echo musl-guest >"$root/etc/hostname"
	printf '127.0.0.1\tlocalhost musl-guest\n' >"$root/etc/hosts"
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' \
		>"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
	printf 'NAME="kbox musl"\nID=kbox-musl\nPRETTY_NAME="kbox musl"\nVERSION_ID=1\n' \
		>"$root/etc/os-release"
	printf '/bin/sh\n' >"$root/etc/shells"
	: >"$root/etc/resolv.conf"

	if [ -n "$programs" ] && [ -d "$programs" ]; then
		find "$programs" -maxdepth 1 -type f -perm -u+x \
			-exec install -m 755 -t "$root/opt/kbox" {} +
	fi
}

# Runs in fakeroot: all files are root's.
image() {
	make_work
	mkdir "$work/root"
	populate "$work/root" "$2" "$3"
	make_ext4 "$work/root" "$1" "$size_mib" musl
}

case ${1:-} in
--image)
	image "$2" "$3" "$4"
	;;
'' | -*)
	die "usage: images/make-musl.sh OUT [FOLDER]"
	;;
*)
	[ -f "$loader" ] || die "$loader is missing; install the package musl"
	if ! busybox=$("$top/images/make-busybox.sh"); then
		busybox=/bin/busybox
		[ -x "$busybox" ] || die "$busybox is missing; install busybox-static"
		say "using $busybox instead"
	fi
	say "making $1"
	fakeroot -- "$0" --image "$(realpath -m "$1")" "$busybox" \
		"${2:+$(realpath -m "$2")}"
	;;
esac
