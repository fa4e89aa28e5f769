#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# busybox: ash and its applets, which run without another exec.

busybox ash -c '
PATH=/nowhere
set -o pipefail
seq 500 | sort -rn | head -n 3
echo "a b c" | awk "{ print \$2, NF }"
for i in 1 2 3; do (exit $i) || echo "$i: $?"; done
mkdir -p d/e
echo text >d/e/f
find d -type f -exec cat {} \;
tar -cf - d | gzip | gunzip | tar -tf -
printf "one\ntwo\n" | sed "s/o/0/g" | grep -n 0
echo hello | md5sum
dd if=/dev/zero bs=1k count=64 2>/dev/null | wc -c
cp -r d g && mv g h && rm -r d && ls -R h
trap "echo got USR1" USR1
kill -USR1 $$
sleep 0.1 & wait $!
echo "wait: $?"
timeout 1 sleep 5
echo "timeout: $?"
diff /proc/self/comm /etc/hostname >/dev/null
echo "diff: $?"
id -u
expr 6 \* 7
stat -c "%a %s" h/e/f
xargs -n 1 echo item <h/e/f
vi --help 2>/dev/null
nosuchapplet
' 2>&1
echo "status $?"
busybox ash -c 'i=0; while [ $i -lt 200 ]; do i=$((i + 1)); busybox true; done; echo $i'
