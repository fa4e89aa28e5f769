#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the library kernel: the stock Linux source with kernel/arch/kbox laid
# over it, linked into one relocatable object.
#
#   kernel/build.sh OUTPUT.o       build, or take the result from the cache;
#                                  the kernel's syscall_64.tbl goes beside it
#   kernel/build.sh --make ARG...  run make with ARG... in the object tree
#   kernel/build.sh --source       print the unpacked source tree
#
# The source comes from $KBOX_LINUX_TARBALL, else from the installed package
# linux-source-6.12, else from that package downloaded without root.
#
# In the cache folder (scripts/cache-dir):
#   lkernel/HASH/   finished results; HASH covers all that goes into them
#   tree/KEY/       one source and object tree, KEY covers tarball and compiler;
#                   files of ours are copied by content, so only what changed
#                   is compiled again
# Everything appears under a temporary name and is renamed when complete; one
# build at a time holds the lock.

set -euo pipefail
export LC_ALL=C
umask 022

package=linux-source-6.12
kept_results=8

top=$(cd "$(dirname "$0")/.." && pwd)
arch_dir=$top/kernel/arch/kbox
fragment=$top/kernel/configs/kbox.config
cache=$("$top/scripts/cache-dir")
log=$cache/kernel.log

die() {
	echo "kernel/build.sh: $*" >&2
	exit 1
}

say() {
	echo "kernel: $*" >&2
}

# --- the Linux source ---------------------------------------------------------

# Download the source package with apt, with the system's package lists or,
# when those are missing, with lists of our own; needs no root.
download_tarball() {
	local dir=$cache/download tmp
	local -a own

	[ -f "$dir/$package.tar.xz" ] && return
	command -v apt-get >/dev/null ||
		die "no $package; set KBOX_LINUX_TARBALL to a Linux 6.12 source"
	say "downloading $package"
	rm -rf "$dir".tmp.*
	tmp=$(mktemp -d "$dir.tmp.XXXXXX")
	pushd "$tmp" >/dev/null
	if ! apt-get -q download "$package" >"$log" 2>&1; then
		mkdir -p lists/partial archives/partial
		own=(-o "Dir::State::Lists=$tmp/lists" -o "Dir::Cache=$tmp"
			-o "APT::Sandbox::User=$(id -un)")
		if ! apt-get -q "${own[@]}" update >>"$log" 2>&1 ||
			! apt-get -q "${own[@]}" download "$package" >>"$log" 2>&1; then
			tail -n 5 "$log" >&2
			die "cannot download $package; install it or set KBOX_LINUX_TARBALL"
		fi
	fi
	dpkg-deb --fsys-tarfile "$package"_*.deb |
		tar -xf - --strip-components=3 "./usr/src/$package.tar.xz"
	mkdir -p "$dir"
	mv "$package.tar.xz" "$dir/"
	popd >/dev/null
	rm -rf "$tmp"
}

find_tarball() {
	if [ -n "${KBOX_LINUX_TARBALL:-}" ]; then
		[ -f "$KBOX_LINUX_TARBALL" ] ||
			die "KBOX_LINUX_TARBALL=$KBOX_LINUX_TARBALL does not exist"
		tarball=$(realpath "$KBOX_LINUX_TARBALL")
	elif [ -f "/usr/src/$package.tar.xz" ]; then
		tarball=/usr/src/$package.tar.xz
	else
		download_tarball
		tarball=$cache/download/$package.tar.xz
	fi
}

# Code of other machines and of devices that no configuration of ours can
# reach is left out: two thirds of the size. Kconfig files stay, the
# configuration reads them all.
unpack() {
	local tmp=$tree.tmp other
	local -a skip

	say "unpacking $(basename "$tarball")"
	mkdir -p "$tmp/src" "$tmp/obj"
	for other in alpha arc arm arm64 csky hexagon loongarch m68k microblaze \
		mips nios2 openrisc parisc powerpc riscv s390 sh sparc um xtensa; do
		skip+=(--exclude="*/arch/$other/*.[chS]" --exclude="*/arch/$other/*.dts*")
	done
	for other in drivers/gpu drivers/media drivers/staging drivers/infiniband \
		drivers/net/ethernet drivers/net/wireless drivers/scsi drivers/usb \
		drivers/iio drivers/accel drivers/hwmon drivers/clk drivers/pinctrl \
		sound Documentation/devicetree; do
		skip+=(--exclude="*/$other/*.[ch]" --exclude="*/$other/*.yaml")
	done
	if ! tar -xf "$tarball" -C "$tmp/src" --strip-components=1 \
		--no-same-owner "${skip[@]}"; then
		die "cannot unpack $tarball"
	fi
	[ -f "$tmp/src/Kbuild" ] || die "$tarball is not a Linux source"
	for other in "$cache"/tree/*; do
		[ "$other" = "$tmp" ] || rm -rf "$other"
	done
	mv -T "$tmp" "$tree"
}

# --- our files ----------------------------------------------------------------

# Unchanged files keep their time stamps, so make leaves their objects alone.
overlay() {
	local stage=$tree/stage

	rm -rf "$stage"
	cp -r "$arch_dir" "$stage"
	mkdir -p "$stage/include/kbox"
	cp "$top/abi/lkernel.h" "$top/abi/loader.h" "$stage/include/kbox/"
	rsync -rlpc --delete "$stage/" "$tree/src/arch/kbox/"
}

compiler_id() {
	${CC:-gcc} --version | head -n 1
	ld --version | head -n 1
}

digest() {
	sha256sum | cut -c1-24
}

source_key() {
	{
		stat -c '%n %s %Y' "$tarball" | sed 's,.*/,,'
		compiler_id
		declare -f unpack
	} | digest
}

result_hash() {
	{
		echo "$key"
		cd "$top"
		find kernel/arch/kbox -type f -print0 | sort -z |
			xargs -0 sha256sum
		sha256sum abi/lkernel.h abi/loader.h kernel/configs/kbox.config kernel/build.sh
	} | digest
}

# --- make ---------------------------------------------------------------------

kmake() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u CROSS_COMPILE -u KCFLAGS \
		-u CFLAGS -u LDFLAGS \
		KBUILD_BUILD_TIMESTAMP="$(date -u -d "@$(stat -c %Y "$tarball")")" \
		KBUILD_BUILD_USER=kbox KBUILD_BUILD_HOST=kbox KBUILD_BUILD_VERSION=1 \
		make -C "$tree/src" O="$tree/obj" ARCH=kbox ${CC:+CC="$CC"} \
		-j"${KBOX_JOBS:-$(nproc)}" "$@"
}

# Settings of the fragment that Kconfig did not take over are mistakes.
check_config() {
	local line lost=

	while read -r line; do
		case $line in
		CONFIG_*=n) grep -q "^${line%=n}=" "$tree/obj/.config" && lost+=" $line" ;;
		CONFIG_*=*) grep -qxF "$line" "$tree/obj/.config" || lost+=" $line" ;;
		esac
	done <"$fragment"
	[ -z "$lost" ] || die "Kconfig refused:$lost"
}

configure() {
	local stamp=$tree/obj/.kbox-configured now

	now=$(
		cd "$top"
		{
			find kernel/arch/kbox -name 'Kconfig*' -print0 | sort -z |
				xargs -0 cat
			cat kernel/configs/kbox.config
		} | digest
	)
	if [ ! -f "$tree/obj/.config" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$now" ]; then
		run_logged "configuring" env KCONFIG_ALLCONFIG="$fragment" \
			bash -c 'kmake allnoconfig'
		check_config
		echo "$now" >"$stamp"
	fi
}

# Run a command with its output in the log; a counter on a terminal.
run_logged() {
	local what=$1 pid n status=0
	shift

	say "$what"
	"$@" >>"$log" 2>&1 9>&- &
	pid=$!
	if [ -t 2 ]; then
		while kill -0 "$pid" 2>/dev/null; do
			n=$(grep -c '^  \(CC\|AS\|AR\) ' "$log" || true)
			printf '\rkernel: %s, %s files' "$what" "$n" >&2
			sleep 0.5
		done
		printf '\n' >&2
	fi
	wait "$pid" || status=$?
	if [ "$status" -ne 0 ]; then
		grep -nE 'error|undefined|multiple definition|\*\*\*' "$log" |
			head -n 40 >&2 || true
		echo "--- the end of $log" >&2
		tail -n 15 "$log" >&2
		die "$what failed"
	fi
}

# Copy what was built into the cache under its hash.
store() {
	local dir=$cache/lkernel/$hash tmp=$cache/lkernel/tmp.$$ extra

	mkdir -p "$tmp"
	cp "$tree/obj/kbox-lkernel.o" "$tmp/"
	cp "$tree/src/arch/x86/entry/syscalls/syscall_64.tbl" "$tmp/"
	cp "$tree/obj/.config" "$tmp/config"
	for extra in System.map kbox-lkernel.full.o kbox-lkernel-types.o; do
		[ ! -f "$tree/obj/$extra" ] || cp "$tree/obj/$extra" "$tmp/"
	done
	rm -rf "$dir"
	mv -T "$tmp" "$dir"
}

# Only the newest results are kept.
prune() {
	local old

	rm -rf "$cache"/lkernel/tmp.*
	find "$cache/lkernel" -mindepth 1 -maxdepth 1 -printf '%T@ %p\n' |
		sort -rn | tail -n "+$((kept_results + 1))" | cut -d' ' -f2- |
		while read -r old; do rm -rf "$old"; done
}

prepare_tree() {
	[ -d "$tree" ] || { rm -rf "$tree.tmp"; unpack; }
	overlay
	: >"$log"
	configure
}

build() {
	prepare_tree
	rm -f "$tree/obj/kbox-lkernel.o"
	run_logged "building the library kernel (log: $log)" kmake kbox-lkernel
	[ -f "$tree/obj/kbox-lkernel.o" ] || die "make left no kbox-lkernel.o"
	store
	prune
}

# Files whose contents stay keep their time stamps.
install_file() {
	cmp -s "$1" "$2" && return
	cp "$1" "$2.tmp.$$"
	mv "$2.tmp.$$" "$2"
}

# OUTPUT.hash tells what OUTPUT was made from, so that a finished clone needs no
# cache.
install_result() {
	local result=$cache/lkernel/$hash

	[ -f "$result/kbox-lkernel.o" ] || build
	touch "$result"
	mkdir -p "$(dirname "$1")"
	install_file "$result/kbox-lkernel.o" "$1"
	install_file "$result/syscall_64.tbl" "$(dirname "$1")/syscall_64.tbl"
	install_file "$result/kbox-lkernel-types.o" "$(dirname "$1")/kbox-lkernel-types.o"
	echo "$hash" >"$1.hash"
}

[ $# -ge 1 ] || die "usage: kernel/build.sh OUTPUT.o | --make ARG... | --source"
[ -d "$arch_dir" ] || die "$arch_dir is missing"
mkdir -p "$cache/tree" "$cache/lkernel"
exec 9>"$cache/lock"
flock -n 9 || { say "waiting for another build"; flock 9; }

find_tarball
key=$(source_key)
tree=$cache/tree/$key
export tree tarball
export -f kmake

case $1 in
--make)
	shift
	prepare_tree
	kmake "$@" 9>&-
	;;
--source)
	[ -d "$tree" ] || { rm -rf "$tree.tmp"; unpack; }
	echo "$tree/src"
	;;
-*)
	die "unknown option $1"
	;;
*)
	hash=$(result_hash)
	if [ ! -f "$1" ] || [ "$(cat "$1.hash" 2>/dev/null)" != "$hash" ]; then
		install_result "$1"
	fi
	;;
esac
