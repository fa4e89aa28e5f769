#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What /proc of the box shows of the supervisor's task and of process 1: no
# memory, at the addresses that kbox really uses too, no environment, no
# arguments, no program. Addresses can be read by root alone.
# Run: root

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests

# The guest waits for addresses, then tries them all.
mkfifo addresses
SECRET=of-the-supervisor "$KBOX" -S tests.ext4 -- sh -c '
	echo ready
	while read -r page; do
		for pid in $PPID 1; do
			echo "mem $(dd if=/proc/$pid/mem bs=4096 skip="$page" count=1 2>/dev/null | wc -c)"
			echo "write $(echo x | dd of=/proc/$pid/mem bs=4096 seek="$page" conv=notrunc 2>/dev/null; echo $?)"
		done
	done
	for pid in $PPID 1; do
		for file in environ auxv maps smaps pagemap; do
			echo "$file $(head -c 100 /proc/$pid/$file 2>/dev/null | tr -d "\\000" | wc -c)"
		done
		echo "exe $(readlink /proc/$pid/exe)"
		echo "map_files $(ls /proc/$pid/map_files 2>/dev/null | wc -l)"
		echo "cmdline $(grep -c tests.ext4 /proc/$pid/cmdline)"
	done
	echo done' <addresses >out 2>err &
kbox=$!
exec 8>addresses
wait_for 20 grep -qs ready out || result "start" 1 "$(cat err)"
supervisor=$(part_of "$kbox" supervisor)
{
	echo 1 1024 5242880
	sed -nE 's/^([0-9a-f]+)-.* r.*/\1/p' "/proc/$supervisor/maps" "/proc/1/maps" 2>/dev/null |
		while read -r start; do echo $((0x$start / 4096)); done
} | tr ' ' '\n' | sort -u | grep -v '^-' | head -n 60 >&8
exec 8>&-
wait $kbox
check "the run" "$? $(cat err)" "0 "
[ "$(id -u)" -ne 0 ] || [ "$(grep -c '^mem' out)" -gt 20 ]
result "addresses of kbox itself were tried" $?
check "no memory to read" "$(grep '^mem' out | sort -u)" "mem 0"
check "nor to write" "$(grep -c '^write 0' out)" 0
check "nothing else" "$(grep -E '^(environ|auxv|maps|smaps|pagemap|map_files|cmdline)' out | sort -u)" "auxv 0
cmdline 0
environ 0
map_files 0
maps 0
pagemap 0
smaps 0"
check "no program of the host" "$(grep '^exe' out | grep -v -e '^exe $' -e '^exe /init$')" ""
finish
