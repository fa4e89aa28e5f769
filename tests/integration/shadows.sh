#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The shadow cache from outside: its size and its counters, and a host that
# refuses what a shadow needs while programs are running.
# Run: limit 120

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests

# stat_of FIELD FILE: a number of the line "shadows: ..." of --stats.
stat_of() {
	sed -nE "s/.*shadows:.* ([0-9]+) $1.*/\1/p" "$2"
}

# shadows SIZE COMMAND...: run with that cache; counters in the file stats.
shadows() {
	local size=$1

	shift
	"$KBOX" -S tests.ext4 -w /t --shadow-cache "$size" --stats -- "$@" >out 2>stats
}

many='i=0; while [ $i -lt 20 ]; do i=$((i + 1)); /bin/true; done'
shadows 64M sh -c "$many"
match "one miss for each file" "$(stat_of misses stats)" "[1-3]"
match "and hits after that" "$(stat_of hits stats)" "(19|[2-9].)"
check "none is evicted" "$(stat_of evictions stats)" 0
shadows 0 sh -c "$many"
check "no cache: no hit" "$(stat_of hits stats)" 0
match "no cache: misses" "$(stat_of misses stats)" "[2-6][0-9]"
check "no cache: no entry" "$(stat_of entries stats)" 0
shadows 8K sh -c "$many"
match "too small a cache" "$(stat_of hits stats) $(stat_of bytes stats)" "0 0"
shadows 64M sh -c 'for i in $(seq 50); do cp /bin/busybox b$i; ./b$i true; rm b$i; done'
match "no shadow of removed files stays" "$(stat_of entries stats)" "[1-5]"
match "they were invalidated" "$(stat_of invalidations stats)" "(49|50)"

# The host's limits while it runs: commands fail as for want of memory.
mkfifo in
"$KBOX" -S tests.ext4 --ro --shadow-cache 0 -- sh -c '
while read -r line; do /bin/true; echo "$line $?"; done' <in >out 2>err &
box=$!
exec 9>in
said() { grep -q "^$1 " out; }
echo first >&9
wait_for 20 said first
prlimit --pid "$(supervisor "$box")" --fsize=65536:
echo second >&9
wait_for 20 said second
prlimit --pid "$(supervisor "$box")" --fsize=unlimited:
echo third >&9
wait_for 20 said third
exec 9>&-
wait "$box"
check "the box lives on" $? 0
check "a command without memory for it fails" "$(cat out)" "first 0
second 126
third 0"
match "with the error of the host's kernel" "$(cat err)" ".*(Out of memory|Cannot allocate memory)"
finish
