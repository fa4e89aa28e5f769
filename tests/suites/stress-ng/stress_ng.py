# SPDX-License-Identifier: GPL-2.0-only
"""stress-ng's stressors of four classes, a second each, with --verify.

A unit is a stressor, with one case: that it ends well and reports no failure.
The program is the same file on both sides. Run as an ordinary user alone: as
root some stressors take processors or memory of the machine away.
"""
import re
import subprocess

import suite
from suite import FAIL, PASS, SKIP, Unit

NAME, TITLE = "stress-ng", "stress-ng, four classes"
BAR = 1.0
USERS = ("user",)
CLASSES = ("filesystem", "pipe", "scheduler", "os")
IMAGE_MIB = 3000
# Exit statuses: lack of resources, and not implemented.
SKIPPED = (3, 4)
# What "make check" runs: those that once showed a fault.
QUICK = {"clone", "locka", "memfd", "pipe", "pipeherd", "sigfd", "wait"}
NEVER = {
    "bigheap": "takes all memory of the machine",
    "oom-pipe": "takes all memory of the machine",
    "watchdog": "restarts the machine where it has a watchdog",
}


def stressors(program, name):
    got = subprocess.run([str(program), "--class", f"{name}?"], check=True,
                         env={"LD_LIBRARY_PATH": str(program.parent / "lib")},
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True)
    return re.search(r"stressors: (.*)", got.stdout).group(1).split()


def never():
    """[(stressor, reason)] of those that are not run."""
    return sorted(NEVER.items())


def units(folder):
    program = folder / NAME / "stress-ng"
    if not program.exists():
        return []
    names = {s for c in CLASSES for s in stressors(program, c)} - NEVER.keys()
    return [Unit(name, name not in QUICK) for name in sorted(names)]


def install(place, folder, _chosen):
    place.grow(IMAGE_MIB)
    # One stressor starts the program again, without an environment.
    place.install_programs([NAME])
    place.install(folder, [NAME])


def state(outcome):
    if outcome.hung or re.search(r"stress-ng: fail:", outcome.out + outcome.err):
        return FAIL
    if outcome.code in SKIPPED:
        return SKIP
    return PASS if outcome.code == 0 else FAIL


def run(place, unit, inside):
    """Run one stressor on one side."""
    side = place.run_inside if inside else place.run_native
    outcome, seconds = side(NAME, ["env", "LD_LIBRARY_PATH=lib", "./stress-ng",
                                   f"--{unit.name}", "1", "--timeout", "1",
                                   "--verify"], suite.NATIVE_LIMIT)
    return suite.Result(outcome, seconds, {"runs": state(outcome)})
