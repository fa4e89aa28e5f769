#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# While one guest waits for a slow disk, others are served: reading, flushing,
# and the first write of a run, which puts out what mounting has written.
# Run: limit 90

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image musl
"$KBOX" -S musl.ext4 -- dd if=/dev/urandom of=/root/big bs=1M count=4 2>/dev/null
sum=$("$KBOX" -S musl.ext4 -- md5sum /root/big)

# calls_during NAME COMMAND: what the guest's shell does while COMMAND waits for
# the disk, three tenths of a second at least: thousands of calls, a few would be too few.
calls_during() {
	local name=$1 out calls begin end status

	shift
	out=$("$KBOX_FAULTY" -S musl.ext4 -- sh -c '
		read -r begin rest </proc/uptime
		(eval "$1"; echo $? >/tmp/done) & n=0
		while [ ! -e /tmp/done ]; do n=$((n + 1)); done
		read -r end rest </proc/uptime
		echo "$n ${begin%.*}${begin#*.} ${end%.*}${end#*.} $(cat /tmp/done)"' \
		sh "$*" 2>&1)
	read -r calls begin end status <<<"$out"
	check "$name: status" "$status" 0
	[ "$((end - begin))" -ge 30 ]
	result "$name: the disk was slow" $? "$out"
	[ "$calls" -ge 5000 ]
	result "$name: others were served" $? "$out"
}

echo "delay read 100" >disk-faults
calls_during reading 'md5sum /root/big | grep -q '"${sum%% *}"
printf 'delay flush 100\n' >disk-faults
calls_during "first write" 'echo x >/root/small; sync'
calls_during flushing 'for i in 1 2 3 4; do echo y >/root/small; sync /root/small; done'
echo "delay write 100" >disk-faults
calls_during writing 'dd if=/dev/zero of=/root/big bs=1M count=4 conv=fsync 2>/dev/null'
rm disk-faults
check "what was written" "$("$KBOX" -S musl.ext4 -- sh -c 'cat /root/small; wc -c </root/big')" "y
4194304"
finish
