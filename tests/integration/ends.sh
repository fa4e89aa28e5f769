#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How a box ends: exit codes, death by signal, signals to kbox, kbox killed;
# the image is unmounted and no guest process stays.
# Run: limit 120

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests

box() {
	"$KBOX" -S tests.ext4 -- "$@"
}

for code in 0 1 2 42 125 126 127 128 255; do
	check "exit $code" "$(box sh -c "exit $code" 2>&1; echo $?)" "$code"
done
for sig in HUP INT ABRT KILL USR1 SEGV PIPE ALRM TERM; do
	n=$(kill -l $sig)
	check "death by SIG$sig" "$(ulimit -c 0; box sh -c "kill -$sig \$\$" 2>&1; echo $?)" "$((128 + n))"
done
check "a grandchild's status" "$(box sh -c 'sh -c "exit 7"; exit $?'; echo $?)" 7
check "exit of a background process" "$(box sh -c 'sh -c "exit 7" & exit 3'; echo $?)" 3

# The first process ends before what it started.
start=$SECONDS
check "left processes end with the box" "$(box sh -c 'sleep 1000 & sleep 1000 & setsid sleep 1000 & echo started'; echo $?)" "started
0"
[ $((SECONDS - start)) -lt 10 ]
result "and it does not wait for them" $?
fsck "clean after left processes" tests.ext4
check "open files of left processes" "$(box sh -c 'exec 9>/var/open; (while :; do echo x >&9; sleep 0.01; done) & sleep 0.2'; echo $?)" 0
fsck "clean after left writers" tests.ext4

# started [ARG...]: kbox in the background as $kbox, guests below it running.
started() {
	rm -f ready
	"$KBOX" -S tests.ext4 -- sh -c "echo ready; $1" >ready 2>err &
	kbox=$!
	wait_for 20 grep -qs ready ready || result "start: $1" 1 "$(cat err)"
	mapfile -t guests < <(below $kbox)
}

four_guests() {
	mapfile -t guests < <(below $kbox)
	[ ${#guests[@]} -ge 4 ]
}

busy='(while :; do echo data >>/var/log/x; done) & setsid sleep 1000 & (trap "" TERM INT HUP; while :; do sleep 100; done) & sleep 1000'
for sig in TERM INT HUP; do
	started "$busy"
	wait_for 10 four_guests
	result "guests are processes of the host" $? "${guests[*]}"
	kill -$sig $kbox
	wait_for 20 gone $kbox
	result "SIG$sig ends kbox" $? "$(cat err)"
	wait $kbox
	check "status after SIG$sig" $? $((128 + $(kill -l $sig)))
	wait_for 5 gone "${guests[@]}"
	result "no guest left after SIG$sig" $? "${guests[*]}"
	check "SIG$sig says nothing" "$(cat err)" ""
	fsck "clean after SIG$sig" tests.ext4
done

for round in 1 2 3; do
	started "$busy"
	kill -KILL $kbox
	wait_for 5 gone "${guests[@]}"
	result "no guest left after kbox was killed ($round)" $? "${guests[*]}"
	wait $kbox 2>/dev/null
	check "usable afterwards ($round)" "$(box sh -c 'tail -n 1 /var/log/x; echo fine' 2>&1 | tail -n 1)" fine
	fsck "clean afterwards ($round)" tests.ext4
done

# Guests that were just born when kbox was killed.
for round in 1 2 3 4 5; do
	started 'while :; do /bin/true; (exec sleep 100) & done'
	sleep 0.$round
	mapfile -t guests < <(below $kbox)
	kill -KILL $kbox
	wait $kbox 2>/dev/null
	wait_for 5 gone "${guests[@]}"
	result "no guest left after a kill among forks ($round)" $? "$(for p in "${guests[@]}"; do gone "$p" || cat "/proc/$p/comm"; done | sort | uniq -c)"
done
check "usable after that" "$(box echo fine 2>&1)" fine

# Stopped guests die too.
started 'kill -STOP $$'
sleep 0.2
kill -TERM $kbox
wait_for 10 gone $kbox "${guests[@]}"
result "a stopped guest ends" $?
kill -KILL $kbox 2>/dev/null
wait $kbox 2>/dev/null

# kbox stops being read: the box ends, whatever writes to it.
check "guest killed from outside" "$(started 'exec sleep 1000'; kill -KILL "${guests[@]}"; wait_for 10 gone $kbox; wait $kbox; echo $?)" 137
fsck "clean after that" tests.ext4
finish
