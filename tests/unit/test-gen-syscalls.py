#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""scripts/gen-syscalls.py: what it refuses, what it checks, what it writes."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/gen-syscalls.py"
TABLE = ROOT / "abi/syscalls.tbl"
LINE = "3 close KERNEL fd descriptor\n"


class Generator(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def run_script(self, *args):
        return subprocess.run([sys.executable, SCRIPT, *args],
                              capture_output=True, text=True, check=False)

    def render(self, text, kind):
        done = self.run_script(self.file("tbl", text), kind, "-")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_bad_lines(self):
        for bad in ("3 close KERNEL fd", "x close KERNEL fd a",
                    "3 close NOBODY fd a", "3 close DENY fd a",
                    "3 close DENY:EBOGUS fd a", "3 close KERNEL?arg0=0 fd a",
                    "3 close HOST:x fd a", "3 close SPLIT?arg6=0 fd a",
                    "3 close SPLIT?arg0>0 fd a", "3 close SPLIT?arg0=0| fd a",
                    "3 close KERNEL fdd a", "3 Close KERNEL fd a",
                    "3 close KERNEL fd,fd,fd,fd,fd,fd,fd a",
                    LINE + LINE, LINE + "2 open KERNEL path a"):
            done = self.run_script(self.file("tbl", bad), "docs", "-")
            self.assertEqual(done.returncode, 1, bad)
            self.assertRegex(done.stderr, r"tbl:\d+: ", bad)
            self.assertNotIn("Traceback", done.stderr, bad)

    def test_kernel_table(self):
        ours = self.file("tbl", LINE)
        for theirs, status in (("3 common close sys_close\n", 0),
                               ("9 x32 mmap sys_mmap\n# 8 64 a\n", 0),
                               ("4 64 stat sys_stat\n", 1),
                               ("3 common shut sys_close\n", 1)):
            kernel = self.file("kernel", theirs)
            done = self.run_script("--check", kernel, ours)
            self.assertEqual(done.returncode, status, done.stderr)

    def test_runs_and_conditions(self):
        text = self.render("1 a HOST - x\n2 b HOST - x\n4 c HOST - x\n"
                           "5 d SPLIT?arg0=-1,arg1&0x20|loader - x\n"
                           "6 e DENY:EPERM - x\n", "filter-table")
        self.assertIn("{ 3, { { TERM_EQ, 0, 0, 0xffffffff }, "
                      "{ TERM_ANY, 1, 1, 0x20 }, "
                      "{ TERM_LOADER, 0, 1, 0x0 } } }", text)
        for run in ("{ 1, 2, ALLOW, -1 }", "{ 4, 4, ALLOW, -1 }",
                    "{ 5, 5, NOTIFY, 0 }", "{ 6, 6, DENY(EPERM), -1 }"):
            self.assertIn(run, text)

    def test_handlers(self):
        text = self.render("1 a SPLIT pid x\n2 b SPLIT:own_pid?arg0=0 - x\n",
                           "dispatch-table")
        self.assertIn('KBOX_SYSCALL(1, a, SPLIT, 0, 1, "pid")', text)
        self.assertIn("KBOX_SPLIT(1, a)", text)
        self.assertIn("KBOX_SPLIT(2, own_pid)", text)

    def test_same(self):
        docs = self.file("docs", "")
        done = self.run_script("--same", TABLE, "docs", docs)
        self.assertEqual(done.returncode, 1)
        self.run_script(TABLE, "docs", docs)
        done = self.run_script("--same", TABLE, "docs", docs)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_documentation_is_up_to_date(self):
        done = self.run_script("--same", TABLE, "docs",
                               ROOT / "docs/syscalls.md")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_usage(self):
        self.assertEqual(self.run_script().returncode, 2)
        self.assertEqual(self.run_script(TABLE, "bogus", "-").returncode, 2)
        missing = self.run_script(self.folder / "none", "docs", "-")
        self.assertEqual(missing.returncode, 1)
        self.assertNotIn("Traceback", missing.stderr)


if __name__ == "__main__":
    unittest.main()
