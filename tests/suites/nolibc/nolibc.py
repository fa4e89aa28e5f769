# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's nolibc-test, as tests/suites/nolibc/build leaves it.

A unit is the program linked with one of two C libraries; its cases are the
lines that it prints, under the names of their sections.
"""
import re

import suite
from suite import FAIL, PASS, SKIP, Unit

NAME, TITLE = "nolibc", "nolibc-test"
BAR = 1.0
IMAGE_MIB = 900

SECTION = re.compile(r"Running test '(\w+)'")
CASE = re.compile(r"\d+ (\S+).*\[ *(OK|FAIL|SKIPPED) *\]\s*$")
STATES = {"OK": PASS, "FAIL": FAIL, "SKIPPED": SKIP}


def units(_folder):
    return [Unit("nolibc-test"), Unit("musl-test")]


def install(place, folder, _chosen):
    place.grow(IMAGE_MIB)
    place.install(folder, [NAME])


def cases(text):
    """[(section and name, state)] of a run's output."""
    found, section = [], "?"
    for line in text.splitlines():
        head, case = SECTION.match(line), CASE.match(line)
        if head:
            section = head.group(1)
        if case:
            found.append((f"{section} {case.group(1)}", STATES[case.group(2)]))
    return found


def run(place, unit, inside):
    """Run @unit on one side; some cases want a pipe at standard input."""
    side = place.run_inside if inside else place.run_native
    outcome, seconds = side(NAME, ["sh", "-c", f": | ./{unit.name}"],
                            suite.NATIVE_LIMIT)
    return suite.Result(outcome, seconds, suite.numbered(cases(outcome.out)))
