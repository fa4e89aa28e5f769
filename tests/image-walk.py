#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""image-walk.py {folder|tar} PATH: a line for each file, all that is kept of it.

Path, type, mode, owner, group, modification time in ns, size, digest of the
contents, target of a symbolic link, device numbers, extended attributes, and the
first of its names. The lines of a folder and of an archive with the same files are
the same. Given "-" as PATH, the folder is / without lost+found and .kbox.
"""
import hashlib
import os
import stat
import struct
import sys

TYPES = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link",
         stat.S_IFCHR: "char", stat.S_IFBLK: "block", stat.S_IFIFO: "fifo",
         stat.S_IFSOCK: "socket"}
LEFT_OUT = {"lost+found", ".kbox"}


def show(path, kind, mode, uid, gid, mtime, size, digest, target, dev, attrs,
         first):
    attrs = " ".join(f"{k}={v.hex()}" for k, v in sorted(attrs.items()))
    return (os.fsencode(path).hex(), f"{os.fsencode(path)!r} {kind} {mode:o} "
            f"{uid}:{gid} {mtime} {size} {digest} {target!r} {dev} [{attrs}] "
            f"{os.fsencode(first)!r}")


def digest_of(file):
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def walk_folder(root, left_out):
    firsts = {}

    def names(folder):
        yield folder
        for entry in sorted(os.listdir(os.path.join(root, folder) or root)):
            path = os.path.join(folder, entry)
            if path in left_out:
                continue
            if stat.S_ISDIR(os.lstat(os.path.join(root, path)).st_mode):
                yield from names(path)
            else:
                yield path

    paths = sorted(names(""), key=os.fsencode)
    for path in paths:
        whole = os.path.join(root, path) if path else root
        st = os.lstat(whole)
        kind = TYPES[stat.S_IFMT(st.st_mode)]
        first = firsts.setdefault((st.st_dev, st.st_ino), path)
        digest, target, size, dev = "", "", 0, ""
        if kind == "file":
            size = st.st_size
            with open(whole, "rb") as file:
                digest = digest_of(file)
        elif kind == "link":
            target = os.fsencode(os.readlink(whole))
        elif kind in ("char", "block"):
            dev = f"{os.major(st.st_rdev)},{os.minor(st.st_rdev)}"
        attrs = {}
        for name in os.listxattr(whole, follow_symlinks=False):
            attrs[name] = os.getxattr(whole, name, follow_symlinks=False)
        yield show(path, kind, stat.S_IMODE(st.st_mode), st.st_uid, st.st_gid,
                   st.st_mtime_ns, size, digest, target, dev, attrs, first)


def time_ns(member):
    seconds, _, rest = member.pax_headers.get("mtime", str(member.mtime)).partition(".")
    nanos = int((rest + "0" * 9)[:9])
    return int(seconds) * 10 ** 9 + (-nanos if seconds.startswith("-") else nanos)


ACL_TAGS = {"user": (1, 2), "group": (4, 8), "mask": (16, 16), "other": (32, 32)}


def pack_acl(text):
    """As the kernel has it in an attribute: tag, permissions, number."""
    entries = []
    for line in filter(None, text.replace(",", "\n").splitlines()):
        tag, name, perm, *number = line.split(":")
        own, other = ACL_TAGS[tag]
        bits = 4 * ("r" in perm) + 2 * ("w" in perm) + ("x" in perm)
        number = int(number[0] if number else name) if name else 0xffffffff
        entries.append((other if name else own, bits, number))
    return struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", *entry) for entry in sorted(entries))


def attrs_of(member):
    attrs = {}
    for name, value in member.pax_headers.items():
        if name.startswith("SCHILY.xattr."):
            attrs[name[13:]] = value.encode("utf-8", "surrogateescape")
        elif name == "SCHILY.acl.access":
            attrs["system.posix_acl_access"] = pack_acl(value)
        elif name == "SCHILY.acl.default":
            attrs["system.posix_acl_default"] = pack_acl(value)
    return attrs


def walk_tar(archive):
    import tarfile

    members = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            path = os.path.normpath(member.name)
            members["" if path == "." else path] = member
        groups = {}
        for path, member in members.items():
            target = path
            while members[target].islnk():
                target = os.path.normpath(members[target].linkname)
            groups.setdefault(target, []).append(path)
        for target, paths in groups.items():
            member = members[target]
            kind, digest, link, size, dev = "file", "", "", 0, ""
            if member.isdir():
                kind = "folder"
            elif member.issym():
                kind, link = "link", os.fsencode(member.linkname)
            elif member.ischr() or member.isblk():
                kind = "char" if member.ischr() else "block"
                dev = f"{member.devmajor},{member.devminor}"
            elif member.isfifo():
                kind = "fifo"
            else:
                size = member.size
                digest = digest_of(tar.extractfile(member))
            mode = 0o777 if kind == "link" else member.mode & 0o7777
            first = min(paths, key=os.fsencode)
            for path in paths:
                yield show(path, kind, mode, member.uid, member.gid,
                           time_ns(member), size, digest, link, dev,
                           attrs_of(member), first)


def main(kind, path):
    if kind == "tar":
        lines = list(walk_tar(path))
    elif path == "-":
        lines = list(walk_folder("/", LEFT_OUT))
    else:
        lines = list(walk_folder(path, set()))
    for _, line in sorted(lines):
        print(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
