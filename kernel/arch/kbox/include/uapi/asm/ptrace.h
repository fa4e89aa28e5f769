/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* Registers belong to the host; only their layout is known here. */
#ifndef _UAPI_ASM_KBOX_PTRACE_H
#define _UAPI_ASM_KBOX_PTRACE_H
#include <asm/ptrace-abi.h>
#endif
