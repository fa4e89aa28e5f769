#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes everything that follows from abi/syscalls.tbl.

    gen-syscalls.py TBL KIND OUT        write OUT ('-' is standard output)
    gen-syscalls.py --same TBL KIND FILE    fail when FILE is not up to date
    gen-syscalls.py --check KERNELTBL [TBL]  fail when TBL lacks a number of the
                                        kernel's syscall_64.tbl or names it
                                        otherwise

KIND is filter-table (ranges of numbers and conditions for the filter),
dispatch-table (the KBOX_SYSCALL and KBOX_SPLIT lines), names (KBOX_NR_name
constants, since the C library's SYS_name may be older than the kernel) or docs
(docs/syscalls.md). The grammar of TBL is at its top.
"""
import errno
import re
import sys
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

BASES = ("KERNEL", "HOST", "SPLIT", "DENY")
KINDS = set("int size fd off path flags str mode buf op iov sig ptr pid time "
            "uid mask clock argv id addr".split())
TERM = re.compile(r"arg([0-5])(!=|[=<&])(-?(?:0x[0-9a-f]+|[0-9]+))")
OPS = {"=": "EQ", "!=": "NE", "<": "LT", "&": "ANY"}
NOTICE = "made from abi/syscalls.tbl by scripts/gen-syscalls.py"
C_HEAD = f"/* SPDX-License-Identifier: GPL-2.0-only */\n/* {NOTICE} */"


class TableError(Exception):
    pass


class Term(NamedTuple):
    op: str         # a key of OPS, or "loader"
    arg: int = 0
    value: int = 0


class Call(NamedTuple):
    nr: int
    name: str
    base: str
    handler: str    # SPLIT: whose kbox_dispatch_ function
    error: str      # DENY: the errno's name
    condition: str  # as in the table, empty for none
    kinds: tuple
    reason: str

    def terms(self):
        """The condition: alternatives of terms that must all hold."""
        if not self.condition:
            return ()
        return tuple(tuple(parse_term(t) for t in alternative.split(","))
                     for alternative in self.condition.split("|"))


def parse_term(text):
    if text == "loader":
        return Term("loader")
    match = TERM.fullmatch(text)
    if not match:
        raise TableError(f"not a term of a condition: {text}")
    return Term(match[2], int(match[1]), int(match[3], 0) & 0xFFFFFFFF)


def parse_call(line):
    fields = line.split(None, 4)
    if len(fields) != 5:
        raise TableError("needs a number, a name, a class, kinds and a reason")
    number, name, class_, kinds, reason = fields
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise TableError(f"not a name: {name}")
    base, _, condition = class_.partition("?")
    base, _, detail = base.partition(":")
    if base not in BASES:
        raise TableError(f"not a class: {base}")
    if base == "DENY" and detail not in errno.errorcode.values():
        raise TableError(f"not an errno: {detail}")
    if base in ("KERNEL", "HOST") and (detail or condition):
        raise TableError(f"{base} takes no handler, errno or condition")
    call = Call(int(number), name, base,
                (detail or name) if base == "SPLIT" else "",
                detail if base == "DENY" else "", condition,
                () if kinds == "-" else tuple(kinds.split(",")), reason)
    if len(call.kinds) > 6 or not KINDS.issuperset(call.kinds):
        raise TableError(f"not argument kinds: {kinds}")
    call.terms()
    return call


def read_table(path):
    calls = []
    for count, line in enumerate(Path(path).read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        try:
            call = parse_call(line)
            if calls and call.nr <= calls[-1].nr:
                raise TableError("numbers must rise")
        except (TableError, ValueError) as error:
            raise TableError(f"{path}:{count}: {error}") from None
        calls.append(call)
    return calls


def c_condition(alternatives):
    """One initialiser; .end marks the last term of an alternative."""
    terms = []
    for alternative in alternatives:
        for left, term in zip(range(len(alternative), 0, -1), alternative):
            op = "LOADER" if term.op == "loader" else OPS[term.op]
            end = int(left == 1)
            terms.append(f"{{ TERM_{op}, {term.arg}, {end}, 0x{term.value:x} }}")
    return f"\t{{ {len(terms)}, {{ {', '.join(terms)} }} }},"


def filter_table(calls):
    """Runs of adjacent numbers with one verdict; conditions by index."""
    conditions = sorted({c.terms() for c in calls if c.condition})

    def verdict(call):
        action = {"HOST": "ALLOW", "DENY": f"DENY({call.error})"}
        index = conditions.index(call.terms()) if call.condition else -1
        return action.get(call.base, "NOTIFY"), index

    runs = []
    for call in calls:
        last = runs[-1] if runs else None
        if last and last[1] == call.nr - 1 and last[2] == verdict(call):
            last[1] = call.nr
        else:
            runs.append([call.nr, call.nr, verdict(call)])
    yield C_HEAD
    yield "static const struct condition conditions[] = {"
    yield from map(c_condition, conditions)
    yield "};"
    yield "static const struct range ranges[] = {"
    for first, end, (action, index) in runs:
        yield f"\t{{ {first}, {end}, {action}, {index} }},"
    yield "};"


def dispatch_table(calls):
    """KBOX_SYSCALL(nr, name, class, errno, nargs, kinds) for every call and
    KBOX_SPLIT(nr, handler) for those with a handler; define what you need."""
    yield C_HEAD
    for name in ("SYSCALL", "SPLIT"):
        yield f"#ifndef KBOX_{name}"
        yield f"#define KBOX_{name}(...)"
        yield "#endif"
    for c in calls:
        yield (f"KBOX_SYSCALL({c.nr}, {c.name}, {c.base}, {c.error or 0}, "
               f"{len(c.kinds)}, \"{','.join(c.kinds)}\")")
    for c in calls:
        if c.handler:
            yield f"KBOX_SPLIT({c.nr}, {c.handler})"
    yield "#undef KBOX_SYSCALL"
    yield "#undef KBOX_SPLIT"


def names(calls):
    yield C_HEAD
    yield "#ifndef KBOX_SYSCALL_NAMES_H"
    yield "#define KBOX_SYSCALL_NAMES_H"
    for call in calls:
        yield f"#define KBOX_NR_{call.name} {call.nr}"
    yield "#endif"


SECTIONS = (
    ("KERNEL", "Served by the library kernel",
     "The call is forwarded as it is: the library kernel does all of it, with "
     "the guest's own memory."),
    ("HOST", "Done natively by the host kernel",
     "The filter lets these through at native speed. None of them takes a "
     "path or a descriptor, and none reaches a process but the caller."),
    ("SPLIT", "Decided by a handler of kbox",
     "Both kernels have a part, or the arguments decide. Where a condition is "
     "given and holds, the call is done natively without asking."),
    ("DENY", "Refused",
     "The filter answers with the error. ENOSYS where programs then fall back "
     "to something else, EPERM and EACCES where an unprivileged user gets "
     "them natively. Where a condition is given and holds, the call is done "
     "natively."),
)


def docs_condition(call):
    text = call.condition.replace("|", " or ").replace(",", " and ")
    text = re.sub(r"(arg\d)(!=|[=<&])", r"\1 \2 ", text)
    return text.replace("loader", "from the loader")


def docs_section(calls, base, title, text):
    rows = [c for c in calls if c.base == base]
    yield f"## {title} ({len(rows)})"
    yield ""
    yield text
    yield ""
    if base in ("KERNEL", "HOST"):
        yield "| number | name | what |"
        yield "|---|---|---|"
        for c in rows:
            yield f"| {c.nr} | {c.name} | {c.reason} |"
        return
    detail = "error" if base == "DENY" else "handler"
    yield f"| number | name | {detail} | native when | why |"
    yield "|---|---|---|---|---|"
    for c in rows:
        yield (f"| {c.nr} | {c.name} | {c.error or c.handler} | "
               f"{docs_condition(c)} | {c.reason} |")


def docs(calls):
    counts = {base: len(list(group)) for base, group in
              groupby(sorted(c.base for c in calls))}
    yield f"<!-- {NOTICE}; do not edit -->"
    yield "# System calls"
    yield ""
    yield ("Every system call of a guest belongs to the library kernel, to the "
           "host kernel, to both, or to nobody. This is the whole list; "
           "`abi/syscalls.tbl` is its source, and the host's filter and the "
           "dispatch array are made from the same file.")
    yield ""
    yield "| class | calls | the filter says |"
    yield "|---|---|---|"
    for base, verdict in (("KERNEL", "notify"), ("HOST", "allow"),
                          ("SPLIT", "notify, or allow when a condition holds"),
                          ("DENY", "the error")):
        yield f"| {base} | {counts.get(base, 0)} | {verdict} |"
    yield f"| all | {len(calls)} | |"
    yield ""
    yield ("Any other number is answered with ENOSYS by the supervisor, which "
           "counts it, so a newer host kernel adds nothing to what a guest can "
           "reach. Numbers of the x32 kind are ENOSYS in the filter; a call "
           "in the 32-bit way (`int 0x80`) ends the process with SIGSYS.")
    for section in SECTIONS:
        yield ""
        yield from docs_section(calls, *section)


WRITERS = {"filter-table": filter_table, "dispatch-table": dispatch_table,
           "names": names, "docs": docs}


def render(table, kind):
    return "\n".join(WRITERS[kind](read_table(table))) + "\n"


def check_kernel(kernel_table, table):
    """What the kernel's table has and ours lacks or names otherwise."""
    ours = {c.nr: c.name for c in read_table(table)}
    problems = []
    for line in Path(kernel_table).read_text().splitlines():
        fields = line.split()
        if len(fields) < 3 or fields[1] not in ("common", "64"):
            continue
        number, name = int(fields[0]), fields[2]
        if ours.get(number) != name:
            problems.append(f"{table}: {number} is {name} in {kernel_table}, "
                            f"here {ours.get(number, 'missing')}")
    return problems


def main(args):
    own_table = Path(__file__).resolve().parent.parent / "abi/syscalls.tbl"
    try:
        if args[:1] == ["--check"] and len(args) in (2, 3):
            problems = check_kernel(args[1], (args[2:] or [own_table])[0])
        elif args[:1] == ["--same"] and len(args) == 4 and args[2] in WRITERS:
            same = Path(args[3]).read_text() == render(args[1], args[2])
            problems = [] if same else [
                f"{args[3]}: not up to date; run scripts/gen-syscalls.py "
                f"abi/syscalls.tbl {args[2]} {args[3]}"]
        elif len(args) == 3 and args[1] in WRITERS:
            problems = []
            text = render(args[0], args[1])
            if args[2] == "-":
                sys.stdout.write(text)
            else:
                Path(args[2]).write_text(text)
        else:
            sys.stderr.write(__doc__)
            return 2
    except (TableError, OSError) as error:
        problems = [str(error)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
