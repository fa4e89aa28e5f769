#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The power fails: from a record of all writes and flushes of a run come the
# images that a cut at many moments can leave. After the replay of the journal
# each is clean, and has every transaction that had reported success.
# KBOX_POWER_CUTS cuts in all ("make crash"), 6 without it.
# Run: limit 1800

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
cuts=${KBOX_POWER_CUTS:-6}
script=$(cat "$TESTS/crash/workload.sh")

# power KIND CUTS: a run that is recorded, and cut in so many places.
power() {
	local kind=$1 count=$2 cut said last got bad='' most=0

	image debian before
	cp --sparse=always before.ext4 during.ext4
	echo "record record" >disk-faults
	timeout 20 "$KBOX_FAULTY" -S during.ext4 -- sh -c \
		'timeout 3 sh -c "$1" sh run "$2"; exit 0' sh "$script" "$kind" >numbers 2>err
	result "$kind: the run that is recorded" $? "$(cat err)"
	rm disk-faults
	for ((cut = 1; cut <= count; cut++)); do
		said=$("$TESTS/faults/cut-power" record before.ext4 cut.ext4 "$cut" "$count")
		# A line that is not whole by then has not been said.
		last=$(head -c "$said" numbers | sed -n '/[0-9]$/p' | head -n "$(head -c "$said" numbers | wc -l)" | tail -n 1)
		[ "${last:-0}" -le "$most" ] || most=$last
		cp --sparse=always cut.ext4 replayed.ext4
		e2fsck -E journal_only -p replayed.ext4 >out 2>&1
		e2fsck -fn replayed.ext4 >out 2>&1 ||
			bad+="cut $cut: $(head -n 5 out)"$'\n'
		[ "${last:-0}" -gt 0 ] || continue
		got=$("$KBOX" -S cut.ext4 -- sh -c "$script" sh check "$kind" "$last" 2>&1 | tr '\n' ' ')
		[ "$got" = "ok all there " ] ||
			bad+="cut $cut, $kind to $last: $got"$'\n'
		e2fsck -fn cut.ext4 >out 2>&1 ||
			bad+="cut $cut, mounted: $(head -n 5 out)"$'\n'
	done
	[ -z "$bad" ]
	result "$kind: $count cuts" $? "$bad"
	[ "$most" -gt 3 ]
	result "$kind: cut between transactions" $? "$most"
	rm -f ./*.ext4 record
}

power sqlite $((cuts / 2))
power dd $((cuts - cuts / 2))
finish
