#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""test-completions.py KBOX FOLDER: completions for bash and zsh offer what
--help lists, of kbox and of every verb. Prints the Test Anything Protocol.
"""
import importlib.util
import subprocess
import sys
from pathlib import Path

SPEC = importlib.util.spec_from_file_location(
    "manual", Path(__file__).resolve().with_name("test-manual.py"))
manual = importlib.util.module_from_spec(SPEC)
sys.dont_write_bytecode = True
SPEC.loader.exec_module(manual)

# What bash offers for a line: _kbox as readline calls it.
BASH = """source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_kbox; printf '%s\\n' "${COMPREPLY[@]}"
"""


def lines(command):
    done = subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE)
    return set(done.stdout.split())


def words_of(shell, folder, kbox, verbs):
    options = {"bash": ["bash", "-c"], "zsh": ["zsh", "-f", "-c"]}[shell]
    file = folder / {"bash": "kbox.bash", "zsh": "_kbox"}[shell]
    return lines(options + ['source "$1"; shift; _kbox_words "$@"', shell,
                            str(file), kbox] + verbs)


def all_verbs(kbox):
    """Paths of verbs: [], ["run"], ["trace"], ["trace", "show"] ..."""
    paths = [[]]
    for path in paths:
        if len(path) < 3:
            paths += [path + [v] for v in
                      manual.verbs_of(manual.help_of(kbox, path))]
    return paths


def main(kbox, folder):
    results = []
    for verbs in all_verbs(kbox):
        text = manual.help_of(kbox, verbs)
        wanted = manual.listed(text) | set(manual.verbs_of(text))
        for shell in "bash", "zsh":
            got = words_of(shell, folder, kbox, verbs)
            results.append((f"{shell}: {' '.join(['kbox'] + verbs)}",
                            got == wanted, sorted(got ^ wanted)))
    for line, wanted in ((["tra"], {"trace"}),
                         (["trace", "s"], {"show", "summary"}),
                         (["--stat"], {"--stats"}),
                         (["trace", "summary", "--n"], {"--number"}),
                         (["trace", "show", "fil"], set()),
                         (["-S", "image", "tra"], set())):
        got = lines(["bash", "-c", BASH, "bash", str(folder / "kbox.bash"),
                     kbox] + line)
        results.append((f"bash: {' '.join(line)}", got == wanted, sorted(got)))
    print(f"1..{len(results)}")
    for number, (name, good, why) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print(f"# {why}")
    return any(not good for _, good, _ in results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
