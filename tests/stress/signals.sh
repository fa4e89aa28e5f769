#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Timer signals at processes that move data through a pipe: 100,000 at each of
# two and 1 GiB, with handlers that restart calls and with such that interrupt
# them, in KBOX_STRESS_SECONDS=60 (make stress); a part of that without it.
# Run: limit 900

# shellcheck disable=SC2153 # set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests
seconds=${KBOX_STRESS_SECONDS:-3}

"$KBOX" -S tests.ext4 -- /opt/kbox/sigstorm $((seconds * 1024 / 60)) \
	$((seconds * 100000 / 60)) >out 2>err
check "status" $? 0
check "every byte once, calls interrupted as the flag says" "$(cat out)" "restarting: all bytes, 0 wrong, sender 0
restarting: as the flag says
interrupting: all bytes, 0 wrong, sender 0
interrupting: as the flag says"
check "no message" "$(cat err)" ""
finish
