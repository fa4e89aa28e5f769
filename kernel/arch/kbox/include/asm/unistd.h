/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_UNISTD_H
#define _ASM_KBOX_UNISTD_H

#include <uapi/asm/unistd.h>

#define NR_syscalls (__NR_syscalls)

#define __ARCH_WANT_SYS_TIME
#define __ARCH_WANT_SYS_UTIME
#define __ARCH_WANT_NEW_STAT
#define __ARCH_WANT_OLD_READDIR
#define __ARCH_WANT_OLD_STAT
#define __ARCH_WANT_SYS_ALARM
#define __ARCH_WANT_SYS_FADVISE64
#define __ARCH_WANT_SYS_GETHOSTNAME
#define __ARCH_WANT_SYS_GETPGRP
#define __ARCH_WANT_SYS_NICE
#define __ARCH_WANT_SYS_PAUSE
#define __ARCH_WANT_SYS_FORK
#define __ARCH_WANT_SYS_VFORK
#define __ARCH_WANT_SYS_CLONE

/* What uname says of the machine under PER_LINUX32. */
#define COMPAT_UTS_MACHINE	"i686\0\0"

#endif
