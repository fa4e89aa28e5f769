#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dpkg: a package with scripts and a conffile is built, installed, changed,
# verified, upgraded and purged.

export DEBIAN_FRONTEND=noninteractive
# build VERSION: kbox-test_VERSION.deb
build() {
	local root=root-$1

	mkdir -p "$root"/{DEBIAN,etc/kbox-test,usr/share/kbox-test}
	cat >"$root/DEBIAN/control" <<EOF
Package: kbox-test
Version: $1
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: a package for a test
 It has scripts, a conffile, links and many files.
EOF
	echo /etc/kbox-test/conf >"$root/DEBIAN/conffiles"
	echo "version=$1" >"$root/etc/kbox-test/conf"
	for script in preinst postinst prerm postrm; do
		printf '#!/bin/sh\nset -e\necho "%s %s: $*"\n' "$script" "$1" >"$root/DEBIAN/$script"
		chmod 755 "$root/DEBIAN/$script"
	done
	for i in {1..200}; do echo "$i of $1" >"$root/usr/share/kbox-test/$i"; done
	ln -s 1 "$root/usr/share/kbox-test/link"
	ln "$root/usr/share/kbox-test/2" "$root/usr/share/kbox-test/hard"
	dpkg-deb --root-owner-group -b "$root" "kbox-test_$1.deb"
}

build 1.0
build 2.0
dpkg-deb -I kbox-test_1.0.deb | grep -c Package
dpkg-deb -c kbox-test_1.0.deb | wc -l
dpkg -i kbox-test_1.0.deb 2>&1 | grep -v 'Reading database'
dpkg-query -W -f '${Package} ${Version} ${db:Status-Abbrev}\n' kbox-test
dpkg -L kbox-test | wc -l
dpkg -S /usr/share/kbox-test/7
dpkg -V kbox-test
echo changed >/usr/share/kbox-test/7
echo edited >>/etc/kbox-test/conf
dpkg -V kbox-test
dpkg --force-confold -i kbox-test_2.0.deb 2>&1 | grep -v 'Reading database'
cat /etc/kbox-test/conf /etc/kbox-test/conf.dpkg-dist
cat /usr/share/kbox-test/{7,link,hard}
dpkg -r kbox-test 2>&1 | grep -v 'Reading database'
dpkg-query -W -f '${db:Status-Abbrev}\n' kbox-test
ls /etc/kbox-test
dpkg -P kbox-test 2>&1 | grep -v 'Reading database'
ls -d /etc/kbox-test /usr/share/kbox-test 2>&1
dpkg -s kbox-test 2>&1
dpkg --audit
dpkg --configure -a
echo "status $?"
