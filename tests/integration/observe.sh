#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is seen of a run: statistics and traces.
# Run: root limit 120

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image debian

box() {
	"$KBOX" -q -S debian.ext4 "$@"
}

# trace_of NAME TRACE: it is well-formed, complete, and nothing is lost.
trace_of() {
	local out

	out=$("$TESTS/check-trace" "$TESTS/../docs/trace-schema.json" "$2" 2>&1)
	result "$1: well-formed" $? "$out"
	case $out in
	*lost=*) result "$1: complete" 1 "$out" ;;
	*) result "$1: complete" 0 ;;
	esac
}

# count TRACE PYTHON-CONDITION: how many calls fit; c is the call's object.
count() {
	python3 - "$1" "$2" <<-'END'
		import json, sys
		calls = [c for c in map(json.loads, open(sys.argv[1])) if c["type"] == "call"]
		print(sum(bool(eval(sys.argv[2])) for c in calls))
	END
}

# --- statistics

box --stats -- /bin/sh -c 'cat /etc/passwd >/dev/null; cat /nothing' >/dev/null 2>stats
grep -qE '^kbox: read +[0-9]+ ' stats && grep -qE '^kbox: openat +[0-9]+ +[1-9]' stats &&
	grep -q '^kbox: disk a: [1-9]' stats && grep -q '^kbox: shadows: ' stats &&
	grep -q '^kbox: processes: ' stats
result "--stats prints a table" $? "$(cat stats)"
box --stats=json:stats.json -- /bin/dd if=/dev/zero of=/root/zeros bs=1000 count=500 2>/dev/null
python3 - <<-'END' >out 2>&1
	import json
	stats = json.load(open("stats.json"))
	calls = {c["call"]: c for c in stats["calls"]}
	assert stats["format"] == "kbox-stats" and stats["version"] == 1
	assert calls["write"]["bytes"] >= 500000, calls["write"]
	assert calls["write"]["count"] >= 500 and calls["read"]["bytes"] >= 500000
	assert calls["execve"]["class"] == "SPLIT"
	for c in stats["calls"]:
	    assert c["p50_ns"] <= c["p99_ns"] and c["kernel_ns"] <= c["total_ns"], c
	    assert c["errors"] + c["at_host"] <= c["count"], c
	assert sum(c["count"] for c in stats["calls"]) <= stats["served"]["caught"]
	assert stats["disks"][0]["write_bytes"] > 0 and stats["processes"]["execs"] >= 1
END
result "--stats=json:FILE" $? "$(cat out)"
# Of three calls that nobody has, two by one program.
box --stats=json:stats.json -- perl -e \
	'syscall(425, 1, 0); syscall(425, 1, 0); syscall(321, 0, 0, 0)' 2>/dev/null
check "--stats tells who asked for what is not offered" "$(python3 - <<-'END'
	import json
	for r in sorted(json.load(open("stats.json"))["not_offered"], key=lambda r: r["call"]):
	    print(r["comm"], r["call"], r["error"], r["count"])
END
)" "perl bpf EPERM 1
perl io_uring_setup ENOSYS 2"
check "the errors stay the same" \
	"$(box --stats=json:/dev/null -- perl -e 'syscall(425,1,0); print $!+0, " "; syscall(321,0,0,0); print $!+0, "\n"')" \
	"$(box -- perl -e 'syscall(425,1,0); print $!+0, " "; syscall(321,0,0,0); print $!+0, "\n"')"

# --- traces

session='cd /etc; cat passwd hostname >/dev/null; ls -l /usr >/dev/null; echo a b | tr a-z A-Z | cat;
	find /var -name "*.list" >/dev/null; mkdir /root/d; echo text >/root/d/f; mv /root/d/f /root/d/g;
	rm -r /root/d; cat /nothing; (exit 4)'
box --trace=all.jsonl -- /bin/bash -c "$session" >out 2>/dev/null
check "a traced command does what it does" "$? $(cat out)" "4 A B"
trace_of "a trace" all.jsonl
check "a trace is its owner's alone" "$(stat -c %a all.jsonl)" 600
[ "$(count all.jsonl 'c["call"] == "openat" and c["args"]["path"] == "/nothing" and c.get("error") == "ENOENT"')" = 1 ]
result "an open that fails" $?
[ "$(count all.jsonl 'c["call"] == "openat" and c["args"]["path"] == "passwd" and c["args"]["dirfd"] == {"fd": "AT_FDCWD", "path": "/etc"} and c["result"]["path"] == "/etc/passwd"')" = 1 ]
result "descriptors are resolved" $?
[ "$(count all.jsonl 'c["call"] == "execve" and c["args"]["argv"][:2] == ["tr", "a-z"] and c["args"]["path"] == "/usr/bin/tr"')" = 1 ]
result "arguments of programs" $?
[ "$(count all.jsonl 'c["call"] == "write" and c["args"]["buf"] == {"bytes": 4, "data": "A B\n"} and c["result"] == 4 and "pipe:" in c["args"]["fd"]["path"]')" -ge 1 ]
result "what is written, and to where" $?
[ "$(count all.jsonl 'c["call"] == "newfstatat" and c["args"]["path"] == "/root/d/g" or c["call"].startswith("unlink") and c["args"]["path"] in ("g", "/root/d/g")')" -ge 1 ]
result "removed files" $?

box --trace=file.jsonl:call=%file,path=/etc/* -- /bin/bash -c "$session" >/dev/null 2>&1
trace_of "a trace with a filter" file.jsonl
check "a filter by path and call" "$(count file.jsonl 'True')" \
	"$(count file.jsonl 'c["call"] not in ("read", "close") and any("/etc" in json.dumps(a) or "passwd" in json.dumps(a) or "hostname" in json.dumps(a) for a in c["args"].values())')"
[ "$(count file.jsonl 'c["call"] == "openat"')" -ge 3 ]
result "a filter by path takes what fits" $?
box --trace=errors.jsonl:error=ENOENT -- /bin/bash -c "$session" >/dev/null 2>&1
check "a filter by error" "$(count errors.jsonl 'c["error"] != "ENOENT"')" 0
[ "$(count errors.jsonl 'True')" -ge 1 ]
result "a filter by error takes what fits" $?

box --trace=events.json -- /bin/bash -c "$session" >/dev/null 2>&1
trace_of "trace events" events.json

box --trace=native.jsonl:native -- /bin/bash -c "$session; trap 'echo got' USR1; kill -USR1 \$\$; sleep 0.05 & wait" >out 2>/dev/null
check "with native calls seen, too" "$(cat out)" "A B
got"
trace_of "a trace with native calls" native.jsonl
[ "$(count native.jsonl 'c["class"] == "HOST" and c["call"] == "rt_sigprocmask"')" -ge 5 ] &&
	[ "$(count native.jsonl 'c["call"] == "mprotect"')" -ge 5 ] &&
	[ "$(count native.jsonl 'c["call"] == "mmap" and "MAP_ANONYMOUS" in c["args"]["flags"]')" -ge 5 ]
result "native calls are in it" $?

box --trace=many.jsonl:call=getuid -- perl -e 'getppid, $< = $< for 1..1; for (1..100000) { syscall(102) }'
trace_of "100,000 calls" many.jsonl
[ "$(grep -c '"call":"getuid"' many.jsonl)" -ge 100000 ]
result "none of them is lost" $?

# --- reading traces

"$KBOX" trace show all.jsonl >shown
check "kbox trace show: a line for each event" "$?,$(wc -l <shown)" "0,$(grep -cvE '"type":"(start|end)"' all.jsonl)"
grep -qE '^[0-9.]+ [0-9]+ cat openat\(AT_FDCWD</etc>, "passwd", .*\) = 3</etc/passwd> <0\.[0-9]{6}>$' shown
result "kbox trace show: as strace shows it" $?
"$KBOX" trace summary -n 1000 all.jsonl >shown
check "kbox trace summary" $? 0
grep -qE '^ +1 +/usr/bin/tr$' shown && grep -qE '^ +[1-9][0-9]* 1 failed +/nothing$' shown &&
	grep -qE '^ +[1-9][0-9]* +/etc/passwd$' shown
result "kbox trace summary: programs and files" $? "$(head -n 60 shown)"
grep -E '^ +[0-9.]+ +[0-9.]+ +[0-9]+ +[0-9]+ [a-z0-9_]+$' shown | awk '{ sum += $3 } END { print sum }' >sum
check "kbox trace summary: counts all calls" "$(cat sum)" "$(grep -c '"type":"call"' all.jsonl)"
grep -v '"call":"read"' all.jsonl | "$KBOX" trace show - >shown
check "kbox trace show -" "$?,$(grep -c ' read(' shown)" 0,0
head -n -3 all.jsonl >cut.jsonl
printf '{"type":"call","se' >>cut.jsonl
"$KBOX" trace show cut.jsonl | tail -n 1 >shown
match "a trace that was cut off" "$(cat shown)" '.*no end.*'
for bad in events.json /nowhere debian.ext4; do
	"$KBOX" trace summary "$bad" >/dev/null 2>err
	check "kbox trace summary of $bad" "$? $(wc -l <err)" "125 1"
done
"$KBOX" trace show 2>err
check "kbox trace show of nothing" "$? $(wc -l <err)" "2 1"

# --- the doctor

"$KBOX" doctor >plain
check "kbox doctor" "$?,$(grep -c ^BAD plain)" 0,0
"$KBOX" doctor --json >doctor.json
check "kbox doctor --json" "$? $(python3 -c '
import json
d = json.load(open("doctor.json"))
assert d["format"] == "kbox-doctor" and all(f["state"] in ("ok", "warn") for f in d["findings"])
print(d["runs"], len(d["findings"]))')" "0 True $(grep -cE '^(ok|warn|BAD) ' plain)"
(ulimit -n 100 && "$KBOX" doctor | grep -q '^warn  open files')
result "kbox doctor: few open files" $?
(ulimit -v 400000 && "$KBOX" doctor | grep -q '^warn  address space')
result "kbox doctor: little address space" $?

# --- what goes wrong

box --trace=/nowhere/file -- true 2>err
check "a trace that cannot be written" "$? $(wc -l <err)" "125 1"
"$KBOX" -S debian.ext4 --trace=x:what=1 -- true 2>err
check "a filter that is wrong" "$? $(wc -l <err)" "2 1"
"$KBOX" -S debian.ext4 --trace=/dev/full -- /bin/sh -c 'ls /usr >/dev/null; exit 7' 2>err
check "a full disk: the command goes on, and one line" "$? $(grep -c 'the trace is not complete' err)" "7 1"
"$KBOX" -S debian.ext4 --stats=xml -- true 2>err
check "--stats=xml" "$? $(wc -l <err)" "2 1"
finish
