#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dash: a script of its own through a pipe, as a file, and with -c.

cat >script <<'EOF'
#!/bin/dash
set -eu
count() {
	local n=0 line
	while read -r line; do n=$((n + 1)); done
	echo "$n lines"
}
seq 1000 | count
trap 'echo exit trap, $?' EXIT
trap 'echo term; exit 9' TERM
for word in "$@"; do printf '%s|' "$word"; done
echo
case $(uname -s) in Linux) echo linux ;; *) echo other ;; esac
exec 3>out
echo three >&3
exec 3<out
read -r x <&3
echo "$x"
sleep 0.1 &
wait $!
umask 027
: >made
stat -c %a made
kill -TERM $$
sleep 5
EOF
chmod +x script
./script 'a b' c
echo "status $?"
dash <script
echo "status $?"
echo 'echo from a pipe; exit 3' | dash
echo "status $?"
dash -c 'echo $0 $#; false || echo or; ! true; echo $?' name x y
dash -c 'i=0; while [ $i -lt 300 ]; do i=$((i + 1)); echo $(/bin/echo $i); done' | sha256sum
dash -c 'nosuchcommand' 2>&1
echo "status $?"
dash -c 'echo $((1 / 0))' 2>&1
echo "status $?"
mkfifo fifo
dash -c 'echo through a fifo >fifo' &
cat fifo
wait
