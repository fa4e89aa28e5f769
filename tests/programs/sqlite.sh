#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# sqlite3: rollback journal and write-ahead log, several processes at once.

for mode in delete truncate wal; do
	sqlite3 "$mode.db" "pragma journal_mode=$mode; create table t (id integer primary key, a int, b text);
		create index i on t (a);
		begin; with recursive n(x) as (select 1 union all select x + 1 from n where x < 20000)
		insert into t select x, x * 7919 % 10007, hex(x) || 'text' from n; commit;
		select count(*), sum(a), max(b) from t;
		update t set b = b || 'x' where a < 1000; delete from t where id % 3 = 0; vacuum;
		select count(*), sum(length(b)) from t; pragma integrity_check;"
	for writer in 1 2 3; do
		for i in 1 2 3 4 5 6 7 8; do
			sqlite3 "$mode.db" ".timeout 20000" "insert into t (a, b) values ($writer, 'process $i');"
		done &
	done
	for _ in 1 2; do
		sqlite3 "$mode.db" ".timeout 20000" "select count(*) >= 13333 from t; pragma quick_check;" &
	done
	wait
	sqlite3 "$mode.db" "select a, count(*) from t where b like 'process%' group by a; pragma integrity_check;"
done

# A reader keeps its snapshot of the log while another process writes.
mkfifo in out
sqlite3 wal.db <in >out &
exec 5>in 6<out
echo 'begin; select count(*) from t;' >&5
read -r before <&6
sqlite3 wal.db 'delete from t where id % 2; select changes();'
echo 'select count(*) from t; commit; select count(*) from t;' >&5
read -r during <&6
read -r after <&6
exec 5>&- 6<&-
wait
echo "$before $during $after"
sqlite3 wal.db 'pragma wal_checkpoint(truncate);'
ls wal.db*

# A writer that is killed in the middle of its transaction leaves no trace.
sqlite3 delete.db 'select count(*) from t'
sqlite3 delete.db <in >out &
exec 5>in 6<out
echo 'pragma cache_size=2; begin; delete from t; select count(*) from t;' >&5
read -r during <&6
ls delete.db*
kill -KILL $!
wait $! 2>/dev/null
echo "$during left, killed: $?"
sqlite3 delete.db 'select count(*) from t; pragma integrity_check;'
sqlite3 wal.db .dump | sqlite3 copy.db
sqlite3 copy.db 'pragma mmap_size=100000000; select sum(length(b)) from t;'
sqlite3 wal.db '.backup backup.db' && cmp <(sqlite3 wal.db .dump) <(sqlite3 backup.db .dump) && echo "backup equal"
sqlite3 wal.db 'select * from nothere' 2>&1
echo "status $?"
