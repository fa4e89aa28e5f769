#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The small musl userland: the demonstration, shell work with busybox, what is
# written stays written.
# Run: root

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image musl

box() {
	"$KBOX" -S musl.ext4 -- "$@"
}

out=$(box /bin/sh -c 'ls; ls; ls; cat /etc/os-release; cat /etc/os-release' 2>&1)
check "ls three times" "$(grep -cx etc <<<"$out")" 3
check "os-release twice" "$(grep -c '^ID=kbox-musl$' <<<"$out")" 2
check "true" "$(box /bin/true; echo $?)" 0
check "false" "$(box /bin/false; echo $?)" 1
check "a static and a dynamic program" "$(box /bin/busybox echo hi)" hi
check "standard input" "$(echo from outside | box cat)" "from outside"
check "much standard input" "$(seq 300000 | box md5sum)" "$(seq 300000 | md5sum)"
check "much standard output" "$(box seq 300000 | md5sum)" "$(seq 300000 | md5sum)"
check "standard error" "$(box sh -c 'echo oops >&2' 2>&1 >/dev/null)" oops
check "file as input" "$(box wc -c <"$TESTS/run" | tr -d ' ')" "$(wc -c <"$TESTS/run" | tr -d ' ')"
box sh -c 'echo out' >file
check "file as output" "$(cat file)" out
echo first >file
box sh -c 'echo second' >>file
check "appended file" "$(tail -1 file)" second
check "arguments" "$(box printf '%s|' one 'two words' '' '*' "\$HOME")" "one|two words||*|\$HOME|"

box sh -c 'mkdir -p /var/keep && cd /var/keep && for i in $(seq 200); do echo $i >$i; done'
check "files stay" "$(box sh -c 'cat /var/keep/* | sort -n | md5sum')" "$(seq 200 | md5sum)"
check "seen from outside" "$(debugfs -R 'cat /var/keep/77' musl.ext4 2>/dev/null)" 77
fsck "clean in between" musl.ext4
box sh -c 'rm -rf /var/keep; dd if=/dev/urandom of=/var/big bs=1M count=20 2>/dev/null; md5sum </var/big >/var/sum'
check "a big file" "$(box sh -c 'md5sum </var/big')" "$(box cat /var/sum)"
check "full disk" "$(box sh -c 'dd if=/dev/zero of=/var/fill bs=1M count=100 2>&1 | grep -c "No space"; rm /var/fill; echo $?')" "1
0"
check "/tmp does not stay" "$(box sh -c 'echo x >/tmp/gone'; box sh -c 'ls /tmp')" ""
check "folder to start in" "$("$KBOX" -S musl.ext4 -w /var -- pwd)" /var
check "shell by default" "$(echo 'echo $((6 * 7))' | "$KBOX" -S musl.ext4)" 42
check "-c" "$("$KBOX" -S musl.ext4 -c 'echo a; echo b | cat')" "a
b"
finish
