#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Looking into a running kbox: --debug-kernel, and gdb with scripts/gdb/kbox.py.
# Run: root limit 120

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image musl

"$KBOX" -q -S musl.ext4 --debug-kernel -- true 2>err
check "--debug-kernel: status" $? 0
grep -q '^kbox: kernel: .*Linux version 6' err && grep -q '^kbox: kernel: .*EXT4-fs (kboxa): mounted' err
result "--debug-kernel shows the kernel's log" $? "$(head -n 5 err)"
"$KBOX" -q -S musl.ext4 --debug-kernel=2 -- true 2>err
check "--debug-kernel=2: no more than critical messages" "$? $(wc -l <err)" "0 0"
"$KBOX" -S musl.ext4 --debug-kernel=9 -- true 2>err
check "--debug-kernel=9" "$? $(wc -l <err)" "2 1"

scope=$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo 0)
if [ "$scope" -gt 0 ] && [ "$(id -u)" -ne 0 ]; then
	result "the host lets no debugger attach: kernel.yama.ptrace_scope is $scope" 0
	finish
	exit
fi

"$KBOX" -q -S musl.ext4 --debug-kernel=0 -- sh -c 'mkfifo /tmp/f; sleep 1000 & cat /tmp/f' &
box=$!
wait_for 10 eval '[ "$(guests_of $box | wc -l)" -ge 3 ]'
gdb -q -batch -p "$(supervisor $box)" -ex "source $TESTS/../scripts/gdb/kbox.py" -ex 'echo == current\n' -ex kbox-current \
	-ex 'echo == tasks\n' -ex kbox-tasks -ex 'echo == mounts\n' -ex kbox-mounts -ex 'echo == dmesg\n' -ex kbox-dmesg \
	</dev/null >gdb.out 2>&1
result "gdb attaches" $? "$(tail -n 20 gdb.out)"
kill "$box"
wait "$box"
part() {
	sed -n "/^== $1\$/,/^== /p" gdb.out
}
check "kbox-current: one task" "$(part current | grep -cE '^ +[0-9]+ +[0-9]+ [RSD] ')" 1
part tasks | grep -qE '^ +([0-9]+) +\1 S sleep +0x' && part tasks | grep -qE ' [SD] cat +0x' &&
	part tasks | grep -qE ' kthreadd +0x'
result "kbox-tasks: guests and kernel threads" $? "$(part tasks)"
part mounts | grep -qE '^ext4 +/ +/dev/kboxa$' && part mounts | grep -qE '^tmpfs +/dev/shm '
result "kbox-mounts" $? "$(part mounts)"
part dmesg | grep -q 'Linux version 6' && part dmesg | grep -q 'EXT4-fs (kboxa): mounted'
result "kbox-dmesg" $? "$(part dmesg | head -n 5)"

# Without the option a user's debugger stays outside.
if [ "$(id -u)" -ne 0 ]; then
	"$KBOX" -q -S musl.ext4 -- sleep 1000 &
	box=$!
	wait_for 10 eval '[ -n "$(guests_of $box)" ]'
	gdb -q -batch -p "$(supervisor $box)" -ex 'info registers rip' </dev/null 2>&1 | grep -q '^rip'
	check "no debugger attaches without the option" $? 1
	kill "$box"
	wait "$box"
fi
finish
