#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Many processes at once that make, rename, remove and read files, talk through
# pipes and get signals, for some seconds; then everything adds up.
# Run: limit 120

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests

"$KBOX" -S tests.ext4 -w /t -- sh -c '
files() { mkdir d$1; i=0; while [ $i -lt 150 ]; do i=$((i + 1)); echo $1-$i >d$1/a; mv d$1/a d$1/f$i; [ $((i % 3)) -ne 0 ] || rm d$1/f$i; done; ls d$1 | wc -l >n$1; }
pipes() { i=0; while [ $i -lt 40 ]; do i=$((i + 1)); echo $i | cat | cat; done | md5sum >p$1; }
signals() { trap "n=\$((n + 1))" USR1; n=0; (i=0; while [ $i -lt 50 ]; do i=$((i + 1)); kill -USR1 $$ 2>/dev/null; done) & wait; : ; }
trap : USR1
for k in 1 2 3 4 5 6; do files $k & pipes $k & done
signals 1 &
big() { seq 100000 >b$1; md5sum <b$1 >bs$1; }
big 1 & big 2 & big 3 &
while ! wait; do :; done
cat n? | sort | uniq -c; cat p? | sort | uniq -c | wc -l; cat bs? | sort -u | wc -l; echo done' >out 2>err
check "status" $? 0
check "no message" "$(cat err)" ""
check "files of all" "$(head -n 1 out | awk '{print $1, $2}')" "6 100"
check "pipes and big files agree" "$(sed -n '2,3p' out | tr -d ' ' | tr '\n' ' ')" "1 1 "
check "the end" "$(tail -n 1 out)" "done"
fsck "clean" tests.ext4
check "still there" "$("$KBOX" -S tests.ext4 -- sh -c 'cat /t/d3/f4; md5sum </t/b2; ls /t/d? | grep -c f')" "3-4
$(seq 100000 | md5sum)
600"

# Half of the guests are killed at random, the box goes on.
"$KBOX" -S tests.ext4 -w /t -- sh -c '
for k in $(seq 30); do (while :; do echo $k >k$k; cat k$k >/dev/null; /bin/true; done) & eval p$k=$!; done
for k in $(seq 30); do sleep 0.0$((k % 7)); eval kill -KILL \$p$k; done
wait; stat -c %n k* | wc -l; echo alive' >out 2>err
check "killed guests" "$(tail -n 1 out)" alive
check "no message about them" "$(grep -v Killed err)" ""

# Boxes in a row and side by side.
check "fifty boxes in a row" "$(for i in $(seq 50); do "$KBOX" -S tests.ext4 -- sh -c "echo $i >/t/row; cat /t/row"; done | md5sum)" "$(seq 50 | md5sum)"
finish
