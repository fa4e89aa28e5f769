#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A run in which no guest changes anything leaves the image byte for byte as it
# was; one that does leaves what it did, also when kbox is killed.
# Run: limit 120

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image musl

sum() {
	md5sum <musl.ext4
}

needs_recovery() {
	dumpe2fs -h "$1" 2>/dev/null | grep -q needs_recovery
}

# same NAME STATUS COMMAND...: it changes nothing.
same() {
	local name=$1 status=$2 before

	shift 2
	before=$(sum)
	"$KBOX" "$@" >out 2>&1
	check "$name: status" "$?" "$status"
	check "$name: image unchanged" "$(sum)" "$before"
}

same "true" 0 -S musl.ext4 -- /bin/true
same "no such command" 127 -S musl.ext4 -- /bin/nonesuch
same "reading without access times" 0 -S musl.ext4 -m noatime -- \
	sh -c 'cat /bin/busybox /etc/* >/dev/null; ls -R /bin >/dev/null'
same "syncing" 0 -S musl.ext4 -m noatime -- sync
same "writing to memory" 0 -S musl.ext4 -m noatime -- \
	sh -c 'echo x >/tmp/x; echo y >/dev/shm/y; sync; cat /tmp/x /dev/shm/y'
same "remounting read-only" 1 -S musl.ext4 --ro -- touch /root/x

# Access times do count, once a day.
before=$(sum)
"$KBOX" -S musl.ext4 -- sh -c 'ls /root; cat /etc/group >/dev/null'
after=$(sum)
[ "$before" != "$after" ]
result "access times are kept" $?
"$KBOX" -S musl.ext4 -- sh -c 'ls /root; cat /etc/group >/dev/null'
check "the second time nothing changes" "$(sum)" "$after"

# The shortest run that writes.
for i in 1 2 3 4 5; do
	"$KBOX" -S musl.ext4 -- sh -c "echo $i >/root/short$i"
	fsck "clean after write $i" musl.ext4
done
check "what short runs wrote" "$("$KBOX" -S musl.ext4 -- cat /root/short1 /root/short2 /root/short3 /root/short4 /root/short5 | tr -d '\n')" 12345

# Deleted while open, so that the inode goes after the last call of the guest.
"$KBOX" -S musl.ext4 -- sh -c 'exec 9>/root/gone; rm /root/gone; echo data >&9'
fsck "clean after an end with a deleted file open" musl.ext4

# Killed without having written: as if it had never run.
before=$(sum)
"$KBOX" -S musl.ext4 -m noatime -- sh -c 'echo up; sleep 100' >out 2>&1 &
kbox=$!
wait_for 20 grep -q up out
kill -KILL "$(supervisor $kbox)"
wait $kbox 2>/dev/null
check "killed: image unchanged" "$(sum)" "$before"

# Killed right after a sync.
for i in 1 2 3; do
	rm -f out
	"$KBOX" -S musl.ext4 -- sh -c "echo $i >/root/synced$i; sync; echo synced; sleep 100" >out 2>&1 &
	kbox=$!
	wait_for 20 grep -q synced out
	kill -KILL "$(supervisor $kbox)"
	wait $kbox 2>/dev/null
	needs_recovery musl.ext4
	result "killed $i: the journal is to be replayed" $?
	cp --sparse=always musl.ext4 raw.ext4
	e2fsck -fy raw.ext4 >out 2>&1
	[ $? -le 1 ]
	result "killed $i: e2fsck recovers" $? "$(cat out)"
	check "killed $i: e2fsck finds the data" "$(debugfs -R "cat /root/synced$i" raw.ext4 2>/dev/null)" "$i"
	rm -f raw.ext4
	# The recovery is no guest's doing, but is not put off.
	check "killed $i: next run" "$("$KBOX" -S musl.ext4 -- /bin/true 2>&1; echo $?)" 0
	fsck "killed $i: clean after the next run" musl.ext4
	check "killed $i: the data" "$("$KBOX" -S musl.ext4 -- cat "/root/synced$i")" "$i"
done
same "true after all that" 0 -S musl.ext4 -- /bin/true

# Without a journal it is the state in the superblock that would be lost.
debugfs -w -R 'feature ^has_journal' musl.ext4 >/dev/null 2>&1
if ! e2fsck -fy musl.ext4 >out 2>&1 && [ $? -gt 1 ]; then
	result "image without journal" 1 "$(cat out)"
fi
same "true without journal" 0 -S musl.ext4 -- /bin/true
"$KBOX" -S musl.ext4 -- sh -c 'echo x >/root/plain'
fsck "clean without journal" musl.ext4
check "written without journal" "$("$KBOX" -S musl.ext4 -- cat /root/plain)" x
finish
