#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An image mounted for writing is locked; readers share; --ro changes nothing.

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests

hold() {
	rm -f ready
	"$KBOX" "$@" -S tests.ext4 -- sh -c 'echo ready; exec sleep 1000' >ready 2>err &
	kbox=$!
	wait_for 20 grep -qs ready ready || result "start $*" 1 "$(cat err)"
}

release() {
	kill -TERM $kbox
	wait $kbox
}

one_line() {
	match "$1" "$2" 'kbox: [^
]*(in use|lock|busy|mounted|use)[^
]*'
}

hold
out=$("$KBOX" -S tests.ext4 -- true 2>&1)
check "second writer's status" $? 125
one_line "second writer" "$out"
out=$("$KBOX" --ro -S tests.ext4 -- true 2>&1)
check "reader beside a writer" $? 125
one_line "reader beside a writer says" "$out"
ln tests.ext4 same.ext4
out=$("$KBOX" -S same.ext4 -- true 2>&1)
check "under another name" $? 125
rm -f same.ext4
start=$SECONDS
"$KBOX" -S tests.ext4 -- true 2>/dev/null &
other=$!
sleep 0.3
kill -TERM $other
wait $other
check "a wait for the lock can be ended" $? 125
[ $((SECONDS - start)) -lt 2 ]
result "and ends at once" $?
"$KBOX" -S tests.ext4 -- echo had it >waited 2>&1 &
other=$!
sleep 0.3
release
wait $other
check "one that waits gets the image" "$? $(cat waited)" "0 had it"
check "free after the end" "$("$KBOX" -S tests.ext4 -- echo free 2>&1)" free

sum=$(md5sum <tests.ext4)
hold --ro
check "second reader" "$("$KBOX" --ro -S tests.ext4 -- echo shared 2>&1)" shared
out=$("$KBOX" -S tests.ext4 -- true 2>&1)
check "writer beside a reader" $? 125
one_line "writer beside a reader says" "$out"
release
check "write to read-only" "$("$KBOX" --ro -S tests.ext4 -- sh -c 'echo x >/var/x' 2>&1)" "sh: can't create /var/x: Read-only file system"
check "/tmp is writable all the same" "$("$KBOX" --ro -S tests.ext4 -- sh -c 'echo x >/tmp/x && cat /tmp/x' 2>&1)" x
chmod 444 tests.ext4
check "file without write permission, --ro" "$("$KBOX" --ro -S tests.ext4 -- echo fine 2>&1)" fine
if [ "$(id -u)" -ne 0 ]; then
	out=$("$KBOX" -S tests.ext4 -- true 2>&1)
	check "file without write permission" $? 125
	match "and says so" "$out" 'kbox: [^
]*([Pp]ermission denied|cannot be written)[^
]*'
fi
chmod 644 tests.ext4
check "--ro changed nothing" "$(md5sum <tests.ext4)" "$sum"
hold
kill -KILL $kbox
wait $kbox 2>/dev/null
check "free after a kill" "$("$KBOX" -S tests.ext4 -- echo free 2>&1)" free
finish
