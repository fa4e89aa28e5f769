#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Archives for the tests of "kbox image build".

image-archives.py odd OUT [ARCHIVE]      all that a tar archive can say of files,
                                         after the contents of ARCHIVE
image-archives.py layer OUT              a layer for Debian, with whiteouts
"""
import io
import random
import sys
import tarfile

REGULAR, LINK, SYMLINK = tarfile.REGTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE
FOLDER = tarfile.DIRTYPE


def member(name, kind=REGULAR, **what):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.mode = what.pop("mode", 0o755 if kind == FOLDER else 0o644)
    info.mtime = what.pop("mtime", 1700000000)
    for key, value in what.items():
        setattr(info, key, value)
    return info


def add(tar, info, data=b""):
    if info.type == REGULAR:
        info.size = len(data)
    tar.addfile(info, io.BytesIO(data) if info.type == REGULAR else None)


def capability():
    """cap_net_raw=ep, as security.capability has it."""
    return "".join(map(chr, bytes.fromhex("0100000200200000" + "00" * 12)))


def add_odd(tar):
    add(tar, member("odd", FOLDER, mode=0o2775, uid=7, gid=8,
                    mtime=1500000000.123456789))
    add(tar, member("odd/sticky", FOLDER, mode=0o1777, mtime=1))
    add(tar, member("odd/setuid", mode=0o6755, uid=12, gid=34), b"#!/bin/sh\n")
    add(tar, member("odd/none", mode=0, uid=2 ** 31, gid=2 ** 32 - 2), b"x")
    add(tar, member("odd/old", mtime=-1000000000), b"old")
    add(tar, member("odd/late", mtime=5000000000.000000001), b"late")
    add(tar, member("odd/empty"))
    add(tar, member("odd/large"), random.Random(1).randbytes(3 << 20))
    add(tar, member("odd/zeros"), bytes(1 << 20))
    add(tar, member("odd/\xe4\u20ac\U0001f600"), b"utf-8")
    add(tar, member("odd/\udce4\udcff"), b"no utf-8")
    add(tar, member("odd/new\nline"), b"n")
    add(tar, member("odd/" + "n" * 255), b"long")
    for depth in range(1, 20):
        add(tar, member("odd/" + "/".join(["d" * 99] * depth), FOLDER))
    add(tar, member("odd/null", tarfile.CHRTYPE, devmajor=1, devminor=3, mode=0o666))
    add(tar, member("odd/disk", tarfile.BLKTYPE, devmajor=259, devminor=70000, gid=6))
    add(tar, member("odd/pipe", tarfile.FIFOTYPE, mode=0o600))
    add(tar, member("odd/to-nowhere", SYMLINK, linkname="/no/such", uid=9, gid=9,
                    mode=0o777, mtime=1400000000.25))
    add(tar, member("odd/up", SYMLINK, linkname="../" * 40 + "etc/passwd", mode=0o777))
    add(tar, member("odd/zz-first", uid=3), b"three names")
    add(tar, member("odd/second", LINK, linkname="odd/zz-first"))
    add(tar, member("odd/sticky/third", LINK, linkname="./odd/second"))
    info = member("odd/attrs", mode=0o664)
    info.pax_headers = {
        "SCHILY.xattr.user.text": "words of mine",
        "SCHILY.xattr.user.empty": "",
        "SCHILY.xattr.trusted.overlay": "t",
        "SCHILY.xattr.security.capability": capability(),
        "SCHILY.acl.access": "user::rw-,group::r--,mask::rw-,other::r--,"
                             "user:1005:rw-:1005,group:77:r-x:77",
    }
    add(tar, info, b"attributes")
    info = member("odd/acl", FOLDER, mode=0o755)
    info.pax_headers = {"SCHILY.acl.default": "user::rwx,group::r-x,mask::rwx,"
                                              "other::---,user:1006:rwx:1006"}
    add(tar, info)


def make_odd(out, archive=None):
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT,
                      encoding="utf-8", errors="surrogateescape") as tar:
        if archive:
            with tarfile.open(archive) as source:
                for info in source:
                    tar.addfile(info, source.extractfile(info) if info.isreg() else None)
        add_odd(tar)


def make_layer(out):
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as tar:
        add(tar, member("etc/.wh.hostname"))
        add(tar, member("etc/.wh.no-such-file"))
        add(tar, member("etc/.wh.gone-and-back"))
        add(tar, member("etc/gone-and-back"), b"back")
        add(tar, member("etc/default/new"), b"new")
        add(tar, member("etc/apt/new"), b"new")
        add(tar, member("etc/apt/.wh..wh..opq"))
        add(tar, member("etc/.wh..wh.aufs"), b"of another kind")
        add(tar, member("lib/through-link"), b"through")
        add(tar, member("srv"), b"no folder")


if __name__ == "__main__":
    {"odd": make_odd, "layer": make_layer}[sys.argv[1]](*sys.argv[2:])
