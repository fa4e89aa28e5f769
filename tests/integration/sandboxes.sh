#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Running sandboxes found, joined, watched and ended: kbox ps, exec, top, kill.
# Run: root limit 180

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image musl
# A socket's address is shorter than the path of such a folder may be.
XDG_RUNTIME_DIR=$WORK/$(printf 'long%.0s' {1..25})
mkdir -m 700 "$XDG_RUNTIME_DIR"
export XDG_RUNTIME_DIR

names() {
	"$KBOX" ps | awk 'NR > 1 { print $1 }'
}

sockets() {
	find "$XDG_RUNTIME_DIR/kbox" -name '*.sock' -printf '%f\n'
}

check "no sandbox" "$("$KBOX" ps | wc -l) $("$KBOX" ps --json)" "1 []"
"$KBOX" top 2>err
check "top without a sandbox" "$? $(cat err)" "125 kbox: no sandbox runs"
"$KBOX" exec none -- true 2>err
check "exec in no sandbox" "$? $(cat err)" "125 kbox: none: no such sandbox; kbox ps lists them"
"$KBOX" kill ../x 2>err
check "kill of a bad name" "$? $(cat err)" "125 kbox: ../x: no such sandbox; kbox ps lists them"

"$KBOX" -q -S musl.ext4 --name=one --env=WHO=first -- sh -c 'echo first >/tmp/file; hostname renamed; sleep 1000 & wait; wait' &
box=$!
wait_for 10 eval '[ "$(names)" = one ]'
result "kbox ps names it" $? "$("$KBOX" ps)"
wait_for 10 eval '[ "$("$KBOX" exec one -- hostname)" = renamed ]'
result "it has begun" $?
read -r name pid since processes mib path < <("$KBOX" ps | tail -n 1)
match "its line" "$name $pid $since $processes $mib $path" "one $box 20[0-9-]{8}T[0-9:]{8}Z 2 [0-9]+\.[0-9] musl\.ext4"
check "the same as JSON" "$("$KBOX" ps --json | python3 -c '
import json, sys
(box,) = json.load(sys.stdin)
print(box["name"], box["pid"], box["since"], box["processes"], box["image"],
      1e6 < box["memory_bytes"] < 1e9, box["calls"] > 10, sorted(box)[-1])')" "one $box $since 2 musl.ext4 True True supervisor"
"$KBOX" -S musl.ext4 --ro --name=one -- true 2>err
check "a name belongs to one" "$? $(cat err)" "125 kbox: --name=one: a sandbox with that name runs"
"$KBOX" -S musl.ext4 --name=a/b -- true 2>err
check "a bad name" "$? $(wc -l <err)" "2 1"

inside() {
	"$KBOX" exec one -- "$@"
}
check "exec: output and status" "$(inside sh -c 'echo out; echo err >&2; exit 7' 2>err; echo $?)$(cat err)" $'out\n7err'
check "exec: input" "$(printf 'one\ntwo\n' | inside cat)" $'one\ntwo'
check "exec: much input and output" "$(seq 200000 | inside cat | md5sum)" "$(seq 200000 | md5sum)"
check "exec: arguments as they are" "$(inside printf '<%s>' a '' 'b c' '*')" '<a><><b c><*>'
check "exec: the same file system" "$(inside cat /tmp/file)" first
check "exec: -w and --env" "$(HERE=value "$KBOX" exec -w /tmp --env=A=1 --env=HERE --env=NOT_SET one sh -c 'pwd; echo $A $HERE ${NOT_SET-unset} ${WHO-unset} $HOME')" $'/tmp\n1 value unset unset /root'
check "exec: identity" "$(inside id -u)" 0
check "exec: a death" "$(inside sh -c 'kill -9 $$'; echo $?)" 137
check "exec: SIGPIPE ends it" "$(inside yes | head -n 1)" y
inside nosuch 2>err
check "exec: no such command" "$? $(cat err)" "127 kbox: nosuch: no such command in the image"
inside /etc/passwd 2>err
check "exec: not executable" "$? $(wc -l <err)" "126 1"
"$KBOX" exec -w /nosuch one true 2>err
check "exec: no such folder" "$? $(wc -l <err)" "125 1"
"$KBOX" exec one 2>err
check "exec: no command" "$? $(wc -l <err)" "2 1"
check "exec: a session and a group of its own" "$(inside sh -c 'set -- $(cat /proc/self/stat); [ $6 = $$ ] && [ $5 = $$ ] && echo own')" own
check "exec: seen by the others" "$(inside sh -c 'tr "\0" " " </proc/$$/cmdline | cut -c 1-5; ps | grep -c " [s]leep 1000\$"')" $'sh -c\n1'
check "exec: nothing of the supervisor's left open" "$(inside sh -c 'ls /proc/self/fd | tr "\n" " "')" "0 1 2 3 "
check "exec: children and threads of it" "$(inside sh -c '(echo a; (echo b | cat)) | cat; sh -c "exit 3"; echo $?')" $'a\nb\n3'
: >started
for i in $(seq 40); do inside sh -c "echo $i" >>started & jobs[i]=$!; done
wait "${jobs[@]}"
check "forty at once, as far as there is room" "$(sort -nu started | wc -l)" "$(wc -l <started)"
for i in $(seq 40); do inside true || echo "no $i"; done >many
check "forty in turn: nothing is used up" "$(cat many)" ""

# Signals go on, and the client's end is a hang-up.
rm -f out
"$KBOX" exec one -- sh -c 'trap "echo got; exit 5" TERM; echo ready; while :; do sleep 0.05; done' >out &
client=$!
wait_for 10 grep -qs ready out
kill -TERM "$client"
wait "$client"
check "a signal is passed on" "$? $(tr '\n' ' ' <out)" "5 ready got "
rm -f out
"$KBOX" exec one -- sh -c 'trap "echo hangup >/tmp/hup; exit" HUP; echo ready; while :; do sleep 0.05; done' >out &
client=$!
wait_for 10 grep -qs ready out
kill -KILL "$client"
wait "$client" 2>/dev/null
wait_for 10 inside test -f /tmp/hup
result "the client is killed: SIGHUP" $?

"$KBOX" exec one -- sh -c 'while :; do cat /tmp/file >/dev/null; done' &
busy=$!
"$KBOX" top -d 0.5 >top.out
check "top: status" $? 0
grep -qE '^one +pid '"$box"' ' top.out && grep -qE '^ +[0-9]+\.[0-9]  (close|openat?|sendfile|wait4)$' top.out &&
	grep -qE '^ +[0-9]+ S +1 +[0-9.]+ +[0-9.]+  sleep$' top.out
result "top: rates and processes" $? "$(cat top.out)"
kill "$busy"
wait "$busy"

PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$TESTS/integration python3 - <<'END' >py.out 2>&1
import os, socket, struct, subprocess, time
from session import KBOX, Session, report

s = Session(outer=(KBOX, "exec", "one", "--", "sh", "-c", "test -t 0 && test -t 1 && stty size; stty raw; read x; echo got=$x; sleep 0.2"))
report("exec at a terminal: its size", s.until("33 101"), s.text)
s.send("line\n")
report("exec at a terminal: input", s.until("got=line"), s.text)
report("exec at a terminal: its end", s.end() == 0, s.text)
s = Session(outer=(KBOX, "top", "-d", "0.2", "one"))
report("top on a terminal", s.until("A SECOND") and s.until("COMMAND"), s.text)
s.send("q")
report("top ends with q", s.end() == 0, s.text)

# Clients that stall, or send nonsense: the box goes on.
path = os.environ["XDG_RUNTIME_DIR"] + "/kbox"
os.chdir(path)
def connect():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(5)
    s.connect("one.sock")
    return s
def head(kind, number=0, size=16, version=0x6b620001):
    return struct.pack("<IIiI", version, kind, number, size)
def works():
    return subprocess.run([KBOX, "exec", "one", "true"], timeout=20).returncode == 0
silent = [connect() for _ in range(60)]
report("sixty silent clients", works())
for s in silent: s.close()
flood = connect()
flood.setblocking(False)
sent = 0
try:
    while sent < 100000:
        flood.send(head(0)); sent += 1
except (BlockingIOError, ConnectionError):
    pass
report("one that reads no answer", works())
flood.close()
def refused(data, files=()):
    s = connect()
    try:
        if files: socket.send_fds(s, [data], list(files))
        else: s.send(data)
        return s.recv(100) == b""
    except ConnectionError:
        return True
null = os.open("/dev/null", os.O_RDWR)
bodies = [b"x", b"", head(0)[:-1], head(99), head(0, version=1), head(0, size=9999),
          head(2), head(2, size=28) + struct.pack("<III", 0, 0, 1),
          head(2, size=28) + struct.pack("<III", 0, 0xffffffff, 0xffffffff),
          head(2, size=32) + struct.pack("<III", 1, 0, 1) + b"abcd"]
report("nonsense", all(refused(b) for b in bodies if b))
report("nonsense with files", all(refused(b, [null] * 3) for b in bodies if b and b[4:8] == b"\2\0\0\0"))
report("too many files", refused(head(2, size=32) + struct.pack("<III", 0, 0, 1) + b"ls\0\0", [null] * 4))
report("works after it", works())
supervisor = int(subprocess.check_output(["sh", "-c", f"{KBOX} ps --json | sed 's/.*supervisor\":\\([0-9]*\\).*/\\1/'"]))
time.sleep(0.2)
END
cat py.out

"$KBOX" kill -s USR1 nosuch 2>err
check "kill of no sandbox" "$? $(wc -l <err)" "125 1"
"$KBOX" kill -s NOSUCH one 2>err
check "kill with no signal" "$? $(wc -l <err)" "2 1"
inside sleep 1000 &
client=$!
wait_for 10 eval 'inside ps | grep -q "[s]leep 1000\$"'
"$KBOX" kill one
wait "$box"
check "kill: TERM for the first program" $? 143
wait "$client"
check "exec ends with the sandbox" $? 137
check "it is listed no more" "$(names)" ""

"$KBOX" -q -S musl.ext4 -- sh -c 'trap "" TERM INT HUP; sleep 1000; sleep 1000' &
box=$!
wait_for 10 eval '[ "$(names)" = "musl-$box" ]'
result "a name made from the image's" $? "$(names)"
wait_for 10 eval '[ "$(guests_of $box | wc -l)" -ge 2 ]'
"$KBOX" kill --signal=SIGKILL "musl-$box"
wait "$box"
check "kill: KILL ends all" "$?" 137

# What a sandbox that was killed leaves is taken away.
"$KBOX" -q -S musl.ext4 --name=stale -- sleep 1000 &
box=$!
wait_for 10 eval '[ "$(names)" = stale ]'
kill -KILL "$(supervisor "$box")"
wait "$box" 2>/dev/null
check "a stale socket is left" "$(sockets)" stale.sock
check "ps takes it away" "$(names)$(sockets)" ""
"$KBOX" -q -S musl.ext4 --name=stale -- sleep 1000 &
box=$!
wait_for 10 eval '[ "$(names)" = stale ]'
kill -KILL "$(supervisor "$box")"
wait "$box" 2>/dev/null
check "or the next one of that name" "$("$KBOX" -q -S musl.ext4 --name=stale -- echo runs)" runs

# A folder that others can write to is not used.
mkdir -p open/kbox
chmod 777 open/kbox
XDG_RUNTIME_DIR=$WORK/open "$KBOX" ps 2>err
check "a folder open to others" "$? $(wc -l <err)" "125 1"

# Two users' sandboxes cannot see or join each other.
if [ "$(id -u)" -eq 0 ]; then
	as() { setpriv --reuid "$1" --regid "$1" --clear-groups env "XDG_RUNTIME_DIR=$WORK/$1" "${@:2}"; }
	chmod 711 "$WORK"
	for uid in 65533 65534; do
		mkdir -m 700 "$uid"
		cp --sparse=always musl.ext4 "$uid/musl.ext4"
		chown -R "$uid:$uid" "$uid"
	done
	as 65533 "$KBOX" -q -S "$WORK/65533/musl.ext4" --name=theirs -- sleep 1000 &
	box=$!
	wait_for 10 eval '[ "$(as 65533 "$KBOX" ps | awk "NR > 1 { print \$1 }")" = theirs ]'
	result "the user sees it" $?
	check "another does not" "$(as 65534 "$KBOX" ps | wc -l)" 1
	as 65534 env "XDG_RUNTIME_DIR=$WORK/65533" "$KBOX" ps 2>err
	check "nor in its folder" "$? $(wc -l <err)" "125 1"
	as 65534 env "XDG_RUNTIME_DIR=$WORK/65533" "$KBOX" exec theirs true 2>err
	check "nor can it join" "$? $(wc -l <err)" "125 1"
	# Even where the folder lets it in, the sandbox does not.
	chmod 711 65533 65533/kbox
	chmod 666 65533/kbox/theirs.sock
	check "the sandbox itself refuses" "$(as 65534 python3 -c '
import socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.settimeout(5)
s.connect(sys.argv[1])
try:
    s.send(struct.pack("<IIiI", 0x6b620001, 0, 0, 16))
    print(len(s.recv(100)))
except ConnectionError:
    print(0)' "65533/kbox/theirs.sock" 2>&1)" 0
	# And a client does not talk to somebody else'\''s sandbox, root included.
	mkdir -m 700 mine mine/kbox
	ln "65533/kbox/theirs.sock" mine/kbox/theirs.sock
	XDG_RUNTIME_DIR=$WORK/mine "$KBOX" exec theirs true 2>err
	check "the client refuses" "$? $(cat err)" "125 kbox: theirs: Operation not permitted"
	rm -r mine
	chmod 700 65533/kbox 65533
	as 65533 "$KBOX" kill -s KILL theirs
	wait "$box"
	check "its user ends it" $? 137
fi
finish
