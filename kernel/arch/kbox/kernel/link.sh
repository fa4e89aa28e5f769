#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# link.sh LD OBJCOPY NM LDS EXPORTS WRAPS: vmlinux.o -> kbox-lkernel.o, in which
# only the symbols named in EXPORTS are global. Fails when a symbol is
# undefined or a wrapped one does not exist.
set -eu

ld=$1 objcopy=$2 nm=$3 lds=$4 exports=$5 wraps=$6
full=kbox-lkernel.full.o

$ld -m elf_x86_64 -z noexecstack -r -T "$lds" -o "$full" \
	vmlinux.o init/version-timestamp.o

undefined=$($nm -u "$full" | awk '{ print $2 }' |
	grep -vx '_GLOBAL_OFFSET_TABLE_' | tr '\n' ' ')
if [ -n "$undefined" ]; then
	echo "undefined symbols: $undefined" >&2
	exit 1
fi
for symbol in $wraps; do
	if ! $nm "$full" | grep -q " [tTwWdDrR] $symbol\$"; then
		echo "wrapped symbol $symbol is not in the kernel" >&2
		exit 1
	fi
done
$nm -n "$full" > System.map
$objcopy --keep-global-symbols="$exports" --strip-debug "$full" kbox-lkernel.o
while read -r symbol; do
	if ! $nm -g --defined-only kbox-lkernel.o | grep -q " $symbol\$"; then
		echo "entry point $symbol is missing" >&2
		exit 1
	fi
done < "$exports"
