// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system call table: x86-64's numbers, the stock kernel's functions.
 * Side: kernel. Guests reach it through kernel/entry.c.
 */
#include <linux/linkage.h>
#include <linux/syscalls.h>
#include <asm/kbox.h>
#include <asm/syscall.h>

/*
 * These belong to the host: registers, address spaces and signal frames of a
 * guest are real ones. The filter answers them; none arrives here.
 */
#define sys_modify_ldt		sys_ni_syscall
#define sys_iopl		sys_ni_syscall
#define sys_ioperm		sys_ni_syscall
#define sys_arch_prctl		sys_ni_syscall
#define sys_rt_sigreturn	sys_ni_syscall
#define sys_mmap		sys_ni_syscall
#define sys_uretprobe		sys_ni_syscall

/* What guests stored in shared mappings of files belongs to the files. */
static long kbox_sync(void)
{
	kbox_live_pull_all();
	return sys_sync();
}

static long kbox_syncfs(int fd)
{
	kbox_live_pull_all();
	return sys_syncfs(fd);
}

/* A mapping that is gone does not keep a mount busy. */
static long kbox_umount(char __user *name, int flags)
{
	kbox_live_collect();
	return sys_umount(name, flags);
}

#define sys_sync		kbox_sync
#define sys_syncfs		kbox_syncfs
#define sys_umount		kbox_umount

#define __SYSCALL(nr, sym) [nr] = (kbox_syscall_fn)sym,
#define __SYSCALL_NORETURN(nr, sym) __SYSCALL(nr, sym)

const kbox_syscall_fn kbox_syscall_table[NR_syscalls] = {
#include <asm/syscall_table_64.h>
};
