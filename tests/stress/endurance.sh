#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The supervisor's memory and descriptors under a mix of work that goes on and
# on, builds, databases, repositories, trees, forks and signals: they are what
# they were after the first third. For KBOX_STRESS_SECONDS in all (600: ten
# minutes), 9 without it.
# Run: root limit 900

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image programs
seconds=${KBOX_STRESS_SECONDS:-9}
[ "$seconds" -ge 9 ] || seconds=9

work='
end=$(($(date +%s) + $1)); cd /root || exit 1
until_end() { while [ "$(date +%s)" -lt "$end" ]; do "$@" || exit 1; done; }
database() { python3 -c "
import sqlite3
db = sqlite3.connect(\"db$1\")
db.execute(\"pragma journal_mode=wal\")
db.execute(\"create table if not exists t (a, b)\")
db.executemany(\"insert into t values (?, ?)\", ((i, \"x\" * 50) for i in range(500)))
db.commit()
db.execute(\"delete from t\")
db.commit()"; }
tree() { cp -a /usr/lib/python3.11/json "tree$1" && tar -cf - "tree$1" | gzip | gzip -dc | tar -tf - >/dev/null && rm -r "tree$1"; }
build() {
	mkdir -p b && cd b && rm -f ./*.o program || return
	[ -f Makefile ] || {
		for i in 0 1 2 3 4 5 6 7; do echo "int f$i(int x) { return x + $i; }" >"f$i.c"; done
		echo "int f7(int); int main(void) { return f7(1) - 8; }" >main.c
		printf "program: %s\n\tgcc -o \$@ \$^\n" "main.o $(echo f{0..7}.o)" >Makefile
	}
	make -s -j2 && ./program; code=$?; cd ..; return $code; }
repository() {
	rm -rf r && git init -q r || return
	for i in {1..40}; do echo "$i" >r/$i; done
	git -C r add . && git -C r -c user.name=a -c user.email=a@x commit -q -m all && git -C r gc -q && git -C r fsck --no-progress; }
forks() { for _ in 1 2 3 4 5 6 7 8 9 10; do (exec true) & done; wait; }
signals() { perl -e "\$SIG{USR1} = sub { \$n++ }; \$p = fork; if (!\$p) { kill USR1, getppid for 1 .. 50; exit } 1 while wait != \$p && !\$!{ECHILD}"; }
for kind in "database 1" "database 2" "tree 1" "tree 2" build repository forks signals; do
	until_end $kind & pids="$pids $!"
done
for pid in $pids; do wait "$pid" || echo failed; done; echo done'

# "KIB FDS": the supervisor's own memory, and its descriptors, which only root
# may count; others see how large their table has become.
sample() {
	local fds

	fds=$(find "/proc/$1/fd" -mindepth 1 2>/dev/null | wc -l)
	awk -v fds="$fds" '/^RssAnon/ { kib = $2 } /^FDSize/ { size = $2 }
		END { print kib, fds ? fds : size }' "/proc/$1/status"
}

"$KBOX" -S programs.ext4 -k mem=64M -- bash -c "$work" sh "$seconds" >out 2>err &
box=$!
sleep $((seconds / 3))
pid=$(supervisor "$box")
read -r first_kib first_fds < <(sample "$pid")
sleep $((seconds / 3))
read -r kib fds < <(sample "$pid")
echo "# after a third $first_kib KiB, $first_fds descriptors; after two $kib KiB, $fds"
wait "$box"
check "status" $? 0
check "all work was done" "$(cat out)" "done"
check "no message" "$(cat err)" ""
result "it was looked at twice" "$((first_fds < 8 || fds < 8))" "$first_fds and $fds descriptors"
result "the supervisor's memory is flat" "$((kib > first_kib + 2048))" "from $first_kib to $kib KiB"
result "its descriptors are flat" "$((fds > first_fds + 64))" "from $first_fds to $fds"
finish
