#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kbox image diff and commit: what an overlay changes, as a list, as a layer and as
# a new image.
# Run: limit 240

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"

walk() {
	"$KBOX" -r "$@" -0 -- python3 -c "$(cat "$TESTS/image-walk.py")" folder -
}

same() {
	[ "$(wc -l <"$2")" -gt 5000 ] && cmp -s "$2" "$3"
	result "$1" $? "$(diff "$2" "$3" | cut -c1-300 | head -n 20)"
}

# The base, with something for each kind of change.
image debian
prepare='mkdir -p /t/gone/sub /t/again /t/moved/in /t/into-file /t/meta /t/links
echo a >/t/gone/sub/f; echo old >/t/again/old; echo deep >/t/moved/in/deep; echo x >/t/into-file/x
echo was >/t/into-folder; echo same >/t/same; echo mode >/t/meta/mode; echo owner >/t/meta/owner
echo data >/t/meta/data; echo attr >/t/meta/attr; echo time >/t/meta/time; ln -s one /t/target
for f in a b c; do echo "$f" >/t/links/$f; done; ln /t/links/a /t/links/a2; ln /t/links/b /t/links/b2
ln /t/links/c /t/links/c2; echo solo >/t/links/solo; mkfifo /t/fifo; echo back >/t/back
touch -d "2020-01-01" /t/*/* /t/*'
"$KBOX" -r debian.ext4 -0 -- sh -c "$prepare"
before=$(md5sum <debian.ext4)
"$KBOX" -r debian.ext4 --overlay none -0 -- true
check "nothing changed" "$("$KBOX" image diff debian.ext4 none; echo $?)" 0

change='cd /t; rm -r gone; rm -r again; mkdir again; echo new >again/new; mv moved renamed
rm -r into-file; echo file >into-file; rm into-folder; mkdir into-folder; echo y >into-folder/y
chmod 4755 meta/mode; chown 5:6 meta/owner; printf DATA >meta/data; touch -d 2020-01-01 meta/data
touch -d 2021-02-03 meta/time; ln -sfn two target; rm links/a2; echo b >>links/b; ln links/solo links/solo2
rm links/c; echo c >links/c; touch -d 2020-01-01 links/c; rm fifo; mknod null c 1 3; echo "a
b\\" >"odd
name"; cp -p back copy; rm back; mv copy back; cat same | true; touch -d 2020-01-01 meta links .'
"$KBOX" -r debian.ext4 --overlay ov -0 -- sh -c "$change"
"$KBOX" -r debian.ext4 --overlay ov -0 -- python3 -c 'import os
os.setxattr("/t/meta/attr", "user.mine", b"yes")'
"$KBOX" image diff debian.ext4 ov >list 2>err
check "the list: status" $?,"$(cat err)" 0,
check "the list" "$(cat list)" 'M /t
D /t/fifo
D /t/gone
D /t/moved
M /t/again
D /t/again/old
A /t/again/new
M /t/into-file
M /t/into-folder
A /t/into-folder/y
D /t/links/a2
M /t/links/a
M /t/links/b
M /t/links/b2
M /t/links/c
M /t/links/c2
M /t/links/solo
A /t/links/solo2
M /t/meta/attr
M /t/meta/data
M /t/meta/mode
M /t/meta/owner
M /t/meta/time
A /t/null
A /t/odd\012name
A /t/renamed
A /t/renamed/in
A /t/renamed/in/deep
M /t/target'
check "the image is as it was" "$(md5sum <debian.ext4)" "$before"
fsck "the overlay is clean" ov

# As a layer on top of the base, and as an image: each is what was seen inside.
walk debian.ext4 --overlay ov >wanted
"$KBOX" image diff -c gzip -o layer.tar.gz debian.ext4 ov
check "a layer: status" $? 0
check "a layer: whiteouts" "$(tar tzf layer.tar.gz | grep '\.wh\.')" './t/.wh.fifo
./t/.wh.gone
./t/.wh.moved
./t/again/.wh.old
./t/links/.wh.a2'
"$KBOX" image export -o base.tar debian.ext4
umoci init --layout oci
umoci new --image oci:t
umoci raw add-layer --image oci:t base.tar
gzip -d layer.tar.gz
umoci raw add-layer --image oci:t layer.tar
"$KBOX" image build -o layered.ext4 oci
walk layered.ext4 >got
same "a layer: every file is the same" wanted got
rm -rf oci base.tar layered.ext4 layer.tar

"$KBOX" image commit -o new.ext4 debian.ext4 ov >out 2>err
check "commit: status" $?,"$(cat out err)" 0,
fsck "commit: clean" new.ext4
walk new.ext4 --ro >got
same "commit: every file is the same" wanted got
check "commit: the image is as it was" "$(md5sum <debian.ext4)" "$before"
[ "$(stat -c %b new.ext4)" -le $(($(stat -c %b debian.ext4) + 20000)) ]
result "commit: sparse" $? "$(stat -c '%n %b' new.ext4 debian.ext4)"
rm -f new.ext4

# What is wrong is said in one line, and leaves nothing.
fails() {
	local name=$1 status=$2 pattern=$3 got

	shift 3
	"$KBOX" image "$@" >out 2>err </dev/null
	got=$?
	check "$name: status" "$got" "$status"
	[ "$(wc -l <err)" -eq 1 ] && grep -qE "^kbox: .*($pattern)" err && [ ! -e new ]
	result "$name: says it" $? "$(head -n 5 out err)" "pattern: $pattern"
}
fails "no overlay" 125 "nothing: No such file" diff debian.ext4 nothing
fails "no overlay to commit" 125 "nothing: No such file" commit -o new debian.ext4 nothing
fails "one argument" 2 "overlay are needed" diff debian.ext4
fails "no new image" 2 "missing" commit debian.ext4 ov
fails "compressing a list" 2 "needs -o" diff -c gzip debian.ext4 ov
mke2fs -q other 8M
fails "an image for an overlay" 125 "not an overlay" diff debian.ext4 other
"$KBOX" -r debian.ext4 --overlay ov -0 -- sh -c 'echo >/t/.wh.name'
fails "a name that layers cannot have" 125 "no layer can have" diff -o new debian.ext4 ov
"$KBOX" -r debian.ext4 -0 -- sh -c 'echo >/t/changed'
fails "a base that was changed" 125 "has been changed since" diff debian.ext4 ov
finish
