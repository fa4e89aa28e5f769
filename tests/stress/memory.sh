#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# More files, pages and processes than the box has memory for: errors inside,
# never the end of the box.
# Run: limit 120

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests

box() {
	"$KBOX" -S tests.ext4 -k mem=64M -w /t -- "$@" 2>&1
}

check "read more than memory" "$(truncate -s 200M zeros; head -c 200000000 /dev/zero | md5sum | cut -c1-32)" "$(box sh -c 'head -c 200000000 /dev/zero | md5sum' | cut -c1-32)"
rm -f zeros
out=$(box sh -c 'dd if=/dev/zero of=fill bs=1M 2>/dev/null; wc -c <fill; md5sum <fill; rm fill; echo done')
bytes=$(head -n 1 <<<"$out" | grep -x '[0-9]*') # what found room in the image
check "a file that fills the disk, written and read" "$out" "$bytes
$(head -c "${bytes:-0}" /dev/zero | md5sum)
done"
check "it was worth the name" "$((${bytes:-0} > 10000000))" 1
match "/tmp is full before memory is" "$(box sh -c 'dd if=/dev/zero of=/tmp/fill bs=1M 2>&1 | grep -c "No space"; rm /tmp/fill; echo done')" '1
done'
hoard() {
	box sh -c '/opt/kbox/hoard "$@" </dev/null; /opt/kbox/hoard "$@" </dev/null; rm -f /tmp/hoard-*; echo alive' sh "$@"
}
twice() {
	printf '%s\n%s\nalive' "$1" "$1"
}
check "more memfds than memory" "$(hoard memfds)" "$(twice 'memfds: No space left on device')"
check "stores through mappings to more than memory" "$(hoard mappings)" "$(twice 'mappings: all')"
check "more inodes than memory" "$(hoard inodes)" "$(printf '%s\n%s, none at all\nalive' 'inodes: No space left on device' 'inodes: No space left on device')"
check "as many open files as may be" "$(hoard files)" "$(twice 'files: No file descriptors available')"
# These only end when somebody is killed, as natively.
match "full pipes, the box lives" "$(hoard pipes)" "(Killed|pipes: [A-Z].*|
)*alive"
match "full sockets, the box lives" "$(hoard sockets)" "(Killed|sockets: [A-Z].*|
)*alive"
check "three of each kind at once" "$(box sh -c 'for i in 1 2 3; do for k in memfds mappings inodes files pipes sockets; do /opt/kbox/hoard $k </dev/null >/dev/null & done; done; wait; rm -f /tmp/hoard-*; echo alive' | tail -n 1)" alive
check "a fork bomb" "$(box sh -c 'f() { f | f & }; f 2>/dev/null; sleep 2; echo alive' | tail -n 1)" alive
match "a thousand open pipes" "$(box sh -c 'i=10; while [ $i -lt 900 ]; do eval "exec $i</dev/null" 2>/dev/null || break; i=$((i + 1)); done; echo done')" 'done'
check "a hundred sleepers" "$(box sh -c 'for i in $(seq 100); do sleep 1 & done; wait; echo done')" "done"
check "ten thousand files" "$(box sh -c 'mkdir m && cd m && for i in $(seq 10000); do : >$i; done; ls | wc -l; cd .. && rm -r m && echo done')" "10000
done"
check "pipes full of data" "$(box sh -c 'i=0; while [ $i -lt 40 ]; do i=$((i + 1)); (head -c 60000 /dev/zero; sleep 1) | (sleep 1; wc -c) & done; wait; echo done' | sort | uniq -c | awk '{print $1, $2}' | tr '\n' ' ')" "40 60000 1 done "
finish
