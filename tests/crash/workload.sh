# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What tests/integration/crash-*.sh run inside, with dash and python3:
#	workload.sh run KIND	makes transactions until it is killed; each that has
#				reported success to it is said, on a line
#	workload.sh check KIND LAST	all up to number LAST must be there
# KIND is sqlite, git or dd; the folder is /var/crash/KIND.

kind=$2
last=${3:-0}
mkdir -p "/var/crash/$kind" && cd "/var/crash/$kind" || exit 1

run_sqlite() {
	exec python3 -u - <<'END'
import sqlite3
db = sqlite3.connect("db", isolation_level=None)
db.execute("pragma synchronous=extra")
db.execute("create table if not exists t (n integer primary key, text)")
n = db.execute("select coalesce(max(n), 0) from t").fetchone()[0]
while True:
    n += 1
    db.execute("begin")
    db.execute("insert into t values (?, ?)", (n, str(n) * 500))
    db.execute("commit")
    print(n)
END
}

check_sqlite() {
	python3 - "$last" <<'END'
import sqlite3, sys
db = sqlite3.connect("db")
print(db.execute("pragma integrity_check").fetchone()[0])
last = int(sys.argv[1])
rows = db.execute("select n, text from t where n <= ?", (last,)).fetchall()
lost = last - sum(text == str(n) * 500 for n, text in rows)
print(f"lost {lost}" if lost else "all there")
END
}

run_git() {
	export HOME=/var/crash GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@a
	export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@a
	# What a crash left half-way; git says itself that this is to be done.
	rm -f .git/*.lock .git/refs/heads/*.lock
	[ -d .git ] || git init -q
	git config core.fsync all
	git config gc.auto 0
	n=$(git rev-list --count HEAD 2>/dev/null || echo 0)
	while :; do
		n=$((n + 1))
		seq $n $((n + 300)) >"f$((n % 50))"
		git add . && git commit -q -m "$n" && sync && echo $n
	done
}

check_git() {
	git fsck --no-dangling >/dev/null 2>&1 && echo ok
	lost=$((last - $(git rev-list --count HEAD)))
	if [ $lost -gt 0 ]; then echo "lost $lost"; else echo all there; fi
}

# Like the others, the numbers go on where the last run ended. Its last file was
# perhaps only begun, and is made again.
run_dd() {
	n=$(find . -name 'f*' | sed 's,./f,,' | sort -n | tail -n 1)
	n=$((${n:-1} - 1))
	while :; do
		n=$((n + 1))
		seq $n $((n + 20000)) | dd of="f$n" bs=64k conv=fsync 2>/dev/null &&
			echo $n
		rm -f "f$((n - 100))"
	done
}

check_dd() {
	n=$((last > 90 ? last - 90 : 0))
	lost=0
	while [ $n -lt "$last" ]; do
		n=$((n + 1))
		seq $n $((n + 20000)) | cmp -s - "f$n" || lost=$((lost + 1))
	done
	echo ok
	if [ $lost -gt 0 ]; then echo "lost $lost"; else echo all there; fi
}

"$1_$kind"
