#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The image's files and no others; /proc, /sys, uname, statfs and mounts are
# the library kernel's.
# Run: root

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests

box() {
	"$KBOX" -S tests.ext4 -- "$@"
}

# The same path on the host and in the image, with different contents; and
# paths that only one of them has.
host=$(mktemp -d /var/tmp/kbox-host.XXXXXX)
trap 'rm -rf "$host"' EXIT
echo "the host's" >"$host/both"
echo "the host's" >"$host/host-only"
echo "the image's" >in
debugfs -w -f - tests.ext4 >/dev/null 2>&1 <<END
mkdir $host
write in $host/both
write in $host/image-only
set_inode_field /etc/hostname mode 0100644
END
check "same path, own contents" "$(box cat "$host/both")" "the image's"
check "only in the image" "$(box cat "$host/image-only")" "the image's"
check "only on the host" "$(box cat "$host/host-only" 2>/dev/null; echo $?)" 1
for path in /etc/passwd /etc/hostname /etc/os-release; do
	check "$path" "$(box cat $path)" "$(debugfs -R "cat $path" tests.ext4 2>/dev/null)"
	if [ -r "$path" ] && [ "$(cat "$path")" = "$(box cat "$path")" ]; then
		result "$path differs from the host's" 1
	else
		result "$path differs from the host's" 0
	fi
done
check "list of the folder" "$(box ls "$host")" "both
image-only"
check "written inside" "$(box sh -c "echo new >$host/both; cat $host/both")" new
check "the host's file is as it was" "$(cat "$host/both")" "the host's"
check "through a symbolic link" "$(box sh -c "ln -s $host/host-only /var/link; cat /var/link" 2>/dev/null; echo $?)" 1
check "through .." "$(box sh -c "cd /proc/self/cwd/../../../..; cat ./$host/host-only" 2>/dev/null; echo $?)" 1
check "through /proc/1/root" "$(box cat "/proc/1/root$host/host-only" 2>/dev/null; echo $?)" 1
check "program of the host only" "$(cp /bin/busybox "$host/host-only"; chmod 755 "$host/host-only"; box "$host/host-only" true 2>/dev/null; echo $?)" 127

match "uname release" "$(box uname -r)" '6\.12\..*'
check "uname machine" "$(box uname -sm)" "Linux x86_64"
check "/proc/version" "$(box cat /proc/version | cut -d' ' -f3)" "$(box uname -r)"
check "not the host's release" "$([ "$(box uname -r)" != "$(uname -r)" ]; echo $?)" 0
check "host name of the image" "$(box hostname)" "$(box cat /etc/hostname)"
check "root file system" "$(box stat -f -c %T /)" ext2/ext3
check "/proc is proc, /tmp is tmpfs" "$(box stat -f -c %T /proc /tmp | tr '\n' ' ')" "proc tmpfs "
check "size of the file system" "$(box stat -f -c '%b %S' /)" "$(dumpe2fs -h tests.ext4 2>/dev/null | awk '/^Block count/{b=$3} /^Overhead clusters/{o=$3} END{print b-o, 4096}')"
mounts=$(box cat /proc/mounts)
for where in / /proc /sys /dev /dev/pts /dev/shm /tmp /run; do
	check "mount $where" "$(awk -v w=$where '$2 == w' <<<"$mounts" | wc -l)" 1
done
check "mounts are these alone" "$(wc -l <<<"$mounts")" 8
check "root's type" "$(awk '$2 == "/" {print $3}' <<<"$mounts")" ext4
# Kernel threads, which come and go, have no arguments.
check "processes of the box only" "$(box sh -c 'n=0; for p in /proc/[0-9]*; do read -r x <$p/cmdline; [ -n "$x" ] && n=$((n + 1)); done; echo $n')" 1
match "few processes" "$(box sh -c 'ls -d /proc/[0-9]* | wc -l')" '[0-9]|[1-9][0-9]'
check "host's processes are not there" "$(box cat "/proc/$$/cmdline" 2>/dev/null | tr '\0' ' ')" ""
match "one processor" "$(box sh -c 'grep -c ^processor /proc/cpuinfo || ls -d /sys/devices/system/cpu/cpu[0-9]* | wc -l' | tail -1)" '[0-9]+'
check "memory is the host's" "$(box awk '/MemTotal/{print $2}' /proc/meminfo)" "$(awk '/MemTotal/{print $2}' /proc/meminfo)"
check "sys has the kernel's own" "$(box sh -c 'test -d /sys/kernel && test -d /sys/fs/ext4 && echo yes')" yes
check "no disks of the host" "$(box ls /sys/block | grep -vcE '^(kbox|loop|ram|zram)')" 0
check "sysctl" "$(box sh -c 'cat /proc/sys/kernel/ostype')" Linux
check "devices" "$(box sh -c 'for d in null zero full random urandom tty ptmx; do test -c /dev/$d || echo no $d; done; head -c 4 /dev/zero | od -An -tx1; echo x >/dev/null; echo x 2>&1 >/dev/full')" " 00 00 00 00
sh: write error: No space left on device"
check "raw: nothing mounted" "$("$KBOX" -r tests.ext4 -0 -- ls /proc)" ""
check "network is lonely" "$(box cat /proc/net/dev | grep -vE 'Inter|face' | awk '{print $1}' | tr '\n' ' ')" "lo: "

sleep 1000 &
other=$!
out=$(box /opt/kbox/outside $other 2>&1)
check "same user's process outside" "$?: $(grep FAIL <<<"$out")" "0: "
kill -0 $other 2>/dev/null
result "it lives" $?
kill $other
finish
