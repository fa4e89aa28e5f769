#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# --ephemeral and --overlay: the image stays as it is, for any number of boxes
# at once; what is written vanishes, or is kept in a second image.
# Run: limit 180

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests
image tests copy
before=$(md5sum <tests.ext4)

eph() {
	"$KBOX" -S tests.ext4 --ephemeral -- "$@" 2>&1
}

ovl() {
	"$KBOX" -S tests.ext4 --overlay ov -- "$@" 2>&1
}

# What programs do to files, on files of the image and on new ones.
work='set -e
echo new >/root/new; cat /root/new
echo more >>/etc/hostname; tail -n 1 /etc/hostname
rm /etc/passwd; [ ! -e /etc/passwd ]
mkdir -p /var/a/b; echo deep >/var/a/b/c; mv /var/a /var/moved; cat /var/moved/b/c
mv /etc /etc2; mkdir /etc; ls /etc; ls /etc2 | grep -c hostname; rmdir /etc; mv /etc2 /etc
cp /bin/busybox /root/echo; ln /root/echo /root/printf; stat -c %h /root/printf
/root/echo executed; chmod 700 /root/echo; stat -c %a /root/printf
[ "$(stat -c %d /bin/busybox)" = "$(stat -c %d /root/new)" ] && echo one device
umask; sync'
wanted='new
more
deep
1
2
executed
700
one device
0022'
check "ephemeral" "$(eph sh -c "$work")" "$wanted"
check "ephemeral: nothing is kept" "$(eph sh -c 'ls /root; cat /etc/passwd | wc -l; ls /var/moved 2>/dev/null')" \
	"$("$KBOX" -S tests.ext4 --ro -- sh -c 'ls /root; cat /etc/passwd | wc -l' 2>&1)"
check "ephemeral: image unchanged" "$(md5sum <tests.ext4)" "$before"
match "ephemeral: memory is full" "$(eph sh -c 'dd if=/dev/zero of=/root/big bs=1M 2>&1; rm /root/big; echo $?; dd if=/dev/zero of=/root/big bs=1M count=20 2>/dev/null && echo fits')" \
	'dd: error writing .*No space left on device(.|
)*0
fits'

check "overlay" "$(ovl sh -c "$work")" "$wanted"
check "overlay: kept" "$(ovl sh -c 'cat /root/new /var/moved/b/c; [ ! -e /etc/passwd ] && echo gone; /root/printf "executed\n"')" "new
deep
gone
executed"
check "overlay: image unchanged" "$(md5sum <tests.ext4)" "$before"
[ "$(stat -c %b ov)" -lt 200000 ]
result "overlay: sparse" $? "$(stat ov)"
fsck "overlay: clean" ov

# The programs that map files shared, on the image's and on copied-up files.
for program in maps mapshared shadows files; do
	check "ephemeral: guest $program" \
		"$("$KBOX" -S tests.ext4 --ephemeral -w /t -- "/t/$program" 2>err | md5sum)" \
		"$("$KBOX" -S copy.ext4 -w /t -- "/t/$program" 2>err | md5sum)"
done

# Many at once, beside one that reads, and one that must not write.
for i in 1 2 3 4 5 6; do
	eph sh -c "echo $i >/root/x; sleep 4; cat /root/x" >"out$i" &
done
"$KBOX" -S tests.ext4 --overlay ov2 -- sh -c 'echo o >/root/x; sleep 4; cat /root/x' >out7 2>&1 &
match "writing is refused meanwhile" "$("$KBOX" -S tests.ext4 -- true 2>&1)" \
	'kbox: tests.ext4: another program has it mounted; .*'
wait
check "many at once" "$(cat out1 out2 out3 out4 out5 out6 out7 | tr '\n' ' ')" "1 2 3 4 5 6 o "
check "many at once: image unchanged" "$(md5sum <tests.ext4)" "$before"
fsck "second overlay clean" ov2

# One overlay belongs to one box.
ovl sleep 3 >out 2>&1 &
match "overlay in use" "$(sleep 0.5; ovl true)" 'kbox: ov: another program has it mounted; .*'
wait

# Killed: what was synced is there.
"$KBOX" -S tests.ext4 --overlay ov -- sh -c 'echo kept >/root/synced; sync; echo said; while :; do echo x >>/root/x; done' >said 2>err &
kbox=$!
wait_for 20 grep -qs said said
kill -KILL "$(supervisor $kbox)"
wait $kbox 2>/dev/null
check "overlay: after a kill" "$(ovl cat /root/synced)" kept
fsck "overlay: clean after a kill" ov

# What is refused.
check "both" "$("$KBOX" -S tests.ext4 --ephemeral --overlay ov -- true 2>&1)" \
	"kbox: --ephemeral and --overlay: one place for what is written, not two; see kbox --help"
check "read-only" "$("$KBOX" -S tests.ext4 --ephemeral --ro -- true 2>&1)" \
	"kbox: --ephemeral: with it nothing is written; leave out --ro; see kbox --help"
check "not an overlay" "$("$KBOX" -S tests.ext4 --overlay copy.ext4 -- true 2>&1)" \
	"kbox: copy.ext4: is not an overlay that kbox has made; name a new file"
check "a folder" "$("$KBOX" -S tests.ext4 --overlay . -- true 2>&1)" \
	"kbox: .: is a folder; an image file is needed"
check "no such folder" "$("$KBOX" -S tests.ext4 --overlay none/ov -- true 2>&1)" \
	"kbox: none/ov: cannot be made: No such file or directory"
"$KBOX" -S tests.ext4 -- touch /root/changed
check "the image has changed" "$(ovl true)" \
	"kbox: ov: is an overlay of another image, or tests.ext4 has been changed since; name a new file"
check "nothing is left over" "$(echo ov*)" "ov ov2"
# A new overlay's root is what the image's is.
cp --sparse=always tests.ext4 rooted.ext4
"$KBOX" -S rooted.ext4 -0 -- sh -c 'chmod 2751 /; chown 3:4 /; touch -d "2020-01-02 00:00" /'
root_of() {
	"$KBOX" -r rooted.ext4 -0 "$@" -- stat -c '%a %u:%g %Y' /
}
match "the root's mode, owner and time" "$(root_of --ro)" '2751 3:4 [0-9]+'
check "overlay: its root" "$(root_of --overlay rooted)" "$(root_of --ro)"
check "ephemeral: its root" "$(root_of --ephemeral)" "$(root_of --ro)"
rm rooted.ext4 rooted

finish
