# SPDX-License-Identifier: GPL-2.0-only
"""What the suites share: cases, their results, and the comparison.

A suite has units, which are programs or scripts that print results of cases. A
unit runs natively and inside, as the same user, with the same files around it.
A case counts when it passes natively; it is good when it passes inside, too.
"""
import os
import re
import shutil
import subprocess
import sys
import time
from fnmatch import fnmatchcase
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from processes import end_all, execute  # noqa: E402

HERE = Path(__file__).resolve().parent
PASS, FAIL, SKIP, MISSING = "pass", "fail", "skip", "missing"
# The exit status of a selftest that was skipped.
KSFT_SKIP = 4
NATIVE_LIMIT = 45
INSIDE_LIMIT = 120


class Unit:
    """A program of a suite; slow ones are not part of "make check"."""

    def __init__(self, name, slow=False):
        self.name, self.slow = name, slow


class Result:
    """What one run of a unit gave."""

    def __init__(self, outcome, seconds, cases):
        self.text = outcome.out + outcome.err
        self.code, self.hung = outcome.code, outcome.hung
        self.seconds, self.cases = seconds, cases


class Place:
    """A folder on the host and an image, with the files of a suite.

    They have the same path on both sides, since tests print names of files.
    """

    def __init__(self, kbox, image, work, uid):
        self.work, self.uid = Path(work), uid
        # A copy, which the user can reach.
        self.kbox = Path(shutil.copy(kbox, self.work / "kbox"))
        self.image = self.work / "suite.ext4"
        self.native = self.work / "native"
        me = os.getuid() if uid is None else uid
        self.identity = (me, os.getgid() if uid is None else uid)
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", str(image),
                        str(self.image)], check=True)
        os.chmod(self.image, 0o600)
        self.native.mkdir()
        self.give(self.work)

    def give(self, path):
        if self.uid is not None:
            os.chown(path, *self.identity)

    def grow(self, mebibytes):
        """Enlarge the image's file system."""
        # resize2fs wants one that was checked after it was mounted last.
        for argv in (["truncate", "-s", f"{mebibytes}M"], ["e2fsck", "-fp"],
                     ["resize2fs"]):
            subprocess.run(argv + [str(self.image)], check=True,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        self.give(self.image)

    def install(self, folder, names):
        """Copy @names of @folder to both sides, as the user's own."""
        uid, gid = self.identity
        with subprocess.Popen(
                ["tar", "-C", str(folder), f"--owner={uid}", f"--group={gid}",
                 "-cf", "-"] + names, stdout=subprocess.PIPE) as tar:
            subprocess.run(
                [str(self.kbox), "-q", "-S", str(self.image), "--", "sh", "-c",
                 'mkdir -p "$1" && tar -C "$1" -xf -', "sh", str(self.native)],
                stdin=tar.stdout, check=True)
        for name in names:
            shutil.copytree(folder / name, self.native / name, symlinks=True)
        if self.uid is not None:
            subprocess.run(["chown", "-hR", f"{uid}:{gid}", str(self.native)],
                           check=True)

    def install_system(self, names):
        """Copy files of the running system, without the leading /, inside."""
        with subprocess.Popen(["tar", "-C", "/", "-h", "-cf", "-"] + names,
                              stdout=subprocess.PIPE) as tar:
            subprocess.run([str(self.kbox), "-q", "-S", str(self.image), "--",
                            "tar", "-C", "/", "-xf", "-"],
                           stdin=tar.stdout, check=True)

    def install_programs(self, names):
        """Programs of the running system, with the libraries that they load."""
        files = set()
        for name in names:
            path = shutil.which(name, path=self.environment()["PATH"])
            if path:
                needed = subprocess.run(["ldd", path], check=True, text=True,
                                        stdout=subprocess.PIPE).stdout
                files |= {path.lstrip("/")}
                files |= {f.lstrip("/") for f in re.findall(r"/\S+(?= \(0x)", needed)}
        self.install_system(sorted(files))

    def environment(self):
        """As what kbox -S gives to the command inside."""
        return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME": "/tmp", "LC_ALL": "C", "TERM": "dumb"}

    def run_native(self, folder, argv, limit):
        """What tests of root's mount stays between them."""
        if self.identity[0] == 0:
            argv = ["unshare", "--mount", "--propagation", "private", "--"] + argv
        return self.timed(argv, self.native / folder, limit, self.environment())

    def run_inside(self, folder, argv, limit):
        where = str(self.native / folder)
        env = [f"--env={k}={v}" for k, v in self.environment().items()]
        return self.timed(
            [str(self.kbox), "-q", "-S", str(self.image), "-w", where, *env,
             "--change-id", "{}:{}".format(*self.identity), "--"] + argv,
            self.work, limit, self.environment())

    def timed(self, argv, folder, limit, env):
        start = time.monotonic()
        outcome = execute(argv, folder, limit, env, self.uid)
        seconds = time.monotonic() - start
        end_all(0.2)
        return outcome, seconds

    def check_image(self):
        """Lines that say what is wrong with the image."""
        done = subprocess.run(["e2fsck", "-fn", str(self.image)], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace")
        return done.stdout.splitlines() if done.returncode else []


def plain(name):
    """A case's name without what differs from run to run."""
    name = re.sub(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b", "N", name.strip(), flags=re.I)
    return re.sub(r"\d+(\.\d+)?", "N", name)


def numbered(found):
    """{name: state} of (name, state) pairs, with equal names told apart."""
    cases, seen = {}, {}
    for name, state in found:
        seen[name] = seen.get(name, 0) + 1
        cases[name if seen[name] == 1 else f"{name} ({seen[name]})"] = state
    return cases


def compare(native, inside):
    """[(case, native state, state inside)] of two Results."""
    return [(name, state, inside.cases.get(name, MISSING))
            for name, state in native.cases.items()]


class Exclusions:
    """tests/suites/exclusions: SUITE/UNIT: CASE -- REASON, with globs."""

    def __init__(self, path=HERE / "exclusions"):
        self.entries = []
        for line in path.read_text().splitlines():
            if line.strip() and not line.startswith("#"):
                what, _, reason = line.partition(" -- ")
                unit, _, case = what.partition(": ")
                self.entries.append((unit.strip(), case.strip() or "*", reason))

    def entry(self, unit, case):
        for entry in self.entries:
            if fnmatchcase(unit, entry[0]) and fnmatchcase(case, entry[1]):
                return entry
        return None


def run_unit(suite, place, unit):
    """One unit on both sides, as what JSON can hold.

    A unit of which nothing passes natively proves nothing inside.
    """
    native = suite.run(place, unit, False)
    if PASS in native.cases.values():
        inside = suite.run(place, unit, True)
    else:
        inside = native
    return {
        "unit": unit.name,
        "cases": compare(native, inside),
        "status": [native.code, inside.code],
        "hung": [native.hung, inside.hung],
        "seconds": [round(native.seconds, 2), round(inside.seconds, 2)],
        "text": [native.text[-20000:], inside.text[-20000:]],
    }


class Judged:
    """The cases of a unit that pass natively.

    @good are names, @lost and @excluded pairs with the state inside. @surprises
    are exclusions of which all cases pass.
    """

    def __init__(self):
        self.good, self.lost, self.excluded, self.surprises = [], [], [], []

    @property
    def total(self):
        return len(self.good) + len(self.lost)


def judge(name, record, excluded):
    """The Judged of a record of the suite @name."""
    judged, met, needed = Judged(), set(), set()
    for case, native, inside in record["cases"]:
        if native != PASS:
            continue
        entry = excluded.entry(f"{name}/{record['unit']}", case)
        met.add(entry)
        if inside == PASS:
            judged.good.append(case)
        elif entry:
            needed.add(entry)
            judged.excluded.append((case, inside))
        else:
            judged.lost.append((case, inside))
    judged.surprises = [": ".join(e[:2]) for e in met - needed if e]
    return judged
