#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bash: its own means of connecting processes.

diff <(seq 5) <(seq 6)
cat <(echo one) <(echo two) | tee >(wc -l >counted) >/dev/null
while [ ! -s counted ]; do sleep 0.01; done
cat counted

cat <<EOF | tr a-z A-Z
here $((6 * 7))
EOF
cat <<'EOF'
not $expanded
EOF
rev <<<"a string"
# More than a pipe holds.
wc -c <<<"$(seq 100000)"

coproc UPPER { while read -r line; do echo "${line^^}"; done; }
for word in first second; do
	echo "$word" >&"${UPPER[1]}"
	read -r answer <&"${UPPER[0]}"
	echo "$answer"
done
pid=$UPPER_PID
eval "exec ${UPPER[1]}>&-"
wait "$pid"
echo "coproc ended with $?"

trap 'echo caught USR1' USR1
kill -USR1 $$
trap 'echo a child ended' CHLD
(exit 3) &
wait $!
echo "status $?"
trap - CHLD
(trap 'echo leaving; exit 5' EXIT TERM; kill -TERM "$BASHPID"; sleep 5)
echo "status $?"
trap '' INT
bash -c 'kill -INT $$; echo INT is still ignored'
(bash -c 'kill -SEGV $$'; exit $?) 2>/dev/null
echo "status $?"

for i in 3 1 2; do (sleep "0.$i"; echo "$i") & done
wait
sleep 10 &
kill %1
wait $!
echo "status $?"
set -m
(sleep 0.2; exit 4) &
fg %1 >/dev/null 2>&1
echo "fg: $?"
set +m
wait -n <(sleep 1) 2>/dev/null
x=$(trap 'echo from a trap' EXIT)
echo "$x"
read -r -t 0.1 line < <(sleep 1) || echo "read timed out: $(($? > 128))"
set -o pipefail
false | true
echo "${PIPESTATUS[*]}"
exec {fd}>file
echo text >&"$fd"
exec {fd}>&-
mapfile -t lines <file
echo "${lines[0]} ${#lines[@]}"
(ulimit -n 20; ulimit -n)
(ulimit -f 1; trap '' XFSZ; seq 1000 2>/dev/null >big; echo "$? $(stat -c %s big)")
exit 7
