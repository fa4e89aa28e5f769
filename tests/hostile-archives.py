#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Archives and container images that are meant to do harm, for "kbox image build".

hostile-archives.py FOLDER SEED COUNT OUTSIDE
    COUNT of them in FOLDER, each kind in turn. Those named "refused-..." must be
    refused, those named "any-..." may be taken, if they do none. OUTSIDE is a
    folder of the host's that they try to get at: to write OUTSIDE/escaped, to
    read or remove OUTSIDE/secret.
"""
import gzip
import hashlib
import io
import json
import os
import random
import struct
import sys
import tarfile

REGULAR, LINK, SYMLINK = tarfile.REGTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE
FOLDER = tarfile.DIRTYPE
TAR = "application/vnd.oci.image.layer.v1.tar"


def member(name, kind=REGULAR, **what):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.mode = 0o755 if kind == FOLDER else 0o644
    for key, value in what.items():
        setattr(info, key, value)
    return info


def add(tar, info, data=b""):
    if info.type == REGULAR:
        info.size = len(data)
    tar.addfile(info, io.BytesIO(data) if info.type == REGULAR else None)


def add_raw(tar, kind, data, claimed=None):
    """A member of any kind with contents, such as an extended header."""
    info = member("raw", kind)
    info.size = len(data) if claimed is None else claimed
    tar.addfile(info, None)
    tar.fileobj.write(data + bytes(-len(data) % 512))
    tar.offset += len(data) + -len(data) % 512


def records(**keys):
    """An extended header of records as they should be, but for what they say."""
    out = b""
    for key, value in keys.items():
        body = b" " + key.encode() + b"=" + value + b"\n"
        length = len(body)
        while len(str(length).encode() + body) != length:
            length = len(str(length).encode() + body)
        out += str(length).encode() + body
    return out


class Archives:
    """Single archives. A method writes one kind; its answer is whether what it
    wrote must be refused."""

    def __init__(self, rng, outside):
        self.rng, self.outside = rng, outside

    def climb(self):
        up = "../" * self.rng.randint(1, 12)
        return self.rng.choice([up + "escaped", "a/" + up + "escaped", "a/..",
                                "..", "//escaped", "./../escaped",
                                self.outside + "/escaped", "a//..//../escaped"])

    def climbing(self, tar):
        kind = self.rng.choice([REGULAR, FOLDER, SYMLINK, tarfile.CHRTYPE])
        add(tar, member(self.climb(), kind, linkname="x"), b"escaped")
        return True

    def link_outward(self, tar):
        add(tar, member("link", LINK, linkname=self.rng.choice(
            [self.climb(), self.outside + "/secret", "../secret"])))
        return True

    def link_with_contents(self, tar):
        add(tar, member("secret"), b"mine")
        info = member("link", LINK, linkname="secret", size=1 << 40)
        tar.fileobj.write(info.tobuf())
        tar.offset += 512

    def through_link(self, tar):
        target = self.rng.choice(["/", self.outside, "..", "../..", ".",
                                  "/proc/self/cwd", "/proc/self/root"])
        way = "way%d" % self.rng.randint(0, 9)
        add(tar, member(way, SYMLINK, linkname=target))
        add(tar, member(way + self.rng.choice(["/", "//", "/./"]) + "escaped",
                        self.rng.choice([REGULAR, FOLDER])), b"escaped")
        return True

    def through_two_links(self, tar):
        add(tar, member("one", SYMLINK, linkname="two"))
        add(tar, member("two", SYMLINK, linkname=self.outside))
        add(tar, member("one/escaped"), b"escaped")
        return True

    def link_through_link(self, tar):
        add(tar, member("way", SYMLINK, linkname=self.outside))
        add(tar, member("stolen", LINK, linkname="way/secret"))
        return True

    def link_to_link(self, tar):
        """A second name of a symbolic link, and a file below that."""
        add(tar, member("way", SYMLINK, linkname=self.outside))
        add(tar, member("other", LINK, linkname="way"))
        add(tar, member("other/escaped"), b"escaped")

    def link_to_file_link(self, tar):
        """Contents for a file whose name was a link to one outside."""
        add(tar, member("file", SYMLINK, linkname=self.outside + "/escaped"))
        add(tar, member("file"), b"escaped")

    def replaced(self, tar):
        """A link in place of a folder, and the other way round."""
        add(tar, member("r", FOLDER))
        add(tar, member("r/in"), b"in")
        add(tar, member("r", SYMLINK, linkname=self.outside))
        add(tar, member("r", FOLDER))
        add(tar, member("r/escaped"), b"inside, after all")

    def folder_becomes_link(self, tar):
        add(tar, member("r/in"), b"in")
        add(tar, member("r", SYMLINK, linkname=self.outside))
        add(tar, member("r/escaped"), b"escaped")
        return True

    def file_as_folder(self, tar):
        add(tar, member("file"), b"file")
        add(tar, member("file/below"), b"below")
        return True

    def twice(self, tar):
        kinds = [REGULAR, FOLDER, SYMLINK, tarfile.FIFOTYPE, tarfile.CHRTYPE]
        for _ in range(self.rng.randint(2, 20)):
            add(tar, member("twice", self.rng.choice(kinds),
                            linkname=self.outside + "/escaped"), b"escaped")

    def root(self, tar):
        add(tar, member(self.rng.choice([".", "./", "./."]),
                        self.rng.choice([REGULAR, SYMLINK]),
                        linkname=self.outside))
        return True

    def description(self, tar):
        """Where the description of a container image is kept."""
        add(tar, member(".kbox", SYMLINK, linkname=self.outside))
        add(tar, member("file"), b"")

    def huge(self, tar):
        info = member("huge")
        info.size = self.rng.choice([2 ** 62, 2 ** 40, 2 ** 63 - 1, 2 ** 37])
        tar.addfile(info)
        return True

    def many_large(self, tar):
        """Each is allowed, all of them are not; and none is there."""
        for number in range(20):
            add_raw(tar, b"x", records(**{"GNU.sparse.size": b"4000000000",
                                          "GNU.sparse.numblocks": b"0",
                                          "GNU.sparse.map": b""}))
            add(tar, member("hole%d" % number))

    def negative(self, tar):
        header = bytearray(member("negative").tobuf())
        header[124:136] = b"\xff" * 12
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        tar.fileobj.write(bytes(header))
        tar.offset += 512
        return True

    def dangling(self, tar):
        add(tar, member("dangling", LINK, linkname="no/such/file"))
        return True

    def itself(self, tar):
        add(tar, member("itself", LINK, linkname="./itself"))
        return True

    def circle(self, tar):
        add(tar, member("one", SYMLINK, linkname="two"))
        add(tar, member("two", SYMLINK, linkname="one"))
        add(tar, member("three", LINK, linkname="one"))

    def deep(self, tar):
        add(tar, member("/".join(["e"] * self.rng.randint(100, 1500)), FOLDER))
        add(tar, member("e"), b"in place of all of it")

    def too_deep(self, tar):
        add(tar, member("e/" * 3000 + "e"), b"")
        return True

    def long_name(self, tar):
        add(tar, member("l" * self.rng.randint(256, 5000)), b"")
        return True

    def odd_name(self, tar):
        names = ["new\nkbox: line", "\x1b[2J\x1b]0;title\x07", "\x7f\x08", "\t",
                 "a\\..\\b", "%s%n%s", "-rf", "$(touch escaped)", "\u202e",
                 "\udcff\udcfe", "CON", "..."]
        add(tar, member(self.rng.choice(names)), b"odd")
        add(tar, member(self.rng.choice(names) + "/../escaped"), b"odd")
        return True

    def nul_in_name(self, tar):
        add_raw(tar, b"x", records(path=b"a\0/../../escaped"))
        add(tar, member("file"), b"")

    def odd_kind(self, tar):
        add(tar, member("kind", self.rng.choice([b"Z", b"7", b"\xff", b"V", b"M"])))

    def device(self, tar):
        add(tar, member("device", self.rng.choice([tarfile.CHRTYPE, tarfile.BLKTYPE]),
                        devmajor=self.rng.choice([0, 8, 4095, 0o7777777]),
                        devminor=self.rng.choice([0, 1, 0o7777777])))

    def attribute(self, tar):
        info = member("attribute")
        info.pax_headers = {self.rng.choice([
            "SCHILY.xattr.user." + "n" * 300, "SCHILY.xattr.nonsense",
            "SCHILY.xattr.system.posix_acl_access"]): "v" * 70}
        add(tar, info)
        return True

    def large_attributes(self, tar):
        info = member("attributes")
        info.pax_headers = {"SCHILY.xattr.user.a%d" % n: "v" * 5000
                            for n in range(self.rng.choice([1, 40]))}
        add(tar, info)
        return True

    def many_attributes(self, tar):
        info = member("attributes")
        info.pax_headers = {"SCHILY.xattr.user.a%d" % n: "" for n in range(5000)}
        add(tar, info)
        return True

    def access_list(self, tar):
        info = member("acl")
        info.pax_headers = {"SCHILY.acl.access": self.rng.choice([
            "user::rwx", ",,,", "user:" * 1000, "user:x:rwx:99999999999",
            "user::rwx,user::rwx,user::rwx", "\x00", "mask::" + "r" * 9000])}
        add(tar, info)

    def record(self, tar):
        """An extended header that is none."""
        add_raw(tar, self.rng.choice([b"x", b"g"]), self.rng.choice([
            b"999999999 path=x\n", b"0 path=x\n", b"-5 path=x\n", b"9 path=x",
            b"12 pathpath\n", b"\xff" * 100, b"6 a=\n", b"10 path=../x\n",
            b"99999999999999999999999999 path=x\n", b"", b"7 =\n\n\n"]))
        add(tar, member("file"), b"x")

    def record_value(self, tar):
        key = self.rng.choice(["size", "mtime", "uid", "gid", "path", "linkpath",
                               "SCHILY.dev", "SCHILY.nlink", "GNU.sparse.name",
                               "LIBARCHIVE.creationtime", "hdrcharset",
                               "SCHILY.fflags", "GNU.sparse.major"])
        value = self.rng.choice([b"-1", b"1e999", b"nan", b"", b"9" * 40, b"0x10",
                                 b"../../escaped", b"\0", b"1.5.5", b"\xff" * 9,
                                 b"-99999999999999999999.99999999999999999999"])
        add_raw(tar, b"x", records(**{key: value}))
        add(tar, member("file"), b"x")

    def large_header(self, tar):
        """More of a header than there is, or than memory."""
        add_raw(tar, self.rng.choice([b"x", b"g", b"L", b"K"]), b"9 path=x",
                self.rng.choice([2 ** 40, 2 ** 33, 2 ** 62, 100 << 20]))
        add(tar, member("file"), b"x")

    def sparse_map(self, tar):
        blocks = self.rng.choice([
            b"0,9223372036854775807", b"9223372036854775807,1", b"0,10,5,10",
            b"100,10,0,10", b"-1,10", b"10,-1", b"0,512,", b"x,y", b",,,,",
            b",".join(b"%d,1" % n for n in range(0, 20000, 2))])
        add_raw(tar, b"x", records(**{
            "GNU.sparse.size": self.rng.choice([b"10", b"-1", b"9" * 18, b"4096"]),
            "GNU.sparse.numblocks": self.rng.choice([b"1", b"99999999", b"-1"]),
            "GNU.sparse.map": blocks}))
        add(tar, member("sparse"), b"x" * 512)

    def sparse_in_contents(self, tar):
        add_raw(tar, b"x", records(**{
            "GNU.sparse.major": b"1", "GNU.sparse.minor": b"0",
            "GNU.sparse.name": self.climb().encode(),
            "GNU.sparse.realsize": self.rng.choice([b"1", b"9" * 18, b"99999"])}))
        add(tar, member("sparse"), self.rng.choice([
            b"99999999\n", b"1\n0\n9223372036854775807\n", b"2\n9\n9\n0\n9\n",
            b"-1\n", b"\n" * 400, b"1" * 512]) + bytes(1024))

    def old_sparse(self, tar):
        info = member("sparse", b"S")
        header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
        for entry in range(4):
            at = 386 + 24 * entry
            header[at:at + 24] = struct.pack(
                ">cxxxqcxxxq", b"\x80", self.rng.choice([0, 1, 2 ** 62, -1]),
                b"\x80", self.rng.choice([0, 512, 2 ** 62, -1]))
        header[482] = self.rng.randint(0, 1)
        header[483:495] = b"77777777777\0"
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header[:512])
        tar.fileobj.write(bytes(header))
        tar.offset += len(header)

    def times(self, tar):
        add(tar, member("times", mtime=self.rng.choice(
            [-2 ** 62, 2 ** 62, -1, 2 ** 63 - 1, -0.000000001])), b"")

    def names_bomb(self, tar):
        """Few bytes, and gigabytes of names of folders."""
        for number in range(300):
            add(tar, member("%03d/" % number + "e/" * 2000 + "e"))
        return True

    def harmless(self, tar):
        name = self.rng.choice("abcd") + self.rng.choice(["", "/x", "/y/z"])
        add(tar, member(name, self.rng.choice([REGULAR, FOLDER, tarfile.FIFOTYPE])),
            b"data")

    def kinds(self):
        others = ("climb", "kinds", "write", "damage", "harmless")
        return [getattr(self, name) for name in vars(type(self))
                if not name.startswith("_") and name not in others]

    def write(self, path, kind):
        """Whether it must be refused."""
        form = self.rng.choice([tarfile.PAX_FORMAT] * 2 + [tarfile.GNU_FORMAT])
        with tarfile.open(path, "w", format=form, encoding="utf-8",
                          errors="surrogateescape") as tar:
            for _ in range(self.rng.randint(0, 3)):
                self.harmless(tar)
            # The other format has no attributes, times or kinds of these.
            refused = kind(tar) and form == tarfile.PAX_FORMAT
            for _ in range(self.rng.randint(0, 3)):
                self.harmless(tar)
        if not self.rng.randint(0, 5):
            self.damage(path)
            refused = False
        if not self.rng.randint(0, 5):
            with open(path, "rb") as plain:
                data = gzip.compress(plain.read())
            with open(path, "wb") as packed:
                packed.write(data)
        return refused

    def damage(self, path):
        """Anything may come of this, or nothing."""
        with open(path, "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            for _ in range(self.rng.randint(1, 8)):
                file.seek(self.rng.randrange(size))
                file.write(self.rng.randbytes(self.rng.randint(1, 16)))
            if self.rng.randint(0, 1):
                file.truncate(self.rng.randrange(size))


def layer(*members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info in members:
            add(tar, info, b"escaped")
    return out.getvalue()


class Layout:
    """An OCI layout in a folder."""

    def __init__(self, path):
        self.path = path
        os.makedirs(os.path.join(path, "blobs/sha256"))
        self.put("oci-layout", b'{"imageLayoutVersion": "1.0.0"}')

    def put(self, name, data):
        with open(os.path.join(self.path, name), "wb") as file:
            file.write(data)

    def blob(self, data, media):
        digest = hashlib.sha256(data).hexdigest()
        self.put("blobs/sha256/" + digest, data)
        return {"mediaType": media, "digest": "sha256:" + digest,
                "size": len(data)}

    def blob_path(self, descriptor):
        return os.path.join(self.path, "blobs/sha256",
                            descriptor["digest"].split(":")[1])

    def finish(self, layers, **changes):
        """@layers: descriptors. Changes: of the manifest and the description."""
        config = {"architecture": "amd64", "os": "linux", "config": {},
                  "rootfs": {"type": "layers",
                             "diff_ids": [one["digest"] for one in layers]}}
        config.update(changes.get("config", {}))
        manifest = {"schemaVersion": 2, "layers": layers, "config": self.blob(
            json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json")}
        manifest.update(changes.get("manifest", {}))
        top = self.blob(json.dumps(manifest).encode(),
                        "application/vnd.oci.image.manifest.v1+json")
        for _ in range(changes.get("depth", 0)):
            top = self.blob(json.dumps({"manifests": [top]}).encode(),
                            "application/vnd.oci.image.index.v1+json")
        top.update(changes.get("top", {}))
        self.put("index.json", json.dumps({"schemaVersion": 2,
                                           "manifests": [top]}).encode())


class Images:
    """Container images of layers that work together. As Archives."""

    def __init__(self, rng, outside):
        self.rng, self.outside = rng, outside

    def simple(self, layout, *layers, **changes):
        layout.finish([layout.blob(data, TAR) for data in layers], **changes)

    def through_lower_link(self, layout):
        """Followed, but within the image."""
        below = [member("way/escaped"), member("way/.wh.secret"),
                 member("way/.wh..wh..opq"), member("way/a", FOLDER),
                 member("way/x", LINK, linkname="way/secret")]
        self.simple(layout,
                    layer(member("way", SYMLINK, linkname=self.rng.choice(
                        [self.outside, "../../../.." + self.outside, "/", "way",
                         "/proc/self/root" + self.outside]))),
                    layer(self.rng.choice(below)))

    def folder_becomes_link(self, layout):
        self.simple(layout, layer(member("d", FOLDER), member("d/f")),
                    layer(member("d", SYMLINK, linkname=self.outside)),
                    layer(member("d/escaped"), member("d/.wh.secret")))

    def link_across(self, layout):
        self.simple(layout, layer(member("l", SYMLINK,
                                         linkname=self.outside + "/secret")),
                    layer(member("x", LINK, linkname="l")),
                    layer(member("x")))

    def whiteout(self, layout):
        self.simple(layout, layer(member("d/f")), layer(member(self.rng.choice(
            [".wh.", ".wh..", ".wh...", "d/.wh...", "d/.wh.", "d/.wh.."]))))
        return True

    def odd_whiteout(self, layout):
        self.simple(layout, layer(member("d/f")), layer(
            member(self.rng.choice(["d/.wh..wh.", "d/.wh..wh..wh.f", ".wh..wh..opq",
                                    "d/.wh.f", "d/.wh." + "x" * 240]),
                   self.rng.choice([REGULAR, FOLDER, SYMLINK, tarfile.FIFOTYPE]),
                   linkname=self.outside),
            member("d/.wh.d")))

    def climbing_whiteout(self, layout):
        self.simple(layout, layer(member("d/f")),
                    layer(member(self.rng.choice(["../", "d/../../"]) + ".wh.secret")))
        return True

    def description_link(self, layout):
        self.simple(layout, layer(member(".kbox", self.rng.choice([SYMLINK, FOLDER]),
                                         linkname=self.outside),
                                  member("f")))

    def description_file_link(self, layout):
        self.simple(layout, layer(member(".kbox", FOLDER), member(
            ".kbox/config.json", SYMLINK, linkname=self.outside + "/escaped")))

    def description_value(self, layout):
        self.simple(layout, layer(member("f")), config=self.rng.choice([
            {"config": {"Env": ["A\n=b", 1, None]}}, {"config": 7},
            {"config": {"User": "../../x"}}, {"config": {"Cmd": {"a": []}}}]))

    def description_types(self, layout):
        self.simple(layout, layer(member("f")), config=self.rng.choice([
            {"rootfs": 1}, {"rootfs": {"diff_ids": "x"}}, {"os": ["linux"]},
            {"architecture": "../../x"}, {"rootfs": {"diff_ids": [1, 2, 3]}}]))
        return True

    def manifest_types(self, layout):
        self.simple(layout, layer(member("f")), manifest=self.rng.choice([
            {"layers": 1}, {"layers": {"0": 1}}, {"layers": [None, 1, []]},
            {"config": "x"}, {"config": None},
            {"layers": [{"mediaType": TAR}] * 2000}]))
        return True

    def wrong_digest(self, layout):
        one = layout.blob(layer(member("f")), TAR)
        with open(layout.blob_path(one), "r+b") as file:
            file.seek(self.rng.randrange(512))
            file.write(b"\xa5")
        layout.finish([one])
        return True

    def wrong_descriptor(self, layout):
        one = layout.blob(layer(member("f")), TAR)
        one.update(self.rng.choice([
            {"size": one["size"] + 1}, {"size": -1}, {"size": 2 ** 63 - 1},
            {"size": "x"}, {"mediaType": "text/html"}, {"mediaType": None},
            {"digest": "sha256:../../" + "0" * 58}, {"digest": "md5:" + "0" * 32},
            {"digest": "sha256:" + "A" * 64}, {"digest": ""}, {"digest": 5}]))
        layout.finish([one])
        return True

    def piece_elsewhere(self, layout):
        """A layer that is no file of the layout."""
        one = layout.blob(layer(member("f")), TAR)
        path = layout.blob_path(one)
        os.unlink(path)
        self.rng.choice([lambda: os.symlink(self.outside + "/secret", path),
                         lambda: os.mkfifo(path), lambda: os.mkdir(path),
                         lambda: os.symlink(path, path)])()
        layout.finish([one])
        return True

    def nested(self, layout):
        self.simple(layout, layer(member("f")), depth=self.rng.choice([5, 40]))
        return True

    def large_json(self, layout):
        self.simple(layout, layer(member("f")),
                    config={"history": "x" * (5 << 20)})
        return True

    def layer_is_noise(self, layout):
        self.simple(layout, self.rng.choice(
            [self.rng.randbytes(5000), b"\x1f\x8b" + self.rng.randbytes(500),
             layer(member("f"))[:700], b"x"]))
        return True

    def layer_climbs(self, layout):
        self.simple(layout, layer(member("f")),
                    layer(member("/" + self.outside + "/escaped")))
        return True

    def same_layer_again(self, layout):
        one = layout.blob(layer(member("d/f"), member("d/.wh.f")), TAR)
        layout.finish([one] * 200)

    def kinds(self):
        return [getattr(self, name) for name in vars(type(self))
                if not name.startswith("_") and
                name not in ("kinds", "simple", "write")]

    def write(self, path, kind):
        layout = Layout(path)
        refused = kind(layout)
        # The same in one archive; a pipe or link in it is another thing.
        if kind != self.piece_elsewhere and self.rng.randint(0, 1):
            with tarfile.open(path + ".new", "w") as tar:
                for name in sorted(os.listdir(path)):
                    tar.add(os.path.join(path, name), name)
            os.rename(path, path + ".folder")
            os.rename(path + ".new", path)
            for top, _, names in os.walk(path + ".folder", topdown=False):
                for name in names:
                    os.unlink(os.path.join(top, name))
                os.rmdir(top)
        return refused


class Saved:
    """What "docker save" writes, or seems to. As Archives."""

    def __init__(self, rng, outside):
        self.rng, self.outside = rng, outside
        self.id = "0123456789abcdef" * 4

    def save(self, path, manifest, *members):
        data = layer(member("f"))
        config = json.dumps({
            "architecture": "amd64", "os": "linux", "rootfs": {"diff_ids": [
                "sha256:" + hashlib.sha256(data).hexdigest()]}}).encode()
        name = hashlib.sha256(config).hexdigest() + ".json"
        wanted = {"Config": name, "RepoTags": ["x:y"],
                  "Layers": [self.id + "/layer.tar"]}
        wanted.update(manifest)
        with tarfile.open(path, "w") as tar:
            for info in members:
                add(tar, info, data)
            add(tar, member(name), config)
            add(tar, member("manifest.json"), json.dumps([wanted]).encode())

    def layer_link(self, path):
        self.save(path, {}, member(self.id + "/layer.tar", SYMLINK,
                                   linkname=self.rng.choice(
            [self.outside + "/secret", "../../../.." + self.outside + "/secret",
             "layer.tar", "../" + self.id + "/layer.tar", "../../manifest.json"])))
        return True

    def layer_hard_link(self, path):
        self.save(path, {}, member(self.id + "/layer.tar", LINK,
                                   linkname=self.rng.choice(
            [self.outside + "/secret", "../secret", self.id + "/layer.tar",
             self.id + "/other"])))
        return True

    def layer_elsewhere(self, path):
        self.save(path, {"Layers": [self.rng.choice(
            [self.outside + "/secret", "../secret", "", 7, None])]},
            member(self.id + "/layer.tar"))
        return True

    def layer_kind(self, path):
        self.save(path, {}, member(self.id + "/layer.tar", self.rng.choice(
            [tarfile.FIFOTYPE, tarfile.CHRTYPE, FOLDER])))
        return True

    def other_config(self, path):
        self.save(path, {"Config": self.rng.choice(
            [self.outside + "/secret", "../x", "manifest.json", "0" * 64 + ".json",
             self.id + "/layer.tar"])}, member(self.id + "/layer.tar"))
        return True

    def other_contents(self, path):
        """No piece of a container image has that name: an archive of files."""
        self.save(path, {}, member(self.id + "/layer.tar"),
                  member(self.id + "/layer.tar", SYMLINK, linkname="../x"),
                  member("x"))

    def kinds(self):
        return [getattr(self, name) for name in vars(type(self))
                if not name.startswith("_") and
                name not in ("kinds", "save", "write")]

    def write(self, path, kind):
        return kind(path)


def main(folder, seed, count, outside):
    rng = random.Random(int(seed))
    makers = [kind(rng, outside) for kind in (Archives, Images, Saved)]
    kinds = [(maker, kind) for maker in makers for kind in maker.kinds()]
    for number in range(int(count)):
        maker, kind = kinds[number % len(kinds)]
        if number >= len(kinds) and kind.__name__ == "names_bomb":
            continue    # takes seconds; once is enough
        path = os.path.join(folder, "new")
        verdict = "refused" if maker.write(path, kind) else "any"
        name = kind.__name__.replace("_", "-")
        os.rename(path, os.path.join(folder, f"{verdict}-{number}-{name}"))
    print(len(kinds))


if __name__ == "__main__":
    main(*sys.argv[1:])
