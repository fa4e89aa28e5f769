#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# On a terminal: isatty, window size, interrupt and suspend characters reach
# the guest's foreground group, the terminal is left as it was.

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests
python3 - <<'END' >out 2>err
import fcntl, os, pty, select, signal, struct, sys, termios, time

kbox = os.environ["KBOX"]


class Session:
    """kbox on a new terminal of its own."""

    def __init__(self, *command, outer=()):
        self.text = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            args = [*outer] or [kbox, "-S", "tests.ext4", "--", *command]
            os.execvp(args[0], args)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 101, 0, 0))

    def until(self, what, seconds=15):
        end = time.monotonic() + seconds
        while what.encode() not in self.text:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                return False
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                return what.encode() in self.text
            self.text += data
        return True

    def send(self, text):
        self.text = b""
        os.write(self.fd, text.encode())

    def end(self):
        for _ in range(500):
            self.until("\0never\0", 0.01)
            time.sleep(0.01)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return "hung"


def child(pid):
    """The one whose name is kbox."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as file:
                name, rest = file.read().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        if name == "kbox" and int(rest.split()[1]) == pid:
            return int(entry)
    raise LookupError(pid)


def report(name, good, why=""):
    if not good:
        print("#", repr(why)[:600])
    print("ok -" if good else "not ok -", name)


s = Session("sh", "-c", "test -t 0 -a -t 1 -a -t 2 && echo is a tty; stty size; echo done")
report("it is a terminal", s.until("is a tty"), s.text)
report("it has the size", s.until("33 101"), s.text)
report("it ends", s.end() == 0)

s = Session("sh", "-c", "tty; echo by n''ame >$(tty); echo by t''ty >/dev/tty; (setsid sh -c 'echo not here >/dev/tty'); echo s''till $(stat -L -c %i /proc/self/fd/0) = $(stat -c %i $(tty))=")
report("it has a name", s.until("/dev/"), s.text)
report("it opens under its name", s.until("by name"), s.text)
report("it is /dev/tty", s.until("by tty"), s.text)
report("not of another session", s.until("still") and b"not here" not in s.text, s.text)
inodes = s.until("=\r") and s.text.split(b"still ")[1].split(b"=")
report("stat gives the same device", inodes and inodes[0].strip() == inodes[1].strip(), s.text)
s.end()

s = Session("sh")
s.until("# ")
s.send("echo $((6*7))\n")
report("an interactive shell answers", s.until("\n42\r\n"), s.text)
s.send("sleep 100; echo sta''tus $?\n")
time.sleep(0.5)
s.send("\x03")
report("the interrupt character", s.until("# "), s.text)
s.send("echo al''ive\n")
report("the shell lives", s.until("alive"), s.text)
s.send("cat\n")
time.sleep(0.3)
s.send("line\n")
report("cat echoes", s.until("line\r\nline"), s.text)
s.send("\x04")
report("the end-of-file character", s.until("# "), s.text)
s.send("sleep 100\n")
time.sleep(0.5)
s.send("\x1a")
report("the suspend character", s.until("Stopped"), s.text)
s.send("kill -9 %1; wait; echo re''aped\n")
report("the job can be ended", s.until("reaped"), s.text)
fcntl.ioctl(s.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 70, 0, 0))
s.send("stty size\n")
report("a new size", s.until("20 70"), s.text)
s.send("stty -echo raw; stty sane; exit 6\n")
code = s.end()
report("exit of the shell", code == 6, (code, s.text))

s = Session("sleep", "100")
time.sleep(0.7)
s.send("\x03")
code = s.end()
report("interrupt of the first process", code in (130, -2), code)

# A shell outside stops kbox and continues it.
s = Session(outer=("bash", "--norc", "--noprofile", "-i"))
s.send("PS1='outer> '\n")
s.until("outer> ")
s.send(kbox + " -S tests.ext4 -- sh -c 'echo rea''dy; read x; echo got $x; exit 3'\n")
report("started by a shell", s.until("ready"), s.text)
s.send("\x1a")
report("stopped by the shell's terminal", s.until("Stopped") and s.until("outer> "), s.text)
s.send("fg\n")
s.until("read x")
time.sleep(0.3)
s.send("line\n")
report("continued", s.until("got line"), s.text)
s.send("echo sta''tus $?; stty -a | grep -c ' icanon'\n")
report("and ended", s.until("status 3\r\n1\r\n"), s.text)
# The terminal is put back when the supervisor dies.
s.until("outer> ")
s.send(kbox + " -S tests.ext4 -- sh -c 'stty raw -echo; echo rea''dy; sleep 100'\n")
s.until("ready")
os.kill(child(child(s.pid)), signal.SIGKILL)
report("the supervisor's death", s.until("ended by signal 9") and s.until("outer> "), s.text)
s.send("echo sta''tus $?; stty -a | grep -c ' icanon'\n")
report("leaves the terminal as it was", s.until("status 137") and s.until("\n1\r\n"), s.text)
s.send("exit\n")
s.end()

m, t = pty.openpty()
before = termios.tcgetattr(t)
if os.fork() == 0:
    os.setsid()
    fcntl.ioctl(t, termios.TIOCSCTTY, 0)
    for fd in 0, 1, 2:
        os.dup2(t, fd)
    os.execv(kbox, [kbox, "-S", "tests.ext4", "--", "true"])
os.wait()
report("the terminal is as before", termios.tcgetattr(t) == before)

s = Session("sh", "-c", "trap 'echo hung up >/t/hup; exit' HUP; echo ready; sleep 100 & wait")
s.until("ready")
os.close(s.fd)
for _ in range(500):
    if os.waitpid(s.pid, os.WNOHANG)[0]:
        break
    time.sleep(0.02)
else:
    os.kill(s.pid, signal.SIGKILL)
    report("hang-up of the terminal", False)
END
cat out
[ ! -s err ]
result "the script itself" $? "$(tail -n 3 err)"
finish
