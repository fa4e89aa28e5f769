#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An interactive bash on a terminal: the same keys are typed to one inside and
# to one of the host's, and what it says about its jobs is the same.

# shellcheck disable=SC2016,SC2153 # text for the shell inside; set by tests/run
# shellcheck source=tests/integration/lib.sh
. "$TESTS/integration/lib.sh"
image debian
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$TESTS/integration python3 - <<'END' >out 2>err
import itertools, re
from session import KBOX, Session, report

PROMPT = "@> "
BASH = ("/bin/bash", "--norc", "--noprofile", "-i")


def shell(*outer):
    s = Session(outer=(*outer, *BASH))
    s.send("PS1='@''> ' HISTFILE=; enable -n suspend\n")
    s.until("\n" + PROMPT)
    s.text = b""
    return s


# A job says that it has begun when it has the foreground, and cat, after fg, by
# saying what it reads: before that, keys would reach the shell.
def job(command):
    return f"sh -c 'echo beg''un; exec {command}'\n"


# Until a job has stopped, or ended. Bash says so before its next prompt; with set -b
# it would in its signal handler, which spoils what it is writing at that moment, and
# after wait it depends on who was first.
STOPPED = "until [ \"$(jobs -s)\" ]; do sleep .01; done"
ENDED = "while [ \"$(jobs -r)\" ]; do sleep .01; done"


# (typed, what is waited for), one after the other; None: the prompt.
STEPS = {
    "editing": [("echo onx\x7fe two\n", None),
                ("echo a b c\x17d\n", None),
                ("echo thrown away\x15echo kept\n", None),
                ("echo first\n", None), ("\x10\n", None)],
    "end of file for a job": [(job("cat"), "begun\r\n"), ("li", ""),
                              ("ne\n", "line\r\nline\r\n"),
                              ("\x04", PROMPT), ("echo $?\n", None)],
    "interrupt": [(job("sleep 100"), "begun\r\n"), ("\x03", PROMPT),
                  ("echo $?\n", None)],
    "quit": [(job("sleep 100"), "begun\r\n"), ("\x1c", PROMPT),
             ("echo $?\n", None)],
    "stop and continue": [(job("cat"), "begun\r\n"),
                          ("\x1a", "\n" + PROMPT),
                          ("echo $?; jobs\n", None),
                          ("fg\n", "cat'\r\n"),
                          ("again\n", "again\r\nagain\r\n"),
                          ("\x1a", "\n" + PROMPT),
                          ("fg\n", "cat'\r\n"),
                          ("more\n", "more\r\nmore\r\n"),
                          ("\x03", PROMPT), ("jobs\n", None)],
    "background": [("sleep 100 & jobs -r | cat\n", None),
                   (f"kill -STOP %1; {STOPPED}\n", None),
                   ("jobs %1\n", None),
                   ("bg %1\n", None),
                   (f"kill -9 %1; {ENDED}\n", None),
                   ("jobs\n", None)],
    "a job that reads in the background": [
        (f"cat & {STOPPED}\n", None),
        ("fg\n", "cat\r\n"), ("line\n", "line\r\nline\r\n"),
        ("\x03", PROMPT), ("echo $?\n", None)],
    "a job that writes in the background": [
        (f"mkfifo p; (read -r <p; echo writ''ten) & echo >p; {ENDED}; rm p\n", None),
        (f"stty tostop; (echo wr''itten) & {STOPPED}\n", None),
        ("fg\n", "\nwritten\r\n" + PROMPT),
        ("stty -tostop\n", None)],
    "a pipeline stops as a whole": [
        ("sh -c 'echo beg''un >&2; exec cat' | sh -c 'echo beg''un; exec cat'\n",
         "begun\r\nbegun\r\n"),
        ("\x1a", "\n" + PROMPT),
        ("echo ${PIPESTATUS[@]}\n", None),
        ("fg\n", "exec cat'\r\n"), ("line\n", "line\r\nline\r\n"),
        ("\x03", PROMPT), ("jobs\n", None)],
    "a subshell with jobs of its own": [
        ("bash --norc --noprofile\n", "bash-5"), ("PS1='@''> '\n", None),
        (job("cat"), "begun\r\n"), ("\x1a", "\n" + PROMPT),
        ("fg\n", "cat'\r\n"), ("line\n", "line\r\nline\r\n"),
        ("\x03", PROMPT),
        ("exit 3\n", "\n" + PROMPT), ("echo $?\n", None)],
    "terminal settings survive a killed job": [
        (job("sh -c \"stty -echo -icanon; kill -9 \\$\\$\""), PROMPT),
        ("stty -a | grep -o ' icanon\\| echo '\n", None)],
}


def play(s, steps):
    """The lines on the screen after all of them, or where it got stuck."""
    screen = b""
    for keys, awaited in steps + [("echo en''d\n", "\nend\r\n" + PROMPT)]:
        screen += s.text
        s.send(keys)
        if not s.until("\n" + PROMPT if awaited is None else awaited):
            return ["stuck", keys, screen + s.text]
    screen += s.text
    s.text = b""
    # What bash says by itself comes before the prompt or after it; what is typed
    # before the prompt is echoed twice; numbers of processes differ.
    screen = re.sub(rb"\r|" + PROMPT.encode() + rb"|bash-5[.0-9]*[#$] ", b"", screen)
    screen = re.sub(rb"\[(\d)\] \d+", rb"[\1] N", screen)
    lines = [line for line in screen.split(b"\n") if line]
    return [line for line, _ in itertools.groupby(lines)]


outside, inside = shell(), shell(KBOX, "-S", "debian.ext4", "--")
for name, steps in STEPS.items():
    there, here = play(outside, steps), play(inside, steps)
    report(name, there == here and "stuck" not in here, (there, here))

inside.send("trap 'stty size' WINCH\n")
inside.until("\n" + PROMPT)
inside.resize(20, 70)
report("a trap at the new size", inside.until("20 70"), inside.text)
inside.send("trap - WINCH; kill -STOP $$; echo still th''ere\n")
report("a shell that nobody could continue goes on", inside.until("still there"), inside.text)
for s in outside, inside:
    s.send("exit 5\n")
report("exit", (outside.end(), inside.end()) == (5, 5))

s = Session(image="debian.ext4")
s.until("# ")
s.send("echo $0 $- $(tty)\n")
report("without a command it is the shell of the image", s.until("bash himBHs /dev/hvc0"), s.text)
s.send("exit\n")
s.end()
END
cat out
[ ! -s err ]
result "the script itself" $? "$(tail -n 3 err)"
finish
