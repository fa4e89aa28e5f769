#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tar, cpio, and the compressors, with several threads where they have them.

mkdir -p tree/sub
seq 100000 >tree/numbers
cp /bin/bash tree/program
ln tree/numbers tree/hard
ln -s numbers tree/soft
mkfifo tree/fifo
truncate -s 5M tree/sparse
echo x >tree/sub/owned
chown 100:200 tree/sub/owned
chmod 4750 tree/sub/owned
touch -d '2005-06-07 08:09:10 UTC' tree/sub/owned
# What find says of all that, times of folders left out.
listing() {
	(cd "$1" && find . ! -type d -printf '%p %M %n %U %G %s %l\n' | sort
		stat -c %Y sub/owned; cat numbers program sparse | sha256sum)
}
listing tree >want

for option in -z -j -J --zstd; do
	tar "$option" -cSf archive tree
	tar -tf archive | wc -l
	mkdir out
	tar -xpf archive -C out
	listing out/tree | cmp - want && echo "tar $option: equal"
	rm -r out
done
tar --sort=name -cf - tree | tar -xf - -O tree/hard | sha256sum
tar --sort=name -cf plain tree
echo changed >tree/sub/owned
tar -df plain 2>&1
tar -uf plain tree
tar -tf plain | sort | uniq -d
tar --delete -f plain tree/program
tar -tf plain | grep -c program
tar -xf plain --to-command='wc -c' tree/soft tree/hard
tar -xf want 2>/dev/null
echo "tar: $?"

(cd tree && find . -depth -print0 | cpio -o -0 --format=newc 2>/dev/null) >archive
mkdir out
(cd out && cpio -id 2>/dev/null <../archive)
diff -r --no-dereference tree out 2>&1 | sed 's/ is a fifo.*//'
(cd tree && find . | cpio -pdm ../passed 2>/dev/null)
cmp tree/program passed/program && echo "cpio -p: equal"

seq 100000 >big
sum=$(sha256sum <big)
for tool in 'gzip -9' 'bzip2' 'xz -T2' 'zstd -q -T2 -15' 'zstd -q --long'; do
	name=${tool%% *}
	$tool -k -c big >big.x
	test $((10 * $(stat -c %s big.x))) -lt 3000000 && echo "$tool: smaller"
	[ "$("$name" -dc big.x | sha256sum)" = "$sum" ] && echo "$tool: equal"
	[ "$name" = zstd ] || "$name" -t big.x && echo "$tool: tested"
done 2>&1
gzip -k big && gzip -l big.gz && zcat big.gz | head -n 1
zgrep -c 99 big.gz
xz big && xz --robot -l big.xz | grep -c totals
truncate -s 1000 big.gz
gzip -t big.gz 2>&1
echo "gzip: $?"
