#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kbox is killed at random moments while sqlite, git and dd make transactions: each
# that has reported success is there afterwards, and the image is clean.
# KBOX_CRASH_KILLS kills in all ("make crash"), 6 without it.
# Run: limit 1800

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
kills=${KBOX_CRASH_KILLS:-6}
kinds=(sqlite dd)
base=debian
# The image with git is made by "make check", but not by everybody.
[ ! -f "$IMAGES/programs.ext4" ] || { base=programs; kinds+=(git); }
image $base
script=$(cat "$TESTS/crash/workload.sh")

inside() {
	"$KBOX" -S $base.ext4 -- sh -c "$script" sh "$@"
}

said=0
lost=
for ((round = 0; round < kills; round++)); do
	kind=${kinds[round % ${#kinds[@]}]}
	inside run "$kind" >numbers 2>err &
	kbox=$!
	wait_for 60 grep -qs . numbers || break
	sleep "0.$((RANDOM % 10))$((RANDOM % 10))"
	case $((round % 3)) in
	0) kill -KILL "$(supervisor $kbox)" $kbox ;;
	*) kill -KILL "$(supervisor $kbox)" ;;
	esac
	wait $kbox 2>/dev/null
	# A box whose front was killed, too, may still be ending its guests; and
	# the last line may be cut off.
	last=$(sed '$d' numbers | tail -n 1)
	count=$(sed '$d' numbers | wc -l)
	said=$((said + count))
	got=$(inside check "$kind" "${last:-0}" 2>&1 | tr '\n' ' ')
	[ "$got" = "ok all there " ] ||
		lost+="round $round, $kind to ${last:-0}: $got"$'\n'
	e2fsck -fn $base.ext4 >out 2>&1 || lost+="round $round: $(head -n 5 out)"$'\n'
done
check "$kills kills" "$round" "$kills"
[ -z "$lost" ]
result "all of what was reported is there" $? "$lost"
[ "$said" -gt "$kills" ]
result "transactions were made" $? "$said in $round rounds"
finish
