# SPDX-License-Identifier: GPL-2.0-only
"""The page docs/suites.md, from the results that tests/suites/measure keeps."""
import json

import suite

INTRO = """# Suites that others wrote

Made by `make suites`, which runs each suite natively and inside kbox, on the
same machine, in the same run, as the same user, with the same files. A case
counts when it passes natively. What is excluded, and why, stands at the end and
in `tests/suites/exclusions`; of what matches there the cases that fail inside
are excluded, and an exclusion of which all cases pass is a failure, so that the
list can only shrink.

A fast part of the suites is run by `make check`.
"""


def percent(good, total):
    return "-" if not total else f"{100 * good / total:.1f} %"


def row(*cells):
    return "| " + " | ".join(str(c) for c in cells) + " |"


def group_of(unit):
    return unit.rsplit("/", 1)[0] if "/" in unit else unit


class Tally:
    """Sums over the units of which something passes natively."""

    def __init__(self):
        self.units = self.whole = self.good = self.lost = self.excluded = 0

    def add(self, judged):
        if not judged.total and not judged.excluded:
            return
        self.units += 1
        self.whole += not judged.lost and not judged.excluded
        self.good += len(judged.good)
        self.lost += len(judged.lost)
        self.excluded += len(judged.excluded)

    def cells(self):
        """As COLUMNS has them."""
        total = self.good + self.lost
        return (f"{self.whole} of {self.units}", total + self.excluded, self.good,
                percent(self.good, total + self.excluded), self.excluded,
                percent(self.good, total))


COLUMNS = ("programs that lose nothing", "cases that pass natively",
           "of them inside", "", "excluded", "without these")


def header(*cells):
    return [row(*cells), "|" + "---|" * len(cells)]


def summary(runs):
    lines = header("suite", "as", *COLUMNS, "bar")
    for run in runs:
        tally = Tally()
        for record in run["records"]:
            tally.add(record["judged"])
        lines.append(row(run["title"], run["user"], *tally.cells(),
                         f"{100 * run['bar']:.0f} %"))
    return lines


def by_group(run):
    """A table by folders, where units are in some."""
    if not any("/" in record["unit"] for record in run["records"]):
        return [f"## {run['title']}, as {run['user']}", ""]
    groups = {}
    for record in run["records"]:
        groups.setdefault(group_of(record["unit"]), Tally()).add(record["judged"])
    lines = [f"## {run['title']}, as {run['user']}", ""] + header("", *COLUMNS)
    lines += [row(name, *tally.cells()) for name, tally in sorted(groups.items())
              if tally.units]
    return lines + [""]


def lost(run):
    lines = []
    for record in run["records"]:
        missed = record["judged"].lost
        if missed:
            names = ", ".join(f"`{case}`" for case, _ in missed[:4])
            more = f" and {len(missed) - 4} more" if len(missed) > 4 else ""
            lines.append(f"- {record['unit']}: {names}{more}")
    return ["Not passing inside:", ""] + lines + [""] if lines else []


def not_run(run):
    """What the suite has and no result is kept of."""
    names = sorted({group_of(name) for name in
                    run["units"] - {r["unit"] for r in run["records"]}})
    return ["Not measured yet, all or in part: " + ", ".join(names), ""] if names else []


def never_run(runs):
    """Programs that are not run natively either."""
    found = {(run["title"], *entry) for run in runs for entry in run["never"]}
    if not found:
        return []
    return ["", "## Not run, natively either", ""] + \
        header("", "program", "reason") + [row(*entry) for entry in sorted(found)]


def page(runs, excluded):
    """The lines of the page; each of @runs has its records judged."""
    machines = sorted({run["machine"] for run in runs})
    dates = sorted({run["date"] for run in runs})
    lines = [INTRO, f"Measured on {' and '.join(machines)}; {' to '.join(dates)}.",
             ""] + summary(runs) + [""]
    for run in runs:
        lines += by_group(run) + lost(run) + not_run(run)
    lines += ["## Exclusions", ""] + header("", "cases", "reason")
    lines += [row(*entry) for entry in excluded.entries]
    return lines + never_run(runs)


def write(build, modules, path):
    """Write @path from the JSON files in @build/suites."""
    excluded, runs = suite.Exclusions(), []
    for name, module in modules.items():
        for user in "user", "root":
            file = build / f"suites/{name}.{user}.json"
            if not file.exists():
                continue
            run = json.loads(file.read_text())
            units = {u.name for u in module.units(build / "tests/suites")}
            records = [r for r in run["records"] if r["unit"] in units]
            for record in records:
                record["judged"] = suite.judge(name, record, excluded)
            runs.append(run | {
                "records": records, "units": units,
                "title": module.TITLE, "bar": module.BAR, "user": user,
                "never": getattr(module, "never", list)()})
    path.write_text("\n".join(page(runs, excluded)) + "\n")
