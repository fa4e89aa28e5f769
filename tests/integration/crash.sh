#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The supervisor is killed in the middle of writes: the next start recovers the journal,
# what was synced is there, the image is clean.
# Run: limit 180

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests

# A guest that writes numbered files, syncs each, and only then names it on
# standard output: whatever was named must be there after the crash.
writer='i=0; mkdir -p /var/crash; while :; do
	i=$((i + 1)); seq $i $((i + 500)) >/var/crash/$i; sync /var/crash/$i /var/crash || exit 1
	mv /var/crash/$i /var/crash/f$i; sync /var/crash; echo $i
	seq 5000 >/var/crash/unsynced; rm -f /var/crash/unsynced
done'
total=0
for round in 1 2 3 4 5 6; do
	"$KBOX" -S tests.ext4 -- sh -c "rm -rf /var/crash; $writer" >named 2>err &
	kbox=$!
	wait_for 20 grep -qs . named
	sleep "0.$((round * 13 % 10))$round"
	kill -KILL "$(supervisor $kbox)"
	wait $kbox 2>/dev/null
	# The last line may be cut off.
	count=$(sed '$d' named | tail -n 1)
	total=$((total + ${count:-0}))
	if [ $((round % 2)) -eq 0 ]; then
		cp --sparse=always tests.ext4 raw.ext4
		e2fsck -fy raw.ext4 >out 2>&1
		[ $? -le 1 ]
		result "e2fsck recovers round $round" $? "$(cat out)"
		rm -f raw.ext4
	fi
	got=$("$KBOX" -S tests.ext4 -- sh -c 'i=0; while [ $i -lt $1 ]; do i=$((i + 1)); seq $i $((i + 500)) | cmp -s - /var/crash/f$i || echo "lost $i"; done; echo checked' sh "${count:-0}" 2>&1)
	check "synced data of round $round" "$got" checked
	fsck "clean after round $round" tests.ext4
done
[ "$total" -gt 5 ]
result "rounds wrote something" $? "$total files"

# A read-only start of an image that needs recovery works or says why not.
"$KBOX" -S tests.ext4 -- sh -c "$writer" >named 2>err &
kbox=$!
wait_for 20 grep -qs . named
kill -KILL "$(supervisor $kbox)"
wait $kbox 2>/dev/null
sum=$(md5sum <tests.ext4)
out=$("$KBOX" -S tests.ext4 --ro -- echo fine 2>&1)
match "read-only start after a crash" "$out" 'fine|kbox: .*'
check "changed nothing" "$(md5sum <tests.ext4)" "$sum"
check "recovered by the next" "$("$KBOX" -S tests.ext4 -- echo fine 2>&1)" fine
finish
