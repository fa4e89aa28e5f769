#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kbox image build: what comes out is what went in, and nothing else happens.
# Run: limit 240

# shellcheck disable=SC2153 # set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"

make_archives() {
	python3 "$TESTS/image-archives.py" "$@"
}

# The lines of image-walk.py for an image with a Python in it.
walk_image() {
	"$KBOX" -r "$1" -0 --ro -- python3 -c "$(cat "$TESTS/image-walk.py")" folder -
}

same() {
	local name=$1

	if cmp -s "$2" "$3"; then
		result "$name" 0
	else
		result "$name" 1 "$(diff "$2" "$3" | cut -c1-300 | head -n 20)"
	fi
}

# Debian, and all that is odd.
make_archives odd odd.tar "$IMAGES/debian.tar"
python3 "$TESTS/image-walk.py" tar odd.tar >wanted
"$KBOX" image build -o odd.ext4 odd.tar >out 2>err
check "an archive: status" $? 0
check "says nothing in a pipe" "$(cat out err)" ""
walk_image odd.ext4 >got
[ "$(wc -l <got)" -gt 5000 ]
result "the walk is complete" $? "$(wc -l got)"
same "an archive: every file is the same" got wanted
fsck "an archive: clean" odd.ext4
[ "$(stat -c %b odd.ext4)" -lt $(($(stat -c %s odd.ext4) / 512 / 2)) ]
result "the image is sparse" $? "$(stat -c '%b blocks, %s bytes' odd.ext4)"
check "its programs run" "$("$KBOX" run odd.ext4 sh -c 'echo fine; exit 3'; echo $?)" "fine
3"
"$KBOX" image export odd.ext4 >exported.tar 2>err
check "exported: status" $? 0
check "exported: says nothing" "$(cat err)" ""
python3 "$TESTS/image-walk.py" tar exported.tar >got
same "exported: every file is the same" got wanted
rm -f odd.ext4 odd.tar exported.tar

# Compressed, by whoever is there.
make_archives odd small.tar
"$KBOX" image build -o small.ext4 small.tar
# But not the root, which the archive does not describe.
names_of() {
	debugfs -R 'ls -l odd' "$1" 2>/dev/null | grep -v ' \.\. *$'
}
listing=$(names_of small.ext4)
for tool in gzip bzip2 xz lzma zstd lz4 lzip; do
	command -v "$tool" >/dev/null || continue
	"$tool" -q -c small.tar >"small.$tool"
	"$KBOX" image build -o again.ext4 "small.$tool" &&
		[ "$(names_of again.ext4)" = "$listing" ]
	result "compressed with $tool" $?
done

# A folder, by its own user: compared with what the user sees.
mkdir -p tree/sub/deep
echo text >tree/file
ln tree/file tree/sub/second
ln -s ../../../../etc/passwd tree/sub/link
mkfifo tree/fifo
truncate -s 3M tree/holes
echo end >>tree/holes
chmod 4750 tree/file
chmod 1777 tree/sub
touch -h -d '2001-02-03 04:05:06.789' tree/sub/link tree/fifo
setfattr -n user.mine -v yes tree/holes 2>/dev/null
touch -d '1999-12-31 23:59:59.5' tree/sub tree
python3 "$TESTS/image-walk.py" folder tree >wanted
"$KBOX" image build -o tree.ext4 tree
check "a folder: status" $? 0
fsck "a folder: clean" tree.ext4
for how in gzip xz zstd; do
	"$KBOX" image export -c "$how" -o tree.tar tree.ext4 && "$how" -dc <tree.tar >plain.tar &&
		python3 "$TESTS/image-walk.py" tar plain.tar >got
	same "a folder, exported with $how: every file is the same" got wanted
done
"$KBOX" image export -c rar tree.ext4 >out 2>err
check "export: unknown compression" $? 2
"$KBOX" image export small.tar >out 2>err
check "export: not an image" $? 125
"$KBOX" image export -o no/such/folder tree.ext4 >out 2>err
check "export: no folder for the archive" $? 125
"$KBOX" image export tree.ext4 >/dev/full 2>err
check "export: a full disk" $?,"$(grep -c 'standard output: cannot be written' err)" 125,1
# What is wrong is said in one line, and leaves nothing.
fails() {
	local name=$1 status=$2 pattern=$3 got

	shift 3
	"$KBOX" image build "$@" >out 2>err </dev/null
	got=$?
	check "$name: status" "$got" "$status"
	[ "$(wc -l <err)" -eq 1 ] && grep -qE "^kbox: .*($pattern)" err && [ ! -s out ]
	result "$name: says it" $? "$(head -n 5 out err)" "pattern: $pattern"
}

fails "no source" 125 "No such file" -o new.ext4 nothing
fails "a device" 125 "neither a folder nor a file" -o new.ext4 /dev/null
: >empty
fails "an empty archive" 125 "archive" -o new.ext4 empty
head -c 100000 /dev/urandom >noise
fails "noise" 125 "archive" -o new.ext4 noise
head -c 2000000 small.tar >cut.tar
fails "an archive that ends early" 125 "damaged|early|Truncated" -o new.ext4 cut.tar
fails "no folder for the image" 125 "No such file" -o no/new.ext4 small.tar
fails "too small" 125 "full|--size" --size 4M -o new.ext4 small.tar
fails "a limit" 125 "more than 1 MiB; --limit" --limit 1M -o new.ext4 small.tar
fails "a bad size" 2 "needs a size" --size lots -o new.ext4 small.tar
fails "no image" 2 "missing" small.tar
fails "two sources" 2 "one source" -o new.ext4 small.tar small.tar
python3 - <<'END'
import gzip, tarfile
info = tarfile.TarInfo("bomb")
info.size = 2 << 30
with gzip.open("bomb.tgz", "wb", 1) as out:
    out.write(info.tobuf())
    for _ in range(2048):
        out.write(bytes(1 << 20))
END
fails "a bomb" 125 "times larger; --limit" -o new.ext4 bomb.tgz
if [ "$(id -u)" -ne 0 ]; then
	mkdir -p secret/inside
	chmod 0 secret/inside
	fails "a folder that cannot be read" 125 "secret: inside: Permission denied" -o new.ext4 secret
	chmod 700 secret/inside
fi
check "no image after an error" "$(find . -maxdepth 1 -name '*new*')" ""
echo old >kept.ext4
"$KBOX" image build -o kept.ext4 cut.tar 2>/dev/null
check "an error leaves the old image" "$(cat kept.ext4)" old

finish
