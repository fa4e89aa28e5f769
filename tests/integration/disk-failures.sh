#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The host's disk fails under a guest: it is full, cannot be read, written or
# flushed; the image is cut short. The guest gets an error as from a disk, the user
# one line that says what happened, all that was reported as synced is there
# afterwards, and the file system is clean once its journal is replayed.
# Run: limit 180

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image musl fresh

# Files of 200 KiB, one after the other, each said once it is synced. Programs are
# not started after the failure: a file system that has shut down has none.
work='i=0
while [ $i -lt 60 ]; do
	i=$((i + 1))
	yes $i | head -c 200000 | dd of=/root/f$i bs=50k conv=fsync 2>/tmp/err || break
	echo $i
done
while read -r line; do case $line in dd:*) echo "$line";; esac; done </tmp/err >&2
echo x >/root/after || echo "no more writes" >&2'
there='lost=; for i in $(seq $0); do yes $i | head -c 200000 | cmp -s - /root/f$i || lost="$lost $i"; done; echo "lost:$lost"'

# after NAME IMAGE: what was said is there, and the image is clean.
after() {
	local said

	said=$(wc -l <said)
	[ "$said" -gt 2 ] && [ "$said" -lt 60 ]
	result "$1: failed on the way" $? "$said"
	# As a power cut leaves it: the journal is replayed by the next start.
	check "$1: what was synced" "$("$KBOX" -S "$2" -- sh -c "$there" "$said" 2>&1)" lost:
	fsck "$1: clean" "$2"
}

# fails NAME PLAN ERROR LINE: the guest's error and kbox's line.
fails() {
	local status

	cp --sparse=always fresh.ext4 work.ext4
	echo "$2" >disk-faults
	timeout 60 "$KBOX_FAULTY" -S work.ext4 -- sh -c "$work" >said 2>err
	status=$?
	rm disk-faults
	check "$1: the box ends by itself" "$status" 0
	grep -Eq "^(dd|sh): .*($3)" err
	result "$1: the guest's error" $? "$(cat err)"
	check "$1: one line" "$(grep -c "^kbox: work.ext4: $4" err)" 1
	after "$1" work.ext4
}

full="the host has no room for what guests write; what they have synced is safe"
broken="cannot be written at the host \(I/O error\); what guests have synced is as safe as the disk"
fails "no room" "fail write 28 100" "I/O error|No space left on device" "$full"
fails "quota" "fail write 122 100" "I/O error|No space left on device" "$full"
fails "writes fail" "fail write 5 100" "I/O error" "${broken//\\/}"
fails "flushes fail" "fail flush 5 20" "I/O error" "${broken//\\/}"

# Reads: the file fails, not the box; it is there again when the disk is.
cp --sparse=always fresh.ext4 work.ext4
"$KBOX" -S work.ext4 -- sh -c 'yes | head -c 2000000 >/root/a; mkdir /root/d; echo x >/root/d/x; sync'
echo "fail read 5 60" >disk-faults
out=$("$KBOX_FAULTY" -S work.ext4 -- sh -c 'while read -r line; do :; done </root/a; echo "read: $?"; cd /root/d; echo *; echo alive' 2>&1)
status=$?
rm disk-faults
check "reads fail: the box lives" "$status,${out##*$'\n'}" "0,alive"
check "later" "$("$KBOX" -S work.ext4 -- sh -c 'wc -c </root/a; cat /root/d/x')" "2000000
x"
fsck "reads fail: clean" work.ext4

# A file system of the host's that is full, without injected errors.
if unshare -rm true 2>/dev/null; then
	mkdir small
	unshare -rm bash -c '
		mount -t tmpfs -o "size=$(($(du -k fresh.ext4 | cut -f1) + 5000))k,mode=777" none small && cp --sparse=always fresh.ext4 small/work.ext4 &&
		timeout 60 "$KBOX" -S small/work.ext4 -- sh -c "$1" >said 2>err
		cp --sparse=always small/work.ext4 work.ext4' bash "$work"
	check "a full file system: one line" "$(grep -c "^kbox: small/work.ext4: $full" err)" 1
	after "a full file system" work.ext4
else
	echo "ok - a full file system # SKIP no user namespaces here"
fi

# Cut short while it runs: an error for what is gone, no end of the box.
cp --sparse=always fresh.ext4 work.ext4
"$KBOX" -S work.ext4 -- sh -c 'yes | head -c 30000000 >/root/a; sync'
mkfifo go
"$KBOX" -S work.ext4 --ro -k mem=32M -- sh -c 'echo ready; read x; while read -r line; do :; done </root/a; echo "alive"' <go >out 2>err &
kbox=$!
exec 7>go
wait_for 20 grep -qs ready out
truncate -s 6M work.ext4
echo >&7
exec 7>&-
wait $kbox
check "cut short: the box lives" "$?,$(tail -n 1 out)" "0,alive"
check "cut short: one line" "$(grep -c '^kbox: work.ext4: cannot be read at the host (I/O error)' err)" 1
check "cut short: refused from then on" "$("$KBOX" -S work.ext4 -- true 2>&1 | grep -c 'truncated')" 1
rm work.ext4

# A discard gives the host its room back.
cp --sparse=always fresh.ext4 work.ext4
"$KBOX" -S work.ext4 -- sh -c 'yes | head -c 20000000 >/root/a; sync'
used=$(stat -c %b work.ext4)
check "discard" "$("$KBOX" -S work.ext4 -m discard -- sh -c 'rm /root/a; sync; sync; echo gone')" gone
[ "$(stat -c %b work.ext4)" -lt "$((used - 30000))" ]
result "discard: the host has its room back" $? "$used before, $(stat -c %b work.ext4) after"
fsck "discard: clean" work.ext4
rm work.ext4
finish
