# SPDX-License-Identifier: GPL-2.0-only
"""Run a program of a test to its end, with nothing of it left behind.

Whoever uses this has called become_subreaper(), so that processes whose parent
has ended are still found.
"""
import ctypes
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants():
    """Pids of all processes below this one, zombies left out."""
    parents = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = Path("/proc", entry, "stat").read_text(errors="replace")
        except OSError:
            continue
        state, ppid = stat[stat.rindex(")") + 2:].split()[:2]
        if state not in "ZX":
            parents[int(entry)] = int(ppid)
    found, level = set(), {os.getpid()}
    while level:
        level = {p for p, pp in parents.items() if pp in level} - found
        found |= level
    return found


def reap():
    """Collect the ended processes that came to us as their subreaper."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def names_of(pids):
    names = []
    for pid in pids:
        try:
            names.append(Path("/proc", str(pid), "comm").read_text().strip())
        except OSError:
            pass
    return names


def end_all(grace=2.0):
    """Names of the processes that are left; waits @grace seconds, then kills."""
    deadline = time.monotonic() + grace
    while True:
        reap()
        left = descendants()
        if not left or time.monotonic() > deadline:
            break
        time.sleep(0.02)
    names = names_of(left)
    while left:
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.02)
        reap()
        left = descendants()
    return names


class Outcome:
    """What one program run gave."""

    def __init__(self, out, err, code, hung):
        self.out, self.err, self.code, self.hung = out, err, code, hung


def restore_signals():
    """A caller in the background may ignore some."""
    for sig in signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD:
        signal.signal(sig, signal.SIG_DFL)


def execute(argv, folder, limit, env, uid):
    """Run @argv in @folder with nothing on its standard input."""
    if uid is not None:
        argv = ["setpriv", f"--reuid={uid}", f"--regid={uid}",
                "--clear-groups", "--"] + argv
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        proc = subprocess.Popen(argv, cwd=folder, env=env, stdout=out,
                                stderr=err, stdin=subprocess.DEVNULL,
                                start_new_session=True,
                                preexec_fn=restore_signals)
        hung = False
        try:
            code = proc.wait(limit)
        except subprocess.TimeoutExpired:
            hung, code = True, None
            end_all(0)
            proc.returncode = -signal.SIGKILL
        texts = []
        for stream in out, err:
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    if code is not None and code < 0:
        code = 128 - code
    return Outcome(texts[0], texts[1], code, hung)
