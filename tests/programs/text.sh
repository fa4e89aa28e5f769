#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# grep, sed and gawk.

seq 20000 | sed 's/$/ line of text/' >lines
cp lines other
grep -c 7 lines
grep -rn '^1234 ' . | sort
grep -P '^(\d)\1\1 ' lines
grep -vE '[1-9]' lines
grep -obUa "$(printf '\x7fELF')" /bin/true
grep -q nothing lines
echo "grep: $?"
grep x nothere 2>&1
echo "grep: $?"
yes 2>/dev/null | grep -m 3 y
grep -l line lines other /etc/passwd

sed -n '100,102p;$p' lines
sed -i.bak -e '1~2d' -e 's/\([0-9]*\) line/\1: line/' lines
wc -l <lines
head -n 2 lines lines.bak
sed -s -n '$=' lines lines.bak
sed 'N;P;D' other | sha1sum
sed --posix -n '/^5 /{
w written
q
}' other
cat written
echo input | sed 's/input/echo executed/e'
sed -n 'r nothere' /dev/null
echo "sed: $?"

gawk '{ sum += $1 } END { print NR, sum }' other
gawk -F: '$3 < 3 { print $1 }' /etc/passwd
gawk 'BEGIN { while (("seq 5" | getline x) > 0) t = t x; print t; close("seq 5"); system("echo system"); print "to sort" | "sort -r"; print "a" | "sort -r" }'
gawk 'BEGIN { cmd = "tr a-z A-Z"; print "coprocess" |& cmd; close(cmd, "to"); cmd |& getline x; print x }'
gawk 'BEGIN { PROCINFO["sorted_in"] = "@ind_num_asc"; for (i = 5; i; i--) a[i] = i * i; for (i in a) print i, a[i]; print strftime("%Y", 0, 1) }'
gawk -i inplace '{ print $1 }' lines
tail -n 1 lines
gawk 'BEGIN { s = "/inet/tcp/0/127.0.0.1/1"; if ((s |& getline) < 0) print "refused" }' 2>/dev/null
gawk 'BEGIN { exit 3 }'
echo "gawk: $?"
