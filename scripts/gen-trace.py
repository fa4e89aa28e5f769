#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes the trace's table of arguments.

    gen-trace.py SYSCALLS.TBL TRACE.TBL OUT     write OUT ('-': standard output)

OUT is C that src/observe/trace-table.c includes: the sets and structures of
TRACE.TBL, and for every call of SYSCALLS.TBL its arguments. The grammar of both
is at their tops.
"""
import importlib.util
import re
import sys
from pathlib import Path

SPEC = importlib.util.spec_from_file_location(
    "gen_syscalls", Path(__file__).resolve().parent / "gen-syscalls.py")
gen_syscalls = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(gen_syscalls)
TableError = gen_syscalls.TableError

NUMBERS = {"int", "size", "off", "flags", "mode", "op", "clock", "id", "pid"}
POINTERS = {"ptr", "time", "mask"}
RESULTS = {"fd", "addr", "bytes"}
FIELD_HOWS = {"x": "HEX", "o": "OCTAL", "s": "TEXT", "fd": "FD"}


class Tables:
    """What trace.tbl says, by name."""

    def __init__(self):
        self.sets, self.structs, self.calls = {}, {}, {}

    def add(self, words):
        first, *rest = words
        if first in ("flags", "enum"):
            where, key, value = self.sets, rest[0], (first, rest[1:])
        elif first == "struct":
            where, key, value = self.structs, rest[0], (rest[1], rest[2:])
        else:
            where, key, value = self.calls, first, rest
        if key in where:
            raise TableError(f"{key} stands here twice")
        where[key] = value


def read_trace_table(path):
    tables = Tables()
    for count, line in enumerate(Path(path).read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        try:
            tables.add(line.split())
        except (TableError, IndexError) as error:
            raise TableError(f"{path}:{count}: {error}") from None
    return tables


def set_lines(name, kind, words):
    yield f"static const struct kbox_trace_word words_{name}[] = {{"
    for word in words:
        constant, _, value = word.partition("=")
        if value:
            yield f'\t{{ {value}, "{constant}" }},'
        else:
            yield f"#ifdef {constant}"
            yield f'\t{{ (uint64_t){constant}, "{constant}" }},'
            yield "#endif"
    yield "};"
    yield f"static const struct kbox_trace_set set_{name} = {{"
    yield (f"\twords_{name}, KBOX_ARRAY_SIZE(words_{name}), "
           f"{'true' if kind == 'flags' else 'false'}")
    yield "};"


def field_line(tables, c_type, field):
    member, _, how = field.partition(":")
    if how and how not in FIELD_HOWS and how not in tables.sets:
        raise TableError(f"{how} is no set and no way to show a field")
    macro = "WHOLE" if member == "_" else "FIELD"
    args = f"{c_type}" if member == "_" else f"{c_type}, {member}"
    shown = FIELD_HOWS.get(how, "NUMBER")
    pointer = f"&set_{how}" if how in tables.sets else "NULL"
    if shown == "TEXT":
        macro = "TEXT"
    return f"\t{macro}({args}, KBOX_TRACE_{shown}, {pointer}),"


def struct_lines(tables, name, c_type, fields):
    c_type = re.sub(r"^struct_", "struct ", c_type)
    yield f"static const struct kbox_trace_field fields_{name}[] = {{"
    for field in fields:
        yield field_line(tables, c_type, field)
    yield "};"
    yield f"static const struct kbox_trace_struct struct_{name} = {{"
    yield (f"\tfields_{name}, KBOX_ARRAY_SIZE(fields_{name}), "
           f"sizeof({c_type}), {int(fields[0].startswith('_'))}")
    yield "};"


def length_arg(call, index, kinds):
    """The next argument that is a count; 6, the result, when there is none."""
    for later in range(index + 1, len(call.kinds)):
        if call.kinds[later] in kinds:
            return later
    return 6


def detail(tables, call, index, what):
    """Direction, length, and the initialiser of what an argument points to."""
    kind = call.kinds[index]
    if not what:
        return "NONE", 6, ""
    if what in tables.sets:
        if kind not in NUMBERS:
            raise TableError(f"{call.name}: {kind} takes no set")
        return "NONE", 6, f".set = &set_{what}"
    way = {"<": "IN", ">": "OUT"}.get(what[0])
    target = what[1:]
    if not way:
        raise TableError(f"{call.name}: there is no {what}")
    if not target:
        if kind not in ("buf", "iov"):
            raise TableError(f"{call.name}: {kind} is no buffer")
        length = length_arg(call, index, {"size"}) if way == "IN" else 6
        return way, length, ""
    if kind not in POINTERS:
        raise TableError(f"{call.name}: {kind} points to no structure")
    if target == "sockaddr":
        follower = {"size"} if way == "IN" else {"ptr"}
        return way, length_arg(call, index, follower), ".sockaddr = true"
    array = target.endswith("[]")
    target = target.removesuffix("[]")
    if target not in tables.structs:
        raise TableError(f"{call.name}: there is no struct {target}")
    length = length_arg(call, index, {"size", "int"}) \
        if array and way == "IN" else 6
    extra = ", .array = true" if array else ""
    return way, length, f".structure = &struct_{target}{extra}"


def call_lines(tables, call):
    words = tables.calls.get(call.name, [])
    result = "INT"
    if "=" in words:
        at = words.index("=")
        if words[at + 1:] and words[at + 1] in RESULTS:
            result = words[at + 1].upper()
        else:
            raise TableError(f"{call.name}: not a result: {words[at + 1:]}")
        words = words[:at]
    if not words:
        words = [f"arg{i}" for i in range(len(call.kinds))]
    if len(words) != len(call.kinds):
        raise TableError(f"{call.name} has {len(call.kinds)} arguments, "
                         f"not {len(words)}")
    yield f"\t[{call.nr}] = {{ .result = KBOX_TRACE_RESULT_{result}, .args = {{"
    for index, word in enumerate(words):
        name, _, what = word.partition(":")
        way, length, more = detail(tables, call, index, what)
        yield (f'\t\t{{ "{name}", KBOX_TRACE_KIND_{call.kinds[index].upper()}, '
               f"KBOX_TRACE_{way}, {length}{', ' if more else ''}{more} }},")
    yield "\t} },"


def table(syscalls, tables):
    yield "/* SPDX-License-Identifier: GPL-2.0-only */"
    yield "/* made from abi/trace.tbl by scripts/gen-trace.py */"
    for name, (kind, words) in tables.sets.items():
        yield from set_lines(name, kind, words)
    for name, (c_type, fields) in tables.structs.items():
        yield from struct_lines(tables, name, c_type, fields)
    yield "static const struct kbox_trace_call calls[] = {"
    for call in syscalls:
        yield from call_lines(tables, call)
    yield "};"
    unknown = set(tables.calls) - {call.name for call in syscalls}
    if unknown:
        raise TableError(f"no such calls: {' '.join(sorted(unknown))}")


def main(args):
    if len(args) != 3:
        sys.stderr.write(__doc__)
        return 2
    try:
        syscalls = gen_syscalls.read_table(args[0])
        text = "\n".join(table(syscalls, read_trace_table(args[1]))) + "\n"
    except (TableError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    if args[2] == "-":
        sys.stdout.write(text)
    else:
        Path(args[2]).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
