#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kbox on a terminal: what the guests' is, that interrupt and suspend
# characters reach the foreground there, and that the user's is left as it was.

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image tests
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$TESTS/integration python3 - <<'END' >out 2>err
import fcntl, hashlib, os, pty, signal, struct, subprocess, termios
from session import KBOX, Session, child, report, wait_for

s = Session("sh", "-c", "test -t 0 -a -t 1 -a -t 2 && echo is a tty; stty size; echo done")
report("it is a terminal", s.until("is a tty"), s.text)
report("it has the size", s.until("33 101"), s.text)
report("it ends", s.end() == 0)

s = Session("sh", "-c", "tty; echo by n''ame >$(tty); echo by t''ty >/dev/tty; echo by c''onsole >/dev/console; (setsid sh -c 'echo not here >/dev/tty'); echo s''till $(stat -L -c %i /proc/self/fd/0) = $(stat -c %i $(tty))=")
report("it has a name", s.until("/dev/hvc0"), s.text)
report("it opens under its name", s.until("by name"), s.text)
report("it is /dev/tty", s.until("by tty"), s.text)
report("it is /dev/console", s.until("by console"), s.text)
report("not of another session", s.until("still") and b"not here" not in s.text, s.text)
inodes = s.until("=\r") and s.text.split(b"still ")[1].split(b"=")
report("stat gives the same device", inodes and inodes[0].strip() == inodes[1].strip(), s.text)
s.end()

# Without mounts there is no such name.
s = Session(outer=(KBOX, "-r", "tests.ext4", "--", "/bin/sh", "-c", "test -t 0 && stty size; read x; echo got=$x"))
s.until("33 101")
s.send("line\n")
report("a terminal without /dev", s.until("got=line") and s.end() == 0, s.text)

started = "sh -c 'echo sta''rted; exec %s'"
s = Session("sh")
s.until("# ")
s.send("echo $((6*7))\n")
report("an interactive shell answers", s.until("\n42\r\n"), s.text)
report("the user's terminal is raw", s.raw())
s.send((started % "sleep 100") + "; echo sta''tus $?\n")
s.until("started")
s.send("\x03")
report("the interrupt character", s.until("# "), s.text)
s.send("echo al''ive\n")
report("the shell lives", s.until("alive"), s.text)
s.send((started % "cat") + "\n")
s.until("started")
s.send("line\n")
report("cat echoes", s.until("line\r\nline"), s.text)
s.send("\x04")
report("the end-of-file character", s.until("# "), s.text)
s.send((started % "sleep 100") + "\n")
s.until("started")
s.send("\x1a")
report("the suspend character", s.until("Stopped"), s.text)
s.send("kill -9 %1; wait; echo re''aped\n")
report("the job can be ended", s.until("reaped"), s.text)
s.resize(20, 70)


def has_size():
    s.send("stty size\n")
    return s.until("# ") and b"20 70" in s.text


report("a new size", wait_for(has_size), s.text)
s.send("seq 20000 | tail -n 20000; echo fi''nished\n")
report("much output", s.until("finished\r\n") and b"\n19999\r\n20000\r\n" in s.text, s.text)
s.send("stty -echo raw; stty sane; exit 6\n")
code = s.end()
report("exit of the shell", code == 6, (code, s.text))

# More is typed than the terminal holds while nobody reads.
typed = b"0123456789abcde\n" * 4096
s = Session("sh", "-c", "stty raw -echo; echo re''ady; sleep 1; head -c %d | md5sum; echo e''nd" % len(typed))
s.until("ready")
writer = os.fork()
if writer == 0:
    while typed:
        typed = typed[os.write(s.fd, typed):]
    os._exit(0)
s.until("end")
report("input waits until it is read", hashlib.md5(typed).hexdigest().encode() in s.text, s.text)
os.kill(writer, signal.SIGKILL)
os.waitpid(writer, 0)
report("and all of it is", s.end() == 0)

s = Session("sh", "-c", "echo re''ady; exec sleep 100")
s.until("ready")
s.send("\x03")
code = s.end()
report("interrupt of the first process", code == 130, code)

# A shell outside stops kbox and continues it.
s = Session(outer=("bash", "--norc", "--noprofile", "-i"))
s.send("PS1='outer> '\n")
s.until("outer> ")
s.send(KBOX + " -S tests.ext4 -- sh -c 'echo rea''dy; read x; echo got $x; exit 3'\n")
report("started by a shell", s.until("ready"), s.text)
s.send("\x1a")
report("stopped by the shell's terminal", s.until("Stopped") and s.until("outer> "), s.text)
s.send("bg; echo con''tinued\n")
report("it may go on in the background", s.until("continued") and s.until("outer> "), s.text)
s.send("echo still o''uter; fg\n")
report("where it takes no input", s.until("still outer"), s.text)
report("the foreground is raw", wait_for(s.raw), s.settings())
s.send("line\n")
report("continued", s.until("got line") and s.until("outer> "), s.text)
s.send("echo sta''tus $?; stty -a | grep -c ' icanon'\n")
report("and ended", s.until("status 3\r\n1\r\n"), s.text)
s.until("outer> ")
s.send(KBOX + " -S tests.ext4 -- sh -c 'echo rea''dy; read x; echo got $x'\n")
s.until("ready")
os.kill(child(s.pid), signal.SIGTSTP)
report("stopped by a signal", s.until("Stopped") and s.until("outer> "), s.text)
s.send("stty -a | grep -c ' icanon'; fg\n")
report("the terminal is the shell's meanwhile", s.until("\n1\r\n"), s.text)
wait_for(s.raw)
s.send("line\n")
report("and continued", s.until("got line") and s.until("outer> "), s.text)
# The terminal is put back when the supervisor dies.
s.send(KBOX + " -S tests.ext4 -- sh -c 'stty raw -echo; echo rea''dy; sleep 100'\n")
s.until("ready")
os.kill(child(child(s.pid)), signal.SIGKILL)
report("the supervisor's death", s.until("ended by signal 9") and s.until("outer> "), s.text)
s.send("echo sta''tus $?; stty -a | grep -c ' icanon'\n")
report("leaves the terminal as it was", s.until("status 137") and s.until("\n1\r\n"), s.text)
s.until("outer> ")
# In a pipeline it is not kbox's alone.
s.send(KBOX + " -S tests.ext4 -- sh -c 'test -t 0 && echo in; test -t 1 || echo no out; stty -a | grep -o \" icanon\"' | cat\n")
report("a shared terminal is passed on", s.until("in\r\nno out\r\n icanon\r\n"), s.text)
s.send("exit\n")
s.end()

# The front's death: the supervisor puts it back.
m, t = pty.openpty()
before = termios.tcgetattr(t)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(t, termios.TIOCSCTTY, 0)
    for fd in 0, 1, 2:
        os.dup2(t, fd)
    os.execv(KBOX, [KBOX, "-S", "tests.ext4", "--", "sleep", "100"])
report("raw while it runs", wait_for(lambda: termios.tcgetattr(t) != before))
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
report("as before when the front is killed", wait_for(lambda: termios.tcgetattr(t) == before), termios.tcgetattr(t))

if os.fork() == 0:
    os.setsid()
    fcntl.ioctl(t, termios.TIOCSCTTY, 1)
    for fd in 0, 1, 2:
        os.dup2(t, fd)
    os.execv(KBOX, [KBOX, "-S", "tests.ext4", "--", "true"])
report("another run", os.waitstatus_to_exitcode(os.wait()[1]) == 0)
report("the terminal is as before", termios.tcgetattr(t) == before)

s = Session("sh", "-c", "trap 'echo hung up >/t/hup; exit' HUP; echo ready; sleep 100 & wait")
s.until("ready")
os.close(s.fd)
if not wait_for(lambda: os.waitpid(s.pid, os.WNOHANG)[0]):
    os.kill(s.pid, signal.SIGKILL)
    report("hang-up of the terminal", False)
seen = subprocess.run([KBOX, "-S", "tests.ext4", "--", "cat", "/t/hup"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
report("the first guest hears of a hang-up", seen.stdout == b"hung up\n", seen)
END
cat out
[ ! -s err ]
result "the script itself" $? "$(tail -n 3 err)"
finish
