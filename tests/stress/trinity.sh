#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Random system calls: trinity, as an ordinary user of the Debian image, with
# five seeds. The box lives on, whatever the guests get, and the image is clean.
# For KBOX_STRESS_SECONDS in all (600: ten minutes), 10 without it.
#
# trinity 1.9 ends with SIGSEGV now and then while it opens its sockets, at the
# same instruction natively: it takes the remainder of a negative random number
# for an index (into the table that it exports as net_protocols). Children do
# without the sockets that it opens beforehand. 32-bit calls kill the process
# (docs/security.md).
# Run: limit 1500

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image debian
seconds=$((${KBOX_STRESS_SECONDS:-10} / 5))

# put FILE: the machine's program FILE, in the image.
put() {
	debugfs -w -f - debian.ext4 >/dev/null 2>&1 <<END
write $(realpath "$1") $1
set_inode_field $1 mode 0100755
END
}

put /usr/bin/trinity
for seed in 1 2 3 4 5; do
	"$KBOX" -S debian.ext4 --change-id 1000:1000 -w /tmp -- bash -c '
mkdir work && cd work
timeout -k 2 "$1" trinity -q -a64 -C4 "-s$2" --disable-fds=sockets
echo "trinity: $?"; cd /; pkill -KILL trinity; echo alive' sh "$seconds" "$seed" \
		>out 2>err
	check "seed $seed: the box lives" "$(tail -n 1 out)" alive
	# Its children may still have something to say after it.
	match "seed $seed: calls were made" "$(grep -x 'trinity: [0-9]*' out)" "trinity: (124|137|0)"
	fsck "seed $seed: clean" debian.ext4
done
finish
