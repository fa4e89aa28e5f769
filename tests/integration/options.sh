#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What each option of the command line does.
# Run: root

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests

out=$("$KBOX" --version)
check "--version: status" $? 0
match "--version" "$out" 'kbox [0-9]+\.[0-9]+.*'
out=$("$KBOX" --help)
check "--help: status" $? 0
for option in -S -r -R -t -p -w -c -k -m -0 --change-id --env --ro -q -v --version; do
	grep -qE -- "(^|[ ,])$option\b" <<<"$out"
	result "--help has $option" $?
done
check "-h is help or unknown" "$("$KBOX" -h >/dev/null 2>&1; case $? in 0 | 2) echo fine ;; esac)" fine

check "help is --help" "$("$KBOX" help)" "$out"
check "help VERB is VERB --help" "$("$KBOX" help run)" "$("$KBOX" run --help)"
check "run" "$("$KBOX" run tests.ext4 echo --ro -v)" "--ro -v"
check "run with options and --" "$("$KBOX" run --ro -w /etc tests.ext4 -- pwd)" /etc

me="$(id -u) $(id -g)"
who='echo $(id -u) $(id -g)'
check "-S is root" "$("$KBOX" -S tests.ext4 -- sh -c "$who")" "0 0"
check "-R is the user" "$("$KBOX" -R tests.ext4 -- sh -c "$who")" "$me"
check "-r is the user" "$("$KBOX" -r tests.ext4 -- sh -c "$who")" "$me"
check "-R -0 is root" "$("$KBOX" -R tests.ext4 -0 -- sh -c "$who")" "0 0"
check "--change-id" "$("$KBOX" -S tests.ext4 --change-id 1234:567 -- sh -c "$who")" "1234 567"
check "--change-id with -r" "$("$KBOX" -r tests.ext4 --change-id 1234:567 -- sh -c "$who")" "1234 567"
check "-S has mounts" "$("$KBOX" -S tests.ext4 -- ls /proc/self/comm)" /proc/self/comm
check "-R has mounts" "$("$KBOX" -R tests.ext4 -- ls /proc/self/comm)" /proc/self/comm
check "-r has none" "$("$KBOX" -r tests.ext4 -- sh -c 'ls /proc /sys | wc -l' | tr -d ' ')" "3"
check "root inside may do what root does" "$("$KBOX" -S tests.ext4 -- sh -c 'touch /var/r && chown 5:6 /var/r && stat -c "%u %g" /var/r && mknod /var/n c 1 3 && echo x >/var/n && hostname other && hostname && mount -t tmpfs t /mnt && echo y >/mnt/y && umount /mnt && rm /var/r /var/n')" "5 6
other"
check "a user inside may not" "$("$KBOX" -S tests.ext4 --change-id 1000:1000 -- sh -c 'touch /var/r; cat /etc/shadow /root/x; chown 0:0 /t; hostname x; kill -9 1' 2>/dev/null; echo $?)" 1
check "ownership stays" "$("$KBOX" -S tests.ext4 --change-id 77:88 -- touch /t/mine; "$KBOX" -S tests.ext4 -- stat -c '%u %g' /t/mine)" "77 88"

check "-w" "$("$KBOX" -S tests.ext4 -w /var/tmp -- pwd)" /var/tmp
check "-c" "$("$KBOX" -S tests.ext4 -c 'echo $0; echo "$((1 + 1))" | cat' | tail -n 1)" 2
check "-t" "$("$KBOX" -S tests.ext4 -t ext4 -- echo fine)" fine
check "-m" "$("$KBOX" -S tests.ext4 -m noatime -- awk '$2 == "/" {print $4 ~ /noatime/}' /proc/mounts)" 1
check "--ro" "$("$KBOX" -S tests.ext4 --ro -- awk '$2 == "/" {print $4 ~ /^ro/}' /proc/mounts)" 1
check "--env" "$("$KBOX" -S tests.ext4 --env A=1 --env 'B=two words' -- sh -c 'echo "$A|$B"')" "1|two words"
check "--env twice" "$("$KBOX" -S tests.ext4 --env A=1 --env A=2 -- sh -c 'echo $A')" 2
check "--env PATH" "$("$KBOX" -S tests.ext4 --env PATH=/opt/kbox -- auxv | head -n 1)" "argc: 1 argv ends: 1"
check "environment of the host stays outside" "$(HOSTVAR=secret "$KBOX" -S tests.ext4 -- env | grep -c secret)" 0
match "PATH and HOME are set" "$("$KBOX" -S tests.ext4 -- sh -c 'echo $PATH $HOME')" '.*/bin.* /root'
check "-k reaches the kernel" "$("$KBOX" -S tests.ext4 -k kbox.test=1 -- cat /proc/cmdline | grep -c 'kbox.test=1')" 1
# Of the library kernel; /proc/meminfo is the host's.
pages='/present/{sum += $2} END {print sum}'
check "-k mem=64M" "$("$KBOX" -S tests.ext4 -k mem=64M -- awk "$pages" /proc/zoneinfo)" 16384
check "-k mem=512M" "$("$KBOX" -S tests.ext4 -k mem=512M -- awk "$pages" /proc/zoneinfo)" 131072
check "-q" "$("$KBOX" -q -S tests.ext4 -- echo fine 2>&1)" fine
out=$("$KBOX" -v -S tests.ext4 -- echo fine 2>&1 >/dev/null)
[ -n "$out" ]
result "-v says something on standard error" $?
check "-v leaves standard output alone" "$("$KBOX" -v -S tests.ext4 -- echo fine 2>/dev/null)" fine
check "options of the command" "$("$KBOX" -S tests.ext4 -- echo --ro -S x -v)" "--ro -S x -v"
check "without --" "$("$KBOX" -S tests.ext4 echo -v 2>/dev/null; echo $?)" "-v
0"

# A partition of a disk image.
truncate -s 80M disk.img
if command -v sfdisk >/dev/null; then
	printf 'label: dos\nstart=2048,size=6144,type=83\nstart=16384,type=83\n' | sfdisk -q disk.img >/dev/null 2>&1
	dd if=tests.ext4 of=disk.img bs=1M seek=8 conv=notrunc,sparse 2>/dev/null
	check "-p" "$("$KBOX" -S disk.img -p 2 -- echo partition two)" "partition two"
	"$KBOX" -S disk.img -p 3 -- true 2>err
	check "-p missing" "$? $(wc -l <err | tr -d ' ')" "125 1"
	dd if=disk.img of=part.ext4 bs=1M skip=8 conv=sparse 2>/dev/null
	truncate -s 64M part.ext4
	fsck "partition is clean" part.ext4
	rm -f part.ext4
fi
rm -f disk.img
finish
