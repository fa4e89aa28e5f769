/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls of the loader, and the two that only the supervisor knows.
 *
 * Side: guest. Results are negative errno values, as the host gives them.
 */
#ifndef KBOX_LOADER_SYSCALL_H
#define KBOX_LOADER_SYSCALL_H

#include <asm/unistd.h>

static inline long kbox_syscall6(long nr, unsigned long a, unsigned long b,
				 unsigned long c, unsigned long d,
				 unsigned long e, unsigned long f)
{
	register unsigned long r10 __asm__("r10") = d;
	register unsigned long r8 __asm__("r8") = e;
	register unsigned long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
			   "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long kbox_syscall3(long nr, unsigned long a, unsigned long b,
				 unsigned long c)
{
	return kbox_syscall6(nr, a, b, c, 0, 0, 0);
}

static inline int kbox_is_error(long value)
{
	return (unsigned long)value >= -4095UL;
}

static inline long kbox_mmap(unsigned long addr, unsigned long len, int prot,
			     int flags, int fd, unsigned long offset)
{
	return kbox_syscall6(__NR_mmap, addr, len, (unsigned long)prot,
			     (unsigned long)flags, (unsigned long)fd, offset);
}

static inline long kbox_munmap(unsigned long addr, unsigned long len)
{
	return kbox_syscall3(__NR_munmap, addr, len, 0);
}

static inline long kbox_mprotect(unsigned long addr, unsigned long len,
				 int prot)
{
	return kbox_syscall3(__NR_mprotect, addr, len, (unsigned long)prot);
}

static inline long kbox_madvise(unsigned long addr, unsigned long len,
				int advice)
{
	return kbox_syscall3(__NR_madvise, addr, len, (unsigned long)advice);
}

static inline unsigned long kbox_brk(unsigned long addr)
{
	return (unsigned long)kbox_syscall3(__NR_brk, addr, 0, 0);
}

static inline void __attribute__((noreturn)) kbox_exit(int code)
{
	for (;;)
		kbox_syscall3(__NR_exit_group, (unsigned long)code, 0, 0);
}

#endif
