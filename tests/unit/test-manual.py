#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""test-manual.py KBOX MAN: what --help and the manual pages in MAN name.

Every verb has a page, verbs of verbs a section in it; each lists the options that
its help lists. Prints the Test Anything Protocol.
"""
import re
import subprocess
import sys
from pathlib import Path

OPTION = r"(?<![\w-])(--[a-z][a-z-]*|-[A-Za-z0-9])(?![\w-])"


def help_of(kbox, words):
    return subprocess.run([kbox, "help"] + words, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def listed(text):
    """The options of the list in a help text: lines that begin with them."""
    lines = re.findall(r"^ {2,6}(-.*?)(?: {2}.*)?$", text, re.M)
    return {name for line in lines for name in re.findall(OPTION, line)}


def verbs_of(text):
    """The verbs below the last line that ends with a colon."""
    _, _, below = text.rpartition(":\n")
    return re.findall(r"^  ([a-z]+) ", below, re.M) if "erbs" in text else []


def tagged(page):
    """The options of a manual page: those of the lines after .TP."""
    page = re.sub(r"\\f.", "", page.replace("\\-", "-"))
    lines = re.findall(r"^\.TP.*\n(.*)$", page, re.M)
    return {name for line in lines
            for name in re.findall(OPTION, re.sub(r"[\" ,=]+", " ", line))}


def section(page, words):
    """The part of a verb's page that is about "kbox WORDS"."""
    parts = re.split(r"^\.S[HS] ", page, flags=re.M)
    for part in parts:
        if part.splitlines()[0].strip('" ') == "kbox " + " ".join(words):
            return part
    return ""


def compare(name, text, page):
    if not page:
        return f"{name}: no manual page, or no section in it"
    ours, theirs = listed(text), tagged(page)
    if ours != theirs:
        return f"{name}: only one of help and manual has {sorted(ours ^ theirs)}"
    return ""


def main(kbox, man):
    top = help_of(kbox, [])
    results = [("kbox", compare("kbox", top, (man / "kbox.1").read_text()))]
    for verb in verbs_of(top):
        path = man / f"kbox-{verb}.1"
        page = path.read_text() if path.exists() else ""
        text = help_of(kbox, [verb])
        below = verbs_of(text)
        if not below:
            results.append((verb, compare(verb, text, page)))
        for word in below:
            words = [verb, word]
            results.append((" ".join(words), compare(
                " ".join(words), help_of(kbox, words), section(page, words))))
    if len(results) < 3:
        results.append(("verbs", "kbox help lists none"))
    print(f"1..{len(results)}")
    for number, (name, why) in enumerate(results, 1):
        print(f"{'not ok' if why else 'ok'} {number} - manual of {name}")
        if why:
            print(f"# {why}")
    return any(why for _, why in results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
