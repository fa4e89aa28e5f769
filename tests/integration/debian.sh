#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A Debian userland does what bash does natively: the line that stands for all
# of it, and real programs one by one.
# Run: root limit 120

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image debian

box() {
	"$KBOX" -S debian.ext4 -- "$@"
}

line='set -e; cd /tmp; seq 1000 | sort -rn | head -1; x=$(cat /etc/hostname); (cd /; pwd); pwd; echo a | cat | cat | wc -c; for i in 1 2 3; do (exit $i) || echo $?; done; sleep 1 & wait; python3 -c "import os,json; print(os.getpid()>0)"; perl -e "print 1+1"'
check "the line" "$(box /bin/bash -c "$line" 2>&1)" "1000
/
/tmp
2
1
2
3
True
2"
check "its status" "$(box /bin/bash -c "$line" >/dev/null 2>&1; echo $?)" 0
check "hostname" "$(box cat /etc/hostname)" "$(debugfs -R 'cat /etc/hostname' debian.ext4 2>/dev/null)"
out=$(box /bin/sh -c 'ls; ls; ls; cat /etc/os-release; cat /etc/os-release' 2>&1)
check "ls three times" "$(grep -cx etc <<<"$out")" 3
check "os-release twice" "$(grep -c '^ID=debian$' <<<"$out")" 2

# The same commands natively and inside; none looks at the machine.
same() {
	local native inside

	mkdir -p native/w
	native=$(cd native/w && bash -c "$2" 2>&1; echo "status $?")
	inside=$(box /bin/bash -c "mkdir -p /tmp/w && cd /tmp/w && { $2
}" 2>&1; echo "status $?")
	check "$1" "$inside" "$native"
	rm -rf native
}

{
same "loops and arithmetic" 'for ((i = 0; i < 5; i++)); do echo $((i * i)); done; printf "%05d %s\n" 42 x; a=(1 2 3); echo "${#a[@]} ${a[*]:1}"'
same "pipelines and status" 'set -o pipefail; seq 100 | grep 7 | sed s/7/x/ | tr x y | tail -3; false | true; echo $?; (exit 9) | cat; echo "${PIPESTATUS[*]}"'
same "redirections" 'echo one >f; echo two >>f; cat <f; cat <<E
here
E
exec 5>g; echo five >&5; exec 5>&-; cat g; echo err 2>&1 >/dev/null; { echo a; echo b >&2; } 2>h; cat h; wc -c <f'
same "process substitution" 'diff <(seq 5) <(seq 6); cat <(echo x) <(echo y)'
same "coprocess" 'coproc cat; echo hi >&"${COPROC[1]}"; read -r x <&"${COPROC[0]}"; echo "$x"; kill %1; wait 2>/dev/null; echo done'
same "traps and signals" 'trap "echo trapped" USR1; kill -USR1 $$; trap "echo bye" EXIT; sh -c "kill -TERM \$\$"; echo $?'
same "background jobs" 'for i in 3 1 2; do (sleep 0.$i; echo $i) & done; wait; echo all; sleep 5 & kill $!; wait $!; echo $?'
same "files" 'mkdir -p a/b/c; touch a/b/c/f; ln -s b a/l; ls -R a; cp -r a z; mv z y; find y | sort; rm -r y a; ls; stat -c %F . ; du -s . | wc -l'
same "sort much" 'seq 200000 | sort -R --random-source=/dev/zero | sort -n | md5sum; seq 100000 | sort -S 1M -rn | head -2'
same "tar and checksums" 'mkdir d; for i in $(seq 50); do echo $i >d/$i; done; tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=644 -cf - d | tar -tf - | wc -l; cat d/* | sha256sum; tar --sort=name -cf - d | gzip -n | gzip -d | tar xf - -O | md5sum'
same "dd and truncate" 'dd if=/dev/zero of=z bs=64k count=100 2>/dev/null; md5sum z; truncate -s 3 z; wc -c <z; dd if=z bs=1 count=2 2>/dev/null | od -c'
same "perl" 'perl -e "my \$pid = fork; if (!\$pid) { exit 3 } waitpid(\$pid, 0); print \$? >> 8, qq(\n); open(F, q(>), q(p)); print F join(q(,), map { \$_ * 2 } 1..10); close F; print -s q(p), qq(\n); print join(q( ), sort { \$a <=> \$b } (3, 20, 1)), qq(\n)"'
same "python" 'python3 -c "
import os, sys, signal
r, w = os.pipe()
if os.fork() == 0:
    os.write(w, b\"child\"); os._exit(4)
print(os.read(r, 10), os.WEXITSTATUS(os.wait()[1]))
open(\"p\", \"w\").write(\"x\" * 100000)
print(os.stat(\"p\").st_size, sorted(os.listdir(\".\")))
signal.signal(signal.SIGALRM, lambda *a: print(\"alarm\")); signal.setitimer(signal.ITIMER_REAL, 0.05); signal.pause()
sys.exit(7)"'
same "python threads" 'python3 -c "
import threading
out = []
ts = [threading.Thread(target=lambda i=i: out.append(i * i)) for i in range(20)]
[t.start() for t in ts]; [t.join() for t in ts]
print(sorted(out))"'
same "python sockets" 'python3 -c "
import socket, threading
s = socket.socket(); s.bind((\"127.0.0.1\", 0)); s.listen()
def serve():
    c, _ = s.accept(); c.sendall(c.recv(100).upper()); c.close()
t = threading.Thread(target=serve); t.start()
c = socket.create_connection(s.getsockname()); c.sendall(b\"hello\"); print(c.recv(100)); t.join()"'
same "a hundred processes" 'for i in $(seq 100); do /bin/true; done; for i in $(seq 30); do echo $i | cat >/dev/null; done; echo done'
same "xargs and parallel" 'seq 20 | xargs -P 4 -n 1 sh -c "echo \$1" _ | sort -n | md5sum'
same "umask and modes" 'umask 027; touch m; mkdir n; stat -c %a m n; chmod 4711 m; stat -c %A m; umask'
same "read from a fifo" 'mkfifo q; (echo data >q &) ; cat q; timeout 0.2 cat <>q; echo $?'
same "timeout and nice" 'timeout 0.2 sleep 5; echo $?; bash -c "timeout -s KILL 0.2 sleep 5; exit \$?" 2>/dev/null; echo $?; nice -n 3 nice'
same "long argument lists" 'echo $(seq 20000) | wc -w; /bin/echo $(seq 10000) | md5sum'
same "env" 'A=1 env -u PATH -i B=2 /usr/bin/env; X=y; export X; sh -c "echo \$X"'
same "not found" 'nosuchcommand 2>/dev/null; echo $?; ./nothing 2>/dev/null; echo $?; touch noexec; ./noexec 2>/dev/null; echo $?'
same "select by glob" 'touch a1 a2 b1; echo a* [!a]* *.x; shopt -s nullglob; echo *.x; cd ..; cd - >/dev/null; basename "$PWD"'
}
finish
