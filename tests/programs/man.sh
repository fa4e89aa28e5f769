#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# man: pages through groff and a pager, the index, other sections.

export MANWIDTH=80 MANPAGER=cat PAGER=cat
man ls | sha256sum
man 5 deb | head -n 3
man -k . >/dev/null 2>&1
echo "before the index: $?"
mandb -q 2>&1 | head -n 3
apropos -s 1 '^tar$'
whatis sort git-gc
man -w bash
cat >page.1 <<'EOF'
.TH KBOX-PAGE 1
.SH NAME
kbox-page \- a page of the test
.SH DESCRIPTION
Some \fBbold\fR and \fIitalic\fR text.
.TS
l l.
a	table
.TE
EOF
man -l ./page.1
man -t ls | head -c 11
echo
man ls | col -b | grep -c OPTION
man nothere 2>&1
echo "man: $?"
groff -Tutf8 -man page.1 | grep -c KBOX
