#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# redis-server: commands, persistence by fork, many clients, a replica.

redis-server --port 0 --unixsocket socket --dir . --daemonize yes --logfile log \
	--pidfile pid --save '' --appendonly yes >/dev/null
cli() { redis-cli -s socket "$@"; }
until cli ping 2>/dev/null | grep -q PONG; do sleep 0.05; done
cli set key value
cli get key
cli incrby n 41
cli incr n
seq 1000 | sed 's/.*/SET k& v&/' | cli --pipe 2>&1 | tail -n 1
cli dbsize
cli eval 'local s = 0; for i = 1, 1000 do s = s + #redis.call("GET", "k" .. i) end; return s' 0
(timeout 5 redis-cli -s socket blpop list 5 | tail -n 1) &
sleep 0.2
cli rpush list pushed >/dev/null
wait
cli bgsave
until cli info persistence | grep -q 'rdb_bgsave_in_progress:0'; do sleep 0.05; done
cli info persistence | grep -o 'rdb_last_bgsave_status:ok'
cli bgrewriteaof
until cli info persistence | grep -q 'aof_rewrite_in_progress:0'; do sleep 0.05; done
cli debug sleep 0 >/dev/null
redis-check-rdb dump.rdb | grep -c 'RDB looks OK'
cli shutdown nosave
while [ -S socket ]; do sleep 0.05; done

redis-server --port 6400 --bind 127.0.0.1 --dir . --logfile log2 --save '' --appendonly yes \
	--repl-diskless-sync-delay 0 &
until redis-cli -p 6400 dbsize 2>/dev/null | grep -q 1002; do sleep 0.05; done
redis-cli -p 6400 get n
redis-server --port 6401 --bind 127.0.0.1 --dir "$(mktemp -d)" --logfile log3 --save '' \
	--replicaof 127.0.0.1 6400 &
until redis-cli -p 6401 info replication 2>/dev/null | grep -q master_link_status:up; do sleep 0.05; done
redis-cli -p 6401 get key
redis-benchmark -p 6400 -q -n 2000 -c 20 -P 4 -t set,get,lpush,lrange_100 | tr '\r' '\n' |
	grep -oE '^[A-Z_0-9 ()a-z]*: [0-9.]+ requests' | sed 's/: .*//'
redis-benchmark -s nothere -q -n 1 2>&1 | head -n 1
redis-cli -p 6400 wait 1 1000
redis-cli -p 6401 get counter:__rand_int__ | wc -c
redis-cli -p 6401 shutdown nosave
redis-cli -p 6400 shutdown nosave
wait
grep -c 'bye bye' log log2
