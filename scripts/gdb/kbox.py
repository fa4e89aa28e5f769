# SPDX-License-Identifier: GPL-2.0-only
"""Commands for gdb on a running kbox: source scripts/gdb/kbox.py

    kbox-current    the task that the library kernel runs, or ran last
    kbox-tasks      all tasks of it
    kbox-dmesg      its log
    kbox-mounts     what is mounted in the namespace of the current task

They read memory alone and call nothing in kbox, so they work on a core file and
while the kernel is in the middle of something. Types come from
kbox-lkernel-types.o, which lies beside the program after a build; symbols are the
program's. See docs/debugging.md.
"""
import os

import gdb

STATES = ((0x1, "S"), (0x2, "D"), (0x4, "T"), (0x8, "t"), (0x10, "X"),
          (0x20, "Z"), (0x80, "X"), (0x400, "I"))
MASK = (1 << 64) - 1


def load_types():
    try:
        gdb.lookup_type("struct task_struct")
        return
    except gdb.error:
        pass
    folder = os.path.dirname(gdb.current_progspace().filename)
    places = [os.path.join(folder, below, "kbox-lkernel-types.o")
              for below in ("", ".debug")]
    types = next(filter(os.path.exists, places), None)
    if not types:
        raise gdb.GdbError(f"{places[0]} is missing: build kbox there")
    gdb.execute(f"add-symbol-file {types} 0x10000", to_string=True)


def symbol(name, kind):
    """The variable @name of the kernel as a value of the type @kind."""
    address = int(gdb.parse_and_eval(f"(unsigned long)&'{name}'"))
    return at(address, kind)


def at(address, kind):
    pointer = gdb.lookup_type(kind).pointer()
    return gdb.Value(int(address) & MASK).cast(pointer).dereference()


def offset(kind, member):
    for field in gdb.lookup_type(kind).fields():
        if field.name == member:
            return field.bitpos // 8
        if not field.name:      # an anonymous struct or union
            for inner in field.type.fields():
                if inner.name == member:
                    return (field.bitpos + inner.bitpos) // 8
    raise gdb.GdbError(f"{kind} has no {member}")


def entries(head, kind, member):
    """The elements of the list with @head, an address."""
    back = offset(kind, member)
    link = int(at(head, "struct list_head")["next"])
    while link != head:
        yield at(link - back, kind)
        link = int(at(link, "struct list_head")["next"])


def text(address, length=None):
    memory = gdb.selected_inferior()
    if length is None:
        return gdb.Value(int(address)).cast(
            gdb.lookup_type("char").pointer()).string(errors="replace")
    return bytes(memory.read_memory(int(address), length)).decode(
        errors="replace")


def state(task):
    value = int(task["__state"]) | int(task["exit_state"])
    return next((letter for bit, letter in STATES if value & bit), "R")


def tasks():
    first = symbol("init_task", "struct task_struct")
    yield first
    yield from entries(int(first["tasks"].address), "struct task_struct",
                       "tasks")


def threads(task):
    head = int(task["signal"]["thread_head"].address)
    yield from entries(head, "struct task_struct", "thread_node")


def current():
    pointer = gdb.parse_and_eval("*(unsigned long *)&kbox_current")
    return at(int(pointer), "struct task_struct")


def show_task(task):
    print(f"{int(task['pid']):7} {int(task['tgid']):7} {state(task)} "
          f"{task['comm'].string(errors='replace'):16} "
          f"{int(task.address):#x}")


def path_of(mount):
    """Where a mount lies, from the root of its namespace."""
    names = []
    while int(mount["mnt_parent"]) != int(mount.address):
        dentry = mount["mnt_mountpoint"].dereference()
        while int(dentry["d_parent"]) != int(dentry.address):
            if int(dentry.address) == int(mount["mnt_parent"]["mnt"]["mnt_root"]):
                break
            names.append(text(dentry["d_name"]["name"]))
            dentry = dentry["d_parent"].dereference()
        mount = mount["mnt_parent"].dereference()
    return "/" + "/".join(reversed(names))


def mounts(node):
    """The red-black tree of a namespace, in order."""
    if int(node) == 0:
        return
    node = node.dereference()
    yield from mounts(node["rb_left"])
    yield at(int(node.address) - offset("struct mount", "mnt_node"),
             "struct mount")
    yield from mounts(node["rb_right"])


def log_records():
    """(nanoseconds, text) of the kernel's ring of messages, oldest first."""
    ring = at(int(gdb.parse_and_eval("*(unsigned long *)&prb")),
              "struct printk_ringbuffer")
    descs, data = ring["desc_ring"], ring["text_data_ring"]
    count, size = 1 << int(descs["count_bits"]), 1 << int(data["size_bits"])
    tail, head = (int(descs[name]["counter"]) for name in ("tail_id", "head_id"))
    while True:
        desc, info = (descs[name][tail % count] for name in ("descs", "infos"))
        # Committed or final; others are being written, or were given up.
        if (int(desc["state_var"]["counter"]) & MASK) >> 62 in (1, 2):
            begin = int(desc["text_blk_lpos"]["begin"])
            end = int(desc["text_blk_lpos"]["next"])
            if not begin & 1:
                # A block that would cross the end begins at the start.
                if begin // size != end // size and end % size:
                    begin = 0
                yield (int(info["ts_nsec"]),
                       text(int(data["data"]) + begin % size + 8,
                            int(info["text_len"])))
        if tail == head:
            return
        tail = (tail + 1) & (MASK >> 2)


class Command(gdb.Command):
    """One of the commands above."""

    def __init__(self, name, function):
        super().__init__(name, gdb.COMMAND_DATA)
        self.function = function

    def invoke(self, _argument, _from_tty):
        load_types()
        self.function()


def kbox_current():
    show_task(current())


def kbox_tasks():
    print("    PID    TGID S NAME             task_struct")
    for leader in tasks():
        if int(leader["pid"]) == 0:
            show_task(leader)
            continue
        for thread in threads(leader):
            show_task(thread)


def kbox_mounts():
    namespace = current()["nsproxy"]["mnt_ns"]
    for mount in mounts(namespace["mounts"]["rb_node"]):
        super_block = mount["mnt"]["mnt_sb"]
        print(f"{text(super_block['s_type']['name']):10} {path_of(mount):24} "
              f"{text(mount['mnt_devname'])}")


def kbox_dmesg():
    for nanoseconds, line in log_records():
        print(f"[{nanoseconds / 1e9:12.6f}] {line}")


for made in kbox_current, kbox_tasks, kbox_mounts, kbox_dmesg:
    Command(made.__name__.replace("_", "-"), made)
