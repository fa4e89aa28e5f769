#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The page of --web: what it serves and refuses, and how it looks and works in a
# browser. Screenshots become artefacts.
# Run: root limit 180

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image debian

# Programs that come and go, writes, and one that holds files open.
load='exec 7</etc/passwd; while :; do i=0; while [ $i -lt 10 ]; do /bin/true; i=$((i+1)); done
	ls -lR /usr/share/doc >/dev/null; dd if=/dev/zero of=/root/zeros bs=64k count=20 2>/dev/null
	cat /nothing; sync; sleep 0.3; done 2>/dev/null'

# start [OPTION...]: the load with a page; sets pid, url.
start() {
	"$KBOX" -q -S debian.ext4 --web "$@" -c "$load" </dev/null >/dev/null 2>web.err &
	pid=$!
	wait_for 10 grep -q '^kbox: the box is at http://127\.0\.0\.1:' web.err
	url=$(sed -n 's/^kbox: the box is at //p' web.err)
}

stop() {
	kill "$pid"
	wait "$pid" 2>/dev/null
}

start
match "--web says where the page is" "$url" 'http://127\.0\.0\.1:[0-9]+/#[0-9a-f]{32}'
out=$("$TESTS/web/check-api" "$url" "$(supervisor "$pid")" 2>&1)
result "the interface" $? "$out"

# Somebody who opens connections and says nothing, or half of something.
out=$(python3 - "$url" <<-'END'
	import socket, sys, time, urllib.parse, urllib.request
	at = urllib.parse.urlparse(sys.argv[1])
	held = [socket.create_connection((at.hostname, at.port)) for _ in range(40)]
	for s in held[::2]:
	    s.sendall(b"GET /api/about HTTP/1.1\r\nHost: ")
	time.sleep(0.2)
	print(urllib.request.urlopen(at._replace(fragment="").geturl(), timeout=5).status)
END
)
check "slow clients hold up nobody" "$out" 200

if [ -d "$WEB/node_modules" ] && command -v node >/dev/null && command -v chromium >/dev/null; then
	cp -r "$TESTS/web/page.mjs" . && ln -s "$WEB/node_modules" .
	timeout 120 node page.mjs "$url" "$ARTEFACTS" "$(command -v chromium)" || result "the page in a browser" 1 "status $?"
else
	result "the page in a browser (left out: no chromium, node or playwright-core here)" 0
fi
stop
# One that no connection of others gets by chance.
port=$((20000 + RANDOM % 10000))
start --web="$port"
match "--web=PORT" "$url" "http://127\.0\.0\.1:$port/#[0-9a-f]{32}"
out=$("$KBOX" -q -S debian.ext4 --ro --web="$port" -- /bin/true 2>&1)
check "a port in use" "$? $out" \
	"125 kbox: --web: the port is in use; without one, --web takes any that is free"
stop
out=$("$KBOX" -q -S debian.ext4 --web=0 -- /bin/true 2>&1)
check "no port" "$? $out" "2 kbox: 0: --web needs the number of a port (1 to 65535), or none; see kbox --help"
check "a command and its status with the page" \
	"$("$KBOX" -q -S debian.ext4 --web -c 'echo text; exit 3' 2>/dev/null; echo $?)" $'text\n3'
finish
