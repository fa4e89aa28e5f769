# SPDX-License-Identifier: GPL-2.0-only
"""kbox, or any command, on a terminal of its own: for the scripts beside."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

KBOX = os.environ["KBOX"]


def report(name, good, why=""):
    if not good:
        print("#", repr(why)[-1500:])
    print("ok -" if good else "not ok -", name, flush=True)


def wait_for(condition, seconds=20):
    """Whether it comes true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def children(pid):
    """Those whose name is kbox."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8") as file:
                name, rest = file.read().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        if name == "kbox" and int(rest.split()[1]) == pid:
            found.append(int(entry))
    return found


def child(pid):
    """The only one of them, as soon as it is there."""
    wait_for(lambda: children(pid))
    return children(pid)[0]


class Session:
    """A command on a new terminal: kbox unless there is an outer one."""

    def __init__(self, *command, image="tests.ext4", outer=(), size=(33, 101)):
        self.text = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
            args = [*outer] or [KBOX, "-S", image]
            if command:
                args += ["--", *command]
            os.environ["TERM"] = "dumb"
            os.execvp(args[0], args)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def settings(self):
        """Of the terminal, which both of its ends show."""
        return termios.tcgetattr(self.fd)

    def raw(self):
        return not self.settings()[3] & (termios.ICANON | termios.ECHO)

    def read(self, seconds):
        """What is there goes to text; False: there is nothing more."""
        try:
            if not select.select([self.fd], [], [], max(seconds, 0))[0]:
                return False
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.text += data
        return bool(data)

    def until(self, what, seconds=20):
        """Whether that appears, since the last send()."""
        end = time.monotonic() + seconds
        while what.encode() not in self.text:
            if not self.read(end - time.monotonic()):
                return what.encode() in self.text
        return True

    def send(self, text):
        self.text = b""
        os.write(self.fd, text.encode())

    def end(self, seconds=20):
        """How it ended, as subprocess has it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self.read(0):
                    pass
                return os.waitstatus_to_exitcode(status)
            self.read(0.02)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return "hung"
