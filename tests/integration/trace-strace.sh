#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A trace of a shell session with 20 programs against strace's own count of the
# same session, natively in the same userland: for every call that names a file
# or has a descriptor the two must be equal, but for what "differ" lists. Needs
# chroot(2), so root; as a user it says so.
# Run: root limit 120

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
if [ "$(id -u)" -ne 0 ]; then
	result "compared as root only: the native run needs chroot" 0
	echo end
	exit
fi
image debian

# No pipe is read by a program whose number of reads depends on timing. The output
# is a pipe both times, since programs ask what it is; /tmp is another file system
# inside.
session='cd /etc
cat passwd hostname
ls -l /usr/share
head -n 2 group
tail -n 2 group
wc -l passwd
sort passwd
uniq group
cut -d: -f1 passwd
grep root passwd
sed -n 1p passwd
find /usr/lib -maxdepth 1 -name "*.so"
mkdir /var/tmp/d
cp passwd /var/tmp/d/p
mv /var/tmp/d/p /var/tmp/d/q
chmod 600 /var/tmp/d/q
ln -s q /var/tmp/d/l
readlink /var/tmp/d/l
stat -c %s /var/tmp/d/q
touch /var/tmp/d/r
cmp /var/tmp/d/q passwd
rm -r /var/tmp/d
cat /nothing
basename /a/b
true'

# The names that both count: those whose arguments are paths or descriptors.
# Left out: mmap, whose anonymous mappings are native and not traced.
differ="mmap"

# The image's files, in a folder.
mkdir root
debugfs -R "rdump / $PWD/root" debian.ext4 >/dev/null 2>&1
mkdir -p root/proc root/dev
mknod root/dev/null c 1 3 && chmod 666 root/dev/null
mount -t proc proc root/proc

env -i PATH=/usr/bin:/bin LC_ALL=C strace -f -qq -e signal=none -e 'trace=%file,%desc,%network' -o native.txt \
	"$(command -v chroot)" root /bin/bash -c "$session" </dev/null 2>/dev/null | cat >native.out
umount root/proc
"$KBOX" -q -R debian.ext4 -0 --env LC_ALL=C --env PATH=/usr/bin:/bin --trace=inside.jsonl:call=%file+%desc+getcwd -- \
	/bin/bash -c "$session" </dev/null 2>/dev/null | cat >inside.out

check "the session's output" "$(grep -cv ^total inside.out)" "$(grep -cv ^total native.out)"
python3 - "$differ" >verdict <<-'END'
	import json, re, sys
	from collections import Counter
	native = Counter()
	began = False
	for line in open("native.txt"):
	    name = re.match(r"\d+ +(\w+)\(", line)
	    # strace begins with chroot's own calls; the session is what it runs.
	    began = began or ('execve("/bin/bash"' in line)
	    if began and name:
	        native[name[1]] += 1
	inside = Counter(json.loads(line)["call"] for line in open("inside.jsonl")
	                 if '"type":"call"' in line)
	programs = native["execve"]
	print(f"# {programs} programs, {sum(native.values())} calls of {len(native)} kinds")
	bad = [f"{name}: natively {native[name]}, inside {inside[name]}"
	       for name in sorted(set(native) | set(inside))
	       if native[name] != inside[name] and name not in sys.argv[1].split()]
	print("\n".join(bad) or ("fine" if programs >= 20 else "too few programs"))
END
check "calls with paths or descriptors, per call" "$(tail -n +2 verdict)" fine
head -n 1 verdict
finish
