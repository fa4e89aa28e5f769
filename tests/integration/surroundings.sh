#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kbox works with few open files, without user namespaces, without a terminal,
# with standard descriptors closed or broken, from odd folders.

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests
image musl

work='ls / | wc -l; echo a | cat | cat; (exit 3); echo $?'
normal=$("$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1)
match "the work itself" "$normal" $'[0-9]+\na\n3'

check "1,024 open files" "$(ulimit -n 1024; "$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1)" "$normal"
for limit in 999 1000 1001; do
	check "$limit open files" "$(ulimit -n $limit; "$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1)" "$normal"
done
check "soft limit of 64" "$(ulimit -Sn 64; "$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1)" "$normal"
check "many files in the box" "$(ulimit -n 1024; "$KBOX" -S tests.ext4 -w /t -- /opt/kbox/fds >/dev/null 2>&1; echo $?)" 0
check "without a terminal" "$(setsid -w "$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1)" "$normal"
check "input closed" "$("$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1 <&-)" "$normal"
check "input closed, read inside" "$("$KBOX" -S tests.ext4 -- cat 2>/dev/null <&-; echo $?)" "0"
check "all closed" "$("$KBOX" -S tests.ext4 -- sh -c 'echo x; exit 5' <&- >&- 2>&-; echo $?)" 5
check "error closed" "$("$KBOX" -S tests.ext4 -- sh -c "$work" 2>&-)" "$normal"
check "all /dev/null" "$("$KBOX" -S tests.ext4 -- sh -c 'exit 5' <>/dev/null >&0 2>&0; echo $?)" 5
check "input a folder" "$("$KBOX" -S tests.ext4 -- sh -c 'cat; echo $?' </ 2>/dev/null)" 1

check "output closes early" "$("$KBOX" -S tests.ext4 -- yes | head -n 1)" y
"$KBOX" -S tests.ext4 -- yes 2>err | head -n 1 >/dev/null
check "death by SIGPIPE" "${PIPESTATUS[0]} $(cat err)" "141 "
check "output full" "$("$KBOX" -S tests.ext4 -- sh -c 'echo x; echo $? >&2' 2>&1 >/dev/full)" "sh: write error: No space left on device
1"
check "slow reader" "$("$KBOX" -S tests.ext4 -- seq 100000 | { sleep 0.5; md5sum; })" "$(seq 100000 | md5sum)"
check "slow writer" "$({ sleep 0.3; echo late; } | "$KBOX" -S tests.ext4 -- cat)" late
check "input not consumed beyond need" "$(printf 'one\ntwo\n' | { "$KBOX" -S tests.ext4 -- true; cat; })" "one
two"
mkfifo fifo
exec 7<>fifo
check "non-blocking flag of the pipe is left alone" "$("$KBOX" -S tests.ext4 -- true <fifo; grep flags /proc/self/fdinfo/7 | tr -d ' \t')" "$(grep flags /proc/self/fdinfo/7 | tr -d ' \t')"
exec 7<&-

if unshare -Ur true 2>/dev/null; then
	# A user namespace in which no further one can be made.
	check "without user namespaces" "$(unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; unshare -U true 2>/dev/null && echo still; exec "$@"' sh "$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1)" "$normal"
fi
if unshare -r --pid --fork --mount-proc true 2>/dev/null; then
	check "first process of a PID namespace" "$(unshare -r --pid --fork --mount-proc "$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1)" "$normal"
	check "a PID namespace without its /proc" "$(unshare -r --pid --fork "$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1; echo $?)" \
		$'kbox: /proc does not show this process: mount one of this PID namespace there\n125'
fi
check "no new privileges" "$(setpriv --no-new-privs "$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1)" "$normal"
check "empty environment" "$(env -i "$KBOX" -S "$PWD/tests.ext4" -- sh -c "$work" 2>&1)" "$normal"
check "no TMPDIR, no XDG_RUNTIME_DIR" "$(env -u TMPDIR -u XDG_RUNTIME_DIR -u HOME "$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1)" "$normal"
check "unusable XDG_RUNTIME_DIR" "$(XDG_RUNTIME_DIR=/nonexistent/x "$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1)" "$normal"
mkdir gone && cd gone && rmdir ../gone || exit 1
check "removed current folder" "$("$KBOX" -S "$WORK/tests.ext4" -- sh -c "$work" 2>&1)" "$normal"
cd "$WORK" || exit 1
ln -s tests.ext4 'a link with blanks'
check "image through a link with blanks" "$("$KBOX" -S 'a link with blanks' -- sh -c "$work" 2>&1)" "$normal"
check "memory limit" "$(ulimit -v 4000000; "$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1)" "$normal"
check "one process limit below" "$(ulimit -c 0; "$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1)" "$normal"
check "ignored SIGPIPE, blocked SIGCHLD" "$(python3 -c '
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD, signal.SIGUSR1])
os.execvp(sys.argv[1], sys.argv[1:])' "$KBOX" -S tests.ext4 -- sh -c "$work" 2>&1)" "$normal"
check "descriptors of the caller stay outside" "$(exec 9</etc/hostname 33</; "$KBOX" -S tests.ext4 -- sh -c 'ls /proc/self/fd | tr "\n" " "')" "0 1 2 3 "
check "two boxes in a pipe" "$("$KBOX" -S tests.ext4 -- seq 1000 | "$KBOX" -S musl.ext4 -- wc -l | tr -d ' ')" 1000
check "ten at once" "$(for i in $(seq 10); do "$KBOX" -S tests.ext4 --ro -- sh -c "echo $i" & done | sort -n | tr '\n' ' ')" "1 2 3 4 5 6 7 8 9 10 "
finish
