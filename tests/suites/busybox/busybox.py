# SPDX-License-Identifier: GPL-2.0-only
"""busybox's own testsuite, as tests/suites/busybox/build leaves it.

A unit is an applet; its cases are the lines that runtest prints. The busybox
under test is the same file on both sides, as is the shell that runs the tests.
"""
import re

import suite
from suite import FAIL, PASS, SKIP, Unit

NAME, TITLE = "busybox", "busybox testsuite"
BAR = 0.98
IMAGE_MIB = 900
LOADER = "lib/ld-musl-x86_64.so.1"

# What tests compare with, or unpack with.
TOOLS = ["strings", "bzip2", "xz", "zip"]

LINE = re.compile(r"^(PASS|FAIL|SKIPPED|UNTESTED): (.*)$")
STATES = {"PASS": PASS, "FAIL": FAIL, "SKIPPED": SKIP, "UNTESTED": SKIP}
SLOW = set()
# Seconds; bc computes for more than one minute.
LIMIT = 400


def units(folder):
    tests = folder / NAME / "testsuite"
    if not tests.exists():
        return []
    names = {p.stem for p in tests.glob("*.tests")}
    names |= {p.name for p in tests.iterdir() if p.is_dir()}
    return [Unit(name, name in SLOW) for name in sorted(names)]


def install(place, folder, _chosen):
    place.grow(IMAGE_MIB)
    place.install_system([LOADER])
    place.install_programs(TOOLS)
    place.install(folder, [NAME])


def run(place, unit, inside):
    """Run the tests of one applet on one side."""
    side = place.run_inside if inside else place.run_native
    outcome, seconds = side(f"{NAME}/testsuite", ["./runtest", unit.name],
                            LIMIT)
    found = [LINE.match(line) for line in outcome.out.splitlines()]
    return suite.Result(outcome, seconds, suite.numbered(
        (m.group(2), STATES[m.group(1)]) for m in found if m))
