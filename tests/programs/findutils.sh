#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# find and xargs.

mkdir -p d/{1..20}/{x,y}
for dir in d/*/*; do echo "$dir" >"$dir/f"; done
find d -type f | wc -l
find d -name f -path '*/x/*' -exec cat {} + | sort | sha1sum
find d -name f -path '*/7/*' -exec sh -c 'echo "$1: $(cat "$1")"' sh {} \; | sort
find d -type f -exec grep -l '/3/' {} + | sort
find d -type f -execdir basename {} \; | sort | uniq -c
find d -mindepth 1 -maxdepth 1 -printf '%f %y %d\n' | sort | head -n 5
touch -d '10 days ago' d/5/x/f
find d -mtime +5 -ls | wc -l
find d -newer d/5/x/f -type f | wc -l
chmod 600 d/6/x/f
find d -perm 600 -o -user nobody | sort
find d -empty
find d -size -2 -type f -print0 | xargs -0 -n 10 -P 4 cat | sort | sha1sum
find d -type d -name y -prune -exec rm -r {} +
find d | wc -l
ln -s 1 d/link
ln -s nowhere d/broken
find -L d -type l | sort
find d -xtype f -o -lname 'now*' | sort | tail -n 2
seq 30 | xargs -n 7 echo
seq 5 | xargs -I{} -P 5 sh -c 'exit 0'
echo "xargs: $?"
echo 1 | xargs sh -c 'exit 255' 2>/dev/null
echo "xargs: $?"
seq 50000 | xargs echo | wc -w
find d -delete
ls -A
find nothere 2>&1
echo "find: $?"
