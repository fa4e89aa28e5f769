/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_SYSCALL_H
#define _ASM_KBOX_SYSCALL_H

#include <linux/sched.h>
#include <uapi/linux/audit.h>

struct pt_regs;

/* The tables of arch/kbox/kernel/syscalls.c. */
typedef long (*kbox_syscall_fn)(long, long, long, long, long, long);
extern const kbox_syscall_fn kbox_syscall_table[];

static inline int syscall_get_nr(struct task_struct *task, struct pt_regs *regs)
{
	return -1;
}

static inline void syscall_get_arguments(struct task_struct *task,
					 struct pt_regs *regs,
					 unsigned long *args)
{
	args[0] = args[1] = args[2] = args[3] = args[4] = args[5] = 0;
}

static inline int syscall_get_arch(struct task_struct *task)
{
	return AUDIT_ARCH_X86_64;
}

#endif
