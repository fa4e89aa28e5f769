#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Many processes map, rewrite, replace and remove the same 200 files: with a
# cache that holds them, with one that is much too small, and with none. For
# KBOX_STRESS_SECONDS in all (make stress), 5 without it.
# Run: limit 300

# shellcheck disable=SC2153 # set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests
seconds=${KBOX_STRESS_SECONDS:-5}

for size in 256M 200K 0; do
	"$KBOX" -S tests.ext4 -w /t --shadow-cache "$size" -- \
		/opt/kbox/shadowstress $(((seconds + 2) / 3)) >out 2>err
	check "cache of $size: status" "$?" 0
	match "cache of $size: nothing wrong" "$(tail -n 1 out)" ".* 0 wrong, 0 processes failed"
	check "cache of $size: no message" "$(cat err)" ""
	fsck "cache of $size: clean" tests.ext4
done
finish
