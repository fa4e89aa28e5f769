#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How a box ends: exit codes, death by signal, signals to kbox, kbox killed;
# the image is unmounted and no guest process stays.
# Run: limit 300

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
	supervisor=$(supervisor $kbox)
	mapfile -t guests < <(guests_of $kbox)
}

four_guests() {
	mapfile -t guests < <(guests_of $kbox)
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

# The supervisor gets what was sent to it alone, too, and what the group gets.
started "$busy"
kill -TERM "$supervisor"
wait_for 20 gone $kbox
result "SIGTERM to the supervisor ends kbox" $?
wait $kbox
check "status after SIGTERM to the supervisor" $? 143
fsck "clean after SIGTERM to the supervisor" tests.ext4
check "SIGTERM to the group" "$(python3 -c '
import os, subprocess, sys, signal
kbox = subprocess.Popen([os.environ["KBOX"], "-S", "tests.ext4", "--", "sh", "-c",
    "trap \"echo heard; exit 5\" TERM; echo ready; sleep 100 & wait"], stdout=subprocess.PIPE, start_new_session=True)
kbox.stdout.readline()
os.killpg(kbox.pid, signal.SIGTERM)
print(kbox.stdout.read().decode().split()[0], kbox.wait())')" "heard 5"
check "ignored SIGHUP is not passed on" "$(
	trap "" HUP
	started "sleep 0.7; echo survived"
	kill -HUP $kbox
	wait $kbox
	echo $? "$(tail -n 1 ready)")" "0 survived"

# Stopped and continued with its group, as by a shell.
check "stopped and continued" "$(python3 -c '
import os, subprocess, signal, time
kbox = subprocess.Popen([os.environ["KBOX"], "-S", "tests.ext4", "--", "sh", "-c", "echo ready; read x; echo $x"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0)
kbox.stdout.readline()
os.killpg(kbox.pid, signal.SIGTSTP)
print(os.WIFSTOPPED(os.waitpid(kbox.pid, os.WUNTRACED)[1]))
kbox.stdin.write(b"later\n")
kbox.stdin.flush()
time.sleep(0.2)
os.killpg(kbox.pid, signal.SIGCONT)
print(kbox.stdout.readline().decode().strip(), kbox.wait())' 2>&1)" "True
later 0"
check "a child from before is left alone" "$(bash -c 'sleep 1000 >/dev/null & echo $! >before; exec "$KBOX" -S tests.ext4 -- sh -c "exit 9"'; echo $?; kill "$(cat before)" && echo alive)" "9
alive"

for round in 1 2 3; do
	started "$busy"
	kill -KILL "$supervisor"
	wait_for 5 gone $kbox
	result "kbox ends with its supervisor ($round)" $?
	gone "${guests[@]}"
	result "no guest left after kbox was killed ($round)" $? "${guests[*]}"
	wait $kbox 2>/dev/null
	check "usable afterwards ($round)" "$(box sh -c 'tail -n 1 /var/log/x; echo fine' 2>&1 | tail -n 1)" fine
	fsck "clean afterwards ($round)" tests.ext4
done

# Killed while children are born that no supervisor knows yet: front,
# supervisor, or both. Guests are told by a variable of their environment.
marked() {
	grep -l "KBOX_TEST_MARK=$mark" /proc/[0-9]*/environ 2>/dev/null
}

nothing_left() {
	gone "${parts[@]}" && [ -z "$(marked)" ]
}

storm() {
	local who=$1 round left=0 odd=0 code

	for round in $(seq 20); do
		mark=$$.$who.$round
		rm -f ready
		"$KBOX" -S tests.ext4 --env=KBOX_TEST_MARK="$mark" -- sh -c 'echo ready
			while :; do /bin/true; echo x | cat; (exec sleep 100) & done' >ready 2>err &
		kbox=$!
		wait_for 20 grep -qs ready ready
		sleep "0.$((round % 3))$((round * 7 % 10))"
		supervisor=$(supervisor $kbox)
		mapfile -t parts < <(part_of $kbox keeper)
		parts+=("$kbox" "$supervisor")
		case $who in
		front) kill -KILL $kbox ;;
		supervisor) kill -KILL "$supervisor" ;;
		both) kill -KILL $kbox "$supervisor" ;;
		esac
		wait $kbox 2>/dev/null
		code=$?
		[ "$code" -eq 137 ] || { odd=$((odd + 1)); echo "# round $round: status $code"; }
		# Then all is done when kbox has ended, but for zombies.
		if [ "$who" = supervisor ] && [ -n "$(marked)" ]; then
			odd=$((odd + 1))
			echo "# round $round: still there when kbox has ended"
		fi
		if ! wait_for 3 nothing_left; then
			left=$((left + 1))
			marked | sed 's/environ/comm/' | xargs cat | sort | uniq -c | sed 's/^/# /'
			for p in $(marked); do kill -KILL "${p//[^0-9]/}"; done
		fi
		[ "$who" != front ] || [ $((round % 5)) -ne 0 ] || fsck "unmounted by an orphaned supervisor ($round)" tests.ext4
		case $who,$(cat err) in
		supervisor,'kbox: the supervisor was ended by signal 9 (Killed)' | front, | both,) ;;
		*) odd=$((odd + 1)); sed 's/^/# /' err ;;
		esac
	done
	check "boxes of which something was left: $who killed among forks" $left 0
	check "boxes with another status or other messages: $who killed among forks" $odd 0
	check "usable after that ($who)" "$(box echo fine 2>&1)" fine
	fsck "clean after that ($who)" tests.ext4
}

storm front
storm supervisor
storm both

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
