#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# -b: folders and files of the host's inside, as they are natively; nothing
# beyond them; what the host changes is seen; read-only is read-only.
# Run: limit 180

# shellcheck disable=SC2016,SC2153,SC2154 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests
before=$(md5sum <tests.ext4)
mkdir shared outside
echo secret >outside/secret
umask 022

# inside COMMAND...: with the folder "shared" at /mnt/d.
inside() {
	"$KBOX" -S tests.ext4 --ephemeral -b shared:/mnt/d -- "$@" 2>&1
}

# The same program natively in one folder and inside in another. What lies beyond
# the end of a file may be touched by a direct read; devices are not made for root,
# and files get no set-id bits.
comparable() {
	sed 's/beyond: .*//; /^mknod device\|^null:/d
		s/mode 107777/mode 101777/; s/mode 104755/mode 100755/' "$1"
}
for program in files dirs offsets cloexec direct locks bigio; do
	mkdir "native-$program" "bound-$program"
	(cd "native-$program" && "$GUEST/$program") >native.out 2>native.err
	"$KBOX" -R tests.ext4 --ephemeral -b "bound-$program:/mnt/d" -b "$GUEST:/g:ro" \
		-w /mnt/d -- "/g/$program" >bound.out 2>bound.err
	check "guest $program" "$(diff <(comparable native.out) <(comparable bound.out))" ""
	check "guest $program leaves the same" \
		"$(cd "bound-$program" && find . -printf '%P %y %m %n %l\n' | sort)" \
		"$(cd "native-$program" && find . ! -type c -printf '%P %y %m %n %l\n' | sed 's/ f 7777 / f 1777 /' | sort)"
done

# What is written inside is there outside, and the other way round, at once.
cat >loop.sh <<'E2'
echo ready
while read -r what; do cat /mnt/d/$what; done
exit 0
E2
echo one >shared/f
check "read and write" "$(inside sh -c 'cat /mnt/d/f; echo two >/mnt/d/g; echo three >>/mnt/d/f; ls /mnt/d')" "one
f
g"
check "written" "$(cat shared/f shared/g)" "one
three
two"
mkfifo in
"$KBOX" -S tests.ext4 --ephemeral -b shared:/mnt/d -b loop.sh:/loop.sh:ro -- sh /loop.sh <in >out 2>err &
kbox=$!
exec 7>in
wait_for 20 grep -qs ready out
say() { printf '%s\n' "$1" >&7; }
shown() { [ "$(tail -n 1 out)" = "$1" ]; }
say g && wait_for 10 shown two
echo TWO >shared/g
say g && wait_for 10 shown TWO
result "the host writes to a file that was read" $? "$(cat out)"
echo four >shared/new && mv shared/new shared/g
say g && wait_for 10 shown four
result "the host puts another file in its place" $? "$(cat out)"
touch -r shared/f stamp
echo five >shared/g && touch -d @1 shared/g
say g && wait_for 10 shown five
echo FIVE >shared/g && touch -d @1 shared/g
say g && wait_for 10 shown FIVE
result "a time that was put back" $? "$(cat out)"
rm shared/g
say g && wait_for 10 grep -q "can't open '/mnt/d/g': No such file" err
result "the host removes a file" $? "$(cat out err)"
exec 7>&-
wait $kbox
check "that box ended well" $? 0

# Nothing leads out.
ln -s ../outside/secret shared/up
ln -s "$PWD/outside/secret" shared/away
ln -s /proc/self/root shared/magic
check "symbolic links are the image's" "$(inside sh -c 'cat /mnt/d/up; cat /mnt/d/away; cd /mnt/d/..; ls -d d; cat /mnt/d/../outside/secret; readlink /mnt/d/away')" \
	"cat: can't open '/mnt/d/up': No such file or directory
cat: can't open '/mnt/d/away': No such file or directory
d
cat: can't open '/mnt/d/../outside/secret': No such file or directory
$PWD/outside/secret"
check "hidden in the image's own paths" "$(inside sh -c 'mkdir -p "$0/outside"; echo inner >"$0/outside/secret"; cat /mnt/d/away' "$PWD")" inner
rm shared/up shared/away shared/magic

# The host swaps a folder with a symbolic link that leads out, all the time.
mkdir shared/door && echo innocent >shared/door/secret
(
	trap 'exit 0' TERM
	while :; do
		mv -T shared/door shared/door2 && ln -s ../outside shared/door
		rm shared/door && mv -T shared/door2 shared/door
	done
) 2>/dev/null &
racer=$!
out=$(inside sh -c 'i=0; while [ $i -lt 3000 ]; do read -r x </mnt/d/door/secret && echo "$x"; i=$((i + 1)); done 2>/dev/null | sort | uniq -c')
kill $racer
wait $racer 2>/dev/null
match "renamed under the guest" "$out" ' *[1-9][0-9]* innocent'
rm -rf shared/door shared/door2

# Special files are shown, and are the kernel's inside.
mkfifo shared/pipe
check "special files" "$(inside sh -c 'ls -l /mnt/d/pipe | cut -c1; (echo through >/mnt/d/pipe &) ; cat /mnt/d/pipe; mknod /mnt/d/null c 1 3; mkfifo /mnt/d/pipe2; ls /mnt/d')" "p
through
mknod: /mnt/d/null: Operation not permitted
f
pipe
pipe2"
rm shared/pipe shared/pipe2

# Programs and mappings.
cp "$GUEST/offsets" shared/program
check "a program" "$(inside sh -c 'mkdir /tmp/x; cd /tmp/x; /mnt/d/program | md5sum')" \
	"$(mkdir x && cd x && ../shared/program | md5sum)"
check "a program that the host replaces" "$(
	printf '#!/bin/sh\necho first\n' >shared/script && chmod +x shared/script
	inside sh -c '/mnt/d/script; cp /bin/busybox /mnt/d/echo; /mnt/d/echo a; rm /mnt/d/echo; cp /bin/busybox /mnt/d/echo; /mnt/d/echo b'
)" "first
a
b"
rm -f shared/*

# Read-only, files, one in the other, folders that are made.
echo file >one-file
mkdir -p nest/in other
echo other >other/o
ro() {
	"$KBOX" -S tests.ext4 --ephemeral -b shared:/mnt/d:ro -b one-file:/new/deep/file \
		-b nest:/nest -b other:/nest/in -- "$@" 2>&1
}
echo r >shared/r
check "read-only" "$(ro sh -c 'cat /mnt/d/r; echo x >/mnt/d/r; rm /mnt/d/r; mkdir /mnt/d/x; chmod 0 /mnt/d/r; mount -o remount,rw /mnt/d 2>/dev/null; echo x >/mnt/d/r')" \
	"r
sh: can't create /mnt/d/r: Read-only file system
rm: can't remove '/mnt/d/r': Read-only file system
mkdir: can't create directory '/mnt/d/x': Read-only file system
chmod: /mnt/d/r: Read-only file system
sh: can't create /mnt/d/r: Read-only file system"
check "a file" "$(ro sh -c 'cat /new/deep/file; echo changed >/new/deep/file; ls -l /new/deep | wc -l')" "file
2"
check "a file was changed" "$(cat one-file)" changed
check "one in the other" "$(ro sh -c 'cat /nest/in/o; echo n >/nest/n; echo p >/nest/in/p; ls /nest /nest/in')" "other
/nest:
in
n

/nest/in:
o
p"
check "one in the other, outside" "$(echo nest/* nest/in/* other/*)" "nest/in nest/n nest/in/* other/o other/p"
check "no second mount of it" "$(ro sh -c 'mkdir /m; mount -t kboxbind host0 /m; echo $?')" \
	"mount: permission denied (are you root?)
1"

# Whose files they are.
if [ "$(id -u)" = 0 ]; then
	check "owners" "$(inside sh -c 'touch /mnt/d/a; chown 5:6 /mnt/d/a; stat -c %u:%g /mnt/d/a'; stat -c %u:%g shared/a)" "5:6
5:6"
else
	check "owners" "$(inside sh -c 'touch /mnt/d/a; stat -c %u:%g /mnt/d/a; chown 0:0 /mnt/d/a && chown 5:6 /mnt/d/a; stat -c %u:%g /mnt/d/a'; stat -c %u:%g shared/a)" "0:0
chown: /mnt/d/a: Operation not permitted
0:0
$(id -u):$(id -g)"
	check "owners: others" "$("$KBOX" -S tests.ext4 --ephemeral -b /:/mnt/d:ro -- stat -c %u:%g /mnt/d/usr)" "65534:65534"
fi
check "owners: the user's own" "$("$KBOX" -R tests.ext4 --ephemeral -b shared:/mnt/d -- sh -c 'touch /mnt/d/b; stat -c %u:%g /mnt/d/b' 2>&1)" "$(id -u):$(id -g)"

check "no set-id bits at the host" "$(inside sh -c 'cd /mnt/d; touch s; chmod 6755 s; stat -c %a s; mkdir t; chmod 2755 t; stat -c %a t'; stat -c %a shared/s)" "755
2755
755"
rm -r shared/s shared/t

# Held open, removed, and larger than memory; many files.
check "removed while open" "$(inside sh -c 'echo kept >/mnt/d/t; exec 3</mnt/d/t; rm /mnt/d/t; cat <&3; ls /mnt/d')" "kept
a
b
r"
check "more than the kernel's memory" "$(
	"$KBOX" -S tests.ext4 --ephemeral -k mem=32M -b shared:/mnt/d -- sh -c '
		dd if=/dev/zero bs=1M count=100 2>/dev/null | tr "\0" x >/mnt/d/big; md5sum </mnt/d/big' 2>&1
)" "$(md5sum <shared/big)"
rm shared/*
check "many files" "$(ulimit -n 512; inside sh -c 'cd /mnt/d; i=0; while [ $i -lt 3000 ]; do echo $i >f$i || exit; i=$((i + 1)); done; ls | wc -l; cat f* | md5sum')" \
	"3000
$(cd shared && cat f* | md5sum)"
rm -rf shared
mkdir shared

# What is refused.
bad() { "$KBOX" -S tests.ext4 --ephemeral -b "$1" -- true 2>&1; }
check "nothing there" "$(bad none:/mnt)" "kbox: none: cannot be shown to guests: No such file or directory"
check "no target" "$(bad shared)" "kbox: shared: -b needs SOURCE:TARGET, a path here and a full path inside; see kbox --help"
check "target not full" "$(bad shared:mnt)" "kbox: shared:mnt: -b needs SOURCE:TARGET, a path here and a full path inside; see kbox --help"
check "a word too many" "$(bad shared:/mnt:rx)" "kbox: shared:/mnt:rx: behind SOURCE:TARGET there may be :ro or :rw; paths cannot contain colons; see kbox --help"
check "a device" "$(bad /dev/null:/mnt)" "kbox: /dev/null: neither a folder nor a regular file; -b shows nothing else"
check "a folder on a file" "$(bad shared:/etc/passwd)" "kbox: /etc/passwd: a folder is shown on a folder, a file on a file; this is the other one"
check "a file on a folder" "$(bad one-file:/etc)" "kbox: /etc: a folder is shown on a folder, a file on a file; this is the other one"
check "no room in the image" "$("$KBOX" -S tests.ext4 --ro -b shared:/new/x -- true 2>&1)" \
	"kbox: /new/x: cannot be made in the image: Read-only file system (make it there, or use --ephemeral)"
check "image unchanged" "$(md5sum <tests.ext4)" "$before"
"$KBOX" -S tests.ext4 -b shared:/mnt/d -- touch /mnt/d/x /root/x
check "an image that is written" "$(ls shared) $(debugfs -R 'ls /root' tests.ext4 2>/dev/null | grep -cw x)" "x 1"
finish
