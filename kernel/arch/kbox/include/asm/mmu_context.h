/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ASM_KBOX_MMU_CONTEXT_H
#define _ASM_KBOX_MMU_CONTEXT_H

#include <asm-generic/mm_hooks.h>
#include <asm-generic/nommu_context.h>

/*
 * kernel/fork.c, which includes this last, would clear the whole stack of each
 * new task. Of its 32 KiB most are never touched, and what is left there is the
 * same box's.
 */
#undef THREADINFO_GFP
#define THREADINFO_GFP GFP_KERNEL_ACCOUNT

#endif
