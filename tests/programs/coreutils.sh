#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# coreutils: files, links, times, copies, sorting, and processes.

umask 022
mkdir -p tree/{a,b,c}/{1,2,3}
for dir in tree/*/*; do echo "$dir" >"$dir/file"; done
ln -s ../a/1/file tree/b/link
ln tree/a/1/file tree/c/hard
stat -c '%n %F %a %h %s' tree/a/1/file tree/b/link tree/c tree/c/hard
touch -d '2001-02-03 04:05:06.789 UTC' tree/a/2/file
stat -c '%y' tree/a/2/file
chmod -R u=rwX,g=rX,o= tree
chown -R 12:34 tree/b
chgrp -h 56 tree/b/link
cp -a tree copy
(cd copy && find . -printf '%p %M %U %G %l\n' | sort)
cmp tree/a/2/file copy/a/2/file && echo same
test copy/a/1/file -ef copy/c/hard && echo linked
diff -r tree copy && echo equal
mv copy/a copy/z
ls -1R copy | sha256sum
cp --sparse=always --reflink=auto /bin/bash bash2 && cmp bash2 /bin/bash && echo copied
truncate -s 1M sparse
echo end >>sparse
cp --sparse=always sparse sparse2
echo "$(stat -c %s sparse2) $(($(stat -c %b sparse2) < 100))"
dd if=sparse of=part bs=1000 skip=1048 conv=notrunc 2>&1 | grep -v copied
tail -c 4 part
install -m 2755 -o 1 -g 2 /bin/true installed
stat -c '%A %u %g' installed
mkfifo -m 600 fifo
mknod null c 1 3
stat -c '%n %F %t,%T %a' fifo null
echo lost >null
rm -rf copy
ls -l --time-style=+ tree/b/link tree/a/1/file | sed 's/  */ /g'
seq 200000 | shuf --random-source=<(yes) | sort -n | sha256sum
seq 300000 | sort -R --random-source=/bin/bash | sort -n -S 1M --parallel=4 | tail -n 1
seq 1000 | split -l 100 -d - part.
cat part.0? | sha1sum
seq 100 | paste -sd+ | cut -c -20
printf 'b 2\na 1\n' | sort | join - <(printf 'a x\nb y\n')
seq 10 | tac | head -n 3 | nl
echo text | tee one two | od -c
comm -12 <(seq 1 2 9) <(seq 1 3 9)
yes | head -c 100000 | b2sum
base64 /bin/true | base64 -d | cmp - /bin/true && echo base64
timeout 0.1 sleep 5
echo "timeout: $?"
timeout -s KILL 0.1 sleep 5
echo "timeout: $?"
nice -n 5 nice
env -i A=1 env
printenv HOME
realpath tree/b/link /proc/self/../self/exe | grep -v proc
readlink -f /bin/sh
df --output=target . | tail -n 1
stat -f -c '%T %s' .
sync tree/a/1/file && echo synced
nohup sh -c 'echo from nohup' 2>/dev/null
stdbuf -oL echo line
chroot / /bin/echo in a new root
id
tail -f --pid=$$ -n 1 tree/a/1/file & pid=$!
sleep 0.2
kill $pid
wait $pid 2>/dev/null
echo "tail: $?"
(tail -n +1 -F log 2>/dev/null & pid=$!; sleep 0.2; echo first >log; sleep 0.3; echo second >>log; sleep 0.3; kill $pid)
ls nothere
echo "ls: $?"
cat tree 2>&1
rmdir tree 2>&1
