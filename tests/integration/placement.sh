#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Which processors guests may use: the supervisor keeps near what calls often,
# and nothing else; and it takes nothing from a guest for long.

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests

cpus_of() {
	sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$1/status" 2>/dev/null
}
usual=$(cpus_of self)

# all_have LIST: every guest may run on LIST, and there are at least COUNT.
all_have() {
	local pid count=0

	for pid in $(guests_of "$box"); do
		[ "$(cpus_of "$pid")" = "$1" ] || return 1
		count=$((count + 1))
	done
	[ "$count" -ge "$2" ]
}

some_is_near() {
	local pid

	for pid in $(guests_of "$box"); do
		[ "$(cpus_of "$pid")" = "$usual" ] || return 0
	done
	return 1
}

# start COMMAND: in a box of its own, in the background.
start() {
	"$KBOX" -S tests.ext4 -- sh -c "$1" </dev/null >out 2>&1 &
	box=$!
}

stop() {
	kill -TERM "$box"
	wait "$box" 2>/dev/null
}

near() {
	case $usual in
	*[-,]*) wait_for 20 some_is_near ;;
	*) return 0 ;; # one processor: no choice
	esac
}

start 'i=0; while :; do read -r x </proc/self/stat; done'
near
result "what calls often is near" $?
stop

# Children that never call, of a parent that calls often.
start 'for i in 1 2 3; do (while :; do :; done) & done; wait'
wait_for 20 all_have "$usual" 4
result "what computes may run everywhere" $?
stop

start 'i=0; while [ $i -lt 300 ]; do read -r x </proc/self/stat; i=$((i+1)); done; exec sleep 1000'
all_are_free() {
	all_have "$usual" 1 && [ "$(cpus_of "$(supervisor "$box")")" = "$usual" ]
}
wait_for 20 all_are_free
result "what sleeps may run everywhere, and so may the supervisor" $?
stop

check "one processor only" "$(taskset -c "${usual%%[-,]*}" "$KBOX" -S tests.ext4 -- sh -c 'echo a | cat')" a
finish
