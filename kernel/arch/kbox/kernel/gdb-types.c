// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types of the kernel for a debugger (scripts/gdb). Side: kernel, but not part
 * of it: this file alone is compiled with debug information, and kept apart as
 * kbox-lkernel-types.o, since that of the whole kernel would be 60 times
 * the program's size.
 */
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include "../../../fs/mount.h"
#include "../../../kernel/printk/printk_ringbuffer.h"

/* A variable of each type that is wanted; those that they contain follow. */
struct kbox_gdb_types {
	struct task_struct task;
	struct mount mount;
	struct mnt_namespace mnt_namespace;
	struct fs_struct fs;
	struct super_block super;
	struct printk_ringbuffer ring;
	struct printk_info info;
	struct prb_desc desc;
};

struct kbox_gdb_types *kbox_gdb_types;
