#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What was stored through shared mappings is in the image: after msync even when
# kbox is killed, and after every orderly end.
# Run: limit 120

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests
stress=/opt/kbox/mapstress

for round in 1 2 3 4; do
	"$KBOX" -S tests.ext4 -w /t -- sh -c "rm -f durable; exec $stress durable durable" >named 2>err &
	kbox=$!
	wait_for 20 grep -qs . named
	sleep "0.$((round * 17 % 10))$round"
	kill -KILL "$(supervisor $kbox)"
	wait $kbox 2>/dev/null
	# The last line may be cut off.
	count=$(sed '$d' named | tail -n 1)
	check "synced stores of round $round" "$("$KBOX" -S tests.ext4 -w /t -- $stress check durable "${count:-0}" 2>&1)" "all there"
	fsck "clean after round $round" tests.ext4
done
[ "${count:-0}" -gt 3 ]
result "rounds stored something" $? "$count"

rm -f named
"$KBOX" -S tests.ext4 -w /t -- $stress left left >named 2>err &
kbox=$!
wait_for 20 grep -qs stored named
kill -TERM $kbox
wait $kbox
check "stores before a signal" "$("$KBOX" -S tests.ext4 -w /t -- $stress check left 7777 2>&1)" "all there"
fsck "clean after a signal" tests.ext4

# The first process leaves another one behind, which is killed.
out=$("$KBOX" -S tests.ext4 -w /t -- sh -c "rm -f left; $stress left left & while ! grep -q . left; do :; done; exit 3")
check "status" $? 3
check "the other's output" "$out" stored
check "stores of a process that is killed at the end" "$("$KBOX" -S tests.ext4 -w /t -- $stress check left 7777 2>&1)" "all there"

# Not synced, and kbox lives on: a few seconds bring it to the file, sync to
# the disk.
rm -f named
"$KBOX" -S tests.ext4 -w /t -- sh -c "rm -f left; $stress left left & sleep 1; sync; echo synced; wait" >named 2>err &
kbox=$!
wait_for 20 grep -qs synced named
kill -KILL "$(supervisor $kbox)"
wait $kbox 2>/dev/null
check "stores before sync" "$("$KBOX" -S tests.ext4 -w /t -- $stress check left 7777 2>&1)" "all there"
finish
