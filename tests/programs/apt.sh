#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# apt: packages of a local repository that the test makes and signs nothing of:
# update, install with a dependency, upgrade, reinstall, remove.

export DEBIAN_FRONTEND=noninteractive
repo=$PWD/repo
chmod 755 . && mkdir repo
# package NAME VERSION DEPENDS
package() {
	local root=build/$1-$2

	mkdir -p "$root"/{DEBIAN,usr/share/"$1"}
	printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: N <n@example.org>\nDescription: test\n' \
		"$1" "$2" >"$root/DEBIAN/control"
	[ -z "$3" ] || echo "Depends: $3" >>"$root/DEBIAN/control"
	printf '#!/bin/sh\necho "configured %s %s"\n' "$1" "$2" >"$root/DEBIAN/postinst"
	chmod 755 "$root/DEBIAN/postinst"
	echo "$2" >"$root/usr/share/$1/version"
	dpkg-deb --root-owner-group -b "$root" "$repo/$1_$2_all.deb" >/dev/null
}
index() {
	(cd "$repo" && apt-ftparchive packages . >Packages && xz -kf Packages &&
		apt-ftparchive release . >Release)
}
tidy() {
	grep -vE '^(Reading|Building|\(Reading|Fetched|Need to get|After this|W:|debconf:)|^ *$' | tr '\r' '\n' |
		sed 's/ *$//; s/ in [0-9]*s.*//; s/ \[[0-9]* B\]//'
}

mkdir -p etc
cp /etc/apt/sources.list etc/
rm -rf /etc/apt/sources.list.d/*
echo "deb [trusted=yes] file:$repo ./" >/etc/apt/sources.list
package kbox-lib 1.0 ''
package kbox-app 1.0 'kbox-lib (>= 1.0)'
index
apt-get -q update 2>&1 | grep -c '^Get:'
apt-cache policy kbox-app | sed 's/ *$//' | head -n 3
apt-get -q -y -o Dpkg::Use-Pty=0 install kbox-app 2>&1 | tidy
cat /usr/share/kbox-*/version
apt-mark showauto | grep kbox
package kbox-lib 1.1 ''
index
apt-get -q update >/dev/null 2>&1
apt list --upgradable 2>/dev/null | grep -c kbox
apt-get -q -y -o Dpkg::Use-Pty=0 upgrade 2>&1 | tidy | grep kbox
# With a terminal of its own for dpkg, and fetched by the user _apt.
apt-get -q -y --reinstall install kbox-lib 2>&1 | tidy | grep -E 'configured|kbox-lib'
cd /
apt-get -q -y -o Dpkg::Use-Pty=0 autoremove kbox-app 2>&1 | tidy
ls -d /usr/share/kbox-* 2>&1
apt-get -q -y install kbox-nothing 2>&1 | tail -n 1
echo "status ${PIPESTATUS[0]}"
apt-get check 2>&1 | grep -v Reading
ls -l /var/lib/apt/lists | grep -c Packages
cp /var/tmp/w/etc/sources.list /etc/apt/sources.list
