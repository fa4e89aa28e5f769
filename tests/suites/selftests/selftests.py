# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's selftests, as tests/suites/selftests/build leaves them.

A unit is a program of a folder. Its cases are the lines of its output in the
formats that selftests use; a program that prints none is one case, "exit".
tests/suites/selftests/programs says what else is to be known about some.
"""
import re
from fnmatch import fnmatchcase
from pathlib import Path

import suite
from suite import FAIL, PASS, SKIP, Unit

NAME, TITLE = "selftests", "kernel selftests"
BAR = 0.95
HERE = Path(__file__).resolve().parent
IMAGE_MIB = 1100
# What some tests start, beyond what a minimal Debian has.
TOOLS = ["ip", "mkfs.ext4", "mkfs.btrfs", "getcap", "setcap"]

TAP = re.compile(r"^(not )?ok\b\s*(\d+)?[\s:-]*(.*?)(\s*# *(SKIP|XFAIL|TODO)\b.*)?$",
                 re.I)
WORD = re.compile(r"^\[ *(OK|PASS|FAIL|SKIP|RUN) *\]:?\s*(.*)$")
LAST = re.compile(r"^(.*\S)\s*:?\s*\[(OK|PASS|FAIL|FAILED|SKIP|UNSUPPORTED)\]\s*$")
STATES = {"OK": PASS, "PASS": PASS, "FAIL": FAIL, "FAILED": FAIL, "SKIP": SKIP,
          "UNSUPPORTED": SKIP}


def is_program(path):
    with open(path, "rb") as file:
        return path.stat().st_mode & 0o100 and file.read(4) == b"\x7fELF"


class Program(Unit):
    def __init__(self, name, words):
        super().__init__(name, "slow" in words)
        self.never = "never" in words
        self.folder, self.program = name.rsplit("/", 1)
        self.arguments = words[words.index("args") + 1:] if "args" in words else []
        self.limit = int(words[words.index("limit") + 1]) if "limit" in words \
            else suite.NATIVE_LIMIT


def read_programs():
    """[(name or glob, words)] of the file programs."""
    found = []
    for line in (HERE / "programs").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, *words = line.partition(" -- ")[0].split()
            found.append((name, words))
    return found


def never():
    """[(program, reason)] of those that are not run."""
    lines = (HERE / "programs").read_text().splitlines()
    return [(line.split()[0], line.partition(" -- ")[2]) for line in lines
            if line.partition(" -- ")[0].split()[1:2] == ["never"]]


def units(folder):
    """All programs that may be run, by name."""
    known, here = read_programs(), folder / NAME
    names = {str(p.relative_to(here)) for p in here.rglob("*")
             if p.is_file() and not p.is_symlink() and is_program(p)}
    names |= {n for n, words in known if "script" in words}
    programs = [Program(name, [w for glob, words in known
                               if fnmatchcase(name, glob) for w in words])
                for name in sorted(names)]
    return [p for p in programs if not p.never]


def install(place, folder, chosen):
    place.grow(IMAGE_MIB)
    place.install_programs(TOOLS)
    names = sorted({u.folder.split("/")[0] for u in chosen} | {"kselftest"})
    place.install(folder / NAME, names)


def cases(text):
    """[(name, state)] of a program's output, in the first format that fits."""
    tap, words = [], []
    for line in text.splitlines():
        line = line.strip()
        found = TAP.match(line)
        if found:
            state = FAIL if found.group(1) else PASS
            tap.append((suite.plain(found.group(3)), SKIP if found.group(5) else state))
        found = WORD.match(line)
        if found and found.group(1) != "RUN":
            words.append((suite.plain(found.group(2)), STATES[found.group(1)]))
        found = LAST.match(line)
        if found:
            words.append((suite.plain(found.group(1)), STATES[found.group(2)]))
    return tap or words


def exit_state(outcome):
    if outcome.code == 0:
        return PASS
    return SKIP if outcome.code == suite.KSFT_SKIP else FAIL


def run(place, unit, inside):
    """Run @unit on one side."""
    argv = [f"./{unit.program}"] + unit.arguments
    if inside:
        outcome, seconds = place.run_inside(unit.folder, argv,
                                            max(unit.limit, suite.INSIDE_LIMIT))
    else:
        outcome, seconds = place.run_native(unit.folder, argv, unit.limit)
    found = cases(outcome.out) or cases(outcome.err) or \
        [("exit", exit_state(outcome))]
    return suite.Result(outcome, seconds, suite.numbered(found))
