# SPDX-License-Identifier: GPL-2.0-only
"""The fast units of a suite, as a test of tests/run: one result for each unit."""
import tempfile
from pathlib import Path

import suite
from processes import become_subreaper


def report(name, why):
    for line in why:
        print(f"# {line}")
    print(f"{'not ' if why else ''}ok - {name}")


def run(module, environ):
    """Run @module with what tests/run has put into the environment."""
    become_subreaper()
    folder, excluded = Path(environ["SUITES"]), suite.Exclusions()
    chosen = [u for u in module.units(folder) if not u.slow]
    with tempfile.TemporaryDirectory(prefix="kbox-suites.", dir="/var/tmp") as work:
        place = suite.Place(environ["KBOX"], environ["IMAGES"] + "/debian.ext4",
                            work, None)
        module.install(place, folder, chosen)
        total = 0
        for unit in chosen:
            record = suite.run_unit(module, place, unit)
            judged = suite.judge(module.NAME, record, excluded)
            total += judged.total
            report(unit.name,
                   [f"{state}: {case}" for case, state in judged.lost] +
                   [f"passes now, take it off tests/suites/exclusions: {entry}"
                    for entry in judged.surprises])
        report("cases pass natively", [] if total else ["none of them"])
        report("the image is clean", place.check_image())
    print("end")
