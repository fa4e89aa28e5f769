#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Broken input gives one clear line and an exit status that says what is wrong.

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests

# fails NAME STATUS PATTERN ARG...: kbox ARG... prints one line on standard
# error that has PATTERN in it, nothing on standard output.
fails() {
	local name=$1 status=$2 pattern=$3 got

	shift 3
	"$KBOX" "$@" >out 2>err </dev/null
	got=$?
	match "$name: status" "$got" "${status/ or /|}"
	if [ "$(wc -l <err)" -eq 1 ] && grep -qiE "^kbox: .*($pattern)" err && [ ! -s out ]; then
		result "$name: one line" 0
	else
		result "$name: one line" 1 "$(head -n 5 out err)" "pattern: $pattern"
	fi
}

fails "no such image" 125 "No such file" -S nothing.ext4 -- true
: >empty
fails "empty image" 125 "empty|small|file system|image" -S empty -- true
head -c 1000000 /dev/urandom >noise
fails "not an image" 125 "file system|image" -S noise -- true
truncate -s 16M zeros
fails "all zero" 125 "file system|image" -S zeros -- true
head -c 100 tests.ext4 >short
fails "a hundred bytes" 125 "small|file system|image" -S short -- true
head -c 3000000 tests.ext4 >truncated
fails "truncated image" 125 "truncat|short|bad geometry|mount|size" -S truncated -- true
fails "a folder" 125 "directory|regular|image" -S . -- true
fails "a character device" 125 "regular|image|device" -S /dev/null -- true
mkfifo fifo
fails "a FIFO" 125 "regular|image" -S fifo -- true
fails "unknown file system" "125 or 2" "nosuchfs|file system|filesystem" -S tests.ext4 -t nosuchfs -- true
fails "wrong file system" 125 "squashfs|mount|file system|Invalid" -S tests.ext4 -t squashfs -- true
fails "no partitions" 125 "partition" -S tests.ext4 -p 1 -- true
fails "bad mount option" 125 "option|mount|Invalid" -S tests.ext4 -m nosuchoption -- true
cp tests.ext4 damaged.ext4
dd if=/dev/zero of=damaged.ext4 bs=1024 seek=4 count=400 conv=notrunc 2>/dev/null
"$KBOX" -S damaged.ext4 -- true >out 2>err </dev/null
check "damaged image: status" $? 125
check "damaged image: one line" "$(wc -l <err | tr -d ' ')" 1
rm -f damaged.ext4
if [ "$(id -u)" -ne 0 ]; then
	cp tests.ext4 secret.ext4
	chmod 0 secret.ext4
	fails "unreadable image" 125 "Permission denied" -S secret.ext4 -- true
fi

fails "missing command" 127 "nosuch.*(not found|no such)" -S tests.ext4 -- nosuch
fails "missing path" 127 "/no/such.*(not found|no such)" -S tests.ext4 -- /no/such
fails "not executable" 126 "/etc/passwd.*(Permission denied|not executable)" -S tests.ext4 -- /etc/passwd
fails "a folder as command" 126 "/etc.*(Permission denied|directory|not executable)" -S tests.ext4 -- /etc
"$KBOX" -S tests.ext4 -- sh -c 'printf "#!/no/such\n" >/var/badscript; chmod 755 /var/badscript'
# ENOENT with the file there: env(1) says 127, bash(1) 126.
fails "script without interpreter" "126 or 127" "badscript|no such|not found" -S tests.ext4 -- /var/badscript
fails "missing start folder" 125 "/no/such" -S tests.ext4 -w /no/such -- true
fails "start folder is a file" 125 "/etc/passwd" -S tests.ext4 -w /etc/passwd -- true

# Options that are wrong: status 2; the first line says what, a hint may follow.
bad() {
	local name=$1 got

	shift
	"$KBOX" "$@" >out 2>err </dev/null
	got=$?
	check "$name: status" "$got" 2
	if [ -s err ] && [ "$(wc -l <err)" -le 2 ] && head -n 1 err | grep -q '^kbox: ' && [ ! -s out ]; then
		result "$name: says it" 0
	else
		result "$name: says it" 1 "$(head -n 5 out err)"
	fi
}

bad "no arguments"
bad "unknown option" --nosuch
bad "unknown letter" -Z
bad "no image" -S
bad "no mode" -- true
bad "two modes" -S tests.ext4 -r tests.ext4 -- true
bad "bad id" -S tests.ext4 --change-id abc -- true
bad "half an id" -S tests.ext4 --change-id 1: -- true
bad "negative id" -S tests.ext4 --change-id -1:5 -- true
bad "huge id" -S tests.ext4 --change-id 99999999999:5 -- true
bad "bad partition" -S tests.ext4 -p x -- true
bad "partition 0" -S tests.ext4 -p 0 -- true
bad "bad memory" -S tests.ext4 -k mem=lots -- true
bad "too little memory" -S tests.ext4 -k mem=1M -- true
bad "unknown verb" nosuch
bad "help for an unknown verb" help nosuch
bad "run without an image" run --ro
bad "run with a mode" run -S tests.ext4 tests.ext4
bad "run with an unknown option" run --nosuch tests.ext4
bad "bad variable" -S tests.ext4 --env =x -- true
fsck "errors leave the image alone" tests.ext4
finish
