# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the scripts of tests/integration share. Sourced; the environment comes
# from tests/run: WORK, a folder of the script's own; KBOX, the program; IMAGES,
# the images to copy; TESTS, the folder tests. A script prints its results with
# check and ok, and calls "finish" last.

set -u
cd "$WORK" || exit 1
copies=()

# result NAME STATUS [WHY...]: status 0 is good.
result() {
	local name=$1 status=$2 line

	shift 2
	if [ "$status" -eq 0 ]; then
		echo "ok - $name"
		return
	fi
	for line in "$@"; do
		while IFS= read -r line; do echo "# $line"; done <<<"$line"
	done
	echo "not ok - $name"
}

# check NAME GOT WANTED: equal strings.
check() {
	if [ "$2" = "$3" ]; then
		result "$1" 0
	else
		result "$1" 1 "got:    '${2:0:800}'" "wanted: '${3:0:800}'"
	fi
}

# match NAME GOT PATTERN: the whole of GOT fits the extended regular expression.
match() {
	if [[ $2 =~ ^($3)$ ]]; then
		result "$1" 0
	else
		result "$1" 1 "got:     '${2:0:800}'" "pattern: '$3'"
	fi
}

# image NAME [COPY]: a copy of an image of our own, as COPY.ext4 in $WORK.
image() {
	local copy=$WORK/${2:-$1}.ext4

	[ -f "$IMAGES/$1.ext4" ] || {
		result "image $1" 1 "$IMAGES/$1.ext4 is missing"
		exit 1
	}
	cp --sparse=always --reflink=auto "$IMAGES/$1.ext4" "$copy"
	chmod u+w "$copy"
	copies+=("$copy")
}

# fsck NAME IMAGE: clean, and unmounted in an orderly way.
fsck() {
	local out

	if ! out=$(e2fsck -fn "$2" 2>&1); then
		result "$1" 1 "$out"
	elif dumpe2fs -h "$2" 2>/dev/null | grep -q needs_recovery; then
		result "$1" 1 "the image was not unmounted"
	else
		result "$1" 0
	fi
}

# Pids of the processes below $1, itself left out.
below() {
	cat /proc/[0-9]*/stat 2>/dev/null | awk -v top="$1" '
		{ pid = $1; sub(/.*\) /, ""); parent[pid] = $2 }
		END {
			for (pid in parent) {
				for (p = pid; p in parent && p != top; )
					p = parent[p]
				if (p == top && pid != top)
					print pid
			}
		}'
}

# Children of the kbox $1, which is the front: "keeper" or "supervisor".
part_of() {
	local pid comm

	for pid in $(below "$1"); do
		grep -qs "^PPid:.$1\$" "/proc/$pid/status" || continue
		read -r comm <"/proc/$pid/comm" || continue
		case $2,$comm in
		keeper,box-keeper) echo "$pid" ;;
		*,box-keeper | keeper,*) ;;
		*) echo "$pid" ;;
		esac
	done 2>/dev/null
}

supervisor() {
	part_of "$1" supervisor
}

# Pids of the guests of the kbox $1.
guests_of() {
	local top

	top=$(supervisor "$1")
	[ -z "$top" ] || below "$top"
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

gone() {
	local pid

	for pid in "$@"; do
		[ ! -d "/proc/$pid" ] || grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null || return 1
	done
}

# Checks every copied image that is left, then says that all was run.
finish() {
	local copy

	for copy in "${copies[@]+"${copies[@]}"}"; do
		[ ! -f "$copy" ] || fsck "$(basename "$copy") is clean" "$copy"
	done
	echo end
}
